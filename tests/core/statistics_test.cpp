// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/statistics.h"

#include "core/attention/factor_parts.h"
#include "tests/support/agreement.h"
#include "tests/support/closed_form.h"
#include "tests/support/layers.h"

#include <ATen/ATen.h>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace uc {
namespace {

using namespace test;

const Feedback kQuiet;

/// conventions.md 15 written down, from the whole map of one lane.
LaneStatistics plain(const Matrix64& map, const std::vector<int64_t>& rows) {
  double mass = 0.0, distance = 0.0, diagonal = 0.0, first = 0.0, sign = 0.0, entropy = 0.0;
  int64_t massive = 0;
  for (const int64_t t : rows) {
    double sum = 0.0, bits = 0.0;
    for (int64_t s = 0; s < map.cols; ++s) sum += std::abs(map.at(t, s));
    for (int64_t s = 0; s < map.cols; ++s) {
      const double w = std::abs(map.at(t, s));
      mass += w;
      distance += w * std::abs(static_cast<double>(t - s));
      sign += map.at(t, s);
      diagonal += s == t ? w : 0.0;
      first += s == 0 ? w : 0.0;
      if (w / sum > 0.0) bits -= w / sum * std::log2(w / sum);
    }
    if (sum > 0.0) {
      entropy += bits;
      ++massive;
    }
  }
  const auto over = [](double a, double b) { return b == 0.0 ? 0.0 : a / b; };
  LaneStatistics lane;
  lane.meanDistance = over(distance, mass);
  lane.entropy = over(entropy, static_cast<double>(massive));
  lane.diagonalShare = over(diagonal, mass);
  lane.firstTokenShare = over(first, mass);
  lane.signBalance = over(sign, mass);
  lane.rows = static_cast<int64_t>(rows.size());
  return lane;
}

void expectLike(const LaneStatistics& found, const LaneStatistics& expected, double tolerance) {
  EXPECT_NEAR(found.meanDistance, expected.meanDistance, tolerance * (1.0 + expected.meanDistance));
  EXPECT_NEAR(found.entropy, expected.entropy, tolerance * (1.0 + expected.entropy));
  EXPECT_NEAR(found.diagonalShare, expected.diagonalShare, tolerance);
  EXPECT_NEAR(found.firstTokenShare, expected.firstTokenShare, tolerance);
  EXPECT_NEAR(found.signBalance, expected.signBalance, tolerance);
  EXPECT_EQ(found.rows, expected.rows);
}

TEST(Statistics, AreThoseOfTheUnifiedMapForEveryKind) {
  for (const Recipe recipe : everyRecipe()) {
    for (const int64_t tokens : {1, 2, 63, 64, 65, 130}) {
      for (const bool isBidirectional : {false, true}) {
        SCOPED_TRACE(::testing::Message() << recipe << ", L " << tokens << (isBidirectional ? ", both" : ""));
        const Shape shape{tokens, 6, 5, 4, 1, 3};
        LayerFactors layer = randomLayer(recipe, shape, at::kDouble);
        if (isBidirectional) layer = bidirectional(layer, randomLayer(recipe, shape, at::kDouble, 2));
        const std::vector<LaneStatistics> narrow = layerStatistics(widened(layer, at::kFloat), {}, kQuiet);
        const std::vector<LaneStatistics> wide = layerStatistics(layer, {}, kQuiet);
        const bool isSoftmax = recipe == Recipe::Softmax;
        ASSERT_EQ(wide.size(), isSoftmax ? 3U : 6U);
        for (const size_t lane : {size_t{0}, wide.size() - 1}) {
          const auto channel = static_cast<int64_t>(isSoftmax ? 2 * lane : lane);
          const LaneStatistics expected = plain(closedForm(layer, kUnified, channel), statisticsRows(tokens));
          EXPECT_EQ(wide[lane].lane, static_cast<int64_t>(lane));
          expectLike(wide[lane], expected, 1e-10);
          expectLike(narrow[lane], expected, 1e-5);
        }
        if (HasFailure()) return;
      }
    }
  }
}

TEST(Statistics, OutputSharesAreThoseOfTheSquaresAndSumToOne) {
  const LayerFactors layer = randomLayer({40, 6, 5, 4, 1, 3}, at::kDouble);
  double sum = 0.0;
  for (const LaneStatistics& lane : layerStatistics(layer, {}, kQuiet)) {
    sum += lane.outputShare;
    const double square = layer.y.select(1, lane.lane).square().sum().item<double>();
    EXPECT_NEAR(lane.outputShare, square / layer.y.square().sum().item<double>(), 1e-13);
  }
  EXPECT_NEAR(sum, 1.0, 1e-12);
}

TEST(Statistics, HalfLifeIsThatOfTheMeanLogDecay) {
  for (const Recipe recipe : everyRecipe()) {
    SCOPED_TRACE(::testing::Message() << recipe);
    const LayerFactors layer = randomLayer(recipe, {40, 6, 5, 4, 1, 3}, at::kDouble);
    const std::vector<LaneStatistics> lanes = layerStatistics(layer, {}, kQuiet);
    const std::vector<double> curve = decayCurve(layer, 5);
    if (recipe == Recipe::Softmax) {
      EXPECT_TRUE(curve.empty());
      EXPECT_EQ(lanes.back().halfLife, 0.0);
      continue;
    }
    ASSERT_EQ(curve.size(), 40U);
    double mean = 0.0;
    for (const double value : curve) mean += value / 40.0;
    EXPECT_NEAR(lanes[5].halfLife, std::log(2.0) / mean, 1e-12 * lanes[5].halfLife);
  }
}

TEST(Statistics, TheDecayCurveIsTheMeanOverTheStateOfEachToken) {
  const LayerFactors layer = randomLayer({40, 6, 5, 4, 1, 3}, at::kDouble);
  const std::vector<double> curve = decayCurve(layer, 3);
  for (int64_t t = 0; t < 40; ++t) {
    double mean = 0.0;
    for (int64_t n = 0; n < 5; ++n) {
      mean -= layer.step[t][1].item<double>() * layer.rate[1][n].item<double>() / 5.0;
    }
    EXPECT_NEAR(curve[static_cast<size_t>(t)], mean, 1e-14);
  }
}

TEST(Statistics, AScanThatForgetsNothingHasAnInfiniteHalfLife) {
  LayerFactors layer = randomLayer(Recipe::LogDecay, {20, 2, 3, 4, 1}, at::kFloat);
  layer.logDecay.zero_();
  EXPECT_EQ(layerStatistics(layer, {}, kQuiet)[1].halfLife, std::numeric_limits<double>::infinity());
}

TEST(Statistics, OfLongInputsComeFromEveryFewRowsAndTheLast) {
  EXPECT_EQ(statisticsRows(2048).size(), 2048U);
  EXPECT_EQ(statisticsRows(2048).back(), 2047);
  EXPECT_EQ(statisticsRows(2049).size(), 1025U);  // 0, 2 … 2048
  EXPECT_EQ(statisticsRows(4098).size(), 1367U);  // 0, 3 … 4095, and 4097
  EXPECT_EQ(statisticsRows(4098).back(), 4097);
  const LayerFactors layer = randomLayer({2049, 1, 2, 2, 1}, at::kFloat);
  const LaneStatistics found = layerStatistics(layer, {}, kQuiet).front();
  EXPECT_EQ(found.rows, 1025);
  expectLike(found, plain(closedForm(layer, kUnified, 0), statisticsRows(2049)), 1e-5);
}

// More than one panel of columns.
TEST(Statistics, OfLongInputsAreThoseOfEveryKind) {
  constexpr int64_t kLong = 2100;
  std::vector<int64_t> ids;
  for (int64_t t = 0; t < kLong; ++t) ids.push_back(t % 700);
  const TokenFacts facts = tokenFacts(ids, {});
  for (const Recipe recipe : {Recipe::Softmax, Recipe::Step}) {
    for (const bool isBidirectional : {false, true}) {
      SCOPED_TRACE(::testing::Message() << recipe << (isBidirectional ? ", both" : ""));
      const Shape shape{kLong, 1, 2, 4, 1};
      LayerFactors layer = randomLayer(recipe, shape, at::kDouble);
      if (isBidirectional) layer = bidirectional(layer, randomLayer(recipe, shape, at::kDouble, 2));
      const LaneStatistics found = layerStatistics(layer, facts, kQuiet).front();
      const Matrix64 map = closedForm(layer, kUnified, 0);
      const std::vector<int64_t> rows = statisticsRows(kLong);
      expectLike(found, plain(map, rows), 1e-10);
      double mass = 0.0, repeated = 0.0;
      for (const int64_t t : rows) {
        for (int64_t s = 0; s < kLong; ++s) mass += std::abs(map.at(t, s));
        for (const int64_t s : facts.repeats[static_cast<size_t>(t)]) repeated += std::abs(map.at(t, s));
      }
      EXPECT_NEAR(found.inductionShare, repeated / mass, 1e-10);
    }
  }
}

TEST(Statistics, OfPartsOfTheLanesAreThoseOfTheLayer) {
  LayerFactors layer = randomLayer(Recipe::LogDecay, {70, 6, 2, 4, 1}, at::kFloat);
  layer.rowScale.slice(1, 4, 6).mul_(1e-8);  // dead beside the others, not beside one another
  const std::vector<LaneStatistics> whole = layerStatistics(layer, {}, kQuiet);
  const TokenFacts none;
  LayerStatistics parts(none);
  for (const auto& [first, last] : {std::pair<int64_t, int64_t>{0, 1}, {1, 4}, {4, 6}})
    parts.add(partOf(layer, {first, last}), kQuiet);
  const std::vector<LaneStatistics> found = parts.take();
  ASSERT_EQ(found.size(), 6U);
  EXPECT_EQ(roleList(whole[5].roles), "dead");
  for (size_t lane = 0; lane < 6; ++lane) {
    SCOPED_TRACE(lane);
    EXPECT_EQ(found[lane].lane, static_cast<int64_t>(lane));
    EXPECT_EQ(found[lane].deadShare, whole[lane].deadShare);
    EXPECT_EQ(roleList(found[lane].roles), roleList(whole[lane].roles));
    EXPECT_NEAR(found[lane].outputShare, whole[lane].outputShare, 1e-13);
    EXPECT_EQ(found[lane].halfLife, whole[lane].halfLife);
    expectLike(found[lane], whole[lane], 0.0);
  }
}

TEST(Statistics, ALayerOfZerosHasZeros) {
  LayerFactors layer = randomLayer({20, 2, 3, 4, 1}, at::kFloat);
  for (at::Tensor* tensor : {&layer.key, &layer.x, &layer.y}) tensor->zero_();
  const LaneStatistics lane = layerStatistics(layer, {}, kQuiet).front();
  expectLike(lane, plain(Matrix64(20, 20), statisticsRows(20)), 0.0);
  EXPECT_EQ(lane.outputShare, 0.0);
  EXPECT_EQ(lane.deadShare, 1.0);
}

TEST(Statistics, CanBeCancelled) {
  std::stop_source stop;
  stop.request_stop();
  const LayerFactors layer = randomLayer({20, 2, 3, 4, 1}, at::kFloat);
  EXPECT_THROW(layerStatistics(layer, {}, Feedback(stop.get_token())), Cancelled);
}

}  // namespace
}  // namespace uc
