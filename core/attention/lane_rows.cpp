// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/lane_rows.h"

#include <algorithm>

namespace uc {

template <typename T>
std::vector<std::unique_ptr<Crossings<T>>> crossingsOf(const std::vector<DirectedView<T>>& directions,
                                                       int64_t rows, const Feedback& feedback) {
  std::vector<std::unique_ptr<Crossings<T>>> list;
  for (const auto& [view, isReversed] : directions)
    list.push_back(std::make_unique<Crossings<T>>(view, 0, view.scans, 0, view.tokens, rows, feedback));
  return list;
}

template <typename T>
LaneRows<T>::LaneRows(const std::vector<DirectedView<T>>& directions,
                      const std::vector<std::unique_ptr<Crossings<T>>>& crossings)
    : m_directions(directions), m_tokens(directions.front().view.tokens) {
  for (size_t i = 0; i < directions.size(); ++i) {
    m_tiles.emplace_back(directions[i].view, *crossings[i]);
    m_hasUpper = m_hasUpper || directions[i].isReversed;
  }
}

template <typename T>
void LaneRows<T>::setPanel(int64_t col0, int64_t col1) {
  m_col0 = col0;
  m_width = col1 - col0;
  m_row.resize(static_cast<size_t>(m_width));
  m_part.resize(m_row.size());
  for (size_t i = 0; i < m_tiles.size(); ++i) {
    const bool isReversed = m_directions[i].isReversed;
    m_tiles[i].setPanel(isReversed ? m_tokens - col1 : col0, isReversed ? m_tokens - col0 : col1, m_tokens);
  }
}

template <typename T>
void LaneRows<T>::setScan(int64_t scan, int64_t lane0, int64_t lane1) {
  for (LaneTile<T>& tile : m_tiles) tile.setScan(scan, lane0, lane1);
}

template <typename T>
void LaneRows<T>::setRows(int64_t row0, int64_t row1) {
  for (size_t i = 0; i < m_tiles.size(); ++i) {
    const bool isReversed = m_directions[i].isReversed;
    m_tiles[i].setRows(isReversed ? m_tokens - row1 : row0, isReversed ? m_tokens - row0 : row1);
  }
}

template <typename T>
void LaneRows<T>::setLane(int64_t lane) {
  for (LaneTile<T>& tile : m_tiles) tile.setLane(lane);
}

template <typename T>
int64_t LaneRows<T>::attended(int64_t t) const {
  return m_hasUpper ? m_width : m_tiles.front().attended(t);
}

template <typename T>
const T* LaneRows<T>::row(int64_t t) {
  if (!m_hasUpper) {
    m_tiles.front().row(t, m_row.data());
    return m_row.data();
  }
  std::fill(m_row.begin(), m_row.end(), T(0));
  for (size_t i = 0; i < m_tiles.size(); ++i) {
    const int64_t token = m_directions[i].picture(t), count = m_tiles[i].attended(token);
    m_tiles[i].row(token, m_part.data());
    T* last = m_row.data() + m_width - 1;
    for (int64_t s = 0; s < count; ++s) (m_directions[i].isReversed ? *(last - s) : m_row[s]) += m_part[s];
  }
  return m_row.data();
}

#define UC_INSTANTIATE(T)                                                                              \
  template std::vector<std::unique_ptr<Crossings<T>>> crossingsOf(const std::vector<DirectedView<T>>&, \
                                                                  int64_t, const Feedback&);           \
  template class LaneRows<T>;
UC_INSTANTIATE(float)
UC_INSTANTIATE(double)
#undef UC_INSTANTIATE

}  // namespace uc
