// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "widgets/paint/atlas_content.h"
#include "widgets/paint/heatmap_painter.h"

#include <QPainterPath>

#include <array>

namespace uc {

/// Where things lie inside a rectangle. Screen: made for each size and cloud; figure: once.
struct AtlasLayout {
  QRectF area;    // what was given
  QRectF frame;   // the axes' box
  QRectF plot;    // places 0 … 1, a little inside the frame so that points on its edge are whole
  QRectF legend;  // in the corner with the fewest points; empty where there is no room
  QRectF title, caption;
  std::vector<AtlasAxis::Tick> xTicks, yTicks;
  double scale = 1.0;  // painter units per screen pixel of the look

  QPointF toPoint(double x, double y) const;     // of places
  QPointF toPlaces(const QPointF& point) const;  // x and y, not clipped
  QRectF toRect(const AtlasRect& places) const;  // clipped to the frame
};
AtlasLayout layoutAtlas(const AtlasContent& content, const QRectF& area, const HeatmapStyle& style);

/// What lies on the points.
struct AtlasMarks {
  std::optional<LaneRef> hovered, locked;
  struct Pane {
    QString letter;
    LaneRef lane;
    bool operator==(const Pane&) const = default;
  };
  std::vector<Pane> panes;  // open lanes
  bool hasHandles = false;  // at the brush
};

/// Points or tiles alone, transparent elsewhere, `pixelRatio` device pixels a unit; it covers the frame from
/// its top left corner. What a canvas keeps between frames.
QImage atlasImage(const AtlasContent& content, const AtlasLayout& layout, const Theme& theme,
                  double pixelRatio);

// The parts, in order.
void paintAtlasPoints(QPainter& painter, const AtlasContent& content, const AtlasLayout& layout,
                      const HeatmapStyle& style);  // figures: vectors up to 5,000 points, else one raster
void paintAtlasAxes(QPainter& painter, const AtlasContent& content, const AtlasLayout& layout,
                    const HeatmapStyle& style);
void paintAtlasLegend(QPainter& painter, const AtlasContent& content, const AtlasLayout& layout,
                      const HeatmapStyle& style);
void paintAtlasMarks(QPainter& painter, const AtlasContent& content, const AtlasLayout& layout,
                     const HeatmapStyle& style, const AtlasMarks& marks);

/// All of the above.
void paintAtlas(QPainter& painter, const AtlasContent& content, const AtlasLayout& layout,
                const HeatmapStyle& style, const AtlasMarks& marks = {});

/// The point of a lane, where it has one, shown or filtered away.
std::optional<QPointF> pointOf(const AtlasContent& content, const AtlasLayout& layout, const LaneRef& lane);

/// The shape of a role's mark (AtlasLegend), about the origin; 0: a disk. Roles differ by shape, not only by
/// color.
QPainterPath rolePath(int mark, double size);
QColor roleColor(int mark, const Theme& theme);

/// The grips of a brush: corners and middles of its sides, clockwise from the top left.
std::array<QRectF, 8> brushHandles(const QRectF& brush, double scale);

/// A letter on a dark plate, as panes have in their header.
void paintPaneLetter(QPainter& painter, const QRectF& box, const QString& letter, const Theme& theme);

/// Size of the legend's box.
QSizeF atlasLegendSize(const AtlasLegend& legend, const HeatmapStyle& style);

}  // namespace uc
