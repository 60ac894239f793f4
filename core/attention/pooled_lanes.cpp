// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/pooled_lanes.h"

#include <algorithm>

namespace uc {

template <typename T>
PooledLanes<T>::PooledLanes(const FactorView<T>& view, const LaneSpan& span, bool timesInput)
    : m_view(view),
      m_timesInput(timesInput),
      m_feedsDiffer(view.columnScale || view.tapWeights || timesInput),
      m_gatesDiffer(view.rowScale != nullptr) {
  const bool needsAll = m_feedsDiffer && m_gatesDiffer;
  for (int64_t lane = span.first; lane < span.last;) {
    const int64_t scan = view.scanOf(lane);
    const int64_t end = needsAll ? lane + 1 : std::min((scan + 1) * view.lanesPerScan(), span.last);
    m_states.push_back({scan, lane, end});
    lane = end;
  }
}

template <typename T>
void PooledLanes<T>::setStates(int64_t first, int64_t last) {
  m_first = first;
  m_last = last;
  m_lane0 = m_states[static_cast<size_t>(first)].lane0;
  const auto lanes = static_cast<size_t>(m_states[static_cast<size_t>(last - 1)].lane1 - m_lane0);
  m_feeds.assign(lanes, T(1));
  m_gates.assign(lanes, m_view.share);
  if (!m_view.tapWeights) return;
  m_wholeWeights.assign(lanes, T(0));
  m_tapWeights.resize(lanes * static_cast<size_t>(m_view.taps));
  for (int64_t j = 0; j < m_view.taps; ++j) {
    for (size_t i = 0; i < lanes; ++i) {
      const T weight = m_view.weight(m_lane0 + static_cast<int64_t>(i), j);
      m_tapWeights[static_cast<size_t>(j) * lanes + i] = weight;
      m_wholeWeights[i] += weight;
    }
  }
}

template <typename T>
void PooledLanes<T>::feeds(int64_t u, int64_t col0, int64_t col1, T* out) {
  const size_t lanes = m_feeds.size();
  const int64_t first = std::max<int64_t>(u - col1 + 1, 0), last = std::min(m_view.taps - 1, u - col0);
  T* sums = m_feeds.data();
  if (!m_view.tapWeights && !m_timesInput) {
    std::fill_n(sums, lanes, T(1));
  } else if (!m_timesInput && first == 0 && last == m_view.taps - 1) {
    std::copy_n(m_wholeWeights.data(), lanes, sums);
  } else {
    std::fill_n(sums, lanes, T(0));
    for (int64_t j = first; j <= last; ++j) {
      const T* weights = m_view.tapWeights ? m_tapWeights.data() + static_cast<size_t>(j) * lanes : nullptr;
      const T* x = m_timesInput ? m_view.x + (u - j) * m_view.lanes + m_lane0 : nullptr;
      for (size_t i = 0; i < lanes; ++i) sums[i] += (weights ? weights[i] : T(1)) * (x ? x[i] : T(1));
    }
  }
  if (m_view.columnScale) {
    const T* scale = m_view.columnScale + u * m_view.lanes + m_lane0;
    askAhead(m_view.columnScale, u, m_view.tokens, m_view.lanes, m_lane0, static_cast<int64_t>(lanes));
    for (size_t i = 0; i < lanes; ++i) sums[i] *= scale[i];
  }
  sumLanes(m_feeds, !m_feedsDiffer, out);
}

template <typename T>
void PooledLanes<T>::gates(int64_t t, T* out) {
  if (m_view.rowScale) {
    const T* scale = m_view.rowScale + t * m_view.lanes + m_lane0;
    askAhead(m_view.rowScale, t, m_view.tokens, m_view.lanes, m_lane0, static_cast<int64_t>(m_gates.size()));
    for (size_t i = 0; i < m_gates.size(); ++i) m_gates[i] = m_view.share * scale[i];
  }
  // Lanes that neither are fed nor read differently count once each, here.
  sumLanes(m_gates, m_feedsDiffer, out);
}

/// Of the lanes of each state: their sum, or that of any one of them.
template <typename T>
void PooledLanes<T>::sumLanes(const std::vector<T>& values, bool areEqual, T* out) const {
  if (values.size() == static_cast<size_t>(count())) {
    std::copy(values.begin(), values.end(), out);
    return;
  }
  for (int64_t i = 0; i < count(); ++i) {
    const PooledLane& state = m_states[static_cast<size_t>(m_first + i)];
    const T* first = values.data() + (state.lane0 - m_lane0);
    T sum = *first;
    for (const T* value = first + 1; value < first + (state.lane1 - state.lane0) && !areEqual; ++value)
      sum += *value;
    out[i] = sum;
  }
}

template <typename T>
double PooledLanes<T>::onDiagonal(const double* diagonals) const {
  double sum = 0.0;
  for (int64_t i = 0; i < count(); ++i) {
    const PooledLane& state = m_states[static_cast<size_t>(m_first + i)];
    for (int64_t lane = state.lane0; lane < state.lane1; ++lane) {
      const auto at = static_cast<size_t>(lane - m_lane0);
      double own = diagonals ? diagonals[i] : 0.0;
      if (m_view.skip) own += static_cast<double>(m_view.skip[lane]);
      sum += static_cast<double>(m_gates[at]) * own * static_cast<double>(m_feeds[at]);
    }
  }
  return sum;
}

template class PooledLanes<float>;
template class PooledLanes<double>;

}  // namespace uc
