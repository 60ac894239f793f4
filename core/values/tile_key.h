// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/map_id.h"

#include <cstddef>
#include <cstdint>

namespace uc {

/// Cells along a side of a tile.
inline constexpr int64_t kTileCells = 256;

/// A square of a map as one of many that cover it: at level z a cell is pool × pool entries with pool = 2^z,
/// and tile (row, col) begins at token kTileCells · pool · (row, col). For a given run, its values follow
/// from this alone.
struct TileKey {
  MapId id;
  bool timesInput = false;
  Pooling pooling = Pooling::Mean;
  int level = 0;
  int64_t row = 0, col = 0;

  int64_t pool() const { return int64_t{1} << level; }
  int64_t tokens() const { return kTileCells * pool(); }  // along a side
  bool operator==(const TileKey&) const = default;
};

struct TileKeyHash {
  size_t operator()(const TileKey& key) const {
    size_t hash = 0;
    for (const int64_t part : {key.row, key.col, int64_t{key.level}, key.id.layer, key.id.lanes.index}) {
      hash = hash * 0x9E3779B97F4A7C15U + static_cast<size_t>(part);
      hash ^= hash >> 29U;
    }
    return hash;
  }
};

}  // namespace uc
