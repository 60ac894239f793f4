// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/models/mamba_mixer.h"
#include "core/models/mamba_stack.h"
#include "core/models/weights.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace uc {

/// The tensors of one Mamba-1 block; null where a block has none. Symbols as in docs/mathematics.md: E width,
/// D lanes, N state, R rank of the step's projection, K taps.
struct MambaLayer {
  const TensorInfo* norm = nullptr;      // [E]
  const TensorInfo* normBias = nullptr;  // [E], LayerNorm only
  const TensorInfo* inProj = nullptr;    // [2D, E]: rows of x, then of z
  const TensorInfo* inBias = nullptr;    // [2D]
  MambaMixerTensors mixer;
  const TensorInfo* outProj = nullptr;  // [E, D]
  const TensorInfo* outBias = nullptr;  // [E]
};

/// A Mamba-1 or Falcon-Mamba checkpoint whose tensors are all there with the right shapes; sizes come from
/// the tensors.
struct MambaTensors {
  MambaStack stack;
  int64_t D = 0, N = 0, R = 0, K = 0;
  std::optional<double> selectionEpsilon;  // Falcon-Mamba
  std::vector<MambaLayer> layers;
};

/// Reads config.json (Hugging Face's or mamba_ssm's, or none), checks it against the tensors and claims
/// those. Throws Failure naming the tensor or the config value.
MambaTensors claimMamba(Weights& weights);

}  // namespace uc
