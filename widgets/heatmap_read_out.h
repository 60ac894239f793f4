// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "widgets/paint/heatmap_painter.h"

#include <QString>

#include <optional>
#include <vector>

namespace uc {

/// A line of a read-out: "decay product", "0.2178".
struct ReadOutLine {
  QString label, value;
  bool operator==(const ReadOutLine&) const = default;
};

/// The raw value of the cell that holds these tokens; nothing outside the content and where the row cannot
/// attend.
std::optional<float> valueAt(const HeatmapContent& content, const Cell& cell);

/// The text of a token, or "#27" where the input has none.
QString tokenAt(const HeatmapContent& content, qint64 token);

/// What the content alone knows about a cell: its value, as α or as the mean over pooled cells.
std::vector<ReadOutLine> readOutLines(const HeatmapContent& content, const Cell& cell);

/// The same for screen readers: "query 27 runs, key 11 north, plus 0.2618".
/// The value is that of the finest part which shows the cell (valueAt).
QString spokenReadOut(const HeatmapContent& content, const Cell& cell, std::optional<float> value);

}  // namespace uc
