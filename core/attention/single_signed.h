// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/attention/operators.h"

#include <optional>

namespace uc {

/// A map given by other factors and another query.
struct EqualMap {
  LayerFactors layer;
  MapQuery query;
};

/// The signed mean that a mean of magnitudes or of positive parts is equal to, where there is one: when
/// no scan, activation, tap or skip that is on is ever negative, only the gate has a sign, and that of a row.
/// Then mean |H| is the signed mean under |G| and mean max(H, 0) that under max(G, 0). Read off the factors'
/// own numbers (RWKV-4; RG-LRU without its convolution): nothing for other merges, for entries times x, and
/// for layers with two directions, whose gates differ.
std::optional<EqualMap> asSignedMean(const LayerFactors& layer, const MapQuery& query);

/// The same for one layer again and again: finding out reads all of its numbers, and |G| is as large as G.
/// Remembers the last answer. One thread.
class SignedMean {
 public:
  std::optional<EqualMap> of(const LayerFactors& layer, const MapQuery& query);
  /// Of what it holds beside the layer.
  int64_t bytes() const;

 private:
  std::optional<Merge> m_merge;  // of the answer; none yet
  Factors m_factors;
  std::optional<LayerFactors> m_equal;
  int64_t m_bytes = 0;
};

}  // namespace uc
