// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/heatmap_painter.h"

#include <QFontMetricsF>
#include <QPainterPath>

namespace uc {

namespace {

/// A stretch of a token that is drawn one way: glyphs, or one painted sign.
struct Run {
  QString text;
  QChar sign;  // ' ', '\n' or '\t'; null for glyphs
};

QString controlText(QChar c) {
  return QStringLiteral("\u27E8%1\u27E9").arg(c.unicode(), 2, 16, QLatin1Char('0')).toUpper();
}

std::vector<Run> runsOf(const QString& token) {
  std::vector<Run> runs;
  for (const QChar c : token) {
    if (c == QLatin1Char(' ') || c == QLatin1Char('\n') || c == QLatin1Char('\t')) {
      runs.push_back({{}, c});
      continue;
    }
    if (runs.empty() || !runs.back().sign.isNull()) runs.emplace_back();
    const bool isControl = c.unicode() < 0x20 || (c.unicode() >= 0x7F && c.unicode() < 0xA0);
    runs.back().text += isControl ? controlText(c) : QString(c);
  }
  return runs;
}

double signWidth(const QFontMetricsF& metrics) { return metrics.horizontalAdvance(QLatin1Char('0')); }

/// The strokes of ␣ ↵ ⇥ in a cell of width 1 whose baseline is at 0 and whose height is measured in widths, y
/// down.
QPainterPath signStrokes(QChar sign) {
  QPainterPath path;
  if (sign == QLatin1Char(' ')) {
    path.moveTo(0.10, -0.12);
    path.lineTo(0.10, 0.16);
    path.lineTo(0.90, 0.16);
    path.lineTo(0.90, -0.12);
  } else if (sign == QLatin1Char('\n')) {
    path.moveTo(0.88, -1.05);
    path.lineTo(0.88, -0.40);
    path.lineTo(0.12, -0.40);
    path.moveTo(0.38, -0.68);
    path.lineTo(0.12, -0.40);
    path.lineTo(0.38, -0.12);
  } else {
    path.moveTo(0.08, -0.56);
    path.lineTo(0.74, -0.56);
    path.moveTo(0.50, -0.84);
    path.lineTo(0.74, -0.56);
    path.lineTo(0.50, -0.28);
    path.moveTo(0.90, -0.94);
    path.lineTo(0.90, -0.18);
  }
  return path;
}

void paintSign(QPainter& painter, const QPointF& origin, double width, QChar sign, const QColor& color) {
  painter.save();
  QPen pen(color, width * 0.13);
  pen.setCapStyle(Qt::FlatCap);
  pen.setJoinStyle(Qt::MiterJoin);
  painter.setPen(pen);
  painter.setBrush(Qt::NoBrush);
  painter.setRenderHint(QPainter::Antialiasing);
  QTransform place;
  place.translate(origin.x(), origin.y());
  place.scale(width, width);
  painter.drawPath(place.map(signStrokes(sign)));
  painter.restore();
}

}  // namespace

double tokenWidth(const QString& token, const QFont& font) {
  const QFontMetricsF metrics(font);
  double width = 0.0;
  for (const Run& run : runsOf(token)) {
    width += run.sign.isNull() ? metrics.horizontalAdvance(run.text) : signWidth(metrics);
  }
  return width;
}

void paintToken(QPainter& painter, const QPointF& origin, const QString& token, const QFont& font,
                const QColor& color) {
  const QFontMetricsF metrics(font);
  painter.setFont(font);
  QPointF place = origin;
  for (const Run& run : runsOf(token)) {
    if (run.sign.isNull()) {
      painter.setPen(color);
      painter.drawText(place, run.text);
      place.rx() += metrics.horizontalAdvance(run.text);
    } else {
      paintSign(painter, place, signWidth(metrics), run.sign, color);
      place.rx() += signWidth(metrics);
    }
  }
}

}  // namespace uc
