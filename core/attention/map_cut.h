// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/attention/crossings.h"
#include "core/attention/joined_tile.h"
#include "core/attention/lane_tile.h"
#include "core/attention/operators.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace uc {

// A unit of a map is merged as a whole, so its values and those of a slab of lanes stay in the second-level
// cache. Column factors are made anew for every unit: taller units share them among more rows.
inline constexpr int64_t kUnitRows = 512;
inline constexpr int64_t kUnitCols = 512;

struct Unit {
  int64_t row0 = 0, row1 = 0;
  int64_t col0 = 0, col1 = 0;
  size_t entries() const { return static_cast<size_t>((row1 - row0) * (col1 - col0)); }
};

/// One call of tile: computes units of the map, alone or shared among threads. A slab of lanes is a number of
/// whole scans, so that no α is computed twice for a unit.
template <typename T>
class MapCut {
 public:
  /// All must outlive it.
  MapCut(const LayerFactors& layer, const MapQuery& query, const Window& window, const Feedback& feedback);

  int64_t slabs() const { return pooledSize(m_scan1 - m_scan0, m_slabScans); }

  struct Scratch {
    std::vector<LaneTile<T>> tiles;             // one a direction, or
    std::unique_ptr<JoinedTile<T>> joinedTile;  // the only direction's
    std::vector<T> direction;                   // one row of one lane in one direction
    std::vector<T> row;                         // and in all
    std::vector<T> inputs;                      // x, [lanes of a scan, unit columns]
    std::vector<T> joined;                      // a slab's lanes, [unit rows, unit columns]
    std::vector<double> sums;                   // the same when a scan has more lanes than are summed in T
  };
  Scratch makeScratch() const;

  /// The lanes of one slab joined, into the scratch.
  void computeSlab(const Unit& unit, int64_t slab, Scratch& scratch) const;

  /// Joins a finished slab with those before it. In double, and in the order of lanes.
  void addSlab(const Unit& unit, Scratch& scratch, std::vector<double>& values) const;

  /// Whether a slab is all there is: its values in `Scratch::joined` are those of the map.
  bool isOneLane() const { return m_join == Join::One; }

  /// From joined to merged values.
  void finish(std::vector<double>& values) const;

 private:
  /// Which of a unit's columns have a value in a row.
  struct Span {
    int64_t begin, end;
  };

  bool hasFewTerms() const;
  bool hasSums() const;
  void addGroups(const Unit& unit, const JoinedTile<T>& tile, std::vector<T>& row,
                 std::vector<double>& values) const;
  void computeScan(const Unit& unit, int64_t scan, Scratch& scratch) const;
  void gatherInputs(const Unit& unit, int64_t lane0, int64_t lane1, Scratch& scratch) const;
  void joinRow(const Unit& unit, int64_t lane, int64_t lane0, int64_t t, Scratch& scratch) const;
  Span sumDirections(int64_t t, int64_t width, Scratch& scratch) const;
  void moveToSums(const Unit& unit, int64_t row0, int64_t row1, Scratch& scratch) const;

  const std::vector<DirectedView<T>> m_directions;
  std::vector<std::unique_ptr<Crossings<T>>> m_crossings;  // one a direction
  const Kernels<T>& m_kernels = kernels<T>();
  const MapQuery m_query;
  const Feedback& m_feedback;
  const Join m_join;
  const int64_t m_lanes;
  const int64_t m_scanLanes;  // D / C
  const int64_t m_scan0, m_scan1;
  const bool m_isGrouped;  // a JoinedTile does it
  const int64_t m_slabScans;
  const T* m_x;  // [L, D] in picture order; null when entries are not multiplied by it
};

}  // namespace uc
