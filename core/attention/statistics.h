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
/// a lane, and for L > 2,048 O(2,048 · L N). `facts` of the same tokens, for the roles. LaneStatistics::layer
/// is left 0.
std::vector<LaneStatistics> layerStatistics(const LayerFactors& layer, const TokenFacts& facts,
                                            const Feedback& feedback);

/// Σ y² over all tokens and lanes: what the lanes' output shares are shares of.
double outputEnergy(const LayerFactors& layer);

/// The rows that are looked at: all for L ≤ 2,048, else every ⌈L/2048⌉-th and the last.
std::vector<int64_t> statisticsRows(int64_t tokens);

/// How fast each token makes a lane forget: −log a, mean over the states, forward: [L] values ≥ 0. RWKV-7: of
/// diag w; softmax attention has none: empty. Half of what was written before is left after tokens whose
/// values sum to ln 2.
std::vector<double> decayCurve(const LayerFactors& layer, int64_t lane);

}  // namespace uc
