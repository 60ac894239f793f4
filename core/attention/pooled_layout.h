// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <vector>

namespace uc {

/// A run of neighboring tokens that all lie in the same pixel of rows and feed the same pixels of columns.
struct Stretch {
  int64_t begin = 0, end = 0;
  int64_t row = -1;        // the pixel of rows that the tokens are in; −1: none
  bool beginsRow = false;  // whether that pixel begins here
  int64_t open = 0;        // the pixels of columns [open, fedEnd) meet this pixel of rows near the diagonal
  int64_t fed = 0, fedEnd = 0;  // those of [fed, fedEnd) are fed by these tokens
};

/// How pixels lie along the tokens of one direction. `rowEdges` and `colEdges` are the borders of pixels,
/// ascending; those of rows and of columns need not agree. With K taps the columns of a pixel reach K − 1
/// tokens past its end.
///
/// A pixel of columns is open from its first token until it reaches no further token and no pixel of rows is
/// under way: whatever rows begin after that see all of it, as one state (mathematics.md §3.3).
struct PooledLayout {
  PooledLayout(std::vector<int64_t> rowBorders, std::vector<int64_t> colBorders, int64_t taps);

  int64_t rows() const { return static_cast<int64_t>(rowEdges.size()) - 1; }
  int64_t cols() const { return static_cast<int64_t>(colEdges.size()) - 1; }

  std::vector<int64_t> rowEdges, colEdges;
  std::vector<Stretch> stretches;  // from the first column to the last row; empty: all above the diagonal
  // How many pixels of columns are closed, and how many of rows have begun, before a stretch: [stretches +
  // 1].
  std::vector<int64_t> closedCols, begunRows;
};

}  // namespace uc
