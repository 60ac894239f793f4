// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/griffin_scan.h"

namespace uc {

template <typename T>
void scanLanes(const GatedScan<T>& scan, int64_t firstLane, int64_t lastLane) {
  T* __restrict hidden = scan.hidden;
  for (int64_t t = 0; t < scan.tokens; ++t) {
    const T* __restrict key = scan.key + t * scan.lanes;
    const T* __restrict input = scan.input + t * scan.lanes;
    T* __restrict values = scan.values + t * scan.lanes;
    for (int64_t w = firstLane; w < lastLane; ++w) {
      const T h = values[w] * hidden[w] + key[w] * input[w];
      hidden[w] = h;
      values[w] = h;
    }
  }
}

template void scanLanes(const GatedScan<float>&, int64_t, int64_t);
template void scanLanes(const GatedScan<double>&, int64_t, int64_t);

}  // namespace uc
