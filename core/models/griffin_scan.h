// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>

namespace uc {

/// The recurrence of the RG-LRU on plain arrays, T float or double: h ← a[t] · h + key[t] · input[t], lane by
/// lane (arXiv 2402.19427, eq. 4). Callers split the lanes over threads; every call touches only its own
/// lanes. Infinities and NaN pass through.
template <typename T>
struct GatedScan {
  int64_t tokens = 0, lanes = 0;  // L, W
  const T* key = nullptr;         // [L, W]
  const T* input = nullptr;       // [L, W]
  T* values = nullptr;            // [L, W], holds a before and h after
  T* hidden = nullptr;            // [W], h before the first token, then after the last
};

void scanLanes(const GatedScan<float>& scan, int64_t firstLane, int64_t lastLane);
void scanLanes(const GatedScan<double>& scan, int64_t firstLane, int64_t lastLane);

}  // namespace uc
