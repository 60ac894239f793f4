// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/figure_text.h"
#include "widgets/paint/text_fit.h"
#include "widgets/paint/visible_cells.h"

#include <QFontMetricsF>

#include <algorithm>
#include <cmath>

namespace uc {

namespace {

constexpr double kMaxStretch = 8.0;    // cells of very flat or tall maps are not square
constexpr double kSnapFrom = 3.0;      // look.md §7
constexpr double kMaxScreenCell = 40;  // look.md §8
constexpr double kMaxFigureCell = 100;
constexpr double kMaxFigureHeight = 1.6;  // of the cells, in widths
constexpr double kMinBar = 96.0;
constexpr qsizetype kMeasuredTokens = 512;

/// What surrounds the cells, in painter units.
struct Frame {
  double left = 0.0, top = 0.0, right = 0.0, bottom = 0.0;
  double captionHeight = 0.0, titleHeight = 0.0;
};

Viewport wholeOf(const MapGrid& grid) {
  return {static_cast<double>(grid.col0), static_cast<double>(grid.row0),
          static_cast<double>(std::max<qint64>(1, grid.col1 - grid.col0)),
          static_cast<double>(std::max<qint64>(1, grid.row1 - grid.row0))};
}

/// Whole cells that hold the viewport, within the map.
Viewport wholeCells(const Viewport& viewport, const MapGrid& grid) {
  const auto pool = static_cast<double>(grid.pool);
  const auto stretch = [pool](double begin, double end, qint64 low, qint64 high) {
    const double first =
        static_cast<double>(low) + std::floor((begin - static_cast<double>(low)) / pool) * pool;
    const double last = static_cast<double>(low) + std::ceil((end - static_cast<double>(low)) / pool) * pool;
    return std::pair(std::clamp(first, static_cast<double>(low), static_cast<double>(high)),
                     std::clamp(last, static_cast<double>(low), static_cast<double>(high)));
  };
  const auto [left, right] = stretch(viewport.left, viewport.left + viewport.width, grid.col0, grid.col1);
  const auto [top, bottom] = stretch(viewport.top, viewport.top + viewport.height, grid.row0, grid.row1);
  if (right <= left || bottom <= top) return wholeOf(grid);
  return {left, top, right - left, bottom - top};
}

/// Room that token labels may take at most. On screen the room stays while one zooms: a long map, which shows
/// tokens only from near, keeps less free for them.
double labelLimit(const HeatmapContent& content, const HeatmapStyle& style, const QRectF& area) {
  const bool isLong = content.grid.pool > 1 && content.tokens.size() > kMeasuredTokens;
  const double most = isLong && !style.isFigure ? 5.0 : 9.6;
  return std::max(3.0 * style.token, std::min(most * style.token, 0.22 * area.width()));
}

/// Room for the labels that do not depend on the viewport: on screen the plot must not move while one zooms.
double steadyLabelWidth(const HeatmapContent& content, const HeatmapStyle& style, double limit) {
  double width = numberWidth(content, style);
  const double index = content.grid.pool > 1 ? width + 0.5 * style.token : 0.0;
  if (!style.showTokens) return width;
  const QFont font = tokenFont(style.token);
  // Of a long input some tokens stand for all: this is done for every frame, and longer ones are elided.
  const qsizetype step = std::max<qsizetype>(1, content.tokens.size() / kMeasuredTokens);
  for (qsizetype t = 0; t < content.tokens.size() && width < limit; t += step) {
    const QString& token = content.tokens[t];
    width = std::max(width, index + (token.size() > 64 ? limit : tokenWidth(token, font)));
  }
  return std::min(width, limit);
}

/// On screen a long map has another range at each level, but its place must not change with that.
double barLabelWidth(const HeatmapContent& content, const HeatmapStyle& style, double barLength) {
  const double width = tickLabelWidth(content, style, barLength);
  if (style.isFigure || content.grid.pool == 1) return width;
  return std::max(width, QFontMetricsF(textFont(style.tick)).horizontalAdvance(QStringLiteral("+0.00025")));
}

Frame frameOf(const HeatmapContent& content, const HeatmapLayout& layout, const HeatmapStyle& style) {
  const double s = layout.scale, pad = 8.0 * s, axis = 1.25 * style.axis;
  Frame frame;
  frame.left = pad + axis + titleGap(style) * s + layout.labelWidth + 8.0 * s;
  frame.top = pad + 0.5 * style.token;
  frame.right = pad + 0.7 * style.token;
  frame.bottom = 8.0 * s + layout.labelHeight + (titleGap(style) + 2.0) * s + axis + pad;
  if (style.showColorbar && !layout.isBarBelow) {
    const double barLength = std::max(layout.colorbar.height(), layout.colorbar.width());
    frame.right = 16.0 * s + 11.0 * s + 7.0 * s + barLabelWidth(content, style, barLength) + pad;
    frame.right += barLegend(content, style).empty() ? 0.0 : 6.0 * s;
    frame.right += lineHeight(style.tick) * static_cast<double>(barLegend(content, style).size());
  } else if (style.showColorbar) {
    frame.bottom += 10.0 * s + 11.0 * s + 6.0 * s + lineHeight(style.tick);
    frame.bottom += lineHeight(style.tick) * static_cast<double>(barLegend(content, style).size());
  }
  if (!style.isFigure) return frame;
  const double width = layout.area.width() - 2.0 * pad;
  frame.titleHeight = titleHeight(content.title, style, width);
  if (frame.titleHeight > 0.0) frame.top = pad + frame.titleHeight + 8.0 * s;
  frame.captionHeight = captionHeight(content.caption, style, width);
  frame.bottom += frame.captionHeight;
  return frame;
}

/// The plot for the whole map inside what the frame leaves.
QRectF plotRect(const HeatmapContent& content, const Viewport& whole, const QRectF& room,
                const HeatmapStyle& style, double scale, bool snap) {
  const double stretch = std::clamp(whole.height / whole.width, 1.0 / kMaxStretch, kMaxStretch) /
                         (whole.height / whole.width);  // height of a token over its width
  const auto pool = static_cast<double>(content.grid.pool);
  const double limit = (style.isFigure ? kMaxFigureCell : kMaxScreenCell) * scale;
  double cell = pool * std::min(room.width() / whole.width, room.height() / (whole.height * stretch));
  cell = std::clamp(cell, 1e-6, limit);
  if (snap && cell >= kSnapFrom) cell = std::floor(cell);
  QSizeF size(whole.width * cell / pool, whole.height * stretch * cell / pool);
  QPointF corner = room.topLeft();
  corner.rx() += (room.width() - size.width()) / 2.0;
  if (!style.isFigure) corner.ry() += (room.height() - size.height()) / 2.0;
  if (snap) corner = QPointF(std::round(corner.x()), std::round(corner.y()));
  return QRectF(corner, size);
}

/// The part of `base`, the whole map's place, in which `viewport` has cells of the whole map's shape.
QRectF viewportRect(const QRectF& base, const Viewport& whole, const Viewport& viewport) {
  if (viewport == whole) return base;
  const double stretch = (base.height() / whole.height) / (base.width() / whole.width);
  const double unit = std::min(base.width() / viewport.width, base.height() / (viewport.height * stretch));
  const QSizeF size(viewport.width * unit, viewport.height * stretch * unit);
  return QRectF(base.center() - QPointF(size.width() / 2.0, size.height() / 2.0), size);
}

void placeBar(HeatmapLayout& layout, const QRectF& room, double captionHeight, const HeatmapStyle& style) {
  if (!style.showColorbar) return;
  const double s = layout.scale, thick = 11.0 * s, inset = 9.0 * s;
  const QRectF& cells = layout.cells;
  if (layout.isBarBelow) {
    const double length = std::min(std::max(cells.width(), kMinBar * s), room.width());
    const double left = std::clamp(cells.center().x() - length / 2.0, room.left(), room.right() - length);
    const double top = cells.bottom() + 14.0 * s + layout.labelHeight + 1.25 * style.axis + 10.0 * s;
    layout.colorbar = QRectF(left + inset, top, length - 2.0 * inset, thick);
    return;
  }
  // Beside a flat map the bar may reach down to where the key labels end.
  const double bottom = std::max(layout.area.bottom() - 8.0 * s - captionHeight, room.top() + 3.0 * inset);
  const double length = std::min(std::max(cells.height(), kMinBar * s), bottom - room.top());
  const double top = std::max(room.top(), std::min(cells.center().y() - length / 2.0, bottom - length));
  layout.colorbar = QRectF(cells.right() + 16.0 * s, top + inset, thick, length - 2.0 * inset);
}

/// Where plot and bar with their labels end, above the caption: a bar is longer than a flat map.
double plotBottom(const HeatmapLayout& layout, const Frame& frame) {
  const double pad = 8.0 * layout.scale;
  const double cells = layout.cells.bottom() + frame.bottom - frame.captionHeight - pad;
  if (layout.colorbar.isEmpty() || layout.isBarBelow) return cells;
  return std::max(cells, layout.colorbar.bottom() + 9.0 * layout.scale + pad);
}

void placeTexts(HeatmapLayout& layout, const Frame& frame) {
  const double pad = 8.0 * layout.scale, width = layout.area.width() - 2.0 * pad;
  if (frame.titleHeight > 0.0) {
    layout.title = QRectF(layout.area.left() + pad, layout.area.top() + pad, width, frame.titleHeight);
  }
  if (frame.captionHeight > 0.0) {
    layout.caption = QRectF(layout.area.left() + pad, plotBottom(layout, frame), width, frame.captionHeight);
  }
}

/// One way of laying out: with the room for labels and the side of the bar that `start` names.
HeatmapLayout placed(const HeatmapContent& content, HeatmapLayout start, const HeatmapStyle& style,
                     bool snap) {
  const Frame frame = frameOf(content, start, style);
  const QRectF& area = start.area;
  QRectF room = area.adjusted(frame.left, frame.top, -frame.right, -frame.bottom);
  room.setWidth(std::max(room.width(), 8.0 * start.scale));
  room.setHeight(std::max(room.height(), 8.0 * start.scale));
  if (style.isFigure) room.setHeight(std::min(room.height(), kMaxFigureHeight * room.width()));
  const Viewport whole = style.isFigure ? start.viewport : wholeOf(content.grid);
  const QRectF base = plotRect(content, whole, room, style, start.scale, snap);
  start.cells = viewportRect(base, whole, start.viewport);
  placeBar(start, room, frame.captionHeight, style);
  placeTexts(start, frame);
  return start;
}

/// Figures give the labels that are drawn, and no others, their room. More room for labels leaves less for
/// cells, which may turn tokens into numbers and back: the last two passes together decide.
void fitLabels(HeatmapLayout& layout, const HeatmapContent& content, const HeatmapStyle& style,
               double limit) {
  layout.labelWidth = layout.labelHeight = limit;
  HeatmapLayout trial = layout;
  QSizeF before;
  for (int pass = 0; pass < 4; ++pass) {
    before = QSizeF(trial.labelWidth, trial.labelHeight);
    trial = placed(content, trial, style, false);
    HeatmapLayout generous = trial;
    generous.labelWidth = generous.labelHeight = limit;
    const AxisLabels labels = axisLabels(content, generous, style);
    trial.labelWidth = trial.labelHeight = style.tick;
    for (const auto& label : labels.queries) trial.labelWidth = std::max(trial.labelWidth, label.box.width());
    for (const auto& label : labels.keys) trial.labelHeight = std::max(trial.labelHeight, label.box.height());
  }
  layout.colorbar = trial.colorbar;  // how long it is decides its labels' width
  layout.labelWidth = std::max(before.width(), trial.labelWidth);
  layout.labelHeight = std::max(before.height(), trial.labelHeight);
}

}  // namespace

double numberWidth(const HeatmapContent& content, const HeatmapStyle& style) {
  const QFontMetricsF numbers(textFont(style.tick));
  return numbers.horizontalAdvance(countText(std::max(content.grid.row1, content.grid.col1)));
}

double layoutBottom(const HeatmapContent& content, const HeatmapLayout& layout, const HeatmapStyle& style) {
  const Frame frame = frameOf(content, layout, style);
  return plotBottom(layout, frame) + frame.captionHeight + 8.0 * layout.scale;
}

std::vector<LegendLine> barLegend(const HeatmapContent& content, const HeatmapStyle& style) {
  std::vector<LegendLine> lines;
  const bool isInCaption = style.isFigure && style.showCaption && !content.caption.isEmpty();
  if (!isInCaption && !content.legend.isEmpty()) {
    lines.push_back(
        {content.legend + (content.isTrimmed ? QStringLiteral(", top 1 % clipped") : QString()), false});
  }
  if (const QString note = content.scale.mismatch(); !note.isEmpty()) lines.push_back({note, true});
  return lines;
}

QPointF HeatmapLayout::toPoint(double keyToken, double queryToken) const {
  return {cells.left() + (keyToken - viewport.left) / viewport.width * cells.width(),
          cells.top() + (queryToken - viewport.top) / viewport.height * cells.height()};
}

QPointF HeatmapLayout::toTokens(const QPointF& point) const {
  return {viewport.left + (point.x() - cells.left()) / cells.width() * viewport.width,
          viewport.top + (point.y() - cells.top()) / cells.height() * viewport.height};
}

HeatmapLayout layoutHeatmap(const HeatmapContent& content, const QRectF& area, const Viewport& viewport,
                            const HeatmapStyle& style, bool snap) {
  HeatmapLayout layout;
  layout.area = area;
  layout.scale = style.tick / 11.0;
  layout.viewport = viewport.isWhole() || viewport.height <= 0.0 ? wholeOf(content.grid) : viewport;
  if (style.isFigure) layout.viewport = wholeCells(layout.viewport, content.grid);
  const double limit = labelLimit(content, style, area);
  if (style.isFigure) {
    fitLabels(layout, content, style, limit);
    return placed(content, layout, style, false);
  }
  layout.labelWidth = layout.labelHeight = steadyLabelWidth(content, style, limit);
  HeatmapLayout right = placed(content, layout, style, snap);
  if (!style.showColorbar) return right;
  layout.isBarBelow = true;
  HeatmapLayout below = placed(content, layout, style, snap);
  return below.cells.width() > right.cells.width() * 1.02 ? below : right;
}

std::optional<Cell> cellAt(const HeatmapContent& content, const HeatmapLayout& layout, const QPointF& point) {
  if (content.map.rows == 0 || !layout.cells.contains(point)) return std::nullopt;
  const MapGrid& grid = content.grid;
  const QPointF token = layout.toTokens(point);
  const auto col = static_cast<qint64>(std::floor(token.x())),
             row = static_cast<qint64>(std::floor(token.y()));
  if (row < grid.row0 || row >= grid.row1 || col < grid.col0 || col >= grid.col1) return std::nullopt;
  return Cell{row - (row - grid.row0) % grid.pool, col - (col - grid.col0) % grid.pool};
}

}  // namespace uc
