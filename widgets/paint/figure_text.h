// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "widgets/paint/heatmap_painter.h"

namespace uc {

// Title and caption of figures of every kind. Nothing has height where the style leaves it out or it is
// empty.

/// The title's height at a width.
double titleHeight(const QString& title, const HeatmapStyle& style, double width);
/// Draws it into `box` of that height, its lines beginning at `left` where that leaves them whole.
void paintTitle(QPainter& painter, const QString& title, const QRectF& box, double left,
                const HeatmapStyle& style);

/// The caption broken into lines of at most `width`; '\n' always ends one.
QStringList captionLines(const QString& caption, const HeatmapStyle& style, double width);
/// Its height with the rule above it.
double captionHeight(const QString& caption, const HeatmapStyle& style, double width);
void paintCaption(QPainter& painter, const QString& caption, const QRectF& box, const HeatmapStyle& style);

/// Draws a colorbar at `bar`, below what it belongs to, and its legend within `area`. The legend is left out
/// where a caption has it.
void paintBarBelow(QPainter& painter, const HeatmapContent& content, const QRectF& bar, const QRectF& area,
                   const HeatmapStyle& style);
/// From the top of such a bar to the end of its legend.
double barBelowHeight(const HeatmapContent& content, const HeatmapStyle& style);

/// Content without cells: what the colorbar of `content` follows.
HeatmapContent barOnly(const ColorScale& scale, const ValueRange& extent, const QString& legend,
                       const QString& caption);

/// One painter unit of the look: distances and mark sizes of look.md are for tick type of 11.
inline double lookUnit(const HeatmapStyle& style) { return style.tick / 11.0; }

}  // namespace uc
