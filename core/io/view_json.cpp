// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/view_json.h"

#include "core/io/json.h"
#include "core/io/json_members.h"
#include "core/io/unicode.h"
#include "core/io/view_choices.h"
#include "core/io/view_object.h"
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
  putChoices(json, view);
  return json;
}

std::string compactJson(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

ViewOrigin readInput(const Members& input, ViewOrigin origin) {
  if (input.find("text")) {
    origin.text.emplace();
    input.read("text", *origin.text);
  }
  origin.ids = input.wholes("ids", 0);
  if (input.find("image")) {
    origin.image.emplace();
    input.read("image", *origin.image);
    input.read("preprocess", origin.preprocess);
  }
  return origin;
}

ParsedView readView(const Members& members) {
  ParsedView result;
  members.read("model", result.origin.model);
  members.read("view", result.view.view, viewNamed);
  members.read("layer", result.view.map.layer);
  readLanes(members, result.view.map.lanes);
  readFactors(members, result.view.map.factors);
  members.read("direction", result.view.map.direction, directionNamed);
  members.read("pool", result.view.part.pool);
  if (result.view.part.pool < 1) members.failField("pool");
  members.read("pooling", result.view.part.pooling, poolingNamed);
  members.read("dtype", result.origin.dtype);
  result.origin = readInput(members.inner("input"), result.origin);
  const Members part = members.inner("part");
  part.read("rows", result.view.part.rows);
  part.read("cols", result.view.part.cols);
  readLook(members.inner("look"), result.view);
  readChoices(members, result.view);
  return result;
}

std::string viewJson(const ViewOrigin& origin, const ViewState& view, const std::vector<int64_t>& layers) {
  Json json = viewObject(origin, view);
  if (!layers.empty()) json["layer"] = layers;
  return compactJson(json);
}

}  // namespace uc
