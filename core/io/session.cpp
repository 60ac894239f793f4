// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/session.h"

#include "core/io/json_members.h"
#include "core/io/save.h"
#include "core/io/view_object.h"

#include <algorithm>

namespace uc {

namespace {

constexpr int kVersion = 1;
constexpr size_t kMostBytes = size_t{64} << 20;
constexpr size_t kMostPanes = 4, kMostSources = 16;
constexpr const char* kKnown[] = {"undercurrent", "model", "inputs", "panes",     "active",
                                  "pins",         "links", "layout", "difference"};

/// A path as it is written in a file of `folder`.
std::string written(const std::string& path, const std::filesystem::path& folder) {
  if (folder.empty() || path.empty() || !std::filesystem::path(path).is_absolute()) return path;
  const std::filesystem::path relative = std::filesystem::path(path).lexically_relative(folder);
  return relative.empty() || *relative.begin() == ".." ? path : relative.string();
}

std::string found(const std::string& path, const std::filesystem::path& folder) {
  if (folder.empty() || path.empty()) return path;
  std::error_code ignored;
  const std::filesystem::path beside = folder / path;
  return std::filesystem::exists(beside, ignored) ? beside.string() : path;
}

Json modelJson(const Session::Origin& source) {
  Json json = {{"path", source.origin.model}};
  if (!source.sha256.empty()) json["sha256"] = source.sha256;
  return json;
}

Json paneJson(const Session& session, const PaneState& pane) {
  Json json = viewObject(session.sources[static_cast<size_t>(pane.source)].origin, pane.view);
  if (session.panes.list.size() > 1) json.erase("input");  // which may be a book
  if (pane.source != 0) json["source"] = pane.source;
  return json;
}

Json linksJson(const PaneLinks& links) {
  return {{"position", links.position}, {"crosshair", links.crosshair}, {"range", links.range}};
}

Json toJson(const Session& session) {
  Json json = session.unknown.empty() ? Json::object() : parseJson(session.unknown, "session");
  json["undercurrent"] = kVersion;
  json["model"] = modelJson(session.sources.front());
  json["inputs"] = Json::array();
  for (const Session::Origin& source : session.sources) {
    Json input = inputJson(source.origin);
    if (source.origin.model != session.sources.front().origin.model) input["model"] = modelJson(source);
    if (source.origin.dtype != "float32") input["dtype"] = source.origin.dtype;
    json["inputs"].push_back(input);
  }
  json["panes"] = Json::array();
  for (const PaneState& pane : session.panes.list) json["panes"].push_back(paneJson(session, pane));
  json["active"] = session.panes.active;
  const auto& [a, b] = session.panes.pinned;
  if (a) json["pins"]["A"] = paneJson(session, *a);
  if (b) json["pins"]["B"] = paneJson(session, *b);
  if (!(session.panes.links == PaneLinks{})) json["links"] = linksJson(session.panes.links);
  if (session.panes.hasDifference) json["difference"] = true;
  if (!session.layout.empty()) json["layout"] = session.layout;
  return json;
}

Session::Origin readModel(const Members& model, Session::Origin source) {
  model.read("path", source.origin.model);
  model.read("sha256", source.sha256);
  return source;
}

PaneState readPane(const Members& members, size_t sources) {
  PaneState pane;
  members.read("source", pane.source);
  if (pane.source < 0 || static_cast<size_t>(pane.source) >= sources) members.failField("source");
  pane.view = readView(members).view;
  return pane;
}

void readPins(const Members& pins, size_t sources, Panes& panes) {
  const char* names[] = {"A", "B"};
  for (size_t i = 0; i < 2; ++i)
    if (pins.find(names[i])) panes.pinned[i] = readPane(pins.inner(names[i]), sources);
}

void readPanes(const Members& root, Session& session) {
  const size_t sources = session.sources.size();
  const std::vector<Members> list = root.objects("panes");
  if (list.empty() || list.size() > kMostPanes) root.failField("panes");
  Panes& panes = session.panes;
  for (const Members& each : list) panes.list.push_back(readPane(each, sources));
  root.read("active", panes.active);
  panes.active = std::clamp<int64_t>(panes.active, 0, static_cast<int64_t>(list.size()) - 1);
  readPins(root.inner("pins"), sources, panes);
  const Members links = root.inner("links");
  links.read("position", panes.links.position);
  links.read("crosshair", panes.links.crosshair);
  links.read("range", panes.links.range);
  root.read("difference", panes.hasDifference);
  panes.hasDifference = panes.hasDifference && list.size() > 1;
}

void readSources(const Members& root, Session& session) {
  const Session::Origin model = readModel(root.inner("model"), {});
  const std::vector<Members> list = root.objects("inputs");
  if (list.size() > kMostSources) root.failField("inputs");
  for (const Members& each : list) {
    Session::Origin source = each.find("model") ? readModel(each.inner("model"), {}) : model;
    each.read("dtype", source.origin.dtype);
    source.origin = readInput(each, source.origin);
    session.sources.push_back(source);
  }
  if (session.sources.empty()) session.sources.push_back(model);
}

std::string unknownOf(Json root) {
  for (const char* key : kKnown) root.erase(key);
  return root.empty() ? std::string() : compactJson(root);
}

}  // namespace

std::string sessionJson(const Session& session, const std::filesystem::path& folder) {
  Session copy = session;
  for (Session::Origin& source : copy.sources) {
    source.origin.model = written(source.origin.model, folder);
    if (source.origin.image) source.origin.image = written(*source.origin.image, folder);
  }
  return compactJson(toJson(copy));
}

Session parseSession(const std::string& json, const std::string& where, const std::filesystem::path& folder) {
  const Json root = parseJson(json, where);
  if (!root.is_object()) fail("This is not a session.", where, "Open a session that the program saved.");
  const Members members(root, where);
  Session session;
  if (!members.find("undercurrent")) {
    // a single view, as data files hold it
    const ParsedView view = readView(members);
    session.sources.push_back({view.origin, {}});
    session.panes.list.push_back({0, 0, view.view});
  } else {
    int64_t version = 0;
    members.read("undercurrent", version);
    if (version != kVersion)
      fail("The session is of a version that is not known.", where,
           "Open it with a newer version of the program.");
    readSources(members, session);
    readPanes(members, session);
    members.read("layout", session.layout);
    session.unknown = unknownOf(root);
  }
  for (Session::Origin& source : session.sources) {
    source.origin.model = found(source.origin.model, folder);
    if (source.origin.image) source.origin.image = found(*source.origin.image, folder);
  }
  return session;
}

std::string figureSession(const ViewOrigin& origin, const ViewState& view) {
  Session session;
  session.sources.push_back({origin, {}});
  session.panes.list.push_back({0, 0, view});
  return sessionJson(session, {});
}

ParsedView parseView(const std::string& json, const std::string& where) {
  const Session session = parseSession(json, where, {});
  const PaneState& pane = session.panes.list[static_cast<size_t>(session.panes.active)];
  return {session.sources[static_cast<size_t>(pane.source)].origin, pane.view};
}

void saveSession(const std::filesystem::path& file, const Session& session) {
  const std::string text = sessionJson(session, std::filesystem::absolute(file).parent_path());
  saveAtomically(file, [&text](std::ostream& out) { out << text << '\n'; });
}

Session openSession(const std::filesystem::path& file) {
  return parseSession(readFile(file, kMostBytes), file.string(),
                      std::filesystem::absolute(file).parent_path());
}

}  // namespace uc
