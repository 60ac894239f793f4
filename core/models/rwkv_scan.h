// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>

namespace uc {

/// The recurrences of RWKV's mixers on plain arrays: T is float or double. They never hold anything of size
/// L × D × N and are vectorized over lanes for the processor at hand. Callers split the work over threads;
/// every call touches only its own lanes. Infinities and NaN pass through.

/// RWKV-4 (arXiv 2305.13048, eq. 16 and appendix D), in logarithms with a running maximum, so that keys of
/// ±100 stay finite:
/// output[t] = Σ_{s<t} e^{(t−1−s)·rate + key[s]} value[s] + e^{bonus + key[t]} value[t], divided by the same
/// with value 1. Sums and exponents are kept in double whatever T is: exponents of 100 are added up token by
/// token, and a map's entries are as right as the normalizer's logarithm.
template <typename T>
struct LogSumScan {
  int64_t tokens = 0, lanes = 0;    // L, D
  const T* key = nullptr;           // [L, D]
  const T* value = nullptr;         // [L, D]
  const T* rate = nullptr;          // [D], ≤ 0
  const T* bonus = nullptr;         // [D]
  double* state = nullptr;          // [3, D]: numerator, denominator and the exponent both are divided by;
                                    // before the first token 0, 0, kLogSumStart
  T* output = nullptr;              // [L, D]
  double* logNormalizer = nullptr;  // [L, D], the denominator's logarithm, or none
};

inline constexpr double kLogSumStart = -1e38;

void scanLanes(const LogSumScan<float>& scan, int64_t firstLane, int64_t lastLane);
void scanLanes(const LogSumScan<double>& scan, int64_t firstLane, int64_t lastLane);

/// RWKV-5, 6 and 7: one N × N state a head.
/// RWKV-5, 6 (arXiv 2404.05892): output[t] = receptanceᵀ (S + diag(bonus) key valueᵀ); then
/// S ← diag(decay) S + key valueᵀ.
/// RWKV-7 (arXiv 2503.14456), with removeKey: S ← diag(decay) S − removeWrite (removeKeyᵀ S) + key valueᵀ;
/// then output[t] = receptanceᵀ S.
template <typename T>
struct MatrixScan {
  int64_t tokens = 0, heads = 0, state = 0;  // L, H, N; D = H · N
  const T* receptance = nullptr;             // [L, D]
  const T* key = nullptr;                    // [L, D]
  const T* value = nullptr;                  // [L, D]
  const T* decay = nullptr;                  // [L, D], or [D] with decayStride 0
  int64_t decayStride = 0;                   // from token to token
  const T* bonus = nullptr;                  // [D]; RWKV-5, 6
  const T* removeKey = nullptr;              // [L, D]; RWKV-7
  const T* removeWrite = nullptr;            // [L, D]; RWKV-7
  T* hidden = nullptr;                       // [H, N, N]: of head, key, value; carried over
  T* output = nullptr;                       // [L, D]

  /// Heads are cut into slices of values that do not depend on one another.
  int64_t slices() const { return heads * slicesAHead(); }
  int64_t slicesAHead() const { return (state + kSlice - 1) / kSlice; }
  static constexpr int64_t kSlice = 32;  // values side by side
};

void scanSlices(const MatrixScan<float>& scan, int64_t firstSlice, int64_t lastSlice);
void scanSlices(const MatrixScan<double>& scan, int64_t firstSlice, int64_t lastSlice);

}  // namespace uc
