// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/attention/crossings.h"
#include "core/attention/kernels.h"
#include "core/values/feedback.h"

#include <algorithm>
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
  virtual void setUnit(int64_t row0, int64_t row1, int64_t col0, int64_t col1) {
    m_row0 = row0;
    m_row1 = row1;
    m_col0 = col0;
    m_colEnd = std::min(col1, row1);
  }

  /// Joins lanes [lane0, lane1) with those already there.
  virtual void joinLanes(Join join, int64_t lane0, int64_t lane1, const Feedback& feedback) = 0;

  /// How many entries of row t lie in the unit and on or below the diagonal.
  int64_t attended(int64_t t) const { return std::max<int64_t>(std::min(t + 1, m_colEnd) - m_col0, 0); }

  /// Those entries of row t.
  virtual void copyRow(int64_t t, T* out) const = 0;

 protected:
  /// What is bounded by this share of its lane's largest product in the same rows is dead there.
  static constexpr T kDeadShare = sizeof(T) == sizeof(float) ? T(1e-13) : T(1e-17);

  static int64_t blockOf(int64_t token) { return token / kBlockTokens; }

  int64_t m_row0 = 0, m_row1 = 0;    // the unit
  int64_t m_col0 = 0, m_colEnd = 0;  // its columns that a row attends to
};

}  // namespace uc
