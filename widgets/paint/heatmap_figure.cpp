// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/figure_paint.h"
#include "widgets/paint/figure_text.h"

#include <algorithm>
#include <cmath>

namespace uc {

namespace {

// Figures are laid out in twentieths of a point whatever the file's pixels: fonts have whole sizes in these
// units, and every format and resolution shows the same picture.
constexpr double kUnitsPerPoint = 20.0;
constexpr double kUnitsPerInch = 72.0 * kUnitsPerPoint;
constexpr double kMmPerInch = 25.4;
constexpr double kUnlimited = 1e6;
constexpr double kSmallestPt = 6.0;

}  // namespace

HeatmapStyle figureStyle(const FigureOptions& options, double unitsPerPoint) {
  HeatmapStyle style;
  style.theme = options.isDark ? Theme::dark() : Theme::light();
  if (!options.isDark) {
    style.theme.text = style.theme.text2 = style.theme.border = QColor(Qt::black);
  } else {
    style.theme.text2 = style.theme.border = style.theme.text;
  }
  const auto size = [unitsPerPoint](double points) { return std::max(kSmallestPt, points) * unitsPerPoint; };
  style.title = size(options.textPt + 1.0);
  style.axis = size(options.textPt);
  style.tick = size(options.textPt - 0.5);
  style.token = size(options.textPt - 1.0);
  style.line = 0.45 * unitsPerPoint;
  style.hatchStep = 3.0 * unitsPerPoint;
  style.isFigure = true;
  style.vectorCells = options.vectorCells;
  style.showColorbar = options.showColorbar;
  style.showTitle = options.showTitle;
  style.showTokens = options.showTokens;
  style.showCaption = options.showCaption;
  style.showGrid = options.showGrid;
  style.showCrosshair = options.showCrosshair;
  return style;
}

double HeatmapFigure::heightFor(double width, const HeatmapStyle& style) const {
  const HeatmapLayout layout =
      layoutHeatmap(*m_content, QRectF(0.0, 0.0, width, kUnlimited), m_content->viewport, style, false);
  return layoutBottom(*m_content, layout, style);
}

void HeatmapFigure::paint(QPainter& painter, const QRectF& area, const HeatmapStyle& style) const {
  const HeatmapLayout layout = layoutHeatmap(*m_content, area, m_content->viewport, style, false);
  HeatmapMarks marks;
  if (style.showCrosshair) marks.locked = m_content->locked;
  paintHeatmap(painter, *m_content, layout, style, marks);
  if (!layout.title.isEmpty())
    paintTitle(painter, m_content->title, layout.title, layout.cells.left(), style);
  QString caption = m_content->caption;
  // Cells too small for a mark have none: then the words are left out, too.
  if (!hasCellMarks(*m_content, layout, style)) caption.remove(QStringLiteral(" (corner mark)"));
  paintCaption(painter, caption, layout.caption, style);
}

QSizeF figureUnits(const Figure& figure, const FigureOptions& options) {
  const double width = options.widthMm / kMmPerInch * kUnitsPerInch;
  return {width, figure.heightFor(width, figureStyle(options, kUnitsPerPoint))};
}

void paintFigure(QPainter& painter, const Figure& figure, const FigureOptions& options, const QSizeF& units) {
  const HeatmapStyle style = figureStyle(options, kUnitsPerPoint);
  const QRectF page(QPointF(0.0, 0.0), units);
  if (!options.isTransparent) painter.fillRect(page, style.theme.canvas);
  painter.setRenderHints(QPainter::Antialiasing | QPainter::TextAntialiasing);
  painter.setRenderHint(QPainter::SmoothPixmapTransform, false);
  figure.paint(painter, page, style);
}

QSizeF figureSizeMm(const Figure& figure, const FigureOptions& options) {
  return figureUnits(figure, options) / kUnitsPerInch * kMmPerInch;
}

QImage renderFigure(const Figure& figure, const FigureOptions& options) {
  const QSizeF units = figureUnits(figure, options);
  const double scale = options.dpi / kUnitsPerInch;
  const QSize pixels(std::max(1, static_cast<int>(std::lround(units.width() * scale))),
                     std::max(1, static_cast<int>(std::lround(units.height() * scale))));
  QImage image(pixels, options.isTransparent ? QImage::Format_ARGB32_Premultiplied : QImage::Format_RGB32);
  if (image.isNull()) return image;
  image.fill(Qt::transparent);
  const int perMeter = static_cast<int>(std::lround(options.dpi / kMmPerInch * 1000.0));
  image.setDotsPerMeterX(perMeter);
  image.setDotsPerMeterY(perMeter);
  QPainter painter(&image);
  painter.scale(pixels.width() / units.width(), pixels.height() / units.height());
  paintFigure(painter, figure, options, units);
  return image;
}

}  // namespace uc
