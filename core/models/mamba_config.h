// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/models/config_values.h"

#include <cstdint>
#include <optional>
#include <string>

namespace uc {

/// The config.json of the Mamba families, Hugging Face's and mamba_ssm's. A key that is missing or null says
/// nothing.

/// What Mamba-1 and Mamba-2 have in common.
struct MambaConfig {
  std::optional<ConfigSize> vocabulary, width, lanes, state, layers, taps, rank;
  std::optional<double> expand;
  int64_t vocabularyMultiple = 1;
  double epsilon = 1e-5;
  std::optional<bool> hasBias, hasConvBias, isTied, isRmsNorm;
};

/// What a norm adds to its variance; one that float32 cannot hold is a Failure.
double epsilonMember(const Json& config, const std::string& key, double usual);
/// Whether it is mamba_ssm's config.
bool isSsmConfig(const Json& config);
/// `ssm_cfg` of mamba_ssm, an empty object when there is none.
Json ssmMixer(const Json& config);

/// Nothing without a config. mamba_ssm's mixed models (attention, gated MLPs) are refused.
MambaConfig readMambaConfig(const std::optional<Json>& config);

}  // namespace uc
