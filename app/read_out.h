// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/engine/engine.h"
#include "core/values/view_state.h"
#include "widgets/paint/heatmap_painter.h"
#include "widgets/rich_line.h"
#include "widgets/value_table.h"

#include <QString>

#include <optional>

namespace uc {

/// Everything that the window says about one cell (conventions.md 13). What is not known yet is missing.
struct ReadOut {
  Cell cell;
  bool isLocked = false;
  bool isAttended = true;
  bool isSigned = true;                      // α of this map can be negative
  Direction direction = Direction::Forward;  // in which the map looks; a causal model's is forward
  int64_t pool = 1;                          // over 1: `shown` is that of the picture's block
  QString query, key;                        // token texts
  std::optional<double> alpha, shown, share, decay;
  std::optional<int64_t> rank, attended;  // place by |α| among the row's attended keys
  ViewState view;
};

/// `part`, the finest on screen that holds the cell, or the content itself, gives what is known at once;
/// `row`, when it is that of the cell, the rest.
ReadOut readOut(const HeatmapContent& content, const HeatmapContent& part, const RowResult* row,
                const ViewState& view, const Cell& cell, bool isLocked);

/// The same as rows of the inspector, as the status bar's line, and as text to copy.
std::vector<ValueTable::Row> readOutRows(const ReadOut& readOut);
std::vector<TextRun> readOutLine(const ReadOut& readOut);
QString readOutText(const ReadOut& readOut);
/// For screen readers, signs spelled: "query 27 runs, key 11 north, plus 0.2618, rank 2 of 28."
QString spokenReadOut(const ReadOut& readOut);

}  // namespace uc
