// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT
//
// α[t,s] = Σ_n q[t,n] Π a[r,n] k[s,n] over r in (s, t], or in (s, t) where tokens read before they decay.
// U[t] = q_t Π_{(r,t]} a and V[s] = Π_{(s,e]} a · k_s with the decay Π_{(e,r]} a between, e ≤ r; on the
// diagonal the same by halves down to a few tokens, which a recurrence in double does.

#include "core/attention/scan_tile.h"

#include <vector>

namespace uc {
namespace {

template <typename T>
class DecayTile final : public ScanTile<T> {
 public:
  DecayTile(const FactorView<T>& view, const Crossings<T>& crossings);
  void setPanel(const Panel& panel) override;
  void setScan(int64_t scan, const LaneFold<T>& lane) override;
  void fill(int64_t row0, int64_t row1, T* out) override;

 private:
  using ScanTile<T>::m_view;
  using ScanTile<T>::m_kernels;
  using ScanTile<T>::m_tileKernels;
  using ScanTile<T>::m_panel;
  using ScanTile<T>::blockOf;

  void transposeKeys();
  void fillColumnFactors();
  void sumColumns(int64_t begin, int64_t end, int64_t stride, T* out);
  void columnFactors(const T* sums, int64_t sumStride, int64_t begin, int64_t count, T* out, int64_t stride);
  void rowFactors(int64_t begin, int64_t row0, int64_t row1);
  void expInto(const double* sums, const T* factor, T* out);
  void multiplyBlocks(int64_t row0, int64_t row1);
  void fillDiagonal(int64_t begin, int64_t end, int64_t row0, int64_t row1);
  void fillBelow(int64_t begin, int64_t middle, int64_t end, int64_t row0, int64_t row1);
  void fillLeaf(int64_t begin, int64_t end, int64_t row0, int64_t row1);
  T* entry(int64_t t, int64_t s) { return m_out + (t - m_row0) * m_panel.width() + (s - m_panel.col0); }
  double* leafDecays(int64_t t) { return m_leafDecays.data() + t % kLeafTokens * m_state; }
  void clearSum() { std::fill(m_sum.begin(), m_sum.end(), 0.0); }
  void addToSum(int64_t t) { addLogDecay(m_view, t, m_scan, m_sum.data()); }

  const Crossings<T>& m_crossings;
  const int64_t m_state;     // N
  const int64_t m_sumWidth;  // 1 or N

  int64_t m_scan = -1;
  int64_t m_group = -1;  // whose keys are transposed
  LaneFold<T> m_lane;
  T* m_out = nullptr;
  int64_t m_row0 = 0;

  std::vector<T> m_keys;             // [N, panel]
  std::vector<T> m_keyScale;         // [panel]
  std::vector<T> m_sums;             // [sum width, panel]  Σ of log decays from a column to its reference
  std::vector<double> m_tails;       // [blocks, sum width] the same from a reference to its block's end
  std::vector<T> m_v;                // [N, panel]
  std::vector<T> m_u;                // [64, N]
  std::vector<T> m_scaledU;          // [64, N]
  std::vector<T> m_between;          // [N]
  std::vector<T> m_ones;             // [N]
  std::vector<T> m_exponents;        // [N]
  std::vector<T> m_smallV;           // [N, 32]
  std::vector<T> m_smallSums;        // [sum width, 32]
  std::vector<double> m_sum;         // [sum width]
  std::vector<double> m_steps;       // [sum width]
  std::vector<double> m_h;           // [N]
  std::vector<double> m_leafDecays;  // [8, N]
};

template <typename T>
DecayTile<T>::DecayTile(const FactorView<T>& view, const Crossings<T>& crossings)
    : ScanTile<T>(view),
      m_crossings(crossings),
      m_state(view.state),
      m_sumWidth(sumWidth(view)),
      m_u(static_cast<size_t>(kBlockTokens * m_state)),
      m_scaledU(m_u.size()),
      m_between(static_cast<size_t>(m_state)),
      m_ones(static_cast<size_t>(m_state), T(1)),
      m_exponents(static_cast<size_t>(m_state)),
      m_smallV(static_cast<size_t>(m_state * kBlockTokens / 2)),
      m_smallSums(static_cast<size_t>(m_sumWidth * kBlockTokens / 2)),
      m_sum(static_cast<size_t>(m_sumWidth)),
      m_steps(m_sum.size()),
      m_h(static_cast<size_t>(m_state)),
      m_leafDecays(static_cast<size_t>(m_state * kLeafTokens)) {}

template <typename T>
void DecayTile<T>::setPanel(const Panel& panel) {
  ScanTile<T>::setPanel(panel);
  m_group = -1;
  const auto width = static_cast<size_t>(panel.width());
  m_keyScale.resize(width);
  m_sums.resize(width * static_cast<size_t>(m_sumWidth));
  m_keys.resize(width * static_cast<size_t>(m_state));
  m_v.resize(m_keys.size());
}

template <typename T>
void DecayTile<T>::setScan(int64_t scan, const LaneFold<T>& lane) {
  m_scan = scan;
  m_lane = lane;
  if (m_group != m_view.keyGroup(scan)) transposeKeys();
  T* scales = m_keyScale.data();
  const int64_t width = m_panel.width();
  for (int64_t i = 0; i < width; ++i) scales[i] = m_view.keyScaleAt(m_panel.col0 + i, scan);
  if (lane.columnScale) m_kernels.scaleRows(scales, lane.columnScale, 1, width, scales);
  fillColumnFactors();
}

template <typename T>
void DecayTile<T>::transposeKeys() {
  m_group = m_view.keyGroup(m_scan);
  const int64_t stride = m_panel.width();
  for (int64_t i = 0; i < stride; ++i) {
    const T* key = m_view.keyAt(m_panel.col0 + i, m_scan);
    for (int64_t n = 0; n < m_state; ++n) m_keys[static_cast<size_t>(n * stride + i)] = key[n];
  }
}

/// Adds tokens end − 1 … begin to the running sum, and stores the sum of what follows each of them.
template <typename T>
void DecayTile<T>::sumColumns(int64_t begin, int64_t end, int64_t stride, T* out) {
  if (m_sumWidth == 1 && !m_view.logDecay) {  // the steps of a lane, in a register
    double sum = m_sum[0];
    for (int64_t s = end - 1; s >= begin; --s) {
      out[s - begin] = static_cast<T>(sum);
      sum += m_view.stepAt(s, m_scan);
    }
    m_sum[0] = sum;
    return;
  }
  for (int64_t s = end - 1; s >= begin; --s) {
    for (int64_t i = 0; i < m_sumWidth; ++i) out[i * stride + s - begin] = static_cast<T>(m_sum[i]);
    addToSum(s);
  }
}

/// V of `count` columns from `begin` on, from the sums of their log decays.
template <typename T>
void DecayTile<T>::columnFactors(const T* sums, int64_t sumStride, int64_t begin, int64_t count, T* out,
                                 int64_t stride) {
  const int64_t at = begin - m_panel.col0;
  for (int64_t n = 0; n < m_state && count > 0; ++n) {
    const T rate = m_view.logDecay ? T(1) : m_view.rateOf(m_scan)[n];
    m_kernels.columnFactors(rate, m_view.logDecay ? sums + n * sumStride : sums,
                            m_keys.data() + n * m_panel.width() + at, m_keyScale.data() + at, count,
                            out + n * stride);
  }
}

/// V for every block of the panel that lies wholly before the last block of rows; the reference of a block is
/// the last of its columns.
template <typename T>
void DecayTile<T>::fillColumnFactors() {
  m_tails.clear();
  const int64_t end = this->farEnd();
  for (int64_t begin = m_panel.col0; begin < end;) {
    const int64_t blockEnd = (blockOf(begin) + 1) * kBlockTokens;
    const int64_t columnsEnd = std::min(blockEnd, end);
    clearSum();
    sumColumns(begin, columnsEnd, m_panel.width(), m_sums.data() + (begin - m_panel.col0));
    clearSum();
    for (int64_t t = columnsEnd; t < blockEnd; ++t) addToSum(t);
    m_tails.insert(m_tails.end(), m_sum.begin(), m_sum.end());
    begin = columnsEnd;
  }
  columnFactors(m_sums.data(), m_panel.width(), m_panel.col0, end - m_panel.col0, m_v.data(),
                m_panel.width());
}

/// exp of log decays times `factor`: [N].
template <typename T>
void DecayTile<T>::expInto(const double* sums, const T* factor, T* out) {
  if (!m_view.logDecay) {
    m_kernels.rowFactors(m_view.rateOf(m_scan), static_cast<T>(sums[0]), factor, m_state, out);
    return;
  }
  for (int64_t n = 0; n < m_state; ++n) m_exponents[static_cast<size_t>(n)] = static_cast<T>(sums[n]);
  m_kernels.rowFactors(m_exponents.data(), T(1), factor, m_state, out);
}

/// U of rows [row0, row1) with the reference begin − 1.
template <typename T>
void DecayTile<T>::rowFactors(int64_t begin, int64_t row0, int64_t row1) {
  const T* query = m_view.queryAt(row0, m_scan);
  T* u = m_u.data();
  const int64_t late = m_view.readsBeforeDecay ? 1 : 0;  // how many tokens later a decay is seen
  clearSum();
  for (int64_t t = begin; t < row0 - late; ++t) addToSum(t);
  for (int64_t t = row0; t < row1; ++t, query += m_view.queryStride(), u += m_state) {
    if (t - late >= begin) addToSum(t - late);
    expInto(m_sum.data(), query, u);
  }
}

template <typename T>
void DecayTile<T>::fill(int64_t row0, int64_t row1, T* out) {
  m_row0 = row0;
  m_out = out;
  const int64_t block = blockOf(row0) * kBlockTokens;
  if (m_panel.col0 < std::min(block, m_panel.colEnd)) multiplyBlocks(row0, row1);
  if (m_panel.colEnd > block) fillDiagonal(block, block + kBlockTokens, row0, row1);
}

/// The columns before the rows' own block, from the nearest block to the farthest.
template <typename T>
void DecayTile<T>::multiplyBlocks(int64_t row0, int64_t row1) {
  const int64_t block = blockOf(row0);
  rowFactors(block * kBlockTokens, row0, row1);
  const int64_t first = blockOf(m_panel.col0);
  const int64_t last = blockOf(std::min(m_panel.colEnd, block * kBlockTokens) - 1);
  clearSum();
  for (int64_t j = block - 1; j >= first; --j) {
    if (j <= last) {
      const BlockColumns columns(m_panel, j);
      for (int64_t i = 0; i < m_sumWidth; ++i) m_steps[i] = m_sum[i] + m_tails[(j - first) * m_sumWidth + i];
      expInto(m_steps.data(), m_ones.data(), m_between.data());
      m_kernels.scaleRows(m_u.data(), m_between.data(), row1 - row0, m_state, m_scaledU.data());
      m_tileKernels.multiply(Join::One, m_scaledU.data(), m_state,
                             m_v.data() + (columns.begin - m_panel.col0), m_panel.width(), row1 - row0,
                             columns.count(), m_state, entry(row0, columns.begin), m_panel.width());
    }
    const double* steps = m_crossings.logDecay(m_scan, j);
    for (int64_t i = 0; i < m_sumWidth; ++i) m_sum[i] += steps[i];
  }
}

/// Rows and columns both in [begin, end): the square below the diagonal is a product, the two triangles
/// recur.
template <typename T>
void DecayTile<T>::fillDiagonal(int64_t begin, int64_t end, int64_t row0, int64_t row1) {
  if (end <= row0 || begin >= row1 || end <= m_panel.col0 || begin >= m_panel.colEnd) return;
  if (end - begin <= kLeafTokens) {
    fillLeaf(begin, end, row0, row1);
    return;
  }
  const int64_t middle = begin + (end - begin) / 2;
  fillDiagonal(begin, middle, row0, row1);
  fillBelow(begin, middle, end, row0, row1);
  fillDiagonal(middle, end, row0, row1);
}

/// Rows [middle, end) by columns [begin, middle), with the reference middle − 1.
template <typename T>
void DecayTile<T>::fillBelow(int64_t begin, int64_t middle, int64_t end, int64_t row0, int64_t row1) {
  const int64_t top = std::max(middle, row0), bottom = std::min(end, row1);
  const int64_t left = std::max(begin, m_panel.col0), right = std::min(middle, m_panel.colEnd);
  if (top >= bottom || left >= right) return;
  const int64_t width = right - left;
  clearSum();
  for (int64_t t = right; t < middle; ++t) addToSum(t);
  sumColumns(left, right, width, m_smallSums.data());
  columnFactors(m_smallSums.data(), width, left, width, m_smallV.data(), width);
  rowFactors(middle, top, bottom);
  m_tileKernels.multiply(Join::One, m_u.data(), m_state, m_smallV.data(), width, bottom - top, width, m_state,
                         entry(top, left), m_panel.width());
}

/// A triangle of a few tokens, column by column. In double, since a decay of 1 − 1e-8 is 1 in float.
template <typename T>
void DecayTile<T>::fillLeaf(int64_t begin, int64_t end, int64_t row0, int64_t row1) {
  const int64_t left = std::max(begin, m_panel.col0), bottom = std::min(end, row1);
  for (int64_t t = left + 1; t < bottom; ++t) decaysAt(m_view, t, m_scan, leafDecays(t));
  const int64_t late = m_view.readsBeforeDecay ? 1 : 0;
  for (int64_t s = left; s < std::min(end, m_panel.colEnd); ++s) {
    const int64_t i = s - m_panel.col0;
    const T* query = m_view.queryAt(s, m_scan);
    std::fill(m_h.begin(), m_h.end(), 0.0);
    for (int64_t t = s; t < bottom; ++t, query += m_view.queryStride()) {
      const double* decays = t - late > s ? leafDecays(t - late) : nullptr;
      double value = m_kernels.forward(decays, t == s ? m_view.keyAt(s, m_scan) : nullptr, m_keyScale[i],
                                       query, m_state, m_h.data());
      if (t == s) {
        const double scale = m_lane.columnScale ? static_cast<double>(m_lane.columnScale[i]) : 1.0;
        if (m_view.readsBeforeDecay) value = m_view.diagonalAt(t, m_scan) * scale;
        if (m_lane.skip != T(0)) value += static_cast<double>(m_lane.skip) * scale;
      }
      if (t >= row0) *entry(t, s) = static_cast<T>(value);
    }
  }
}

}  // namespace

template <typename T>
std::unique_ptr<ScanTile<T>> makeDecayTile(const FactorView<T>& view, const Crossings<T>& crossings) {
  return std::make_unique<DecayTile<T>>(view, crossings);
}

template std::unique_ptr<ScanTile<float>> makeDecayTile(const FactorView<float>&, const Crossings<float>&);
template std::unique_ptr<ScanTile<double>> makeDecayTile(const FactorView<double>&, const Crossings<double>&);

}  // namespace uc
