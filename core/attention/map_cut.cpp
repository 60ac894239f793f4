// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/map_cut.h"

#include "core/attention/group_tile.h"
#include "core/attention/head_group.h"
#include "core/attention/log_sum_group.h"
#include "core/attention/merge.h"

#include <algorithm>

namespace uc {
namespace {

// Lanes that are summed in T before they are summed in double: few enough not to lose digits, many enough
// that it costs little.
constexpr int64_t kSlabLanes = 64;
constexpr int64_t kFewTermLanes = 128;  // where states are not terms of the same sum

}  // namespace

template <typename T>
MapCut<T>::MapCut(const LayerFactors& layer, const MapQuery& query, const Window& window,
                  const Feedback& feedback)
    : m_directions(directionsOf<T>(layer, query.terms)),
      m_query(query),
      m_feedback(feedback),
      m_join(query.lanes.merge ? joinOf(*query.lanes.merge) : Join::One),
      m_lanes(layer.lanes),
      m_scanLanes(layer.lanes / layer.scans),
      m_scan0(query.lanes.first / m_scanLanes),
      m_scan1((query.lanes.last - 1) / m_scanLanes + 1),
      m_isGrouped(m_directions.size() == 1 && query.lanes.count() > 1 &&
                  (isGrouped(m_directions[0].view) || isLogSumGroup(m_directions[0].view, m_join) ||
                   isHeadGroup(m_directions[0].view, m_join))),
      m_slabScans(std::max<int64_t>((hasFewTerms() ? kFewTermLanes : kSlabLanes) / m_scanLanes, 1)),
      m_x(query.timesInput ? layer.x.data_ptr<T>() : nullptr) {
  for (const DirectedView<T>& direction : m_directions) {
    const int64_t l = direction.view.tokens;
    const int64_t begin = direction.isReversed ? l - window.col1 : window.col0;
    const int64_t end = direction.isReversed ? l - window.row0 : window.row1;
    m_crossings.push_back(std::make_unique<Crossings<T>>(
        direction.view, m_scan0, m_scan1, begin, std::max(begin, end), window.row1 - window.row0, feedback));
  }
}

template <typename T>
bool MapCut<T>::hasFewTerms() const {
  return m_isGrouped && (m_scanLanes > 1 || m_directions[0].view.state == 1);
}

template <typename T>
typename MapCut<T>::Scratch MapCut<T>::makeScratch() const {
  Scratch scratch;
  if (m_isGrouped) {
    const auto& [view, isReversed] = m_directions[0];
    if (view.kind == ScanKind::LogSum) {
      scratch.joinedTile = std::make_unique<LogSumGroup<T>>(view, m_x, isReversed);
    } else if (m_scanLanes > 1) {
      scratch.joinedTile = std::make_unique<HeadGroup<T>>(view, *m_crossings[0], m_x, isReversed);
    } else {
      scratch.joinedTile = std::make_unique<GroupTile<T>>(view, *m_crossings[0], m_x, isReversed);
    }
    scratch.row.resize(kUnitCols);
    return scratch;
  }
  for (size_t i = 0; i < m_directions.size(); ++i) {
    scratch.tiles.emplace_back(m_directions[i].view, *m_crossings[i]);
  }
  scratch.direction.resize(kUnitCols);
  scratch.row.resize(kUnitCols);
  return scratch;
}

template <typename T>
bool MapCut<T>::hasSums() const {
  return std::min(m_scanLanes, m_query.lanes.count()) > kSlabLanes;
}

template <typename T>
void MapCut<T>::computeSlab(const Unit& unit, int64_t slab, Scratch& scratch) const {
  const int64_t begin = m_scan0 + slab * m_slabScans, end = std::min(begin + m_slabScans, m_scan1);
  for (size_t i = 0; i < m_directions.size(); ++i) {
    const bool isReversed = m_directions[i].isReversed;
    const int64_t l = m_directions[i].view.tokens;
    const int64_t col0 = isReversed ? l - unit.col1 : unit.col0,
                  col1 = isReversed ? l - unit.col0 : unit.col1;
    const int64_t row0 = isReversed ? l - unit.row1 : unit.row0,
                  row1 = isReversed ? l - unit.row0 : unit.row1;
    if (m_isGrouped) {
      scratch.joinedTile->setUnit(row0, row1, col0, col1);
      scratch.joinedTile->joinLanes(m_join, std::max(begin * m_scanLanes, m_query.lanes.first),
                                    std::min(end * m_scanLanes, m_query.lanes.last), m_feedback);
      return;
    }
    scratch.tiles[i].setPanel(col0, col1, row1);
  }
  scratch.joined.assign(unit.entries(), T(0));
  if (hasSums()) scratch.sums.assign(unit.entries(), 0.0);
  for (int64_t scan = begin; scan < end; ++scan) computeScan(unit, scan, scratch);
}

template <typename T>
void MapCut<T>::addSlab(const Unit& unit, Scratch& scratch, std::vector<double>& values) const {
  const auto count = static_cast<int64_t>(values.size());
  if (m_isGrouped) {
    addGroups(unit, *scratch.joinedTile, scratch.row, values);
  } else if (hasSums()) {
    tileKernels<double>().addTo(m_join, scratch.sums.data(), count, values.data());
  } else {
    tileKernels<T>().addTo(m_join, scratch.joined.data(), count, values.data());
  }
}

template <typename T>
void MapCut<T>::addGroups(const Unit& unit, const JoinedTile<T>& tile, std::vector<T>& row,
                          std::vector<double>& values) const {
  const TileKernels<T>& tileKernel = tileKernels<T>();
  const int64_t width = unit.col1 - unit.col0;
  const bool isReversed = m_directions[0].isReversed;
  for (int64_t t = unit.row0; t < unit.row1; ++t) {
    const int64_t token = m_directions[0].picture(t), count = tile.attended(token);
    if (count == 0) continue;
    tile.copyRow(token, row.data());
    if (isReversed) std::reverse(row.data(), row.data() + count);
    double* sums = values.data() + (t - unit.row0) * width + (isReversed ? width - count : 0);
    tileKernel.addTo(m_join, row.data(), count, sums);
  }
}

template <typename T>
void MapCut<T>::finish(std::vector<double>& values) const {
  if (!m_query.lanes.merge) return;
  const auto count = static_cast<double>(m_query.lanes.count());
  for (double& value : values) value = finishMerge(*m_query.lanes.merge, value, count);
}

template <typename T>
void MapCut<T>::computeScan(const Unit& unit, int64_t scan, Scratch& scratch) const {
  const int64_t lane0 = std::max(scan * m_scanLanes, m_query.lanes.first);
  const int64_t lane1 = std::min((scan + 1) * m_scanLanes, m_query.lanes.last);
  const int64_t width = unit.col1 - unit.col0;
  const bool isForward = m_directions.size() == 1 && !m_directions[0].isReversed;
  m_feedback.checkpoint();
  for (LaneTile<T>& tile : scratch.tiles) tile.setScan(scan, lane0, lane1);
  if (m_x) gatherInputs(unit, lane0, lane1, scratch);
  if (isForward) scratch.tiles[0].setInputs(m_x ? scratch.inputs.data() : nullptr, width);
  for (int64_t row0 = unit.row0; row0 < unit.row1;) {
    m_feedback.checkpoint();
    const int64_t row1 = std::min((row0 / kBlockTokens + 1) * kBlockTokens, unit.row1);
    for (size_t i = 0; i < m_directions.size(); ++i) {
      const bool isReversed = m_directions[i].isReversed;
      const int64_t l = m_directions[i].view.tokens;
      scratch.tiles[i].setRows(isReversed ? l - row1 : row0, isReversed ? l - row0 : row1);
    }
    for (int64_t first = lane0; first < lane1; first += kSlabLanes) {
      const int64_t last = std::min(first + kSlabLanes, lane1);
      if (isForward) {
        T* joined = scratch.joined.data() + (row0 - unit.row0) * width;
        scratch.tiles[0].joinRows(m_join, first, last, joined, width);
      }
      for (int64_t d = first; d < last && !isForward; ++d) {
        for (LaneTile<T>& tile : scratch.tiles) tile.setLane(d);
        for (int64_t t = row0; t < row1; ++t) joinRow(unit, d, lane0, t, scratch);
      }
      if (hasSums()) moveToSums(unit, row0, row1, scratch);
    }
    row0 = row1;
  }
}

template <typename T>
void MapCut<T>::gatherInputs(const Unit& unit, int64_t lane0, int64_t lane1, Scratch& scratch) const {
  const int64_t width = unit.col1 - unit.col0;
  scratch.inputs.resize(static_cast<size_t>((lane1 - lane0) * width));
  for (int64_t i = 0; i < width; ++i) {
    const T* x = m_x + (unit.col0 + i) * m_lanes;
    for (int64_t d = lane0; d < lane1; ++d) scratch.inputs[(d - lane0) * width + i] = x[d];
  }
}

/// Row t of one lane: the sum of its directions, joined with the lanes before it.
template <typename T>
void MapCut<T>::joinRow(const Unit& unit, int64_t lane, int64_t lane0, int64_t t, Scratch& scratch) const {
  const int64_t width = unit.col1 - unit.col0;
  const Span span = sumDirections(t, width, scratch);
  T* row = scratch.row.data() + span.begin;
  const int64_t count = span.end - span.begin;
  if (m_x) {
    const T* x = scratch.inputs.data() + (lane - lane0) * width + span.begin;
    m_kernels.scaleRows(row, x, 1, count, row);
  }
  m_kernels.join(m_join, row, count, scratch.joined.data() + (t - unit.row0) * width + span.begin);
}

/// Into scratch.row.
template <typename T>
typename MapCut<T>::Span MapCut<T>::sumDirections(int64_t t, int64_t width, Scratch& scratch) const {
  T* row = scratch.row.data();
  std::fill_n(row, width, T(0));
  Span span{width, 0};
  for (size_t i = 0; i < m_directions.size(); ++i) {
    const int64_t token = m_directions[i].picture(t);
    const int64_t count = scratch.tiles[i].attended(token);
    const T* values = scratch.direction.data();
    scratch.tiles[i].row(token, scratch.direction.data());
    const bool isReversed = m_directions[i].isReversed;
    for (int64_t s = 0; s < count; ++s) row[isReversed ? width - 1 - s : s] += values[s];
    if (count == 0) continue;
    span.begin = std::min(span.begin, isReversed ? width - count : 0);
    span.end = std::max(span.end, isReversed ? width : count);
  }
  return span.begin < span.end ? span : Span{0, 0};
}

/// Lanes are few before they are summed in double.
template <typename T>
void MapCut<T>::moveToSums(const Unit& unit, int64_t row0, int64_t row1, Scratch& scratch) const {
  const int64_t width = unit.col1 - unit.col0, begin = (row0 - unit.row0) * width,
                count = (row1 - row0) * width;
  T* joined = scratch.joined.data() + begin;
  tileKernels<T>().addTo(m_join, joined, count, scratch.sums.data() + begin);
  std::fill_n(joined, count, T(0));
}

template class MapCut<float>;
template class MapCut<double>;

}  // namespace uc
