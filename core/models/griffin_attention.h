// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/feedback.h"

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace uc {

/// Softmax attention over the last tokens, with rotary positions on a part of each head. Nothing here ever
/// holds L × L: rows are worked on by tiles. Tensors are on the CPU, float32 or float64.
struct WindowAttention {
  int64_t heads = 0;     // H, of queries
  int64_t keyHeads = 0;  // of keys and values, each shared by H / keyHeads neighboring heads
  int64_t headSize = 0;  // P
  int64_t window = 0;    // how many keys a query sees, itself included
  int64_t rotarySize = 0;
  double rotaryBase = 10'000;

  int64_t lanes() const { return heads * headSize; }

  /// Turns the first `rotarySize` entries of every head of `rows` [l, any heads · P] by their tokens'
  /// positions, the first of which is `position`: entries j and j + rotarySize / 2 are a pair, with the
  /// frequency base^(−2j / rotarySize). In place; rows are contiguous.
  void rotate(at::Tensor rows, int64_t position) const;

  /// out[t] = Σ_s softmax_s(q_t · k_s) v_s for t − window < s ≤ t. query, out [l, H·P], the query scaled and
  /// rotated; keys, values [m + l, keyHeads·P] begin with the m ≤ window − 1 tokens before the first query;
  /// logNormalizer [l, H].
  void run(at::Tensor out, at::Tensor logNormalizer, const at::Tensor& query, const at::Tensor& keys,
           const at::Tensor& values, const Feedback& feedback) const;
};

}  // namespace uc
