// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/leaf_tile.h"

#include <algorithm>

namespace uc {

template <typename T, typename U>
LeafTile<T, U>::LeafTile(const FactorView<T>& view, int64_t rows, const T* x, bool isReversed)
    : m_view(view),
      m_x(x),
      m_isReversed(isReversed),
      m_kernels(leafKernels<U>()),
      m_state(view.state),
      m_queryOffsets(kGroupLanes),
      m_keyOffsets(kGroupLanes) {
  const int64_t tokens = rows + view.taps - 1;
  const auto lanes = static_cast<size_t>(kGroupLanes);
  m_shared.resize(static_cast<size_t>(m_state));
  m_rate.resize(lanes * static_cast<size_t>(m_state));
  m_weights.resize(lanes * static_cast<size_t>(view.taps));
  m_skip.resize(lanes * static_cast<size_t>(tokens));
  m_inputs.resize(m_skip.size());
  m_decays.resize(m_skip.size() * static_cast<size_t>(m_state));
  m_query.resize(m_decays.size());
  m_key.resize(m_decays.size());
  m_scratch.resize(m_skip.size() * static_cast<size_t>(tokens));
  m_entries.resize(static_cast<size_t>(tokens * tokens));
}

template <typename T, typename U>
void LeafTile<T, U>::setLanes(int64_t lane0, int64_t lane1) {
  m_lane0 = lane0;
  m_lanes = lane1 - lane0;
  for (std::vector<U>* values : {&m_rate, &m_weights, &m_decays, &m_skip, &m_inputs}) {
    std::fill(values->begin(), values->end(), U(0));  // lanes that are not there
  }
  for (int64_t l = 0; l < m_lanes; ++l) {
    m_queryOffsets[l] = m_view.queryGroup(lane0 + l) * m_state;
    m_keyOffsets[l] = m_view.keyGroup(lane0 + l) * m_state;
    for (int64_t j = 0; j < m_view.taps; ++j) {
      m_weights[j * kGroupLanes + l] = static_cast<U>(m_view.weight(lane0 + l, j));
    }
    for (int64_t n = 0; n < m_state && !m_view.logDecay; ++n) {
      m_rate[n * kGroupLanes + l] = static_cast<U>(m_view.rateOf(lane0 + l)[n]);
    }
  }
}

/// values[offsets[l] + n] times scale[l], by lane.
template <typename T, typename U>
void LeafTile<T, U>::fillFactors(const T* values, const std::vector<int64_t>& offsets, const U* scale,
                                 U* out) {
  const int64_t* offset = offsets.data();
  if (offset[0] == offset[m_lanes - 1]) {
    U* shared = m_shared.data();
    for (int64_t n = 0; n < m_state; ++n) shared[n] = static_cast<U>(values[offset[0] + n]);
    m_kernels.outer(shared, scale, m_state, out);
  } else {
    for (int64_t n = 0; n < m_state; ++n) {
      for (int64_t l = 0; l < m_lanes; ++l) {
        out[n * kGroupLanes + l] = static_cast<U>(values[offset[l] + n]) * scale[l];
      }
    }
  }
  for (int64_t n = 0; n < m_state; ++n) {  // not 0 · NaN
    for (int64_t l = m_lanes; l < kGroupLanes; ++l) out[n * kGroupLanes + l] = U(0);
  }
}

/// The factors of token t as the leaf's token `at`.
template <typename T, typename U>
void LeafTile<T, U>::fillToken(int64_t t, int64_t at, bool isRow) {
  U steps[kGroupLanes] = {}, scales[kGroupLanes] = {}, gates[kGroupLanes] = {};
  const int64_t offset = at * m_state * kGroupLanes;
  U* decays = m_decays.data() + offset;
  U* skip = m_skip.data() + at * kGroupLanes;
  U* inputs = m_inputs.data() + at * kGroupLanes;
  const int64_t first = t * m_view.lanes + m_lane0;
  const T* z = m_view.columnScale ? m_view.columnScale + first : nullptr;
  const T* gate = m_view.rowScale ? m_view.rowScale + first : nullptr;
  const T* step = m_view.hasStepInKey ? m_view.step + first : nullptr;
  for (int64_t l = 0; l < m_lanes; ++l) {
    scales[l] = z ? static_cast<U>(z[l]) : U(1);
    gates[l] = static_cast<U>(gate ? m_view.share * gate[l] : m_view.share);
  }
  for (int64_t l = 0; l < m_lanes && (m_view.skip || m_view.readsBeforeDecay); ++l) {
    U diagonal = m_view.skip ? static_cast<U>(m_view.skip[m_lane0 + l]) : U(0);
    if (m_view.readsBeforeDecay) diagonal += static_cast<U>(m_view.diagonalAt(t, m_lane0 + l));
    skip[l] = gates[l] * (diagonal * scales[l]);
  }
  for (int64_t l = 0; l < m_lanes && step; ++l) scales[l] *= static_cast<U>(step[l]);
  if (m_x) {
    const T* x = m_x + (m_isReversed ? m_view.tokens - 1 - t : t) * m_view.lanes + m_lane0;
    for (int64_t l = 0; l < m_lanes; ++l) inputs[l] = static_cast<U>(x[l]);
  }
  const T* values = m_view.logDecaysAt(t, m_lane0);
  for (int64_t l = 0; l < m_lanes && !m_view.logDecay; ++l) steps[l] = static_cast<U>(values[l]);
  for (int64_t n = 0; n < m_state && m_view.logDecay; ++n) {
    U* decay = decays + n * kGroupLanes;
    for (int64_t l = 0; l < m_lanes; ++l) decay[l] = static_cast<U>(values[l * m_state + n]);
    std::fill(decay + m_lanes, decay + kGroupLanes, U(0));  // where the last leaf's decay is
  }
  m_kernels.decays(m_view.logDecay ? nullptr : m_rate.data(), steps, m_state, decays);
  fillFactors(m_view.key + t * m_view.keyGroups * m_state, m_keyOffsets, scales, m_key.data() + offset);
  if (isRow) {
    fillFactors(m_view.query + t * m_view.queryStride(), m_queryOffsets, gates, m_query.data() + offset);
  }
}

template <typename T, typename U>
const U* LeafTile<T, U>::compute(Join join, int64_t row0, int64_t row1, int64_t col0, int64_t col1) {
  Leaf<U> leaf;
  leaf.tokens = row1 - col0;
  leaf.columns = col1 - col0;
  leaf.firstRow = row0 - col0;
  for (int64_t i = 0; i < leaf.tokens; ++i) fillToken(col0 + i, i, i >= leaf.firstRow);
  leaf.decays = m_decays.data();
  leaf.query = m_query.data();
  leaf.key = m_key.data();
  leaf.weights = m_weights.data();
  if (m_view.skip || m_view.readsBeforeDecay) leaf.skip = m_skip.data();
  if (m_x) leaf.columnScale = m_inputs.data();
  leaf.state = m_state;
  leaf.taps = m_view.taps;
  leaf.readsBeforeDecay = m_view.readsBeforeDecay;
  m_kernels.entries(leaf, join, m_scratch.data(), m_entries.data());
  return m_entries.data();
}

template class LeafTile<float, float>;
template class LeafTile<float, double>;
template class LeafTile<double, double>;

}  // namespace uc
