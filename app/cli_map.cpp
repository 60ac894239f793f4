// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/cli_commands.h"
#include "app/cli_figure.h"
#include "core/io/save.h"
#include "core/io/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

namespace uc {
namespace {

struct Extent {
  double min = std::numeric_limits<double>::infinity();
  double max = -std::numeric_limits<double>::infinity();
};

void widen(Extent& extent, const AnyMatrix& any) {
  std::visit(
      [&](const auto& matrix) {
        for (const auto value : matrix.values) {
          if (!std::isfinite(value)) continue;
          extent.min = std::min(extent.min, static_cast<double>(value));
          extent.max = std::max(extent.max, static_cast<double>(value));
        }
      },
      any);
}

/// Says how long long maps will take, by that of `first`.
void announceTime(const Engine& engine, const RunHandle& run, const MapRequest& first, size_t layers,
                  Console& console) {
  MapRequest request = first;
  request.onlyTime = true;
  const MapResult expected = engine.map(run, request, console.feedback());
  const double estimate = static_cast<double>(layers) * (expected.seconds + expected.preparing);
  if (estimate > 10.0) console.notice(fmt::format("This takes about {:.0f} s.", estimate));
}

std::string layerFile(const std::string& path, int64_t layer) {
  const std::filesystem::path file(path);
  return (file.parent_path() /
          (file.stem().string() + fmt::format("_layer_{}", layer) + file.extension().string()))
      .string();
}

ViewOrigin originOf(const Arguments& arguments, const Tokens& tokens) {
  ViewOrigin origin;
  origin.model = arguments.model;
  origin.dtype = arguments.open.dtype;
  if (arguments.image) {
    origin.image = arguments.image;
    origin.preprocess = arguments.preprocess;
  } else if (arguments.text || arguments.textFile) {
    origin.text = tokens.text;
  } else {
    origin.ids = tokens.ids();
  }
  return origin;
}

struct Results {
  std::vector<MapResult> maps;
  Extent extent;
};

Results compute(const Arguments& arguments, const Engine& engine, const RunHandle& run,
                const std::vector<int64_t>& layers, bool timesInput, Console& console) {
  MapId id = arguments.view.map;
  for (int64_t layer : layers) {
    id.layer = layer;
    checkMap(engine.info(), id, arguments.view.part, run->tokens().size());
  }
  id.layer = layers.front();
  announceTime(engine, run, {id, arguments.view.part, timesInput}, layers.size(), console);
  Results results;
  const double count = static_cast<double>(layers.size());
  for (size_t i = 0; i < layers.size(); ++i) {
    id.layer = layers[i];
    const double done = static_cast<double>(i);
    const Feedback part = console.feedback().part(0.5 + 0.5 * done / count, 0.5 + 0.5 * (done + 1) / count);
    results.maps.push_back(engine.map(run, {id, arguments.view.part, timesInput}, part));
    widen(results.extent, results.maps.back().values);
    console.notices(results.maps.back().notices);
  }
  console.notices(run->notices());
  return results;
}

void saveData(const Arguments& arguments, const Results& results, const Tokens& tokens) {
  MapFile file;
  ViewState view = arguments.view;
  for (const MapResult& map : results.maps) file.layers.push_back({map.id.layer, map.values});
  const MapResult& first = results.maps.front();
  view.map = first.id;
  file.row0 = first.row0;
  file.row1 = first.row1;
  file.col0 = first.col0;
  file.col1 = first.col1;
  file.tokens = tokens;
  file.isList = arguments.layers.isList;
  std::vector<int64_t> layers;
  for (const MapFile::Layer& layer : file.layers) layers.push_back(layer.layer);
  if (!file.isList) layers.clear();
  file.view = viewJson(originOf(arguments, tokens), view, layers);
  saveMap(*arguments.output, file);
}

std::vector<std::string> saveFigures(const Arguments& arguments, const Engine& engine, const RunHandle& run,
                                     const Results& results, Console& console) {
  std::vector<CliFigure> figures;
  for (const MapResult& map : results.maps) {
    ViewState view = arguments.view;
    view.map = map.id;
    figures.push_back({map, view, figureSession(originOf(arguments, run->tokens()), view),
                       engine.badge(run, map.id, console.feedback())});
  }
  std::vector<std::string> files;
  const bool isPaged = arguments.ending == ".pdf";
  if (figures.size() == 1 || isPaged) {
    files.push_back(*arguments.output);
  } else {
    for (const CliFigure& figure : figures)
      files.push_back(layerFile(*arguments.output, figure.map.id.layer));
  }
  drawFigures(figures, files, engine.info(), run->tokens(), arguments);
  return files;
}

}  // namespace

void runMap(const Arguments& arguments, Console& console) {
  checkSavable(*arguments.output);
  const std::string& ending = arguments.ending;
  const bool isFigure = ending == ".png" || ending == ".tiff" || ending == ".svg" || ending == ".pdf";
  if (arguments.hasLook && !isFigure)
    console.notice(
        "The look (--norm, --colormap, …) is for pictures: a data file holds the map's own values.");
  const std::shared_ptr<const Engine> engine = openEngine(arguments, console);
  const std::vector<int64_t> layers = arguments.layers.resolve(engine->info().layers);
  const RunHandle run = runInput(arguments, *engine, console);
  const bool timesInput = isFigure && arguments.view.display.normalization == Normalization::Contribution;
  const Results results = compute(arguments, *engine, run, layers, timesInput, console);
  std::vector<std::string> files{*arguments.output};
  if (isFigure) {
    files = saveFigures(arguments, *engine, run, results, console);
  } else {
    saveData(arguments, results, run->tokens());
  }
  if (!arguments.isJson) return;
  Json shape = Json::array();
  if (arguments.layers.isList) shape.push_back(results.maps.size());
  std::visit(
      [&](const auto& matrix) {
        shape.insert(shape.end(), {Json(matrix.rows), Json(matrix.cols)});
      },
      results.maps.front().values);
  const auto number = [](double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); };
  Json json = {{"file", files.front()},
               {"shape", shape},
               {"min", number(results.extent.min)},
               {"max", number(results.extent.max)}};
  if (files.size() > 1) json["files"] = files;
  printJson(json);
}

}  // namespace uc
