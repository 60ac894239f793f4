// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/views.h"
#include "widgets/paint/atlas_axis.h"

#include <QString>

#include <array>
#include <compare>
#include <memory>
#include <optional>
#include <vector>

namespace uc {

struct LaneRef {
  int64_t layer = 0, lane = 0;
  auto operator<=>(const LaneRef&) const = default;
};
QString laneName(const LaneRef& lane);  // "L12 C345"
QString roleTitle(Role role);           // "First-token sink"

/// The statistics of a whole model and what all of its atlases share. Made once; a value.
struct AtlasLanes {
  std::vector<LaneStatistics> lanes;  // layers rising, in them lanes rising
  int64_t layers = 0;                 // one more than the last
  struct Column {
    AtlasAxis axis;
    double lower = 0.0, middle = 0.0, upper = 0.0;  // quartiles of all lanes; NaN where there is none
  };
  std::vector<Column> columns;  // those of atlasColumns()

  const Column& columnOf(const AtlasColumn& column) const {
    return columns[static_cast<size_t>(&column - atlasColumns().data())];
  }
  LaneRef refOf(uint32_t index) const { return {lanes[index].layer, lanes[index].lane}; }
  std::optional<uint32_t> indexOf(const LaneRef& lane) const;
};
std::shared_ptr<const AtlasLanes> atlasLanes(std::vector<LaneStatistics> lanes);

/// What tells the colors of an atlas apart.
struct AtlasLegend {
  QString title;      // of a scale; empty: roles
  QString low, high;  // ends of the scale
  struct RoleCount {
    int mark = 0;  // 0: without a role; else the role's place in allRoles(), from 1
    qint64 count = 0;
  };
  std::vector<RoleCount> roles;  // those that are there
  bool isScale() const { return roles.empty(); }
};

/// Where the lanes lie: what is costly to draw, and does not change while a brush is dragged.
struct AtlasCloud {
  std::shared_ptr<const AtlasLanes> lanes;
  const AtlasColumn* x = nullptr;
  const AtlasColumn* y = nullptr;
  struct Point {
    float x = 0.0F, y = 0.0F;  // places along the axes
    uint32_t lane = 0;         // index in lanes->lanes
    uint16_t tone = 0;         // of a scale: index into viridis, or kNoTone for NaN; of roles: the mark
  };
  static constexpr uint16_t kNoTone = 256;
  std::vector<Point> points;  // lanes that pass the filters; in an order without a pattern, so that no layer
                              // always lies on top
  std::vector<Point> ghosts;  // the others
  qint64 notNumbers = 0;      // lanes that pass the filters and cannot be placed: NaN in x or y
  AtlasLegend legend;
  bool isColoredByRole = false;
  bool isTiled = false;  // lanes along x, layers along y: cells in place of points

  const AtlasAxis& xAxis() const { return lanes->columnOf(*x).axis; }
  const AtlasAxis& yAxis() const { return lanes->columnOf(*y).axis; }
};

/// Everything that one channel atlas shows. A value; its cloud is shared between contents that differ only in
/// brush and order.
struct AtlasContent {
  std::shared_ptr<const AtlasCloud> cloud;
  AtlasChoice choice;
  std::vector<uint32_t> selected;  // lanes in the brush, or all that are shown, by falling `choice.sort`;
                                   // equals in the model's order, NaN last
  QString title, caption;          // figures

  const AtlasLanes& lanes() const { return *cloud->lanes; }
};

/// `before` may lend its cloud. Throws Failure for a column that does not exist.
AtlasContent atlasContent(std::shared_ptr<const AtlasLanes> lanes, const AtlasChoice& choice,
                          const AtlasContent* before = nullptr);

/// The indexes of `selected`.
std::vector<uint32_t> lanesInBrush(const AtlasCloud& cloud, const AtlasChoice& choice);

/// A brush as places along the axes, its ends in order.
struct AtlasRect {
  double x0 = 0.0, y0 = 0.0, x1 = 0.0, y1 = 0.0;
};
AtlasRect placesOf(const AtlasCloud& cloud, const AtlasChoice::Brush& brush);
AtlasChoice::Brush brushOf(const AtlasCloud& cloud, const AtlasRect& places);

}  // namespace uc
