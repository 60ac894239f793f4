// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT
//
// RWKV-7: α[t,s] = k_sᵀ T_{s+1} … T_t q_t with T = diag(w) − κ bᵀ. U[t] = T_{r+1} … T_t q_t goes back from
// its row to the blocks of columns, V[s] = k_sᵀ T_{s+1} … T_e forward to the end of its block, both as
// vectors in O(N) a token. Matrices may stretch: entries may exceed 1, and no lane is ever dead. In double,
// since a row passes through hundreds of matrices.

#include "core/attention/scan_tile.h"

#include <vector>

namespace uc {
namespace {

template <typename T>
class DeltaRuleTile final : public ScanTile<T> {
 public:
  DeltaRuleTile(const FactorView<T>& view, const Crossings<T>& crossings)
      : ScanTile<T>(view),
        m_crossings(crossings),
        m_state(view.state),
        m_decays(static_cast<size_t>(kBlockTokens * m_state)),
        m_vectors(m_decays.size()),
        m_scratch(m_decays.size() + static_cast<size_t>(m_state * m_state)),
        m_products(static_cast<size_t>(kBlockTokens * kBlockTokens)) {}

  void setPanel(const Panel& panel) override {
    ScanTile<T>::setPanel(panel);
    m_v.resize(static_cast<size_t>(panel.width() * m_state));
  }

  void setScan(int64_t scan, const LaneFold<T>& /*lane*/) override {
    m_scan = scan;
    const int64_t end = this->farEnd();
    for (int64_t j = blockOf(m_panel.col0); j * kBlockTokens < end; ++j) {
      if (const BlockColumns columns(m_panel, j); columns.count() > 0) fillColumns(j, columns);
    }
  }

  void fill(int64_t row0, int64_t row1, T* out) override {
    const int64_t block = blockOf(row0), rows = row1 - row0;
    fillDiagonal(row0, row1, out);
    int64_t reached = block;  // the block at whose beginning the vectors have arrived
    for (int64_t j = block - 1; j >= blockOf(m_panel.col0); --j) {
      const BlockColumns columns(m_panel, j);
      if (columns.count() <= 0) continue;  // past the panel's end
      m_crossings.advance(m_scan, reached, j + 1, rows, m_vectors.data(), m_scratch.data());
      reached = j + 1;
      const int64_t at = columns.begin - m_panel.col0;
      tileKernels<double>().multiply(Join::One, m_vectors.data(), m_state, m_v.data() + at, m_panel.width(),
                                     rows, columns.count(), m_state, m_products.data(), kBlockTokens);
      for (int64_t i = 0; i < rows; ++i) {
        const double* products = m_products.data() + i * kBlockTokens;
        std::transform(products, products + columns.count(), out + i * m_panel.width() + at,
                       [](double value) { return static_cast<T>(value); });
      }
    }
  }

 private:
  using ScanTile<T>::m_view;
  using ScanTile<T>::m_kernels;
  using ScanTile<T>::m_panel;
  using ScanTile<T>::blockOf;

  /// V of one block: every key goes on to the block's end.
  void fillColumns(int64_t block, const BlockColumns& columns) {
    double* v = m_vectors.data();
    for (int64_t t = columns.begin; t < (block + 1) * kBlockTokens; ++t) {
      decaysAt(m_view, t, m_scan, m_decays.data());
      for (int64_t i = 0; i < std::min(t, columns.end) - columns.begin; ++i) {
        m_kernels.transition(m_decays.data(), m_view.removeKeyAt(t, m_scan), m_view.removeWriteAt(t, m_scan),
                             m_state, v + i * m_state);
      }
      if (t >= columns.end) continue;
      const T* key = m_view.keyAt(t, m_scan);
      std::copy(key, key + m_state, v + (t - columns.begin) * m_state);
    }
    for (int64_t i = 0; i < columns.count(); ++i) {
      for (int64_t n = 0; n < m_state; ++n) {
        m_v[n * m_panel.width() + (columns.begin - m_panel.col0) + i] = v[i * m_state + n];
      }
    }
  }

  /// The rows' own block, and U of the rows at its beginning when columns follow before it.
  void fillDiagonal(int64_t row0, int64_t row1, T* out) {
    const int64_t begin = blockOf(row0) * kBlockTokens;
    const int64_t left = std::max(m_panel.col0, begin);
    for (int64_t t = left; t < row1; ++t) {
      decaysAt(m_view, t, m_scan, m_decays.data() + (t - begin) * m_state);
    }
    for (int64_t t = row0; t < row1; ++t, out += m_panel.width()) {
      double* u = m_vectors.data() + (t - row0) * m_state;
      const T* query = m_view.queryAt(t, m_scan);
      std::copy(query, query + m_state, u);
      for (int64_t s = t; s >= left; --s) {
        if (s < m_panel.colEnd) {
          const double value = m_kernels.backward(nullptr, m_view.keyAt(s, m_scan), nullptr, 0.0, m_state, u);
          out[s - m_panel.col0] = static_cast<T>(value);
          if (s == m_panel.col0) break;
        }
        m_kernels.transition(m_decays.data() + (s - begin) * m_state, m_view.removeWriteAt(s, m_scan),
                             m_view.removeKeyAt(s, m_scan), m_state, u);
      }
    }
  }

  const Crossings<T>& m_crossings;
  const int64_t m_state;  // N
  int64_t m_scan = 0;
  std::vector<double> m_decays;    // [64, N]
  std::vector<double> m_vectors;   // [64, N]
  std::vector<double> m_scratch;   // [64, N] and [N, N]
  std::vector<double> m_products;  // [64, 64]
  std::vector<double> m_v;         // [N, panel]
};

}  // namespace

template <typename T>
std::unique_ptr<ScanTile<T>> makeDeltaRuleTile(const FactorView<T>& view, const Crossings<T>& crossings) {
  return std::make_unique<DeltaRuleTile<T>>(view, crossings);
}

template std::unique_ptr<ScanTile<float>> makeDeltaRuleTile(const FactorView<float>&,
                                                            const Crossings<float>&);
template std::unique_ptr<ScanTile<double>> makeDeltaRuleTile(const FactorView<double>&,
                                                             const Crossings<double>&);

}  // namespace uc
