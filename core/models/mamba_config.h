// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/io/checkpoint.h"

#include <cstdint>
#include <optional>
#include <string>

namespace uc {

/// The config.json of the Mamba families, Hugging Face's and mamba_ssm's. Values are read strictly: one of a
/// wrong kind or sign is a Failure that names its key. A key that is missing or null says nothing.

/// A size with the key that it stands under, for messages.
struct ConfigSize {
  std::string key;
  int64_t value = 0;
};

[[noreturn]] void failValue(const std::string& key, const Json& value);
/// "config.json does not fit": `where` says what against what.
[[noreturn]] void failConfig(std::string where);

/// Null when the key is missing or null.
const Json* member(const Json& config, const std::string& key);
std::optional<ConfigSize> sizeMember(const Json& config, const std::string& key);
std::optional<double> numberMember(const Json& config, const std::string& key);  // ≥ 0 and finite
std::optional<bool> flagMember(const Json& config, const std::string& key);

/// What Mamba-1 and Mamba-2 have in common.
struct MambaConfig {
  std::optional<ConfigSize> vocabulary, width, lanes, state, layers, taps, rank;
  std::optional<double> expand;
  int64_t vocabularyMultiple = 1;
  double epsilon = 1e-5;
  std::optional<bool> hasBias, hasConvBias, isTied, isRmsNorm;
};

/// Whether it is mamba_ssm's config.
bool isSsmConfig(const Json& config);
/// `ssm_cfg` of mamba_ssm, an empty object when there is none.
Json ssmMixer(const Json& config);
/// Whether the config's `model_type` is that; false when it has none.
bool hasModelType(const Json& config, const char* type);

/// Nothing without a config. mamba_ssm's mixed models (attention, gated MLPs) are refused.
MambaConfig readMambaConfig(const std::optional<Json>& config);

}  // namespace uc
