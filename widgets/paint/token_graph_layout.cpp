// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/figure_text.h"
#include "widgets/paint/text_fit.h"
#include "widgets/paint/token_graph_painter.h"

#include <algorithm>
#include <cmath>

namespace uc {

namespace {

constexpr double kArcsPerView = 600.0;  // more cannot be told apart
constexpr double kMoreArcs = 0.8;       // power of how much nearer a view is: many arcs only pass through it
constexpr double kShortest = 5.0;       // pixels of the look
constexpr double kHighest = 1.06;       // an arc's height over half its width
constexpr double kStretched = 3.0;      // and of arcs that are all short
constexpr double kLabelTurn = 0.866;
constexpr double kLongestLabel = 92.0;  // pixels of the look
constexpr double kFigureArcs = 0.42;    // height of a figure's arcs over its width

/// Room for the longest label, from the number of its signs: measuring thousands would take too long.
double labelRoom(const TokenGraphContent& content, const HeatmapStyle& style, double scale) {
  if (!style.showTokens) return 0.0;
  qint64 longest = 0;
  const qint64 end = std::min<qint64>(content.endToken(), content.tokens.size());
  for (qint64 token = std::max<qint64>(0, content.firstToken()); token < end; ++token) {
    const QString& text = content.tokens[token];
    const bool isWide = !text.isEmpty() && text.back().unicode() >= 0x1100;
    longest = std::max<qint64>(longest, isWide ? 2 * text.size() : text.size());
  }
  if (longest == 0) return 0.0;
  const double width = std::min(kLongestLabel * scale, 0.62 * style.token * static_cast<double>(longest));
  return kLabelTurn * width + 0.6 * style.token;
}

bool hasBothSides(const TokenGraphContent& content) { return content.readsEarlier() && content.readsLater(); }

/// Which arcs are drawn where `share` of the tokens is shown. Steps of two, so that it seldom changes.
void chooseArcs(const TokenGraphContent& content, double share, GraphLayout& layout) {
  const std::vector<GraphArc>& arcs = content.kept.arcs;
  const auto all = static_cast<qint64>(arcs.size());
  const double more = std::exp2(std::round(std::log2(1.0 / std::clamp(share, 1e-6, 1.0))));
  const auto most = static_cast<qint64>(kArcsPerView * std::pow(more, kMoreArcs));
  const double least = kShortest * layout.scale;
  if (all - content.kept.onDiagonal > most && layout.perToken < least)
    layout.nearest = roundStep(layout.perToken, least);
  for (; layout.end < all && layout.drawn < most; ++layout.end) {
    const GraphArc& arc = arcs[static_cast<size_t>(layout.end)];
    const qint64 apart = std::abs(arc.query - arc.key);
    if (apart == 0 || apart < layout.nearest) continue;
    ++layout.drawn;
    layout.longest = std::max(layout.longest, static_cast<double>(apart));
  }
}

/// Everything but the height of arcs.
GraphLayout frameOf(const TokenGraphContent& content, const QRectF& area, const Viewport& viewport,
                    const HeatmapStyle& style) {
  GraphLayout layout;
  const double s = lookUnit(style), pad = (style.isFigure ? 2.0 : 14.0) * s;
  layout.area = area;
  layout.scale = s;
  const auto all = static_cast<double>(std::max<qint64>(1, content.endToken() - content.firstToken()));
  layout.first = viewport.isWhole() ? static_cast<double>(content.firstToken()) : viewport.left;
  layout.count = viewport.isWhole() ? all : viewport.width;
  const QRectF inner = area.adjusted(pad, pad, -pad, -pad);
  layout.left = inner.left() + 6.0 * s;
  layout.perToken = std::max(1e-9, (inner.width() - 12.0 * s) / layout.count);
  chooseArcs(content, layout.count / all, layout);
  double top = inner.top(), bottom = inner.bottom();
  if (style.isFigure) {
    layout.title = QRectF(inner.left(), top, inner.width(), titleHeight(content.title, style, inner.width()));
    top += layout.title.height() + (layout.title.height() > 0.0 ? 8.0 * s : 0.0);
    const double height = captionHeight(content.caption, style, inner.width());
    layout.caption = QRectF(inner.left(), bottom - height, inner.width(), height);
    bottom -= height + (height > 0.0 ? 6.0 * s : 0.0);
  }
  layout.legend =
      QRectF(inner.left(), top, inner.width(), graphLegendHeight(content, layout, inner.width(), style));
  top += layout.legend.height() + 8.0 * s;
  layout.plot = QRectF(area.left(), top, area.width(), std::max(1.0, bottom - top));
  layout.indexes = bottom - 0.3 * style.tick;
  layout.labels = layout.indexes - 1.3 * style.tick - labelRoom(content, style, s);
  return layout;
}

/// Half the width of the widest arc that is shown whole.
double halfSpan(const GraphLayout& layout) {
  return layout.perToken * std::min(layout.longest, layout.count) / 2.0;
}

/// The height of that arc on a side of the line with so much room. Where all arcs are short they stand up to
/// half as high as there is room, but no needles.
double highest(const GraphLayout& layout, double room) {
  const double half = halfSpan(layout);
  return std::min(room, std::max(kHighest * half, std::min(kStretched * half, room / 2.0)));
}

}  // namespace

qint64 roundStep(double cell, double least) {
  for (qint64 ten = 1;; ten *= 10)
    for (const qint64 step : {ten, 2 * ten, 5 * ten})
      if (static_cast<double>(step) * cell >= least || step > 1'000'000'000) return step;
}

double nodeX(const TokenGraphContent& content, const GraphLayout& layout, qint64 token) {
  return layout.xOf(static_cast<double>(token) + 0.5 * static_cast<double>(content.grid.pool));
}

GraphLayout layoutGraph(const TokenGraphContent& content, const QRectF& area, const Viewport& viewport,
                        const HeatmapStyle& style) {
  GraphLayout layout = frameOf(content, area, viewport, style);
  const double node = 12.0 * layout.scale;  // half of what the largest node takes
  const double room = std::max(1.0, layout.labels - layout.plot.top() - 2.0 * node);
  const double side = hasBothSides(content) ? room / 2.0 : room;
  const double most = highest(layout, side);
  layout.ratio = most / halfSpan(layout);
  layout.below = hasBothSides(content) ? most : 0.0;
  layout.line = layout.labels - node - layout.below;
  layout.above = layout.line - layout.plot.top();
  // A low graph stays near its legend.
  if (!style.isFigure) {
    const double slack = std::max(0.0, (layout.above - most) / 3.0);
    layout.line -= slack;
    layout.above -= slack;
    layout.labels -= slack;
    layout.indexes -= slack;
  }
  return layout;
}

double graphHeight(const TokenGraphContent& content, double width, const HeatmapStyle& style) {
  constexpr double kTall = 1e6;
  const GraphLayout layout = frameOf(content, QRectF(0.0, 0.0, width, kTall), content.viewport, style);
  const double fixed = kTall - (layout.labels - layout.plot.top());
  const double most = highest(layout, kFigureArcs * width);
  return fixed + 24.0 * layout.scale + (hasBothSides(content) ? 2.0 : 1.0) * most;
}

std::optional<qint64> graphTokenAt(const TokenGraphContent& content, const GraphLayout& layout,
                                   const QPointF& point) {
  const double reach = 10.0 * layout.scale;
  const bool isNode = std::abs(point.y() - layout.line) <= reach;
  const bool isLabel = point.y() >= layout.labels - reach && point.y() <= layout.plot.bottom();
  if (!(isNode || isLabel) || !layout.plot.contains(point)) return std::nullopt;
  const double place = std::floor(layout.tokenAt(point.x()));
  const auto first = static_cast<double>(content.firstToken()), end = static_cast<double>(content.endToken());
  if (place < first || place >= end) return std::nullopt;
  const qint64 token = static_cast<qint64>(place), pool = content.grid.pool;
  return content.firstToken() + (token - content.firstToken()) / pool * pool;
}

}  // namespace uc
