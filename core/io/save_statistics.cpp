// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/npy.h"
#include "core/io/save.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string>
#include <utility>

namespace uc {
namespace {

void writeCsv(const std::vector<LaneStatistics>& lanes, std::ostream& out) {
  out << "layer,lane,";
  for (const StatisticsColumn& column : statisticsColumns()) out << column.name << ',';
  out << "rows,roles\n";
  for (const LaneStatistics& lane : lanes) {
    std::string line = fmt::format("{},{},", lane.layer, lane.lane);
    for (const StatisticsColumn& column : statisticsColumns()) {
      line += fmt::format("{:.9g},", lane.*column.value);
    }
    out << line << lane.rows << ',' << roleList(lane.roles) << '\n';
  }
}

/// Texts of one width, as NumPy's <U has them.
struct TextColumn {
  explicit TextColumn(const std::vector<std::string>& texts) {
    for (const std::string& text : texts) width = std::max(width, text.size());
    for (const std::string& text : texts) {
      values.insert(values.end(), text.begin(), text.end());
      values.resize(values.size() + width - text.size());
    }
  }
  size_t width = 1;
  std::vector<char32_t> values;  // [texts, width]
};

template <typename U>
std::vector<U> columnOf(const std::vector<LaneStatistics>& lanes, U LaneStatistics::*value) {
  std::vector<U> column;
  for (const LaneStatistics& lane : lanes) column.push_back(lane.*value);
  return column;
}

void saveColumns(const std::filesystem::path& path, const std::vector<LaneStatistics>& lanes) {
  const auto count = static_cast<int64_t>(lanes.size());
  const std::pair<const char*, std::vector<int64_t>> places[] = {
      {"layer", columnOf(lanes, &LaneStatistics::layer)},
      {"lane", columnOf(lanes, &LaneStatistics::lane)},
      {"rows", columnOf(lanes, &LaneStatistics::rows)}};
  std::vector<std::vector<double>> numbers;
  for (const StatisticsColumn& column : statisticsColumns()) {
    numbers.push_back(columnOf(lanes, column.value));
  }
  std::vector<std::string> roles;
  for (const LaneStatistics& lane : lanes) roles.push_back(roleList(lane.roles));
  const TextColumn texts(roles);
  std::vector<NpyArray> arrays;
  for (const auto& [name, values] : places) {
    arrays.push_back(npyArray(name, {count}, std::span<const int64_t>(values)));
  }
  for (size_t i = 0; i < numbers.size(); ++i) {
    arrays.push_back(npyArray(statisticsColumns()[i].name, {count}, std::span<const double>(numbers[i])));
  }
  arrays.push_back({"roles",
                    fmt::format("<U{}", texts.width),
                    {count},
                    {std::as_bytes(std::span<const char32_t>(texts.values))}});
  saveNpz(path, arrays);
}

}  // namespace

void saveStatistics(const std::filesystem::path& path, const std::vector<LaneStatistics>& lanes) {
  if (path.extension() == ".npz" || path.extension() == ".NPZ") return saveColumns(path, lanes);
  saveAtomically(path, [&](std::ostream& out) { writeCsv(lanes, out); });
}

}  // namespace uc
