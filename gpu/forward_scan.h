// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "gpu/buffer.h"
#include "gpu/layer.h"

#include <cstdint>

namespace uc::gpu {

/// The scans of a model's forward pass: some thousand tokens after others, with the states carried in the
/// type of the numbers. All memory is the device's and the caller's. What is asked for is queued and not
/// waited for. Nothing of size L × D × N is held. Throws Error when the device refuses.

/// y = R⁻¹α u for the next tokens: u, y [L, D]; states [D, N] before the first token, then after the last. Of
/// the layer only what makes α is read, and its first token's decay passes over the states. All kinds that
/// have a recurrence but LogSum, whose normalizer would have to be known; N ≤ kMostStates.
template <typename T>
void advance(const Layer<T>& layer, const T* u, T* states, T* y, Stream& stream);

/// RWKV-4 (arXiv 2305.13048, eq. 16 and appendix D), in logarithms with a running maximum:
/// output[t] = Σ_{s<t} e^{(t−1−s)·rate + key[s]} value[s] + e^{bonus + key[t]} value[t], divided by the same
/// with value 1. Sums and exponents are double whatever T is, as on the CPU.
template <typename T>
struct LogSumRun {
  int64_t tokens = 0, lanes = 0;    // L, D
  const T* key = nullptr;           // [L, D]
  const T* value = nullptr;         // [L, D]
  const T* rate = nullptr;          // [D], ≤ 0
  const T* bonus = nullptr;         // [D]
  double* state = nullptr;          // [3, D]: numerator, denominator and the exponent both are divided by
  T* output = nullptr;              // [L, D]
  double* logNormalizer = nullptr;  // [L, D], the denominator's logarithm, or none
};

template <typename T>
void advance(const LogSumRun<T>& run, Stream& stream);

}  // namespace uc::gpu
