// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/text_fit.h"
#include "widgets/paint/token_graph_painter.h"

#include <QFontMetricsF>

#include <algorithm>
#include <cmath>

namespace uc {

namespace {

constexpr double kLongestLabel = 92.0;  // pixels of the look
constexpr double kTurn = -60.0;         // degrees

/// Nodes and labels of one picture: sizes that all of them follow.
struct Nodes {
  const TokenGraphContent& content;
  const GraphLayout& layout;
  const HeatmapStyle& style;
  GraphColors colors;
  double most = 0.0;  // mass of the strongest node
  double cell = 1.0;  // distance of neighbors

  Nodes(const TokenGraphContent& c, const GraphLayout& l, const HeatmapStyle& st)
      : content(c), layout(l), style(st), colors(graphColors(c, st.theme)) {
    for (const double mass : c.kept.received) most = std::max(most, mass);
    cell = l.perToken * static_cast<double>(c.grid.pool);
  }

  qint64 count() const {
    return (content.endToken() - content.firstToken() + content.grid.pool - 1) / content.grid.pool;
  }
  qint64 tokenOf(qint64 node) const { return content.firstToken() + node * content.grid.pool; }
  /// The column of the map that the token is a key of, or none.
  std::optional<size_t> columnOf(qint64 token) const {
    if (token < content.grid.col0 || token >= content.grid.col1) return std::nullopt;
    const auto column = static_cast<size_t>((token - content.grid.col0) / content.grid.pool);
    return column < content.kept.received.size() ? std::optional(column) : std::nullopt;
  }
  double massOf(qint64 token) const {
    const auto column = columnOf(token);
    return column ? content.kept.received[*column] : 0.0;
  }
  double radiusOf(qint64 token, bool isFree) const {
    const double part = most > 0.0 ? massOf(token) / most : 0.0;
    const double radius = (2.5 + 5.5 * std::sqrt(part)) * layout.scale;
    return isFree ? radius : std::min(radius, std::max(0.42 * cell, 2.5 * layout.scale));
  }
  QString textOf(qint64 token) const {
    return token < content.tokens.size() && token >= 0 ? content.tokens[token] : QString();
  }
  qint64 labelStep() const { return roundStep(cell, style.showTokens ? 1.32 * style.token : 0.0); }
  qint64 indexStep() const {
    const QFontMetricsF metrics(textFont(style.tick));
    const double widest =
        metrics.horizontalAdvance(QString::number(std::max<qint64>(content.endToken() - 1, 0)));
    return std::max(roundStep(cell, widest + 8.0 * layout.scale), style.showTokens ? labelStep() : 1);
  }
};

/// A node: a disc. Its rim is the kept entry with itself, where there is one.
void paintNode(QPainter& painter, const Nodes& nodes, qint64 token, bool hasRim) {
  const double s = nodes.layout.scale, radius = nodes.radiusOf(token, false);
  const QPointF center(nodeX(nodes.content, nodes.layout, token), nodes.layout.line);
  const Theme& theme = nodes.style.theme;
  QPen rim(theme.text2, 1.1 * nodes.style.line);
  const auto column = nodes.columnOf(token);
  const float own = column ? nodes.content.kept.own[*column] : 0.0F;
  if (own != 0.0F && hasRim) {
    rim = graphPen(nodes.content, {token, token, own, 0.0F}, nodes.colors, nodes.layout);
    rim.setWidthF(std::clamp(rim.widthF(), 1.0 * s, 0.55 * radius));
    if (own < 0.0F) rim.setDashPattern({2.0 * s / rim.widthF(), 1.5 * s / rim.widthF()});
  }
  painter.setPen(rim);
  painter.setBrush(theme.canvas);
  painter.drawEllipse(center, radius, radius);
}

enum class LabelLook { Plain, Dimmed, Partner, Subject };

void paintLabel(QPainter& painter, const Nodes& nodes, qint64 token, LabelLook look) {
  if (!nodes.style.showTokens) return;
  const Theme& theme = nodes.style.theme;
  const double s = nodes.layout.scale, size = nodes.style.token;
  const QFont font = tokenFont(size);
  const QString text = elideToken(nodes.textOf(token), font, kLongestLabel * s);
  if (text.isEmpty()) return;
  const double width = tokenWidth(text, font);
  painter.save();
  // The label ends under its node and is read upward.
  painter.translate(nodeX(nodes.content, nodes.layout, token) + 0.35 * size,
                    nodes.layout.labels + 0.3 * size);
  painter.rotate(kTurn);
  const QRectF plate(-width - 3.0 * s, -0.95 * size, width + 6.0 * s, 1.35 * size);
  if (look == LabelLook::Subject || look == LabelLook::Partner) {
    painter.setPen(Qt::NoPen);
    painter.setBrush(look == LabelLook::Subject ? theme.accent : theme.canvas);
    painter.drawRoundedRect(plate, 2.0 * s, 2.0 * s);
  }
  const QColor color = look == LabelLook::Subject  ? theme.onAccent
                       : look == LabelLook::Dimmed ? theme.text2
                                                   : theme.text;
  paintToken(painter, {-width, 0.0}, text, font, color);
  painter.restore();
}

void paintIndex(QPainter& painter, const Nodes& nodes, qint64 token, const QColor& color) {
  const QFont font = textFont(nodes.style.tick);
  const QString text = QString::number(token);
  const double width = QFontMetricsF(font).horizontalAdvance(text);
  painter.setFont(font);
  painter.setPen(color);
  painter.drawText(QPointF(nodeX(nodes.content, nodes.layout, token) - width / 2.0, nodes.layout.indexes),
                   text);
}

/// Where neighbors would touch, only the heaviest node of so many is drawn.
void paintDiscs(QPainter& painter, const Nodes& nodes, qint64 begin, qint64 end, bool isDimmed) {
  const qint64 step = roundStep(nodes.cell, 6.0 * nodes.layout.scale);
  for (qint64 node = begin / step * step; node < end; node += step) {
    qint64 heaviest = nodes.tokenOf(node);
    for (qint64 i = node; i < std::min(node + step, nodes.count()); ++i)
      if (nodes.massOf(nodes.tokenOf(i)) > nodes.massOf(heaviest)) heaviest = nodes.tokenOf(i);
    paintNode(painter, nodes, heaviest, step == 1 && !isDimmed);
  }
}

/// Whether a label would touch one of those of `tokens`.
bool isCrowded(const Nodes& nodes, const std::vector<qint64>& tokens, qint64 other) {
  const double least = 1.32 * nodes.style.token;
  return std::any_of(tokens.begin(), tokens.end(), [&](qint64 token) {
    return std::abs(static_cast<double>(token - other)) * nodes.layout.perToken < least;
  });
}

/// The tokens of a focus whose labels do not touch: its own first, then the partners by strength.
std::vector<qint64> labeledTokens(const Nodes& nodes, const GraphFocus& focus) {
  std::vector<qint64> result{focus.token};
  for (const GraphArc& arc : focus.arcs) {
    if (result.size() > 40) break;
    const qint64 other = arc.query == focus.token ? arc.key : arc.query;
    if (!isCrowded(nodes, result, other)) result.push_back(other);
  }
  return result;
}

/// The labels of a thinned, dimmed graph that do not touch those of a focus.
void paintOtherLabels(QPainter& painter, const Nodes& nodes, const std::vector<qint64>& labeled) {
  const GraphLayout& layout = nodes.layout;
  const qint64 step = nodes.labelStep() * nodes.content.grid.pool, first = nodes.content.firstToken();
  const double left = layout.tokenAt(layout.area.left());
  const double right = layout.tokenAt(layout.area.right() + kLongestLabel * layout.scale);
  const auto end = std::min(nodes.content.endToken(), static_cast<qint64>(right));
  const auto skipped = std::max<qint64>(0, static_cast<qint64>(left) - first) / step;
  for (qint64 token = first + skipped * step; token < end; token += step)
    if (!isCrowded(nodes, labeled, token)) paintLabel(painter, nodes, token, LabelLook::Dimmed);
}

}  // namespace

void paintGraphNodes(QPainter& painter, const TokenGraphContent& content, const GraphLayout& layout,
                     const HeatmapStyle& style, const QRectF& clip, bool isDimmed) {
  const Nodes nodes(content, layout, style);
  const double room = kLongestLabel * layout.scale;  // labels reach to the left of their nodes
  const auto first = static_cast<double>(content.firstToken()), pool = static_cast<double>(content.grid.pool);
  const auto nodeAt = [&](double x) { return (layout.tokenAt(x) - first) / pool; };
  const qint64 begin =
      std::max<qint64>(0, static_cast<qint64>(std::floor(nodeAt(clip.left() - 12.0 * layout.scale))));
  const qint64 end = std::min(nodes.count(), static_cast<qint64>(std::ceil(nodeAt(clip.right() + room))) + 1);
  if (begin >= end) return;
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  const double left = std::max(clip.left(), layout.xOf(first) - 6.0 * layout.scale);
  const double right =
      std::min(clip.right(), layout.xOf(static_cast<double>(content.endToken())) + 6.0 * layout.scale);
  painter.setPen(QPen(style.theme.border, style.line, Qt::SolidLine, Qt::FlatCap));
  if (left < right) painter.drawLine(QPointF(left, layout.line), QPointF(right, layout.line));
  paintDiscs(painter, nodes, begin, end, isDimmed);
  const qint64 step = nodes.labelStep(), indexStep = nodes.indexStep();
  const LabelLook look = isDimmed ? LabelLook::Dimmed : LabelLook::Plain;
  if (step == 1 || !isDimmed)  // else paintGraphFocus() leaves room for its own
    for (qint64 node = (begin + step - 1) / step * step; node < end; node += step)
      paintLabel(painter, nodes, nodes.tokenOf(node), look);
  for (qint64 node = (begin + indexStep - 1) / indexStep * indexStep; node < end; node += indexStep)
    paintIndex(painter, nodes, nodes.tokenOf(node), style.theme.text2);
  painter.restore();
}

void paintGraphFocus(QPainter& painter, const TokenGraphContent& content, const GraphLayout& layout,
                     const HeatmapStyle& style, const GraphFocus& focus) {
  paintGraphFocusArcs(painter, content, layout, style, focus);
  const Nodes nodes(content, layout, style);
  const Theme& theme = style.theme;
  const auto isShown = [&](qint64 token) {
    const double x = nodeX(content, layout, token);
    return x > layout.area.left() && x < layout.area.right();
  };
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(theme.text);
  for (const GraphArc& arc : focus.arcs) {
    const qint64 other = arc.query == focus.token ? arc.key : arc.query;
    const double radius = nodes.radiusOf(other, false);
    if (isShown(other))
      painter.drawEllipse(QPointF(nodeX(content, layout, other), layout.line), radius, radius);
  }
  const std::vector<qint64> labeled = labeledTokens(nodes, focus);
  if (nodes.labelStep() > 1) paintOtherLabels(painter, nodes, labeled);
  for (auto token = labeled.rbegin(); token != labeled.rend(); ++token) {
    if (!isShown(*token)) continue;
    paintLabel(painter, nodes, *token, *token == focus.token ? LabelLook::Subject : LabelLook::Partner);
  }
  if (isShown(focus.token)) paintGraphRing(painter, content, layout, style, focus.token, focus.isLocked);
  painter.restore();
}

void paintGraphRing(QPainter& painter, const TokenGraphContent& content, const GraphLayout& layout,
                    const HeatmapStyle& style, qint64 token, bool isLocked) {
  const double s = layout.scale, radius = Nodes(content, layout, style).radiusOf(token, true);
  const QPointF center(nodeX(content, layout, token), layout.line);
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  QPen ring(style.theme.accent, 2.0 * s, Qt::SolidLine, Qt::FlatCap);
  if (!isLocked) ring.setDashPattern({1.5, 1.0});
  painter.setPen(ring);
  painter.setBrush(style.theme.canvas);
  painter.drawEllipse(center, radius + 3.5 * s, radius + 3.5 * s);
  painter.setPen(Qt::NoPen);
  painter.setBrush(style.theme.text);
  painter.drawEllipse(center, radius, radius);
  painter.restore();
}

}  // namespace uc
