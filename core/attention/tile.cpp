// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/map_cut.h"
#include "core/attention/map_sink.h"
#include "core/attention/operators.h"
#include "core/attention/parallel.h"

#include <algorithm>
#include <cassert>
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

/// Many lanes: threads share the slabs of one unit after another.
template <typename T>
void cutBySlabs(const MapCut<T>& cut, const std::vector<Unit>& units, MapSink<T>& sink,
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
void cutByUnits(const MapCut<T>& cut, const std::vector<Unit>& units, MapSink<T>& sink,
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
  MapSink<T> sink(window);
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
