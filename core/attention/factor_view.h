// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/attention/factors.h"
#include "core/attention/operators.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace uc {

/// LayerFactors of one direction as plain pointers with the switches applied: a null pointer is a factor that
/// is off or that the family lacks. All operators read factors through this and nothing else, so a switch has
/// one meaning everywhere. Lives as long as the LayerFactors it was made from; T must be their dtype, that of
/// log normalizers aside.
///
/// Softmax attention is itself under every set of factors (conventions.md 7): there the scan is always on and
/// nothing else ever is.
template <typename T>
struct FactorView {
  /// `share` multiplies the gate and the additive term: the direction's part in the output.
  FactorView(const LayerFactors& layer, Factors factors, double share = 1.0);

  ScanKind kind = ScanKind::Decay;
  int64_t tokens = 0;       // L
  int64_t lanes = 0;        // D
  int64_t scans = 0;        // C
  int64_t state = 0;        // N
  int64_t queryGroups = 1;  // G of the queries
  int64_t keyGroups = 1;    // G of the keys
  int64_t scanLanes = 1;    // D / C
  int64_t taps = 1;         // K, 1 without a convolution
  int64_t window = 0;       // of softmax attention; at most L

  bool hasScan = false;
  bool hasStepInKey = false;
  bool readsBeforeDecay = false;
  T share = T(1);

  const T* query = nullptr;               // [L, G, N]
  const T* key = nullptr;                 // [L, G, N]
  const T* step = nullptr;                // [L, C]
  const T* rate = nullptr;                // [C, N]
  const T* logDecay = nullptr;            // [L or 1, C, N]
  int64_t logDecayStride = 0;             // from a token to the next; 0 when all tokens share one
  const T* removeKey = nullptr;           // [L, C, N]
  const T* removeWrite = nullptr;         // [L, C, N]
  const T* logKey = nullptr;              // [L, C]
  const double* logNormalizer = nullptr;  // [L, C]
  const T* diagonal = nullptr;            // [L, C]
  const T* rowScale = nullptr;            // [L, D]
  const T* columnScale = nullptr;         // [L, D]
  const T* tapWeights = nullptr;          // [D, K]
  const T* convBias = nullptr;            // [D]
  const T* skip = nullptr;                // [D]
  const T* additive = nullptr;            // [L, D]
  const T* x = nullptr;                   // [L, D]

  int64_t lanesPerScan() const { return scanLanes; }
  int64_t scanOf(int64_t d) const { return d / scanLanes; }
  int64_t queryGroup(int64_t c) const { return c * queryGroups / scans; }
  int64_t keyGroup(int64_t c) const { return c * keyGroups / scans; }

  // Of scan c:
  const T* queryAt(int64_t t, int64_t c) const { return query + (t * queryGroups + queryGroup(c)) * state; }
  int64_t queryStride() const { return queryGroups * state; }  // from a token's query to the next token's
  const T* keyAt(int64_t s, int64_t c) const { return key + (s * keyGroups + keyGroup(c)) * state; }
  const T* rateOf(int64_t c) const { return rate + c * state; }
  const T* logDecayAt(int64_t t, int64_t c) const { return logDecay + t * logDecayStride + c * state; }
  /// Of the scans from c on, as they lie in memory: [scans, N] log decays, or [scans] steps.
  const T* logDecaysAt(int64_t t, int64_t c) const {
    return logDecay ? logDecayAt(t, c) : step + t * scans + c;
  }
  const T* removeKeyAt(int64_t t, int64_t c) const { return removeKey + (t * scans + c) * state; }
  const T* removeWriteAt(int64_t t, int64_t c) const { return removeWrite + (t * scans + c) * state; }
  double stepAt(int64_t t, int64_t c) const { return step[t * scans + c]; }
  double logKeyAt(int64_t s, int64_t c) const { return logKey[s * scans + c]; }
  double logNormalizerAt(int64_t t, int64_t c) const { return logNormalizer[t * scans + c]; }
  double diagonalAt(int64_t t, int64_t c) const { return diagonal[t * scans + c]; }
  T keyScaleAt(int64_t s, int64_t c) const { return hasStepInKey ? step[s * scans + c] : T(1); }

  // Of lane d:
  T gateAt(int64_t t, int64_t d) const { return rowScale ? share * rowScale[t * lanes + d] : share; }
  T activationAt(int64_t s, int64_t d) const { return columnScale ? columnScale[s * lanes + d] : T(1); }

  /// The weight of token s + j in column s, j < K: the last tap multiplies the current token.
  T weight(int64_t d, int64_t j) const { return tapWeights ? tapWeights[d * taps + taps - 1 - j] : T(1); }
};

/// One direction of a layer, and how its tokens lie in the picture.
template <typename T>
struct DirectedView {
  FactorView<T> view;
  bool isReversed = false;
  int64_t picture(int64_t token) const { return isReversed ? view.tokens - 1 - token : token; }
};

/// What a long loop over a map says of itself.
inline constexpr std::string_view kMapStage = "Computing the map";

/// Whether a map has entries above its diagonal: queries that see later keys.
inline bool reachesLater(const LayerFactors& layer, const MapTerms& terms) {
  return layer.backward && terms.direction != Direction::Forward;
}

/// The directions that `terms` asks for, with their shares.
template <typename T>
std::vector<DirectedView<T>> directionsOf(const LayerFactors& layer, const MapTerms& terms);

}  // namespace uc
