// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/attention/factors.h"
#include "core/attention/roles.h"
#include "core/values/feedback.h"
#include "core/values/statistics.h"

#include <cstdint>
#include <vector>

namespace uc {

/// The fingerprints of a layer's lanes, or of the heads of a softmax layer (conventions.md 15), from rows of
/// the unified map that are made, looked at and forgotten: O(L) memory a lane that is worked on, O(L² N) time
/// a lane, and for L > 2,048 O(2,048 · L N). The lanes may come in parts, when their factors do not fit in
/// memory together: the result is the same, since what compares lanes (output shares, dead rows) waits for
/// all of them. Holds the mass of each row looked at of each lane.
class LayerStatistics {
 public:
  /// `facts` of the same tokens, for the roles; must outlive it.
  explicit LayerStatistics(const TokenFacts& facts);

  /// The lanes after those added before.
  void add(const LayerFactors& part, const Feedback& feedback);

  /// Of all lanes. LaneStatistics::layer is left 0.
  std::vector<LaneStatistics> take();

 private:
  void findDead();

  const TokenFacts& m_facts;
  int64_t m_tokens = 0;
  std::vector<LaneStatistics> m_lanes;  // outputShare is Σ y² until the end
  std::vector<float> m_rowMass;         // [lanes, rows]
};

/// Of a layer whose lanes are all there.
std::vector<LaneStatistics> layerStatistics(const LayerFactors& layer, const TokenFacts& facts,
                                            const Feedback& feedback);

/// The rows that are looked at: all for L ≤ 2,048, else every ⌈L/2048⌉-th and the last.
std::vector<int64_t> statisticsRows(int64_t tokens);

/// How fast each token makes a lane forget: −log a, mean over the states, forward: [L] values ≥ 0. RWKV-7: of
/// diag w; softmax attention has none: empty. Half of what was written before is left after tokens whose
/// values sum to ln 2.
std::vector<double> decayCurve(const LayerFactors& layer, int64_t lane);

}  // namespace uc
