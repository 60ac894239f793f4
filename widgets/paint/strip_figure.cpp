// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/figure_text.h"
#include "widgets/paint/strip_painter.h"

#include <algorithm>

namespace uc {

namespace {

constexpr double kTall = 1e6;

/// Neighboring rows in one scale share a colorbar.
std::vector<HeatmapContent> barsOf(const StripContent& content) {
  std::vector<HeatmapContent> bars;
  for (const StripRow& row : content.rows) {
    if (!row.valueOf) continue;
    if (!bars.empty() && bars.back().scale == row.scale && bars.back().legend == row.legend) {
      ValueRange& extent = bars.back().shown.extent;
      extent = {std::min(extent.low, row.extent.low), std::max(extent.high, row.extent.high)};
      continue;
    }
    bars.push_back(barOnly(row.scale, row.extent, row.legend, QString()));
  }
  return bars;
}

/// From the top down, painting on the way where there is a painter. Returns the bottom.
double placeFigure(QPainter* painter, const StripContent& content, const QRectF& area,
                   const HeatmapStyle& style) {
  const double s = lookUnit(style);
  const QRectF inner = area.adjusted(2.0 * s, 2.0 * s, -2.0 * s, -2.0 * s);
  double y = inner.top();
  const double title = titleHeight(content.title, style, inner.width());
  if (title > 0.0) {
    const QRectF box(inner.left(), y, inner.width(), title);
    if (painter != nullptr) paintTitle(*painter, content.title, box, inner.left(), style);
    y += title + 6.0 * s;
  }
  const QRectF text(inner.left(), y, inner.width(), kTall);
  const StripLayout layout =
      layoutStrip(content.text, stripWidths(content.text.tokens, style), content.rows, text, style);
  if (painter != nullptr) {
    const StripMarks marks = style.showCrosshair ? content.marks : StripMarks{content.marks.subject, {}, {}};
    paintStrip(*painter, content.text, content.rows, layout, marks, style, text);
  }
  y += layout.height + 10.0 * s;
  if (style.showColorbar) {
    for (const HeatmapContent& bar : barsOf(content)) {
      const double width = 0.6 * inner.width();
      const QRectF box(inner.left() + 0.2 * inner.width(), y, width, 11.0 * s);
      const double height = barBelowHeight(bar, style);
      if (painter != nullptr)
        paintBarBelow(*painter, bar, box, QRectF(inner.left(), y, inner.width(), height), style);
      y += height + 8.0 * s;
    }
  }
  const double caption = captionHeight(content.caption, style, inner.width());
  if (caption > 0.0 && painter != nullptr)
    paintCaption(*painter, content.caption, QRectF(inner.left(), y, inner.width(), caption), style);
  return y + caption + 2.0 * s;
}

}  // namespace

double StripFigure::heightFor(double width, const HeatmapStyle& style) const {
  return placeFigure(nullptr, *m_content, QRectF(0.0, 0.0, width, kTall), style);
}

void StripFigure::paint(QPainter& painter, const QRectF& area, const HeatmapStyle& style) const {
  placeFigure(&painter, *m_content, area, style);
}

}  // namespace uc
