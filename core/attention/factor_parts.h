// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/attention/factors.h"

#include <algorithm>
#include <cstdint>
#include <limits>

namespace uc {

/// What an operator reads of a layer's factors. Long inputs need it: every array of all lanes is L · D
/// numbers, and one lane is L of them; and a window far down the diagonal has few of the tokens.
struct FactorNeeds {
  int64_t firstLane = 0, lastLane = 0;  // [first, last), whole scans
  bool hasScales = true;                // G and Z
  bool hasInput = true;                 // x
  bool hasOutput = true;                // y and the additive term
  int64_t firstToken = 0,
          lastToken = std::numeric_limits<int64_t>::max();  // [first, last) of those there are

  int64_t lanes() const { return lastLane - firstLane; }
  int64_t lastOf(int64_t tokens) const { return std::min(lastToken, tokens); }
  int64_t tokensOf(int64_t tokens) const { return lastOf(tokens) - firstToken; }
  /// Whether factors made for this serve `other` too.
  bool covers(const FactorNeeds& other) const;
  bool operator==(const FactorNeeds&) const = default;
};

/// The lanes and arrays of `needs`, as a layer of its own in which they are lanes 0, 1, …: every operator
/// works on it unchanged. Queries and keys that lanes outside share stay whole. Shares the memory of `layer`
/// where all its lanes are wanted. An array that is left out reads as the identity: needs must name all that
/// the factors switched on will ask for. Both directions of a bidirectional layer. All tokens of `layer`.
LayerFactors partOf(const LayerFactors& layer, const FactorNeeds& needs);

/// The same with every array on the CPU, of both directions.
LayerFactors onCpu(LayerFactors layer);

/// The tokens [first, last) of a layer of one direction, as a layer of its own in which they count from 0:
/// entries between them are the same. Shares its memory.
LayerFactors tokensOf(LayerFactors layer, int64_t first, int64_t last);

/// Bytes of all arrays, of both directions.
int64_t bytesOf(const LayerFactors& layer);

/// Puts the factors of a layer together from those of its tokens, a chunk at a time: holds the result and
/// nothing else. One direction only.
class FactorsOfChunks {
 public:
  explicit FactorsOfChunks(int64_t tokens) : m_tokens(tokens) {}

  /// The next tokens: all chunks are alike but for their length.
  void add(const LayerFactors& chunk);

  /// After the last one.
  LayerFactors take();

 private:
  int64_t m_tokens;
  int64_t m_filled = 0;
  LayerFactors m_result;
};

}  // namespace uc
