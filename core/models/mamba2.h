// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/models/mamba_stack.h"
#include "core/models/weights.h"

#include <cstdint>
#include <limits>
#include <vector>

namespace uc {

/// The tensors of one Mamba-2 block; null where a block has none. Symbols as in docs/mathematics.md: E width,
/// D lanes, H heads of D / H lanes, G groups that share B and C, N state, K taps, C = D + 2GN channels of the
/// convolution.
struct Mamba2Layer {
  const TensorInfo* norm = nullptr;       // [E]
  const TensorInfo* normBias = nullptr;   // [E], LayerNorm only
  const TensorInfo* inProj = nullptr;     // [D + C + H, E]: rows of z, of x, B, C, of the step
  const TensorInfo* inBias = nullptr;     // [D + C + H]
  const TensorInfo* conv = nullptr;       // [C, 1, K]
  const TensorInfo* convBias = nullptr;   // [C]
  const TensorInfo* dtBias = nullptr;     // [H]
  const TensorInfo* aLog = nullptr;       // [H]
  const TensorInfo* skip = nullptr;       // [H] or [D]
  const TensorInfo* mixerNorm = nullptr;  // [D], the gated norm
  const TensorInfo* outProj = nullptr;    // [E, D]
  const TensorInfo* outBias = nullptr;    // [E]
};

/// A Mamba-2 checkpoint whose tensors are all there with the right shapes; sizes come from the tensors.
struct Mamba2Tensors {
  MambaStack stack;
  int64_t D = 0, H = 0, G = 0, N = 0, K = 0;
  double leastStep = 0.0, mostStep = std::numeric_limits<double>::infinity();
  bool hasMixerNorm = true;       // mamba_ssm: `rmsnorm`
  bool isNormBeforeGate = false;  // mamba_ssm: norm(y) · silu(z) in place of norm(y · silu(z))
  bool isSkipOfLanes = false;     // mamba_ssm: `D_has_hdim`
  bool isGroupAssumed = false;    // G cannot be told from the file: 1
  std::vector<Mamba2Layer> layers;
  int64_t channels() const { return D + 2 * G * N; }
};

/// Reads config.json (Hugging Face's or mamba_ssm's, or none), checks it against the tensors and claims
/// those. Throws Failure naming the tensor or the config value.
Mamba2Tensors claimMamba2(Weights& weights);

}  // namespace uc
