// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>

namespace uc {

/// The reverse of the scans of scan.h, rwkv_scan.h and griffin_scan.h: from the gradient of what a scan
/// returned to the gradients of what it was given, T float or double. A forward pass keeps its states every
/// kAdjointChunk tokens; the reverse goes from the last chunk to the first and computes the states between
/// again. Vectorized over lanes; callers split the lanes or heads over threads. Gradients are added to what
/// is there, so that they begin as zeros.
inline constexpr int64_t kAdjointChunk = 64;

/// Some lanes of a Mamba-1 scan, or one head of a Mamba-2 scan, whose lanes share step and rate (isShared).
/// Pointers are to the first of these lanes.
template <typename T>
struct SelectiveAdjoint {
  int64_t tokens = 0, lanes = 0, state = 0;  // L, D, N
  bool isShared = false;
  const T* step = nullptr;      // [L, D], or [L]; rows `stepStride` apart
  const T* input = nullptr;     // [L, D], rows `stride` apart
  const T* key = nullptr;       // [L, N], rows `keyStride` apart
  const T* query = nullptr;     // [L, N], rows `keyStride` apart
  const T* rate = nullptr;      // [D, N], or one
  const T* starts = nullptr;    // [⌈L / kAdjointChunk⌉, D, N], chunks `startStride` apart
  const T* gradient = nullptr;  // [L, D] of the output, rows `stride` apart
  int64_t stepStride = 0, stride = 0, keyStride = 0, startStride = 0;
  T* toStep = nullptr;    // as step
  T* toInput = nullptr;   // as input
  T* toKey = nullptr;     // [L, N]
  T* toQuery = nullptr;   // [L, N]
  T* toRate = nullptr;    // as rate
  T* toHidden = nullptr;  // [D, N], of the state before the first token, or none
};

void reverseLanes(const SelectiveAdjoint<float>& adjoint);
void reverseLanes(const SelectiveAdjoint<double>& adjoint);

/// RWKV-4, LogSumScan; sums and exponents in double here too.
template <typename T>
struct LogSumAdjoint {
  int64_t tokens = 0, lanes = 0;          // L, D
  const T* key = nullptr;                 // [L, D]
  const T* value = nullptr;               // [L, D]
  const T* rate = nullptr;                // [D]
  const T* bonus = nullptr;               // [D]
  const T* output = nullptr;              // [L, D]
  const double* logNormalizer = nullptr;  // [L, D]
  const double* starts = nullptr;         // [⌈L / kAdjointChunk⌉, 3, D]
  const T* gradient = nullptr;            // [L, D]
  T* toKey = nullptr;                     // [L, D]
  T* toValue = nullptr;                   // [L, D]
  T* toRate = nullptr;                    // [D]
  T* toBonus = nullptr;                   // [D]
};

void reverseLanes(const LogSumAdjoint<float>& adjoint, int64_t firstLane, int64_t lastLane);
void reverseLanes(const LogSumAdjoint<double>& adjoint, int64_t firstLane, int64_t lastLane);

/// RWKV-5, 6 and, with removeKey, 7: MatrixScan, with a decay for every token.
template <typename T>
struct MatrixAdjoint {
  int64_t tokens = 0, heads = 0, state = 0;  // L, H, N; D = H · N
  const T* receptance = nullptr;             // [L, D]
  const T* key = nullptr;                    // [L, D]
  const T* value = nullptr;                  // [L, D]
  const T* decay = nullptr;                  // [L, D]
  const T* bonus = nullptr;                  // [D]
  const T* removeKey = nullptr;              // [L, D]
  const T* removeWrite = nullptr;            // [L, D]
  const T* starts = nullptr;                 // [⌈L / kAdjointChunk⌉, H, N, N]
  const T* gradient = nullptr;               // [L, D]
  T* toReceptance = nullptr;                 // each as what it is the gradient of
  T* toKey = nullptr;
  T* toValue = nullptr;
  T* toDecay = nullptr;
  T* toBonus = nullptr;
  T* toRemoveKey = nullptr;
  T* toRemoveWrite = nullptr;
};

void reverseHeads(const MatrixAdjoint<float>& adjoint, int64_t firstHead, int64_t lastHead);
void reverseHeads(const MatrixAdjoint<double>& adjoint, int64_t firstHead, int64_t lastHead);

}  // namespace uc
