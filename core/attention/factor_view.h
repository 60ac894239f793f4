// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/attention/factors.h"

#include <cstdint>
#include <vector>

namespace uc {

/// LayerFactors as plain pointers with the switches applied: a null pointer is a factor that is off or that
/// the family lacks. All operators read factors through this and nothing else, so a switch has one meaning
/// everywhere. Lives as long as the LayerFactors it was made from; T must be their dtype.
template <typename T>
struct FactorView {
  FactorView(const LayerFactors& layer, Factors factors);

  int64_t tokens = 0;  // L
  int64_t lanes = 0;   // D
  int64_t state = 0;   // N
  int64_t groups = 1;  // G
  int64_t taps = 1;    // K, 1 without a convolution

  bool hasScan = false;
  bool hasStepInKey = false;

  const T* query = nullptr;        // [L, G, N]
  const T* key = nullptr;          // [L, G, N]
  const T* step = nullptr;         // [L, D]
  const T* rate = nullptr;         // [D, N]
  const T* rowScale = nullptr;     // [L, D]
  const T* columnScale = nullptr;  // [L, D]
  const T* tapWeights = nullptr;   // [D, K]
  const T* convBias = nullptr;     // [D]
  const T* skip = nullptr;         // [D]
  const T* x = nullptr;            // [L, D]

  int64_t group(int64_t d) const { return d * groups / lanes; }
  const T* queryAt(int64_t t, int64_t d) const { return query + (t * groups + group(d)) * state; }
  const T* keyAt(int64_t s, int64_t d) const { return key + (s * groups + group(d)) * state; }
  const T* rateOf(int64_t d) const { return rate + d * state; }
  T stepAt(int64_t t, int64_t d) const { return step[t * lanes + d]; }
  T gateAt(int64_t t, int64_t d) const { return rowScale ? rowScale[t * lanes + d] : T(1); }
  T activationAt(int64_t s, int64_t d) const { return columnScale ? columnScale[s * lanes + d] : T(1); }
  T skipOf(int64_t d) const { return skip ? skip[d] : T(0); }

  /// What multiplies the key of token s on its way into the state: Z, and the step unless it is dropped.
  T keyScaleAt(int64_t s, int64_t d) const {
    const T activation = activationAt(s, d);
    return hasStepInKey ? stepAt(s, d) * activation : activation;
  }

  /// The weight of token s + j in column s, j < K: the last tap multiplies the current token.
  T weight(int64_t d, int64_t j) const { return tapWeights ? tapWeights[d * taps + taps - 1 - j] : T(1); }
  std::vector<T> weights(int64_t d) const;
};

}  // namespace uc
