// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>

namespace uc {

/// The loops of Mamba mixers that no library has, on plain arrays: T is float or double. They never hold
/// anything of size L × D × N and are vectorized over lanes for the processor at hand. Callers split the
/// lanes over threads; every call touches only its own lanes. Infinities and NaN pass through.

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

void scanLanes(const SelectiveScan<float>& scan, int64_t firstLane, int64_t lastLane);
void scanLanes(const SelectiveScan<double>& scan, int64_t firstLane, int64_t lastLane);

/// Mamba-2: one rate for all P lanes of a head and all of their state. With h = ⌊d/P⌋ and its group g = ⌊h ·
/// G/H⌋: s[d,n] ← exp(step[t,h] · rate[h]) · s[d,n] + step[t,h] · input[t,d] · key[t,g,n]; output[t,d] = Σ_n
/// query[t,g,n] · s[d,n] (arXiv 2405.21060, section 6, as a recurrence).
template <typename T>
struct HeadScan {
  int64_t tokens = 0, heads = 0, lanesAHead = 0, groups = 0, state = 0;  // L, H, P, G, N
  const T* step = nullptr;                                               // [L, H], ≥ 0
  const T* input = nullptr;                                              // [L, H · P], rows `stride` apart
  const T* key = nullptr;                                                // [L, G, N], rows `stride` apart
  const T* query = nullptr;                                              // [L, G, N], rows `stride` apart
  int64_t stride = 0;
  const T* rate = nullptr;  // [H], ≤ 0
  T* hidden = nullptr;      // [H · P, N], the state before the first token, then after the last
  T* output = nullptr;      // [L, H · P]
};

void scanHeads(const HeadScan<float>& scan, int64_t firstLane, int64_t lastLane);
void scanHeads(const HeadScan<double>& scan, int64_t firstLane, int64_t lastLane);

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

void convolveTokens(const CausalConvolution<float>& convolution, int64_t firstToken, int64_t lastToken);
void convolveTokens(const CausalConvolution<double>& convolution, int64_t firstToken, int64_t lastToken);

}  // namespace uc
