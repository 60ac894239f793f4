// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/bench/bench.h"
#include "core/bench/random_layers.h"
#include "core/bench/works.h"

namespace uc::bench {
namespace {

constexpr double kL = 1024, kD = 1536, kN = 16, kLayers = 24;
constexpr double kShortL = 256, kLongL = 65536, kHeight = 1080, kWidth = 1920;
// Mamba-130m without embedding and head: E 768, R 48.
constexpr double kBlockWeights = 768 * 2 * kD + kD * (48 + 2 * kN) + 48 * kD + kD * 768;

const MapTerms kScan{Factor::Scan};
const MapTerms kUnified{Factor::Gate, Factor::Scan, Factor::Activation, Factor::Convolution};

LayerFactors mamba() { return mambaLayer(1024, 1536, false); }
LayerFactors shortMamba() { return mambaLayer(256, 1536, true); }
LayerFactors rwkv4() { return rwkv4Layer(1024); }
LayerFactors rgLru() { return rgLruLayer(1024); }
LayerFactors mamba2() { return mamba2Layer(1024); }

constexpr auto kSgemm = Limit::MatrixProduct;
constexpr auto kExp = Limit::Exponentials;

constexpr const char* kLoop = "the published loop in C++, one thread";
constexpr const char* kLoopPart = "64 of 1,536 lanes";
constexpr const char* kTorch = "chunked LibTorch";
constexpr const char* kWhole = "";

/// Maps of whole layers. Their FLOPs: two for each entry of the lower triangle, lane and state.
std::vector<Row> mapRows() {
  const double flops = kL * kL * kD * kN, shortFlops = kShortL * kShortL * kD * kN;
  return {
      {"mean-abs-1024", "mean |α|, 1,536 lanes", kSgemm, flops, mergedMap(mamba, kScan, Merge::MeanAbs)},
      {"mean-1024", "mean α, 1,536 lanes", kSgemm, flops, mergedMap(mamba, kScan, Merge::Mean)},
      {"unified-mean-abs-1024", "mean |H|, 1,536 lanes", kSgemm, flops,
       mergedMap(mamba, kUnified, Merge::MeanAbs)},
      {"unified-mean-1024", "mean H, 1,536 lanes", kSgemm, flops, mergedMap(mamba, kUnified, Merge::Mean)},
      {"torch-mean-abs-1024", "mean |α|, 1,536 lanes", kSgemm, flops, mergedMap(mamba, kScan, Merge::MeanAbs),
       kTorch, kWhole, chunkedTorch(mamba, true)},
      {"torch-mean-1024", "mean α, 1,536 lanes", kSgemm, flops, mergedMap(mamba, kScan, Merge::Mean), kTorch,
       kWhole, chunkedTorch(mamba, false)},
      {"loop-256-all", "α of each of 1,536 lanes", Limit::MemoryStream, kShortL * kShortL * kD * 4,
       everyLane(shortMamba), kLoop, kLoopPart, publishedLoop(shortMamba)},
      {"loop-256-mean", "mean α, 1,536 lanes", kSgemm, shortFlops, mergedMap(shortMamba, kScan, Merge::Mean),
       kLoop, kLoopPart, publishedLoop(shortMamba)},
      {"rwkv4-mean-1024", "mean H, RWKV-4, 768 lanes", kSgemm, kL * kL * 768,
       mergedMap(rwkv4, kUnified, Merge::Mean)},
      {"rglru-mean-1024", "mean H, RG-LRU, 2,560 lanes", kSgemm, kL * kL * 2560,
       mergedMap(rgLru, kUnified, Merge::Mean)},
      {"mamba2-mean-1024", "mean H, Mamba-2, 24 heads of 64 lanes", kSgemm, kL * kL * (128 + 24),
       mergedMap(mamba2, kUnified, Merge::Mean)},
  };
}

/// Parts of maps, and what never makes one.
std::vector<Row> partRows() {
  const double entries = kHeight * kWidth;
  return {
      {"row-1024", "last row of α, each of 1,536 lanes", kExp, kL * kD * kN, lastRow(mamba),
       "the published vector code by LibTorch", "64 of 1,024 keys", publishedRow(mamba)},
      {"viewport-65536", "1,080 × 1,920 entries of one lane of 65,536 tokens", kSgemm, 2 * entries * kN,
       viewport(60000, 30000)},
      {"viewport-65536-diagonal", "the same across the diagonal", kSgemm, entries * kN,
       viewport(40000, 39600)},
      {"overview-65536", "mean α of 1,536 lanes of 65,536 tokens on 1,024 × 1,024", kExp, kLongL * kD * kN,
       overview()},
      {"rollout-row-24", "a rollout's last row through 24 layers of 1,536 lanes", kExp,
       kLayers * kL * kD * kN, rolloutRow(mamba)},
      {"statistics", "fingerprints of 1,536 lanes, 1,024 tokens", kSgemm, kL * kL * kD * kN,
       laneStatistics(mamba)},
  };
}

/// The engine as window and command line call it.
std::vector<Row> engineRows() {
  return {
      {"forward-130m-1024", "forward pass and prediction, Mamba-130m's shape", kSgemm,
       2 * kL * kLayers * kBlockWeights, forwardPass(), "transformers' slow path by LibTorch",
       "4 of 24 layers", slowForward()},
      {.name = "open-130m", .title = "open a model of that shape", .ours = openModel()},
      {.name = "switch-lane", .title = "the map of another lane, 1,024 tokens", .ours = switchLane()},
      {.name = "switch-layer-coarse",
       .title = "another layer's mean |H| on 64 × 64",
       .ours = switchLayer(0, 16),
       .isOnce = true},
      {.name = "switch-layer",
       .title = "another layer's mean |H|",
       .ours = switchLayer(16, 1),
       .isOnce = true},
      {.name = "entry", .title = "one entry of one lane", .ours = oneEntry()},
      {.name = "cancel",
       .title = "until stale work has stopped, the worst of 36",
       .ours = stopping(),
       .isOnce = true,
       .isWorst = true},
      {.name = "start",
       .title = "the command line's start to its end",
       .ours = programStart(),
       .isOnce = true},
  };
}

}  // namespace

const std::vector<Row>& allRows() {
  static const std::vector<Row> all = [] {
    std::vector<Row> list = mapRows();
    for (std::vector<Row>& more : std::vector{partRows(), engineRows()})
      list.insert(list.end(), more.begin(), more.end());
    return list;
  }();
  return all;
}

}  // namespace uc::bench
