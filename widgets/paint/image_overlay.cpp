// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/image_overlay.h"

#include "widgets/paint/figure_text.h"

#include <QFontMetricsF>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

namespace uc {

namespace {

constexpr double kMaxFigureHeight = 1.6;  // of the picture, in widths
constexpr double kDiamond = 9.0;          // half its diagonal, in units of the look
constexpr int kFigureSide = 1600;         // pixels of a figure's picture, at least

bool hasDiamond(const OverlayContent& content) {
  return content.vision.classToken && content.choice.showClassToken;
}

QRectF toRect(const HeatmapLayout& layout, const QRectF& pixels) {
  return QRectF(layout.toPoint(pixels.left(), pixels.top()), layout.toPoint(pixels.right(), pixels.bottom()));
}

/// The colors of the bar: of a mask, how much of the picture is seen.
HeatmapContent barOf(const OverlayContent& content) {
  ColorScale scale = content.scale;
  if (content.choice.blend == Blend::Mask) {
    Display display;
    display.colorMap = ColorMap::Gray;
    display.gamma = scale.gamma();
    display.range = scale.isSigned() ? ValueRange{0.0, scale.reach()} : scale.range();
    scale = ColorScale(display, false, content.extent);
  }
  return barOnly(scale, content.extent, content.legend, content.caption);
}

/// Lines that show on any photograph: white on a darker, wider one.
void paintOnPhoto(QPainter& painter, const std::vector<QLineF>& lines, double width,
                  const Qt::PenStyle& kind) {
  for (const auto& [color, factor] :
       {std::pair(QColor(0, 0, 0, 80), 2.4), std::pair(QColor(255, 255, 255, 205), 1.0)}) {
    QPen pen(color, width * factor, Qt::SolidLine, Qt::FlatCap, Qt::MiterJoin);
    if (kind == Qt::DashLine) pen.setDashPattern({4.0 / factor, 3.0 / factor});
    painter.setPen(pen);
    for (const QLineF& line : lines) painter.drawLine(line);
  }
}

/// look.md: 2 px white between 1 px black. A dashed frame is 1 px white on black.
void paintFrame(QPainter& painter, const QRectF& box, double unit, bool isDashed) {
  painter.setBrush(Qt::NoBrush);
  const double white = isDashed ? 1.2 : 2.0, black = isDashed ? 3.0 : 4.0;
  QPen under(QColor(0, 0, 0, isDashed ? 150 : 255), black * unit, Qt::SolidLine, Qt::FlatCap, Qt::MiterJoin);
  painter.setPen(under);
  painter.drawRect(box);
  QPen over(Qt::white, white * unit, Qt::SolidLine, Qt::FlatCap, Qt::MiterJoin);
  if (isDashed) over.setDashPattern({4.0 / white, 3.0 / white});
  painter.setPen(over);
  painter.drawRect(box);
}

QPolygonF diamond(const QRectF& box) {
  return QPolygonF({QPointF(box.center().x(), box.top()), QPointF(box.right(), box.center().y()),
                    QPointF(box.center().x(), box.bottom()), QPointF(box.left(), box.center().y())});
}

/// The middle of what stands for a token.
QPointF centerOf(const OverlayContent& content, const HeatmapLayout& layout, int64_t token) {
  const QRectF patch = patchRect(content.vision, token);
  return patch.isEmpty() ? classTokenRect(content, layout).center() : toRect(layout, patch).center();
}

void paintGridLines(QPainter& painter, const OverlayContent& content, const HeatmapLayout& layout,
                    double unit) {
  const VisionInfo& vision = content.vision;
  const QRectF part = shownPart(layout);
  const QRectF first = patchRect(vision, tokenOfPatch(vision, 0));
  const QRectF last = patchRect(vision, tokenOfPatch(vision, vision.gridRows * vision.gridCols - 1));
  const QRectF all = first.united(last) & part;
  std::vector<QLineF> lines;
  for (int64_t col = 1; col < vision.gridCols; ++col) {
    const auto x = static_cast<double>(col * vision.stride);
    if (x > all.left() && x < all.right())
      lines.emplace_back(layout.toPoint(x, all.top()), layout.toPoint(x, all.bottom()));
  }
  for (int64_t row = 1; row < vision.gridRows; ++row) {
    const auto y = static_cast<double>(row * vision.stride);
    if (y > all.top() && y < all.bottom())
      lines.emplace_back(layout.toPoint(all.left(), y), layout.toPoint(all.right(), y));
  }
  painter.setPen(QPen(QColor(255, 255, 255, 120), 0.8 * unit, Qt::SolidLine, Qt::FlatCap));
  for (const QLineF& line : lines) painter.drawLine(line);
}

/// Head of an arrow that points along +x or −x.
void addHead(std::vector<QLineF>& lines, const QPointF& tip, double size) {
  lines.emplace_back(tip, tip + QPointF(-size, -0.7 * std::abs(size)));
  lines.emplace_back(tip, tip + QPointF(-size, 0.7 * std::abs(size)));
}

void paintEnd(QPainter& painter, const QPointF& place, int64_t token, const QRectF& bounds,
              const HeatmapStyle& style) {
  const QFont font = textFont(style.tick);
  const QString text = QString::number(token);
  const double width = QFontMetricsF(font).horizontalAdvance(text);
  const double height = 1.7 * style.tick;
  const double length = std::max(width + 0.8 * style.tick, height);
  // Wide numbers on small patches stay on the picture.
  const double half = length / 2.0 + lookUnit(style);
  const QPointF center(
      std::clamp(place.x(), bounds.left() + half, std::max(bounds.left() + half, bounds.right() - half)),
      place.y());
  const QRectF pill(center.x() - length / 2.0, center.y() - height / 2.0, length, height);
  painter.setPen(QPen(Qt::white, 0.8 * lookUnit(style)));
  painter.setBrush(QColor(26, 30, 35));
  painter.drawRoundedRect(pill, height / 2.0, height / 2.0);
  painter.setFont(font);
  painter.setPen(Qt::white);
  painter.drawText(QPointF(center.x() - width / 2.0, center.y() + 0.36 * style.tick), text);
}

/// Row by row with a head at the end that the scan reaches last; both ends of a map of both directions.
void paintScanPath(QPainter& painter, const OverlayContent& content, const HeatmapLayout& layout,
                   const HeatmapStyle& style) {
  const VisionInfo& vision = content.vision;
  const double unit = lookUnit(style);
  const auto center = [&](int64_t row, int64_t col) {
    return toRect(layout, patchRect(vision, tokenOfPatch(vision, row * vision.gridCols + col))).center();
  };
  std::vector<QLineF> rows, turns;
  const double pitch = layout.cells.height() / layout.viewport.height * static_cast<double>(vision.stride);
  const double head = std::min(6.0 * unit, 0.3 * pitch);
  for (int64_t row = 0; row < vision.gridRows; ++row) {
    const QPointF begin = center(row, 0), end = center(row, vision.gridCols - 1);
    rows.emplace_back(begin, end);
    if (content.attended != Attended::Later) addHead(rows, end, head);
    if (content.attended != Attended::Earlier) addHead(rows, begin, -head);
    if (row + 1 < vision.gridRows) turns.emplace_back(end, center(row + 1, 0));
  }
  paintOnPhoto(painter, turns, 0.7 * unit, Qt::DashLine);
  paintOnPhoto(painter, rows, 1.2 * unit, Qt::SolidLine);
  const int64_t last = vision.gridRows * vision.gridCols - 1;
  const QRectF all = toRect(layout, QRectF(QPointF(), content.picture.size()));
  paintEnd(painter, center(0, 0), tokenOfPatch(vision, 0), all, style);
  paintEnd(painter, center(vision.gridRows - 1, vision.gridCols - 1), tokenOfPatch(vision, last), all, style);
}

void paintDiamond(QPainter& painter, const OverlayContent& content, const HeatmapLayout& layout,
                  const HeatmapStyle& style) {
  const QRectF box = classTokenRect(content, layout);
  if (box.isEmpty()) return;
  const double unit = lookUnit(style);
  const int64_t token = *content.vision.classToken;
  const float value = content.shown[static_cast<size_t>(token)];
  QColor fill = style.theme.hatchGround;
  if (content.isAttended(token))
    fill = std::isfinite(value) ? QColor(content.scale.color(static_cast<double>(value)))
                                : style.theme.nanGround;
  const bool isQuery = token == content.query;
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(Qt::black, (isQuery ? 5.0 : 3.2) * unit, Qt::SolidLine, Qt::FlatCap, Qt::MiterJoin));
  painter.drawPolygon(diamond(box));
  painter.setBrush(fill);
  painter.setPen(QPen(Qt::white, (isQuery ? 2.6 : 1.2) * unit, Qt::SolidLine, Qt::FlatCap, Qt::MiterJoin));
  painter.drawPolygon(diamond(box));
  painter.setFont(textFont(style.tick));
  painter.setPen(style.theme.text);
  painter.drawText(QPointF(box.right() + 4.0 * unit, box.center().y() + 0.36 * style.tick),
                   QString::number(token));
}

}  // namespace

QRectF shownPart(const HeatmapLayout& layout) {
  return {layout.viewport.left, layout.viewport.top, layout.viewport.width, layout.viewport.height};
}

HeatmapLayout layoutOverlay(const OverlayContent& content, const QRectF& area, const Viewport& viewport,
                            const HeatmapStyle& style, double pixelRatio) {
  HeatmapLayout layout;
  layout.area = area;
  layout.scale = lookUnit(style);
  layout.isBarBelow = true;
  const double unit = layout.scale, pad = 10.0 * unit;
  const QSizeF picture = content.picture.size();
  layout.viewport = viewport.isWhole() ? Viewport{0.0, 0.0, picture.width(), picture.height()} : viewport;
  double side = pad;
  if (hasDiamond(content)) {
    const QFontMetricsF metrics(textFont(style.tick));
    side +=
        kDiamond * unit + 4.0 * unit + metrics.horizontalAdvance(QString::number(*content.vision.classToken));
  }
  const double width = std::max(area.width() - pad - side, 8.0 * unit), textWidth = area.width() - 2.0 * pad;
  const HeatmapContent bar = barOf(content);
  const double title = style.isFigure ? titleHeight(content.title, style, textWidth) : 0.0;
  const double caption = captionHeight(content.caption, style, textWidth);
  const double barHeight = style.showColorbar ? 14.0 * unit + barBelowHeight(bar, style) : 0.0;
  const double top = area.top() + pad + (title > 0.0 ? title + 6.0 * unit : 0.0);
  const double below = barHeight + pad + (caption > 0.0 ? caption + pad : 0.0);
  double room = std::max(area.bottom() - below - top, 8.0 * unit);
  if (style.isFigure) room = std::min(room, kMaxFigureHeight * width);
  const double factor = std::min(width / picture.width(), room / picture.height());
  QSizeF size = picture * factor;
  QPointF corner(area.left() + pad + (width - size.width()) / 2.0,
                 style.isFigure ? top : top + (room - size.height()) / 2.0);
  if (pixelRatio > 0.0) {
    const auto snap = [pixelRatio](double value) { return std::round(value * pixelRatio) / pixelRatio; };
    corner = QPointF(snap(corner.x()), snap(corner.y()));
    size = QSizeF(snap(size.width()), snap(size.height()));
  }
  layout.cells = QRectF(corner, size);
  const double barTop = layout.cells.bottom() + 14.0 * unit;
  if (style.showColorbar)
    layout.colorbar = layout.cells.adjusted(9.0 * unit, 0, -9.0 * unit, 0), layout.colorbar.setTop(barTop),
    layout.colorbar.setHeight(11.0 * unit);
  if (title > 0.0) layout.title = QRectF(area.left() + pad, area.top() + pad, textWidth, title);
  if (caption > 0.0)
    layout.caption = QRectF(area.left() + pad, layout.cells.bottom() + barHeight + pad, textWidth, caption);
  return layout;
}

QRectF classTokenRect(const OverlayContent& content, const HeatmapLayout& layout) {
  if (!hasDiamond(content)) return {};
  const VisionInfo& vision = content.vision;
  const double rows = static_cast<double>(*vision.classToken) / static_cast<double>(vision.gridCols);
  const double half = kDiamond * layout.scale;
  const double bottom = static_cast<double>((vision.gridRows - 1) * vision.stride + vision.patch);
  const double y = layout.toPoint(0.0, std::min(rows * static_cast<double>(vision.stride), bottom)).y();
  const QPointF center(layout.cells.right(), std::clamp(y, layout.cells.top(), layout.cells.bottom()));
  return QRectF(center - QPointF(half, half), QSizeF(2.0 * half, 2.0 * half));
}

std::optional<int64_t> tokenAt(const OverlayContent& content, const HeatmapLayout& layout,
                               const QPointF& point) {
  const QRectF diamond = classTokenRect(content, layout);
  const QPointF away = point - diamond.center();
  if (!diamond.isEmpty() && std::abs(away.x()) + std::abs(away.y()) <= diamond.width() / 2.0)
    return content.vision.classToken;
  if (!layout.cells.contains(point)) return std::nullopt;
  return nearestPatch(content.vision, layout.toTokens(point));
}

void paintOverlayPath(QPainter& painter, const OverlayContent& content, const HeatmapLayout& layout,
                      const HeatmapStyle& style) {
  painter.save();
  if (!style.isFigure) painter.setClipRect(layout.cells, Qt::IntersectClip);
  if (content.showGrid || style.showGrid) paintGridLines(painter, content, layout, lookUnit(style));
  painter.setRenderHint(QPainter::Antialiasing);
  if (content.choice.showScanPath) paintScanPath(painter, content, layout, style);
  painter.restore();
}

void paintOverlayMarks(QPainter& painter, const OverlayContent& content, const HeatmapLayout& layout,
                       const HeatmapStyle& style, std::optional<int64_t> hovered) {
  const double unit = lookUnit(style);
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  if (!style.isFigure) painter.setClipRect(layout.cells, Qt::IntersectClip);
  const QRectF queryBox = toRect(layout, patchRect(content.vision, content.query));
  const auto key = strongestKey(content);
  if (key) {
    const bool isShown = content.vision.patchOf(*key) || hasDiamond(content);
    const bool isFromShown = content.vision.patchOf(content.query) || hasDiamond(content);
    if (isShown && isFromShown)
      paintOnPhoto(painter,
                   {QLineF(centerOf(content, layout, content.query), centerOf(content, layout, *key))}, unit,
                   Qt::DashLine);
    if (content.vision.patchOf(*key))
      paintFrame(painter, toRect(layout, patchRect(content.vision, *key)), unit, true);
  }
  if (hovered && *hovered != content.query && content.vision.patchOf(*hovered))
    paintFrame(painter, toRect(layout, patchRect(content.vision, *hovered)), 0.6 * unit, false);
  painter.setRenderHint(QPainter::Antialiasing, style.isFigure);
  if (content.vision.patchOf(content.query)) paintFrame(painter, queryBox, unit, false);
  painter.restore();
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  paintDiamond(painter, content, layout, style);
  painter.restore();
}

void paintOverlayBar(QPainter& painter, const OverlayContent& content, const HeatmapLayout& layout,
                     const HeatmapStyle& style) {
  if (!layout.colorbar.isEmpty()) paintBarBelow(painter, barOf(content), layout.colorbar, layout.area, style);
}

double OverlayFigure::heightFor(double width, const HeatmapStyle& style) const {
  const HeatmapLayout layout = layoutOverlay(*m_content, QRectF(0.0, 0.0, width, 1e6), {}, style, 0.0);
  double bottom = layout.cells.bottom();
  if (style.showColorbar) bottom = layout.colorbar.top() + barBelowHeight(barOf(*m_content), style);
  return std::max(bottom, layout.caption.bottom()) + 8.0 * lookUnit(style);
}

void OverlayFigure::paint(QPainter& painter, const QRectF& area, const HeatmapStyle& style) const {
  const OverlayContent& content = *m_content;
  const HeatmapLayout layout = layoutOverlay(content, area, {}, style, 0.0);
  const int longer = std::max(content.picture.width(), content.picture.height());
  const QSize pixels = content.picture.size() * std::max(1, (kFigureSide + longer - 1) / longer);
  const QRectF part = shownPart(layout);
  painter.save();
  painter.setRenderHint(QPainter::SmoothPixmapTransform);
  painter.drawImage(layout.cells, blendedPicture(content, scaledPicture(content.picture, part, pixels), part,
                                                 style, pixels.width() / layout.cells.width()));
  painter.restore();
  paintOverlayPath(painter, content, layout, style);
  paintOverlayMarks(painter, content, layout, style, std::nullopt);
  paintOverlayBar(painter, content, layout, style);
  if (!layout.title.isEmpty()) paintTitle(painter, content.title, layout.title, layout.cells.left(), style);
  paintCaption(painter, content.caption, layout.caption, style);
}

}  // namespace uc
