// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/mamba_config.h"

#include "core/values/error.h"

#include <fmt/format.h>

#include <limits>

namespace uc {

namespace {

std::optional<ConfigSize> rank(const Json& config, const std::string& key) {
  const Json* value = configMember(config, key);
  if (value != nullptr && value->is_string() && value->get<std::string>() == "auto") return std::nullopt;
  return configSize(config, key);
}

void refuseHybrid(const Json& config) {
  for (const char* key : {"attn_layer_idx", "d_intermediate"}) {
    const Json* value = configMember(config, key);
    const bool isNothing = value == nullptr || *value == 0 || (value->is_array() && value->empty());
    if (isNothing) continue;
    fail("Models that mix Mamba with attention or MLP layers are not supported.",
         fmt::format("config.json, `{}` {}", key, printable(value->dump(-1, ' ', true), 80)),
         "Open a model of Mamba layers only.");
  }
}

MambaConfig readSsm(const Json& config) {
  refuseHybrid(config);
  MambaConfig result;
  result.vocabulary = configSize(config, "vocab_size");
  result.width = configSize(config, "d_model");
  result.layers = configSize(config, "n_layer");
  result.isRmsNorm = configFlag(config, "rms_norm");
  result.isTied = configFlag(config, "tie_embeddings");
  const std::optional<ConfigSize> multiple = configSize(config, "pad_vocab_size_multiple");
  result.vocabularyMultiple = multiple ? multiple->value : 8;
  const Json mixer = ssmMixer(config);
  result.state = configSize(mixer, "d_state");
  result.taps = configSize(mixer, "d_conv");
  result.rank = rank(mixer, "dt_rank");
  result.expand = configNumber(mixer, "expand");
  result.hasBias = configFlag(mixer, "bias");
  result.hasConvBias = configFlag(mixer, "conv_bias");
  return result;
}

MambaConfig readHuggingFace(const Json& config) {
  MambaConfig result;
  result.vocabulary = configSize(config, "vocab_size");
  result.width = configSize(config, "hidden_size");
  result.lanes = configSize(config, "intermediate_size");
  result.state = configSize(config, "state_size");
  result.layers = configSize(config, "num_hidden_layers");
  result.taps = configSize(config, "conv_kernel");
  result.rank = rank(config, "time_step_rank");
  result.expand = configNumber(config, "expand");
  result.epsilon = epsilonMember(config, "layer_norm_epsilon", 1e-5);
  result.hasBias = configFlag(config, "use_bias");
  result.hasConvBias = configFlag(config, "use_conv_bias");
  result.isTied = configFlag(config, "tie_word_embeddings");
  result.isRmsNorm = true;
  if (const Json* activation = configMember(config, "hidden_act")) {
    if (*activation != "silu" && *activation != "swish") failConfigValue("hidden_act", *activation);
  }
  return result;
}

}  // namespace

double epsilonMember(const Json& config, const std::string& key, double usual) {
  const double epsilon = configNumber(config, key).value_or(usual);
  if (epsilon > double{std::numeric_limits<float>::max()}) failConfigValue(key, *configMember(config, key));
  return epsilon;
}

bool isSsmConfig(const Json& config) {
  return configMember(config, "model_type") == nullptr &&
         (config.contains("d_model") || config.contains("ssm_cfg"));
}

Json ssmMixer(const Json& config) {
  const Json* mixer = configMember(config, "ssm_cfg");
  if (mixer == nullptr) return Json::object();
  if (!mixer->is_object()) failConfigValue("ssm_cfg", *mixer);
  return *mixer;
}

MambaConfig readMambaConfig(const std::optional<Json>& config) {
  if (!config) return {};
  return isSsmConfig(*config) ? readSsm(*config) : readHuggingFace(*config);
}

}  // namespace uc
