// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/atlas_content.h"

#include "widgets/paint/theme.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <tuple>

namespace uc {

namespace {

QString tr(const char* text) { return QCoreApplication::translate("Atlas", text); }

/// An odd multiplier walks through all indexes of a power of two in an order without a visible pattern.
std::vector<uint32_t> scattered(size_t count) {
  uint32_t size = 1;
  while (size < count) size *= 2;
  std::vector<uint32_t> order;
  order.reserve(count);
  for (uint32_t i = 0, at = 0; i < size; ++i, at = (at + 2654435769U) & (size - 1))
    if (at < count) order.push_back(at);
  return order;
}

AtlasLanes::Column columnOver(const std::vector<LaneStatistics>& lanes, const AtlasColumn& column) {
  std::vector<double> values;
  values.reserve(lanes.size());
  ColumnExtent extent;
  for (const LaneStatistics& lane : lanes) {
    const double value = column.of(lane);
    if (!std::isnan(value)) values.push_back(value);
    if (std::isinf(value)) extent.hasInfinity = true;
  }
  std::sort(values.begin(), values.end());
  AtlasLanes::Column result;
  const auto quartile = [&values](size_t of4) {
    return values.empty() ? std::numeric_limits<double>::quiet_NaN() : values[(values.size() - 1) * of4 / 4];
  };
  result.lower = quartile(1);
  result.middle = quartile(2);
  result.upper = quartile(3);
  const auto isFinite = [](double value) { return std::isfinite(value); };
  const auto first = std::find_if(values.begin(), values.end(), isFinite);
  const auto last = std::find_if(values.rbegin(), values.rend(), isFinite);
  if (first != values.end()) extent.range = {*first, *last};
  // Shares of the output are thousandths: their unit is a power of ten that the middle lane reaches.
  if (column.measure == Measure::Share && result.middle > 0.0)
    extent.unit = std::pow(10.0, std::floor(std::log10(result.middle)));
  result.axis = AtlasAxis(column, extent);
  return result;
}

bool passes(const LaneStatistics& lane, const AtlasChoice& choice) {
  if (lane.layer < choice.firstLayer || (choice.lastLayer >= 0 && lane.layer > choice.lastLayer))
    return false;
  if (choice.leastHalfLife > 0.0 && !(lane.halfLife >= choice.leastHalfLife)) return false;
  const auto& roles = allRoles();
  return choice.roles == Roles() || std::any_of(roles.begin(), roles.end(), [&](Role role) {
           return choice.roles.has(role) && lane.roles.has(role);
         });
}

/// The mark of a lane's first role, of those that are looked for where some are.
uint16_t markOf(const LaneStatistics& lane, Roles wanted) {
  for (size_t i = 0; i < allRoles().size(); ++i) {
    const Role role = allRoles()[i];
    if (lane.roles.has(role) && (wanted == Roles() || wanted.has(role))) return static_cast<uint16_t>(i + 1);
  }
  return 0;
}

AtlasLegend roleLegend(const std::vector<AtlasCloud::Point>& points) {
  std::vector<qint64> counts(allRoles().size() + 1, 0);
  for (const AtlasCloud::Point& point : points) ++counts[point.tone];
  AtlasLegend legend;
  for (size_t mark = 1; mark < counts.size(); ++mark)
    if (counts[mark] > 0) legend.roles.push_back({static_cast<int>(mark), counts[mark]});
  if (counts[0] > 0 || legend.roles.empty()) legend.roles.push_back({0, counts[0]});
  return legend;
}

AtlasLegend scaleLegend(const AtlasLanes& lanes, const AtlasColumn& column) {
  const AtlasAxis& axis = lanes.columnOf(column).axis;
  if (column.measure == Measure::Index)
    return {columnTitle(column),
            QString::number(std::lround(axis.valueAt(0.0) + 0.5)),
            QString::number(std::lround(axis.valueAt(1.0) - 0.5)),
            {}};
  const double high = axis.hasInfinity() ? std::numeric_limits<double>::infinity() : axis.valueAt(1.0);
  return {columnTitle(column), bareText(column, axis.valueAt(0.0)), valueText(column, high), {}};
}

/// Along a scale of colors. Layers and lanes are cells on an axis; here the first and the last are its ends.
double scalePlace(const AtlasAxis& axis, const AtlasColumn& column, double value) {
  const double place = axis.placeOf(value);
  if (column.measure != Measure::Index) return std::clamp(place, 0.0, 1.0);
  const double inset = axis.placeOf(axis.valueAt(0.0) + 0.5);  // half a cell
  return inset < 0.5 ? std::clamp((place - inset) / (1.0 - 2.0 * inset), 0.0, 1.0) : 0.0;
}

/// Where a lane lies and its tone; NaN where it has no place.
AtlasCloud::Point pointFor(const AtlasCloud& cloud, uint32_t index, const AtlasColumn* color, Roles wanted) {
  const LaneStatistics& lane = cloud.lanes->lanes[index];
  AtlasCloud::Point point{static_cast<float>(cloud.xAxis().placeOf(cloud.x->of(lane))),
                          static_cast<float>(cloud.yAxis().placeOf(cloud.y->of(lane))), index, 0};
  if (color == nullptr) {
    point.tone = markOf(lane, wanted);
  } else {
    const double place = scalePlace(cloud.lanes->columnOf(*color).axis, *color, color->of(lane));
    point.tone = std::isnan(place) ? AtlasCloud::kNoTone : static_cast<uint16_t>(std::lround(place * 255.0));
  }
  return point;
}

std::shared_ptr<const AtlasCloud> cloudOf(std::shared_ptr<const AtlasLanes> lanes,
                                          const AtlasChoice& choice) {
  auto cloud = std::make_shared<AtlasCloud>();
  cloud->lanes = std::move(lanes);
  cloud->x = &atlasColumn(choice.x);
  cloud->y = &atlasColumn(choice.y);
  cloud->isTiled = cloud->x->index == &LaneStatistics::lane && cloud->y->index == &LaneStatistics::layer;
  cloud->isColoredByRole = choice.color == "roles";
  const AtlasColumn* color = cloud->isColoredByRole ? nullptr : &atlasColumn(choice.color);
  const auto& all = cloud->lanes->lanes;
  std::vector<AtlasCloud::Point> points;  // in the lanes' order, which is that of memory
  std::vector<bool> areShown;
  points.reserve(all.size());
  for (uint32_t i = 0; i < all.size(); ++i) {
    points.push_back(pointFor(*cloud, i, color, choice.roles));
    areShown.push_back(passes(all[i], choice));
  }
  for (const uint32_t i : scattered(all.size())) {
    const AtlasCloud::Point& point = points[i];
    if (std::isfinite(point.x) && std::isfinite(point.y)) {
      (areShown[i] ? cloud->points : cloud->ghosts).push_back(point);
    } else if (areShown[i]) {
      ++cloud->notNumbers;
    }
  }
  cloud->legend = color == nullptr ? roleLegend(cloud->points) : scaleLegend(*cloud->lanes, *color);
  return cloud;
}

bool hasSameCloud(AtlasChoice a, const AtlasChoice& b) {
  a.brush = b.brush;
  a.sort = b.sort;
  return a == b;
}

QString captionOf(const AtlasCloud& cloud, const AtlasChoice& choice) {
  const AtlasLanes& lanes = *cloud.lanes;
  const auto shown = static_cast<qint64>(cloud.points.size());
  QString text = tr("%1 lanes of %2 layers").arg(countText(shown), countText(lanes.layers));
  if (shown < static_cast<qint64>(lanes.lanes.size()))
    text += tr(", of %1 in all").arg(countText(static_cast<qint64>(lanes.lanes.size())));
  text += QLatin1Char('.');
  QStringList limits;
  for (const Role role : allRoles())
    if (choice.roles.has(role)) limits << roleTitle(role).toLower();
  if (choice.firstLayer > 0 || (choice.lastLayer >= 0 && choice.lastLayer < lanes.layers - 1))
    limits << tr("layers %1 … %2")
                  .arg(choice.firstLayer)
                  .arg(choice.lastLayer >= 0 ? choice.lastLayer : lanes.layers - 1);
  if (choice.leastHalfLife > 0.0)
    limits << tr("half-life from %1").arg(valueText(atlasColumn("half_life"), choice.leastHalfLife));
  if (!limits.isEmpty())
    text += tr(" Shown: %1; the others are gray.").arg(limits.join(QStringLiteral(", ")));
  if (cloud.notNumbers > 0) text += tr(" Not shown, for NaN: %1.").arg(countText(cloud.notNumbers));
  return text;
}

}  // namespace

QString laneName(const LaneRef& lane) { return QStringLiteral("L%1 C%2").arg(lane.layer).arg(lane.lane); }

QString roleTitle(Role role) {
  switch (role) {
    case Role::PreviousToken:
      return tr("Previous token");
    case Role::Window:
      return tr("Window");
    case Role::FirstTokenSink:
      return tr("First-token sink");
    case Role::Delimiter:
      return tr("Delimiter");
    case Role::Periodic:
      return tr("Periodic");
    case Role::InductionLike:
      return tr("Induction-like");
    case Role::Dead:
      return tr("Dead");
  }
  return {};
}

std::optional<uint32_t> AtlasLanes::indexOf(const LaneRef& lane) const {
  const auto found =
      std::lower_bound(lanes.begin(), lanes.end(), lane, [](const LaneStatistics& a, const LaneRef& b) {
        return LaneRef{a.layer, a.lane} < b;
      });
  if (found == lanes.end() || LaneRef{found->layer, found->lane} != lane) return std::nullopt;
  return static_cast<uint32_t>(found - lanes.begin());
}

std::shared_ptr<const AtlasLanes> atlasLanes(std::vector<LaneStatistics> lanes) {
  auto result = std::make_shared<AtlasLanes>();
  result->lanes = std::move(lanes);
  std::sort(result->lanes.begin(), result->lanes.end(), [](const LaneStatistics& a, const LaneStatistics& b) {
    return std::tie(a.layer, a.lane) < std::tie(b.layer, b.lane);
  });
  if (!result->lanes.empty()) result->layers = result->lanes.back().layer + 1;
  for (const AtlasColumn& column : atlasColumns())
    result->columns.push_back(columnOver(result->lanes, column));
  return result;
}

AtlasContent atlasContent(std::shared_ptr<const AtlasLanes> lanes, const AtlasChoice& choice,
                          const AtlasContent* before) {
  AtlasContent content;
  content.choice = choice;
  const bool isKept =
      before != nullptr && before->cloud->lanes == lanes && hasSameCloud(before->choice, choice);
  content.cloud = isKept ? before->cloud : cloudOf(std::move(lanes), choice);
  content.selected = lanesInBrush(*content.cloud, choice);
  const AtlasCloud& cloud = *content.cloud;
  content.title = tr("Channel atlas: %1 by %2").arg(columnTitle(*cloud.y), columnTitle(*cloud.x));
  content.caption = captionOf(cloud, choice);
  return content;
}

std::vector<uint32_t> lanesInBrush(const AtlasCloud& cloud, const AtlasChoice& choice) {
  const AtlasColumn& sort = atlasColumn(choice.sort);
  AtlasRect rect{-1e9, -1e9, 1e9, 1e9};
  if (choice.brush) rect = placesOf(cloud, *choice.brush);
  const auto x0 = static_cast<float>(rect.x0), x1 = static_cast<float>(rect.x1);
  const auto y0 = static_cast<float>(rect.y0), y1 = static_cast<float>(rect.y1);
  std::vector<std::pair<double, uint32_t>> keys;
  for (const AtlasCloud::Point& point : cloud.points) {
    if (point.x < x0 || point.x > x1 || point.y < y0 || point.y > y1) continue;
    const double value = sort.of(cloud.lanes->lanes[point.lane]);
    keys.emplace_back(std::isnan(value) ? -std::numeric_limits<double>::infinity() : value, point.lane);
  }
  std::sort(keys.begin(), keys.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  std::vector<uint32_t> order;
  order.reserve(keys.size());
  for (const auto& key : keys) order.push_back(key.second);
  return order;
}

AtlasRect placesOf(const AtlasCloud& cloud, const AtlasChoice::Brush& brush) {
  const AtlasAxis &x = cloud.xAxis(), &y = cloud.yAxis();
  return {x.placeOf(std::min(brush.x0, brush.x1)), y.placeOf(std::min(brush.y0, brush.y1)),
          x.placeOf(std::max(brush.x0, brush.x1)), y.placeOf(std::max(brush.y0, brush.y1))};
}

AtlasChoice::Brush brushOf(const AtlasCloud& cloud, const AtlasRect& places) {
  const AtlasAxis &x = cloud.xAxis(), &y = cloud.yAxis();
  return {x.valueAt(places.x0), x.valueAt(places.x1), y.valueAt(places.y0), y.valueAt(places.y1)};
}

}  // namespace uc
