// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "gpu/buffer.h"
#include "gpu/layer.h"

#include <cstdint>

namespace uc::gpu {

/// Tokens between two states that a forward pass has kept.
inline constexpr int64_t kGradientChunk = 64;

/// The reverse of Mamba-1's scan y = α u with u = input: from the gradient of y to those of what it was made
/// of. Of the layer: L, D = C, N, step, rate, key and query. All memory is the device's; results are written
/// over.
template <typename T>
struct SelectiveGradient {
  Layer<T> layer;
  const T* input = nullptr;     // [L, D]
  const T* starts = nullptr;    // [⌈L / kGradientChunk⌉, D, N], the states before each chunk
  const T* gradient = nullptr;  // [L, D], of y
  T* toStep = nullptr;          // [L, D]
  T* toInput = nullptr;         // [L, D]
  T* toKey = nullptr;           // [L, N]
  T* toQuery = nullptr;         // [L, N]
  T* toRate = nullptr;          // [D, N]
  T* toStart = nullptr;         // [D, N], of the states before the first token
};

/// Queues it: chunk by chunk from the last one, whose states are made again; those of one chunk, 64 × D × N,
/// are held. Lanes are added up in the same order every time. N ≤ kMostStates. Throws Error when the device
/// refuses.
template <typename T>
void reverse(const SelectiveGradient<T>& run, Stream& stream);

}  // namespace uc::gpu
