// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/attention/crossings.h"
#include "core/attention/factor_view.h"
#include "core/attention/lane_tile.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace uc {

/// The Crossings of each direction, for all scans and tokens and about so many rows.
template <typename T>
std::vector<std::unique_ptr<Crossings<T>>> crossingsOf(const std::vector<DirectedView<T>>& directions,
                                                       int64_t rows, const Feedback& feedback);

/// Single rows of the maps of a scan's lanes over a panel of columns, all directions summed, in picture
/// order: for passes over chosen rows of long maps, which hold a panel at a time.
///
/// Scratch space that is used again and again: setPanel, then setScan, then setRows, then setLane, then row,
/// in this nesting. One thread.
template <typename T>
class LaneRows {
 public:
  /// Both must outlive it.
  LaneRows(const std::vector<DirectedView<T>>& directions,
           const std::vector<std::unique_ptr<Crossings<T>>>& crossings);

  /// Columns [col0, col1) come next.
  void setPanel(int64_t col0, int64_t col1);

  /// Of the scan's lanes, [lane0, lane1) will be asked for.
  void setScan(int64_t scan, int64_t lane0, int64_t lane1);

  /// Computes rows [row0, row1), which lie in one block of kBlockTokens.
  void setRows(int64_t row0, int64_t row1);

  void setLane(int64_t lane);

  /// How many of the panel's columns row t has: those up to the diagonal, or all of them when a direction
  /// comes from behind.
  int64_t attended(int64_t t) const;

  /// Those entries of row t, valid until the next call.
  const T* row(int64_t t);

 private:
  const std::vector<DirectedView<T>>& m_directions;
  const int64_t m_tokens;
  bool m_hasUpper = false;
  int64_t m_col0 = 0, m_width = 0;
  std::vector<LaneTile<T>> m_tiles;  // one a direction
  std::vector<T> m_row, m_part;      // [width]
};

}  // namespace uc
