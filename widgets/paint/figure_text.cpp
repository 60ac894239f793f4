// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/figure_text.h"

#include "widgets/paint/text_fit.h"

#include <QFontMetricsF>

#include <algorithm>

namespace uc {

namespace {

constexpr int kMaxCaptionLines = 4;  // of each of its lines

QStringList titleLines(const QString& title, const HeatmapStyle& style, double width) {
  if (!style.showTitle || title.isEmpty()) return {};
  return wrapText(title, textFont(style.title, true), width, kMaxTitleLines);
}

}  // namespace

double titleHeight(const QString& title, const HeatmapStyle& style, double width) {
  return lineHeight(style.title) * static_cast<double>(titleLines(title, style, width).size());
}

void paintTitle(QPainter& painter, const QString& title, const QRectF& box, double left,
                const HeatmapStyle& style) {
  const QFont font = textFont(style.title, true);
  const QFontMetricsF metrics(font);
  const QStringList lines = titleLines(title, style, box.width());
  double widest = 0.0;
  for (const QString& line : lines) widest = std::max(widest, metrics.horizontalAdvance(line));
  const double begin = std::clamp(left, box.left(), std::max(box.left(), box.right() - widest));
  painter.setFont(font);
  painter.setPen(style.theme.text);
  double baseline = box.top() + style.title;
  for (const QString& line : lines) {
    painter.drawText(QPointF(begin, baseline), line);
    baseline += lineHeight(style.title);
  }
}

QStringList captionLines(const QString& caption, const HeatmapStyle& style, double width) {
  QStringList lines;
  for (const QString& line : caption.split(QLatin1Char('\n'), Qt::SkipEmptyParts)) {
    lines += wrapText(line, textFont(style.token), width, kMaxCaptionLines);
  }
  return lines;
}

double captionHeight(const QString& caption, const HeatmapStyle& style, double width) {
  if (!style.isFigure || !style.showCaption || caption.isEmpty()) return 0.0;
  const auto lines = captionLines(caption, style, width).size();
  return 6.0 * lookUnit(style) + lineHeight(style.token) * static_cast<double>(lines);
}

void paintCaption(QPainter& painter, const QString& caption, const QRectF& box, const HeatmapStyle& style) {
  if (box.isEmpty()) return;
  painter.setPen(QPen(style.theme.border, 0.6 * style.line, Qt::SolidLine, Qt::FlatCap));
  painter.drawLine(box.topLeft(), box.topRight());
  painter.setFont(textFont(style.token));
  painter.setPen(style.theme.text);
  double baseline = box.top() + 6.0 * lookUnit(style) + style.token;
  for (const QString& line : captionLines(caption, style, box.width())) {
    painter.drawText(QPointF(box.left(), baseline), line);
    baseline += lineHeight(style.token);
  }
}

void paintBarBelow(QPainter& painter, const HeatmapContent& content, const QRectF& bar, const QRectF& area,
                   const HeatmapStyle& style) {
  HeatmapLayout layout;
  layout.area = area;
  layout.colorbar = bar;
  layout.isBarBelow = true;
  layout.scale = lookUnit(style);
  paintColorbar(painter, content, layout, style);
}

double barBelowHeight(const HeatmapContent& content, const HeatmapStyle& style) {
  if (!style.showColorbar) return 0.0;
  const auto lines = 1 + barLegend(content, style).size();
  return 17.0 * lookUnit(style) + lineHeight(style.tick) * static_cast<double>(lines);
}

HeatmapContent barOnly(const ColorScale& scale, const ValueRange& extent, const QString& legend,
                       const QString& caption) {
  HeatmapContent content;
  content.scale = scale;
  content.shown.extent = extent;
  content.legend = legend;
  content.caption = caption;
  return content;
}

}  // namespace uc
