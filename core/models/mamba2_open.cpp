// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/families.h"
#include "core/models/mamba2.h"
#include "core/values/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>
#include <string>
#include <tuple>

namespace uc {

namespace {

constexpr const char* kHybrid = "Models that mix Mamba with attention or MLP layers are not supported.";
constexpr const char* kPlainOnly = "Open a model of Mamba layers only.";

struct Mamba2Config : MambaConfig {
  std::optional<ConfigSize> heads, headSize, groups, scanLanes;
  double leastStep = 0.0, mostStep = std::numeric_limits<double>::infinity();
  std::optional<bool> hasMixerNorm, isSkipOfLanes;
  bool isNormBeforeGate = false;
};

// A number, Infinity as Python writes it, or {"__float__": "Infinity"} as transformers 5 does.
double limit(const Json& value, const std::string& key, const Json& whole) {
  if (value.is_number()) return value.get<double>();
  const Json* coded = value.is_object() && value.size() == 1 ? configMember(value, "__float__") : nullptr;
  if (coded == nullptr || *coded != "Infinity") failConfigValue(key, whole);
  return std::numeric_limits<double>::infinity();
}

void readLimits(Mamba2Config& result, const Json& config, const std::string& key) {
  const Json* value = configMember(config, key);
  if (value == nullptr) return;
  if (!value->is_array() || value->size() != 2) failConfigValue(key, *value);
  const double least = limit((*value)[0], key, *value), most = limit((*value)[1], key, *value);
  constexpr double kLargest = std::numeric_limits<float>::max();
  if (!(least <= most && least <= kLargest && most >= 0.0)) failConfigValue(key, *value);  // NaN too
  result.leastStep = std::max(least, 0.0);                                                 // no step is below
  result.mostStep = most <= kLargest ? most : std::numeric_limits<double>::infinity();
}

Mamba2Config readConfig(const std::optional<Json>& file) {
  Mamba2Config result;
  static_cast<MambaConfig&>(result) = readMambaConfig(file);
  if (!file) return result;
  result.rank.reset();  // Mamba-2 has none, whatever the config says
  if (isSsmConfig(*file)) {
    const Json mixer = ssmMixer(*file);
    result.headSize = configSize(mixer, "headdim");
    // mamba_ssm's own defaults hold where its config is silent.
    result.groups = configSize(mixer, "ngroups").value_or(ConfigSize{"ngroups", 1});
    result.scanLanes = configSize(mixer, "d_ssm");
    result.hasMixerNorm = configFlag(mixer, "rmsnorm");
    result.isNormBeforeGate = configFlag(mixer, "norm_before_gate").value_or(false);
    result.isSkipOfLanes = configFlag(mixer, "D_has_hdim");
    readLimits(result, mixer, "dt_limit");
  } else {
    result.heads = configSize(*file, "num_heads");
    result.headSize = configSize(*file, "head_dim");
    result.groups = configSize(*file, "n_groups");
    // `norm_before_gate` and `rms_norm` of older files are read by no version of transformers.
    result.hasMixerNorm = true;
    readLimits(result, *file, "time_step_limit");
  }
  return result;
}

// −1 without such an axis; cut to what may be calculated with.
int64_t axisOf(const TensorInfo* tensor, size_t axis) {
  constexpr int64_t kMost = int64_t{1} << 41;
  return tensor != nullptr && axis < tensor->shape.size() ? std::min(tensor->shape[axis], kMost) : -1;
}

// Layers of another kind among those of mamba_ssm: a gated MLP beside the mixer, or attention in its place.
void refuseHybrid(const MambaStack& stack, const Checkpoint& checkpoint) {
  for (const int64_t layer : stack.found) {
    const std::string mixer = stack.mixerName(layer), mlp = stack.layerName(layer) + "mlp.fc1.weight";
    const auto has = [&](const char* name) { return checkpoint.find(mixer + name) != nullptr; };
    const bool isAttention = has("in_proj.weight") && !has("A_log") && !has("dt_bias") && !has("D");
    if (isAttention || checkpoint.find(mlp) != nullptr)
      fail(kHybrid, printable(isAttention ? mixer + "in_proj.weight" : mlp), kPlainOnly);
  }
}

// `d_ssm` of mamba_ssm: lanes that the scan leaves to an MLP inside the mixer.
void refuseInnerMlp(const Mamba2Tensors& model, const Mamba2Config& config, const Checkpoint& checkpoint) {
  const std::string mixer = model.stack.mixerName(0);
  const int64_t rows = axisOf(checkpoint.find(mixer + "in_proj.weight"), 0);
  const int64_t lanes = axisOf(checkpoint.find(mixer + "out_proj.weight"), 1);
  const int64_t extra = lanes - model.D;
  if (extra <= 0 || rows != 2 * extra + model.D + model.channels() + model.H) return;
  fail("Mamba-2 with an MLP inside its mixers is not supported.",
       fmt::format("`{}out_proj.weight`: {} lanes, {} of them without a scan{}", printable(mixer), lanes,
                   extra, config.scanLanes ? " (config.json: `d_ssm`)" : ""),
       "Open a model whose mixers scan all lanes.");
}

// How many groups share B and C cannot always be told from the tensors, which know their product with N.
int64_t groupsOf(Mamba2Tensors& model, const Mamba2Config& config, int64_t product) {
  if (config.groups) {
    const int64_t G = config.groups->value;
    if (G >= 1 && product % G == 0 && model.H % G == 0 && model.D % G == 0) return G;
    failConfig(fmt::format("config.json: `{}` {}, the weights have {} heads and {} rows of B",
                           config.groups->key, G, model.H, product));
  }
  if (config.state && config.state->value > 0 && product % config.state->value == 0)
    return product / config.state->value;
  model.isGroupAssumed = std::gcd(std::gcd(product, model.H), model.D) > 1;
  return 1;
}

void measure(Mamba2Tensors& model, const Mamba2Config& config, const Weights& weights) {
  const Checkpoint& checkpoint = weights.checkpoint();
  MambaStack& stack = model.stack;
  SizeVote width, lanes, heads, channels, taps;
  width.add(stack.embedding, 1);
  for (const int64_t layer : stack.found) {
    const std::string mixer = stack.mixerName(layer);
    const auto find = [&](const char* name) { return checkpoint.find(mixer + name); };
    width.add(find("in_proj.weight"), 1);
    width.add(find("out_proj.weight"), 0);
    heads.add(find("A_log"), 0);
    heads.add(find("dt_bias"), 0);
    channels.add(find("conv1d.weight"), 0);
    channels.add(find("conv1d.bias"), 0);
    lanes.add(find("norm.weight"), 0);
    lanes.add(find("out_proj.weight"), 1);
    TensorInfo rest;  // the rows of z
    rest.shape = {axisOf(find("in_proj.weight"), 0) - axisOf(find("conv1d.weight"), 0) -
                  axisOf(find("A_log"), 0)};
    if (rest.shape[0] > 0) lanes.add(&rest, 0);
    taps.add(find("conv1d.weight"), 2);
  }
  stack.V = axisOf(stack.embedding, 0);
  stack.E = width.result();
  model.D = lanes.result();
  model.H = heads.result();
  model.K = taps.result();
  const int64_t product = (channels.result() - model.D) / 2;
  for (const char* name : {"A_log", "conv1d.weight", "in_proj.weight", "out_proj.weight"})
    weights.need(stack.mixerName(0) + name);
  checkMambaEnds(stack, config);
  checkMeasured(stack, {stack.V, stack.E, model.D, model.H, model.K, product});
  model.G = groupsOf(model, config, product);
  model.N = product / model.G;
}

// Tensors decide the sizes; a config that says otherwise belongs to another model.
void checkSizes(const Mamba2Tensors& model, const Mamba2Config& config, const Weights& weights) {
  const std::string mixer = model.stack.mixerName(0);
  requireSize(weights.need(mixer + "A_log"), 0, model.H, config.heads);
  const int64_t P = model.D / model.H;
  if (P * model.H != model.D) {
    fail("The sizes of the weights do not fit one another.",
         fmt::format("`{}`: {} lanes in {} heads", printable(mixer), model.D, model.H),
         "Check that the file is complete.");
  }
  if (config.headSize && config.headSize->value != P) {
    failConfig(fmt::format("config.json: `{}` {}, the weights have {} lanes in {} heads",
                           config.headSize->key, config.headSize->value, model.D, model.H));
  }
  if (config.state && config.state->value != model.N) {
    failConfig(fmt::format("config.json: `{}` {}, the weights have {} rows of B in {} groups",
                           config.state->key, config.state->value, model.G * model.N, model.G));
  }
  requireSize(weights.need(mixer + "out_proj.weight"), 1, model.D, config.lanes);
  requireSize(weights.need(mixer + "out_proj.weight"), 1, model.D, config.scanLanes);
  checkExpand(model.stack, config, model.D);
  requireSize(weights.need(mixer + "conv1d.weight"), 2, model.K, config.taps);
}

class Claims {
 public:
  Claims(Weights& weights, Mamba2Tensors& model, const Mamba2Config& config)
      : m_weights(weights), m_model(model) {
    const std::string first = model.stack.mixerName(0);
    m_hasInBias = hasOptional(weights, first + "in_proj.bias", config.hasBias);
    m_hasOutBias = hasOptional(weights, first + "out_proj.bias", config.hasBias);
    m_hasConvBias = hasOptional(weights, first + "conv1d.bias", config.hasConvBias);
    model.hasMixerNorm = hasOptional(weights, first + "norm.weight", config.hasMixerNorm);
    const bool isOfLanes = axisOf(weights.find(first + "D"), 0) == model.D;
    model.isSkipOfLanes = config.isSkipOfLanes.value_or(isOfLanes);
  }

  Mamba2Layer layer(int64_t number) {
    const auto [E, D, H, K, C] =
        std::tuple(m_model.stack.E, m_model.D, m_model.H, m_model.K, m_model.channels());
    const std::string block = m_model.stack.layerName(number), mixer = m_model.stack.mixerName(number);
    Mamba2Layer result;
    result.norm = claim(block + "norm.weight", {E});
    if (m_model.stack.isLayerNorm) result.normBias = claim(block + "norm.bias", {E});
    result.inProj = claim(mixer + "in_proj.weight", {D + C + H, E});
    if (m_hasInBias) result.inBias = claim(mixer + "in_proj.bias", {D + C + H});
    result.conv = claim(mixer + "conv1d.weight", {C, 1, K});
    if (m_hasConvBias) result.convBias = claim(mixer + "conv1d.bias", {C});
    result.dtBias = claim(mixer + "dt_bias", {H});
    result.aLog = claim(mixer + "A_log", {H});
    result.skip = claim(mixer + "D", {m_model.isSkipOfLanes ? D : H});
    if (m_model.hasMixerNorm) result.mixerNorm = claim(mixer + "norm.weight", {D});
    result.outProj = claim(mixer + "out_proj.weight", {E, D});
    if (m_hasOutBias) result.outBias = claim(mixer + "out_proj.bias", {E});
    return result;
  }

 private:
  const TensorInfo* claim(const std::string& name, const std::vector<int64_t>& shape) {
    return &m_weights.claim(name, shape);
  }

  Weights& m_weights;
  Mamba2Tensors& m_model;
  bool m_hasInBias = false, m_hasOutBias = false, m_hasConvBias = false;
};

}  // namespace

bool isMamba2(const Checkpoint& checkpoint) {
  if (const Json* type = modelType(checkpoint)) return *type == "mamba2";
  if (const std::optional<Json>& config = checkpoint.config()) {
    const Json* mixer = configMember(*config, "ssm_cfg");
    if (mixer != nullptr && mixer->is_object() && mixer->contains("layer"))
      return (*mixer)["layer"] == "Mamba2";
  }
  const TensorInfo* embedding = findMambaEmbedding(checkpoint);
  if (embedding == nullptr) return false;
  const std::string mixer = mambaPrefix(*embedding) + "layers.0.mixer.";
  return checkpoint.find(mixer + "dt_bias") != nullptr && checkpoint.find(mixer + "x_proj.weight") == nullptr;
}

Mamba2Tensors claimMamba2(Weights& weights) {
  const Mamba2Config config = readConfig(weights.checkpoint().config());
  Mamba2Tensors model;
  model.leastStep = config.leastStep;
  model.mostStep = config.mostStep;
  model.isNormBeforeGate = config.isNormBeforeGate;
  model.stack = findMambaStack(weights, config);
  refuseHybrid(model.stack, weights.checkpoint());
  measure(model, config, weights);
  refuseInnerMlp(model, config, weights.checkpoint());
  checkSizes(model, config, weights);

  Claims claims(weights, model, config);
  for (int64_t layer = 0; layer < model.stack.layers; ++layer) model.layers.push_back(claims.layer(layer));
  claimMambaEnds(weights, model.stack, config);
  return model;
}

}  // namespace uc
