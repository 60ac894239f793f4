// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/griffin_config.h"

#include "core/io/json.h"
#include "core/values/error.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

namespace uc {

namespace {

[[noreturn]] void failValue(const std::string& key, const Json& value) {
  fail("A config value cannot be used.",
       fmt::format("config.json, `{}` {}", key, printable(value.dump(-1, ' ', true), 80)),
       "Check that config.json belongs to these weights.");
}

const Json* member(const Json& config, const std::string& key) {
  const auto found = config.find(key);
  return found == config.end() || found->is_null() ? nullptr : &*found;
}

std::optional<GriffinConfig::Size> size(const Json& config, const std::string& key) {
  const Json* value = member(config, key);
  if (value == nullptr) return std::nullopt;
  const bool isTooLarge = value->is_number_unsigned() &&
                          value->get<uint64_t>() > static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  if (!value->is_number_integer() || isTooLarge || value->get<int64_t>() < 0) failValue(key, *value);
  return GriffinConfig::Size{key, value->get<int64_t>()};
}

// A finite number above 0, or the published one.
double positive(const Json& config, const std::string& key, double usual) {
  const Json* value = member(config, key);
  if (value == nullptr) return usual;
  if (!value->is_number() || !std::isfinite(value->get<double>()) || value->get<double>() <= 0)
    failValue(key, *value);
  return value->get<double>();
}

std::optional<bool> flag(const Json& config, const std::string& key) {
  const Json* value = member(config, key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_boolean()) failValue(key, *value);
  return value->get<bool>();
}

std::vector<bool> blockTypes(const Json& config) {
  const Json* types = member(config, "block_types");
  if (types == nullptr) return {};
  if (!types->is_array() || types->empty()) failValue("block_types", *types);
  std::vector<bool> result;
  for (const Json& type : *types) {
    if (type != "recurrent" && type != "attention") failValue("block_types", *types);
    result.push_back(type == "attention");
  }
  return result;
}

// Flat in older files; transformers since 5 writes them into `rope_parameters` only.
void readRotary(GriffinConfig& result, const Json& config) {
  for (const char* key : {"rope_scaling", "rope_parameters"}) {
    const Json* nested = member(config, key);
    if (nested == nullptr) continue;
    if (!nested->is_object()) failValue(key, *nested);
    for (const char* type : {"rope_type", "type"}) {
      const Json* value = member(*nested, type);
      if (value != nullptr && *value != "default") failValue(type, *value);
    }
  }
  const Json* nested = member(config, "rope_parameters");
  for (const Json* from : {&config, nested}) {
    if (from == nullptr) continue;
    result.rotaryBase = positive(*from, "rope_theta", result.rotaryBase);
    result.rotaryShare = positive(*from, "partial_rotary_factor", result.rotaryShare);
    if (result.rotaryShare > 1) failValue("partial_rotary_factor", (*from)["partial_rotary_factor"]);
  }
}

}  // namespace

GriffinConfig readGriffinConfig(const Checkpoint& checkpoint) {
  GriffinConfig result;
  if (!checkpoint.config()) return result;
  const Json& config = *checkpoint.config();
  result.vocabulary = size(config, "vocab_size");
  result.width = size(config, "hidden_size");
  result.lanes = size(config, "lru_width");
  result.feedWidth = size(config, "intermediate_size");
  result.layers = size(config, "num_hidden_layers");
  result.taps = size(config, "conv1d_width");
  result.heads = size(config, "num_attention_heads");
  result.keyHeads = size(config, "num_key_value_heads");
  result.headSize = size(config, "head_dim");
  result.isAttention = blockTypes(config);
  result.hasAttentionBias = flag(config, "attention_bias");
  result.isTied = flag(config, "tie_word_embeddings");
  if (const auto window = size(config, "attention_window_size")) {
    if (window->value < 1) failValue(window->key, window->value);
    result.window = window->value;
  }
  result.epsilon = positive(config, "rms_norm_eps", result.epsilon);
  result.softCap = positive(config, "logits_soft_cap", result.softCap);
  readRotary(result, config);
  if (const Json* activation = member(config, "hidden_activation")) {
    if (*activation != "gelu_pytorch_tanh") failValue("hidden_activation", *activation);
  }
  return result;
}

}  // namespace uc
