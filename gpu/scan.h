// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "gpu/buffer.h"
#include "gpu/layer.h"

#include <vector>

namespace uc::gpu {

// States of one lane that a warp's registers hold.
inline constexpr int64_t kMostStates = 256;

/// Whether the scans know this layer: all but softmax attention, which has no recurrence, and N ≤
/// kMostStates.
template <typename T>
bool canScan(const Layer<T>& layer);

/// H x of every lane, Σ over the directions, by a forward scan: x and out [L, D] on the device, in picture
/// order; `bias` [D] on the device, or null, is added to M x (its direction's, one a direction). States are
/// in double. Throws Error, and what `checkpoint` throws, which is called every some thousand tokens.
template <typename T>
void apply(const std::vector<Layer<T>>& directions, const std::vector<const T*>& bias, const T* x, T* out,
           Stream& stream, const Checkpoint& checkpoint);

/// vᵀ H of every lane by the adjoint scan, alike.
template <typename T>
void applyTransposed(const std::vector<Layer<T>>& directions, const T* v, T* out, Stream& stream,
                     const Checkpoint& checkpoint);

}  // namespace uc::gpu
