// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/families.h"
#include "core/models/mamba.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <set>

namespace uc {

namespace {

// A number of config.json with the key that it stands under, for messages.
struct Size {
  std::string key;
  int64_t value = 0;
};

struct MambaConfig {
  std::optional<Size> vocabulary, width, lanes, state, layers, taps, rank;
  std::optional<double> expand;
  int64_t vocabularyMultiple = 1;
  double epsilon = 1e-5;
  std::optional<double> selectionEpsilon;
  std::optional<bool> hasBias, hasConvBias, isTied, isRmsNorm;
};

[[noreturn]] void failValue(const std::string& key, const Json& value) {
  fail("A config value cannot be used.",
       fmt::format("config.json, `{}` {}", key, printable(value.dump(-1, ' ', true), 80)),
       "Check that config.json belongs to these weights.");
}

const Json* member(const Json& config, const std::string& key) {
  const auto found = config.find(key);
  return found == config.end() || found->is_null() ? nullptr : &*found;
}

std::optional<Size> size(const Json& config, const std::string& key) {
  const Json* value = member(config, key);
  if (value == nullptr) return std::nullopt;
  const bool isTooLarge = value->is_number_unsigned() &&
                          value->get<uint64_t>() > static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  if (!value->is_number_integer() || isTooLarge || value->get<int64_t>() < 0) failValue(key, *value);
  return Size{key, value->get<int64_t>()};
}

std::optional<Size> rank(const Json& config, const std::string& key) {
  const Json* value = member(config, key);
  if (value != nullptr && value->is_string() && value->get<std::string>() == "auto") return std::nullopt;
  return size(config, key);
}

std::optional<double> number(const Json& config, const std::string& key) {
  const Json* value = member(config, key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number() || !std::isfinite(value->get<double>()) || value->get<double>() < 0)
    failValue(key, *value);
  return value->get<double>();
}

std::optional<bool> flag(const Json& config, const std::string& key) {
  const Json* value = member(config, key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_boolean()) failValue(key, *value);
  return value->get<bool>();
}

bool isSsmConfig(const Json& config) {
  return member(config, "model_type") == nullptr &&
         (config.contains("d_model") || config.contains("ssm_cfg"));
}

MambaConfig readSsm(const Json& config) {
  MambaConfig result;
  result.vocabulary = size(config, "vocab_size");
  result.width = size(config, "d_model");
  result.layers = size(config, "n_layer");
  result.isRmsNorm = flag(config, "rms_norm");
  result.isTied = flag(config, "tie_embeddings");
  const std::optional<Size> multiple = size(config, "pad_vocab_size_multiple");
  result.vocabularyMultiple = multiple ? multiple->value : 8;
  if (const Json* mixer = member(config, "ssm_cfg")) {
    if (!mixer->is_object()) failValue("ssm_cfg", *mixer);
    result.state = size(*mixer, "d_state");
    result.taps = size(*mixer, "d_conv");
    result.rank = rank(*mixer, "dt_rank");
    result.expand = number(*mixer, "expand");
    result.hasBias = flag(*mixer, "bias");
    result.hasConvBias = flag(*mixer, "conv_bias");
  }
  return result;
}

bool isFalcon(const Json& config) {
  const Json* type = member(config, "model_type");
  return type != nullptr && *type == "falcon_mamba";
}

MambaConfig readHuggingFace(const Json& config) {
  MambaConfig result;
  result.vocabulary = size(config, "vocab_size");
  result.width = size(config, "hidden_size");
  result.lanes = size(config, "intermediate_size");
  result.state = size(config, "state_size");
  result.layers = size(config, "num_hidden_layers");
  result.taps = size(config, "conv_kernel");
  result.rank = rank(config, "time_step_rank");
  result.expand = number(config, "expand");
  result.epsilon = number(config, "layer_norm_epsilon").value_or(1e-5);
  result.hasBias = flag(config, "use_bias");
  result.hasConvBias = flag(config, "use_conv_bias");
  result.isTied = flag(config, "tie_word_embeddings");
  result.isRmsNorm = true;
  if (isFalcon(config)) result.selectionEpsilon = number(config, "mixer_rms_eps").value_or(1e-6);
  if (const Json* activation = member(config, "hidden_act")) {
    if (*activation != "silu" && *activation != "swish") failValue("hidden_act", *activation);
  }
  return result;
}

MambaConfig readConfig(const Checkpoint& checkpoint) {
  if (!checkpoint.config()) return {};
  return isSsmConfig(*checkpoint.config()) ? readSsm(*checkpoint.config())
                                           : readHuggingFace(*checkpoint.config());
}

// "backbone.embeddings.weight" of Hugging Face, "backbone.embedding.weight" of mamba_ssm, and the first
// without its prefix, as a model saved without its head has it.
const TensorInfo* findEmbedding(const Checkpoint& checkpoint) {
  for (const char* name : {"backbone.embeddings.weight", "backbone.embedding.weight", "embeddings.weight"}) {
    if (const TensorInfo* tensor = checkpoint.find(name)) return tensor;
  }
  return nullptr;
}

std::string prefixOf(const TensorInfo& embedding) {
  return embedding.name.starts_with("backbone.") ? "backbone." : "";
}

std::set<int64_t> layerNumbers(const Checkpoint& checkpoint, const std::string& prefix) {
  constexpr int64_t kMaxLayers = 1'000'000;
  const std::string start = prefix + "layers.";
  std::set<int64_t> result;
  for (const TensorInfo& tensor : checkpoint.tensors()) {
    if (!tensor.name.starts_with(start)) continue;
    const char* end = tensor.name.data() + tensor.name.size();
    int64_t layer = -1;
    const auto parsed = std::from_chars(tensor.name.data() + start.size(), end, layer);
    if (parsed.ec == std::errc() && parsed.ptr != end && *parsed.ptr == '.' && layer >= 0 &&
        layer < kMaxLayers)
      result.insert(layer);
  }
  return result;
}

// A size as most tensors have it, so that one wrong tensor is the one that is named.
class Vote {
 public:
  void add(const TensorInfo* tensor, size_t axis, int64_t divisor = 1) {
    if (tensor != nullptr && axis < tensor->shape.size()) ++m_counts[tensor->shape[axis] / divisor];
  }
  int64_t result() const {
    int64_t best = 0, most = 0;
    for (const auto& [value, count] : m_counts) {
      if (count > most) {
        best = value;
        most = count;
      }
    }
    return best;
  }

 private:
  std::map<int64_t, int64_t> m_counts;
};

void measure(MambaTensors& model, const Checkpoint& checkpoint, const std::string& prefix,
             const std::set<int64_t>& layers) {
  Vote width, lanes, state, stepRank, taps;
  width.add(model.embedding, 1);
  for (const int64_t layer : layers) {
    const std::string mixer = fmt::format("{}layers.{}.mixer.", prefix, layer);
    const auto find = [&](const char* name) { return checkpoint.find(mixer + name); };
    width.add(find("in_proj.weight"), 1);
    width.add(find("out_proj.weight"), 0);
    lanes.add(find("in_proj.weight"), 0, 2);
    lanes.add(find("x_proj.weight"), 1);
    lanes.add(find("out_proj.weight"), 1);
    lanes.add(find("A_log"), 0);
    lanes.add(find("D"), 0);
    state.add(find("A_log"), 1);
    stepRank.add(find("dt_proj.weight"), 1);
    taps.add(find("conv1d.weight"), 2);
  }
  model.V = model.embedding->shape.empty() ? 0 : model.embedding->shape[0];
  model.E = width.result();
  model.D = lanes.result();
  model.N = state.result();
  model.R = stepRank.result();
  model.K = taps.result();
}

int64_t roundedUp(int64_t value, int64_t multiple) {
  if (multiple < 2 || value > std::numeric_limits<int64_t>::max() - multiple) return value;
  return (value + multiple - 1) / multiple * multiple;
}

void require(const TensorInfo& tensor, size_t axis, int64_t found, const std::optional<Size>& expected) {
  if (!expected || expected->value == found) return;
  std::vector<int64_t> shape = tensor.shape;
  if (axis < shape.size()) shape[axis] = expected->value;
  failShape(tensor, shape, fmt::format("config.json: `{}` {}", expected->key, expected->value));
}

void checkLayerCount(const std::optional<Size>& expected, int64_t found) {
  if (!expected || (expected->value == found && found > 0)) return;
  fail("The config does not fit the weights.",
       fmt::format("config.json: `{}` {}, the weights have {} layers", expected->key, expected->value, found),
       "Check that config.json belongs to these weights.");
}

// Tensors decide the sizes; a config that says otherwise belongs to another model.
void checkSizes(const MambaTensors& model, const MambaConfig& config, const Weights& weights,
                const std::string& mixer) {
  const TensorInfo& embedding = *model.embedding;
  if (embedding.shape.size() != 2) failShape(embedding, {model.V, model.E}, "");
  require(embedding, 1, model.E, config.width);
  if (config.vocabulary && roundedUp(config.vocabulary->value, config.vocabularyMultiple) != model.V) {
    require(embedding, 0, model.V, config.vocabulary);
  }
  require(weights.need(mixer + "D"), 0, model.D, config.lanes);
  if (!config.lanes && config.expand) {
    const double lanes = std::floor(*config.expand * static_cast<double>(model.E));
    if (lanes != static_cast<double>(model.D)) {
      fail("The config does not fit the weights.",
           fmt::format("config.json: `expand` {} of width {}, the weights have {} lanes", *config.expand,
                       model.E, model.D),
           "Check that config.json belongs to these weights.");
    }
  }
  require(weights.need(mixer + "A_log"), 1, model.N, config.state);
  require(weights.need(mixer + "conv1d.weight"), 2, model.K, config.taps);
  require(weights.need(mixer + "dt_proj.weight"), 1, model.R, config.rank);
  const bool isEmpty = model.V < 1 || model.E < 1 || model.D < 1 || model.N < 1 || model.R < 1 || model.K < 1;
  if (isEmpty) {
    fail("A tensor has no elements.", printable(embedding.file) + ", sizes of the first layer",
         "Check that the file is complete.");
  }
}

// Whether a bias is there: as the first layer has it. A config that denies it belongs to other weights; one
// that promises it makes claiming name what is missing.
bool hasTensor(const Weights& weights, const std::string& name, const std::optional<bool>& said) {
  const bool isThere = weights.find(name) != nullptr;
  if (said && !*said && isThere) {
    fail("The config does not fit the weights.",
         fmt::format("config.json has no bias, the weights have `{}`", printable(name)),
         "Check that config.json belongs to these weights.");
  }
  return said.value_or(isThere);
}

class Claims {
 public:
  Claims(Weights& weights, MambaTensors& model, const MambaConfig& config, std::string prefix)
      : m_weights(weights), m_model(model), m_prefix(std::move(prefix)) {
    const std::string first = m_prefix + "layers.0.mixer.";
    m_hasInBias = hasTensor(weights, first + "in_proj.bias", config.hasBias);
    m_hasOutBias = hasTensor(weights, first + "out_proj.bias", config.hasBias);
    m_hasConvBias = hasTensor(weights, first + "conv1d.bias", config.hasConvBias);
    const std::optional<bool> isLayerNorm =
        config.isRmsNorm ? std::optional<bool>(!*config.isRmsNorm) : std::nullopt;
    model.isLayerNorm = hasTensor(weights, m_prefix + "norm_f.bias", isLayerNorm);
  }

  MambaLayer layer(int64_t number) {
    const auto [V, E, D, N, R, K] =
        std::tuple(m_model.V, m_model.E, m_model.D, m_model.N, m_model.R, m_model.K);
    const std::string block = fmt::format("{}layers.{}.", m_prefix, number);
    const std::string mixer = block + "mixer.";
    MambaLayer result;
    result.norm = claim(block + "norm.weight", {E});
    if (m_model.isLayerNorm) result.normBias = claim(block + "norm.bias", {E});
    result.inProj = claim(mixer + "in_proj.weight", {2 * D, E});
    if (m_hasInBias) result.inBias = claim(mixer + "in_proj.bias", {2 * D});
    result.mixer.conv = claim(mixer + "conv1d.weight", {D, 1, K});
    if (m_hasConvBias) result.mixer.convBias = claim(mixer + "conv1d.bias", {D});
    result.mixer.xProj = claim(mixer + "x_proj.weight", {R + 2 * N, D});
    result.mixer.dtProj = claim(mixer + "dt_proj.weight", {D, R});
    result.mixer.dtBias = claim(mixer + "dt_proj.bias", {D});
    result.mixer.aLog = claim(mixer + "A_log", {D, N});
    result.mixer.skip = claim(mixer + "D", {D});
    result.outProj = claim(mixer + "out_proj.weight", {E, D});
    if (m_hasOutBias) result.outBias = claim(mixer + "out_proj.bias", {E});
    return result;
  }

  void ends(const std::optional<bool>& isTied) {
    const int64_t V = m_model.V, E = m_model.E;
    claim(m_model.embedding->name, {V, E});
    m_model.norm = claim(m_prefix + "norm_f.weight", {E});
    if (m_model.isLayerNorm) m_model.normBias = claim(m_prefix + "norm_f.bias", {E});
    // Tied models may store the head all the same (mamba_ssm does); untied ones must.
    const bool isStored = m_weights.find("lm_head.weight") != nullptr;
    if (isTied.value_or(!isStored)) {
      m_model.head = m_model.embedding;
      if (isStored) m_weights.ignore("lm_head.weight");
    } else {
      m_model.head = claim("lm_head.weight", {V, E});
    }
  }

 private:
  const TensorInfo* claim(const std::string& name, const std::vector<int64_t>& shape) {
    return &m_weights.claim(name, shape);
  }

  Weights& m_weights;
  MambaTensors& m_model;
  std::string m_prefix;
  bool m_hasInBias = false, m_hasOutBias = false, m_hasConvBias = false;
};

}  // namespace

bool isMamba(const Checkpoint& checkpoint) {
  if (const std::optional<Json>& config = checkpoint.config()) {
    if (const auto type = config->find("model_type"); type != config->end() && !type->is_null()) {
      return *type == "mamba" || isFalcon(*config);
    }
    const Json* mixer = member(*config, "ssm_cfg");
    if (mixer != nullptr && mixer->is_object() && mixer->contains("layer") && (*mixer)["layer"] != "Mamba1")
      return false;
    const Json* attention = member(*config, "attn_layer_idx");
    if (attention != nullptr && !attention->empty()) return false;
    const Json* feedForward = member(*config, "d_intermediate");
    if (feedForward != nullptr && *feedForward != 0) return false;
    if (isSsmConfig(*config)) return true;
  }
  const TensorInfo* embedding = findEmbedding(checkpoint);
  return embedding != nullptr &&
         checkpoint.find(prefixOf(*embedding) + "layers.0.mixer.x_proj.weight") != nullptr;
}

MambaTensors claimMamba(Weights& weights) {
  const Checkpoint& checkpoint = weights.checkpoint();
  const MambaConfig config = readConfig(checkpoint);
  MambaTensors model;
  model.epsilon = config.epsilon;
  model.selectionEpsilon = config.selectionEpsilon;
  model.embedding = findEmbedding(checkpoint);
  if (model.embedding == nullptr) model.embedding = &weights.need("backbone.embeddings.weight");
  const std::string prefix = prefixOf(*model.embedding);

  const std::set<int64_t> found = layerNumbers(checkpoint, prefix);
  const int64_t stored = found.empty() ? 0 : *found.rbegin() + 1;
  checkLayerCount(config.layers, stored);
  measure(model, checkpoint, prefix, found);
  checkSizes(model, config, weights, prefix + "layers.0.mixer.");

  Claims claims(weights, model, config, prefix);
  const int64_t count = config.layers ? config.layers->value : stored;
  for (int64_t layer = 0; layer < count; ++layer) model.layers.push_back(claims.layer(layer));
  claims.ends(config.isTied);
  return model;
}

}  // namespace uc
