// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "gpu/buffer.h"
#include "gpu/layer.h"

#include <cstdint>
#include <vector>

namespace uc::gpu {

/// How the entries of one lane join those of the lanes before it, and what the joined value becomes: a single
/// lane as it is, Σ/n, Σ|x|/n, the entry of largest magnitude, √(Σx²/n), Σmax(x, 0)/n.
enum class Merge { One, Mean, MeanAbs, MaxAbs, L2, PositiveMean };

/// Any rectangle of a map, rows [row0, row1) by columns [col0, col1) in the order of the picture, of lanes
/// [lane0, lane1). With `pool` > 1 the means, or the entries of largest magnitude, of pool × pool entries.
template <typename T>
struct TileRequest {
  std::vector<Layer<T>> directions;  // one or two, the reversed one last; summed before lanes merge
  int64_t lane0 = 0, lane1 = 1;
  Merge merge = Merge::One;
  const T* input =
      nullptr;  // x [L, D] on the device, in picture order; null: entries are not multiplied by it
  int64_t row0 = 0, row1 = 0, col0 = 0, col1 = 0;
  int64_t pool = 1;
  bool isLargestPooled = false;
};

/// Whether the kernels know this layer: at most kMaxTaps taps, and of the delta rule at most 256 states.
template <typename T>
bool canTile(const Layer<T>& layer);

/// About what `tile` and `pooledTile` need beside the factors and the result, at most, in bytes.
inline constexpr int64_t kTileScratchBytes = int64_t{256} << 20;

/// Writes the part to `out` [ceil(rows / pool), ceil(columns / pool)] in the host's memory. Float entries are
/// within 1e-6 of the largest; lanes are summed in double beyond some tens of them, always in the same order.
/// Throws Error, and what `checkpoint` throws, which is called between launches; these are
/// sized to take some milliseconds.
template <typename T>
void tile(const TileRequest<T>& request, T* out, Stream& stream, const Checkpoint& checkpoint);

}  // namespace uc::gpu
