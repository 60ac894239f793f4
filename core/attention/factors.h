// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/map_id.h"

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace uc {

/// What the mixer of one layer is for one frozen input: y = G (R⁻¹α + S) Z (M x + b) + e (mathematics.md, eq.
/// 1), with α[t,s] = Σ_n q[t,n] · Π_{r∈(s,t]} exp(step_r · rate_n) · step_s · k[s,n]. The narrow waist of the
/// program: every model family fills one, every operator reads one. Symbols: L tokens, D lanes, N state, K
/// taps, G groups of lanes that share queries and keys (lane d belongs to group d · G / D). All tensors are
/// contiguous, on the CPU, of one floating dtype (float32 or float64). An undefined tensor stands for the
/// identity (scales, taps) or for nothing (biases, skip). Immutable once made; may be read from any thread.
struct LayerFactors {
  int64_t tokens = 0;  // L
  int64_t lanes = 0;   // D
  int64_t state = 0;   // N

  at::Tensor query;  // [L, G, N]  C of Mamba
  at::Tensor key;    // [L, G, N]  B of Mamba, without the step
  at::Tensor step;   // [L, D]     Δ ≥ 0
  at::Tensor rate;   // [D, N]     A ≤ 0

  at::Tensor rowScale;     // [L, D]  G: the output gate
  at::Tensor columnScale;  // [L, D]  Z: the activation written as a factor
  at::Tensor taps;         // [D, K]  M: the last tap multiplies the current token
  at::Tensor convBias;     // [D]     b
  at::Tensor skip;         // [D]     S

  at::Tensor x;  // [L, D]  what the mixer is fed, after the input projection
  at::Tensor
      y;  // [L, D]  the real output, before the output projection: what a reconstruction is checked against

  Factors available;  // which factors this family has; NoStep when the step can be dropped
};

}  // namespace uc
