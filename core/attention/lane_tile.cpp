// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/lane_tile.h"

#include <algorithm>

namespace uc {
namespace {

template <typename T>
double sumSteps(const FactorView<T>& view, int64_t lane, int64_t begin, int64_t end) {
  double sum = 0.0;
  for (int64_t t = begin; t < end; ++t) sum += static_cast<double>(view.stepAt(t, lane));
  return sum;
}

}  // namespace

template <typename T>
std::vector<double> blockSteps(const FactorView<T>& view, int64_t lane, int64_t firstBlock,
                               int64_t lastBlock) {
  std::vector<double> steps;
  steps.reserve(static_cast<size_t>(lastBlock - firstBlock));
  for (int64_t block = firstBlock; block < lastBlock; ++block) {
    const int64_t end = std::min((block + 1) * kBlockTokens, view.tokens);
    steps.push_back(view.hasScan ? sumSteps(view, lane, block * kBlockTokens, end) : 0.0);
  }
  return steps;
}

template <typename T>
LaneTile<T>::LaneTile(const FactorView<T>& view)
    : m_view(view),
      m_kernels(kernels<T>()),
      m_state(view.state),
      m_u(static_cast<size_t>(kBlockTokens * m_state)),
      m_scaledU(m_u.size()),
      m_between(static_cast<size_t>(m_state)),
      m_ones(static_cast<size_t>(m_state), T(1)),
      m_smallV(static_cast<size_t>(m_state * kBlockTokens / 2)),
      m_smallSums(static_cast<size_t>(kBlockTokens)),
      m_gated(static_cast<size_t>(view.taps)),
      m_h(static_cast<size_t>(m_state)),
      m_unit(static_cast<size_t>(m_state), 1.0),
      m_leafDecays(static_cast<size_t>(m_state * kLeafTokens)) {}

template <typename T>
void LaneTile<T>::setPanel(int64_t col0, int64_t col1, int64_t rowEnd) {
  m_col0 = col0;
  m_col1 = std::min(col1, rowEnd);  // columns past the last row are all above the diagonal
  m_rowEnd = rowEnd;
  m_baseEnd = std::min(m_col1 + m_view.taps - 1, rowEnd);
  m_stride = std::max<int64_t>(m_baseEnd - m_col0, 0);
  m_group = -1;
  const auto width = static_cast<size_t>(m_stride);
  m_keyScale.resize(width);
  m_sums.resize(width);
  m_keys.resize(width * static_cast<size_t>(m_state));
  m_v.resize(m_keys.size());
  m_base.resize(width * kBlockTokens);
}

template <typename T>
void LaneTile<T>::setLane(int64_t lane, const double* steps, int64_t firstBlock) {
  m_lane = lane;
  m_steps = steps;
  m_firstBlock = firstBlock;
  m_weights = m_view.weights(lane);
  if (!m_view.hasScan || m_stride == 0) return;
  if (m_group != m_view.group(lane)) transposeKeys();
  for (int64_t s = m_col0; s < m_baseEnd; ++s) {
    m_keyScale[static_cast<size_t>(s - m_col0)] = m_view.keyScaleAt(s, lane);
  }
  fillColumnFactors();
}

template <typename T>
void LaneTile<T>::transposeKeys() {
  m_group = m_view.group(m_lane);
  for (int64_t s = m_col0; s < m_baseEnd; ++s) {
    const T* key = m_view.keyAt(s, m_lane);
    for (int64_t n = 0; n < m_state; ++n) m_keys[static_cast<size_t>(n * m_stride + s - m_col0)] = key[n];
  }
}

/// V for every block of the panel that lies wholly before the last block of rows; the reference of a block is
/// the last of its columns.
template <typename T>
void LaneTile<T>::fillColumnFactors() {
  m_tails.clear();
  const int64_t end = std::min(m_baseEnd, blockOf(m_rowEnd - 1) * kBlockTokens);
  for (int64_t begin = m_col0; begin < end;) {
    const int64_t blockEnd = (blockOf(begin) + 1) * kBlockTokens;
    const int64_t last = std::min(blockEnd, end) - 1;
    double sum = 0.0;
    for (int64_t s = last; s >= begin; --s) {
      m_sums[static_cast<size_t>(s - m_col0)] = static_cast<T>(sum);
      sum += static_cast<double>(m_view.stepAt(s, m_lane));
    }
    m_tails.push_back(sumSteps(m_view, m_lane, last + 1, blockEnd));
    begin = last + 1;
  }
  const int64_t count = end - m_col0;
  const T* rate = m_view.rateOf(m_lane);
  for (int64_t n = 0; n < m_state && count > 0; ++n) {
    m_kernels.columnFactors(rate[n], m_sums.data(), m_keys.data() + n * m_stride, m_keyScale.data(), count,
                            m_v.data() + n * m_stride);
  }
}

template <typename T>
void LaneTile<T>::setRows(int64_t row0, int64_t row1) {
  m_row0 = row0;
  const int64_t block = blockOf(row0) * kBlockTokens;
  if (!m_view.hasScan) {
    std::fill_n(m_base.begin(), (row1 - row0) * m_stride, T(0));
    for (int64_t t = std::max(row0, m_col0); t < std::min(row1, m_baseEnd); ++t) {
      *base(t, t) = m_view.skipOf(m_lane) * m_view.activationAt(t, m_lane);
    }
    return;
  }
  if (m_col0 < block) multiplyBlocks(row0, row1);
  if (m_baseEnd > block) fillDiagonal(block, std::min(block + kBlockTokens, m_rowEnd), row0, row1);
}

/// The columns before the rows' own block, from the nearest block to the farthest.
template <typename T>
void LaneTile<T>::multiplyBlocks(int64_t row0, int64_t row1) {
  const int64_t block = blockOf(row0);
  const T* rate = m_view.rateOf(m_lane);
  double sum = 0.0;
  for (int64_t t = block * kBlockTokens; t < row1; ++t) {
    sum += static_cast<double>(m_view.stepAt(t, m_lane));
    if (t < row0) continue;
    m_kernels.rowFactors(rate, static_cast<T>(sum), m_view.queryAt(t, m_lane), m_state,
                         m_u.data() + (t - row0) * m_state);
  }
  const int64_t first = blockOf(m_col0);
  const int64_t last = blockOf(std::min(m_baseEnd, block * kBlockTokens) - 1);
  double between = 0.0;
  for (int64_t j = block - 1; j >= first; --j) {
    if (j <= last) {
      const int64_t begin = std::max(m_col0, j * kBlockTokens);
      const int64_t end = std::min((j + 1) * kBlockTokens, m_baseEnd);
      const double steps = between + m_tails[static_cast<size_t>(j - first)];
      m_kernels.rowFactors(rate, static_cast<T>(steps), m_ones.data(), m_state, m_between.data());
      m_kernels.scaleRows(m_u.data(), m_between.data(), row1 - row0, m_state, m_scaledU.data());
      m_kernels.multiply(m_scaledU.data(), m_v.data() + (begin - m_col0), m_stride, row1 - row0, end - begin,
                         m_state, base(row0, begin), m_stride);
    }
    between += m_steps[j - m_firstBlock];
  }
}

/// Rows and columns both in [begin, end): the square below the diagonal is a product, the two triangles
/// recur.
template <typename T>
void LaneTile<T>::fillDiagonal(int64_t begin, int64_t end, int64_t row0, int64_t row1) {
  if (end <= row0 || begin >= row1 || end <= m_col0 || begin >= m_baseEnd) return;
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
void LaneTile<T>::fillBelow(int64_t begin, int64_t middle, int64_t end, int64_t row0, int64_t row1) {
  const int64_t top = std::max(middle, row0), bottom = std::min(end, row1);
  const int64_t left = std::max(begin, m_col0), right = std::min(middle, m_baseEnd);
  if (top >= bottom || left >= right) return;
  const T* rate = m_view.rateOf(m_lane);
  double sum = sumSteps(m_view, m_lane, right, middle);
  for (int64_t s = right - 1; s >= left; --s) {
    m_smallSums[static_cast<size_t>(s - left)] = static_cast<T>(sum);
    sum += static_cast<double>(m_view.stepAt(s, m_lane));
  }
  const int64_t width = right - left;
  for (int64_t n = 0; n < m_state; ++n) {
    m_kernels.columnFactors(rate[n], m_smallSums.data(), m_keys.data() + n * m_stride + (left - m_col0),
                            m_keyScale.data() + (left - m_col0), width, m_smallV.data() + n * width);
  }
  sum = sumSteps(m_view, m_lane, middle, top);
  for (int64_t t = top; t < bottom; ++t) {
    sum += static_cast<double>(m_view.stepAt(t, m_lane));
    m_kernels.rowFactors(rate, static_cast<T>(sum), m_view.queryAt(t, m_lane), m_state,
                         m_u.data() + (t - top) * m_state);
  }
  m_kernels.multiply(m_u.data(), m_smallV.data(), width, bottom - top, width, m_state, base(top, left),
                     m_stride);
}

/// A triangle of a few tokens, column by column. In double, since a decay of 1 − 1e-8 is 1 in float.
template <typename T>
void LaneTile<T>::fillLeaf(int64_t begin, int64_t end, int64_t row0, int64_t row1) {
  const int64_t left = std::max(begin, m_col0), bottom = std::min(end, row1);
  for (int64_t t = left + 1; t < bottom; ++t) {
    m_kernels.decays(m_view.rateOf(m_lane), static_cast<double>(m_view.stepAt(t, m_lane)), m_state,
                     leafDecays(t));
  }
  for (int64_t s = left; s < std::min(end, m_baseEnd); ++s) {
    std::fill(m_h.begin(), m_h.end(), 0.0);
    const auto scale = static_cast<double>(m_keyScale[static_cast<size_t>(s - m_col0)]);
    for (int64_t t = s; t < bottom; ++t) {
      const double* decays = t == s ? m_unit.data() : leafDecays(t);
      const T* key = t == s ? m_view.keyAt(s, m_lane) : nullptr;
      double entry = m_kernels.forward(decays, key, scale, m_view.queryAt(t, m_lane), m_state, m_h.data());
      if (t == s && m_view.skip) {
        entry +=
            static_cast<double>(m_view.skip[m_lane]) * static_cast<double>(m_view.activationAt(s, m_lane));
      }
      if (t >= row0) *base(t, s) = static_cast<T>(entry);
    }
  }
}

template <typename T>
int64_t LaneTile<T>::attended(int64_t t) const {
  return std::clamp<int64_t>(t + 1 - m_col0, 0, m_col1 - m_col0);
}

/// H[t, s] = G_t Σ_j α̂[t, s + j] Z_{s+j} w_j over s + j ≤ t. The last K − 1 columns before the diagonal have
/// fewer terms.
template <typename T>
void LaneTile<T>::row(int64_t t, T* out) {
  const T gate = m_view.gateAt(t, m_lane);
  const T* in = m_base.data() + (t - m_row0) * m_stride;
  const int64_t count = attended(t);
  const int64_t filled = std::min(t + 1, m_baseEnd) - m_col0;
  const int64_t whole = std::clamp<int64_t>(filled - (m_view.taps - 1), 0, count);
  for (size_t j = 0; j < m_weights.size(); ++j) m_gated[j] = gate * m_weights[j];
  m_kernels.convolve(in, m_gated.data(), m_view.taps, whole, out);
  for (int64_t s = whole; s < count; ++s) {
    T sum = T(0);
    for (int64_t j = 0; s + j < filled; ++j) sum += m_gated[static_cast<size_t>(j)] * in[s + j];
    out[s] = sum;
  }
}

template std::vector<double> blockSteps(const FactorView<float>&, int64_t, int64_t, int64_t);
template std::vector<double> blockSteps(const FactorView<double>&, int64_t, int64_t, int64_t);
template class LaneTile<float>;
template class LaneTile<double>;

}  // namespace uc
