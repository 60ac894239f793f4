// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/state_curves.h"
#include "core/values/view_state.h"
#include "widgets/paint/figure.h"

#include <QStringList>

#include <memory>
#include <optional>
#include <vector>

namespace uc {

/// What the state view shows: curves of one to some lanes over the tokens. A value, shared freely.
struct StateContent {
  StateCurves curves;
  StateChoice choice;
  QStringList tokens;  // text of every token, shared
  QString title, caption;
  Viewport viewport;              // figures: left and width, in tokens; empty: all
  std::optional<int64_t> locked;  // token
};

/// One stacked panel: what it draws of each lane, and its vertical axis.
struct StatePanel {
  enum class Kind : uint8_t { HalfLife, Decay, Write, State };
  Kind kind = Kind::HalfLife;
  QString title;             // "half-life (tokens)"
  bool isLog = false;        // where the largest is far above the smallest positive value
  bool hasInfinity = false;  // then ∞ has its own line at the top
  double low = 0.0, high = 1.0;
  double infinityRoom = 0.0;  // above the scale, for its line
  QRectF plot;

  /// From a value to its height in the plot; what is not in the axis' range lies at its nearer end, NaN
  /// nowhere (NaN).
  double y(double value) const;
};

/// Where things lie. `axis` serves the shared token axis: its `cells` is the last panel's plot and its
/// viewport has the tokens shown.
struct StateLayout {
  HeatmapLayout axis;
  std::vector<StatePanel> panels;
  QRectF title, legend, caption;
  double bottom = 0.0;
};

/// On screen the panels share the height of `area`; in figures they have the height that suits the type.
StateLayout layoutState(const StateContent& content, const QRectF& area, const Viewport& viewport,
                        const HeatmapStyle& style);

/// A map without query tokens whose key axis is the token axis.
HeatmapContent stateAxis(const StateContent& content);

/// The list of a lane that a panel draws; empty where the family has none.
const std::vector<float>& curveOf(const LaneCurves& lane, StatePanel::Kind kind);

/// A curve as one polyline with at most four points a pixel of `step`: of what falls into one, the first, the
/// least, the largest and the last value, so that no spike is lost. NaN ends a stretch.
std::vector<QPolygonF> curvePolylines(const std::vector<float>& values, const StatePanel& panel,
                                      const HeatmapLayout& axis, double step);

/// Panels with their curves, the token axis and the direct labels: what does not move with the pointer.
void paintStateCurves(QPainter& painter, const StateContent& content, const StateLayout& layout,
                      const HeatmapStyle& style);
/// The lines of the locked and the hovered token, their plates on the axis, a dot on each curve with its
/// value.
void paintStateMarks(QPainter& painter, const StateContent& content, const StateLayout& layout,
                     const HeatmapStyle& style, std::optional<int64_t> locked,
                     std::optional<int64_t> hovered);

/// The token under a point of any panel.
std::optional<int64_t> stateTokenAt(const StateContent& content, const StateLayout& layout,
                                    const QPointF& point);

/// "L3 C345", and the color and dashes of the lane-th curve.
QString curveName(const LaneCurves& lane);
QPen curvePen(const Theme& theme, size_t lane, double width);

/// A line of the read-out for each panel and lane at a token: "half-life 12.4 tokens (3.1 to ∞)".
std::vector<std::pair<QString, QString>> stateReadOut(const StateContent& content, int64_t token);

class StateFigure : public Figure {
 public:
  explicit StateFigure(std::shared_ptr<const StateContent> content) : m_content(std::move(content)) {}
  double heightFor(double width, const HeatmapStyle& style) const override;
  void paint(QPainter& painter, const QRectF& area, const HeatmapStyle& style) const override;

 private:
  std::shared_ptr<const StateContent> m_content;
};

}  // namespace uc
