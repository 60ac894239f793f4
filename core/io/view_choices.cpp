// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/view_choices.h"

namespace uc {

namespace {

Json graphJson(const GraphChoice& graph) {
  Json json = {{name(graph.keep), graph.amount}};
  if (graph.token) json["token"] = *graph.token;
  return json;
}

void readGraph(const Members& members, GraphChoice& graph) {
  for (const auto keep : {GraphChoice::Keep::Mass, GraphChoice::Keep::Top, GraphChoice::Keep::Above}) {
    const std::string key(name(keep));
    if (!members.find(key.c_str())) continue;
    graph.keep = keep;
    members.read(key.c_str(), graph.amount);
  }
  members.read("token", graph.token);
}

Json stripJson(const StripChoice& strip) {
  Json json = {{"granularity", name(strip.granularity)}};
  if (strip.isColumn) json["column"] = true;
  if (strip.token) json["token"] = *strip.token;
  return json;
}

void readStrip(const Members& members, StripChoice& strip) {
  members.read("granularity", strip.granularity, granularityNamed);
  members.read("column", strip.isColumn);
  members.read("token", strip.token);
}

Json overlayJson(const OverlayChoice& overlay) {
  Json json = {{"interpolation", name(overlay.interpolation)},
               {"blend", name(overlay.blend)},
               {"opacity", overlay.opacity},
               {"scan_path", overlay.showScanPath},
               {"class_token", overlay.showClassToken}};
  if (overlay.query) json["query"] = *overlay.query;
  return json;
}

void readOverlay(const Members& members, OverlayChoice& overlay) {
  members.read("interpolation", overlay.interpolation, interpolationNamed);
  members.read("blend", overlay.blend, blendNamed);
  members.read("opacity", overlay.opacity);
  if (!(overlay.opacity >= 0 && overlay.opacity <= 1)) members.failField("opacity");
  members.read("scan_path", overlay.showScanPath);
  members.read("class_token", overlay.showClassToken);
  members.read("query", overlay.query);
}

Json atlasJson(const AtlasChoice& atlas) {
  Json json = {{"x", atlas.x}, {"y", atlas.y}, {"color", atlas.color}, {"sort", atlas.sort}};
  if (atlas.brush) json["brush"] = {atlas.brush->x0, atlas.brush->x1, atlas.brush->y0, atlas.brush->y1};
  Json roles = Json::array();
  for (const Role role : allRoles())
    if (atlas.roles.has(role)) roles.push_back(name(role));
  if (!roles.empty()) json["roles"] = roles;
  json["layers"] = {atlas.firstLayer, atlas.lastLayer};
  json["least_half_life"] = atlas.leastHalfLife;
  return json;
}

void readAtlas(const Members& members, AtlasChoice& atlas) {
  members.read("x", atlas.x);
  members.read("y", atlas.y);
  members.read("color", atlas.color);
  members.read("sort", atlas.sort);
  if (const auto brush = members.numbers("brush", 4); !brush.empty())
    atlas.brush = {brush[0], brush[1], brush[2], brush[3]};
  for (const std::string& text : members.texts("roles"))
    for (const Role role : allRoles())
      if (name(role) == text) atlas.roles = atlas.roles.with(role);
  if (const auto layers = members.wholes("layers", 2); !layers.empty()) {
    atlas.firstLayer = layers[0];
    atlas.lastLayer = layers[1];
  }
  members.read("least_half_life", atlas.leastHalfLife);
}

Json stateJson(const StateChoice& state) {
  return {{"half_life", state.showHalfLife},
          {"decay", state.showDecay},
          {"write", state.showWrite},
          {"state", state.showState}};
}

void readState(const Members& members, StateChoice& state) {
  members.read("half_life", state.showHalfLife);
  members.read("decay", state.showDecay);
  members.read("write", state.showWrite);
  members.read("state", state.showState);
}

Json interventionsJson(const std::vector<Intervention>& list) {
  Json json = Json::array();
  for (const Intervention& each : list) {
    Json one = {{"kind", name(each.kind)}, {"layer", each.layer}};
    if (each.kind == Intervention::Kind::MuteFactor)
      one["factor"] = name(each.factor);
    else
      one[each.kind == Intervention::Kind::MuteLane ? "lane" : "token"] = each.index;
    json.push_back(one);
  }
  return json;
}

Intervention readIntervention(const Members& members) {
  Intervention result;
  members.read("kind", result.kind, interventionNamed);
  members.read("layer", result.layer);
  members.read(result.kind == Intervention::Kind::MuteLane ? "lane" : "token", result.index);
  members.read("factor", result.factor, factorNamed);
  return result;
}

}  // namespace

void putChoices(Json& json, const ViewState& view) {
  const ViewState standard;
  if (view.view != standard.view) json["view"] = name(view.view);
  if (!(view.graph == standard.graph)) json["graph"] = graphJson(view.graph);
  if (!(view.strip == standard.strip)) json["strip"] = stripJson(view.strip);
  if (!(view.overlay == standard.overlay)) json["overlay"] = overlayJson(view.overlay);
  if (!(view.atlas == standard.atlas)) json["atlas"] = atlasJson(view.atlas);
  if (!(view.state == standard.state)) json["state"] = stateJson(view.state);
  if (!view.interventions.empty()) json["interventions"] = interventionsJson(view.interventions);
}

void readChoices(const Members& members, ViewState& view) {
  readGraph(members.inner("graph"), view.graph);
  readStrip(members.inner("strip"), view.strip);
  readOverlay(members.inner("overlay"), view.overlay);
  readAtlas(members.inner("atlas"), view.atlas);
  readState(members.inner("state"), view.state);
  for (const Members& each : members.objects("interventions"))
    view.interventions.push_back(readIntervention(each));
}

}  // namespace uc
