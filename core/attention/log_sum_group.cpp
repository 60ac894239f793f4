// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/log_sum_group.h"

namespace uc {
namespace {

constexpr int64_t kLeafRows = 16;  // where halving ends
constexpr int64_t kHalf = kBlockTokens / 2;

/// Stands for log 0: below every term, and differences from it are numbers.
constexpr double kNothing = -1e300;

}  // namespace

template <typename T>
LogSumGroup<T>::LogSumGroup(const FactorView<T>& view, const T* x, bool isReversed)
    : m_view(view), m_x(x), m_isReversed(isReversed), m_kernels(tileKernels<T>()) {}

template <typename T>
void LogSumGroup<T>::setUnit(int64_t row0, int64_t row1, int64_t col0, int64_t col1) {
  JoinedTile<T>::setUnit(row0, row1, col0, col1);
  m_stride = std::max<int64_t>(m_colEnd - m_col0, 0);
  m_tile0 = blockOf(col0);
  m_entries.assign(static_cast<size_t>((row1 - row0) * m_stride), T(0));
}

template <typename T>
void LogSumGroup<T>::setGroup(int64_t lane0, int64_t lane1) {
  m_lane0 = lane0;
  m_lanes = lane1 - lane0;
  m_uStride = pooledSize(m_lanes, kGroupLanes) * kGroupLanes;
  m_rates.resize(static_cast<size_t>(m_lanes));
  m_past.resize(m_rates.size());
  for (int64_t l = 0; l < m_lanes; ++l) m_rates[l] = static_cast<double>(m_view.rateOf(lane0 + l)[0]);
  m_largest.resize(static_cast<size_t>((blockOf(m_colEnd - 1) + 1 - m_tile0) * m_lanes));
  m_v.resize(static_cast<size_t>(m_lanes * m_stride));
  m_smallV.resize(static_cast<size_t>(m_lanes * kHalf));
  m_leaf.resize(static_cast<size_t>(m_lanes * kLeafRows));
  m_u.resize(static_cast<size_t>(kBlockTokens * m_uStride));
  m_scaledU.resize(m_u.size());
  m_between.resize(static_cast<size_t>(m_uStride));
  if (!m_x && !m_view.columnScale) return;
  m_scales.resize(m_v.size());
  for (int64_t s = m_col0; s < m_colEnd; ++s) {
    const int64_t picture = m_isReversed ? m_view.tokens - 1 - s : s;
    const T* x = m_x ? m_x + picture * m_view.lanes + lane0 : nullptr;
    T* scales = m_scales.data() + s - m_col0;
    for (int64_t l = 0; l < m_lanes; ++l) {
      scales[l * m_stride] = m_view.activationAt(s, lane0 + l) * (x ? x[l] : T(1));
    }
  }
}

template <typename T>
void LogSumGroup<T>::scaleColumns(int64_t begin, int64_t count, T* values, int64_t stride) const {
  if (m_scales.empty()) return;
  for (int64_t l = 0; l < m_lanes; ++l) {
    const T* scales = m_scales.data() + l * m_stride + begin - m_col0;
    for (int64_t i = 0; i < count; ++i) values[l * stride + i] *= scales[i];
  }
}

template <typename T>
void LogSumGroup<T>::scaleRow(int64_t t, T* values) const {
  for (int64_t l = 0; l < m_lanes; ++l) values[l] *= m_view.gateAt(t, m_lane0 + l);
}

/// V[l, s] = exp(k_s + (reference − s) w − largest) of columns [begin, end), and the largest.
template <typename T>
void LogSumGroup<T>::fillColumns(int64_t begin, int64_t end, int64_t reference, T* out, int64_t stride,
                                 double* largest) {
  const double* rates = m_rates.data();
  std::fill_n(largest, m_lanes, kNothing);
  for (int64_t s = begin; s < end; ++s) {
    const T* keys = logKeys(s);
    const auto tokens = static_cast<double>(reference - s);
    for (int64_t l = 0; l < m_lanes; ++l) {
      const double term = static_cast<double>(keys[l]) + tokens * rates[l];
      largest[l] = term > largest[l] ? term : largest[l];  // a NaN is not: it stays in its own column
    }
  }
  for (int64_t s = begin; s < end; ++s) {
    const T* keys = logKeys(s);
    const auto tokens = static_cast<double>(reference - s);
    for (int64_t l = 0; l < m_lanes; ++l) {
      out[l * stride + s - begin] =
          static_cast<T>(static_cast<double>(keys[l]) + tokens * rates[l] - largest[l]);
    }
  }
  for (int64_t l = 0; l < m_lanes; ++l) m_kernels.decays(out + l * stride, end - begin);
  scaleColumns(begin, end - begin, out, stride);
}

/// U[t, l] = G_t exp((t − 1 − reference) w + largest − log R_t).
template <typename T>
void LogSumGroup<T>::fillRows(int64_t row0, int64_t row1, int64_t reference, const double* largest) {
  const double* rates = m_rates.data();
  T* u = m_u.data();
  for (int64_t t = row0; t < row1; ++t, u += m_uStride) {
    const double* normalizers = m_view.logNormalizer + t * m_view.scans + m_lane0;
    const auto tokens = static_cast<double>(t - 1 - reference);
    for (int64_t l = 0; l < m_lanes; ++l) {
      u[l] = static_cast<T>(tokens * rates[l] + largest[l] - normalizers[l]);
    }
    m_kernels.decays(u, m_lanes);
    scaleRow(t, u);
  }
}

template <typename T>
void LogSumGroup<T>::joinLanes(Join /*join*/, int64_t lane0, int64_t lane1, const Feedback& feedback) {
  if (m_stride == 0) return;
  setGroup(lane0, lane1);
  const int64_t lastBlock = blockOf(m_row1 - 1);
  for (int64_t tile = m_tile0; tile < std::min(blockOf(m_colEnd - 1) + 1, lastBlock); ++tile) {
    const int64_t begin = tileBegin(tile), end = tileEnd(tile);
    fillColumns(begin, end, end - 1, m_v.data() + begin - m_col0, m_stride, largestOf(tile));
  }
  for (int64_t block = blockOf(m_row0); block <= lastBlock; ++block) {
    feedback.checkpoint();
    const int64_t begin = block * kBlockTokens, end = begin + kBlockTokens;
    if (m_tile0 < block) joinBlocks(block, std::max(begin, m_row0), std::min(end, m_row1));
    joinDiagonal(begin, end);
  }
}

/// Rows of one block by the columns of all blocks before it. U is made once, with the last token before the
/// block as the reference.
template <typename T>
void LogSumGroup<T>::joinBlocks(int64_t block, int64_t row0, int64_t row1) {
  const int64_t reference = block * kBlockTokens - 1, tiles = std::min(block, blockOf(m_colEnd - 1) + 1);
  const auto term = [&](int64_t tile, int64_t l) {
    return largestOf(tile)[l] + static_cast<double>(reference + 1 - tileEnd(tile)) * m_rates[l];
  };
  std::fill(m_past.begin(), m_past.end(), kNothing);
  for (int64_t tile = m_tile0; tile < tiles; ++tile) {
    for (int64_t l = 0; l < m_lanes; ++l) m_past[l] = std::max(m_past[l], term(tile, l));
  }
  fillRows(row0, row1, reference, m_past.data());
  for (int64_t tile = m_tile0; tile < tiles; ++tile) {
    for (int64_t l = 0; l < m_lanes; ++l) m_between[l] = static_cast<T>(term(tile, l) - m_past[l]);
    m_kernels.decays(m_between.data(), m_lanes);
    m_kernels.scale(m_u.data(), m_uStride, m_between.data(), row1 - row0, m_uStride, m_scaledU.data(),
                    m_uStride);
    const int64_t begin = tileBegin(tile);
    m_kernels.multiply(Join::Sum, m_scaledU.data(), m_uStride, m_v.data() + begin - m_col0, m_stride,
                       row1 - row0, tileEnd(tile) - begin, m_lanes, entry(row0, begin), m_stride);
  }
}

template <typename T>
void LogSumGroup<T>::joinDiagonal(int64_t begin, int64_t end) {
  if (end <= m_row0 || begin >= m_row1 || end <= m_col0 || begin >= m_colEnd) return;
  if (end - begin <= kLeafRows) {
    joinLeaf(begin, end);
    return;
  }
  const int64_t middle = begin + (end - begin) / 2;
  joinDiagonal(begin, middle);
  joinBelow(begin, middle, end);
  joinDiagonal(middle, end);
}

/// Rows [middle, end) by columns [begin, middle).
template <typename T>
void LogSumGroup<T>::joinBelow(int64_t begin, int64_t middle, int64_t end) {
  const int64_t top = std::max(middle, m_row0), bottom = std::min(end, m_row1);
  const int64_t left = std::max(begin, m_col0), right = std::min(middle, m_colEnd);
  if (top >= bottom || left >= right) return;
  fillColumns(left, right, right - 1, m_smallV.data(), kHalf, m_past.data());
  fillRows(top, bottom, right - 1, m_past.data());
  m_kernels.multiply(Join::Sum, m_u.data(), m_uStride, m_smallV.data(), kHalf, bottom - top, right - left,
                     m_lanes, entry(top, left), m_stride);
}

/// A triangle of a few tokens, row by row.
template <typename T>
void LogSumGroup<T>::joinLeaf(int64_t begin, int64_t end) {
  const int64_t left = std::max(begin, m_col0);
  for (int64_t t = std::max(begin, m_row0); t < std::min(end, m_row1); ++t) {
    const int64_t count = std::min(t + 1, m_colEnd) - left;
    if (count <= 0) continue;
    const double* normalizers = m_view.logNormalizer + t * m_view.scans + m_lane0;
    for (int64_t i = 0; i < count; ++i) {
      const int64_t s = left + i;
      const T* keys = s < t ? logKeys(s) : m_view.diagonal + t * m_view.scans + m_lane0;
      const double tokens = s < t ? static_cast<double>(t - 1 - s) : 0.0;
      for (int64_t l = 0; l < m_lanes; ++l) {
        m_leaf[l * count + i] =
            static_cast<T>(static_cast<double>(keys[l]) + tokens * m_rates[l] - normalizers[l]);
      }
    }
    m_kernels.decays(m_leaf.data(), m_lanes * count);
    scaleColumns(left, count, m_leaf.data(), count);
    std::fill_n(m_u.begin(), m_lanes, T(1));
    scaleRow(t, m_u.data());
    m_kernels.multiply(Join::Sum, m_u.data(), m_uStride, m_leaf.data(), count, 1, count, m_lanes,
                       entry(t, left), m_stride);
  }
}

template <typename T>
void LogSumGroup<T>::copyRow(int64_t t, T* out) const {
  std::copy_n(m_entries.data() + (t - m_row0) * m_stride, this->attended(t), out);
}

template class LogSumGroup<float>;
template class LogSumGroup<double>;

}  // namespace uc
