// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/io/checkpoint.h"
#include "core/values/feedback.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace uc::bench {

/// A Mamba-1 model as Hugging Face's transformers run it on a CPU (`MambaMixer.slow_forward`): restated with
/// the same LibTorch operations on tensors of the same shapes, [D, L, N] among them and a step of the scan a
/// token, as the baseline of the forward pass. Float32, no batch dimension where it would be 1.
class SlowMamba {
 public:
  /// Reads the first `layers` layers, embedding, last norm and tied head, by Hugging Face's names.
  SlowMamba(std::shared_ptr<const Checkpoint> checkpoint, int64_t layers);

  at::Tensor embed(const std::vector<int64_t>& ids) const;  // [L, E]
  /// stream [L, E] through the layers that were read.
  at::Tensor blocks(at::Tensor stream, const Feedback& feedback) const;
  at::Tensor logits(const at::Tensor& stream) const;  // [L, V]

 private:
  struct Layer {
    at::Tensor norm;                // [E]
    at::Tensor inProj;              // [2D, E]
    at::Tensor conv, convBias;      // [D, 1, K], [D]
    at::Tensor xProj;               // [R + 2N, D]
    at::Tensor stepProj, stepBias;  // [D, R], [D]
    at::Tensor rateLog, skip;       // [D, N], [D]
    at::Tensor outProj;             // [E, D]
  };
  at::Tensor read(const std::string& name) const;
  static at::Tensor mixer(const Layer& layer, const at::Tensor& input, const Feedback& feedback);

  std::shared_ptr<const Checkpoint> m_checkpoint;
  std::vector<Layer> m_layers;
  at::Tensor m_embedding, m_norm;  // [V, E], [E]
};

}  // namespace uc::bench
