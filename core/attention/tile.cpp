// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/lane_tile.h"
#include "core/attention/merge.h"
#include "core/attention/operators.h"
#include "core/attention/parallel.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <memory>

namespace uc {
namespace {

// A unit of a map is merged as a whole, so its values and those of a slab of lanes stay in the second-level
// cache. Column factors are made anew for every unit: taller units share them among more rows.
constexpr int64_t kUnitRows = 256;
constexpr int64_t kUnitCols = 512;
// Lanes that are summed in T before they are summed in double: few enough not to lose digits.
constexpr int64_t kSlabLanes = 16;

struct Unit {
  int64_t row0 = 0, row1 = 0;
  int64_t col0 = 0, col1 = 0;
  size_t entries() const { return static_cast<size_t>((row1 - row0) * (col1 - col0)); }
};

/// The window in units, cut at multiples of blocks; without those above the diagonal, unless a map has
/// entries there.
std::vector<Unit> unitsOf(const Window& window, bool hasUpper) {
  std::vector<Unit> units;
  for (int64_t row = window.row0; row < window.row1;) {
    const int64_t rowEnd = std::min((row / kUnitRows + 1) * kUnitRows, window.row1);
    const int64_t colsEnd = hasUpper ? window.col1 : std::min(window.col1, rowEnd);
    for (int64_t col = window.col0; col < colsEnd;) {
      const int64_t colEnd = std::min((col / kUnitCols + 1) * kUnitCols, window.col1);
      units.push_back({row, rowEnd, col, colEnd});
      col = colEnd;
    }
    row = rowEnd;
  }
  return units;
}

/// Joins a value with those before it. NaN stays NaN; of equal magnitudes the earlier stays.
void addJoined(Join join, double value, double& sum) {
  if (join != Join::MaxAbs) {
    sum += value;
  } else if (!(std::abs(value) <= std::abs(sum) || std::isnan(sum))) {
    sum = value;
  }
}

/// The result of a tile: entries as they are, or pool × pool of them joined: sums that become means at the
/// end, or the entry of largest magnitude.
template <typename T>
class Sink {
 public:
  explicit Sink(const Window& window)
      : m_window(window),
        m_join(window.pooling == Pooling::MaxAbs ? Join::MaxAbs : Join::Sum),
        m_result(pooledSize(window.row1 - window.row0, window.pool),
                 pooledSize(window.col1 - window.col0, window.pool)) {
    if (window.pool > 1) m_sums.resize(m_result.values.size());
  }

  void add(const Unit& unit, const double* values) {
    const int64_t pool = m_window.pool, width = unit.col1 - unit.col0;
    for (int64_t t = unit.row0; t < unit.row1; ++t, values += width) {
      const int64_t row = (t - m_window.row0) / pool;
      if (pool == 1) {
        std::transform(values, values + width, m_result.row(row) + (unit.col0 - m_window.col0),
                       [](double value) { return static_cast<T>(value); });
        continue;
      }
      double* sums = m_sums.data() + row * m_result.cols;
      for (int64_t s = unit.col0; s < unit.col1; ++s)
        addJoined(m_join, values[s - unit.col0], sums[(s - m_window.col0) / pool]);
    }
  }

  MatrixOf<T> take() {
    const int64_t pool = m_window.pool;
    for (int64_t row = 0; row < m_result.rows && pool > 1; ++row) {
      const int64_t height = std::min(pool, m_window.row1 - m_window.row0 - row * pool);
      for (int64_t col = 0; col < m_result.cols; ++col) {
        const int64_t width = std::min(pool, m_window.col1 - m_window.col0 - col * pool);
        const double sum = m_sums[static_cast<size_t>(row * m_result.cols + col)];
        m_result.at(row, col) =
            static_cast<T>(m_join == Join::MaxAbs ? sum : sum / static_cast<double>(height * width));
      }
    }
    return std::move(m_result);
  }

 private:
  const Window m_window;
  const Join m_join;  // of the entries under a pooled one
  MatrixOf<T> m_result;
  std::vector<double> m_sums;  // as m_result; empty when nothing is pooled
};

/// One call of tile: computes units of the map, alone or shared among threads. A slab of lanes is a number of
/// whole scans, so that no α is computed twice for a unit.
template <typename T>
class MapCut {
 public:
  MapCut(const LayerFactors& layer, const MapQuery& query, const Window& window, const Feedback& feedback)
      : m_directions(directionsOf<T>(layer, query.terms)),
        m_query(query),
        m_feedback(feedback),
        m_join(query.lanes.merge ? joinOf(*query.lanes.merge) : Join::One),
        m_lanes(layer.lanes),
        m_scanLanes(layer.lanes / layer.scans),
        m_scan0(query.lanes.first / m_scanLanes),
        m_scan1((query.lanes.last - 1) / m_scanLanes + 1),
        m_slabScans(std::max<int64_t>(kSlabLanes / m_scanLanes, 1)),
        m_x(query.timesInput ? layer.x.data_ptr<T>() : nullptr) {
    for (const DirectedView<T>& direction : m_directions) {
      const int64_t l = direction.view.tokens;
      const int64_t begin = direction.isReversed ? l - window.col1 : window.col0;
      const int64_t end = direction.isReversed ? l - window.row0 : window.row1;
      m_crossings.push_back(std::make_unique<Crossings<T>>(direction.view, m_scan0, m_scan1, begin,
                                                           std::max(begin, end), window.row1 - window.row0,
                                                           feedback));
    }
  }

  int64_t slabs() const { return pooledSize(m_scan1 - m_scan0, m_slabScans); }

  struct Scratch {
    std::vector<LaneTile<T>> tiles;  // one a direction
    std::vector<T> direction;        // one row of one lane in one direction
    std::vector<T> row;              // and in all
    std::vector<T> inputs;           // x, [lanes of a scan, unit columns]
    std::vector<T> joined;           // a slab's lanes, [unit rows, unit columns]
    std::vector<double> sums;        // the same when they are more than kSlabLanes
  };

  Scratch makeScratch() const {
    Scratch scratch;
    for (size_t i = 0; i < m_directions.size(); ++i) {
      scratch.tiles.emplace_back(m_directions[i].view, *m_crossings[i]);
    }
    scratch.direction.resize(kUnitCols);
    scratch.row.resize(kUnitCols);
    return scratch;
  }

  /// The lanes of one slab joined, into scratch.joined or scratch.sums.
  void computeSlab(const Unit& unit, int64_t slab, Scratch& scratch) const {
    scratch.joined.assign(unit.entries(), T(0));
    if (hasSums()) scratch.sums.assign(unit.entries(), 0.0);
    for (size_t i = 0; i < m_directions.size(); ++i) {
      const int64_t l = m_directions[i].view.tokens;
      if (m_directions[i].isReversed) {
        scratch.tiles[i].setPanel(l - unit.col1, l - unit.col0, l - unit.row0);
      } else {
        scratch.tiles[i].setPanel(unit.col0, unit.col1, unit.row1);
      }
    }
    const int64_t begin = m_scan0 + slab * m_slabScans;
    for (int64_t scan = begin; scan < std::min(begin + m_slabScans, m_scan1); ++scan) {
      computeScan(unit, scan, scratch);
    }
  }

  /// Joins a finished slab with those before it. In double, and in the order of lanes.
  void addSlab(const Scratch& scratch, std::vector<double>& values) const {
    for (size_t i = 0; i < values.size(); ++i) {
      addJoined(m_join, hasSums() ? scratch.sums[i] : static_cast<double>(scratch.joined[i]), values[i]);
    }
  }

  void finish(std::vector<double>& values) const {
    if (!m_query.lanes.merge) return;
    const auto count = static_cast<double>(m_query.lanes.count());
    for (double& value : values) value = finishMerge(*m_query.lanes.merge, value, count);
  }

 private:
  bool hasSums() const { return m_scanLanes > kSlabLanes; }

  void computeScan(const Unit& unit, int64_t scan, Scratch& scratch) const {
    const int64_t lane0 = std::max(scan * m_scanLanes, m_query.lanes.first);
    const int64_t lane1 = std::min((scan + 1) * m_scanLanes, m_query.lanes.last);
    m_feedback.checkpoint();
    for (LaneTile<T>& tile : scratch.tiles) tile.setScan(scan, lane0, lane1);
    if (m_x) gatherInputs(unit, lane0, lane1, scratch);
    for (int64_t row0 = unit.row0; row0 < unit.row1;) {
      m_feedback.checkpoint();
      const int64_t row1 = std::min((row0 / kBlockTokens + 1) * kBlockTokens, unit.row1);
      for (size_t i = 0; i < m_directions.size(); ++i) {
        const bool isReversed = m_directions[i].isReversed;
        const int64_t l = m_directions[i].view.tokens;
        scratch.tiles[i].setRows(isReversed ? l - row1 : row0, isReversed ? l - row0 : row1);
      }
      for (int64_t first = lane0; first < lane1; first += kSlabLanes) {
        for (int64_t d = first; d < std::min(first + kSlabLanes, lane1); ++d) {
          for (LaneTile<T>& tile : scratch.tiles) tile.setLane(d);
          for (int64_t t = row0; t < row1; ++t) joinRow(unit, d, lane0, t, scratch);
        }
        if (hasSums()) moveToSums(unit, row0, row1, scratch);
      }
      row0 = row1;
    }
  }

  void gatherInputs(const Unit& unit, int64_t lane0, int64_t lane1, Scratch& scratch) const {
    const int64_t width = unit.col1 - unit.col0;
    scratch.inputs.resize(static_cast<size_t>((lane1 - lane0) * width));
    for (int64_t i = 0; i < width; ++i) {
      const T* x = m_x + (unit.col0 + i) * m_lanes;
      for (int64_t d = lane0; d < lane1; ++d) scratch.inputs[(d - lane0) * width + i] = x[d];
    }
  }

  /// Row t of one lane: the sum of its directions, joined with the lanes before it.
  void joinRow(const Unit& unit, int64_t lane, int64_t lane0, int64_t t, Scratch& scratch) const {
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

  /// Into scratch.row; returns which of the unit's columns have a value there.
  struct Span {
    int64_t begin, end;
  };
  Span sumDirections(int64_t t, int64_t width, Scratch& scratch) const {
    T* row = scratch.row.data();
    if (m_directions.size() == 1 && !m_directions[0].isReversed) {
      scratch.tiles[0].row(t, row);
      return {0, scratch.tiles[0].attended(t)};
    }
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
  void moveToSums(const Unit& unit, int64_t row0, int64_t row1, Scratch& scratch) const {
    const int64_t width = unit.col1 - unit.col0;
    for (int64_t i = (row0 - unit.row0) * width; i < (row1 - unit.row0) * width; ++i) {
      addJoined(m_join, static_cast<double>(scratch.joined[i]), scratch.sums[i]);
      scratch.joined[i] = T(0);
    }
  }

  const std::vector<DirectedView<T>> m_directions;
  std::vector<std::unique_ptr<Crossings<T>>> m_crossings;  // one a direction
  const Kernels<T>& m_kernels = kernels<T>();
  const MapQuery m_query;
  const Feedback& m_feedback;
  const Join m_join;
  const int64_t m_lanes;
  const int64_t m_scanLanes;  // D / C
  const int64_t m_scan0, m_scan1;
  const int64_t m_slabScans;
  const T* m_x;  // [L, D] in picture order; null when entries are not multiplied by it
};

constexpr std::string_view kStage = "Computing the map";

/// Many lanes: threads share the slabs of one unit after another.
template <typename T>
void cutBySlabs(const MapCut<T>& cut, const std::vector<Unit>& units, Sink<T>& sink,
                const Feedback& feedback) {
  std::vector<typename MapCut<T>::Scratch> scratch;
  for (int64_t w = 0; w < workersFor(cut.slabs()); ++w) scratch.push_back(cut.makeScratch());
  const auto share = 1.0 / static_cast<double>(units.size());
  double done = 0.0;
  for (const Unit& unit : units) {
    std::vector<double> values(unit.entries());
    parallelInOrder(
        cut.slabs(),
        [&](int64_t slab, int64_t w) { cut.computeSlab(unit, slab, scratch[static_cast<size_t>(w)]); },
        [&](int64_t, int64_t w) { cut.addSlab(scratch[static_cast<size_t>(w)], values); }, kStage,
        feedback.part(done, done + share));
    cut.finish(values);
    sink.add(unit, values.data());
    done += share;
  }
}

/// Few lanes: every thread has units of its own.
template <typename T>
void cutByUnits(const MapCut<T>& cut, const std::vector<Unit>& units, Sink<T>& sink,
                const Feedback& feedback) {
  const auto count = static_cast<int64_t>(units.size());
  std::vector<typename MapCut<T>::Scratch> scratch;
  for (int64_t w = 0; w < workersFor(count); ++w) scratch.push_back(cut.makeScratch());
  std::vector<std::vector<double>> values(scratch.size());
  parallelInOrder(
      count,
      [&](int64_t u, int64_t w) {
        const Unit& unit = units[static_cast<size_t>(u)];
        std::vector<double>& mine = values[static_cast<size_t>(w)];
        mine.assign(unit.entries(), 0.0);
        for (int64_t slab = 0; slab < cut.slabs(); ++slab) {
          cut.computeSlab(unit, slab, scratch[static_cast<size_t>(w)]);
          cut.addSlab(scratch[static_cast<size_t>(w)], mine);
        }
        cut.finish(mine);
      },
      [&](int64_t u, int64_t w) {
        sink.add(units[static_cast<size_t>(u)], values[static_cast<size_t>(w)].data());
      },
      kStage, feedback);
}

}  // namespace

template <typename T>
MatrixOf<T> tile(const LayerFactors& layer, const MapQuery& query, const Window& window,
                 const Feedback& feedback) {
  assert(0 <= query.lanes.first && query.lanes.first < query.lanes.last && query.lanes.last <= layer.lanes);
  assert(query.lanes.merge || query.lanes.count() == 1);
  assert(0 <= window.row0 && window.row0 < window.row1 && window.row1 <= layer.tokens);
  assert(0 <= window.col0 && window.col0 < window.col1 && window.col1 <= layer.tokens && window.pool >= 1);
  feedback.checkpoint();
  Sink<T> sink(window);
  const bool hasUpper = layer.backward && query.terms.direction != Direction::Forward;
  const std::vector<Unit> units = unitsOf(window, hasUpper);
  if (!units.empty()) {
    const MapCut<T> cut(layer, query, window, feedback);
    if (cut.slabs() >= 2 * threadCount()) {
      cutBySlabs(cut, units, sink, feedback);
    } else {
      cutByUnits(cut, units, sink, feedback);
    }
  }
  return sink.take();
}

template Matrix tile(const LayerFactors&, const MapQuery&, const Window&, const Feedback&);
template Matrix64 tile(const LayerFactors&, const MapQuery&, const Window&, const Feedback&);

}  // namespace uc
