// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT
//
// Softmax attention: α[t,s] = exp(q_t·k_s − log R_t) for t − window < s ≤ t. Logits are summed in double:
// their error in float, of some hundred states, would be that of the entries.

#include "core/attention/scan_tile.h"

#include <vector>

namespace uc {
namespace {

template <typename T>
class SoftmaxTile final : public ScanTile<T> {
 public:
  explicit SoftmaxTile(const FactorView<T>& view)
      : ScanTile<T>(view), m_queries(static_cast<size_t>(kBlockTokens * view.state)) {}

  void setPanel(const Panel& panel) override {
    ScanTile<T>::setPanel(panel);
    m_group = -1;
    const auto width = static_cast<size_t>(panel.width());
    m_keys.resize(width * static_cast<size_t>(m_view.state));
    m_logits.resize(width * kBlockTokens);
    m_exponents.resize(width);
    m_ones.assign(width, T(1));
  }

  void setScan(int64_t scan, const LaneFold<T>& /*lane*/) override {
    m_scan = scan;
    if (m_group == m_view.keyGroup(scan)) return;
    m_group = m_view.keyGroup(scan);
    const int64_t stride = m_panel.width();
    for (int64_t i = 0; i < stride; ++i) {
      const T* key = m_view.keyAt(m_panel.col0 + i, scan);
      for (int64_t n = 0; n < m_view.state; ++n) m_keys[n * stride + i] = static_cast<double>(key[n]);
    }
  }

  void fill(int64_t row0, int64_t row1, T* out) override {
    const int64_t stride = m_panel.width(), state = m_view.state;
    const int64_t begin = std::max(m_panel.col0, row0 - m_view.window + 1);
    const int64_t end = std::min(m_panel.colEnd, row1);
    for (int64_t t = row0; t < row1; ++t) {
      const T* query = m_view.queryAt(t, m_scan);
      std::copy(query, query + state, m_queries.data() + (t - row0) * state);
      std::fill_n(out + (t - row0) * stride, std::max<int64_t>(end - m_panel.col0, 0), T(0));
    }
    if (begin >= end) return;
    tileKernels<double>().multiply(Join::One, m_queries.data(), state, m_keys.data() + (begin - m_panel.col0),
                                   stride, row1 - row0, end - begin, state, m_logits.data(), stride);
    for (int64_t t = row0; t < row1; ++t) {
      const int64_t left = std::max(begin, t - m_view.window + 1), right = std::min(end, t + 1);
      if (left >= right) continue;
      const double* logits = m_logits.data() + (t - row0) * stride + (left - begin);
      const double normalizer = m_view.logNormalizerAt(t, m_scan);
      for (int64_t i = 0; i < right - left; ++i) m_exponents[i] = static_cast<T>(logits[i] - normalizer);
      m_kernels.rowFactors(m_exponents.data(), T(1), m_ones.data(), right - left,
                           out + (t - row0) * stride + (left - m_panel.col0));
    }
  }

 private:
  using ScanTile<T>::m_view;
  using ScanTile<T>::m_kernels;
  using ScanTile<T>::m_panel;

  int64_t m_scan = 0;
  int64_t m_group = -1;           // whose keys are transposed
  std::vector<double> m_keys;     // [N, panel]
  std::vector<double> m_queries;  // [64, N]
  std::vector<double> m_logits;   // [64, panel]
  std::vector<T> m_exponents;     // [panel]
  std::vector<T> m_ones;          // [panel]
};

}  // namespace

template <typename T>
std::unique_ptr<ScanTile<T>> makeSoftmaxTile(const FactorView<T>& view) {
  return std::make_unique<SoftmaxTile<T>>(view);
}

template std::unique_ptr<ScanTile<float>> makeSoftmaxTile(const FactorView<float>&);
template std::unique_ptr<ScanTile<double>> makeSoftmaxTile(const FactorView<double>&);

}  // namespace uc
