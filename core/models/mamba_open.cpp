// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/families.h"
#include "core/models/mamba.h"

#include <optional>
#include <string>
#include <tuple>

namespace uc {

namespace {

constexpr const char* kFalcon = "falcon_mamba";

bool isFalcon(const Checkpoint& checkpoint) {
  const Json* type = modelType(checkpoint);
  return type != nullptr && *type == kFalcon;
}

void measure(MambaTensors& model, const Checkpoint& checkpoint) {
  MambaStack& stack = model.stack;
  SizeVote width, lanes, state, stepRank, taps;
  width.add(stack.embedding, 1);
  for (const int64_t layer : stack.found) {
    const std::string mixer = stack.mixerName(layer);
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
  stack.V = stack.embedding->shape.empty() ? 0 : stack.embedding->shape[0];
  stack.E = width.result();
  model.D = lanes.result();
  model.N = state.result();
  model.R = stepRank.result();
  model.K = taps.result();
}

// Tensors decide the sizes; a config that says otherwise belongs to another model.
void checkSizes(const MambaTensors& model, const MambaConfig& config, const Weights& weights) {
  const std::string mixer = model.stack.mixerName(0);
  checkMambaEnds(model.stack, config);
  requireSize(weights.need(mixer + "D"), 0, model.D, config.lanes);
  checkExpand(model.stack, config, model.D);
  requireSize(weights.need(mixer + "A_log"), 1, model.N, config.state);
  requireSize(weights.need(mixer + "conv1d.weight"), 2, model.K, config.taps);
  requireSize(weights.need(mixer + "dt_proj.weight"), 1, model.R, config.rank);
  checkMeasured(model.stack, {model.stack.V, model.stack.E, model.D, model.N, model.R, model.K});
}

class Claims {
 public:
  Claims(Weights& weights, const MambaTensors& model, const MambaConfig& config)
      : m_weights(weights), m_model(model) {
    const std::string first = model.stack.mixerName(0);
    m_hasInBias = hasOptional(weights, first + "in_proj.bias", config.hasBias);
    m_hasOutBias = hasOptional(weights, first + "out_proj.bias", config.hasBias);
    m_hasConvBias = hasOptional(weights, first + "conv1d.bias", config.hasConvBias);
  }

  MambaLayer layer(int64_t number) {
    const auto [E, D, N, R, K] = std::tuple(m_model.stack.E, m_model.D, m_model.N, m_model.R, m_model.K);
    const std::string block = m_model.stack.layerName(number), mixer = m_model.stack.mixerName(number);
    MambaLayer result;
    result.norm = claim(block + "norm.weight", {E});
    if (m_model.stack.isLayerNorm) result.normBias = claim(block + "norm.bias", {E});
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

 private:
  const TensorInfo* claim(const std::string& name, const std::vector<int64_t>& shape) {
    return &m_weights.claim(name, shape);
  }

  Weights& m_weights;
  const MambaTensors& m_model;
  bool m_hasInBias = false, m_hasOutBias = false, m_hasConvBias = false;
};

}  // namespace

bool isMamba(const Checkpoint& checkpoint) {
  if (const Json* type = modelType(checkpoint)) return *type == "mamba" || *type == kFalcon;
  if (const std::optional<Json>& config = checkpoint.config()) {
    const Json* mixer = configMember(*config, "ssm_cfg");
    if (mixer != nullptr && mixer->is_object() && mixer->contains("layer") && (*mixer)["layer"] != "Mamba1")
      return false;
    if (isSsmConfig(*config)) return true;
  }
  const TensorInfo* embedding = findMambaEmbedding(checkpoint);
  return embedding != nullptr &&
         checkpoint.find(mambaPrefix(*embedding) + "layers.0.mixer.x_proj.weight") != nullptr;
}

MambaTensors claimMamba(Weights& weights) {
  const std::optional<Json>& file = weights.checkpoint().config();
  const MambaConfig config = readMambaConfig(file);
  MambaTensors model;
  if (isFalcon(weights.checkpoint())) model.selectionEpsilon = epsilonMember(*file, "mixer_rms_eps", 1e-6);
  model.stack = findMambaStack(weights, config);
  measure(model, weights.checkpoint());
  checkSizes(model, config, weights);

  Claims claims(weights, model, config);
  for (int64_t layer = 0; layer < model.stack.layers; ++layer) model.layers.push_back(claims.layer(layer));
  claimMambaEnds(weights, model.stack, config);
  return model;
}

}  // namespace uc
