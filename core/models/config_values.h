// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/io/checkpoint.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace uc {

/// Reading config.json and holding it against the tensors, which decide: a config that says otherwise belongs
/// to another model. What fails says so by name and with both numbers.

/// A size of config.json with the key that it stands under, for messages.
struct ConfigSize {
  std::string key;
  int64_t value = 0;
};

[[noreturn]] void failConfigValue(const std::string& key, const Json& value);
/// "The config does not fit the weights": `where` says what against what.
[[noreturn]] void failConfig(std::string where);

/// The value under a key; null when there is none or the value is null.
const Json* configMember(const Json& config, const std::string& key);
/// `model_type` of the checkpoint's config; null without a config or the key. What it says decides the
/// family.
const Json* modelType(const Checkpoint& checkpoint);
/// These throw Failure when there is a value of another kind: a size is a whole number ≥ 0 (negative ones too
/// with `mayBeNegative`), a number finite and ≥ 0.
std::optional<ConfigSize> configSize(const Json& config, const std::string& key, bool mayBeNegative = false);
std::optional<double> configNumber(const Json& config, const std::string& key);
std::optional<bool> configFlag(const Json& config, const std::string& key);

/// Throws Failure when the config says something else about an axis of a tensor than is found there.
void requireSize(const TensorInfo& tensor, size_t axis, int64_t found,
                 const std::optional<ConfigSize>& expected);
void requireLayerCount(const std::optional<ConfigSize>& expected, int64_t found);

/// The numbers that follow `prefix` in tensors' names: "blocks." finds 3 in "blocks.3.ln1.weight".
std::set<int64_t> layerNumbers(const Checkpoint& checkpoint, const std::string& prefix);

/// A size as most tensors have it, so that one wrong tensor is the one that is named.
class SizeVote {
 public:
  void add(const TensorInfo* tensor, size_t axis, int64_t divisor = 1) {
    if (tensor != nullptr && axis < tensor->shape.size()) ++m_counts[tensor->shape[axis] / divisor];
  }
  int64_t result() const;  // 0 when nothing was added

 private:
  std::map<int64_t, int64_t> m_counts;
};

}  // namespace uc
