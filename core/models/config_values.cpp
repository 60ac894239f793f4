// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/config_values.h"

#include "core/models/weights.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

namespace uc {

void failConfigValue(const std::string& key, const Json& value) {
  fail("A config value cannot be used.",
       fmt::format("config.json, `{}` {}", key, printable(value.dump(-1, ' ', true), 80)),
       "Check that config.json belongs to these weights.");
}

void failConfig(std::string where) {
  fail("The config does not fit the weights.", std::move(where),
       "Check that config.json belongs to these weights.");
}

const Json* configMember(const Json& config, const std::string& key) {
  const auto found = config.find(key);
  return found == config.end() || found->is_null() ? nullptr : &*found;
}

const Json* modelType(const Checkpoint& checkpoint) {
  const std::optional<Json>& config = checkpoint.config();
  return config ? configMember(*config, "model_type") : nullptr;
}

std::optional<ConfigSize> configSize(const Json& config, const std::string& key, bool mayBeNegative) {
  const Json* value = configMember(config, key);
  if (value == nullptr) return std::nullopt;
  const bool isTooLarge = value->is_number_unsigned() &&
                          value->get<uint64_t>() > static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  if (!value->is_number_integer() || isTooLarge || (!mayBeNegative && value->get<int64_t>() < 0)) {
    failConfigValue(key, *value);
  }
  return ConfigSize{key, value->get<int64_t>()};
}

std::optional<double> configNumber(const Json& config, const std::string& key) {
  const Json* value = configMember(config, key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number() || !std::isfinite(value->get<double>()) || value->get<double>() < 0) {
    failConfigValue(key, *value);
  }
  return value->get<double>();
}

std::optional<bool> configFlag(const Json& config, const std::string& key) {
  const Json* value = configMember(config, key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_boolean()) failConfigValue(key, *value);
  return value->get<bool>();
}

void requireSize(const TensorInfo& tensor, size_t axis, int64_t found,
                 const std::optional<ConfigSize>& expected) {
  if (!expected || expected->value == found) return;
  std::vector<int64_t> shape = tensor.shape;
  if (axis < shape.size()) shape[axis] = expected->value;
  failShape(tensor, shape, fmt::format("config.json: `{}` {}", expected->key, expected->value));
}

void requireLayerCount(const std::optional<ConfigSize>& expected, int64_t found) {
  if (!expected || (expected->value == found && found > 0)) return;
  failConfig(
      fmt::format("config.json: `{}` {}, the weights have {} layers", expected->key, expected->value, found));
}

std::set<int64_t> layerNumbers(const Checkpoint& checkpoint, const std::string& prefix) {
  constexpr int64_t kMaxLayers = 1'000'000;
  std::set<int64_t> result;
  for (const TensorInfo& tensor : checkpoint.tensors()) {
    if (!tensor.name.starts_with(prefix)) continue;
    const char* end = tensor.name.data() + tensor.name.size();
    int64_t layer = -1;
    const auto parsed = std::from_chars(tensor.name.data() + prefix.size(), end, layer);
    const bool isNumber = parsed.ec == std::errc() && parsed.ptr != end && *parsed.ptr == '.';
    if (isNumber && layer >= 0 && layer < kMaxLayers) result.insert(layer);
  }
  return result;
}

int64_t SizeVote::result() const {
  int64_t best = 0, most = 0;
  for (const auto& [value, count] : m_counts) {
    if (count <= most) continue;
    best = value;
    most = count;
  }
  return best;
}

}  // namespace uc
