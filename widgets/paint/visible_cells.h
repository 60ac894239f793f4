// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "widgets/paint/heatmap_painter.h"

namespace uc {

/// The cells of a map that a layout shows, half open, and where they lie.
struct VisibleCells {
  qint64 row0 = 0, row1 = 0, col0 = 0, col1 = 0;
  double pitchX = 0.0, pitchY = 0.0;  // of a whole cell

  bool isEmpty() const { return row0 >= row1 || col0 >= col1; }
  double pitch() const { return pitchX < pitchY ? pitchX : pitchY; }
};

VisibleCells visibleCells(const HeatmapContent& content, const HeatmapLayout& layout);
/// The place of a cell; the last row and column of a pooled map may be smaller than the others.
QRectF cellRect(const HeatmapContent& content, const HeatmapLayout& layout, qint64 row, qint64 col);
/// The place of cells [row0, row1) × [col0, col1).
QRectF cellsRect(const HeatmapContent& content, const HeatmapLayout& layout, qint64 row0, qint64 row1,
                 qint64 col0, qint64 col1);

/// Width of the widest number on an axis.
double numberWidth(const HeatmapContent& content, const HeatmapStyle& style);

/// Between the token labels and an axis title, in units of the layout's scale: on screen a marked token's
/// plate stands out.
inline double titleGap(const HeatmapStyle& style) { return style.isFigure ? 4.0 : 8.0; }

}  // namespace uc
