// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/histogram_view.h"

#include "widgets/widget_theme.h"

#include <QAccessible>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

namespace uc {

namespace {

constexpr double kPlotHeight = 46;  // then handles to 56, color bar 58 … 66, numbers to 84
constexpr double kSide = 5;         // room for a handle at the ends

template <typename Visit>
void eachAttendedValue(const HeatmapContent& content, Visit visit) {
  const Matrix& values = content.shown.values;
  for (int64_t i = 0; i < values.rows; ++i) {
    const auto [begin, end] = content.grid.attendedCols(i, values.cols);
    for (const float* value = values.row(i) + begin; value < values.row(i) + end; ++value)
      if (std::isfinite(*value)) visit(static_cast<double>(*value));
  }
}

}  // namespace

Histogram histogramOf(const HeatmapContent& content, int bins) {
  Histogram result;
  const ValueRange extent = content.shown.extent, colors = content.scale.range();
  double low = std::min(extent.low, colors.low), high = std::max(extent.high, colors.high);
  const double margin = std::max((high - low) * 0.06, 1e-30);
  result.range = {low - margin, high + margin};
  result.counts.assign(static_cast<size_t>(bins), 0);
  const double scale = bins / (result.range.high - result.range.low);
  eachAttendedValue(content, [&](double value) {
    const int bin = std::clamp(static_cast<int>((value - result.range.low) * scale), 0, bins - 1);
    ++result.counts[static_cast<size_t>(bin)];
  });
  return result;
}

/// One end of the range: a line over the plot with a grip below it.
class HistogramView::Handle : public QWidget {
 public:
  Handle(HistogramView* view, bool isUpper) : QWidget(view), m_view(view), m_isUpper(isUpper) {
    setFocusPolicy(Qt::StrongFocus);
    setCursor(Qt::SizeHorCursor);
    resize(11, 57);
  }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QColor color = themeOf(*this).accent;
    painter.fillRect(QRectF(5, 0, 1, 50), color);
    QPainterPath grip;
    grip.moveTo(0.5, 56.5);
    for (const QPointF& point :
         {QPointF(10.5, 56.5), QPointF(10.5, 53.5), QPointF(5.5, 48.5), QPointF(0.5, 53.5)})
      grip.lineTo(point);
    grip.closeSubpath();
    painter.fillPath(grip, color);
  }
  void mousePressEvent(QMouseEvent* event) override { event->accept(); }
  void mouseMoveEvent(QMouseEvent* event) override {
    m_view->moveEnd(m_isUpper, m_view->valueAt(mapToParent(event->pos()).x()));
  }
  void keyPressEvent(QKeyEvent* event) override {
    int steps = 0;
    switch (event->key()) {
      case Qt::Key_Left:
      case Qt::Key_Down:
        steps = -1;
        break;
      case Qt::Key_Right:
      case Qt::Key_Up:
        steps = 1;
        break;
      case Qt::Key_PageDown:
        steps = -10;
        break;
      case Qt::Key_PageUp:
        steps = 10;
        break;
      default:
        QWidget::keyPressEvent(event);
        return;
    }
    const ValueRange range = m_view->m_scale.range();
    const double step = (m_view->m_histogram.range.high - m_view->m_histogram.range.low) / 100.0;
    m_view->moveEnd(m_isUpper, (m_isUpper ? range.high : range.low) + steps * step);
  }

 private:
  HistogramView* m_view;
  bool m_isUpper;
};

HistogramView::HistogramView(QWidget* parent)
    : QWidget(parent), m_lower(new Handle(this, false)), m_upper(new Handle(this, true)) {
  setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
  setContent({}, ColorScale());
}

void HistogramView::setContent(Histogram histogram, const ColorScale& scale) {
  m_histogram = std::move(histogram);
  m_scale = scale;
  const ValueRange range = scale.range();
  m_lower->setAccessibleName(tr("Color range lower end, %1").arg(numberText(range.low, 3, scale.isSigned())));
  m_upper->setAccessibleName(
      tr("Color range upper end, %1").arg(numberText(range.high, 3, scale.isSigned())));
  placeHandles();
  update();
}

double HistogramView::xOf(double value) const {
  const ValueRange range = m_histogram.range;
  return kSide + (value - range.low) / (range.high - range.low) * (width() - 2 * kSide);
}

double HistogramView::valueAt(double x) const {
  const ValueRange range = m_histogram.range;
  return range.low + (x - kSide) / (width() - 2 * kSide) * (range.high - range.low);
}

void HistogramView::placeHandles() {
  const ValueRange range = m_scale.range();
  m_lower->move(static_cast<int>(std::lround(std::clamp(xOf(range.low), kSide, width() - kSide))) - 5, 0);
  m_upper->move(static_cast<int>(std::lround(std::clamp(xOf(range.high), kSide, width() - kSide))) - 5, 0);
}

void HistogramView::moveEnd(bool isUpper, double value) {
  ValueRange range = m_scale.range();
  const double least = (m_histogram.range.high - m_histogram.range.low) * 1e-3;
  if (m_scale.isSigned()) {
    const double end = std::max(least, isUpper ? value : -value);
    range = {-end, end};
  } else if (isUpper) {
    range.high = std::max(value, range.low + least);
  } else {
    range.low = std::min(value, range.high - least);
  }
  Q_EMIT rangeEdited(range);
}

void HistogramView::resizeEvent(QResizeEvent*) { placeHandles(); }

void HistogramView::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const Theme& theme = themeOf(*this);
  painter.setPen(QPen(theme.line, 1));
  painter.setBrush(theme.base);
  painter.drawRect(QRectF(0.5, 0.5, width() - 1, kPlotHeight - 1));
  const qint64 most = m_histogram.counts.empty()
                          ? 0
                          : *std::max_element(m_histogram.counts.begin(), m_histogram.counts.end());
  const double binWidth =
      (width() - 2 * kSide) / std::max<double>(1.0, static_cast<double>(m_histogram.counts.size()));
  QColor bars = theme.text2;
  bars.setAlphaF(0.75F);
  for (size_t i = 0; i < m_histogram.counts.size(); ++i) {
    if (m_histogram.counts[i] == 0) continue;
    // logarithmic: one cell stays visible beside thousands
    const double share =
        std::log1p(static_cast<double>(m_histogram.counts[i])) / std::log1p(static_cast<double>(most));
    const double tall = std::max(1.0, share * (kPlotHeight - 4));
    painter.fillRect(
        QRectF(kSide + static_cast<double>(i) * binWidth, kPlotHeight - 1 - tall, binWidth * 0.85, tall),
        bars);
  }
  const QRectF bar(0, 58, width(), 8);
  for (int x = 0; x < width(); ++x)
    painter.fillRect(QRectF(x, bar.top(), 1, bar.height()), QColor::fromRgb(m_scale.color(valueAt(x + 0.5))));
  const ValueRange range = m_scale.range();
  painter.setFont(textFont(13));
  painter.setPen(theme.text);
  const QRectF numbers(0, 68, width(), 16);
  painter.drawText(numbers, Qt::AlignLeft | Qt::AlignVCenter, numberText(range.low, 3, m_scale.isSigned()));
  painter.drawText(numbers, Qt::AlignRight | Qt::AlignVCenter, numberText(range.high, 3, m_scale.isSigned()));
  painter.setFont(textFont(12));
  painter.setPen(theme.text2);
  painter.drawText(numbers, Qt::AlignCenter, m_scale.isSigned() ? tr("symmetric") : tr("range"));
}

}  // namespace uc
