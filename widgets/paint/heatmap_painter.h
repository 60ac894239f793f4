// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/view_state.h"
#include "widgets/paint/color_scale.h"
#include "widgets/paint/theme.h"

#include <QImage>
#include <QPainter>
#include <QRectF>
#include <QString>
#include <QStringList>

#include <memory>
#include <optional>
#include <vector>

namespace uc {

/// Everything that one heatmap shows: made once for a change, drawn by the same functions on screen, in files
/// and for the command line. A value; shared freely between threads.
struct HeatmapContent {
  Matrix map;  // raw values, for read-outs
  ShownMap shown;
  MapGrid grid;
  ColorScale scale;
  QStringList tokens;  // text of every token of the input, shared; empty text where there is none
  QString title;       // "Layer 3, lane 345: unified implicit attention"
  QString legend;      // "unified α, lane 345, raw signed": the convention's full name
  QString caption;     // figures: lines below the picture, '\n' between them
  // Beside the axes; empty: none.
  QString queryTitle = QStringLiteral("query token t"), keyTitle = QStringLiteral("key token s");
  bool isLogRatio = false;  // shown values are log10 of a ratio: the colorbar says "× 10", not "+1"
  bool isTrimmed = false;   // the color range ends at trimmedExtent()
  bool showGrid = false;
  Viewport viewport;           // figures: the part that is drawn, in whole cells; empty: all
  std::optional<Cell> locked;  // figures that show the crosshair
};

/// Parts of a larger map, each with cells of its own pool, but without tokens and texts.
using HeatmapTiles = std::vector<std::shared_ptr<const HeatmapContent>>;

/// The whole map's content as one with cells of `pool` × `pool` tokens and without values: what axes, hatch
/// and crosshair follow where tiles of that pool lie on the map.
std::shared_ptr<const HeatmapContent> tileFrame(const HeatmapContent& whole, qint64 pool);

/// Where things lie inside a rectangle, for one viewport. Screen: made by the view at each paint; figure:
/// once.
struct HeatmapLayout {
  QRectF area;      // what was given
  QRectF cells;     // the plot area
  QRectF colorbar;  // the bar itself; empty when off
  QRectF title, caption;
  bool isBarBelow = false;
  Viewport viewport;  // tokens shown: left/top in key/query tokens, width/height; never empty
  double scale =
      1.0;  // painter units per screen pixel of the look (tick type of 11): distances and mark sizes
  double labelWidth = 0.0;   // room for the labels of the query axis
  double labelHeight = 0.0;  // and of the key axis

  QPointF toPoint(double keyToken, double queryToken) const;  // token coordinates → rectangle coordinates
  QPointF toTokens(const QPointF& point) const;               // x: key, y: query
};

/// Sizes of type and lines: on screen in pixels, in figures in points scaled to the painter's units.
struct HeatmapStyle {
  Theme theme = Theme::light();
  double title = 14, axis = 12, tick = 11, token = 11;  // font sizes in painter units
  double line = 1.0;                                    // hairline in painter units
  double hatchStep = 6.0;
  bool isFigure = false;  // title, caption and hatch of figures; cells as vectors under 200 × 200 if asked
  bool vectorCells = false;
  bool showColorbar = true;
  bool showTitle = true;
  bool showTokens = true;
  bool showCaption = true;
  bool showGrid = false;  // besides the content's own wish
  bool showCrosshair = false;
};

/// Lays the plot out: square cells for a whole map, labels measured, colorbar right or below where that
/// leaves the map larger. With `snap`, cells are a whole number of units from 3 up.
HeatmapLayout layoutHeatmap(const HeatmapContent& content, const QRectF& area, const Viewport& viewport,
                            const HeatmapStyle& style, bool snap);

/// The crosshair: a locked cell solid, a hovered one dashed.
struct HeatmapMarks {
  std::optional<Cell> locked;
  std::optional<Cell> hovered;
};

/// One pixel per cell of the map, colored; unattended cells transparent, NaN/Inf the NaN ground.
QImage cellImage(const HeatmapContent& content, const Theme& theme);

/// A label on an axis. `token` is token text, `index` a number behind it or alone.
struct AxisLabel {
  qint64 cell = 0;  // row or column of the map
  QString token, index;
  QRectF box;  // ink and line height, in the layout's coordinates
};
struct AxisLabels {
  std::vector<AxisLabel> queries, keys;
  std::vector<double> minorQueries, minorKeys;  // places of ticks without a label
  bool areKeysUpright = false;                  // numbers that fit are not turned
};
/// Where what was laid out ends below, in the area's coordinates.
double layoutBottom(const HeatmapContent& content, const HeatmapLayout& layout, const HeatmapStyle& style);
/// A line of text along the colorbar: the convention's name, which figures have in their caption where there
/// is one, and the note on a color map that does not suit the values.
struct LegendLine {
  QString text;
  bool isWarning = false;
};
std::vector<LegendLine> barLegend(const HeatmapContent& content, const HeatmapStyle& style);
/// The colorbar's ticks for a bar of `length`.
std::vector<ColorScale::Tick> barTicks(const HeatmapContent& content, const HeatmapStyle& style,
                                       double length);
/// Width of the widest tick label; `length` 0 stands for any.
double tickLabelWidth(const HeatmapContent& content, const HeatmapStyle& style, double length);
/// Whether cells are large enough for triangles, crosses and grid.
bool hasCellMarks(const HeatmapContent& content, const HeatmapLayout& layout, const HeatmapStyle& style);
constexpr int kMaxTitleLines = 4;  // of figures

/// What paintAxes draws: evenly thinned so that no two boxes touch; long inputs show numbers at round steps.
AxisLabels axisLabels(const HeatmapContent& content, const HeatmapLayout& layout, const HeatmapStyle& style);

// The parts, each drawable alone: a GL canvas draws the cells itself and calls the others.
void paintCells(QPainter& painter, const HeatmapContent& content, const HeatmapLayout& layout,
                const HeatmapStyle& style);
/// The same from an image of cellImage() that the caller keeps.
void paintCells(QPainter& painter, const HeatmapContent& content, const HeatmapLayout& layout,
                const HeatmapStyle& style, const QImage& image);
/// The same of a long map, fast enough for every frame: each pixel of a 32-bit `target` takes the color of
/// the cell that holds its center, so that neighbors meet without a seam, or, where cells are smaller than a
/// pixel, the mean color of those since the pixel before it, so that none is lost. What is not attended is
/// left as it is.
void blitCells(QImage& target, const QImage& image, const MapGrid& grid, const HeatmapLayout& layout,
               double pixelRatio);
void paintHatch(QPainter& painter, const HeatmapContent& content, const HeatmapLayout& layout,
                const HeatmapStyle& style);
/// The hatch as if nothing were attended. Its lines do not move with the viewport, so that a canvas keeps it
/// as an image and copies it, row by row, to where nothing is.
void paintHatchedPlot(QPainter& painter, const HeatmapLayout& layout, const HeatmapStyle& style);
void blitHatch(QImage& target, const QImage& hatched, const MapGrid& grid, const HeatmapLayout& layout,
               double pixelRatio);
void paintCellMarks(QPainter& painter, const HeatmapContent& content, const HeatmapLayout& layout,
                    const HeatmapStyle& style);  // overflow triangles, NaN crosses, ∞, grid
void paintAxes(QPainter& painter, const HeatmapContent& content, const HeatmapLayout& layout,
               const HeatmapStyle& style, const HeatmapMarks& marks);
void paintColorbar(QPainter& painter, const HeatmapContent& content, const HeatmapLayout& layout,
                   const HeatmapStyle& style);
void paintCrosshair(QPainter& painter, const HeatmapContent& content, const HeatmapLayout& layout,
                    const HeatmapStyle& style, const HeatmapMarks& marks);

/// All of the above in order.
void paintHeatmap(QPainter& painter, const HeatmapContent& content, const HeatmapLayout& layout,
                  const HeatmapStyle& style, const HeatmapMarks& marks = {});

/// The cell under a point, or nothing outside the map. Token indexes (of the cell's first token when pooled).
std::optional<Cell> cellAt(const HeatmapContent& content, const HeatmapLayout& layout, const QPointF& point);

/// Draws a token's text with its painted signs: ␣ for spaces, ↵, ⇥ as strokes, the rest as glyphs.
/// `tokenWidth` measures the same. The text is drawn so that `origin` is the left end of the baseline.
double tokenWidth(const QString& token, const QFont& font);
void paintToken(QPainter& painter, const QPointF& origin, const QString& token, const QFont& font,
                const QColor& color);

}  // namespace uc
