// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>

#ifdef __CUDACC__
#define UC_DEVICE __host__ __device__ __forceinline__
#else
#define UC_DEVICE inline
#endif

namespace uc::gpu {

/// How α of a layer comes about; the formulas are those of core/attention/factors.h.
enum class Kind { Decay, LogSum, DeltaRule, Softmax };

// A convolution of more taps has no place in the kernels' registers.
inline constexpr int64_t kMaxTaps = 4;

/// The factors of one direction of a layer as device pointers with the switches applied: a null pointer is a
/// factor that is off. A plain value that is handed to kernels; whoever made it owns the memory. Symbols and
/// shapes: L tokens, D lanes, N state, K taps, C scans, each shared by D / C neighboring lanes, G groups of
/// scans that share queries or keys. Softmax attention has its scan and nothing else.
template <typename T>
struct Layer {
  Kind kind = Kind::Decay;
  int64_t tokens = 0, lanes = 0, scans = 0, state = 0;
  int64_t queryGroups = 1, keyGroups = 1;
  int64_t taps = 1;
  int64_t window = 0;  // of softmax attention, at most L
  bool hasScan = false;
  bool hasStepInKey = false;
  bool readsBeforeDecay = false;
  bool isReversed = false;  // token 0 is the last of the picture
  T share = T(1);           // of the direction in the map; multiplies the gate

  const T* query = nullptr;               // [L, G, N]
  const T* key = nullptr;                 // [L, G, N]
  const T* step = nullptr;                // [L, C]
  const T* rate = nullptr;                // [C, N]
  const T* logDecay = nullptr;            // [L or 1, C, N]
  int64_t logDecayStride = 0;             // 0 when all tokens share one
  const T* removeKey = nullptr;           // [L, C, N]
  const T* removeWrite = nullptr;         // [L, C, N]
  const T* logKey = nullptr;              // [L, C]
  const double* logNormalizer = nullptr;  // [L, C]
  const T* diagonal = nullptr;            // [L, C]
  const T* rowScale = nullptr;            // [L, D]
  const T* columnScale = nullptr;         // [L, D]
  const T* tapWeights = nullptr;          // [D, K]
  const T* skip = nullptr;                // [D]

  UC_DEVICE int64_t scanLanes() const { return lanes / scans; }
  UC_DEVICE int64_t picture(int64_t t) const { return isReversed ? tokens - 1 - t : t; }

  UC_DEVICE const T* queryAt(int64_t t, int64_t c) const {
    return query + (t * queryGroups + c * queryGroups / scans) * state;
  }
  UC_DEVICE const T* keyAt(int64_t s, int64_t c) const {
    return key + (s * keyGroups + c * keyGroups / scans) * state;
  }
  UC_DEVICE T keyScaleAt(int64_t s, int64_t c) const { return hasStepInKey ? step[s * scans + c] : T(1); }
  UC_DEVICE T logDecayAt(int64_t t, int64_t c, int64_t n) const {
    return logDecay ? logDecay[t * logDecayStride + c * state + n]
                    : step[t * scans + c] * rate[c * state + n];
  }
  template <typename V>
  UC_DEVICE V perScan(const V* values, int64_t t, int64_t c) const {
    return values[t * scans + c];
  }

  UC_DEVICE T gateAt(int64_t t, int64_t d) const {
    return rowScale ? share * rowScale[t * lanes + d] : share;
  }
  UC_DEVICE T activationAt(int64_t s, int64_t d) const {
    return columnScale ? columnScale[s * lanes + d] : T(1);
  }
  UC_DEVICE T skipOf(int64_t d) const { return skip ? skip[d] : T(0); }
  /// The weight of token s + j in column s, j < K.
  UC_DEVICE T weight(int64_t d, int64_t j) const {
    return tapWeights ? tapWeights[d * taps + taps - 1 - j] : T(1);
  }
};

}  // namespace uc::gpu
