// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/statistics.h"

#include "core/engine/opened.h"

#include <fmt/format.h>

namespace uc {
namespace {

// A picture's tokens are places, which neither repeat nor part anything.
TokenFacts factsOf(const OpenedModel& opened, const Tokens& tokens) {
  if (opened.info.vision) return {};
  std::vector<uint8_t> isDelimiter;
  for (const Token& token : tokens.list) {
    isDelimiter.push_back(token.text && isDelimiterText(*token.text) ? 1 : 0);
  }
  return tokenFacts(tokens.ids(), std::move(isDelimiter));
}

}  // namespace

std::vector<LaneStatistics> measureLanes(const OpenedModel& opened, const TracedRun& run, int64_t layer,
                                         const Feedback& feedback) {
  checkLayerNumber(opened.info, layer);
  feedback.report(0.0, fmt::format("Preparing layer {}", layer));
  const TokenFacts facts = factsOf(opened, run.tokens());
  std::vector<LaneStatistics> lanes;
  double energy = 0.0;
  run.forSlabs(opened, layer, {0, opened.info.lanesOf(layer)}, feedback,
               [&](const LaneSlab& slab, const FactorNeeds&, const Feedback& partly) {
                 const double own = outputEnergy(*slab.factors);
                 const auto first = static_cast<int64_t>(lanes.size());
                 for (LaneStatistics& lane : layerStatistics(*slab.factors, facts, partly)) {
                   lane.layer = layer;
                   lane.lane += first;
                   lane.outputShare *= own;
                   lanes.push_back(std::move(lane));
                 }
                 energy += own;
               });
  for (LaneStatistics& lane : lanes) lane.outputShare = energy == 0.0 ? 0.0 : lane.outputShare / energy;
  return lanes;
}

}  // namespace uc
