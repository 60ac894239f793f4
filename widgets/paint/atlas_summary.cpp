// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/atlas_summary.h"

#include "widgets/paint/theme.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>
#include <limits>

namespace uc {

namespace {

QString tr(const char* text) { return QCoreApplication::translate("Atlas", text); }

QString capitalized(QString text) {
  if (!text.isEmpty()) text[0] = text[0].toUpper();
  return text;
}

QString percentText(double share) { return valueText(atlasColumn("diagonal_share"), share); }

/// The number that a role's rule looks at (docs/roles.md).
QString decidingNumber(const LaneStatistics& lane, Role role) {
  switch (role) {
    case Role::PreviousToken:
      return percentText(lane.previousShare);
    case Role::Window:
      return tr("%1 within 8 tokens").arg(percentText(lane.windowShare));
    case Role::FirstTokenSink:
      return percentText(lane.firstTokenShare);
    case Role::Delimiter:
      return percentText(lane.delimiterShare);
    case Role::Periodic:
      return tr("peak %1").arg(numberText(lane.periodicity, 2));
    case Role::InductionLike:
      return percentText(lane.inductionShare);
    case Role::Dead:
      return tr("%1 of rows empty").arg(percentText(lane.deadShare));
  }
  return {};
}

/// Extent of a column over the selection, NaN left out.
std::optional<ValueRange> extentOf(const AtlasContent& content, const AtlasColumn& column) {
  std::optional<ValueRange> range;
  for (const uint32_t i : content.selected) {
    const double value = column.of(content.lanes().lanes[i]);
    if (std::isnan(value)) continue;
    if (!range) range = ValueRange{value, value};
    range->low = std::min(range->low, value);
    range->high = std::max(range->high, value);
  }
  return range;
}

}  // namespace

std::optional<LaneSummary> laneSummary(const AtlasContent& content, const LaneRef& lane) {
  const AtlasLanes& lanes = content.lanes();
  const auto index = lanes.indexOf(lane);
  if (!index) return std::nullopt;
  const LaneStatistics& of = lanes.lanes[*index];
  LaneSummary summary;
  summary.name = laneName(lane);
  for (const AtlasColumn& column : atlasColumns()) {
    if (column.measure == Measure::Index) continue;
    const AtlasLanes::Column& all = lanes.columnOf(column);
    summary.statistics.push_back({capitalized(columnTitle(column)), valueText(column, column.of(of)),
                                  all.axis.placeOf(all.lower), all.axis.placeOf(all.upper),
                                  all.axis.placeOf(column.of(of))});
  }
  for (const Role role : allRoles()) {
    const bool isOn = of.roles.has(role);
    summary.roles.push_back(
        {roleTitle(role), (isOn ? tr("yes, %1") : tr("no, %1")).arg(decidingNumber(of, role)), isOn});
  }
  return summary;
}

SelectionSummary selectionSummary(const AtlasContent& content) {
  SelectionSummary summary;
  const AtlasCloud& cloud = *content.cloud;
  summary.count = static_cast<qint64>(content.selected.size());
  summary.of = static_cast<qint64>(cloud.points.size());
  summary.line =
      content.choice.brush
          ? tr("atlas: %1 of %2 lanes in the brush").arg(countText(summary.count), countText(summary.of))
          : tr("atlas: %1 lanes").arg(countText(summary.of));
  const auto add = [&](const AtlasColumn& column, const QString& label) {
    if (const auto range = extentOf(content, column))
      summary.rows.push_back({label, rangeText(column, range->low, range->high)});
  };
  add(atlasColumn("layer"), tr("Layers"));
  for (const AtlasColumn* column : {cloud.x, cloud.y})
    if (column->measure != Measure::Index) add(*column, capitalized(columnTitle(*column)));
  if (summary.count == 0) return summary;
  // Each layer's shares add up to 1.
  double share = 0.0;
  for (const uint32_t i : content.selected) share += content.lanes().lanes[i].outputShare;
  share /= std::max(1.0, static_cast<double>(content.lanes().layers));
  summary.rows.push_back({tr("Output share"), tr("%1 of all layers").arg(percentText(share))});
  return summary;
}

std::vector<std::optional<LayerFingerprint>> layerFingerprints(const AtlasLanes& lanes) {
  std::vector<std::optional<LayerFingerprint>> result(static_cast<size_t>(lanes.layers));
  for (auto first = lanes.lanes.begin(); first != lanes.lanes.end();) {
    const auto last =
        std::find_if(first, lanes.lanes.end(),
                     [layer = first->layer](const LaneStatistics& lane) { return lane.layer != layer; });
    LayerFingerprint print;
    QStringList words;
    for (size_t i = 0; i < print.bars.size(); ++i) {
      const AtlasColumn& column = atlasColumns()[i];
      std::vector<double> values;
      for (auto lane = first; lane != last; ++lane)
        if (!std::isnan(column.of(*lane))) values.push_back(column.of(*lane));
      if (values.empty()) continue;
      const auto middle = values.begin() + static_cast<ptrdiff_t>((values.size() - 1) / 2);
      std::nth_element(values.begin(), middle, values.end());
      print.bars[i] = std::clamp(lanes.columnOf(column).axis.placeOf(*middle), 0.0, 1.0);
      words << columnTitle(column) + QLatin1Char(' ') + valueText(column, *middle);
    }
    print.words = words.join(QStringLiteral(", "));
    result[static_cast<size_t>(first->layer)] = print;
    first = last;
  }
  return result;
}

}  // namespace uc
