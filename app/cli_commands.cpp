// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/cli_commands.h"

#include "core/engine/device.h"
#include "core/io/save.h"

#include <fmt/format.h>

#include <cmath>

namespace uc {
namespace {

constexpr size_t kLargestInput = 256u << 20;

std::vector<int64_t> idsOfFile(const std::string& path) {
  // White space parts numbers as a comma does; around a comma it means nothing.
  std::string list;
  bool isParted = false;
  for (char c : readFile(path, kLargestInput)) {
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      isParted = true;
      continue;
    }
    if (isParted && c != ',' && !list.empty() && list.back() != ',') list += ',';
    isParted = false;
    list += c;
  }
  try {
    return parseIds(list, "The file");
  } catch (const UsageError&) {
    fail("The file does not hold token ids.", path, "Write whole numbers parted by commas or white space.");
  }
}

Json jsonOf(const std::optional<std::string>& text) { return text ? Json(*text) : Json(nullptr); }

/// `word` is the key of the text: "text" of a token, "label" of a class.
Json jsonOf(const std::vector<Prediction>& list, const char* word = "text") {
  Json result = Json::array();
  for (const Prediction& item : list)
    result.push_back({{"id", item.id},
                      {word, jsonOf(item.text)},
                      {"probability", item.probability},
                      {"logit", item.logit}});
  return result;
}

std::vector<std::vector<std::string>> rowsOf(const std::vector<Prediction>& list, const char* word) {
  std::vector<std::vector<std::string>> rows{{"probability", "logit", "id", word}};
  for (const Prediction& item : list)
    rows.push_back({fmt::format("{:.6f}", item.probability), fmt::format("{:.4f}", item.logit),
                    std::to_string(item.id), item.text ? shown(*item.text) : ""});
  return rows;
}

/// "224 × 224, 14 × 14 patches of 16, class token 98".
std::string pictureWords(const VisionInfo& vision) {
  std::string words = fmt::format("{} × {}, {} × {} patches of {}", vision.height, vision.width,
                                  vision.gridRows, vision.gridCols, vision.patch);
  if (vision.stride != vision.patch) words += fmt::format(" every {}", vision.stride);
  return words +
         (vision.classToken ? fmt::format(", class token {}", *vision.classToken) : ", no class token");
}

}  // namespace

std::shared_ptr<const Engine> openEngine(const Arguments& arguments, Console& console) {
  requireDevice(arguments.open.device);
  std::shared_ptr<const Engine> engine = Engine::open(arguments.model, arguments.open, console.feedback());
  console.notices(engine->info().notices);
  return engine;
}

Input readInput(const Arguments& arguments) {
  Input input;
  input.maxTokens = arguments.maxTokens;
  input.image = arguments.image;
  input.preprocess = arguments.preprocess;
  if (arguments.text) input.text = *arguments.text;
  if (arguments.textFile) input.text = readFile(*arguments.textFile, kLargestInput);
  if (arguments.ids) input.ids = *arguments.ids;
  if (arguments.idsFile) input.ids = idsOfFile(*arguments.idsFile);
  return input;
}

RunHandle runInput(const Arguments& arguments, const Engine& engine, Console& console) {
  const Input input = readInput(arguments);
  RunHandle run = engine.run(input, console.feedback().part(0.0, 0.5));
  console.notices(run->notices());
  return run;
}

void runVersion(const Arguments& arguments) {
  const auto lines = versions();
  if (arguments.isJson) {
    Json json = Json::object();
    for (const auto& [name, value] : lines) json[name] = value;
    return printJson(json);
  }
  std::string text;
  for (const auto& [name, value] : lines) text += name + " " + value + "\n";
  print(text);
}

void runDevices(const Arguments& arguments) {
  const std::vector<Device> list = devices();
  if (arguments.isJson) {
    Json json = Json::array();
    for (const Device& device : list)
      json.push_back({{"name", device.name},
                      {"kind", device.kind},
                      {"memory_mb", device.memoryMb},
                      {"matrix_gflops", device.matrixGflops},
                      {"matrix_library", device.matrixLibrary}});
    return printJson({{"devices", json}});
  }
  std::vector<std::vector<std::string>> rows{{"kind", "memory", "matrix product", "by", "name"}};
  for (const Device& device : list)
    rows.push_back(
        {device.kind, grouped(device.memoryMb) + " MB",
         device.matrixGflops > 0 ? fmt::format("{:.0f} GFLOP/s", device.matrixGflops) : "not measured",
         shown(device.matrixLibrary), shown(device.name)});
  print(table(rows));
  constexpr double kSlow = 10.0;  // a machine with OpenBLAS does at least several times this
  if (!list.empty() && list.front().matrixGflops < kSlow && !arguments.isQuiet)
    print("The matrix product is slow here: install libopenblas0-pthread.\n");
}

void runInfo(const Arguments& arguments, Console& console) {
  const std::shared_ptr<const Engine> engine = openEngine(arguments, console);
  const ModelInfo& info = engine->info();
  const char* const outputs = info.vision ? "classes" : "vocabulary";
  const int64_t outputCount = info.vision ? info.classes : info.vocabulary;
  if (arguments.isJson) {
    return printJson({{"family", info.family},
                      {"layers", info.layers},
                      {"lanes", info.lanes},
                      {"heads", info.heads ? Json(*info.heads) : Json(nullptr)},
                      {"state", info.state},
                      {"width", info.width},
                      {outputs, outputCount},
                      {"parameters", info.parameters},
                      {"dtype", info.dtype},
                      {"tokenizer", jsonOf(info.tokenizer)}});
  }
  std::vector<std::string> conventions;
  for (Convention convention : allConventions()) conventions.emplace_back(name(convention));
  print(table({{"family", info.family},
               {"layers", std::to_string(info.layers)},
               {"lanes", grouped(info.lanes) + " a layer"},
               {"heads", info.heads ? std::to_string(*info.heads) : "none: every lane has its own scan"},
               {"state", std::to_string(info.state)},
               {"width", std::to_string(info.width)},
               {outputs, grouped(outputCount)},
               {"parameters", grouped(info.parameters)},
               {"dtype", info.dtype},
               {info.vision ? "picture" : "tokenizer",
                info.vision ? pictureWords(*info.vision) : info.tokenizer.value_or("none: give --ids")},
               {"maps", fmt::format("{}", fmt::join(conventions, ", "))},
               {"factors", factorList(info.factors)}}));
}

void runTokens(const Arguments& arguments, Console& console) {
  const std::shared_ptr<const Engine> engine = openEngine(arguments, console);
  const Tokens tokens = engine->tokenize(readInput(arguments));
  if (arguments.isJson) {
    Json list = Json::array();
    for (const Token& token : tokens.list)
      list.push_back(
          {{"id", token.id}, {"text", jsonOf(token.text)}, {"begin", token.begin}, {"end", token.end}});
    return printJson({{"ids", tokens.ids()}, {"tokens", list}});
  }
  std::vector<std::vector<std::string>> rows{{"token", "id", "begin", "end", "text"}};
  for (size_t i = 0; i < tokens.list.size(); ++i) {
    const Token& token = tokens.list[i];
    rows.push_back({std::to_string(i), std::to_string(token.id), std::to_string(token.begin),
                    std::to_string(token.end), token.text ? shown(*token.text) : ""});
  }
  print(table(rows));
}

void runPredict(const Arguments& arguments, Console& console) {
  if (arguments.output) checkSavable(*arguments.output);
  const std::shared_ptr<const Engine> engine = openEngine(arguments, console);
  const RunHandle run = runInput(arguments, *engine, console);
  const std::vector<Prediction> top = engine->predict(run, arguments.top, console.feedback().part(0.5, 1.0));
  console.notices(run->notices());
  std::vector<Prediction> continued;
  std::vector<int64_t> ids;
  if (arguments.generate) {
    continued = engine->generate(run, *arguments.generate, console.feedback().part(0.5, 1.0));
    for (const Prediction& item : continued) ids.push_back(item.id);
  }
  if (arguments.output) saveNpy(*arguments.output, engine->logits(run, console.feedback().part(0.5, 1.0)));
  const std::optional<std::string> text = engine->decode(ids);
  const char* const word = engine->info().vision ? "label" : "text";
  if (arguments.isJson) {
    Json json = {{"top", jsonOf(top, word)}};
    if (arguments.generate)
      json["generated"] = {{"ids", ids}, {"text", jsonOf(text)}, {"tokens", jsonOf(continued)}};
    if (arguments.output) json["file"] = *arguments.output;
    return printJson(json);
  }
  std::string result = table(rowsOf(top, word));
  if (arguments.generate)
    result += "\n" + (text ? shown(*text) : fmt::format("{}", fmt::join(ids, ","))) + "\n";
  print(result);
}

void runVerify(const Arguments& arguments, Console& console) {
  const std::shared_ptr<const Engine> engine = openEngine(arguments, console);
  const std::vector<int64_t> layers = arguments.layers.resolve(engine->info().layers);
  const RunHandle run = runInput(arguments, *engine, console);
  std::vector<LayerCheck> checks;
  double worst = 0.0;
  for (size_t i = 0; i < layers.size(); ++i) {
    const double count = static_cast<double>(layers.size());
    const Feedback part = console.feedback().part(0.5 + 0.5 * static_cast<double>(i) / count,
                                                  0.5 + 0.5 * static_cast<double>(i + 1) / count);
    checks.push_back(engine->verify(run, layers[i], part));
    console.notices(checks.back().notices);
    // A NaN is worse than any number, and stays.
    if (!std::isnan(worst) && !(checks.back().relative <= worst)) worst = checks.back().relative;
  }
  console.notices(run->notices());
  if (arguments.isJson) {
    Json list = Json::array();
    for (const LayerCheck& check : checks)
      list.push_back({{"layer", check.layer},
                      {"kind", check.kind},
                      {"error", check.error},
                      {"scale", check.scale},
                      {"relative", check.relative}});
    return printJson({{"layers", list}, {"worst", worst}});
  }
  std::vector<std::vector<std::string>> rows{{"layer", "kind", "error", "scale", "relative"}};
  for (const LayerCheck& check : checks)
    rows.push_back({std::to_string(check.layer), check.kind, fmt::format("{:.2e}", check.error),
                    fmt::format("{:.4g}", check.scale), fmt::format("{:.2e}", check.relative)});
  print(table(rows) + fmt::format("worst {:.2e}\n", worst));
}

}  // namespace uc
