// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/figure_text.h"
#include "widgets/paint/state_curves.h"
#include "widgets/paint/text_fit.h"

#include <QFontMetricsF>

#include <algorithm>
#include <cmath>
#include <limits>

namespace uc {

namespace {

constexpr double kLogFrom = 30.0;     // largest over smallest value from which an axis is logarithmic
constexpr double kMaxDecades = 8.0;   // smaller ones lie at the lower end
constexpr double kFigurePanel = 7.0;  // height of a figure's panel in its type
constexpr double kLeastPanel = 34.0;
constexpr double kDash = 5.0;  // unit of the dash patterns, in pens

struct Kind {
  StatePanel::Kind kind;
  bool StateChoice::*isShown;
  const char* title;
};
constexpr Kind kKinds[] = {{StatePanel::Kind::HalfLife, &StateChoice::showHalfLife, "half-life (tokens)"},
                           {StatePanel::Kind::Decay, &StateChoice::showDecay, "share left of the write"},
                           {StatePanel::Kind::Write, &StateChoice::showWrite, "magnitude of the write"},
                           {StatePanel::Kind::State, &StateChoice::showState, "magnitude of the state"}};

/// The next larger of 1, 2, 5 · 10^k.
double roundUp(double value) {
  const double power = std::pow(10.0, std::floor(std::log10(value)));
  for (double step : {1.0, 2.0, 5.0, 10.0})
    if (value <= step * power * (1.0 + 1e-9)) return step * power;
  return 10.0 * power;
}

void fitAxis(StatePanel& panel, const StateContent& content) {
  double low = std::numeric_limits<double>::infinity(), high = 0.0;
  const auto take = [&](const std::vector<float>& values) {
    for (const float single : values) {
      const auto value = static_cast<double>(single);
      panel.hasInfinity |= std::isinf(value);
      if (!std::isfinite(value) || value <= 0.0) continue;
      low = std::min(low, value);
      high = std::max(high, value);
    }
  };
  for (const LaneCurves& lane : content.curves.lanes) {
    take(curveOf(lane, panel.kind));
    if (panel.kind != StatePanel::Kind::HalfLife) continue;
    take(lane.shortest);
    take(lane.longest);
  }
  if (panel.kind == StatePanel::Kind::Decay || high <= 0.0) return;  // a share: 0 … 1
  panel.isLog = high / low >= kLogFrom;
  if (panel.isLog) {
    panel.high = std::pow(10.0, std::ceil(std::log10(high) - 1e-9));
    panel.low =
        std::pow(10.0, std::max(std::floor(std::log10(low) + 1e-9), std::log10(panel.high) - kMaxDecades));
  } else {
    panel.high = roundUp(high);
  }
}

std::vector<StatePanel> panelsOf(const StateContent& content) {
  std::vector<StatePanel> panels;
  for (const Kind& each : kKinds) {
    const bool hasCurve =
        std::any_of(content.curves.lanes.begin(), content.curves.lanes.end(),
                    [&](const LaneCurves& lane) { return !curveOf(lane, each.kind).empty(); });
    if (!(content.choice.*each.isShown) || !hasCurve) continue;
    StatePanel panel;
    panel.kind = each.kind;
    panel.title = QString::fromUtf8(each.title);
    fitAxis(panel, content);
    panels.push_back(panel);
  }
  return panels;
}

/// Room below the panels for the labels of the token axis. On screen it does not change while one pans.
double axisHeight(const StateContent& content, HeatmapLayout& axis, const HeatmapStyle& style) {
  const bool hasTokens = style.showTokens && !content.tokens.isEmpty();
  axis.labelHeight = hasTokens ? 5.0 * style.token : style.tick;
  if (style.isFigure) {
    double height = style.tick;
    for (const auto& label : axisLabels(stateAxis(content), axis, style).keys)
      height = std::max(height, label.box.height());
    axis.labelHeight = height;
  }
  return 14.0 * axis.scale + axis.labelHeight + 1.25 * style.axis;
}

}  // namespace

HeatmapContent stateAxis(const StateContent& content) {
  HeatmapContent axis;
  axis.grid.col1 = content.curves.tokens;
  axis.tokens = content.tokens;
  axis.queryTitle.clear();
  axis.keyTitle = QStringLiteral("token t");
  return axis;
}

const std::vector<float>& curveOf(const LaneCurves& lane, StatePanel::Kind kind) {
  switch (kind) {
    case StatePanel::Kind::HalfLife:
      return lane.mean;
    case StatePanel::Kind::Decay:
      return lane.left;
    case StatePanel::Kind::Write:
      return lane.write;
    case StatePanel::Kind::State:
      break;
  }
  return lane.state;
}

QString curveName(const LaneCurves& lane) { return QStringLiteral("L%1 C%2").arg(lane.layer).arg(lane.lane); }

QPen curvePen(const Theme& theme, size_t lane, double width) {
  static const QList<QList<double>> dashes{{},         {2.4, 1.0}, {0.8, 0.8}, {2.4, 0.8, 0.6, 0.8},
                                           {4.0, 1.2}, {1.4, 0.7}, {0.4, 0.9}};
  const qsizetype colors = theme.curves.size() - 1;  // the last is `text`, for the hovered one
  const auto k = static_cast<qsizetype>(lane);
  QPen pen(k < colors ? theme.curves[k] : theme.text2, width, Qt::SolidLine, Qt::FlatCap, Qt::RoundJoin);
  if (const auto& dash = dashes[k % dashes.size()]; !dash.isEmpty()) {
    QList<double> pattern;
    for (double part : dash) pattern.append(part * kDash * 0.6);
    pen.setDashPattern(pattern);
  }
  return pen;
}

double StatePanel::y(double value) const {
  if (std::isnan(value)) return value;
  const double top = plot.top() + infinityRoom;
  if (std::isinf(value)) return plot.top() + 0.15 * infinityRoom;
  const double inside = std::clamp(value, low, high);
  const double part = isLog ? std::log(inside / low) / std::log(high / low) : (inside - low) / (high - low);
  return plot.bottom() - part * (plot.bottom() - top);
}

StateLayout layoutState(const StateContent& content, const QRectF& area, const Viewport& viewport,
                        const HeatmapStyle& style) {
  StateLayout layout;
  layout.panels = panelsOf(content);
  HeatmapLayout& axis = layout.axis;
  axis.area = area;
  axis.scale = lookUnit(style);
  const double unit = axis.scale, pad = 8.0 * unit, textWidth = area.width() - 2.0 * pad;
  axis.viewport = {viewport.left, 0.0, viewport.width, 1.0};
  if (viewport.isWhole())
    axis.viewport = {0.0, 0.0, std::max(1.0, static_cast<double>(content.curves.tokens)), 1.0};
  const QFontMetricsF ticks(textFont(style.tick));
  double labels = 0.0;
  for (const LaneCurves& lane : content.curves.lanes)
    labels = std::max(labels, ticks.horizontalAdvance(curveName(lane)));
  const double left = area.left() + pad + ticks.horizontalAdvance(QStringLiteral("0.001")) + 10.0 * unit;
  const double right = std::max(left + 20.0 * unit, area.right() - pad - labels - 12.0 * unit);
  double top = area.top() + pad;
  if (style.isFigure) {
    layout.title = QRectF(area.left() + pad, top, textWidth, titleHeight(content.title, style, textWidth));
    top = layout.title.bottom() + (layout.title.height() > 0.0 ? 4.0 * unit : 0.0);
  }
  axis.cells = QRectF(left, top, right - left, 1.0);
  const double below = axisHeight(content, axis, style) + pad;
  const auto count = static_cast<double>(std::max<size_t>(1, layout.panels.size()));
  const double head = 1.5 * style.tick;  // the panel's title stands over it
  double step = (area.bottom() - below - top) / count;
  if (style.isFigure) step = head + kFigurePanel * style.axis + 4.0 * unit;
  step = std::max(step, head + kLeastPanel * unit);
  for (StatePanel& panel : layout.panels) {
    if (panel.hasInfinity) panel.infinityRoom = std::min(1.6 * style.tick, 0.3 * (step - head));
    panel.plot = QRectF(QPointF(left, top + head), QPointF(right, top + step - 4.0 * unit));
    top += step;
  }
  if (!layout.panels.empty()) axis.cells = layout.panels.back().plot;
  layout.bottom = axis.cells.bottom() + below;
  if (const double height = captionHeight(content.caption, style, textWidth); height > 0.0) {
    layout.caption = QRectF(area.left() + pad, layout.bottom, textWidth, height);
    layout.bottom += height + pad;
  }
  return layout;
}

std::optional<int64_t> stateTokenAt(const StateContent& content, const StateLayout& layout,
                                    const QPointF& point) {
  if (layout.panels.empty()) return std::nullopt;
  const QRectF all = layout.panels.front().plot.united(layout.panels.back().plot);
  if (!all.contains(point)) return std::nullopt;
  const auto token = static_cast<int64_t>(std::floor(layout.axis.toTokens(point).x()));
  if (token < 0 || token >= content.curves.tokens) return std::nullopt;
  return token;
}

}  // namespace uc
