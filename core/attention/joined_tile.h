// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/attention/kernels.h"
#include "core/values/feedback.h"

#include <cstdint>

namespace uc {

/// A unit of the map of many lanes joined, in one direction, whose tokens are counted in the direction's own
/// order. Scratch space that is used again and again: setUnit, joinLanes any number of times, copyRow. One
/// thread.
template <typename T>
class JoinedTile {
 public:
  JoinedTile() = default;
  virtual ~JoinedTile() = default;
  JoinedTile(const JoinedTile&) = delete;
  JoinedTile& operator=(const JoinedTile&) = delete;

  /// Rows [row0, row1) and columns [col0, col1) come next, with no lane in them yet.
  virtual void setUnit(int64_t row0, int64_t row1, int64_t col0, int64_t col1) = 0;

  /// Joins lanes [lane0, lane1) with those already there.
  virtual void joinLanes(Join join, int64_t lane0, int64_t lane1, const Feedback& feedback) = 0;

  /// How many entries of row t lie in the unit and on or below the diagonal.
  virtual int64_t attended(int64_t t) const = 0;

  /// Those entries of row t.
  virtual void copyRow(int64_t t, T* out) const = 0;
};

}  // namespace uc
