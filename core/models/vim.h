// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/models/mamba_mixer.h"
#include "core/models/weights.h"
#include "core/values/model_info.h"

#include <cstdint>
#include <vector>

namespace uc {

/// The tensors of one Vision Mamba block: two scans over the same input, which share their projections.
struct VimLayer {
  const TensorInfo* norm = nullptr;     // [E]
  const TensorInfo* inProj = nullptr;   // [2D, E]: rows of x, then of z
  MambaMixerTensors forward, backward;  // backward: the tensors named *_b
  const TensorInfo* outProj = nullptr;  // [E, D]
};

/// A Vision Mamba checkpoint (arXiv 2401.09417) in the layout of its authors, whose tensors are all there
/// with the right shapes. Sizes come from the tensors; the grid, the stride and the class token's place from
/// config.json where there is one (conventions.md 25), else from the tensors and the training arguments.
struct VimTensors {
  int64_t E = 0, D = 0, N = 0, R = 0, K = 0, classes = 0;
  VisionInfo vision;
  bool isHalved = true;                    // y is the mean of the two directions, else their sum
  const TensorInfo* patch = nullptr;       // [E, 3, P, P]
  const TensorInfo* patchBias = nullptr;   // [E]
  const TensorInfo* classToken = nullptr;  // [1, 1, E], or none
  const TensorInfo* position = nullptr;    // [1, L, E], added after the class token is in its place
  const TensorInfo* norm = nullptr;        // [E], before the head
  const TensorInfo* head = nullptr;        // [classes, E]
  const TensorInfo* headBias = nullptr;    // [classes]
  std::vector<VimLayer> layers;
};

/// Checks config.json, or the training arguments, against the tensors and claims those. Throws Failure naming
/// the tensor or the config value.
VimTensors claimVim(Weights& weights);

}  // namespace uc
