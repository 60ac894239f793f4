// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>

namespace uc {

/// The two loops of a Mamba mixer that no library has, on plain arrays: T is float or double. They never hold
/// anything of size L × D × N and are vectorized over lanes, with AVX2 where the processor has it. Callers
/// split the lanes over threads; every call touches only its own lanes. Infinities and NaN pass through.

/// h[d,n] ← exp(step[t,d] · rate[d,n]) · h[d,n] + step[t,d] · input[t,d] · key[t,n];  output[t,d] = Σ_n
/// query[t,n] · h[d,n] (arXiv 2312.00752, algorithm 2).
template <typename T>
struct SelectiveScan {
  int64_t tokens = 0, lanes = 0, state = 0;  // L, D, N
  const T* step = nullptr;                   // [L, D], ≥ 0
  const T* input = nullptr;                  // [L, D]
  const T* key = nullptr;                    // [L, N], rows `keyStride` apart
  const T* query = nullptr;                  // [L, N], rows `keyStride` apart
  int64_t keyStride = 0;
  const T* rate = nullptr;  // [D, N], ≤ 0
  T* hidden = nullptr;      // [D, N], the state before the first token, then after the last
  T* output = nullptr;      // [L, D]
};

template <typename T>
void scanLanes(const SelectiveScan<T>& scan, int64_t firstLane, int64_t lastLane);

/// output[t,d] = bias[d] + Σ_j taps[j,d] · input[t+j,d]: `input` begins K−1 tokens before the first output,
/// so that the last tap multiplies the current token.
template <typename T>
struct CausalConvolution {
  int64_t tokens = 0, lanes = 0, taps = 0;  // L, D, K
  const T* input = nullptr;                 // [K − 1 + L, D]
  const T* weight = nullptr;                // [K, D]
  const T* bias = nullptr;                  // [D], or none
  T* output = nullptr;                      // [L, D]
};

template <typename T>
void convolveTokens(const CausalConvolution<T>& convolution, int64_t firstToken, int64_t lastToken);

}  // namespace uc
