// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/map_id.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>

namespace uc {

/// How α of a layer comes about. Symbols as in LayerFactors below.
enum class ScanKind {
  /// α[t,s] = Σ_n q[t,n] · Π_{r∈(s,t]} a[r,n] · k[s,n], where log a[r,n] is step[r] · rate[n] or
  /// logDecay[r,n].
  Decay,
  /// RWKV-4, in logarithms: α[t,s] = exp(logKey[s] + (t−1−s)·rate − logNormalizer[t]) for s < t and
  /// exp(diagonal[t] − logNormalizer[t]) on the diagonal: R⁻¹α, whose rows sum to 1. N = 1; query, key and
  /// step are undefined, rate is [C, 1].
  LogSum,
  /// RWKV-7, the generalized delta rule: α[t,s] = k_sᵀ T_{s+1} … T_t q_t with
  /// T_r = diag(exp(logDecay[r])) − removeKey[r] removeWrite[r]ᵀ.
  DeltaRule,
  /// Softmax attention: α[t,s] = exp(q_t·k_s − logNormalizer[t]) for t − window < s ≤ t.
  Softmax,
};

/// What the mixer of one layer is for one frozen input: y = G (R⁻¹α + S) Z (M x + b) + e (mathematics.md, eq.
/// 1), with α[t,s] lower triangular. The narrow waist of the program: every model family fills one, every
/// operator reads one. Symbols: L tokens, D lanes, N state, K taps, C scans: the distinct α, each shared by
/// D / C neighboring lanes (lane d belongs to scan d · C / D); queries and keys may be shared further, by
/// groups of neighboring scans (scan c reads group c · G / C of a tensor with G groups). All tensors are
/// contiguous, on the CPU, of one floating dtype (float32 or float64); logNormalizer is always float64: a
/// large number that others like it are subtracted from. An undefined tensor stands for the identity (scales,
/// taps) or for nothing (biases, skip, additive). Immutable once made; may be read from any thread.
struct LayerFactors {
  ScanKind kind = ScanKind::Decay;
  int64_t tokens = 0;  // L
  int64_t lanes = 0;   // D
  int64_t scans = 0;   // C, divides D
  int64_t state = 0;   // N

  at::Tensor query;          // [L, G, N]  C of Mamba; scaled by 1/√N for softmax attention
  at::Tensor key;            // [L, G, N]  B of Mamba, without the step
  at::Tensor step;           // [L, C]     Δ ≥ 0
  at::Tensor rate;           // [C, N]     A ≤ 0
  bool isStepInKey = true;   // with a step: whether the key of eq. 1 is step · key (Mamba)
  at::Tensor logDecay;       // [L or 1, C, N] ≤ 0, in place of step and rate; 1: the same for every token
  at::Tensor removeKey;      // [L, C, N]  κ of RWKV-7
  at::Tensor removeWrite;    // [L, C, N]  κ ⊙ a of RWKV-7
  at::Tensor logKey;         // [L, C]     k of RWKV-4
  at::Tensor logNormalizer;  // [L, C]     log R, in float64
  int64_t window = 0;        // softmax: how many keys a query sees, itself included; 0: all

  /// RWKV-4/5/6: token t reads the state before its own decay, so that the product runs over (s, t), and
  /// α[t,t] is `diagonal` (for RWKV-4 its logarithm, before the normalizer).
  bool readsBeforeDecay = false;
  at::Tensor diagonal;  // [L, C]

  at::Tensor rowScale;     // [L, D]  G: the output gate
  at::Tensor columnScale;  // [L, D]  Z: the activation written as a factor
  at::Tensor taps;         // [D, K]  M: the last tap multiplies the current token
  at::Tensor convBias;     // [D]     b
  at::Tensor skip;         // [D]     S
  at::Tensor additive;     // [L, D]  e: what does not depend on x, whichever factors are on

  at::Tensor x;  // [L, D]  what the mixer is fed, after the input projection
  at::Tensor
      y;  // [L, D]  the real output, before the output projection: what a reconstruction is checked against

  Factors available;  // which factors this layer has; NoStep when the step can be dropped

  /// A bidirectional mixer (Vision Mamba): the factors of the second direction, in its own order of tokens,
  /// last token first (its x too; its y is undefined). y = directionShare · (this + the flipped other).
  std::shared_ptr<const LayerFactors> backward;
  double directionShare = 1.0;
};

}  // namespace uc
