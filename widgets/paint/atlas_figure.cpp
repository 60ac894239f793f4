// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/atlas_figure.h"

#include "widgets/paint/text_fit.h"

namespace uc {

namespace {

constexpr double kFrameAspect = 0.62;  // height over width

void paintLines(QPainter& painter, const QString& text, const QRectF& box, const QFont& font, double size,
                double top) {
  painter.setFont(font);
  double baseline = box.top() + top + size;
  for (const QString& line : wrapText(text, font, box.width(), kMaxTitleLines)) {
    painter.drawText(QPointF(box.left(), baseline), line);
    baseline += lineHeight(size);
  }
}

}  // namespace

double AtlasFigure::heightFor(double width, const HeatmapStyle& style) const {
  // What is not the frame is as high whatever the height is.
  const double tried = 2.0 * width;
  const AtlasLayout layout = layoutAtlas(*m_content, QRectF(0.0, 0.0, width, tried), style);
  return tried - layout.frame.height() + kFrameAspect * layout.frame.width();
}

void AtlasFigure::paint(QPainter& painter, const QRectF& area, const HeatmapStyle& style) const {
  const AtlasLayout layout = layoutAtlas(*m_content, area, style);
  paintAtlasPoints(painter, *m_content, layout, style);
  paintAtlasAxes(painter, *m_content, layout, style);
  paintAtlasLegend(painter, *m_content, layout, style);
  if (style.showCrosshair || m_content->choice.brush)
    paintAtlasMarks(painter, *m_content, layout, style, style.showCrosshair ? m_marks : AtlasMarks{});
  painter.setPen(style.theme.text);
  if (!layout.title.isEmpty())
    paintLines(painter, m_content->title, layout.title, textFont(style.title, true), style.title, 0.0);
  if (layout.caption.isEmpty()) return;
  painter.setPen(QPen(style.theme.border, 0.6 * style.line, Qt::SolidLine, Qt::FlatCap));
  painter.drawLine(layout.caption.topLeft(), layout.caption.topRight());
  painter.setPen(style.theme.text);
  paintLines(painter, m_content->caption, layout.caption, textFont(style.token), style.token,
             6.0 * layout.scale);
}

}  // namespace uc
