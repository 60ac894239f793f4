// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/atlas_painter.h"
#include "widgets/paint/text_fit.h"

#include <QCoreApplication>
#include <QFontMetricsF>

#include <algorithm>

namespace uc {

namespace {

constexpr double kHandle = 7.0;
constexpr double kLetter = 15.0;
constexpr float kBrushFill = 0.12F;

QString tr(const char* text) { return QCoreApplication::translate("Atlas", text); }

/// A line of text on a plate beside a box, kept inside the frame and below the plate that it would cover.
/// Returns where it is.
QRectF paintPlate(QPainter& painter, const QRectF& beside, const QString& text, const AtlasLayout& layout,
                  const HeatmapStyle& style, const QColor& ground, const QColor& ink,
                  const QRectF& other = {}) {
  const QFont font = textFont(style.axis);
  const double s = layout.scale;
  const QSizeF size(QFontMetricsF(font).horizontalAdvance(text) + 14.0 * s, lineHeight(style.axis) + 5.0 * s);
  QRectF plate(QPointF(beside.right() + 7.0 * s, beside.top()), size);
  if (plate.right() > layout.frame.right()) plate.moveRight(beside.left() - 7.0 * s);
  plate.moveLeft(std::max(plate.left(), layout.frame.left() + 2.0 * s));
  plate.moveTop(
      std::clamp(plate.top(), layout.frame.top() + 2.0 * s,
                 std::max(layout.frame.top() + 2.0 * s, layout.frame.bottom() - size.height() - 2.0 * s)));
  if (plate.intersects(other)) plate.moveTop(other.bottom() + 2.0 * s);
  painter.setPen(ground == style.theme.raised ? QPen(style.theme.line, style.line) : QPen(Qt::NoPen));
  painter.setBrush(ground);
  painter.drawRoundedRect(plate, 3.0 * s, 3.0 * s);
  painter.setFont(font);
  painter.setPen(ink);
  painter.drawText(plate, Qt::AlignCenter, text);
  return plate;
}

/// Returns where the count is.
QRectF paintBrush(QPainter& painter, const AtlasContent& content, const AtlasLayout& layout,
                  const HeatmapStyle& style, bool hasHandles) {
  const Theme& theme = style.theme;
  const double s = layout.scale;
  const QRectF box = layout.toRect(placesOf(*content.cloud, *content.choice.brush));
  QColor fill = theme.accent, casing = theme.casing;
  fill.setAlphaF(kBrushFill);
  casing.setAlphaF(0.8F);
  painter.fillRect(box, fill);
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(casing, 3.5 * s, Qt::SolidLine, Qt::SquareCap, Qt::MiterJoin));
  painter.drawRect(box);
  painter.setPen(QPen(theme.accent, 1.5 * s, Qt::SolidLine, Qt::SquareCap, Qt::MiterJoin));
  painter.drawRect(box);
  if (hasHandles) {
    painter.setPen(QPen(theme.accent, 1.0 * s));
    painter.setBrush(theme.base);
    for (const QRectF& handle : brushHandles(box, s)) painter.drawRect(handle.adjusted(0.5, 0.5, -0.5, -0.5));
  }
  const auto count = static_cast<qint64>(content.selected.size());
  const QString words = count == 1 ? tr("1 lane") : tr("%1 lanes").arg(countText(count));
  return paintPlate(painter, box, words, layout, style, theme.accent, theme.onAccent);
}

void paintRing(QPainter& painter, const QPointF& at, double radius, const QColor& color, Qt::PenStyle line,
               const AtlasLayout& layout, const Theme& theme) {
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(theme.casing, 4.0 * layout.scale));
  painter.drawEllipse(at, radius * layout.scale, radius * layout.scale);
  painter.setPen(QPen(color, 2.0 * layout.scale, line, Qt::FlatCap));
  painter.drawEllipse(at, radius * layout.scale, radius * layout.scale);
}

QString pointText(const AtlasContent& content, uint32_t index) {
  const AtlasCloud& cloud = *content.cloud;
  const LaneStatistics& lane = content.lanes().lanes[index];
  QString text = laneName(content.lanes().refOf(index));
  if (!cloud.isTiled)
    return text + QStringLiteral("   ") + valueText(*cloud.x, cloud.x->of(lane)) + QStringLiteral(" · ") +
           valueText(*cloud.y, cloud.y->of(lane));
  if (cloud.isColoredByRole) return text;
  const AtlasColumn& color = atlasColumn(content.choice.color);
  return text + QStringLiteral("   ") + valueText(color, color.of(lane));
}

}  // namespace

std::optional<QPointF> pointOf(const AtlasContent& content, const AtlasLayout& layout, const LaneRef& lane) {
  const auto index = content.lanes().indexOf(lane);
  if (!index) return std::nullopt;
  const AtlasCloud& cloud = *content.cloud;
  const LaneStatistics& of = content.lanes().lanes[*index];
  const double x = cloud.xAxis().placeOf(cloud.x->of(of)), y = cloud.yAxis().placeOf(cloud.y->of(of));
  if (!std::isfinite(x) || !std::isfinite(y)) return std::nullopt;
  return layout.toPoint(x, y);
}

std::array<QRectF, 8> brushHandles(const QRectF& brush, double scale) {
  const QPointF center = brush.center();
  const std::array<QPointF, 8> places = {brush.topLeft(),     QPointF(center.x(), brush.top()),
                                         brush.topRight(),    QPointF(brush.right(), center.y()),
                                         brush.bottomRight(), QPointF(center.x(), brush.bottom()),
                                         brush.bottomLeft(),  QPointF(brush.left(), center.y())};
  std::array<QRectF, 8> handles;
  const double half = 0.5 * kHandle * scale;
  for (size_t i = 0; i < places.size(); ++i)
    handles[i] = QRectF(places[i] - QPointF(half, half), QSizeF(2 * half, 2 * half));
  return handles;
}

void paintPaneLetter(QPainter& painter, const QRectF& box, const QString& letter, const Theme& theme) {
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(theme.casing, box.width() / kLetter));
  painter.setBrush(theme.text);
  painter.drawRoundedRect(box, 0.2 * box.width(), 0.2 * box.width());
  painter.setFont(textFont(std::round(0.75 * box.height()), true));
  painter.setPen(theme.panel);
  painter.drawText(box, Qt::AlignCenter, letter);
  painter.restore();
}

void paintAtlasMarks(QPainter& painter, const AtlasContent& content, const AtlasLayout& layout,
                     const HeatmapStyle& style, const AtlasMarks& marks) {
  const Theme& theme = style.theme;
  const double s = layout.scale;
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  QRectF count;
  if (content.choice.brush) count = paintBrush(painter, content, layout, style, marks.hasHandles);
  for (const AtlasMarks::Pane& pane : marks.panes) {
    const auto at = pointOf(content, layout, pane.lane);
    if (!at) continue;
    paintRing(painter, *at, 4.0, theme.crosshair, Qt::SolidLine, layout, theme);
    QRectF box(at->x() + 5.0 * s, at->y() - (5.0 + kLetter) * s, kLetter * s, kLetter * s);
    if (box.right() > layout.frame.right()) box.moveRight(at->x() - 5.0 * s);
    if (box.top() < layout.frame.top()) box.moveTop(at->y() + 5.0 * s);
    paintPaneLetter(painter, box, pane.letter, theme);
  }
  if (marks.locked) {
    if (const auto at = pointOf(content, layout, *marks.locked))
      paintRing(painter, *at, 6.0, theme.accent, Qt::SolidLine, layout, theme);
  }
  const auto named = marks.hovered ? marks.hovered : marks.locked;
  if (named) {
    if (const auto at = pointOf(content, layout, *named)) {
      if (marks.hovered) paintRing(painter, *at, 6.0, theme.crosshair, Qt::DashLine, layout, theme);
      const double reach = 6.0 * s;
      const QRectF around(at->x() - reach, at->y() - reach - 10.0 * s, 2 * reach, 2 * reach);
      paintPlate(painter, around, pointText(content, *content.lanes().indexOf(*named)), layout, style,
                 theme.raised, theme.text, count);
    }
  }
  painter.restore();
}

}  // namespace uc
