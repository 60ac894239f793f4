// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT
//
// The baselines compute what they stand for, and the table is put together rightly. Nothing is timed here.

#include "core/bench/bench.h"

#include "core/attention/operators.h"
#include "core/bench/chunked_torch.h"
#include "core/bench/peak_memory.h"
#include "core/bench/published.h"
#include "core/bench/random_layers.h"
#include "core/bench/random_model.h"
#include "core/bench/rates.h"
#include "core/bench/slow_mamba.h"
#include "core/bench/supplies.h"
#include "core/bench/works.h"
#include "core/engine/engine.h"
#include "tests/support/closed_form.h"

#include <ATen/ATen.h>

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <set>
#include <vector>

namespace uc::bench {
namespace {

using test::closedForm;

const Feedback kQuiet;
const MapTerms kScan{Factor::Scan};

at::Tensor tensorOf(const Matrix64& values) {
  return at::tensor(at::ArrayRef<double>(values.values)).view({values.rows, values.cols});
}

/// Within `tolerance` of the largest expected entry.
void expectClose(const at::Tensor& found, const at::Tensor& expected, double tolerance) {
  ASSERT_EQ(found.sizes(), expected.sizes());
  const double gap = (found.to(at::kDouble) - expected).abs().max().item<double>();
  EXPECT_LE(gap, tolerance * expected.abs().max().item<double>());
}

TEST(BenchBaselines, ThePublishedLoopIsTheClosedForm) {
  const LayerFactors layer = mambaLayer(37, 3, true);
  std::vector<float> map(37 * 37, 0.0F);
  publishedMap(layer, 1, map.data(), kQuiet);
  expectClose(at::from_blob(map.data(), {37, 37}), tensorOf(closedForm(layer, kScan, 1)), 1e-6);
}

TEST(BenchBaselines, ThePublishedVectorCodeIsTheLastRowAtTheKeysAskedFor) {
  const LayerFactors layer = mambaLayer(64, 3, true);
  const at::Tensor decays = publishedDecays(layer);
  std::vector<at::Tensor> rows;
  for (int64_t lane = 0; lane < 3; ++lane) rows.push_back(tensorOf(closedForm(layer, kScan, lane))[63]);
  const at::Tensor expected = at::stack(rows);
  expectClose(publishedLastRow(layer, decays, 64, kQuiet), expected, 1e-6);
  expectClose(publishedLastRow(layer, decays, 8, kQuiet), expected.slice(1, 4, 64, 8), 1e-6);
}

TEST(BenchBaselines, ChunkedLibTorchIsTheMeanOverTheLanesAskedFor) {
  const LayerFactors layer = mambaLayer(130, 5, true);
  for (const bool isAbsolute : {false, true}) {
    at::Tensor sum = at::zeros({130, 130}, at::kDouble);
    for (int64_t lane = 0; lane < 4; ++lane) {
      const at::Tensor map = tensorOf(closedForm(layer, kScan, lane));
      sum += isAbsolute ? map.abs() : map;
    }
    expectClose(chunkedMean(layer, 4, isAbsolute, kQuiet), sum / 4, 1e-5);
  }
}

TEST(BenchBaselines, TheSlowForwardPassHasTheEnginesLogits) {
  const RandomModel model({2, 16, 32, 16, 4, 4, 50}, kQuiet);
  const std::vector<int64_t> ids = {1, 7, 49, 0, 7, 7, 12, 3, 30};
  const SlowMamba slow(Checkpoint::open(model.folder()), 2);
  const at::Tensor logits = slow.logits(slow.blocks(slow.embed(ids), kQuiet));
  const auto engine = Engine::open(model.folder().string(), {}, kQuiet);
  EXPECT_TRUE(engine->info().notices.empty());
  const auto expected =
      std::get<Matrix>(engine->logits(engine->run({.text = {}, .ids = ids}, kQuiet), kQuiet));
  const at::Tensor wide = at::tensor(at::ArrayRef<float>(expected.values)).view({9, 50}).to(at::kDouble);
  EXPECT_GT(wide.abs().max().item<double>(), 0.01);
  expectClose(logits, wide, 1e-4);
}

TEST(BenchSupplies, ARandomModelGoesWithItsObject) {
  std::filesystem::path folder;
  {
    const RandomModel model({1, 8, 16, 2, 1, 4, 10}, kQuiet);
    folder = model.folder();
    EXPECT_TRUE(std::filesystem::exists(folder / "model.safetensors"));
  }
  EXPECT_FALSE(std::filesystem::exists(folder));
}

TEST(BenchSupplies, RandomLayersHaveFiniteMapsThatAreNotAllZero) {
  const MapTerms all{Factor::Gate, Factor::Scan, Factor::Activation, Factor::Convolution};
  for (const LayerFactors& layer :
       {mambaLayer(40, 4, false), rwkv4Layer(40), rgLruLayer(40), mamba2Layer(40)}) {
    const MapQuery query{{0, layer.lanes, Merge::MeanAbs}, all};
    const Matrix map = tile<float>(layer, query, {0, 40, 0, 40, 1}, kQuiet);
    for (const float value : map.values) ASSERT_TRUE(std::isfinite(value));
    for (int64_t t = 0; t < 40; ++t) EXPECT_GT(map.at(t, t / 2), 0.0F);
  }
}

TEST(BenchSupplies, TheRandomRwkv4LayerIsNormalized) {
  const LayerFactors layer = rwkv4Layer(50);
  const Matrix row = rows<float>(layer, kScan, {5, 6}, 49, kQuiet);
  double sum = 0.0;
  for (const float value : row.values) sum += value;
  EXPECT_NEAR(sum, 1.0, 1e-5);
}

TEST(BenchRows, NamesAreDistinctAndChosenByNameOrBeginning) {
  std::set<std::string> names;
  for (const Row& row : allRows()) EXPECT_TRUE(names.insert(row.name).second) << row.name;
  EXPECT_TRUE(chosenRows("nothing", true).empty());
  ASSERT_EQ(chosenRows("switch-layer", false).size(), 1u);
  EXPECT_EQ(chosenRows("switch-layer", false)[0].name, "switch-layer");
  EXPECT_EQ(chosenRows("switch", false).size(), 3u);
  EXPECT_EQ(chosenRows("", true).size(), allRows().size());
  for (const Row& row : chosenRows("", false)) EXPECT_FALSE(row.isLong);
  EXPECT_TRUE(rowBeginnings().starts_with("mean, unified, torch, ")) << rowBeginnings();
  for (const Row& row : allRows()) EXPECT_NE(rowHelp().find("  " + row.name), std::string::npos);
}

LayerFactors smallLayer() { return mambaLayer(40, 4, true); }

TEST(BenchRows, OperatorsAndTheirBaselinesRunOnAnyLayer) {
  Supplies supplies(false);
  for (const Prepare& prepare : {mergedMap(smallLayer, kScan, Merge::Mean), everyLane(smallLayer),
                                 lastRow(smallLayer), rolloutRow(smallLayer), publishedLoop(smallLayer),
                                 publishedRow(smallLayer), chunkedTorch(smallLayer, true)})
    EXPECT_GT(prepare(supplies, kQuiet)(kQuiet), 0.0);
}

/// A work that says it took these seconds, one call after the other.
Prepare saying(std::vector<double> list) {
  return [list](Supplies&, const Feedback&) -> Timed {
    return [list, next = size_t{0}](const Feedback&) mutable { return list[next++ % list.size()]; };
  };
}

TEST(BenchMeasure, TheFastestRepetitionCountsBesideThatOfTheBaseline) {
  const Row row{.name = "a",
                .title = "A",
                .ours = saying({3.0, 2.0, 4.0}),
                .baseline = "other",
                .baselinePart = "a tenth",
                .baselineWork = saying({50.0, 60.0, 40.0})};
  const Report report = measure({row}, false, kQuiet);
  ASSERT_EQ(report.results.size(), 1u);
  const Result& result = report.results[0];
  EXPECT_EQ(result.name, "a");
  EXPECT_NEAR(result.seconds, 2.0, 1e-9);
  EXPECT_NEAR(result.baselineSeconds.value_or(0.0), 40.0, 1e-9);
  EXPECT_NEAR(result.ratio.value_or(0.0), 20.0, 1e-9);
  EXPECT_EQ(result.baseline, "other (a tenth, scaled)");
  EXPECT_FALSE(result.limitShare.has_value());
  EXPECT_EQ(measure({row}, true, kQuiet).results[0].baseline, "other");
}

TEST(BenchMeasure, TheWorstCountsWhereARowSaysSo) {
  const Row row{.name = "a", .ours = saying({3.0, 2.0, 4.0}), .isOnce = true, .isWorst = true};
  const Result result = measure({row}, false, kQuiet).results[0];
  EXPECT_NEAR(result.seconds, 4.0, 1e-9);
  EXPECT_FALSE(result.baselineSeconds.has_value());
}

TEST(BenchMeasure, TheShareOfALimitIsItsTimeInOurs) {
  const Row row{.name = "a", .limit = Limit::Exponentials, .amount = 1e9, .ours = saying({10.0})};
  const Report report = measure({row}, false, kQuiet);
  ASSERT_GT(report.exponentialsGPerSecond, 0.0);
  EXPECT_EQ(report.matrixGflops, 0.0);
  EXPECT_NEAR(report.results[0].limitShare.value_or(0.0), 0.1 / report.exponentialsGPerSecond, 1e-9);
}

TEST(BenchMeasure, CancellingAndFailingLeaveFromWithinAWork) {
  std::stop_source stop;
  int calls = 0;
  const Row row{.name = "a", .ours = [&](Supplies&, const Feedback&) -> Timed {
                  return [&](const Feedback& feedback) {
                    ++calls;
                    stop.request_stop();
                    feedback.checkpoint();
                    return 1.0;
                  };
                }};
  EXPECT_THROW(measure({row, row}, false, Feedback(stop.get_token())), Cancelled);
  EXPECT_EQ(calls, 1);
  const Row failing{.name = "b", .ours = [](Supplies&, const Feedback&) -> Timed {
                      return [](const Feedback&) -> double { fail("No.", "", "Nothing."); };
                    }};
  EXPECT_THROW(measure({failing}, false, kQuiet), Failure);
}

TEST(BenchMeasure, PeakMemoryIsWhatGrewAndWasFreedAgain) {
  constexpr size_t kBytes = size_t{64} << 20;
  const PeakMemory memory;
  { const std::vector<char> touched(kBytes, 1); }
  EXPECT_GE(memory.growthMb(), 60.0);
  EXPECT_LE(memory.growthMb(), 90.0);
}

TEST(BenchRates, TheExponentialIsThatOfTheKernelsAtAnyCount) {
  const std::vector<float> in = {0.0F, -0.5F, -1.0F, -3.0F, -20.0F, -80.0F, -100.0F};
  std::vector<float> out(in.size() + 1, 7.0F);
  decayExponentials(in.data(), static_cast<int64_t>(in.size()), out.data());
  for (size_t i = 0; i + 1 < in.size(); ++i) EXPECT_NEAR(out[i] / std::exp(in[i]), 1.0F, 3e-7F) << in[i];
  EXPECT_EQ(out[in.size() - 1], 0.0F);
  EXPECT_EQ(out.back(), 7.0F);
}

}  // namespace
}  // namespace uc::bench
