// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/figure_text.h"
#include "widgets/paint/text_fit.h"
#include "widgets/paint/token_graph_painter.h"

#include <QFontMetricsF>

#include <algorithm>
#include <cmath>

namespace uc {

namespace {

struct LegendItem {
  enum class Sign { None, Positive, Negative, Widths, Node, Own } sign = Sign::None;
  QString text;
};

QString rangeText(const TokenGraphContent& content) {
  return QStringLiteral("|\u03B1| 0 \u2026 ") + numberText(static_cast<double>(content.largest()), 2);
}

std::vector<LegendItem> legendItems(const TokenGraphContent& content, const GraphLayout& layout,
                                    const GraphFocus* focus) {
  std::vector<LegendItem> items;
  if (!content.isUnsigned) {
    items.push_back({LegendItem::Sign::Positive, QStringLiteral("positive, solid")});
    items.push_back({LegendItem::Sign::Negative, QStringLiteral("negative, dashed")});
  }
  items.push_back({LegendItem::Sign::Widths, rangeText(content)});
  items.push_back({LegendItem::Sign::Node, QStringLiteral("node size: mass a token receives")});
  if (content.kept.onDiagonal > 0) items.push_back({LegendItem::Sign::Own, QStringLiteral("rim: itself")});
  if (content.readsLater())
    items.push_back({LegendItem::Sign::None,
                     content.readsEarlier() ? QStringLiteral("above: reads earlier tokens, below: later ones")
                                            : QStringLiteral("arcs: reads later tokens")});
  const qint64 all = static_cast<qint64>(content.kept.arcs.size()) - content.kept.onDiagonal;
  const auto focused = focus == nullptr ? 0 : static_cast<qint64>(focus->arcs.size());
  QString drawn;
  if (focus != nullptr && focus->all > focused) {
    drawn = QStringLiteral("drawn: strongest %1 of the token\u2019s %2")
                .arg(countText(focused), countText(focus->all));
  } else if (layout.drawn < all) {
    drawn = QStringLiteral("drawn: strongest %1 of %2").arg(countText(layout.drawn), countText(all));
    if (layout.nearest > 1)
      drawn += QStringLiteral(", %1 tokens apart or more").arg(countText(layout.nearest));
  }
  if (!drawn.isEmpty()) items.push_back({LegendItem::Sign::None, drawn});
  return items;
}

double signWidth(LegendItem::Sign sign, double s) {
  switch (sign) {
    case LegendItem::Sign::None:
      return 0.0;
    case LegendItem::Sign::Widths:
      return 70.0 * s;
    case LegendItem::Sign::Node:
    case LegendItem::Sign::Own:
      return 16.0 * s;
    default:
      return 32.0 * s;
  }
}

/// Places items from left to right, breaking lines; returns the height.
template <typename Visit>
double placeItems(const std::vector<LegendItem>& items, const QRectF& box, const HeatmapStyle& style,
                  Visit visit) {
  const double s = lookUnit(style), row = 1.5 * style.tick, gap = 18.0 * s;
  const QFontMetricsF metrics(textFont(style.tick));
  double x = box.left(), y = box.top();
  for (const LegendItem& item : items) {
    const double width = signWidth(item.sign, s) + metrics.horizontalAdvance(item.text);
    if (x > box.left() && x + width > box.right()) {
      x = box.left();
      y += row;
    }
    visit(item, QPointF(x, y + 0.5 * row));
    x += width + gap;
  }
  return y + row - box.top();
}

void paintSign(QPainter& painter, const TokenGraphContent& content, const GraphLayout& layout,
               const HeatmapStyle& style, const LegendItem& item, const QPointF& at) {
  const double s = layout.scale;
  const GraphColors colors = graphColors(content, style.theme);
  const auto stroke = [&](double from, double to, float part, const QColor& color) {
    QPen pen = graphPen(content, {0, 1, part * content.largest(), 0.0F}, colors, layout);
    pen.setColor(color);
    painter.setPen(pen);
    painter.drawLine(at + QPointF(from * s, 0.0), at + QPointF(to * s, 0.0));
  };
  switch (item.sign) {
    case LegendItem::Sign::None:
      break;
    case LegendItem::Sign::Positive:
      stroke(0.0, 24.0, 0.5F, colors.positive);
      break;
    case LegendItem::Sign::Negative:
      stroke(0.0, 24.0, -0.5F, colors.negative);
      break;
    case LegendItem::Sign::Widths:
      stroke(0.0, 18.0, 0.05F, style.theme.text2);
      stroke(22.0, 40.0, 0.45F, style.theme.text2);
      stroke(44.0, 62.0, 1.0F, style.theme.text2);
      break;
    case LegendItem::Sign::Node:
    case LegendItem::Sign::Own: {
      const bool isOwn = item.sign == LegendItem::Sign::Own;
      painter.setPen(QPen(isOwn ? colors.positive : style.theme.text2, isOwn ? 2.0 * s : 1.1 * style.line));
      painter.setBrush(style.theme.canvas);
      painter.drawEllipse(at + QPointF(5.0 * s, 0.0), 4.0 * s, 4.0 * s);
      break;
    }
  }
}

}  // namespace

double graphLegendHeight(const TokenGraphContent& content, const GraphLayout& layout, double width,
                         const HeatmapStyle& style) {
  return placeItems(legendItems(content, layout, nullptr), QRectF(0.0, 0.0, width, 0.0), style,
                    [](const LegendItem&, const QPointF&) {});
}

void paintGraphLegend(QPainter& painter, const TokenGraphContent& content, const GraphLayout& layout,
                      const HeatmapStyle& style, const GraphFocus* focus) {
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setFont(textFont(style.tick));
  placeItems(legendItems(content, layout, focus), layout.legend, style,
             [&](const LegendItem& item, const QPointF& at) {
               if (content.largest() > 0.0F) paintSign(painter, content, layout, style, item, at);
               painter.setPen(style.theme.text2);
               painter.drawText(at + QPointF(signWidth(item.sign, layout.scale), 0.36 * style.tick),
                                item.text);
             });
  painter.restore();
}

void paintGraph(QPainter& painter, const TokenGraphContent& content, const GraphLayout& layout,
                const HeatmapStyle& style, const GraphFocus* focus) {
  paintGraphArcs(painter, content, layout, style, layout.plot, focus != nullptr ? kDimmed : 1.0);
  paintGraphNodes(painter, content, layout, style, layout.plot, focus != nullptr);
  if (focus != nullptr) paintGraphFocus(painter, content, layout, style, *focus);
  paintGraphLegend(painter, content, layout, style, focus);
}

double TokenGraphFigure::heightFor(double width, const HeatmapStyle& style) const {
  return graphHeight(*m_content, width, style);
}

void TokenGraphFigure::paint(QPainter& painter, const QRectF& area, const HeatmapStyle& style) const {
  const GraphLayout layout = layoutGraph(*m_content, area, m_content->viewport, style);
  std::optional<GraphFocus> focus;
  if (m_content->choice.token) focus = graphFocus(*m_content, *m_content->choice.token, true);
  paintGraph(painter, *m_content, layout, style, focus ? &*focus : nullptr);
  if (!layout.title.isEmpty())
    paintTitle(painter, m_content->title, layout.title, layout.title.left(), style);
  paintCaption(painter, m_content->caption, layout.caption, style);
}

}  // namespace uc
