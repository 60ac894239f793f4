// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/group_tile.h"

#include "core/attention/merge.h"
#include "core/attention/operators.h"
#include "core/attention/pooled_lanes.h"

#include <algorithm>

namespace uc {
namespace {

constexpr int64_t kLeafRows = 16;  // where halving ends: a float carries a decay over so many steps
constexpr int64_t kPad = kGroupLanes;

/// Lanes that are summed are more states of one product.
bool isSum(Join join) { return join == Join::One || join == Join::Sum; }

size_t sizeOf(int64_t values) { return static_cast<size_t>(values + kPad); }

}  // namespace

template <typename T>
GroupTile<T>::GroupTile(const FactorView<T>& view, const Crossings<T>& crossings, const T* x, bool isReversed)
    : m_view(view),
      m_crossings(crossings),
      m_x(x),
      m_isReversed(isReversed),
      m_kernels(tileKernels<T>()),
      m_state(view.state),
      m_sumWidth(sumWidth(view)),
      m_reach(view.taps - 1),
      m_leaf(view, kLeafRows, x, isReversed),
      m_fineLeaf(view, kLeafRows, x, isReversed) {
  const int64_t flat = kGroupLanes * m_state, sums = kGroupLanes * m_sumWidth;
  m_uStride = flat + kPad;
  m_weights.resize(sizeOf(kGroupLanes * view.taps));
  m_queryOffsets.resize(kGroupLanes);
  m_sum.resize(static_cast<size_t>(sums));
  m_columnSums.resize(sizeOf(sums * (kBlockTokens + m_reach)));
  m_smallV.resize(sizeOf(flat * kBlockTokens));
  m_smallBounds.resize(sizeOf(flat));
  m_rowSums.resize(sizeOf(kBlockTokens * sums));
  m_u.resize(sizeOf(kBlockTokens * m_uStride));
  m_scaledU.resize(m_u.size());
  m_uBounds.resize(sizeOf(flat));
  m_between.resize(sizeOf(flat));
  m_largest.resize(kGroupLanes);
  m_bounds.resize(sizeOf(flat));
  m_inner.resize(kGroupLanes);
  m_alive.reserve(static_cast<size_t>(flat));
}

template <typename T>
void GroupTile<T>::setUnit(int64_t row0, int64_t row1, int64_t col0, int64_t col1) {
  JoinedTile<T>::setUnit(row0, row1, col0, col1);
  if (m_colEnd <= m_col0) return;
  m_stride = std::min(m_colEnd + m_reach, row1) - m_col0 + kPad;
  m_rowBlock0 = blockOf(row0);
  m_tile0 = tileOf(m_col0);
  m_tiles = tileOf(m_colEnd - 1) + 1 - m_tile0;
  const int64_t rowBlocks = blockOf(row1 - 1) + 1 - m_rowBlock0, flat = kGroupLanes * m_state;
  m_entries.assign(static_cast<size_t>(rowBlocks * m_tiles * kBlockTokens * kBlockTokens), T(0));
  m_columnDecays.resize(sizeOf((columnTokensEnd() - m_col0) * kGroupLanes * m_sumWidth));
  m_rowDecays.resize(sizeOf((row1 - m_rowBlock0 * kBlockTokens) * kGroupLanes * m_sumWidth));
  m_gates.resize(sizeOf((row1 - row0) * kGroupLanes));
  m_keys.resize(sizeOf(kGroupLanes * m_state * m_stride));
  m_scales.resize(sizeOf(kGroupLanes * m_stride));
  if (m_x) m_inputs.resize(m_scales.size());
  m_v.resize(sizeOf(m_tiles * flat * kBlockTokens));
  m_vBounds.resize(sizeOf(m_tiles * flat));
  m_sharesKeys = m_view.keyGroups == 1;
  m_lane0 = 0;
  m_lanes = 1;
  if (m_sharesKeys) transposeKeys();
}

template <typename T>
void GroupTile<T>::transposeKeys() {
  const int64_t first = m_view.keyGroup(m_lane0), last = m_view.keyGroup(m_lane0 + m_lanes - 1);
  for (int64_t i = 0; i < m_stride - kPad; ++i) {
    const T* key = m_view.keyAt(m_col0 + i, m_lane0);
    const int64_t count = (last - first + 1) * m_state;
    askAhead(m_view.key, m_col0 + i, m_view.tokens, m_view.keyGroups * m_state, first * m_state, count);
    T* keys = m_keys.data() + i;
    for (int64_t n = 0; n < count; ++n) keys[n * m_stride] = key[n];
  }
}

template <typename T>
void GroupTile<T>::setGroup(int64_t lane0, int64_t lane1) {
  m_lane0 = lane0;
  m_lanes = lane1 - lane0;
  if (!m_sharesKeys) transposeKeys();
  if (m_lanes < kGroupLanes) {
    m_fineLeaf.setLanes(lane0, lane1);
  } else {
    m_leaf.setLanes(lane0, lane1);
  }
  for (int64_t l = 0; l < m_lanes; ++l) {
    m_queryOffsets[l] = m_view.queryGroup(lane0 + l) * m_state;
    for (int64_t j = 0; j < m_view.taps; ++j) m_weights[l * m_view.taps + j] = m_view.weight(lane0 + l, j);
  }
  gatherColumns();
  gatherRows();
}

template <typename T>
void GroupTile<T>::gatherRows() {
  const int64_t width = m_lanes * m_sumWidth, first = m_rowBlock0 * kBlockTokens;
  for (int64_t t = first; t < m_row1; ++t) {
    if (m_view.step) askAhead(m_view.step, t, m_view.tokens, m_view.scans, m_lane0, m_lanes);
    std::copy_n(m_view.logDecaysAt(t, m_lane0), width, m_rowDecays.data() + (t - first) * width);
  }
  for (int64_t t = m_row0; t < m_row1; ++t) {
    T* gates = m_gates.data() + (t - m_row0) * kGroupLanes;
    const T* gate = m_view.rowScale ? m_view.rowScale + t * m_view.lanes + m_lane0 : nullptr;
    if (gate) askAhead(m_view.rowScale, t, m_view.tokens, m_view.lanes, m_lane0, m_lanes);
    for (int64_t l = 0; l < m_lanes; ++l) gates[l] = gate ? m_view.share * gate[l] : m_view.share;
  }
}

/// What a group takes from each token is gathered once a unit; what scales columns, lane by lane.
template <typename T>
void GroupTile<T>::gatherColumns() {
  const int64_t width = m_lanes * m_sumWidth;
  for (int64_t t = m_col0; t < columnTokensEnd(); ++t) {
    if (m_view.step) askAhead(m_view.step, t, m_view.tokens, m_view.scans, m_lane0, m_lanes);
    std::copy_n(m_view.logDecaysAt(t, m_lane0), width, m_columnDecays.data() + (t - m_col0) * width);
  }
  const T* step = m_view.hasStepInKey ? m_view.step : nullptr;
  const T* z = m_view.columnScale;
  for (int64_t i = 0; i < m_stride - kPad; ++i) {
    const int64_t s = m_col0 + i, at = s * m_view.lanes + m_lane0;
    if (z) askAhead(z, s, m_view.tokens, m_view.lanes, m_lane0, m_lanes);
    T* scales = m_scales.data() + i;
    for (int64_t l = 0; l < m_lanes; ++l) {
      scales[l * m_stride] = (step ? step[at + l] : T(1)) * (z ? z[at + l] : T(1));
    }
    if (!m_x) continue;
    const T* x = m_x + (m_isReversed ? m_view.tokens - 1 - s : s) * m_view.lanes + m_lane0;
    T* inputs = m_inputs.data() + i;
    for (int64_t l = 0; l < m_lanes; ++l) inputs[l * m_stride] = x[l];
  }
}

/// V of columns [begin, end) with a reference that is not before the last token they need.
template <typename T>
void GroupTile<T>::fillColumns(int64_t begin, int64_t end, int64_t reference, T* out, T* bounds) {
  const int64_t tokens = end + m_reach - begin, width = m_lanes * m_sumWidth;
  double* sum = m_sum.data();
  std::fill_n(sum, width, 0.0);
  for (int64_t t = reference; t >= begin; --t) {
    const T* values = m_columnDecays.data() + (t - m_col0) * width;
    T* sums = m_columnSums.data() + t - begin;
    for (int64_t i = 0; i < width && t - begin < tokens; ++i) sums[i * tokens] = static_cast<T>(sum[i]);
    for (int64_t i = 0; i < width; ++i) sum[i] += static_cast<double>(values[i]);
  }
  ColumnSide<T> side;
  side.keyStride = m_stride;
  side.sumStride = m_view.logDecay ? tokens : 0;
  side.state = m_state;
  side.taps = m_view.taps;
  side.columns = end - begin;
  for (int64_t l = 0; l < m_lanes; ++l) {
    const int64_t group = m_view.keyGroup(m_lane0 + l) - (m_sharesKeys ? 0 : m_view.keyGroup(m_lane0));
    if (!m_view.logDecay) side.rate = m_view.rateOf(m_lane0 + l);
    side.sums = m_columnSums.data() + l * m_sumWidth * tokens;
    side.key = m_keys.data() + group * m_state * m_stride + begin - m_col0;
    side.scale = m_scales.data() + l * m_stride + begin - m_col0;
    side.weights = m_weights.data() + l * m_view.taps;
    if (m_x) side.columnScale = m_inputs.data() + l * m_stride + begin - m_col0;
    m_kernels.columns(side, out + l * m_state * kBlockTokens, kBlockTokens, bounds + l * m_state);
  }
}

/// U of rows [row0, row1) with the reference begin − 1.
template <typename T>
void GroupTile<T>::fillRows(int64_t begin, int64_t row0, int64_t row1) {
  const int64_t width = m_lanes * m_sumWidth;
  double* sum = m_sum.data();
  const auto store = [&](int64_t t) {
    T* sums = m_rowSums.data() + (t - row0) * width;
    for (int64_t i = 0; i < width; ++i) sums[i] = static_cast<T>(sum[i]);
  };
  std::fill_n(sum, width, 0.0);
  for (int64_t t = begin; t < row1; ++t) {
    if (m_view.readsBeforeDecay && t >= row0) store(t);
    const T* values = m_rowDecays.data() + (t - m_rowBlock0 * kBlockTokens) * width;
    for (int64_t i = 0; i < width; ++i) sum[i] += static_cast<double>(values[i]);
    if (t >= row0 && !m_view.readsBeforeDecay) store(t);
  }
  RowSide<T> side;
  if (!m_view.logDecay) side.rate = m_view.rateOf(m_lane0);
  side.sums = m_rowSums.data();
  side.query = m_view.query + row0 * m_view.queryStride();
  side.queryStride = m_view.queryStride();
  side.offsets = m_queryOffsets.data();
  side.gate = m_gates.data() + (row0 - m_row0) * kGroupLanes;
  side.lanes = m_lanes;
  side.state = m_state;
  side.rows = row1 - row0;
  m_kernels.rows(side, m_u.data(), m_uStride, m_uBounds.data());
}

template <typename T>
void GroupTile<T>::joinLanes(Join join, int64_t lane0, int64_t lane1, const Feedback& feedback) {
  if (m_colEnd <= m_col0) return;
  const int64_t flat = kGroupLanes * m_state;
  for (int64_t first = lane0; first < lane1; first += kGroupLanes) {
    setGroup(first, std::min(first + kGroupLanes, lane1));
    const int64_t lastBlock = blockOf(m_row1 - 1);
    for (int64_t tile = m_tile0; tile < std::min(m_tile0 + m_tiles, lastBlock); ++tile) {
      const int64_t begin = tileBegin(tile);
      fillColumns(begin, tileEnd(tile), (tile + 1) * kBlockTokens - 1, vOf(tile),
                  m_vBounds.data() + (tile - m_tile0) * flat);
    }
    for (int64_t block = m_rowBlock0; block <= lastBlock; ++block) {
      feedback.checkpoint();
      const int64_t begin = block * kBlockTokens, end = begin + kBlockTokens;
      if (m_tile0 < block) joinBlocks(join, block, std::max(begin, m_row0), std::min(end, m_row1));
      joinDiagonal(join, begin, end);
    }
  }
}

/// Rows of one block by the columns of all blocks before it, from the nearest to the farthest.
template <typename T>
void GroupTile<T>::joinBlocks(Join join, int64_t block, int64_t row0, int64_t row1) {
  fillRows(block * kBlockTokens, row0, row1);
  const int64_t width = m_lanes * m_sumWidth;
  std::fill_n(m_sum.begin(), width, 0.0);
  std::fill(m_largest.begin(), m_largest.end(), T(0));
  for (int64_t tile = block - 1; tile >= m_tile0; --tile) {
    if (tile < m_tile0 + m_tiles) joinBlock(join, tile, row0, row1);
    const double* decays = m_crossings.logDecay(m_lane0, tile);
    for (int64_t i = 0; i < width; ++i) m_sum[i] += decays[i];
  }
}

/// The decays between a block of rows and a tile of columns, and which states are worth their products:
/// `m_alive`, and of each lane how many up to its last one.
template <typename T>
void GroupTile<T>::findAlive(int64_t tile) {
  const double* sum = m_sum.data();
  T* between = m_between.data();
  for (int64_t l = 0; l < m_lanes; ++l) {
    const T* rate = m_view.logDecay ? nullptr : m_view.rateOf(m_lane0 + l);
    for (int64_t n = 0; n < m_state; ++n, ++between) {
      *between = static_cast<T>(rate ? sum[l] * static_cast<double>(rate[n]) : sum[l * m_state + n]);
    }
  }
  m_kernels.decays(m_between.data(), m_lanes * m_state);
  const T* vBounds = m_vBounds.data() + (tile - m_tile0) * kGroupLanes * m_state;
  m_alive.clear();
  for (int64_t l = 0; l < m_lanes; ++l) {
    T bound = T(0);
    for (int64_t i = l * m_state; i < (l + 1) * m_state; ++i) {
      m_bounds[i] = m_uBounds[i] * m_between[i] * vBounds[i];
      bound += m_bounds[i];
    }
    if (bound > m_largest[l]) m_largest[l] = bound;
    const T least = this->kDeadShare * m_largest[l] / static_cast<T>(m_state);
    m_inner[l] = 0;
    for (int64_t n = 0; n < m_state; ++n) {
      const int64_t i = l * m_state + n;
      if (m_bounds[i] < least || m_bounds[i] == T(0)) continue;  // a NaN is neither
      m_alive.push_back(static_cast<int32_t>(i));
      m_inner[l] = n + 1;
    }
  }
}

template <typename T>
void GroupTile<T>::joinBlock(Join join, int64_t tile, int64_t row0, int64_t row1) {
  findAlive(tile);
  if (m_alive.empty()) return;
  const int64_t flat = m_lanes * m_state, begin = tileBegin(tile), cols = tileEnd(tile) - begin;
  const int64_t rows = row1 - row0;
  const T* v = vOf(tile);
  T* entries = entry(row0, begin);
  // Few states of all lanes fill a vector; many are scaled lane by lane, and then stay in the nearest cache.
  const bool isWhole = isSum(join) || m_state < kGroupLanes;
  if (isWhole)
    m_kernels.scale(m_u.data(), m_uStride, m_between.data(), rows, flat, m_scaledU.data(), m_uStride);
  if (isSum(join)) {
    m_kernels.addSome(m_alive.data(), static_cast<int64_t>(m_alive.size()), m_scaledU.data(), m_uStride, v,
                      kBlockTokens, rows, cols, entries, kBlockTokens);
    return;
  }
  const int64_t stride = isWhole ? m_uStride : pooledSize(m_state, kPad) * kPad;
  for (int64_t l = 0; l < m_lanes; ++l) {
    const int64_t inner = m_inner[l], at = l * m_state;
    if (inner == 0) continue;
    const T* u = m_scaledU.data() + (isWhole ? at : 0);
    if (!isWhole) {
      m_kernels.scale(m_u.data() + at, m_uStride, m_between.data() + at, rows, inner, m_scaledU.data(),
                      stride);
    }
    m_kernels.multiply(join, u, stride, v + at * kBlockTokens, kBlockTokens, rows, cols, inner, entries,
                       kBlockTokens);
  }
}

/// Rows [begin, end) by the columns from begin − K + 1 on: the part below the middle is a product, the two
/// others are halved further.
template <typename T>
void GroupTile<T>::joinDiagonal(Join join, int64_t begin, int64_t end) {
  if (end <= m_row0 || begin >= m_row1 || end <= m_col0 || begin - m_reach >= m_colEnd) return;
  if (end - begin <= kLeafRows) {
    joinLeaf(join, begin, end);
    return;
  }
  const int64_t middle = begin + (end - begin) / 2;
  joinDiagonal(join, begin, middle);
  joinBelow(join, begin, middle, end);
  joinDiagonal(join, middle, end);
}

template <typename T>
void GroupTile<T>::joinBelow(Join join, int64_t begin, int64_t middle, int64_t end) {
  const int64_t top = std::max(middle, m_row0), bottom = std::min(end, m_row1);
  const int64_t left = std::max(begin - m_reach, m_col0), right = std::min(middle - m_reach, m_colEnd);
  if (top >= bottom || left >= right) return;
  fillColumns(left, right, middle - 1, m_smallV.data(), m_smallBounds.data());
  fillRows(middle, top, bottom);
  const int64_t inner = isSum(join) ? m_lanes * m_state : m_state;
  for (int64_t i = 0; i < m_lanes * m_state; i += inner) {
    m_kernels.multiply(join, m_u.data() + i, m_uStride, m_smallV.data() + i * kBlockTokens, kBlockTokens,
                       bottom - top, right - left, inner, entry(top, left), kBlockTokens);
  }
}

template <typename T>
void GroupTile<T>::joinLeaf(Join join, int64_t begin, int64_t end) {
  if (m_lanes < kGroupLanes) {
    addLeaf(join, m_fineLeaf, begin, end);
  } else {
    addLeaf(join, m_leaf, begin, end);
  }
}

template <typename T>
template <typename U>
void GroupTile<T>::addLeaf(Join join, LeafTile<T, U>& leaf, int64_t begin, int64_t end) {
  const int64_t row0 = std::max(begin, m_row0), row1 = std::min(end, m_row1);
  const int64_t col0 = std::max(begin - m_reach, m_col0), col1 = std::min(row1, m_colEnd);
  if (col0 >= col1 || row0 >= row1) return;
  const U* values = leaf.compute(join, std::max(row0, col0), row1, col0, col1);
  for (int64_t t = std::max(row0, col0); t < row1; ++t) {
    const U* row = values + (t - col0) * (col1 - col0);
    for (int64_t s = col0; s < std::min(t + 1, col1); ++s) {
      addJoined(join, static_cast<T>(row[s - col0]), *entry(t, s));
    }
  }
}

template <typename T>
void GroupTile<T>::copyRow(int64_t t, T* out) const {
  const int64_t end = m_col0 + this->attended(t);
  for (int64_t s = m_col0; s < end;) {
    const int64_t stop = std::min(end, tileEnd(tileOf(s)));
    const T* from = m_entries.data() + entryAt(t, s);
    out = std::copy(from, from + (stop - s), out);
    s = stop;
  }
}

template class GroupTile<float>;
template class GroupTile<double>;

}  // namespace uc
