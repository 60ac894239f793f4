// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/head_group.h"

#include "core/attention/pooled_lanes.h"

#include <cmath>
#include <numeric>

namespace uc {
namespace {

constexpr int64_t kMostLanes = 256;  // of a scan, which are summed in T
constexpr int64_t kPad = kGroupLanes;

size_t sizeOf(int64_t values) { return static_cast<size_t>(values + kPad); }

}  // namespace

template <typename T>
bool isHeadGroup(const FactorView<T>& view, Join join) {
  if (!view.hasScan || view.kind != ScanKind::Decay || view.logDecay || view.readsBeforeDecay) return false;
  if (join != Join::Sum || view.scanLanes == 1 || view.scanLanes > kMostLanes) return false;
  if (view.taps > ColumnSide<T>::kMostColumns) return false;
  for (int64_t c = 0; c < view.scans; ++c) {
    const T* rate = view.rateOf(c);
    if (std::any_of(rate, rate + view.state, [&](T value) { return value != rate[0]; })) return false;
  }
  return true;
}

template <typename T>
HeadGroup<T>::HeadGroup(const FactorView<T>& view, const Crossings<T>& crossings, const T* x, bool isReversed)
    : m_view(view),
      m_crossings(crossings),
      m_x(x),
      m_isReversed(isReversed),
      m_kernels(tileKernels<T>()),
      m_reach(view.taps - 1) {
  m_sums.resize(sizeOf(kBlockTokens + m_reach + kPad));
  m_decays.resize(kBlockTokens);
  m_products.resize(sizeOf(kBlockTokens * (kBlockTokens + m_reach)));
  m_weights.resize(m_products.size());
}

template <typename T>
void HeadGroup<T>::setUnit(int64_t row0, int64_t row1, int64_t col0, int64_t col1) {
  const bool isSame = row0 == m_row0 && row1 == m_row1 && col0 == m_col0 && std::min(col1, row1) == m_colEnd;
  JoinedTile<T>::setUnit(row0, row1, col0, col1);
  m_stride = std::max<int64_t>(m_colEnd - m_col0, 0);
  m_entries.assign(static_cast<size_t>((row1 - row0) * m_stride), T(0));
  if (isSame || m_stride == 0) return;
  m_tokenStride = m_stride + m_reach + 2 * kPad;
  m_tile0 = blockOf(m_col0 + m_reach);
  m_tiles = blockOf(m_colEnd - 1 + m_reach) + 1 - m_tile0;
  m_keys.resize(sizeOf(m_view.state * m_tokenStride));
  m_states.resize(sizeOf((row1 - row0) * m_tokenStride));
  m_statesBounds.resize(static_cast<size_t>((blockOf(row1 - 1) + 1 - blockOf(row0)) * m_tiles));
  m_scales.resize(sizeOf(m_tokenStride));
  m_queryGroup = m_keyGroup = -1;
}

template <typename T>
void HeadGroup<T>::setLanes(int64_t head, int64_t lane0, int64_t lane1) {
  m_head = head;
  m_lane0 = lane0;
  m_lanes = lane1 - lane0;
  m_uStride = pooledSize(m_lanes, kGroupLanes) * kGroupLanes;
  m_activations.resize(sizeOf(m_lanes * m_tokenStride));
  if (m_x) m_inputs.resize(m_activations.size());
  m_v.resize(sizeOf(m_view.taps * m_lanes * m_tokenStride));
  m_vBounds.resize(static_cast<size_t>(m_tiles * m_lanes));
  m_u.resize(static_cast<size_t>(kBlockTokens * m_uStride));
  m_scaledU.resize(m_u.size());
  m_uBounds.resize(static_cast<size_t>(m_uStride));
  m_between.resize(m_uBounds.size());
  if (m_queryGroup != m_view.queryGroup(head) || m_keyGroup != m_view.keyGroup(head)) multiplyStates();
  gatherColumns();
}

/// q·k of every row and of the tokens its entries need.
template <typename T>
void HeadGroup<T>::multiplyStates() {
  m_queryGroup = m_view.queryGroup(m_head);
  m_keyGroup = m_view.keyGroup(m_head);
  const int64_t tokensEnd = std::min(m_colEnd + m_reach, m_row1);
  for (int64_t t = m_col0; t < tokensEnd; ++t) {
    const T* key = m_view.keyAt(t, m_head);
    T* keys = m_keys.data() + t - m_col0;
    for (int64_t n = 0; n < m_view.state; ++n) keys[n * m_tokenStride] = key[n];
  }
  for (int64_t block = blockOf(m_row0); block <= blockOf(m_row1 - 1); ++block) {
    const int64_t row0 = std::max(block * kBlockTokens, m_row0);
    const int64_t row1 = std::min((block + 1) * kBlockTokens, m_row1), end = std::min(tokensEnd, row1);
    if (end <= m_col0) continue;
    m_kernels.multiply(Join::One, m_view.queryAt(row0, m_head), m_view.queryStride(), m_keys.data(),
                       m_tokenStride, row1 - row0, end - m_col0, m_view.state, statesAt(row0, m_col0),
                       m_tokenStride);
    for (int64_t tile = m_tile0; tile < std::min(m_tile0 + m_tiles, block); ++tile) {
      T bound = T(0);
      for (int64_t t = row0; t < row1; ++t) {
        const T* states = statesAt(t, tileBegin(tile));
        const T* last = states + (tileEnd(tile) + m_reach - tileBegin(tile));
        bound = std::accumulate(states, last, bound, [](T sum, T value) { return sum + std::fabs(value); });
      }
      statesBound(block, tile) = bound;
    }
  }
}

template <typename T>
void HeadGroup<T>::gatherColumns() {
  const int64_t tokensEnd = std::min(m_colEnd + m_reach, m_row1);
  for (int64_t t = m_col0; t < tokensEnd; ++t) {
    const int64_t i = t - m_col0;
    m_scales[i] = m_view.keyScaleAt(t, m_head);
    const T* z = m_view.columnScale ? m_view.columnScale + t * m_view.lanes + m_lane0 : nullptr;
    if (z) askAhead(m_view.columnScale, t, m_view.tokens, m_view.lanes, m_lane0, m_lanes);
    T* activations = m_activations.data() + i;
    for (int64_t l = 0; l < m_lanes; ++l) activations[l * m_tokenStride] = z ? z[l] : T(1);
    if (!m_x) continue;
    const T* x = m_x + (m_isReversed ? m_view.tokens - 1 - t : t) * m_view.lanes + m_lane0;
    T* inputs = m_inputs.data() + i;
    for (int64_t l = 0; l < m_lanes; ++l) inputs[l * m_tokenStride] = x[l];
  }
}

/// V of columns [begin, end), at most a block of them, decayed by `rate` times m_sums, which begins at token
/// `begin`.
template <typename T>
void HeadGroup<T>::fillColumns(int64_t begin, int64_t end, const T* rate, T* bounds) {
  ColumnSide<T> side;
  side.rate = rate;
  side.state = 1;
  side.columns = end - begin;
  for (int64_t l = 0; l < m_lanes; ++l) {
    if (m_x) side.columnScale = m_inputs.data() + l * m_tokenStride + begin - m_col0;
    bounds[l] = T(0);
    for (int64_t j = 0; j < m_view.taps; ++j) {
      const T weight = m_view.weight(m_lane0 + l, j);
      T bound = T(0);
      side.weights = &weight;
      side.sums = m_sums.data() + j;
      side.key = m_activations.data() + l * m_tokenStride + begin - m_col0 + j;
      side.scale = m_scales.data() + begin - m_col0 + j;
      m_kernels.columns(side, vOf(j, begin) + l * m_tokenStride, m_tokenStride, &bound);
      bounds[l] += bound;
    }
  }
}

/// V of a tile with the last token of its block as the reference.
template <typename T>
void HeadGroup<T>::fillTile(int64_t tile) {
  const int64_t begin = tileBegin(tile), end = tileEnd(tile);
  double sum = 0.0;
  for (int64_t t = (tile + 1) * kBlockTokens - 1; t >= begin; --t) {
    m_sums[t - begin] = static_cast<T>(sum);
    sum += m_view.stepAt(t, m_head);
  }
  fillColumns(begin, end, m_view.rateOf(m_head), m_vBounds.data() + (tile - m_tile0) * m_lanes);
}

/// U of rows [row0, row1) without decays: their gates.
template <typename T>
void HeadGroup<T>::fillRows(int64_t row0, int64_t row1) {
  T* u = m_u.data();
  for (int64_t t = row0; t < row1; ++t, u += m_uStride) {
    const T* gate = m_view.rowScale ? m_view.rowScale + t * m_view.lanes + m_lane0 : nullptr;
    if (gate) askAhead(m_view.rowScale, t, m_view.tokens, m_view.lanes, m_lane0, m_lanes);
    for (int64_t l = 0; l < m_lanes; ++l) u[l] = gate ? m_view.share * gate[l] : m_view.share;
  }
}

/// Decays U from the last token before the block.
template <typename T>
void HeadGroup<T>::decayRows(int64_t block, int64_t row0, int64_t row1) {
  const auto rate = static_cast<double>(m_view.rateOf(m_head)[0]);
  double sum = 0.0;
  for (int64_t t = block * kBlockTokens; t < row1; ++t) {
    sum += m_view.stepAt(t, m_head);
    if (t >= row0) m_decays[t - row0] = static_cast<T>(rate * sum);
  }
  m_kernels.decays(m_decays.data(), row1 - row0);
  std::fill(m_uBounds.begin(), m_uBounds.end(), T(0));
  T* u = m_u.data();
  for (int64_t t = row0; t < row1; ++t, u += m_uStride) {
    const T decay = m_decays[t - row0];
    for (int64_t l = 0; l < m_lanes; ++l) {
      u[l] *= decay;
      m_uBounds[l] += std::fabs(u[l]);
    }
  }
}

template <typename T>
void HeadGroup<T>::joinLanes(Join /*join*/, int64_t lane0, int64_t lane1, const Feedback& feedback) {
  if (m_stride == 0) return;
  for (int64_t first = lane0; first < lane1;) {
    const int64_t head = m_view.scanOf(first), last = std::min((head + 1) * m_view.scanLanes, lane1);
    setLanes(head, first, last);
    const int64_t firstBlock = blockOf(m_row0), lastBlock = blockOf(m_row1 - 1), tilesEnd = m_tile0 + m_tiles;
    for (int64_t tile = m_tile0; tile < std::min(tilesEnd, firstBlock); ++tile) fillTile(tile);
    for (int64_t block = firstBlock; block <= lastBlock; ++block) {
      feedback.checkpoint();
      const int64_t row0 = std::max(block * kBlockTokens, m_row0);
      const int64_t row1 = std::min((block + 1) * kBlockTokens, m_row1);
      fillRows(row0, row1);
      joinDiagonal(block, row0, row1);  // writes over no V but that of this block's tile and the next
      if (m_tile0 < block) joinBlocks(block, row0, row1);
      if (m_tile0 <= block && block < std::min(tilesEnd, lastBlock)) fillTile(block);
    }
    first = last;
  }
}

/// Rows of one block by the columns of all blocks before it, from the nearest to the farthest.
template <typename T>
void HeadGroup<T>::joinBlocks(int64_t block, int64_t row0, int64_t row1) {
  decayRows(block, row0, row1);
  const auto rate = static_cast<double>(m_view.rateOf(m_head)[0]);
  double sum = 0.0;
  T largest = T(0);
  for (int64_t tile = block - 1; tile >= m_tile0; --tile) {
    T between = static_cast<T>(rate * sum);
    m_kernels.decays(&between, 1);
    if (tile < m_tile0 + m_tiles) joinTile(block, tile, row0, row1, between, largest);
    sum += m_crossings.logDecay(m_head, tile)[0];
  }
}

template <typename T>
void HeadGroup<T>::joinTile(int64_t block, int64_t tile, int64_t row0, int64_t row1, T between, T& largest) {
  const int64_t rows = row1 - row0, begin = tileBegin(tile), cols = tileEnd(tile) - begin;
  const T* vBounds = m_vBounds.data() + (tile - m_tile0) * m_lanes;
  T bound = T(0);
  for (int64_t l = 0; l < m_lanes; ++l) bound += m_uBounds[l] * vBounds[l];
  bound *= between * statesBound(block, tile);
  if (bound > largest) largest = bound;
  if (bound < this->kDeadShare * largest || bound == T(0)) return;  // a NaN is neither
  std::fill(m_between.begin(), m_between.end(), between);
  m_kernels.scale(m_u.data(), m_uStride, m_between.data(), rows, m_uStride, m_scaledU.data(), m_uStride);
  for (int64_t j = 0; j < m_view.taps; ++j) {
    m_kernels.multiply(Join::One, m_scaledU.data(), m_uStride, vOf(j, begin), m_tokenStride, rows, cols,
                       m_lanes, m_products.data(), kBlockTokens);
    m_kernels.addProduct(statesAt(row0, begin + j), m_tokenStride, m_products.data(), kBlockTokens, rows,
                         cols, entry(row0, begin), m_stride);
  }
}

/// q·k times the decay from each token, which is at or after `left`, to each row.
template <typename T>
void HeadGroup<T>::weighStates(int64_t left, int64_t row0, int64_t row1) {
  const auto rate = static_cast<double>(m_view.rateOf(m_head)[0]);
  const int64_t tokensEnd = std::min(m_colEnd + m_reach, m_row1);
  for (int64_t t = std::max(row0, left); t < row1; ++t) {
    T* weights = m_weights.data() + (t - row0) * (kBlockTokens + m_reach);
    double sum = 0.0;
    for (int64_t r = t; r >= left; --r) {
      weights[r - left] = static_cast<T>(rate * sum);
      sum += m_view.stepAt(r, m_head);
    }
    const int64_t count = std::min(t + 1, tokensEnd) - left;
    m_kernels.decays(weights, count);
    const T* states = statesAt(t, left);
    for (int64_t i = 0; i < count; ++i) weights[i] *= states[i];
  }
}

/// Rows of one block by the columns from K − 1 before it on, row by row: what is above the diagonal is not
/// even multiplied by 0.
template <typename T>
void HeadGroup<T>::joinDiagonal(int64_t block, int64_t row0, int64_t row1) {
  const int64_t left = std::max(block * kBlockTokens - m_reach, m_col0), right = std::min(row1, m_colEnd);
  if (left >= right) return;
  weighStates(left, row0, row1);
  std::fill(m_sums.begin(), m_sums.end(), T(0));
  for (int64_t begin = left; begin < right; begin += kBlockTokens) {
    fillColumns(begin, std::min(begin + kBlockTokens, right), nullptr, m_uBounds.data());
  }
  const int64_t stride = kBlockTokens + m_reach;
  for (int64_t j = 0; j < m_view.taps; ++j) {
    m_kernels.multiply(Join::One, m_u.data(), m_uStride, vOf(j, left), m_tokenStride, row1 - row0,
                       right - left, m_lanes, m_products.data(), stride);
    for (int64_t t = std::max(row0, left + j); t < row1; ++t) {
      const int64_t at = (t - row0) * stride;
      m_kernels.addProduct(m_weights.data() + at + j, 0, m_products.data() + at, 0, 1,
                           std::min(t - j + 1, right) - left, entry(t, left), 0);
    }
  }
  if (m_view.skip) addSkip(row0, row1);
}

/// The diagonal S Z, spread over the K columns that its taps reach.
template <typename T>
void HeadGroup<T>::addSkip(int64_t row0, int64_t row1) {
  for (int64_t t = row0; t < row1; ++t) {
    for (int64_t j = 0; j < m_view.taps; ++j) {
      const int64_t s = t - j;
      if (s < m_col0 || s >= m_colEnd) continue;
      T sum = T(0);
      for (int64_t l = 0; l < m_lanes; ++l) {
        const T* z = m_activations.data() + l * m_tokenStride;
        const T x = m_x ? m_inputs[l * m_tokenStride + s - m_col0] : T(1);
        sum += m_view.gateAt(t, m_lane0 + l) * m_view.weight(m_lane0 + l, j) * m_view.skip[m_lane0 + l] *
               z[t - m_col0] * x;
      }
      *entry(t, s) += sum;
    }
  }
}

template <typename T>
void HeadGroup<T>::copyRow(int64_t t, T* out) const {
  std::copy_n(m_entries.data() + (t - m_row0) * m_stride, this->attended(t), out);
}

template bool isHeadGroup(const FactorView<float>&, Join);
template bool isHeadGroup(const FactorView<double>&, Join);
template class HeadGroup<float>;
template class HeadGroup<double>;

}  // namespace uc
