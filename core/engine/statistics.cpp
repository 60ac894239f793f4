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
  LayerStatistics statistics(facts);
  run.forSlabs(opened, layer, {0, opened.info.lanesOf(layer)}, feedback,
               [&](const LaneSlab& slab, const FactorNeeds&, const Feedback& partly) {
                 statistics.add(*slab.factors, partly);
               });
  std::vector<LaneStatistics> lanes = statistics.take();
  for (LaneStatistics& lane : lanes) lane.layer = layer;
  return lanes;
}

}  // namespace uc
