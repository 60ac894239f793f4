// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/griffin_config.h"

#include "core/io/json.h"

namespace uc {

namespace {

// A finite number above 0, or the published one.
double positive(const Json& config, const std::string& key, double usual) {
  const double value = configNumber(config, key).value_or(usual);
  if (value <= 0) failConfigValue(key, *configMember(config, key));
  return value;
}

std::vector<bool> blockTypes(const Json& config) {
  const Json* types = configMember(config, "block_types");
  if (types == nullptr) return {};
  if (!types->is_array() || types->empty()) failConfigValue("block_types", *types);
  std::vector<bool> result;
  for (const Json& type : *types) {
    if (type != "recurrent" && type != "attention") failConfigValue("block_types", *types);
    result.push_back(type == "attention");
  }
  return result;
}

// Flat in older files; transformers since 5 writes them into `rope_parameters` only.
void readRotary(GriffinConfig& result, const Json& config) {
  for (const char* key : {"rope_scaling", "rope_parameters"}) {
    const Json* nested = configMember(config, key);
    if (nested == nullptr) continue;
    if (!nested->is_object()) failConfigValue(key, *nested);
    for (const char* type : {"rope_type", "type"}) {
      const Json* value = configMember(*nested, type);
      if (value != nullptr && *value != "default") failConfigValue(type, *value);
    }
  }
  const Json* nested = configMember(config, "rope_parameters");
  for (const Json* from : {&config, nested}) {
    if (from == nullptr) continue;
    result.rotaryBase = positive(*from, "rope_theta", result.rotaryBase);
    result.rotaryShare = positive(*from, "partial_rotary_factor", result.rotaryShare);
    if (result.rotaryShare > 1) failConfigValue("partial_rotary_factor", (*from)["partial_rotary_factor"]);
  }
}

}  // namespace

GriffinConfig readGriffinConfig(const Checkpoint& checkpoint) {
  GriffinConfig result;
  if (!checkpoint.config()) return result;
  const Json& config = *checkpoint.config();
  result.vocabulary = configSize(config, "vocab_size");
  result.width = configSize(config, "hidden_size");
  result.lanes = configSize(config, "lru_width");
  result.feedWidth = configSize(config, "intermediate_size");
  result.layers = configSize(config, "num_hidden_layers");
  result.taps = configSize(config, "conv1d_width");
  result.heads = configSize(config, "num_attention_heads");
  result.keyHeads = configSize(config, "num_key_value_heads");
  result.headSize = configSize(config, "head_dim");
  result.isAttention = blockTypes(config);
  result.hasAttentionBias = configFlag(config, "attention_bias");
  result.isTied = configFlag(config, "tie_word_embeddings");
  if (const auto window = configSize(config, "attention_window_size")) {
    if (window->value < 1) failConfigValue(window->key, window->value);
    result.window = window->value;
  }
  result.epsilon = positive(config, "rms_norm_eps", result.epsilon);
  result.softCap = positive(config, "logits_soft_cap", result.softCap);
  readRotary(result, config);
  if (const Json* activation = configMember(config, "hidden_activation")) {
    if (*activation != "gelu_pytorch_tanh") failConfigValue("hidden_activation", *activation);
  }
  return result;
}

}  // namespace uc
