// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/token_graph_painter.h"

#include <QFontMetricsF>
#include <QPainterPath>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace uc {

namespace {

constexpr double kThinnest = 0.6, kThickest = 5.2, kPower = 0.8;  // look.md §5
constexpr double kPalest = 0.35;                                  // strength of the weakest of many arcs
constexpr double kDash = 5.0, kGap = 4.0;
constexpr double kPi = std::numbers::pi;

/// Half of an ellipse over the line, or under it. The place at `angle` from its left end, 0 … π, is
/// (middle − half·cos, line ∓ height·sin).
struct HalfEllipse {
  double middle = 0.0, half = 0.0, height = 0.0, line = 0.0;
  bool isBelow = false;

  /// The angle at which the arc is at x.
  double angleAt(double x) const { return std::acos(std::clamp((middle - x) / half, -1.0, 1.0)); }
  /// Length of the arc from its left end, by Simpson's rule.
  double lengthTo(double angle) const {
    constexpr int kSteps = 32;
    double sum = 0.0;
    for (int i = 0; i <= kSteps; ++i) {
      const double at = angle * i / kSteps;
      const double speed = std::hypot(half * std::sin(at), height * std::cos(at));
      sum += speed * (i == 0 || i == kSteps ? 1.0 : i % 2 == 1 ? 4.0 : 2.0);
    }
    return sum * angle / (3.0 * kSteps);
  }
};

HalfEllipse shapeOf(const TokenGraphContent& content, const GraphLayout& layout, const GraphArc& arc) {
  const double a = nodeX(content, layout, arc.query), b = nodeX(content, layout, arc.key);
  HalfEllipse shape;
  shape.middle = (a + b) / 2.0;
  shape.half = std::abs(a - b) / 2.0;
  shape.height = shape.half * layout.ratio;
  shape.line = layout.line;
  shape.isBelow = arc.key > arc.query && layout.below > 0.0;
  return shape;
}

void strokePart(QPainter& painter, const HalfEllipse& shape, QPen pen, double from, double to) {
  if (to <= from) return;
  if (pen.style() == Qt::CustomDashLine) {
    const QList<qreal> pattern = pen.dashPattern();
    pen.setDashOffset(std::fmod(shape.lengthTo(from) / pen.widthF(), pattern[0] + pattern[1]));
  }
  const QRectF box(shape.middle - shape.half, shape.line - shape.height, 2.0 * shape.half,
                   2.0 * shape.height);
  const double start = from * 180.0 / kPi, sweep = (to - from) * 180.0 / kPi;
  QPainterPath path;
  path.arcMoveTo(box, shape.isBelow ? 180.0 + start : 180.0 - start);
  path.arcTo(box, shape.isBelow ? 180.0 + start : 180.0 - start, shape.isBelow ? sweep : -sweep);
  painter.strokePath(path, pen);
}

/// The arc inside `clip`, in one part or, where its top is cut off, in two.
void strokeArc(QPainter& painter, const HalfEllipse& shape, const QPen& pen, const QRectF& clip) {
  const double margin = pen.widthF() + 1.0;
  const double from = shape.angleAt(clip.left() - margin), to = shape.angleAt(clip.right() + margin);
  const double room = shape.isBelow ? clip.bottom() - shape.line : shape.line - clip.top();
  if (room <= 0.0) return;
  if (room >= shape.height) {
    strokePart(painter, shape, pen, from, to);
    return;
  }
  const double top = std::asin(room / shape.height);
  strokePart(painter, shape, pen, from, std::min(to, top));
  strokePart(painter, shape, pen, std::max(from, kPi - top), to);
}

QColor mixed(const QColor& color, const QColor& ground, double strength) {
  const auto mix = [strength](int a, int b) {
    return static_cast<int>(std::lround(strength * a + (1.0 - strength) * b));
  };
  return QColor(mix(color.red(), ground.red()), mix(color.green(), ground.green()),
                mix(color.blue(), ground.blue()));
}

/// |α| over the largest, 0 … 1.
double magnitudeOf(const TokenGraphContent& content, const GraphArc& arc) {
  const auto largest = static_cast<double>(content.largest());
  return largest > 0.0 ? std::abs(static_cast<double>(arc.alpha)) / largest : 0.0;
}

/// Room for arcs inside of `clip`.
QRectF arcRoom(const GraphLayout& layout, const QRectF& clip) {
  return clip & QRectF(clip.left(), layout.line - layout.above, clip.width(),
                       layout.above + std::max(layout.below, 1.0));
}

struct ValueLabel {
  QRectF box;
  QString text;
};

/// The values of the strongest arcs at their tops, where there is room.
std::vector<ValueLabel> valueLabels(const TokenGraphContent& content, const GraphLayout& layout,
                                    const HeatmapStyle& style, const std::vector<GraphArc>& arcs) {
  constexpr size_t kMost = 6;
  const QFontMetricsF metrics(textFont(style.tick));
  std::vector<ValueLabel> labels;
  for (const GraphArc& arc : arcs) {
    if (labels.size() == kMost) break;
    const HalfEllipse shape = shapeOf(content, layout, arc);
    const QString text = numberText(static_cast<double>(arc.alpha), 4, !content.isUnsigned);
    const double width = metrics.horizontalAdvance(text) + 9.0 * layout.scale, height = 1.55 * style.tick;
    const double top = shape.isBelow ? shape.line + shape.height : shape.line - shape.height;
    const QRectF box(shape.middle - width / 2.0, top - height / 2.0, width, height);
    const bool isHigh = shape.height > 2.2 * height && width < 1.2 * shape.half;
    const bool isInside = box.left() >= layout.area.left() && box.right() <= layout.area.right() &&
                          top >= layout.line - layout.above - 1.0;
    const bool isFree = std::none_of(labels.begin(), labels.end(),
                                     [&box](const ValueLabel& other) { return other.box.intersects(box); });
    if (isHigh && isInside && isFree) labels.push_back({box, text});
  }
  return labels;
}

}  // namespace

GraphColors graphColors(const TokenGraphContent& content, const Theme& theme) {
  if (content.isUnsigned || !isDiverging(content.colors)) return {theme.text, theme.text};
  constexpr int kStart = 26;       // from either end: the very ends are too dark to tell apart when thin
  constexpr double kEnough = 4.0;  // contrast with the ground
  const auto& table = colorTable(content.colors);
  const auto pick = [&](bool isHigh) {
    QColor best;
    for (int i = kStart; i < 110; i += 6) {
      const QColor color = QColor::fromRgb(table[static_cast<size_t>(isHigh ? 255 - i : i)]);
      if (!best.isValid() || contrast(color, theme.canvas) > contrast(best, theme.canvas)) best = color;
      if (contrast(best, theme.canvas) >= kEnough) break;
    }
    return best;
  };
  return {pick(true), pick(false)};
}

QPen graphPen(const TokenGraphContent& content, const GraphArc& arc, const GraphColors& colors,
              const GraphLayout& layout) {
  const double part = magnitudeOf(content, arc);
  const double width = (kThinnest + (kThickest - kThinnest) * std::pow(part, kPower)) * layout.scale;
  QPen pen(arc.alpha < 0.0F ? colors.negative : colors.positive, width, Qt::SolidLine, Qt::FlatCap);
  if (arc.alpha < 0.0F) pen.setDashPattern({kDash * layout.scale / width, kGap * layout.scale / width});
  return pen;
}

void paintGraphArcs(QPainter& painter, const TokenGraphContent& content, const GraphLayout& layout,
                    const HeatmapStyle& style, const QRectF& clip, double strength) {
  const GraphColors colors = graphColors(content, style.theme);
  const double palest = layout.drawn > kFewArcs ? kPalest : 1.0;
  const QRectF room = arcRoom(layout, clip);
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  for (qint64 i = layout.end - 1; i >= 0; --i) {  // the strongest on top
    const GraphArc& arc = content.kept.arcs[static_cast<size_t>(i)];
    if (arc.query == arc.key || std::abs(arc.query - arc.key) < layout.nearest) continue;
    const HalfEllipse shape = shapeOf(content, layout, arc);
    if (shape.middle + shape.half < room.left() - kThickest * layout.scale ||
        shape.middle - shape.half > room.right() + kThickest * layout.scale)
      continue;
    QPen pen = graphPen(content, arc, colors, layout);
    const double own = palest + (1.0 - palest) * std::sqrt(magnitudeOf(content, arc));
    pen.setColor(mixed(pen.color(), style.theme.canvas, strength * own));
    strokeArc(painter, shape, pen, room);
  }
  painter.restore();
}

GraphFocus graphFocus(const TokenGraphContent& content, qint64 token, bool isLocked) {
  constexpr size_t kMost = 200;
  GraphFocus focus;
  focus.token = token;
  focus.isLocked = isLocked;
  for (const GraphArc& arc : content.kept.arcs) {
    if (arc.query == arc.key || (arc.query != token && arc.key != token)) continue;
    ++focus.all;
    if (focus.arcs.size() < kMost) focus.arcs.push_back(arc);
  }
  return focus;
}

void paintGraphFocusArcs(QPainter& painter, const TokenGraphContent& content, const GraphLayout& layout,
                         const HeatmapStyle& style, const GraphFocus& focus) {
  const std::vector<GraphArc>& arcs = focus.arcs;
  const GraphColors colors = graphColors(content, style.theme);
  const QRectF room = arcRoom(layout, layout.plot);
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  for (auto arc = arcs.rbegin(); arc != arcs.rend(); ++arc)
    strokeArc(painter, shapeOf(content, layout, *arc), graphPen(content, *arc, colors, layout), room);
  painter.setFont(textFont(style.tick));
  for (const ValueLabel& label : valueLabels(content, layout, style, arcs)) {
    painter.setPen(QPen(style.theme.line, style.line));
    painter.setBrush(style.theme.base);
    painter.drawRoundedRect(label.box, 2.0 * layout.scale, 2.0 * layout.scale);
    painter.setPen(style.theme.text);
    painter.drawText(
        QPointF(label.box.left() + 4.5 * layout.scale, label.box.center().y() + 0.36 * style.tick),
        label.text);
  }
  painter.restore();
}

}  // namespace uc
