// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/visible_cells.h"

#include <QFontMetricsF>

#include <algorithm>
#include <cmath>

namespace uc {

namespace {

/// Where the row's unattended cells lie along x, in cells of the map.
std::pair<qint64, qint64> unattendedCols(const HeatmapContent& content, qint64 row,
                                         const VisibleCells& part) {
  const auto [first, last] = content.grid.attendedCols(row, content.map.cols);
  const bool isRight = !content.grid.isBackward;
  return {isRight ? std::clamp(last, part.col0, part.col1) : part.col0,
          isRight ? part.col1 : std::clamp(first, part.col0, part.col1)};
}

/// The unattended cells as bands, one a row, and their outline.
struct HatchRegion {
  std::vector<QRectF> bands;  // top to bottom, empty ones left out
  QPolygonF outline;
};

HatchRegion hatchRegion(const HeatmapContent& content, const HeatmapLayout& layout,
                        const VisibleCells& part) {
  HatchRegion region;
  for (qint64 row = part.row0; row < part.row1; ++row) {
    const auto [begin, end] = unattendedCols(content, row, part);
    if (begin >= end) continue;
    const QRectF band = cellsRect(content, layout, row, row + 1, begin, end) & layout.cells;
    if (band.width() <= 0.0 || band.height() <= 0.0) continue;
    region.bands.push_back(band);
  }
  for (const QRectF& band : region.bands) region.outline << band.topLeft() << band.bottomLeft();
  for (auto band = region.bands.rbegin(); band != region.bands.rend(); ++band) {
    region.outline << band->bottomRight() << band->topRight();
  }
  return region;
}

/// The part of the line x + y = sum inside the region: one stretch, since the region is a staircase that such
/// a line enters once. SVG has no clipping in Qt 6.4, so the ends are computed.
std::optional<QLineF> hatchLine(const HatchRegion& region, double sum) {
  std::optional<QPointF> lower, upper;
  for (const QRectF& band : region.bands) {
    const double left = std::max(band.left(), sum - band.bottom()),
                 right = std::min(band.right(), sum - band.top());
    if (left >= right) continue;
    if (!upper) upper = QPointF(right, sum - right);
    lower = QPointF(left, sum - left);
  }
  if (!upper || !lower) return std::nullopt;
  return QLineF(*lower, *upper);
}

void paintRegion(QPainter& painter, const HatchRegion& region, const HeatmapLayout& layout,
                 const HeatmapStyle& style) {
  if (region.bands.empty()) return;
  painter.save();
  painter.setPen(Qt::NoPen);
  painter.setBrush(style.theme.hatchGround);
  painter.drawPolygon(region.outline);
  // look.md: plain ground in thumbnails.
  if (std::min(layout.cells.width(), layout.cells.height()) >= 100.0 * layout.scale || style.isFigure) {
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(style.theme.hatchLine, style.line, Qt::SolidLine, Qt::FlatCap));
    const double step = style.hatchStep * std::sqrt(2.0);
    const double first = std::ceil((layout.cells.left() + layout.cells.top()) / step) * step;
    for (double sum = first; sum < layout.cells.right() + layout.cells.bottom(); sum += step) {
      if (const auto line = hatchLine(region, sum)) painter.drawLine(*line);
    }
  }
  painter.restore();
}

void paintTriangle(QPainter& painter, const QRectF& cell, int overflow, const QColor& color, double scale) {
  const double size = std::min(6.0 * scale, 0.37 * std::min(cell.width(), cell.height())), inset = scale;
  const double x = cell.right() - inset;
  const double y = overflow > 0 ? cell.top() + inset : cell.bottom() - inset;
  const double dy = overflow > 0 ? size : -size;
  painter.setPen(Qt::NoPen);
  painter.setBrush(color);
  painter.drawPolygon(QPolygonF({{x - size, y}, {x, y}, {x, y + dy}}));
}

void paintNotFinite(QPainter& painter, const QRectF& cell, float value, const HeatmapStyle& style) {
  if (std::isnan(value)) {
    painter.setPen(QPen(style.theme.nanCross, style.line, Qt::SolidLine, Qt::FlatCap));
    painter.drawLine(cell.topLeft(), cell.bottomRight());
    painter.drawLine(cell.topRight(), cell.bottomLeft());
    return;
  }
  const QString text = value > 0.0F ? QStringLiteral("\u221E") : QStringLiteral("\u2212\u221E");
  const double size = std::min(1.1 * style.axis, 0.55 * std::min(cell.width(), cell.height()));
  const QFont font = textFont(size);
  painter.setFont(font);
  painter.setPen(textOn(style.theme.nanGround));
  painter.drawText(QPointF(cell.center().x() - QFontMetricsF(font).horizontalAdvance(text) / 2.0,
                           cell.center().y() + 0.35 * size),
                   text);
}

void paintGrid(QPainter& painter, const HeatmapContent& content, const HeatmapLayout& layout,
               const HeatmapStyle& style, const VisibleCells& part) {
  painter.setPen(QPen(style.theme.line, 0.6 * style.line, Qt::SolidLine, Qt::FlatCap));
  for (qint64 row = part.row0 + 1; row < part.row1; ++row) {
    const double y = cellRect(content, layout, row, part.col0).top();
    painter.drawLine(QPointF(layout.cells.left(), y), QPointF(layout.cells.right(), y));
  }
  for (qint64 col = part.col0 + 1; col < part.col1; ++col) {
    const double x = cellRect(content, layout, part.row0, col).left();
    painter.drawLine(QPointF(x, layout.cells.top()), QPointF(x, layout.cells.bottom()));
  }
}

/// Dashes of 3 and gaps of 3 for a hovered cell, a plain line for a locked one.
QPen crosshairPen(const QColor& color, double width, bool isDashed, double scale) {
  QPen pen(color, width, Qt::SolidLine, Qt::FlatCap, Qt::MiterJoin);
  if (isDashed) pen.setDashPattern({3.0 * scale / width, 3.0 * scale / width});
  return pen;
}

void paintCross(QPainter& painter, const HeatmapContent& content, const HeatmapLayout& layout,
                const HeatmapStyle& style, const Cell& cell, bool isLocked) {
  const MapGrid& grid = content.grid;
  if (cell.row < grid.row0 || cell.row >= grid.row1 || cell.col < grid.col0 || cell.col >= grid.col1) return;
  const QRectF box =
      cellRect(content, layout, (cell.row - grid.row0) / grid.pool, (cell.col - grid.col0) / grid.pool);
  const QRectF& cells = layout.cells;
  const double s = layout.scale;
  std::vector<QLineF> lines;
  const bool isLarge = std::min(box.width(), box.height()) >= 8.0 * s;
  for (double y : isLarge ? std::vector{box.top(), box.bottom()} : std::vector{box.center().y()}) {
    if (y >= cells.top() - 0.5 && y <= cells.bottom() + 0.5)
      lines.push_back({cells.left(), y, cells.right(), y});
  }
  for (double x : isLarge ? std::vector{box.left(), box.right()} : std::vector{box.center().x()}) {
    if (x >= cells.left() - 0.5 && x <= cells.right() + 0.5)
      lines.push_back({x, cells.top(), x, cells.bottom()});
  }
  for (const auto& [color, width] :
       {std::pair(style.theme.casing, 3.0), std::pair(style.theme.crosshair, 1.0)}) {
    painter.setPen(crosshairPen(color, width * style.line, !isLocked && width < 2.0, s));
    for (const QLineF& line : lines) painter.drawLine(line);
  }
  if (!isLocked) return;
  const double grow = isLarge ? 0.0 : 3.0 * s;
  const QRectF frame = box.adjusted(-grow, -grow, grow, grow);
  for (const auto& [color, width] :
       {std::pair(style.theme.casing, 4.0), std::pair(style.theme.accent, 2.0)}) {
    painter.setPen(QPen(color, width * style.line, Qt::SolidLine, Qt::FlatCap, Qt::MiterJoin));
    painter.drawRect(frame);
  }
}

}  // namespace

void paintHatch(QPainter& painter, const HeatmapContent& content, const HeatmapLayout& layout,
                const HeatmapStyle& style) {
  if (!content.grid.isCausal && !content.grid.isBackward) return;
  paintRegion(painter, hatchRegion(content, layout, visibleCells(content, layout)), layout, style);
}

void paintHatchedPlot(QPainter& painter, const HeatmapLayout& layout, const HeatmapStyle& style) {
  const QRectF& cells = layout.cells;
  paintRegion(painter, {{cells}, QPolygonF(cells)}, layout, style);
}

bool hasCellMarks(const HeatmapContent& content, const HeatmapLayout& layout, const HeatmapStyle& style) {
  // Under this size a cell has no room for a mark; the colorbar's triangles and the counts say it then.
  const VisibleCells part = visibleCells(content, layout);
  return !part.isEmpty() && part.pitch() >= style.hatchStep;
}

void paintCellMarks(QPainter& painter, const HeatmapContent& content, const HeatmapLayout& layout,
                    const HeatmapStyle& style) {
  if (!hasCellMarks(content, layout, style)) return;
  const VisibleCells part = visibleCells(content, layout);
  painter.save();
  if (!style.isFigure) painter.setClipRect(layout.cells, Qt::IntersectClip);
  if (content.showGrid || style.showGrid) paintGrid(painter, content, layout, style, part);
  painter.setRenderHint(QPainter::Antialiasing);
  for (qint64 row = part.row0; row < part.row1; ++row) {
    const auto [first, last] = content.grid.attendedCols(row, content.map.cols);
    for (qint64 col = std::max(first, part.col0); col < std::min(last, part.col1); ++col) {
      const float value = content.shown.values.at(row, col);
      if (!std::isfinite(value)) {
        paintNotFinite(painter, cellRect(content, layout, row, col), value, style);
      } else if (const int overflow = content.scale.overflow(static_cast<double>(value))) {
        paintTriangle(painter, cellRect(content, layout, row, col), overflow,
                      textOn(QColor(content.scale.color(static_cast<double>(value)))), layout.scale);
      }
    }
  }
  painter.restore();
}

void paintCrosshair(QPainter& painter, const HeatmapContent& content, const HeatmapLayout& layout,
                    const HeatmapStyle& style, const HeatmapMarks& marks) {
  painter.save();
  painter.setBrush(Qt::NoBrush);
  if (!style.isFigure) painter.setClipRect(layout.cells.adjusted(-1, -1, 1, 1), Qt::IntersectClip);
  if (marks.hovered) paintCross(painter, content, layout, style, *marks.hovered, false);
  if (marks.locked) paintCross(painter, content, layout, style, *marks.locked, true);
  painter.restore();
}

void paintHeatmap(QPainter& painter, const HeatmapContent& content, const HeatmapLayout& layout,
                  const HeatmapStyle& style, const HeatmapMarks& marks) {
  paintCells(painter, content, layout, style);
  paintHatch(painter, content, layout, style);
  paintCellMarks(painter, content, layout, style);
  paintAxes(painter, content, layout, style, marks);
  paintColorbar(painter, content, layout, style);
  paintCrosshair(painter, content, layout, style, marks);
}

}  // namespace uc
