// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/engine/map_time.h"

#include "core/attention/parallel.h"
#include "core/attention/pooled.h"
#include "core/attention/pooled_sample.h"
#include "core/engine/slabs.h"

#include <memory>
#include <string>

namespace uc {

namespace {

// Multiply-adds a second of one thread: about a third of what a desktop processor of 2020 can do in float,
// and all of it in matrix products.
constexpr double kRate = 15e9;
constexpr double kProductRate = 3 * kRate;

double secondsOf(double multiplyAdds) { return multiplyAdds / (kRate * threadCount()); }

ScanKind kindOf(const std::string& kind) {
  if (kind == "attention") return ScanKind::Softmax;
  if (kind == "rwkv4") return ScanKind::LogSum;
  return kind == "rwkv7" ? ScanKind::DeltaRule : ScanKind::Decay;
}

// The sizes of a layer's factors, and no numbers.
LayerFactors sizesOf(const ModelInfo& info, int64_t layer, int64_t tokens) {
  LayerFactors sizes;
  sizes.kind = kindOf(info.kinds[static_cast<size_t>(layer)]);
  sizes.tokens = tokens;
  sizes.lanes = info.lanesOf(layer);
  sizes.scans = info.headsOf(layer).value_or(sizes.lanes);
  sizes.state = info.state;
  if (info.isBidirectional) sizes.backward = std::make_shared<LayerFactors>(sizes);
  return sizes;
}

// What single_signed.h reads off the numbers, by the kind of layer.
bool isSignedMean(const ModelInfo& info, int64_t layer, const MapQuery& query) {
  const bool isOfOneSign = query.lanes.merge == Merge::MeanAbs || query.lanes.merge == Merge::PositiveMean;
  if (!isOfOneSign || query.timesInput || info.isBidirectional) return false;
  const std::string& kind = info.kinds[static_cast<size_t>(layer)];
  if (kind == "rg-lru") return !query.terms.factors.has(Factor::Convolution);
  return kind == "rwkv4" || kind == "attention";
}

}  // namespace

int64_t keptOf(const LayerFactors& layer, const MapQuery& query, const Window& window, double patience) {
  const double seconds = secondsOf(cutCost(layer, query, window));
  if (seconds <= patience || window.pool == 1 || poolsExactly(layer, query, window)) return window.pool;
  const Window cell{layer.tokens - 1, layer.tokens, 0, 1, 1};
  return keptTokens(layer, window, patience / secondsOf(cutCost(layer, query, cell)));
}

MapResult timeOf(const OpenedModel& opened, const TracedRun& run, const MapRequest& request,
                 const MapQuery& query, const Window& window) {
  const int64_t layer = request.id.layer;
  const LayerFactors sizes = sizesOf(opened.info, layer, run.tokens().size());
  MapQuery asked = query;
  if (isSignedMean(opened.info, layer, query)) asked.lanes.merge = Merge::Mean;
  MapResult result;
  result.seconds = secondsOf(cutCost(sizes, asked, window));
  result.preparing =
      run.costOf(opened, layer, needsOf(opened.info, layer, query, window)) / (kProductRate * threadCount());
  const bool maySample = request.maySample && !opened.gpu && !isCutInBands(opened, run, layer, query, window);
  const int64_t kept = maySample ? keptOf(sizes, asked, window, request.patience) : window.pool;
  result.stride = pooledSize(window.pool, kept);
  return result;
}

}  // namespace uc
