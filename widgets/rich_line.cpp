// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/rich_line.h"

#include "widgets/paint/heatmap_painter.h"
#include "widgets/widget_theme.h"

#include <QFontMetricsF>
#include <QPainter>

#include <cmath>

namespace uc {

namespace {

QFont fontOf(const TextRun& run, double pixels) {
  if (run.kind == TextRun::Kind::Token) return tokenFont(std::min(pixels, 12.0));
  return textFont(pixels, run.kind == TextRun::Kind::Strong);
}

}  // namespace

double runWidth(const TextRun& run, double pixels) {
  const QFont font = fontOf(run, pixels);
  if (run.kind == TextRun::Kind::Token) return tokenWidth(run.text, font);
  return QFontMetricsF(font).horizontalAdvance(run.text);
}

double paintRuns(QPainter& painter, const QPointF& origin, const std::vector<TextRun>& runs, double pixels,
                 const QColor& text, const QColor& secondary) {
  double x = origin.x();
  for (const TextRun& run : runs) {
    const QFont font = fontOf(run, pixels);
    if (run.kind == TextRun::Kind::Token) {
      paintToken(painter, {x, origin.y()}, run.text, font, text);
    } else {
      painter.setFont(font);
      painter.setPen(run.kind == TextRun::Kind::Secondary ? secondary : text);
      painter.drawText(QPointF(x, origin.y()), run.text);
    }
    x += runWidth(run, pixels);
  }
  return x;
}

QString spoken(const std::vector<TextRun>& runs) {
  QString result;
  for (const TextRun& run : runs) result += run.text;
  return result;
}

RichLine::RichLine(double pixels, QWidget* parent) : QWidget(parent), m_pixels(pixels) {
  setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
}

void RichLine::setRuns(std::vector<TextRun> runs) {
  if (runs == m_runs) return;
  m_runs = std::move(runs);
  setAccessibleName(text());
  updateGeometry();
  update();
}

QSize RichLine::sizeHint() const {
  double width = 0;
  for (const TextRun& run : m_runs) width += runWidth(run, m_pixels);
  return {static_cast<int>(std::ceil(width)) + 1, static_cast<int>(std::ceil(m_pixels * 1.5))};
}

QSize RichLine::minimumSizeHint() const { return {0, sizeHint().height()}; }

void RichLine::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const Theme& theme = themeOf(*this);
  const double baseline = std::round(height() / 2.0 + m_pixels * 0.36);
  const bool isCut = sizeHint().width() > width() + 1;
  setToolTip(isCut ? text() : QString());
  const double dots = isCut ? QFontMetricsF(textFont(m_pixels)).horizontalAdvance(QChar(0x2026)) : 0.0;
  painter.save();
  if (isCut) painter.setClipRect(QRectF(0, 0, width() - dots, height()));
  paintRuns(painter, {0, baseline}, m_runs, m_pixels, theme.text, theme.text2);
  painter.restore();
  if (!isCut) return;
  painter.setFont(textFont(m_pixels));
  painter.setPen(theme.text2);
  painter.drawText(QPointF(width() - dots, baseline), QString(QChar(0x2026)));
}

}  // namespace uc
