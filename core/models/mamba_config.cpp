// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/mamba_config.h"

#include "core/values/error.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <utility>

namespace uc {

namespace {

std::optional<ConfigSize> rank(const Json& config, const std::string& key) {
  const Json* value = member(config, key);
  if (value != nullptr && value->is_string() && value->get<std::string>() == "auto") return std::nullopt;
  return sizeMember(config, key);
}

void refuseHybrid(const Json& config) {
  for (const char* key : {"attn_layer_idx", "d_intermediate"}) {
    const Json* value = member(config, key);
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
  result.vocabulary = sizeMember(config, "vocab_size");
  result.width = sizeMember(config, "d_model");
  result.layers = sizeMember(config, "n_layer");
  result.isRmsNorm = flagMember(config, "rms_norm");
  result.isTied = flagMember(config, "tie_embeddings");
  const std::optional<ConfigSize> multiple = sizeMember(config, "pad_vocab_size_multiple");
  result.vocabularyMultiple = multiple ? multiple->value : 8;
  const Json mixer = ssmMixer(config);
  result.state = sizeMember(mixer, "d_state");
  result.taps = sizeMember(mixer, "d_conv");
  result.rank = rank(mixer, "dt_rank");
  result.expand = numberMember(mixer, "expand");
  result.hasBias = flagMember(mixer, "bias");
  result.hasConvBias = flagMember(mixer, "conv_bias");
  return result;
}

MambaConfig readHuggingFace(const Json& config) {
  MambaConfig result;
  result.vocabulary = sizeMember(config, "vocab_size");
  result.width = sizeMember(config, "hidden_size");
  result.lanes = sizeMember(config, "intermediate_size");
  result.state = sizeMember(config, "state_size");
  result.layers = sizeMember(config, "num_hidden_layers");
  result.taps = sizeMember(config, "conv_kernel");
  result.rank = rank(config, "time_step_rank");
  result.expand = numberMember(config, "expand");
  result.epsilon = numberMember(config, "layer_norm_epsilon").value_or(1e-5);
  result.hasBias = flagMember(config, "use_bias");
  result.hasConvBias = flagMember(config, "use_conv_bias");
  result.isTied = flagMember(config, "tie_word_embeddings");
  result.isRmsNorm = true;
  if (const Json* activation = member(config, "hidden_act")) {
    if (*activation != "silu" && *activation != "swish") failValue("hidden_act", *activation);
  }
  return result;
}

}  // namespace

void failValue(const std::string& key, const Json& value) {
  fail("A config value cannot be used.",
       fmt::format("config.json, `{}` {}", key, printable(value.dump(-1, ' ', true), 80)),
       "Check that config.json belongs to these weights.");
}

void failConfig(std::string where) {
  fail("The config does not fit the weights.", std::move(where),
       "Check that config.json belongs to these weights.");
}

const Json* member(const Json& config, const std::string& key) {
  const auto found = config.find(key);
  return found == config.end() || found->is_null() ? nullptr : &*found;
}

std::optional<ConfigSize> sizeMember(const Json& config, const std::string& key) {
  const Json* value = member(config, key);
  if (value == nullptr) return std::nullopt;
  const bool isTooLarge = value->is_number_unsigned() &&
                          value->get<uint64_t>() > static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  if (!value->is_number_integer() || isTooLarge || value->get<int64_t>() < 0) failValue(key, *value);
  return ConfigSize{key, value->get<int64_t>()};
}

std::optional<double> numberMember(const Json& config, const std::string& key) {
  const Json* value = member(config, key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number() || !std::isfinite(value->get<double>()) || value->get<double>() < 0)
    failValue(key, *value);
  return value->get<double>();
}

std::optional<bool> flagMember(const Json& config, const std::string& key) {
  const Json* value = member(config, key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_boolean()) failValue(key, *value);
  return value->get<bool>();
}

bool isSsmConfig(const Json& config) {
  return member(config, "model_type") == nullptr &&
         (config.contains("d_model") || config.contains("ssm_cfg"));
}

Json ssmMixer(const Json& config) {
  const Json* mixer = member(config, "ssm_cfg");
  if (mixer == nullptr) return Json::object();
  if (!mixer->is_object()) failValue("ssm_cfg", *mixer);
  return *mixer;
}

bool hasModelType(const Json& config, const char* type) {
  const Json* value = member(config, "model_type");
  return value != nullptr && *value == type;
}

MambaConfig readMambaConfig(const std::optional<Json>& config) {
  if (!config) return {};
  return isSsmConfig(*config) ? readSsm(*config) : readHuggingFace(*config);
}

}  // namespace uc
