// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/figure_preview.h"

#include "widgets/widget_theme.h"

#include <QFontMetricsF>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace uc {

namespace {

constexpr double kRuler = 22.0;
constexpr double kMargin = 18.0;
constexpr double kLabelSpace = 34.0;  // a label of a ruler needs this much
// Larger than life is of no use: what looks fine enlarged may be too small to read on paper.
constexpr double kMostPixelsPerMm = 6.0;

/// Millimeters between two labels of a ruler.
double labelStep(double pixelsPerMm) {
  for (double step : {10.0, 20.0, 50.0, 100.0})
    if (step * pixelsPerMm >= kLabelSpace) return step;
  return 200.0;
}

void paintCheckers(QPainter& painter, const QRectF& area, const Theme& theme) {
  painter.fillRect(area, theme.base);
  constexpr double kSide = 8.0;
  painter.save();
  painter.setClipRect(area);
  for (int row = 0; row * kSide < area.height(); ++row)
    for (int col = row % 2; col * kSide < area.width(); col += 2)
      painter.fillRect(QRectF(area.left() + col * kSide, area.top() + row * kSide, kSide, kSide),
                       theme.hover);
  painter.restore();
}

}  // namespace

FigurePreview::FigurePreview(QWidget* parent) : QWidget(parent) {
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
  setAccessibleName(tr("Preview of the figure"));
}

void FigurePreview::setPaper(const QSizeF& paper, bool isTransparent) {
  m_paper = paper;
  m_isTransparent = isTransparent;
  update();
}

void FigurePreview::setImage(const QImage& image) {
  m_image = image;
  update();
}

double FigurePreview::pixelsPerMm() const {
  const double width = std::max(1.0, this->width() - kRuler - 2.0 * kMargin);
  const double height = std::max(1.0, this->height() - kRuler - 2.0 * kMargin);
  return std::min({width / m_paper.width(), height / m_paper.height(), kMostPixelsPerMm});
}

QRectF FigurePreview::paperRect() const {
  const QSizeF size = m_paper * pixelsPerMm();
  const double left = kRuler + (width() - kRuler - size.width()) / 2.0;
  const double top = kRuler + (height() - kRuler - size.height()) / 2.0;
  return QRectF(std::round(left), std::round(top), size.width(), size.height());
}

void FigurePreview::resizeEvent(QResizeEvent*) { Q_EMIT scaleChanged(); }

void FigurePreview::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const Theme& theme = themeOf(*this);
  painter.fillRect(rect(), theme.hover);
  const QRectF paper = paperRect();
  painter.fillRect(paper.translated(2.0, 2.0), theme.pressed);
  if (m_isTransparent) paintCheckers(painter, paper, theme);
  painter.setRenderHint(QPainter::SmoothPixmapTransform);
  painter.drawImage(paper, m_image);
  paintRulers(painter, paper);
}

void FigurePreview::paintRulers(QPainter& painter, const QRectF& paper) const {
  const Theme& theme = themeOf(*this);
  painter.fillRect(QRectF(0, 0, width(), kRuler), theme.panel);
  painter.fillRect(QRectF(0, 0, kRuler, height()), theme.panel);
  painter.fillRect(QRectF(0, kRuler, width(), 1), theme.line);
  painter.fillRect(QRectF(kRuler, 0, 1, height()), theme.line);
  const QFont font = textFont(11);
  const QFontMetricsF metrics(font);
  painter.setFont(font);
  const double scale = pixelsPerMm(), step = labelStep(scale);
  const double tick = step <= 10.0 && scale >= 3.0 ? 1.0 : step / 5.0;
  // Along one ruler: where it lies on the paper's edge, and how long.
  const auto side = [&](double origin, double length, bool isTop) {
    const auto last = static_cast<int>(std::floor((length - origin) / scale / tick));
    for (int k = static_cast<int>(std::ceil((kRuler - origin) / scale / tick)); k <= last; ++k) {
      const double mm = k * tick, at = std::round(origin + mm * scale);
      const bool isLabeled = std::abs(std::remainder(mm, step)) < 1e-6;
      const double size = isLabeled ? 8.0 : std::abs(std::remainder(mm, step / 2.0)) < 1e-6 ? 6.0 : 3.5;
      painter.fillRect(isTop ? QRectF(at, kRuler - size, 1, size) : QRectF(kRuler - size, at, size, 1),
                       theme.border);
      if (!isLabeled || mm < 0.0) continue;
      const QString text = QString::number(mm);
      painter.setPen(theme.text2);
      // Beside the tick and not across it: at the left ruler the number stands over its tick.
      if (isTop)
        painter.drawText(QPointF(at - metrics.horizontalAdvance(text) / 2.0, 11.0), text);
      else
        painter.drawText(QPointF(2.0, at - 3.0), text);
    }
  };
  side(paper.left(), width(), true);
  side(paper.top(), height(), false);
  painter.fillRect(QRectF(0, 0, kRuler, kRuler), theme.panel);
  painter.setPen(theme.text2);
  painter.drawText(QRectF(0, 0, kRuler, kRuler), Qt::AlignCenter, tr("mm"));
}

}  // namespace uc
