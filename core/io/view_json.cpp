// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/view_json.h"

#include "core/io/json.h"
#include "core/io/unicode.h"
#include "core/values/error.h"
#include "version.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace uc {

namespace {

Json rangeJson(const TokenRange& range) { return Json::array({range.begin, range.end}); }

bool isText(const ViewOrigin& origin) {
  return origin.text && (origin.ids.empty() || firstInvalidUtf8(*origin.text) == std::string::npos);
}

void putLanes(Json& json, const LaneChoice& lanes) {
  if (lanes.kind == LaneChoice::Kind::Lane) {
    json["lane"] = lanes.index;
    return;
  }
  if (lanes.kind == LaneChoice::Kind::Head) json["head"] = lanes.index;
  json["merge"] = name(lanes.merge);
}

Json lookJson(const ViewState& view) {
  const Display& display = view.display;
  Json look = {{"norm", name(display.normalization)}, {"gamma", display.gamma}};
  if (display.range) look["range"] = Json::array({display.range->low, display.range->high});
  if (display.colorMap) look["colormap"] = name(*display.colorMap);
  if (display.isReversed) look["reversed"] = true;
  if (view.showGrid) look["grid"] = true;
  if (view.locked) look["locked"] = Json::array({view.locked->row, view.locked->col});
  const Viewport& port = view.viewport;
  if (!port.isWhole()) look["viewport"] = Json::array({port.left, port.top, port.width, port.height});
  return look;
}

/// Reads members of one object; a missing one leaves the value as it is, one of another type is an error.
class Members {
 public:
  Members(const Json& json, std::string where) : m_json(json), m_where(std::move(where)) {}

  [[noreturn]] void failField(const char* key) const {
    fail(fmt::format("The view's field {} cannot be read.", key), m_where, "Draw the figure anew.");
  }

  const Json* find(const char* key) const {
    const auto found = m_json.find(key);
    return found == m_json.end() || found->is_null() ? nullptr : &*found;
  }

  void read(const char* key, std::string& value) const {
    if (const Json* json = find(key)) value = text(key, *json);
  }
  void read(const char* key, int64_t& value) const {
    if (const Json* json = find(key)) value = whole(key, *json);
  }
  void read(const char* key, double& value) const {
    if (const Json* json = find(key)) value = number(key, *json);
  }
  void read(const char* key, bool& value) const {
    const Json* json = find(key);
    if (!json) return;
    if (!json->is_boolean()) failField(key);
    value = json->get<bool>();
  }
  template <typename T, typename Named>
  void read(const char* key, T& value, Named named) const {
    const Json* json = find(key);
    if (!json) return;
    const auto found = named(text(key, *json));
    if (!found) failField(key);
    value = *found;
  }
  void read(const char* key, TokenRange& range) const {
    const auto list = wholes(key, 2);
    if (!list.empty()) range = {list[0], list[1]};
  }

  /// A list of `count` whole numbers (any number when 0), or an empty one where there is none.
  std::vector<int64_t> wholes(const char* key, size_t count) const {
    std::vector<int64_t> result;
    for (const Json& entry : list(key, count)) result.push_back(whole(key, entry));
    return result;
  }
  std::vector<double> numbers(const char* key, size_t count) const {
    std::vector<double> result;
    for (const Json& entry : list(key, count)) result.push_back(number(key, entry));
    return result;
  }
  Members inner(const char* key) const {
    static const Json empty = Json::object();
    const Json* json = find(key);
    if (json && !json->is_object()) failField(key);
    return {json ? *json : empty, m_where};
  }

 private:
  std::string text(const char* key, const Json& json) const {
    if (!json.is_string()) failField(key);
    return json.get<std::string>();
  }
  int64_t whole(const char* key, const Json& json) const {
    if (!json.is_number_integer()) failField(key);
    if (json.is_number_unsigned() && json.get<uint64_t>() > INT64_MAX) failField(key);
    return json.get<int64_t>();
  }
  double number(const char* key, const Json& json) const {
    if (!json.is_number() || !std::isfinite(json.get<double>())) failField(key);
    return json.get<double>();
  }
  const Json& list(const char* key, size_t count) const {
    static const Json empty = Json::array();
    const Json* json = find(key);
    if (!json) return empty;
    if (!json->is_array() || (count > 0 && json->size() != count)) failField(key);
    return *json;
  }

  const Json& m_json;
  std::string m_where;
};

void readFactors(const Members& members, MapFactors& factors) {
  std::string text;
  members.read("factors", text);
  if (text.empty()) {
    Convention convention = factors.convention;
    members.read("map", convention, conventionNamed);
    if (convention == Convention::Custom) members.failField("map");
    factors = named(convention);
    return;
  }
  Factors chosen;
  for (size_t at = 0; at <= text.size();) {
    const size_t comma = std::min(text.find(',', at), text.size());
    const auto factor = factorNamed(std::string_view(text).substr(at, comma - at));
    if (!factor) members.failField("factors");
    chosen = chosen.with(*factor);
    at = comma + 1;
  }
  factors = custom(chosen);
}

void readLanes(const Members& members, LaneChoice& lanes) {
  if (members.find("lane")) {
    lanes.kind = LaneChoice::Kind::Lane;
    members.read("lane", lanes.index);
    return;
  }
  if (members.find("head")) {
    lanes.kind = LaneChoice::Kind::Head;
    lanes.merge = Merge::Mean;  // what --head alone means
    members.read("head", lanes.index);
  }
  members.read("merge", lanes.merge, mergeNamed);
}

void readLook(const Members& look, ViewState& view) {
  look.read("norm", view.display.normalization, normalizationNamed);
  look.read("gamma", view.display.gamma);
  if (view.display.gamma <= 0) look.failField("gamma");
  if (const auto range = look.numbers("range", 2); !range.empty()) {
    if (range[0] >= range[1]) look.failField("range");
    view.display.range = ValueRange{range[0], range[1]};
  }
  if (look.find("colormap")) {
    ColorMap map{};
    look.read("colormap", map, colorMapNamed);
    view.display.colorMap = map;
  }
  look.read("reversed", view.display.isReversed);
  look.read("grid", view.showGrid);
  if (const auto cell = look.wholes("locked", 2); !cell.empty()) view.locked = Cell{cell[0], cell[1]};
  if (const auto port = look.numbers("viewport", 4); !port.empty()) {
    view.viewport = {port[0], port[1], port[2], port[3]};
  }
}

}  // namespace

namespace {

constexpr int kSessionVersion = 1;

Json inputJson(const ViewOrigin& origin) {
  if (origin.image) {
    Json json = {{"image", *origin.image}};
    if (origin.preprocess != "official") json["preprocess"] = origin.preprocess;
    return json;
  }
  return isText(origin) ? Json{{"text", *origin.text}} : Json{{"ids", origin.ids}};
}

Json viewObject(const ViewOrigin& origin, const ViewState& view) {
  Json json = {{"model", origin.model}, {"layer", view.map.layer}};
  putLanes(json, view.map.lanes);
  if (view.map.factors.convention == Convention::Custom) {
    json["factors"] = factorList(view.map.factors.factors);
  } else {
    json["map"] = name(view.map.factors.convention);
  }
  json["direction"] = name(view.map.direction);
  json["pool"] = view.part.pool;
  if (view.part.pooling != Pooling::Mean) json["pooling"] = name(view.part.pooling);
  json["dtype"] = origin.dtype;
  json["version"] = UNDERCURRENT_VERSION;
  json["input"] = inputJson(origin);
  json["part"] = {{"rows", rangeJson(view.part.rows)}, {"cols", rangeJson(view.part.cols)}};
  json["look"] = lookJson(view);
  return json;
}

std::string compact(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

/// The object that a view is read from: itself, or a session's first pane.
const Json& paneOf(const Json& root, const std::string& where) {
  const auto version = root.find("undercurrent");
  if (version == root.end()) return root;
  if (!version->is_number_integer() || *version != kSessionVersion) {
    fail("The session is of a version that is not known.", where,
         "Open it with a newer version of the program.");
  }
  const auto panes = root.find("panes");
  if (panes == root.end() || !panes->is_array() || panes->empty() || !panes->front().is_object())
    fail("The session has no pane.", where, "Draw the figure anew.");
  return panes->front();
}

}  // namespace

std::string viewJson(const ViewOrigin& origin, const ViewState& view, const std::vector<int64_t>& layers) {
  Json json = viewObject(origin, view);
  if (!layers.empty()) json["layer"] = layers;
  return compact(json);
}

std::string figureSession(const ViewOrigin& origin, const ViewState& view) {
  return compact({{"undercurrent", kSessionVersion},
                  {"model", {{"path", origin.model}}},
                  {"inputs", Json::array({inputJson(origin)})},
                  {"panes", Json::array({viewObject(origin, view)})}});
}

ParsedView parseView(const std::string& json, const std::string& where) {
  const Json root = parseJson(json, where);
  if (!root.is_object()) fail("The view is not an object.", where, "Draw the figure anew.");
  const Members members(paneOf(root, where), where);
  ParsedView result;
  members.read("model", result.origin.model);
  members.read("layer", result.view.map.layer);
  readLanes(members, result.view.map.lanes);
  readFactors(members, result.view.map.factors);
  members.read("direction", result.view.map.direction, directionNamed);
  members.read("pool", result.view.part.pool);
  if (result.view.part.pool < 1) members.failField("pool");
  members.read("pooling", result.view.part.pooling, poolingNamed);
  members.read("dtype", result.origin.dtype);
  const Members input = members.inner("input");
  if (input.find("text")) {
    result.origin.text.emplace();
    input.read("text", *result.origin.text);
  }
  result.origin.ids = input.wholes("ids", 0);
  if (input.find("image")) {
    result.origin.image.emplace();
    input.read("image", *result.origin.image);
    input.read("preprocess", result.origin.preprocess);
  }
  const Members part = members.inner("part");
  part.read("rows", result.view.part.rows);
  part.read("cols", result.view.part.cols);
  readLook(members.inner("look"), result.view);
  return result;
}

}  // namespace uc
