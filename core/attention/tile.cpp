// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/lane_tile.h"
#include "core/attention/merge.h"
#include "core/attention/operators.h"
#include "core/attention/parallel.h"

#include <algorithm>
#include <cassert>
#include <cmath>

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

/// The window in units, without those above the diagonal. Cut at multiples of blocks.
std::vector<Unit> unitsOf(const Window& window) {
  std::vector<Unit> units;
  for (int64_t row = window.row0; row < window.row1;) {
    const int64_t rowEnd = std::min((row / kUnitRows + 1) * kUnitRows, window.row1);
    for (int64_t col = window.col0; col < std::min(window.col1, rowEnd);) {
      const int64_t colEnd = std::min((col / kUnitCols + 1) * kUnitCols, window.col1);
      units.push_back({row, rowEnd, col, colEnd});
      col = colEnd;
    }
    row = rowEnd;
  }
  return units;
}

int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

/// The result of a tile: entries as they are, or sums over pool × pool of them that become means at the end.
template <typename T>
class Sink {
 public:
  explicit Sink(const Window& window)
      : m_window(window),
        m_result(ceilDiv(window.row1 - window.row0, window.pool),
                 ceilDiv(window.col1 - window.col0, window.pool)) {
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
        sums[(s - m_window.col0) / pool] += values[s - unit.col0];
    }
  }

  MatrixOf<T> take() {
    const int64_t pool = m_window.pool;
    for (int64_t row = 0; row < m_result.rows && pool > 1; ++row) {
      const int64_t height = std::min(pool, m_window.row1 - m_window.row0 - row * pool);
      for (int64_t col = 0; col < m_result.cols; ++col) {
        const int64_t width = std::min(pool, m_window.col1 - m_window.col0 - col * pool);
        const double sum = m_sums[static_cast<size_t>(row * m_result.cols + col)];
        m_result.at(row, col) = static_cast<T>(sum / static_cast<double>(height * width));
      }
    }
    return std::move(m_result);
  }

 private:
  const Window m_window;
  MatrixOf<T> m_result;
  std::vector<double> m_sums;  // as m_result; empty when nothing is pooled
};

/// One call of tile: computes units of the map, alone or shared among threads.
template <typename T>
class MapCut {
 public:
  MapCut(const LayerFactors& layer, const MapQuery& query, const Window& window, const Feedback& feedback)
      : m_view(layer, query.terms.factors), m_query(query), m_feedback(feedback) {
    m_join = query.lanes.merge ? joinOf(*query.lanes.merge) : Join::One;
    m_firstBlock = window.col0 / kBlockTokens;
    m_lastBlock = ceilDiv(window.row1, kBlockTokens);
    m_steps.resize(static_cast<size_t>(query.lanes.count()));
    parallelFor(
        slabs(),
        [this](int64_t slab, int64_t) {
          for (int64_t lane = slabBegin(slab); lane < slabBegin(slab + 1); ++lane) {
            m_steps[static_cast<size_t>(lane - m_query.lanes.first)] =
                blockSteps(m_view, lane, m_firstBlock, m_lastBlock);
          }
        },
        {}, feedback);
  }

  int64_t slabs() const { return ceilDiv(m_query.lanes.count(), kSlabLanes); }

  struct Scratch {
    explicit Scratch(const FactorView<T>& view) : lane(view), row(kUnitCols) {}
    LaneTile<T> lane;
    std::vector<T> row;     // one row of one lane
    std::vector<T> joined;  // a slab's lanes, [unit rows, unit columns]
  };
  Scratch makeScratch() const { return Scratch(m_view); }

  /// The lanes of one slab joined, into scratch.joined.
  void computeSlab(const Unit& unit, int64_t slab, Scratch& scratch) const {
    scratch.joined.assign(unit.entries(), T(0));
    scratch.lane.setPanel(unit.col0, unit.col1, unit.row1);
    for (int64_t lane = slabBegin(slab); lane < slabBegin(slab + 1); ++lane) {
      m_feedback.checkpoint();
      computeLane(unit, lane, scratch);
    }
  }

  /// Joins a finished slab with those before it. In double, and in the order of lanes.
  void addSlab(const Scratch& scratch, std::vector<double>& values) const {
    const T* in = scratch.joined.data();
    for (size_t i = 0; i < values.size(); ++i) {
      const auto value = static_cast<double>(in[i]);
      if (m_join == Join::MaxAbs) {
        const bool isKept = std::abs(value) <= std::abs(values[i]) || std::isnan(values[i]);
        if (!isKept) values[i] = value;
      } else {
        values[i] += value;
      }
    }
  }

  void finish(std::vector<double>& values) const {
    if (!m_query.lanes.merge) return;
    const auto count = static_cast<double>(m_query.lanes.count());
    for (double& value : values) value = finishMerge(*m_query.lanes.merge, value, count);
  }

 private:
  int64_t slabBegin(int64_t slab) const {
    return std::min(m_query.lanes.first + slab * kSlabLanes, m_query.lanes.last);
  }

  void computeLane(const Unit& unit, int64_t lane, Scratch& scratch) const {
    const int64_t width = unit.col1 - unit.col0;
    scratch.lane.setLane(lane, m_steps[static_cast<size_t>(lane - m_query.lanes.first)].data(), m_firstBlock);
    for (int64_t row0 = unit.row0; row0 < unit.row1;) {
      const int64_t row1 = std::min((row0 / kBlockTokens + 1) * kBlockTokens, unit.row1);
      if (row1 > unit.col0) scratch.lane.setRows(row0, row1);
      for (int64_t t = std::max(row0, unit.col0); t < row1; ++t) {
        scratch.lane.row(t, scratch.row.data());
        const int64_t count = scratch.lane.attended(t);
        if (m_query.timesInput) {
          for (int64_t s = 0; s < count; ++s)
            scratch.row[s] *= m_view.x[(unit.col0 + s) * m_view.lanes + lane];
        }
        m_kernels.join(m_join, scratch.row.data(), count, scratch.joined.data() + (t - unit.row0) * width);
      }
      row0 = row1;
    }
  }

  const FactorView<T> m_view;
  const Kernels<T>& m_kernels = kernels<T>();
  const MapQuery m_query;
  const Feedback& m_feedback;
  Join m_join = Join::One;
  int64_t m_firstBlock = 0, m_lastBlock = 0;
  std::vector<std::vector<double>> m_steps;  // [lanes][blocks]
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
  const std::vector<Unit> units = unitsOf(window);
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
