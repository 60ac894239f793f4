// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/heatmap_painter.h"
#include "widgets/paint/text_fit.h"

#include <QFontMetricsF>

#include <algorithm>
#include <cmath>

namespace uc {

namespace {

/// The bar's colors from its low to its high end, along the direction of growing values.
QImage barImage(const ColorScale& scale, bool isBelow) {
  constexpr int kSteps = 256;
  const auto table = scale.table();
  QImage image(isBelow ? kSteps : 1, isBelow ? 1 : kSteps, QImage::Format_RGB32);
  for (int i = 0; i < kSteps; ++i) {
    const QRgb color = table[static_cast<size_t>(scale.barIndex((i + 0.5) / kSteps))];
    if (isBelow) {
      image.setPixel(i, 0, color);
    } else {
      image.setPixel(0, kSteps - 1 - i, color);
    }
  }
  return image;
}

/// Both as points with x along the bar (0 at its low end) and y away from it, so that one code serves both
/// places.
struct BarFrame {
  QRectF bar;
  bool isBelow;

  double length() const { return isBelow ? bar.width() : bar.height(); }
  double thickness() const { return isBelow ? bar.height() : bar.width(); }
  QPointF at(double along, double away) const {
    return isBelow ? QPointF(bar.left() + along, bar.top() + away)
                   : QPointF(bar.left() + away, bar.bottom() - along);
  }
};

void paintEnds(QPainter& painter, const HeatmapContent& content, const BarFrame& frame,
               const HeatmapLayout& layout, const HeatmapStyle& style) {
  const double s = layout.scale, gap = 2.2 * s, size = 6.6 * s, thick = frame.thickness();
  painter.setPen(Qt::NoPen);
  painter.setBrush(style.theme.text);
  const auto triangle = [&](double base, double tip) {
    painter.drawPolygon(QPolygonF({frame.at(base, 0.0), frame.at(base, thick), frame.at(tip, thick / 2.0)}));
  };
  if (content.scale.overflow(content.shown.extent.high) > 0) {
    triangle(frame.length() + gap, frame.length() + gap + size);
  }
  if (content.scale.overflow(content.shown.extent.low) < 0) triangle(-gap, -gap - size);
}

/// Ticks whose labels do not touch: a gamma crowds them together at one end.
void paintTicks(QPainter& painter, const HeatmapContent& content, const BarFrame& frame,
                const HeatmapLayout& layout, const HeatmapStyle& style) {
  const double s = layout.scale;
  const QFont font = textFont(style.tick);
  const QFontMetricsF metrics(font);
  painter.setFont(font);
  const double wanted = frame.isBelow ? 52.0 * s : 38.0 * s;
  double taken = -1e9;
  for (const auto& tick :
       content.scale.ticks(std::clamp(static_cast<int>(frame.length() / wanted) + 1, 3, 9))) {
    const double along = tick.position * frame.length(), width = metrics.horizontalAdvance(tick.label);
    const double half = frame.isBelow ? width / 2.0 + 3.0 * s : 0.6 * style.tick;
    painter.setPen(QPen(style.theme.border, 0.8 * style.line, Qt::SolidLine, Qt::FlatCap));
    painter.drawLine(frame.at(along, frame.thickness()), frame.at(along, frame.thickness() + 4.0 * s));
    if (along - half < taken) continue;
    taken = along + half;
    painter.setPen(style.theme.text);
    const QPointF end = frame.at(along, frame.thickness() + 7.0 * s);
    painter.drawText(frame.isBelow ? end + QPointF(-width / 2.0, 0.75 * style.tick)
                                   : end + QPointF(0.0, 0.35 * style.tick),
                     tick.label);
  }
}

void paintLegend(QPainter& painter, const HeatmapContent& content, const BarFrame& frame,
                 const HeatmapLayout& layout, const HeatmapStyle& style) {
  if (!hasBarLegend(content, style)) return;
  const QString note = content.scale.mismatch();
  const QFont font = textFont(style.tick);
  const QFontMetricsF metrics(font);
  const double room =
      frame.isBelow ? layout.area.width() - 16.0 * layout.scale : layout.cells.height() + 16.0 * layout.scale;
  const bool hasName = !(style.isFigure && style.showCaption && !content.caption.isEmpty());
  const QString separator = note.isEmpty() || !hasName ? QString() : QStringLiteral("; ");
  const QString name = hasName ? metrics.elidedText(content.legend + separator, Qt::ElideMiddle,
                                                    std::max(0.0, room - metrics.horizontalAdvance(note)))
                               : QString();
  const double nameWidth = metrics.horizontalAdvance(name),
               total = nameWidth + metrics.horizontalAdvance(note);
  painter.save();
  painter.setFont(font);
  if (frame.isBelow) {
    const double left = std::clamp(frame.bar.center().x() - total / 2.0, layout.area.left(),
                                   std::max(layout.area.left(), layout.area.right() - total));
    painter.translate(left, frame.bar.bottom() + 6.0 * layout.scale + 2.3 * style.tick);
  } else {
    double widest = 0.0;
    for (const auto& tick : content.scale.ticks(7))
      widest = std::max(widest, metrics.horizontalAdvance(tick.label));
    painter.translate(frame.bar.right() + 15.0 * layout.scale + widest, frame.bar.center().y() - total / 2.0);
    painter.rotate(90.0);
    painter.translate(0.0, -0.25 * style.tick);
  }
  painter.setPen(style.theme.text2);
  painter.drawText(QPointF(0.0, 0.0), name);
  painter.setPen(style.theme.warn);
  painter.drawText(QPointF(nameWidth, 0.0), note);
  painter.restore();
}

}  // namespace

void paintColorbar(QPainter& painter, const HeatmapContent& content, const HeatmapLayout& layout,
                   const HeatmapStyle& style) {
  if (!style.showColorbar || layout.colorbar.isEmpty()) return;
  const BarFrame frame{layout.colorbar, layout.isBarBelow};
  painter.save();
  const QImage image = barImage(content.scale, layout.isBarBelow);
  painter.drawImage(frame.bar, style.isFigure
                                   ? image.scaled(layout.isBarBelow ? 1024 : 4, layout.isBarBelow ? 4 : 1024)
                                   : image);
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(style.theme.border, style.line, Qt::SolidLine, Qt::FlatCap, Qt::MiterJoin));
  painter.drawRect(frame.bar);
  painter.setRenderHint(QPainter::Antialiasing);
  paintEnds(painter, content, frame, layout, style);
  paintTicks(painter, content, frame, layout, style);
  paintLegend(painter, content, frame, layout, style);
  painter.restore();
}

}  // namespace uc
