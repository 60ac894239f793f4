// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/view_json.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>

namespace uc {

namespace {

/// A word as sh reads it back unchanged.
std::string quotedForSh(const std::string& word) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string result = "'";
  for (const char c : word) {
    if (c == '\'') {
      result += "'\\''";
    } else {
      result += c;
    }
  }
  return result + "'";
}

class CommandLine {
 public:
  explicit CommandLine(std::string program) : m_text(std::move(program)) {}

  /// A word that is no option: one that begins with a dash would be read as one.
  void file(const std::string& path) { word(asFile(path)); }
  void output(const std::string& path) { option("-o", asFile(path)); }
  void option(const std::string& name, const std::string& value) {
    if (value.starts_with('-')) {
      word(name + "=" + value);
    } else {
      m_text += " " + name;
      word(value);
    }
  }
  void option(const std::string& name, std::string_view value) { option(name, std::string(value)); }
  void option(const std::string& name, int64_t value) { option(name, std::to_string(value)); }
  const std::string& text() const { return m_text; }

 private:
  static std::string asFile(const std::string& path) { return path.starts_with('-') ? "./" + path : path; }
  void word(const std::string& text) { m_text += " " + quotedForSh(text); }
  std::string m_text;
};

/// An open end is the input's, where that is known in tokens.
void addRange(CommandLine& line, const std::string& option, const TokenRange& range,
              const ViewOrigin& origin) {
  if (range == TokenRange{}) return;
  std::string end;
  if (range.end >= 0 || !origin.ids.empty()) {
    end = std::to_string(range.end >= 0 ? range.end : static_cast<int64_t>(origin.ids.size()));
  }
  line.option(option, fmt::format("{}:{}", range.begin, end));
}

void addMap(CommandLine& line, const MapId& map) {
  line.option("--layer", map.layer);
  switch (map.lanes.kind) {
    case LaneChoice::Kind::Lane:
      line.option("--lane", map.lanes.index);
      break;
    case LaneChoice::Kind::Head:
      line.option("--head", map.lanes.index);
      [[fallthrough]];
    case LaneChoice::Kind::All:
      line.option("--merge", name(map.lanes.merge));
      break;
  }
  if (map.factors.convention == Convention::Custom) {
    line.option("--factors", factorList(map.factors.factors));
  } else {
    line.option("--map", name(map.factors.convention));
  }
  if (map.direction != Direction::Both) line.option("--direction", name(map.direction));
}

void addLook(CommandLine& line, const ViewState& view) {
  const Display& display = view.display;
  const Display standard;
  if (display.normalization != standard.normalization) line.option("--norm", name(display.normalization));
  if (display.range) {
    line.option("--range", fmt::format("{},{}", display.range->low, display.range->high));
  }
  if (display.gamma != standard.gamma) line.option("--gamma", fmt::format("{}", display.gamma));
  if (display.colorMap || display.isReversed) {
    const ColorMap map =
        display.colorMap.value_or(isUnsigned(view.map.lanes) ? ColorMap::Viridis : ColorMap::RdBu);
    line.option("--colormap", std::string(name(map)) + (display.isReversed ? "-r" : ""));
  }
}

bool isPicture(const std::string& path) {
  constexpr std::string_view kEndings[] = {".png", ".tiff", ".svg", ".pdf"};
  return std::any_of(std::begin(kEndings), std::end(kEndings),
                     [&](std::string_view ending) { return path.ends_with(ending); });
}

}  // namespace

std::string viewCommand(const ViewOrigin& origin, const ViewState& view, const std::string& outputFile) {
  CommandLine line("undercurrent-cli map");
  line.file(origin.model);
  if (origin.image) {
    line.option("--image", *origin.image);
    if (origin.preprocess != "official") line.option("--preprocess", origin.preprocess);
  } else if (origin.text) {
    line.option("--text", *origin.text);
  } else {
    line.option("--ids", fmt::format("{}", fmt::join(origin.ids, ",")));
  }
  addMap(line, view.map);
  addRange(line, "--rows", view.part.rows, origin);
  addRange(line, "--cols", view.part.cols, origin);
  if (view.part.pool != 1) line.option("--pool", view.part.pool);
  if (view.part.pooling != Pooling::Mean) line.option("--pooling", name(view.part.pooling));
  if (origin.dtype != "float32") line.option("--dtype", origin.dtype);
  if (isPicture(outputFile)) addLook(line, view);
  line.output(outputFile);
  return line.text();
}

}  // namespace uc
