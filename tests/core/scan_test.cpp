// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT
//
// Merged rows, products of some lanes, rollout rows, and long scans whose decays are close to 1.

#include "core/attention/operators.h"
#include "core/attention/parallel.h"
#include "tests/support/agreement.h"
#include "tests/support/closed_form.h"
#include "tests/support/layers.h"

#include <ATen/ATen.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace uc {
namespace {

using namespace test;

const Feedback kQuiet;

LayerFactors anyLayer(Recipe recipe, at::ScalarType type, bool isBidirectional) {
  const Shape shape{83, 72, 5, 4, 1, 6};
  const bool hasOwnScans = recipe == Recipe::Step || recipe == Recipe::LogDecay || recipe == Recipe::LogSum;
  const Shape own{83, 72, 5, 4, 1};
  LayerFactors layer = randomLayer(recipe, hasOwnScans ? own : shape, type);
  return isBidirectional ? bidirectional(layer, randomLayer(recipe, hasOwnScans ? own : shape, type, 2))
                         : layer;
}

/// The row of tile, and the mean over lanes of |H x| from single lanes.
template <typename T>
void expectMergedRow(const LayerFactors& layer, const MapQuery& query, int64_t t) {
  const MergedRow row = mergedRow(layer, query, t, kQuiet);
  const Window window{t, t + 1, 0, layer.tokens, 1};
  const MatrixOf<T> expected = tile<T>(layer, query, window, kQuiet);
  std::vector<double> weights(static_cast<size_t>(layer.tokens));
  const MatrixOf<T> lanes = rows<T>(layer, query.terms, query.lanes, t, kQuiet);
  const at::Tensor x = layer.x.to(at::kDouble);
  double scale = 0.0, largestWeight = 0.0;
  for (int64_t s = 0; s < layer.tokens; ++s) {
    double& weight = weights[static_cast<size_t>(s)];
    for (int64_t d = 0; d < lanes.rows; ++d) {
      weight += std::abs(static_cast<double>(lanes.at(d, s)) *
                         x.data_ptr<double>()[s * layer.lanes + query.lanes.first + d]);
    }
    weight /= static_cast<double>(lanes.rows);
    scale = std::max(scale, std::abs(static_cast<double>(expected.at(0, s))));
    largestWeight = std::max(largestWeight, weight);
  }
  for (int64_t s = 0; s < layer.tokens; ++s) {
    const auto i = static_cast<size_t>(s);
    ASSERT_NEAR(row.values[i], static_cast<double>(expected.at(0, s)), 2 * kTolerance<T> * scale) << s;
    ASSERT_NEAR(row.weights[i], weights[i], 2 * kTolerance<T> * largestWeight) << s;
  }
}

TEST(MergedRow, IsThatOfTheTileUnderEveryMerge) {
  for (const Recipe recipe : everyRecipe()) {
    for (const bool isBidirectional : {false, true}) {
      SCOPED_TRACE(::testing::Message() << recipe << (isBidirectional ? ", two directions" : ""));
      const LayerFactors narrow = anyLayer(recipe, at::kFloat, isBidirectional);
      const LayerFactors wide = anyLayer(recipe, at::kDouble, isBidirectional);
      for (const Merge merge : allMerges()) {
        SCOPED_TRACE(name(merge));
        expectMergedRow<float>(narrow, {{3, 71, merge}, kUnified}, 70);
        expectMergedRow<double>(wide, {{3, 71, merge}, kUnified}, 70);
      }
      expectMergedRow<double>(wide, {{5, 6}, kExact}, 0);
      if (HasFatalFailure()) return;
    }
  }
}

TEST(MergedRow, DoesNotDependOnTheNumberOfThreads) {
  const LayerFactors layer = randomLayer({90, 300, 4, 4, 1});
  MergedRow first;
  for (const int threads : {1, 2, 5}) {
    setThreadCount(threads);
    const MergedRow row = mergedRow(layer, {{0, 300, Merge::MeanAbs}, kUnified}, 89, kQuiet);
    if (threads == 1) first = row;
    EXPECT_EQ(row.values, first.values);
    EXPECT_EQ(row.weights, first.weights);
  }
  setThreadCount(0);
}

TEST(ApplyLanes, GivesTheColumnsOfApply) {
  for (const Recipe recipe : everyRecipe()) {
    SCOPED_TRACE(::testing::Message() << recipe);
    const LayerFactors layer = anyLayer(recipe, at::kDouble, recipe == Recipe::Step);
    const at::Tensor all = apply(layer, kExact, layer.x, true, kQuiet);
    for (const LaneSpan& lanes : {LaneSpan{0, 1}, LaneSpan{13, 30}, LaneSpan{71, 72}}) {
      const at::Tensor some = applyLanes(layer, kExact, lanes, layer.x, true, kQuiet);
      EXPECT_TRUE(at::allclose(some, all.slice(1, lanes.first, lanes.last), 1e-13, 1e-13));
    }
  }
}

TEST(ApplyTransposedMean, IsTheVectorTimesTheMeanMap) {
  for (const Recipe recipe : everyRecipe()) {
    SCOPED_TRACE(::testing::Message() << recipe);
    const LayerFactors layer = anyLayer(recipe, at::kDouble, recipe == Recipe::Step);
    const MatrixOf<double> mean =
        tile<double>(layer, {{0, layer.lanes, Merge::Mean}, kUnified}, whole(layer.tokens), kQuiet);
    std::vector<double> v;
    for (int64_t t = 0; t < layer.tokens; ++t) v.push_back(std::sin(static_cast<double>(t)));
    const std::vector<double> found = applyTransposedMean(layer, kUnified, v, kQuiet);
    for (int64_t s = 0; s < layer.tokens; ++s) {
      double expected = 0.0;
      for (int64_t t = 0; t < layer.tokens; ++t) expected += v[static_cast<size_t>(t)] * mean.at(t, s);
      ASSERT_NEAR(found[static_cast<size_t>(s)], expected, 1e-12 * std::max(1.0, std::abs(expected))) << s;
    }
  }
}

/// A layer of one lane that forgets 1e-8 a step: a float state would not forget at all.
LayerFactors slowLayer(int64_t tokens, at::ScalarType type) {
  LayerFactors layer = randomLayer({4, 1, 1, 0, 1}, type);
  layer.tokens = tokens;
  layer.query = at::ones({tokens, 1, 1}, layer.x.options());
  layer.key = at::ones({tokens, 1, 1}, layer.x.options());
  layer.step = at::full({tokens, 1}, 1e-5, layer.x.options());
  layer.rate = at::full({1, 1}, -1e-3, layer.x.options());
  layer.isStepInKey = false;
  layer.rowScale = layer.columnScale = layer.skip = at::Tensor();
  layer.x = layer.y = at::ones({tokens, 1}, layer.x.options());
  return layer;
}

template <typename T>
void expectSlowDecay(double tolerance) {
  constexpr int64_t kTokens = 65536;
  const LayerFactors layer = slowLayer(kTokens, kType<T>);
  const double rate =
      layer.step.select(0, 0).template item<double>() * layer.rate[0][0].template item<double>();
  const MatrixOf<T> row = rows<T>(layer, kScanOnly, {0, 1}, kTokens - 1, kQuiet);
  const MatrixOf<T> column = columns<T>(layer, kScanOnly, {0, 1}, 0, kQuiet);
  const at::Tensor y = apply(layer, kScanOnly, layer.x, false, kQuiet).to(at::kDouble);
  for (const int64_t age : {1, 1000, 40000, 65535}) {
    const double expected = std::exp(rate * static_cast<double>(age));
    EXPECT_NEAR(static_cast<double>(row.at(0, kTokens - 1 - age)), expected, tolerance) << age;
    EXPECT_NEAR(static_cast<double>(column.at(0, age)), expected, tolerance) << age;
    const double sum = std::expm1(rate * static_cast<double>(age + 1)) / std::expm1(rate);
    EXPECT_NEAR(y[age][0].template item<double>() / sum, 1.0, tolerance) << age;
  }
}

TEST(LongScans, DecaysCloseToOneKeepTheirDigitsInFloat) { expectSlowDecay<float>(1e-7); }

TEST(LongScans, DecaysCloseToOneKeepTheirDigitsInDouble) { expectSlowDecay<double>(1e-12); }

TEST(LongScans, DeadStatesAreZeroAndLiveOnesAreNot) {
  LayerFactors layer = randomLayer({3000, 2, 3, 0, 1}, at::kFloat);
  layer.rate[0] = at::tensor({-5.0, -5.0, -5.0});
  layer.rate[1] = at::tensor({-5.0, -1e-4, -5.0});
  const Matrix row = rows<float>(layer, kScanOnly, {0, 2}, 2999, kQuiet);
  EXPECT_EQ(row.at(0, 0), 0.0F);
  EXPECT_NEAR(static_cast<double>(row.at(1, 0)), closedFormAlpha(layer, 1, 2999, 0),
              1e-6 * std::abs(closedFormAlpha(layer, 1, 2999, 2999)));
  EXPECT_NE(row.at(1, 0), 0.0F);
}

}  // namespace
}  // namespace uc
