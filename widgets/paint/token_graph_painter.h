// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "widgets/paint/token_graph.h"

namespace uc {

/// Where things lie inside a rectangle, for the tokens shown. Arcs to earlier keys are above the line of
/// nodes; those to later keys below it, but above it, too, where a map has no others.
struct GraphLayout {
  QRectF area;            // what was given
  QRectF title, caption;  // figures
  QRectF legend;
  QRectF plot;           // arcs, nodes and labels, across the whole width
  double line = 0.0;     // y of the nodes
  double above = 0.0;    // room for arcs over the line
  double below = 0.0;    // and under it
  double labels = 0.0;   // y where labels begin
  double indexes = 0.0;  // baseline of the token numbers
  double left = 0.0;     // x of the left end of token `first`
  double first = 0.0;    // tokens
  double count = 1.0;    // tokens shown
  double perToken = 1.0;
  double ratio = 1.0;    // height of an arc over half its width
  double scale = 1.0;    // painter units per pixel of the look
  qint64 drawn = 0;      // so many arcs: the strongest
  qint64 end = 0;        // all of them are before this one of the content's
  qint64 nearest = 0;    // tokens that they are apart at least: shorter ones would not be seen
  double longest = 1.0;  // tokens that they are apart at most

  double xOf(double token) const { return left + (token - first) * perToken; }
  double tokenAt(double x) const { return first + (x - left) / perToken; }
};

/// 1, 2, 5, 10 … so many cells that they measure at least `least`.
qint64 roundStep(double cell, double least);

/// The x of a token's node.
double nodeX(const TokenGraphContent& content, const GraphLayout& layout, qint64 token);

/// `viewport`: its left and width are the tokens shown; empty: all. Arcs keep their shape when the viewport
/// moves; when it narrows they grow with the distance of the tokens, and long ones leave the picture.
GraphLayout layoutGraph(const TokenGraphContent& content, const QRectF& area, const Viewport& viewport,
                        const HeatmapStyle& style);

/// The least height that suits a width, for figures.
double graphHeight(const TokenGraphContent& content, double width, const HeatmapStyle& style);

/// The token whose node or label is at a point; of a pooled map the first of its cell.
std::optional<qint64> graphTokenAt(const TokenGraphContent& content, const GraphLayout& layout,
                                   const QPointF& point);

struct GraphColors {
  QColor positive, negative;
};
/// The ends of a diverging color map, light or dark enough for the ground; without signs the text's color.
GraphColors graphColors(const TokenGraphContent& content, const Theme& theme);

/// look.md: 16 % of what is not looked at.
constexpr double kDimmed = 0.16;

// Of more arcs than these the weaker ones are paler, so that the strongest stand out.
constexpr qint64 kFewArcs = 150;

// The parts. Only what touches `clip` is drawn, cut to it, with no clipping by the painter: a view makes
// tiles of the first two. `strength` mixes colors with the ground.
void paintGraphArcs(QPainter& painter, const TokenGraphContent& content, const GraphLayout& layout,
                    const HeatmapStyle& style, const QRectF& clip, double strength);
/// Line, nodes, labels and numbers; dimmed where a token is isolated.
void paintGraphNodes(QPainter& painter, const TokenGraphContent& content, const GraphLayout& layout,
                     const HeatmapStyle& style, const QRectF& clip, bool isDimmed);
/// The token that is looked at, with so many of its strongest arcs as can be told apart, made once for it.
struct GraphFocus {
  qint64 token = 0;
  std::vector<GraphArc> arcs;  // in and out, the strongest first, without the one to itself
  qint64 all = 0;              // how many there are
  bool isLocked = true;        // else hovered
};
GraphFocus graphFocus(const TokenGraphContent& content, qint64 token, bool isLocked);
/// Its arcs, nodes, labels and strongest values, over a dimmed graph.
void paintGraphFocus(QPainter& painter, const TokenGraphContent& content, const GraphLayout& layout,
                     const HeatmapStyle& style, const GraphFocus& focus);
/// Only the arcs and values.
void paintGraphFocusArcs(QPainter& painter, const TokenGraphContent& content, const GraphLayout& layout,
                         const HeatmapStyle& style, const GraphFocus& focus);
/// Rings a token's node: solid where it is locked, dashed where it is hovered.
void paintGraphRing(QPainter& painter, const TokenGraphContent& content, const GraphLayout& layout,
                    const HeatmapStyle& style, qint64 token, bool isLocked);
/// What lines, nodes and sides mean, and how many arcs are not drawn. `focus` may be null.
void paintGraphLegend(QPainter& painter, const TokenGraphContent& content, const GraphLayout& layout,
                      const HeatmapStyle& style, const GraphFocus* focus);
/// The legend's height at a width.
double graphLegendHeight(const TokenGraphContent& content, const GraphLayout& layout, double width,
                         const HeatmapStyle& style);

/// One arc's line.
QPen graphPen(const TokenGraphContent& content, const GraphArc& arc, const GraphColors& colors,
              const GraphLayout& layout);

/// All of the above in order. `focus` may be null.
void paintGraph(QPainter& painter, const TokenGraphContent& content, const GraphLayout& layout,
                const HeatmapStyle& style, const GraphFocus* focus);

class TokenGraphFigure : public Figure {
 public:
  explicit TokenGraphFigure(std::shared_ptr<const TokenGraphContent> content)
      : m_content(std::move(content)) {}
  double heightFor(double width, const HeatmapStyle& style) const override;
  void paint(QPainter& painter, const QRectF& area, const HeatmapStyle& style) const override;

 private:
  std::shared_ptr<const TokenGraphContent> m_content;
};

}  // namespace uc
