// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/models/griffin_attention.h"
#include "core/models/weights.h"

#include <cstdint>
#include <vector>

namespace uc {

/// The tensors of a recurrent block: two branches, a convolution and the RG-LRU on one of them. Symbols as in
/// docs/mathematics.md: E width, W lanes, K taps, H blocks of gate weights.
struct GriffinRecurrent {
  const TensorInfo* x = nullptr;                  // [W, E]
  const TensorInfo* xBias = nullptr;              // [W]
  const TensorInfo* y = nullptr;                  // [W, E], the gate's branch
  const TensorInfo* yBias = nullptr;              // [W]
  const TensorInfo* conv = nullptr;               // [W, 1, K]; DeepMind: [K, W]
  const TensorInfo* convBias = nullptr;           // [W]
  const TensorInfo* decay = nullptr;              // [W], Λ
  const TensorInfo* inputGate = nullptr;          // [H, W / H, W / H], inputs first
  const TensorInfo* inputGateBias = nullptr;      // [H, W / H]
  const TensorInfo* recurrentGate = nullptr;      // [H, W / H, W / H], inputs first
  const TensorInfo* recurrentGateBias = nullptr;  // [H, W / H]
  const TensorInfo* out = nullptr;                // [E, W]
  const TensorInfo* outBias = nullptr;            // [E]
};

/// The tensors of an attention block; biases of q, k and v are null where there are none.
struct GriffinAttention {
  const TensorInfo *q = nullptr, *qBias = nullptr;      // [H·P, E], [H·P]
  const TensorInfo *k = nullptr, *kBias = nullptr;      // [key heads · P, E] …
  const TensorInfo *v = nullptr, *vBias = nullptr;      // [key heads · P, E] …
  const TensorInfo *out = nullptr, *outBias = nullptr;  // [E, H·P], [E]
};

/// One block: a mixer of one of the two kinds and a gated feed-forward of width F.
struct GriffinLayer {
  bool isAttention = false;
  const TensorInfo* mixerNorm = nullptr;                  // [E]
  GriffinRecurrent recurrent;                             // unless isAttention
  GriffinAttention attention;                             // if isAttention
  const TensorInfo* feedNorm = nullptr;                   // [E]
  const TensorInfo *gate = nullptr, *gateBias = nullptr;  // [F, E], [F]; DeepMind: [2, E, F] with `up`
  const TensorInfo *up = nullptr, *upBias = nullptr;      // [F, E], [F]; DeepMind: [2, 1, 1, F]
  const TensorInfo *down = nullptr, *downBias = nullptr;  // [E, F], [E]
};

/// A Griffin checkpoint (RecurrentGemma) whose tensors are all there with the right shapes; sizes come from
/// the tensors, the rest from config.json.
struct GriffinTensors {
  int64_t V = 0, E = 0, W = 0, F = 0, K = 0;
  WindowAttention attention;
  double epsilon = 1e-6;
  double softCap = 30;                    // of logits
  bool isDeepMind = false;                // names and layouts of the published .pt files
  const TensorInfo* embedding = nullptr;  // [V, E]
  const TensorInfo* head = nullptr;       // [V, E]; the embedding itself when tied
  const TensorInfo* norm = nullptr;       // [E], before the head
  std::vector<GriffinLayer> layers;
};

/// Reads config.json (or does without), checks it against the tensors and claims those. Throws Failure naming
/// the tensor or the config value.
GriffinTensors claimGriffin(Weights& weights);

}  // namespace uc
