// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/map_cut.h"
#include "core/attention/merge.h"
#include "core/attention/operators.h"
#include "core/attention/parallel.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <memory>

namespace uc {
namespace {

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

  template <typename U>
  void add(const Unit& unit, const U* values) {
    const int64_t pool = m_window.pool, width = unit.col1 - unit.col0;
    for (int64_t t = unit.row0; t < unit.row1; ++t, values += width) {
      const int64_t row = (t - m_window.row0) / pool;
      if (pool == 1) {
        std::transform(values, values + width, m_result.row(row) + (unit.col0 - m_window.col0),
                       [](U value) { return static_cast<T>(value); });
        continue;
      }
      double* sums = m_sums.data() + row * m_result.cols;
      for (int64_t s = unit.col0; s < unit.col1; ++s)
        addJoined(m_join, static_cast<double>(values[s - unit.col0]), sums[(s - m_window.col0) / pool]);
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
        [&](int64_t, int64_t w) { cut.addSlab(unit, scratch[static_cast<size_t>(w)], values); }, kMapStage,
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
        if (cut.isOneLane()) {
          cut.computeSlab(unit, 0, scratch[static_cast<size_t>(w)]);
          return;
        }
        std::vector<double>& mine = values[static_cast<size_t>(w)];
        mine.assign(unit.entries(), 0.0);
        for (int64_t slab = 0; slab < cut.slabs(); ++slab) {
          cut.computeSlab(unit, slab, scratch[static_cast<size_t>(w)]);
          cut.addSlab(unit, scratch[static_cast<size_t>(w)], mine);
        }
        cut.finish(mine);
      },
      [&](int64_t u, int64_t w) {
        const Unit& unit = units[static_cast<size_t>(u)];
        if (cut.isOneLane()) {
          sink.add(unit, scratch[static_cast<size_t>(w)].joined.data());
        } else {
          sink.add(unit, values[static_cast<size_t>(w)].data());
        }
      },
      kMapStage, feedback);
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
  const bool hasUpper = reachesLater(layer, query.terms);
  const std::vector<Unit> units = unitsOf(window, hasUpper);
  if (!units.empty()) {
    const MapCut<T> cut(layer, query, window, feedback);
    if (!cut.isOneLane() &&
        cut.slabs() >= std::min<int64_t>(2 * threadCount(), static_cast<int64_t>(units.size()) + 1)) {
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
