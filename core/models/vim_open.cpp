// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/json.h"
#include "core/models/families.h"
#include "core/models/mamba_config.h"
#include "core/models/mamba_stack.h"
#include "core/models/vim.h"
#include "core/values/error.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>

namespace uc {

namespace {

constexpr size_t kMaxLabelBytes = size_t{4} << 20;
constexpr int64_t kMaxSide = 65'535;  // of a picture
constexpr int64_t kMaxClasses = 1'000'000;

enum class Place { Middle, First, Last, None, Index };

/// What config.json says; what it leaves out is told from the tensors.
struct VimConfig {
  std::optional<int64_t> height, width, patch, stride;
  std::optional<Place> place;
  int64_t index = 0;  // for Place::Index
  bool isHalved = true;
  std::vector<std::string> labels;
};

int64_t atLeastOne(const Json& config, const std::string& key, const Json& value) {
  if (!value.is_number_integer() || value.get<int64_t>() < 1 || value.get<int64_t>() > kMaxSide) {
    failConfigValue(key, config.at(key));
  }
  return value.get<int64_t>();
}

void readPlace(const Json& config, VimConfig& result) {
  const Json* value = configMember(config, "class_token");
  if (value == nullptr) return;
  if (value->is_string()) {
    for (const auto& [name, place] : {std::pair("middle", Place::Middle), std::pair("first", Place::First),
                                      std::pair("last", Place::Last), std::pair("none", Place::None)}) {
      if (*value == name) result.place = place;
    }
    if (result.place) return;
  }
  if (!value->is_number_integer()) failConfigValue("class_token", *value);
  result.place = Place::Index;
  result.index = value->get<int64_t>();
}

// {"0": "tench", …} or a list.
std::vector<std::string> readLabels(const Json& table) {
  std::vector<std::string> labels;
  const auto put = [&](size_t index, const Json& text) {
    if (!text.is_string()) failConfigValue("id2label", text);
    if (labels.size() <= index) labels.resize(index + 1);
    labels[index] = printable(text.get<std::string>());
  };
  if (table.is_array()) {
    for (size_t i = 0; i < table.size(); ++i) put(i, table[i]);
    return labels;
  }
  if (!table.is_object()) failConfigValue("id2label", table);
  for (const auto& [key, text] : table.items()) {
    int64_t index = -1;
    const auto parsed = std::from_chars(key.data(), key.data() + key.size(), index);
    const bool isIndex = parsed.ec == std::errc() && parsed.ptr == key.data() + key.size();
    if (!isIndex || index < 0 || index >= kMaxClasses) failConfigValue("id2label", key);
    put(static_cast<size_t>(index), text);
  }
  return labels;
}

VimConfig readVimConfig(const Json& config) {
  VimConfig result;
  if (const Json* size = configMember(config, "image_size")) {
    if (size->is_array() && size->size() != 2) failConfigValue("image_size", *size);
    result.height = atLeastOne(config, "image_size", size->is_array() ? (*size)[0] : *size);
    result.width = atLeastOne(config, "image_size", size->is_array() ? (*size)[1] : *size);
  }
  if (const Json* patch = configMember(config, "patch_size"))
    result.patch = atLeastOne(config, "patch_size", *patch);
  if (const Json* stride = configMember(config, "stride"))
    result.stride = atLeastOne(config, "stride", *stride);
  readPlace(config, result);
  result.isHalved = configFlag(config, "divide_out").value_or(true);
  if (const Json* labels = configMember(config, "id2label")) result.labels = readLabels(*labels);
  return result;
}

// A line a class, beside the weights.
std::vector<std::string> readLabelFile(const std::filesystem::path& folder) {
  std::error_code ignored;
  const std::filesystem::path path = folder / "labels.txt";
  if (!std::filesystem::exists(path, ignored)) return {};
  std::vector<std::string> labels;
  std::string line;
  for (const char c : readFile(path, kMaxLabelBytes) + "\n") {
    if (c != '\n') {
      line += c;
      continue;
    }
    if (line.ends_with('\r')) line.pop_back();
    labels.push_back(printable(line));
    line.clear();
  }
  while (!labels.empty() && labels.back().empty()) labels.pop_back();
  return labels;
}

/// What a training checkpoint's arguments say about pictures.
struct VimArguments {
  std::string model;
  std::optional<int64_t> inputSize;
};

VimArguments vimArguments(const Checkpoint& checkpoint) {
  VimArguments result;
  const std::optional<Json>& arguments = checkpoint.arguments();
  if (!arguments) return result;
  const Json* model = configMember(*arguments, "model");
  if (model != nullptr && model->is_string()) result.model = model->get<std::string>();
  const Json* size = configMember(*arguments, "input_size");
  if (size != nullptr && size->is_number_integer()) result.inputSize = size->get<int64_t>();
  return result;
}

[[noreturn]] void failGrid(const TensorInfo& position, const std::string& reason) {
  fail("The grid of patches cannot be told from the weights.",
       fmt::format("`{}` {}: {}", printable(position.name), shapeText(position.shape), reason),
       "Add a config.json with `image_size`, `patch_size`, `stride` and `class_token`.");
}

// Where the class token stands among `patches` patches; conventions.md 25.
std::optional<int64_t> tokenPlace(const VimConfig& config, bool hasToken, int64_t patches) {
  const Place place = config.place.value_or(hasToken ? Place::Middle : Place::None);
  if ((place != Place::None) != hasToken) {
    failConfig(
        fmt::format("config.json: `class_token`, the weights have {} `cls_token`", hasToken ? "a" : "no"));
  }
  switch (place) {
    case Place::Middle:
      return patches / 2;
    case Place::First:
      return 0;
    case Place::Last:
      return patches;
    case Place::Index:
      if (config.index < 0 || config.index > patches) {
        failConfig(fmt::format("config.json: `class_token` {}, {} patches", config.index, patches));
      }
      return config.index;
    case Place::None:
      break;
  }
  return std::nullopt;
}

// The stride of a square grid of `side` patches when no config says it.
int64_t inferredStride(const VimArguments& arguments, int64_t patch, int64_t side,
                       const TensorInfo& position) {
  if (arguments.model.find("stride8") != std::string::npos) return 8;
  if (!arguments.inputSize || side < 2) return patch;
  const int64_t span = *arguments.inputSize - patch;
  if (span < 0 || span % (side - 1) != 0 || span / (side - 1) < 1) {
    failGrid(position, fmt::format("it does not fit `args.input_size` {}", *arguments.inputSize));
  }
  return span / (side - 1);
}

VisionInfo seen(const VimConfig& config, const VimArguments& arguments, const VimTensors& model,
                bool hasToken) {
  const TensorInfo& position = *model.position;
  const int64_t patches = position.shape[1] - (hasToken ? 1 : 0);
  VisionInfo vision;
  vision.patch = model.patch->shape[2];
  if (config.patch && *config.patch != vision.patch) {
    failShape(*model.patch, {model.E, 3, *config.patch, *config.patch},
              fmt::format("config.json: `patch_size` {}", *config.patch));
  }
  if (config.height && config.width) {
    vision.height = *config.height;
    vision.width = *config.width;
    vision.stride = config.stride.value_or(vision.patch);
    if (vision.height < vision.patch || vision.width < vision.patch) {
      failConfig(fmt::format("config.json: `image_size` {} × {}, patches of {}", vision.height, vision.width,
                             vision.patch));
    }
    vision.gridRows = (vision.height - vision.patch) / vision.stride + 1;
    vision.gridCols = (vision.width - vision.patch) / vision.stride + 1;
    if (vision.gridRows * vision.gridCols != patches) {
      failShape(position, {1, vision.gridRows * vision.gridCols + (hasToken ? 1 : 0), model.E},
                fmt::format("config.json: `image_size` [{}, {}], `stride` {}", vision.height, vision.width,
                            vision.stride));
    }
  } else {
    const auto side = static_cast<int64_t>(std::llround(std::sqrt(static_cast<double>(patches))));
    if (side < 1 || side * side != patches) failGrid(position, "its patches are no square");
    vision.gridRows = vision.gridCols = side;
    vision.stride = config.stride ? *config.stride : inferredStride(arguments, vision.patch, side, position);
    vision.height = vision.width = (side - 1) * vision.stride + vision.patch;
    if (vision.height > kMaxSide) failGrid(position, "it is too large");
  }
  vision.classToken = tokenPlace(config, hasToken, patches);
  return vision;
}

class VimClaims {
 public:
  VimClaims(Weights& weights, VimTensors& model) : m_weights(weights), m_model(model) {}

  void measure(int64_t layers) {
    SizeVote width, lanes, state, rank, taps;
    width.add(m_weights.find("norm_f.weight"), 0);
    for (int64_t layer = 0; layer < layers; ++layer) {
      const auto find = [&](const char* name) { return m_weights.find(mixer(layer) + name); };
      width.add(find("in_proj.weight"), 1);
      width.add(find("out_proj.weight"), 0);
      lanes.add(find("in_proj.weight"), 0, 2);
      lanes.add(find("out_proj.weight"), 1);
      lanes.add(find("A_log"), 0);
      lanes.add(find("A_b_log"), 0);
      state.add(find("A_log"), 1);
      state.add(find("A_b_log"), 1);
      rank.add(find("dt_proj.weight"), 1);
      rank.add(find("dt_proj_b.weight"), 1);
      taps.add(find("conv1d.weight"), 2);
      taps.add(find("conv1d_b.weight"), 2);
    }
    m_model.E = width.result();
    m_model.D = lanes.result();
    m_model.N = state.result();
    m_model.R = rank.result();
    m_model.K = taps.result();
    constexpr int64_t kMax = int64_t{1} << 30;  // small enough to calculate with
    for (const int64_t size : {m_model.E, m_model.D, m_model.N, m_model.R, m_model.K}) {
      if (size >= 1 && size <= kMax) continue;
      fail("A tensor has no elements.", printable(m_weights.checkpoint().name()) + ", sizes of the layers",
           "Check that the file is complete.");
    }
  }

  VimLayer layer(int64_t number) {
    const auto& model = m_model;
    VimLayer result;
    result.norm = claim(fmt::format("layers.{}.norm.weight", number), {model.E});
    result.inProj = claim(mixer(number) + "in_proj.weight", {2 * model.D, model.E});
    result.forward = direction(mixer(number), "", "A_log", "D");
    result.backward = direction(mixer(number), "_b", "A_b_log", "D_b");
    result.outProj = claim(mixer(number) + "out_proj.weight", {model.E, model.D});
    return result;
  }

  void ends() {
    const int64_t E = m_model.E;
    const TensorInfo& patch = m_weights.need("patch_embed.proj.weight");
    const int64_t P = patch.shape.size() == 4 ? patch.shape[2] : 1;
    if (P < 1 || P > kMaxSide) failShape(patch, {E, 3, 16, 16}, "");
    m_model.patch = claim(patch.name, {E, 3, P, P});
    m_model.patchBias = claim("patch_embed.proj.bias", {E});
    if (m_weights.find("cls_token") != nullptr) m_model.classToken = claim("cls_token", {1, 1, E});
    const TensorInfo& position = m_weights.need("pos_embed");
    const int64_t rows = position.shape.size() == 3 ? position.shape[1] : 1;
    m_model.position = claim(position.name, {1, rows, E});
    if (rows < (m_model.classToken != nullptr ? 2 : 1)) failGrid(position, "there are no patches");
    m_model.norm = claim("norm_f.weight", {E});
    const TensorInfo& head = m_weights.need("head.weight");
    m_model.classes = head.shape.empty() ? 0 : head.shape[0];
    m_model.head = claim(head.name, {m_model.classes, E});
    if (m_model.classes < 1) failShape(head, {1000, E}, "");
    m_model.headBias = claim("head.bias", {m_model.classes});
  }

 private:
  static std::string mixer(int64_t layer) { return fmt::format("layers.{}.mixer.", layer); }
  const TensorInfo* claim(const std::string& name, const std::vector<int64_t>& shape) {
    return &m_weights.claim(name, shape);
  }
  MambaMixerTensors direction(const std::string& mixer, const std::string& suffix, const char* rate,
                              const char* skip) {
    const auto& model = m_model;
    MambaMixerTensors result;
    result.conv = claim(mixer + "conv1d" + suffix + ".weight", {model.D, 1, model.K});
    result.convBias = claim(mixer + "conv1d" + suffix + ".bias", {model.D});
    result.xProj = claim(mixer + "x_proj" + suffix + ".weight", {model.R + 2 * model.N, model.D});
    result.dtProj = claim(mixer + "dt_proj" + suffix + ".weight", {model.D, model.R});
    result.dtBias = claim(mixer + "dt_proj" + suffix + ".bias", {model.D});
    result.aLog = claim(mixer + rate, {model.D, model.N});
    result.skip = claim(mixer + skip, {model.D});
    return result;
  }

  Weights& m_weights;
  VimTensors& m_model;
};

// Blocks follow one another from 0; the first that is missing ends the count, and later ones are named as
// unused.
int64_t countLayers(const Weights& weights) {
  int64_t count = 0;
  while (weights.find(fmt::format("layers.{}.norm.weight", count)) != nullptr) ++count;
  if (count == 0) weights.need("layers.0.norm.weight");
  return count;
}

}  // namespace

bool isVim(const Checkpoint& checkpoint) {
  if (const Json* type = modelType(checkpoint)) return *type == "vim";
  return checkpoint.find("patch_embed.proj.weight") != nullptr &&
         checkpoint.find("layers.0.mixer.A_b_log") != nullptr;
}

VimTensors claimVim(Weights& weights) {
  const Checkpoint& checkpoint = weights.checkpoint();
  const VimConfig config = checkpoint.config() ? readVimConfig(*checkpoint.config()) : VimConfig{};
  VimTensors model;
  VimClaims claims(weights, model);
  const int64_t layers = countLayers(weights);
  claims.measure(layers);
  for (int64_t layer = 0; layer < layers; ++layer) model.layers.push_back(claims.layer(layer));
  claims.ends();
  model.isHalved = config.isHalved;
  model.vision = seen(config, vimArguments(checkpoint), model, model.classToken != nullptr);
  model.vision.labels = config.labels.empty() ? readLabelFile(checkpoint.folder()) : config.labels;
  if (static_cast<int64_t>(model.vision.labels.size()) > model.classes) {
    model.vision.labels.resize(static_cast<size_t>(model.classes));
  }
  return model;
}

}  // namespace uc
