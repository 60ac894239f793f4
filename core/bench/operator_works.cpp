// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/factor_parts.h"
#include "core/attention/parallel.h"
#include "core/attention/pooled.h"
#include "core/attention/statistics.h"
#include "core/bench/random_layers.h"
#include "core/bench/stopwatch.h"
#include "core/bench/works.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

namespace uc::bench {
namespace {

constexpr int64_t kLongTokens = 65536;
const MapTerms kScan{Factor::Scan};

Window whole(const LayerFactors& layer) { return {0, layer.tokens, 0, layer.tokens, 1}; }

/// As the engine has them of a long input: put together chunk by chunk.
LayerFactors inChunks(const LayerFactors& layer) {
  constexpr int64_t kChunk = 2048;
  FactorsOfChunks chunks(layer.tokens);
  for (int64_t t = 0; t < layer.tokens; t += kChunk)
    chunks.add(tokensOf(layer, t, std::min(t + kChunk, layer.tokens)));
  return chunks.take();
}

/// A work that cuts the same part of the same layer again and again.
Timed cutting(LayerFactors made, const MapQuery& query, const Window& window) {
  const auto layer = std::make_shared<const LayerFactors>(std::move(made));
  return [=](const Feedback& feedback) {
    return seconds([&] { cutWindow<float>(*layer, query, window, feedback); });
  };
}

}  // namespace

Prepare mergedMap(MakeLayer make, const MapTerms& terms, Merge merge) {
  return [=](Supplies&, const Feedback&) {
    LayerFactors layer = make();
    const MapQuery query{{0, layer.lanes, merge}, terms};
    const Window window = whole(layer);
    return cutting(std::move(layer), query, window);
  };
}

Prepare everyLane(MakeLayer make) {
  return [=](Supplies&, const Feedback&) -> Timed {
    const auto layer = std::make_shared<const LayerFactors>(make());
    const int64_t entries = layer->tokens * layer->tokens;
    const auto maps = std::make_shared<std::vector<float>>(static_cast<size_t>(layer->lanes * entries), 1.0F);
    return [=](const Feedback& feedback) {
      return seconds([&] {
        parallelFor(
            layer->lanes,
            [&](int64_t lane, int64_t) {
              const Matrix map = tile<float>(*layer, {{lane, lane + 1}, kScan}, whole(*layer), feedback);
              std::copy(map.values.begin(), map.values.end(), maps->begin() + lane * entries);
            },
            {}, feedback);
      });
    };
  };
}

Prepare lastRow(MakeLayer make) {
  return [=](Supplies&, const Feedback&) -> Timed {
    const auto layer = std::make_shared<const LayerFactors>(make());
    return [=](const Feedback& feedback) {
      return seconds([&] { rows<float>(*layer, kScan, {0, layer->lanes}, layer->tokens - 1, feedback); });
    };
  };
}

Prepare viewport(int64_t row, int64_t col) {
  return [=](Supplies&, const Feedback&) {
    constexpr int64_t kHeight = 1080, kWidth = 1920;
    const MapTerms unified{Factor::Gate, Factor::Scan, Factor::Activation, Factor::Convolution};
    return cutting(inChunks(mambaLayer(kLongTokens, 1, false)), {{0, 1}, unified},
                   {row, row + kHeight, col, col + kWidth, 1});
  };
}

Prepare overview() {
  return [=](Supplies&, const Feedback&) {
    constexpr int64_t kLanes = 1536;
    return cutting(inChunks(mambaLayer(kLongTokens, kLanes, true)), {{0, kLanes, Merge::Mean}, kScan},
                   {0, kLongTokens, 0, kLongTokens, kLongTokens / 1024});
  };
}

Prepare rolloutRow(MakeLayer make) {
  return [=](Supplies&, const Feedback&) -> Timed {
    const auto layer = std::make_shared<const LayerFactors>(make());
    return [=](const Feedback& feedback) {
      return seconds([&] {
        constexpr int kLayers = 24;
        std::vector<double> v(static_cast<size_t>(layer->tokens), 0.0);
        v.back() = 1.0;
        for (int i = 0; i < kLayers; ++i) {
          const std::vector<double> through = applyTransposedMean(*layer, kScan, v, feedback);
          for (size_t t = 0; t < v.size(); ++t) v[t] += through[t];
        }
      });
    };
  };
}

Prepare laneStatistics(MakeLayer make) {
  return [=](Supplies&, const Feedback&) -> Timed {
    const auto layer = std::make_shared<const LayerFactors>(make());
    return [=](const Feedback& feedback) { return seconds([&] { layerStatistics(*layer, {}, feedback); }); };
  };
}

}  // namespace uc::bench
