// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/cli_commands.h"
#include "core/io/save.h"

#include <cmath>
#include <vector>

namespace uc {
namespace {

Json jsonOf(const LaneStatistics& lane) {
  Json json = {{"layer", lane.layer}, {"lane", lane.lane}};
  for (const StatisticsColumn& column : statisticsColumns()) {
    const double value = lane.*column.value;
    json[column.name] = std::isfinite(value) ? Json(value) : Json(nullptr);
  }
  json["rows"] = lane.rows;
  json["roles"] = Json::array();
  for (const Role role : allRoles()) {
    if (lane.roles.has(role)) json["roles"].push_back(name(role));
  }
  return json;
}

}  // namespace

void runStatistics(const Arguments& arguments, Console& console) {
  checkSavable(*arguments.output);
  const std::shared_ptr<const Engine> engine = openEngine(arguments, console);
  const std::vector<int64_t> layers = arguments.layers.resolve(engine->info().layers);
  const RunHandle run = runInput(arguments, *engine, console);
  std::vector<LaneStatistics> lanes;
  for (size_t i = 0; i < layers.size(); ++i) {
    const auto count = static_cast<double>(layers.size());
    const Feedback part = console.feedback().part(0.5 + 0.5 * static_cast<double>(i) / count,
                                                  0.5 + 0.5 * static_cast<double>(i + 1) / count);
    const std::vector<LaneStatistics> more = engine->statistics(run, layers[i], part);
    lanes.insert(lanes.end(), more.begin(), more.end());
  }
  console.notices(run->notices());
  saveStatistics(*arguments.output, lanes);
  if (!arguments.isJson) return;
  Json list = Json::array();
  for (const LaneStatistics& lane : lanes) list.push_back(jsonOf(lane));
  printJson({{"file", *arguments.output}, {"statistics", list}});
}

}  // namespace uc
