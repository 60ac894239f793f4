// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/atlas_painter.h"

#include "widgets/paint/text_fit.h"

#include <QCoreApplication>
#include <QFontMetricsF>
#include <QLinearGradient>

#include <algorithm>
#include <cmath>

namespace uc {

namespace {

constexpr double kLookTick = 11.0;  // tick type of the look: one screen pixel of it is one unit
constexpr double kInset = 6.0;      // of the plot in the frame
constexpr double kTick = 4.0, kTickGap = 4.0;
constexpr double kMargin = 12.0;
constexpr double kRoomForXLabel = 52.0, kRoomForYLabel = 20.0;
constexpr double kLegendMargin = 8.0, kLegendInset = 6.0, kBar = 8.0, kBarWidth = 132.0, kRoleRow = 16.0;

QString tr(const char* text) { return QCoreApplication::translate("Atlas", text); }

double widestOf(const std::vector<AtlasAxis::Tick>& ticks, const QFont& font) {
  const QFontMetricsF metrics(font);
  double widest = 0.0;
  for (const AtlasAxis::Tick& tick : ticks) widest = std::max(widest, metrics.horizontalAdvance(tick.label));
  return widest;
}

QString roleName(int mark) {
  return mark == 0 ? tr("no role") : roleTitle(allRoles()[static_cast<size_t>(mark - 1)]);
}

/// Of the frame's corners the one with the fewest points under the legend.
QRectF emptiestCorner(const AtlasCloud& cloud, const AtlasLayout& layout, const QSizeF& size) {
  const double inset = kLegendInset * layout.scale;
  const QRectF inner = layout.frame.adjusted(inset, inset, -inset, -inset);
  const std::array<QPointF, 4> corners = {
      QPointF(inner.right() - size.width(), inner.top()), inner.topLeft(),
      QPointF(inner.right() - size.width(), inner.bottom() - size.height()),
      QPointF(inner.left(), inner.bottom() - size.height())};
  std::array<qint64, 4> counts{};
  for (const AtlasCloud::Point& point : cloud.points) {
    const QPointF at = layout.toPoint(static_cast<double>(point.x), static_cast<double>(point.y));
    for (size_t i = 0; i < corners.size(); ++i) counts[i] += QRectF(corners[i], size).contains(at) ? 1 : 0;
  }
  return {corners[static_cast<size_t>(std::min_element(counts.begin(), counts.end()) - counts.begin())],
          size};
}

/// The gap that ticks of an axis of this length need, as a place.
double gapOf(double room, double length) { return std::min(0.5, room / std::max(1.0, length)); }

void paintRoles(QPainter& painter, const AtlasLegend& legend, const QRectF& box, double scale,
                const HeatmapStyle& style) {
  const QFont font = textFont(style.axis);
  painter.setFont(font);
  const double right = box.right() - kLegendMargin * scale;
  double middle = box.top() + (kLegendMargin + 0.5 * kRoleRow) * scale;
  for (const AtlasLegend::RoleCount& role : legend.roles) {
    const double left = box.left() + kLegendMargin * scale;
    const QColor color = roleColor(role.mark, style.theme);
    painter.fillPath(rolePath(role.mark, 7.0 * scale).translated(left + 4.0 * scale, middle), color);
    const QRectF row(left + 14.0 * scale, middle - 0.5 * kRoleRow * scale, right - left - 14.0 * scale,
                     kRoleRow * scale);
    painter.setPen(style.theme.text);
    painter.drawText(row, Qt::AlignLeft | Qt::AlignVCenter, roleName(role.mark));
    painter.setPen(style.theme.text2);
    painter.drawText(row, Qt::AlignRight | Qt::AlignVCenter, countText(role.count));
    middle += kRoleRow * scale;
  }
}

void paintScale(QPainter& painter, const AtlasLegend& legend, const QRectF& box, double scale,
                const HeatmapStyle& style) {
  const double margin = kLegendMargin * scale;
  const QRectF inner = box.adjusted(margin, margin, -margin, -margin);
  const QRectF bar(inner.left(), inner.bottom() - kBar * scale, inner.width(), kBar * scale);
  const QRectF words(inner.left(), inner.top() - 2.0 * scale, inner.width(), bar.top() - inner.top());
  painter.setFont(textFont(style.axis));
  painter.setPen(style.theme.text);
  painter.drawText(words, Qt::AlignLeft | Qt::AlignVCenter, legend.title + QLatin1Char(' ') + legend.low);
  painter.drawText(words, Qt::AlignRight | Qt::AlignVCenter, legend.high);
  const auto& table = colorTable(ColorMap::Viridis);
  QImage colors(static_cast<int>(table.size()), 1, QImage::Format_RGB32);
  for (int i = 0; i < colors.width(); ++i) colors.setPixel(i, 0, table[static_cast<size_t>(i)]);
  painter.drawImage(bar, colors);
}

}  // namespace

QPointF AtlasLayout::toPoint(double x, double y) const {
  return {plot.left() + x * plot.width(), plot.bottom() - y * plot.height()};
}

QPointF AtlasLayout::toPlaces(const QPointF& point) const {
  return {(point.x() - plot.left()) / plot.width(), (plot.bottom() - point.y()) / plot.height()};
}

QRectF AtlasLayout::toRect(const AtlasRect& places) const {
  return QRectF(toPoint(places.x0, places.y1), toPoint(places.x1, places.y0)).intersected(frame);
}

QSizeF atlasLegendSize(const AtlasLegend& legend, const HeatmapStyle& style) {
  const double scale = style.tick / kLookTick;
  const QFontMetricsF metrics(textFont(style.axis));
  if (legend.isScale()) {
    const double words = metrics.horizontalAdvance(legend.title + QLatin1Char(' ') + legend.low) +
                         metrics.horizontalAdvance(legend.high) + 16.0 * scale;
    return {std::max(kBarWidth * scale, words) + 2.0 * kLegendMargin * scale, 40.0 * scale};
  }
  double widest = 0.0;
  for (const AtlasLegend::RoleCount& role : legend.roles)
    widest = std::max(widest, metrics.horizontalAdvance(roleName(role.mark)) +
                                  metrics.horizontalAdvance(countText(role.count)));
  return {widest + (30.0 + 2.0 * kLegendMargin) * scale,
          (kRoleRow * static_cast<double>(legend.roles.size()) + 2.0 * kLegendMargin) * scale};
}

AtlasLayout layoutAtlas(const AtlasContent& content, const QRectF& area, const HeatmapStyle& style) {
  AtlasLayout layout;
  layout.area = area;
  layout.scale = style.tick / kLookTick;
  const double s = layout.scale, margin = style.isFigure ? 2.0 * s : kMargin * s;
  const AtlasCloud& cloud = *content.cloud;
  const QFont tickFont = textFont(style.tick);
  QRectF inner = area.adjusted(margin, margin, -margin, -margin);
  if (style.isFigure && style.showTitle && !content.title.isEmpty()) {
    const auto lines = wrapText(content.title, textFont(style.title, true), inner.width(), kMaxTitleLines);
    layout.title = QRectF(inner.left(), inner.top(), inner.width(),
                          static_cast<double>(lines.size()) * lineHeight(style.title) + 4.0 * s);
    inner.setTop(layout.title.bottom());
  }
  if (style.isFigure && style.showCaption && !content.caption.isEmpty()) {
    const auto lines = wrapText(content.caption, textFont(style.token), inner.width(), kMaxTitleLines);
    const double height = static_cast<double>(lines.size()) * lineHeight(style.token) + 10.0 * s;
    layout.caption = QRectF(inner.left(), inner.bottom() - height, inner.width(), height);
    inner.setBottom(layout.caption.top() - 6.0 * s);
  }
  const double below = (kTick + kTickGap) * s + style.tick + 4.0 * s + lineHeight(style.axis);
  const double height = inner.height() - below;
  layout.yTicks = cloud.yAxis().ticks(gapOf(2.2 * style.tick, height - 2.0 * kInset * s));
  const double left = kRoomForYLabel * s + widestOf(layout.yTicks, tickFont) + (kTick + kTickGap) * s;
  const double right = style.isFigure ? 10.0 * s : 4.0 * s;
  layout.frame = QRectF(inner.left() + left, inner.top(), inner.width() - left - right, height);
  // Whole pixels on screen, so that the frame and the points' image are sharp.
  if (!style.isFigure) layout.frame = QRectF(layout.frame.toRect());
  const double inset = cloud.isTiled ? 0.0 : kInset * s;
  layout.plot = layout.frame.adjusted(inset, inset, -inset, -inset);
  layout.xTicks = cloud.xAxis().ticks(gapOf(kRoomForXLabel * s, layout.plot.width()));
  const QSizeF legend = atlasLegendSize(cloud.legend, style);
  const bool hasRoom =
      legend.width() < 0.6 * layout.frame.width() && legend.height() < 0.6 * layout.frame.height();
  if (style.showColorbar && hasRoom) layout.legend = emptiestCorner(cloud, layout, legend);
  return layout;
}

void paintAtlasAxes(QPainter& painter, const AtlasContent& content, const AtlasLayout& layout,
                    const HeatmapStyle& style) {
  const double s = layout.scale;
  const QRectF& frame = layout.frame;
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing, style.isFigure);
  painter.setPen(QPen(style.theme.border, style.line, Qt::SolidLine, Qt::SquareCap));
  painter.setBrush(Qt::NoBrush);
  painter.drawRect(style.isFigure ? frame : frame.adjusted(0, 0, -1, -1));
  for (const AtlasAxis::Tick& tick : layout.xTicks) {
    const double x = layout.toPoint(tick.place, 0.0).x();
    painter.drawLine(QPointF(x, frame.bottom()), QPointF(x, frame.bottom() + kTick * s));
  }
  for (const AtlasAxis::Tick& tick : layout.yTicks) {
    const double y = layout.toPoint(0.0, tick.place).y();
    painter.drawLine(QPointF(frame.left() - kTick * s, y), QPointF(frame.left(), y));
  }
  // ∞ is not a place on the scale: a dashed line parts it.
  painter.setPen(QPen(style.theme.line, style.line, Qt::DashLine, Qt::FlatCap));
  const AtlasAxis &xAxis = content.cloud->xAxis(), &yAxis = content.cloud->yAxis();
  const double x = layout.toPoint(0.5 * (1.0 + xAxis.finiteEnd()), 0.0).x();
  const double y = layout.toPoint(0.0, 0.5 * (1.0 + yAxis.finiteEnd())).y();
  if (xAxis.hasInfinity()) painter.drawLine(QPointF(x, frame.top()), QPointF(x, frame.bottom()));
  if (yAxis.hasInfinity()) painter.drawLine(QPointF(frame.left(), y), QPointF(frame.right(), y));

  painter.setPen(style.theme.text2);
  painter.setFont(textFont(style.tick));
  const double tickTop = frame.bottom() + (kTick + kTickGap - 1.0) * s, wide = kRoomForXLabel * s;
  for (const AtlasAxis::Tick& tick : layout.xTicks)
    painter.drawText(
        QRectF(layout.toPoint(tick.place, 0.0).x() - wide, tickTop, 2 * wide, lineHeight(style.tick)),
        Qt::AlignHCenter | Qt::AlignTop, tick.label);
  const double tickRight = frame.left() - (kTick + kTickGap) * s;
  for (const AtlasAxis::Tick& tick : layout.yTicks) {
    const double middle = layout.toPoint(0.0, tick.place).y();
    painter.drawText(QRectF(tickRight - 2 * wide, middle - style.tick, 2 * wide, 2 * style.tick),
                     Qt::AlignRight | Qt::AlignVCenter, tick.label);
  }
  painter.setFont(textFont(style.axis));
  const double labelTop = tickTop + style.tick + 5.0 * s;
  painter.drawText(QRectF(frame.left() - wide, labelTop, frame.width() + 2 * wide, lineHeight(style.axis)),
                   Qt::AlignHCenter | Qt::AlignTop, columnLabel(*content.cloud->x));
  painter.translate(layout.area.left() + (style.isFigure ? 2.0 : kMargin) * s, frame.center().y());
  painter.rotate(-90.0);
  painter.drawText(QRectF(-frame.height(), 0.0, 2 * frame.height(), lineHeight(style.axis)),
                   Qt::AlignHCenter | Qt::AlignTop, columnLabel(*content.cloud->y));
  painter.restore();
}

void paintAtlasLegend(QPainter& painter, const AtlasContent& content, const AtlasLayout& layout,
                      const HeatmapStyle& style) {
  if (layout.legend.isEmpty()) return;
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(style.theme.line, style.line));
  painter.setBrush(style.isFigure ? style.theme.canvas : style.theme.raised);
  painter.drawRoundedRect(
      layout.legend.adjusted(0.5 * style.line, 0.5 * style.line, -0.5 * style.line, -0.5 * style.line),
      2.0 * layout.scale, 2.0 * layout.scale);
  const AtlasLegend& legend = content.cloud->legend;
  if (legend.isScale()) {
    paintScale(painter, legend, layout.legend, layout.scale, style);
  } else {
    paintRoles(painter, legend, layout.legend, layout.scale, style);
  }
  painter.restore();
}

void paintAtlas(QPainter& painter, const AtlasContent& content, const AtlasLayout& layout,
                const HeatmapStyle& style, const AtlasMarks& marks) {
  paintAtlasPoints(painter, content, layout, style);
  paintAtlasAxes(painter, content, layout, style);
  paintAtlasLegend(painter, content, layout, style);
  paintAtlasMarks(painter, content, layout, style, marks);
}

}  // namespace uc
