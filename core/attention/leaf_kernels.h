// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/attention/tile_kernels.h"

#include <cstdint>

namespace uc {

/// A triangle of few tokens, for all lanes of a group at once: `columns` tokens, of which those from
/// `firstRow` on are rows too. "By lane": kGroupLanes values, zeros for lanes that are not there.
template <typename T>
struct Leaf {
  const T* decays = nullptr;       // [tokens, N] by lane
  const T* query = nullptr;        // [tokens, N] by lane, times the gate; from firstRow on
  const T* key = nullptr;          // [tokens, N] by lane, times step and Z
  const T* weights = nullptr;      // [K] by lane, of token s + j in column s
  const T* skip = nullptr;         // [tokens] by lane: G (S, and α[t,t] where tokens read first) Z
  const T* columnScale = nullptr;  // [tokens] by lane, x; null: 1
  int64_t state = 0;               // N
  int64_t taps = 1;                // K
  int64_t firstRow = 0;
  int64_t tokens = 0;
  int64_t columns = 0;
  bool readsBeforeDecay = false;
};

/// The inner loops at the diagonal, chosen as TileKernels are.
template <typename T>
struct LeafKernels {
  /// out[n] by lane = exp(rate[n] by lane · step by lane); with `rate` null, exp of what is there.
  void (*decays)(const T* rate, const T* step, int64_t state, T* out);

  /// out[n] by lane = values[n] · scale by lane.
  void (*outer)(const T* values, const T* scale, int64_t state, T* out);

  /// out[t, s] (stride `columns`) for firstRow ≤ t < tokens, s ≤ min(t, columns − 1): the lanes' entries
  /// joined with each other. scratch: [tokens, columns] by lane.
  void (*entries)(const Leaf<T>& leaf, Join join, T* scratch, T* out);
};

template <typename T>
const LeafKernels<T>& leafKernels();

}  // namespace uc
