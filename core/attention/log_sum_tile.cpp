// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT
//
// RWKV-4: α[t,s] = exp(k_s + (t−1−s) w − log R_t). With the last column e of a block as the reference and m
// the largest of its k_s + (e−s) w, V[s] = exp(k_s + (e−s) w − m) and U[t] = exp((t−1−e) w + m − log R_t):
// log R_t is at least every term of row t, so that neither exponent is positive, however large the keys.
// Exponents are made in double: keys of ±100 cancel in them.

#include "core/attention/scan_tile.h"

#include <cmath>
#include <limits>
#include <vector>

namespace uc {
namespace {

template <typename T>
class LogSumTile final : public ScanTile<T> {
 public:
  explicit LogSumTile(const FactorView<T>& view)
      : ScanTile<T>(view), m_u(kBlockTokens), m_exponents(kBlockTokens), m_ones(kBlockTokens, T(1)) {}

  void setPanel(const Panel& panel) override {
    ScanTile<T>::setPanel(panel);
    m_v.resize(static_cast<size_t>(panel.width()));
  }

  void setScan(int64_t scan, const LaneFold<T>& /*lane*/) override {
    m_scan = scan;
    m_rate = static_cast<double>(m_view.rateOf(scan)[0]);
    m_largest.clear();
    const int64_t end = this->farEnd();
    for (int64_t j = blockOf(m_panel.col0); j * kBlockTokens < end; ++j) {
      if (const BlockColumns columns(m_panel, j); columns.count() > 0) fillColumns(columns);
    }
  }

  void fill(int64_t row0, int64_t row1, T* out) override {
    const int64_t block = blockOf(row0), first = blockOf(m_panel.col0);
    for (int64_t j = first; j < block; ++j) {
      const BlockColumns columns(m_panel, j);
      if (columns.count() <= 0) break;
      const double reference = m_largest[static_cast<size_t>(j - first)];
      for (int64_t t = row0; t < row1; ++t) {
        m_exponents[t - row0] = static_cast<T>(decay(t - columns.end) + reference - logNormalizer(t));
      }
      m_kernels.rowFactors(m_exponents.data(), T(1), m_ones.data(), row1 - row0, m_u.data());
      const int64_t at = columns.begin - m_panel.col0;
      m_kernels.multiply(m_u.data(), m_v.data() + at, m_panel.width(), row1 - row0, columns.count(), 1,
                         out + at, m_panel.width());
    }
    fillDiagonal(row0, row1, out);
  }

 private:
  using ScanTile<T>::m_view;
  using ScanTile<T>::m_kernels;
  using ScanTile<T>::m_panel;
  using ScanTile<T>::blockOf;

  double decay(int64_t tokens) const { return static_cast<double>(tokens) * m_rate; }
  double logKey(int64_t s) const { return m_view.logKeyAt(s, m_scan); }
  double logNormalizer(int64_t t) const { return m_view.logNormalizerAt(t, m_scan); }

  void fillColumns(const BlockColumns& columns) {
    double largest = -std::numeric_limits<double>::infinity();
    const auto term = [&](int64_t s) { return logKey(s) + decay(columns.end - 1 - s); };
    for (int64_t s = columns.begin; s < columns.end; ++s) {
      if (term(s) > largest) largest = term(s);  // a NaN is not: it stays in its own column
    }
    if (std::isinf(largest)) largest = 0.0;
    m_largest.push_back(largest);
    for (int64_t s = columns.begin; s < columns.end; ++s) {
      m_v[static_cast<size_t>(s - m_panel.col0)] = static_cast<T>(std::exp(term(s) - largest));
    }
  }

  /// The rows' own block, from the definition.
  void fillDiagonal(int64_t row0, int64_t row1, T* out) {
    const int64_t begin = std::max(m_panel.col0, blockOf(row0) * kBlockTokens);
    for (int64_t t = row0; t < row1; ++t, out += m_panel.width()) {
      const int64_t end = std::min(t + 1, m_panel.colEnd);
      if (end <= begin) continue;
      for (int64_t s = begin; s < end; ++s) {
        const double exponent = s == t ? m_view.diagonalAt(t, m_scan) : logKey(s) + decay(t - 1 - s);
        m_exponents[s - begin] = static_cast<T>(exponent - logNormalizer(t));
      }
      m_kernels.rowFactors(m_exponents.data(), T(1), m_ones.data(), end - begin, out + begin - m_panel.col0);
    }
  }

  int64_t m_scan = 0;
  double m_rate = 0.0;
  std::vector<double> m_largest;  // [blocks]
  std::vector<T> m_v;             // [panel]
  std::vector<T> m_u;             // [64]
  std::vector<T> m_exponents;     // [64]
  std::vector<T> m_ones;          // [64]
};

}  // namespace

template <typename T>
std::unique_ptr<ScanTile<T>> makeLogSumTile(const FactorView<T>& view) {
  return std::make_unique<LogSumTile<T>>(view);
}

template std::unique_ptr<ScanTile<float>> makeLogSumTile(const FactorView<float>&);
template std::unique_ptr<ScanTile<double>> makeLogSumTile(const FactorView<double>&);

}  // namespace uc
