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
  double taken = -1e9;
  for (const auto& tick : barTicks(content, style, frame.length())) {
    const double along = tick.position * frame.length(), width = metrics.horizontalAdvance(tick.label);
    const double half = frame.isBelow ? width / 2.0 + 3.0 * s : 0.6 * style.tick;
    painter.setPen(QPen(style.theme.border, 0.8 * style.line, Qt::SolidLine, Qt::FlatCap));
    painter.drawLine(frame.at(along, frame.thickness()), frame.at(along, frame.thickness() + 4.0 * s));
    // At the end of a short bar a label moves inward before it leaves the area.
    double middle = along;
    if (frame.isBelow && width < layout.area.width())
      middle = std::clamp(along, layout.area.left() + width / 2.0 - frame.bar.left(),
                          layout.area.right() - width / 2.0 - frame.bar.left());
    if (middle - half < taken) continue;
    taken = middle + half;
    painter.setPen(style.theme.text);
    const QPointF end = frame.at(middle, frame.thickness() + 7.0 * s);
    painter.drawText(frame.isBelow ? end + QPointF(-width / 2.0, 0.75 * style.tick)
                                   : end + QPointF(0.0, 0.35 * style.tick),
                     tick.label);
  }
}

void paintLegend(QPainter& painter, const HeatmapContent& content, const BarFrame& frame,
                 const HeatmapLayout& layout, const HeatmapStyle& style) {
  const double s = layout.scale;
  const QFont font = textFont(style.tick);
  const QFontMetricsF metrics(font);
  // Along the bar, as far as nothing else begins: the text may be longer than the bar.
  const double top = layout.title.isEmpty() ? layout.area.top() + 4.0 * s : layout.title.bottom();
  const double bottom =
      layout.caption.isEmpty() ? layout.area.bottom() - 4.0 * s : layout.caption.top() - 4.0 * s;
  const double low = frame.isBelow ? layout.area.left() + 4.0 * s : top;
  const double high = frame.isBelow ? layout.area.right() - 4.0 * s : bottom;
  const double middle = frame.isBelow ? frame.bar.center().x() : frame.bar.center().y();
  double away = frame.isBelow ? frame.bar.bottom() + 6.0 * s + lineHeight(style.tick)
                              : frame.bar.right() + 13.0 * s + tickLabelWidth(content, style, frame.length());
  painter.setFont(font);
  for (const LegendLine& line : barLegend(content, style)) {
    const QString text = metrics.elidedText(line.text, Qt::ElideMiddle, high - low);
    const double width = metrics.horizontalAdvance(text);
    const double begin = std::max(low, std::min(middle - width / 2.0, high - width));
    painter.setPen(line.isWarning ? style.theme.warn : style.theme.text2);
    painter.save();
    painter.translate(frame.isBelow ? QPointF(begin, away + 0.95 * style.tick)
                                    : QPointF(away + 0.3 * style.tick, begin));
    if (!frame.isBelow) painter.rotate(90.0);
    painter.drawText(QPointF(0.0, 0.0), text);
    painter.restore();
    away += lineHeight(style.tick);
  }
}

/// Ticks of log10 of a ratio, at "× 10", "× 2" … and their inverses: as many decades as fit, or the round
/// factors of one.
std::vector<ColorScale::Tick> ratioTicks(const ColorScale& scale, int count) {
  const ValueRange range = scale.range();
  std::vector<double> factors{1.0};
  const int decades = static_cast<int>(std::floor(scale.reach() + 1e-9));
  const int step = std::max(1, 2 * decades / std::max(2, count - 1));
  for (int power = step; power <= decades; power += step) factors.push_back(std::pow(10.0, power));
  if (decades == 0)
    for (double factor : {1.1, 1.2, 1.5, 2.0, 3.0, 5.0})
      if (factor <= std::pow(10.0, scale.reach()) &&
          (count > 5 || factor * factor > std::pow(10.0, scale.reach())))
        factors.push_back(factor);
  std::vector<ColorScale::Tick> ticks;
  const double low = scale.position(range.low), high = scale.position(range.high);
  const auto add = [&](double value, const QString& label) {
    if (value >= range.low && value <= range.high)
      ticks.push_back({value, (scale.position(value) - low) / (high - low), label});
  };
  const auto text = [](double factor) {
    return factor < 1e5 ? countText(qRound64(factor)) : numberText(factor, 2);
  };
  for (const double factor : factors) {
    const QString number = factor < 2.0 ? QString::number(factor) : text(factor);
    add(std::log10(factor), factor == 1.0 ? QStringLiteral("equal") : QStringLiteral("\u00D7 ") + number);
    if (factor > 1.0) add(-std::log10(factor), QStringLiteral("\u00F7 ") + number);
  }
  std::sort(ticks.begin(), ticks.end(), [](const auto& a, const auto& b) { return a.value < b.value; });
  return ticks;
}

}  // namespace

std::vector<ColorScale::Tick> barTicks(const HeatmapContent& content, const HeatmapStyle& style,
                                       double length) {
  const double step = 75.0 * style.tick / 11.0;
  const int count = std::clamp(static_cast<int>(length / step) + 2, 3, 7);
  return content.isLogRatio ? ratioTicks(content.scale, count) : content.scale.ticks(count);
}

double tickLabelWidth(const HeatmapContent& content, const HeatmapStyle& style, double length) {
  const QFontMetricsF metrics(textFont(style.tick));
  double width = 0.0;
  for (int count = 0; count < 6; ++count) {
    const double any = 75.0 * style.tick / 11.0 * (count + 0.5);
    for (const auto& tick : barTicks(content, style, length > 0.0 ? length : any)) {
      width = std::max(width, metrics.horizontalAdvance(tick.label));
    }
  }
  return width;
}

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
