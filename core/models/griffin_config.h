// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/models/config_values.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace uc {

/// What config.json says about a Griffin model (Hugging Face's recurrent_gemma); the published values where
/// it is silent or there is none. Sizes are only said: tensors decide them.
struct GriffinConfig {
  std::optional<ConfigSize> vocabulary, width, lanes, feedWidth, layers, taps, heads, keyHeads, headSize;
  std::vector<bool> isAttention;  // of the layers in turn, over and over; empty: not said
  std::optional<bool> hasAttentionBias, isTied;
  int64_t window = 2048;
  double epsilon = 1e-6, softCap = 30, rotaryBase = 10'000, rotaryShare = 0.5;
};

/// Throws Failure naming the key whose value cannot be used.
GriffinConfig readGriffinConfig(const Checkpoint& checkpoint);

}  // namespace uc
