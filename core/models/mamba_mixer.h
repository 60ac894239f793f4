// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/attention/factor_parts.h"
#include "core/attention/factors.h"
#include "core/models/weights.h"
#include "core/values/feedback.h"

#include <cstdint>
#include <optional>

namespace uc {

/// What Mamba-1, Falcon-Mamba and each direction of Vision Mamba share: all of the mixer between its input
/// and its output projection (arXiv 2312.00752, section 3.4). Symbols as in docs/mathematics.md: D lanes, N
/// state, R rank of the step's projection, K taps.

/// The tensors of one direction in the checkpoint; null where there is none.
struct MambaMixerTensors {
  const TensorInfo* conv = nullptr;      // [D, 1, K]
  const TensorInfo* convBias = nullptr;  // [D]
  const TensorInfo* xProj = nullptr;     // [R + 2N, D]: rows of the step, of B, of C
  const TensorInfo* dtProj = nullptr;    // [D, R]
  const TensorInfo* dtBias = nullptr;    // [D]
  const TensorInfo* aLog = nullptr;      // [D, N]
  const TensorInfo* skip = nullptr;      // [D]
};

/// The same in the compute type, as the work wants them; undefined where there is none.
struct MambaMixer {
  at::Tensor taps, convBias;      // [D, K], [D]
  at::Tensor selection;           // [R + 2N, D]
  at::Tensor stepProj, stepBias;  // [D, R], [D]
  at::Tensor rate, skip;          // [D, N] −exp(A_log), [D]
  /// Falcon-Mamba: the step's low rank, B and C are each divided by their root mean square, which has this
  /// epsilon and no weight.
  std::optional<double> selectionEpsilon;
};

MambaMixer loadMambaMixer(Weights& weights, const MambaMixerTensors& tensors);

/// What a mixer remembers between two tokens.
struct MambaMixerState {
  at::Tensor history;  // [K − 1, D], the convolution's last inputs
  at::Tensor hidden;   // [D, N]
};

/// Before the first token.
MambaMixerState freshMambaMixerState(int64_t lanes, int64_t state, int64_t taps,
                                     const at::TensorOptions& options);

/// [K − 1 + L, D]: the history, then room for x, which the caller fills in.
at::Tensor withHistory(const MambaMixerState& state, int64_t tokens);

/// What a mixer makes of some tokens, up to its output projection, for the W lanes that are wanted of its D.
struct MambaMixed {
  at::Tensor x;           // [L, W]
  at::Tensor gate;        // [L, W]  silu(z); where it was given
  at::Tensor activation;  // [L, W]  σ(c)
  at::Tensor step;        // [L, W]
  at::Tensor key, query;  // [L, N]
  at::Tensor y;           // [L, W]  with skip and gate; where it is wanted
};

/// `padded` is withHistory() with x [L, D] filled in, `gate` silu(z) [L, W], which only y needs; both in the
/// order of the scan, contiguous. The state of the lanes wanted is carried over to the token after the last.
MambaMixed mixSelective(const MambaMixer& mixer, const at::Tensor& padded, const at::Tensor& gate,
                        const FactorNeeds& needs, MambaMixerState& state, const Feedback& feedback);

/// Everything of LayerFactors but `available` (and the second direction), for the lanes of `needs`: eq. 1
/// with α of the scan, Z = σ(c), G = silu(z) and S = D.
LayerFactors selectiveFactors(const MambaMixer& mixer, const MambaMixed& mixed, const FactorNeeds& needs);

}  // namespace uc
