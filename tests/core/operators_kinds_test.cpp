// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT
//
// The operators on every way in which α can come about, with scans that lanes share.

#include "core/attention/operators.h"
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

/// Every length with one state, with few and with many, C = D and C < D, with and without a convolution, and
/// several groupings of queries and keys.
std::vector<Shape> everyShape() {
  std::vector<Shape> shapes;
  for (const int64_t tokens : {1, 7, 64, 65, 130, 300}) {
    shapes.push_back({tokens, 4, 1, 4, 1, 4, 4});
    shapes.push_back({tokens, 6, 5, 0, 1, 3, 3});
    shapes.push_back({tokens, 4, 5, 4, 2, 4, 1});
    if (tokens == 130) shapes.push_back({tokens, 40, 64, 4, 2, 2, 2});
  }
  return shapes;
}

template <typename T>
void expectRecipe(Recipe recipe) {
  for (const Shape& shape : everyShape()) {
    const LayerFactors layer = randomLayer(recipe, shape, kType<T>);
    for (const Factors factors : {kScanOnly, kExact, kUnified.with(Factor::NoStep)}) {
      SCOPED_TRACE(::testing::Message() << recipe << ", " << shape << ", " << factorList(factors));
      expectOperatorsAgree<T>(layer, factors, shape.lanes - 1);
      expectProductsAgree<T>(layer, factors, shape.lanes / 2);
      if (::testing::Test::HasFailure()) return;
    }
  }
}

class EveryRecipe : public ::testing::TestWithParam<Recipe> {};

TEST_P(EveryRecipe, AllOperatorsAreTheClosedFormInFloat) { expectRecipe<float>(GetParam()); }

TEST_P(EveryRecipe, AllOperatorsAreTheClosedFormInDouble) { expectRecipe<double>(GetParam()); }

TEST_P(EveryRecipe, TheExactMapRebuildsTheStepByStepOutput) {
  std::vector<Shape> shapes = {{1, 4, 5, 4, 1}, {130, 6, 5, 4, 1, 3}, {200, 40, 16, 0, 2, 2}};
  if (GetParam() == Recipe::DeltaRule) shapes.push_back({1100, 4, 4, 4, 1, 2});  // rows are sampled
  for (const Shape& shape : shapes) {
    SCOPED_TRACE(::testing::Message() << GetParam() << ", " << shape);
    LayerFactors layer = randomLayer(GetParam(), shape);
    EXPECT_LE(verifyLayer(layer, kQuiet).relative, 1e-5);
    const LayerFactors wide = randomLayer(GetParam(), shape, at::kDouble);
    EXPECT_LE(verifyLayer(wide, kQuiet).relative, 1e-10);
    layer.y[shape.tokens - 1][1] += 100.0;
    EXPECT_NEAR(verifyLayer(layer, kQuiet).error, 100.0, 1e-2);
  }
}

TEST_P(EveryRecipe, SharedScansMergeOverEveryLane) {
  const LayerFactors layer = randomLayer(GetParam(), {90, 80, 5, 4, 2, 2}, at::kDouble);  // 40 lanes a scan
  for (const bool timesInput : {false, true}) {
    const auto x = layer.x.accessor<double, 2>();
    Matrix64 lanes(60, 90 * 90);  // lanes 10 … 69: parts of both scans
    for (int64_t d = 0; d < 60; ++d) {
      const Matrix64 map = closedForm(layer, kUnified, 10 + d);
      for (int64_t i = 0; i < lanes.cols; ++i) {
        lanes.at(d, i) = map.values[static_cast<size_t>(i)] * (timesInput ? x[i % 90][10 + d] : 1.0);
      }
    }
    const double scale = largest(lanes);
    for (const Merge merge : allMerges()) {
      SCOPED_TRACE(::testing::Message() << GetParam() << ", " << name(merge));
      const std::vector<double> expected = mergeLanes(lanes, merge);
      const Matrix64 map = tile<double>(layer, {{10, 70, merge}, kUnified, timesInput}, whole(90), kQuiet);
      for (size_t i = 0; i < expected.size(); ++i) {
        ASSERT_NEAR(map.values[i], expected[i], 1e-12 * scale) << i;
      }
    }
  }
}

TEST_P(EveryRecipe, AWindowIsTheSamePartOfTheWholeMapPooled) {
  const LayerFactors layer = randomLayer(GetParam(), {700, 4, 5, 4, 1, 2}, at::kDouble);
  const MapQuery query{{0, 4, Merge::MeanAbs}, kUnified};
  const Matrix64 map = tile<double>(layer, query, whole(700), kQuiet);
  const double scale = largest(map);
  for (const Window& window : {Window{699, 700, 0, 700, 1},
                               {600, 700, 3, 68, 1},
                               {70, 90, 60, 100, 1},
                               {0, 700, 690, 700, 3},
                               {5, 640, 100, 599, 64}}) {
    const Matrix64 part = tile<double>(layer, query, window, kQuiet);
    for (int64_t i = 0; i < part.rows; ++i) {
      for (int64_t j = 0; j < part.cols; ++j) {
        double sum = 0.0, count = 0.0;
        const int64_t row = window.row0 + i * window.pool, col = window.col0 + j * window.pool;
        for (int64_t t = row; t < std::min(row + window.pool, window.row1); ++t) {
          for (int64_t s = col; s < std::min(col + window.pool, window.col1); ++s, count += 1.0) {
            sum += map.at(t, s);
          }
        }
        ASSERT_NEAR(part.at(i, j), sum / count, 1e-12 * scale) << GetParam() << i << ", " << j;
      }
    }
  }
}

TEST_P(EveryRecipe, TheStrictUpperTriangleIsExactlyZero) {
  const LayerFactors layer = randomLayer(GetParam(), {130, 4, 16, 4, 1, 2});
  const Matrix map = tile<float>(layer, {{0, 4, Merge::MaxAbs}, kExact}, whole(130), kQuiet);
  for (int64_t t = 0; t < 130; ++t) {
    for (int64_t s = t + 1; s < 130; ++s) ASSERT_EQ(map.at(t, s), 0.0F);
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, EveryRecipe, ::testing::ValuesIn(everyRecipe()));

TEST(LogSum, RowsSumToOneAndStayFiniteWithKeysOfAHundred) {
  for (const double size : {1.0, 100.0, 1000.0}) {
    SCOPED_TRACE(size);
    LayerFactors layer = randomLayer(Recipe::LogSum, {300, 4, 1, 0, 1}, at::kDouble);
    layer.logKey = at::sign(layer.logKey) * size;
    layer.diagonal = at::sign(layer.diagonal) * size;
    layer.logNormalizer = logNormalizer(layer);
    const Matrix64 map = laneTile<double>(layer, kScanOnly, 1);
    const Matrix map32 = laneTile<float>(widened(layer, at::kFloat), kScanOnly, 1);
    const at::Tensor sums = apply(layer, kScanOnly, at::ones_like(layer.x), false, kQuiet).select(1, 1);
    for (int64_t t = 0; t < 300; ++t) {
      double sum = 0.0;
      for (int64_t s = 0; s < 300; ++s) {
        sum += map.at(t, s);
        ASSERT_TRUE(std::isfinite(map32.at(t, s)) && map32.at(t, s) >= 0.0F);
      }
      ASSERT_NEAR(sum, 1.0, 1e-11) << t;
      ASSERT_NEAR(sums[t].item<double>(), 1.0, 1e-11) << t;
    }
    expectOperatorsAgree<double>(layer, kScanOnly, 1);
    expectProductsAgree<double>(layer, kScanOnly, 1);
  }
}

TEST(LogSum, EntriesOfKeysOfAHundredAreRightInFloat) {
  LayerFactors layer = randomLayer(Recipe::LogSum, {300, 4, 1, 0, 1}, at::kFloat);
  layer.logKey = layer.logKey * 50.0;
  layer.diagonal = layer.diagonal * 50.0;
  layer.logNormalizer = logNormalizer(layer);
  ASSERT_GT(layer.logKey.abs().max().item<double>(), 100.0);
  expectOperatorsAgree<float>(layer, kScanOnly, 1);
  expectProductsAgree<float>(layer, kScanOnly, 1);
}

TEST(LogSum, AKeyOfMinusInfinityIsNotSeen) {
  LayerFactors layer = randomLayer(Recipe::LogSum, {200, 2, 1, 0, 1}, at::kDouble);
  layer.logKey.slice(0, 64, 128).fill_(-std::numeric_limits<double>::infinity());
  layer.logNormalizer = logNormalizer(layer);
  expectOperatorsAgree<double>(layer, kScanOnly, 1);
  expectProductsAgree<double>(layer, kScanOnly, 1);
}

TEST(Softmax, RowsOfTheWindowSumToOne) {
  LayerFactors layer = randomLayer(Recipe::Softmax, {150, 4, 16, 0, 2, 2}, at::kDouble);
  for (const int64_t window : {0, 1, 65, 1000}) {
    layer.window = window;
    layer.logNormalizer = logNormalizer(layer);
    const Matrix64 map = laneTile<double>(layer, kScanOnly, 3);
    for (int64_t t = 0; t < 150; ++t) {
      double sum = 0.0;
      for (int64_t s = 0; s < 150; ++s) {
        sum += map.at(t, s);
        if (window > 0 && s + window <= t) {
          ASSERT_EQ(map.at(t, s), 0.0);
        }
      }
      ASSERT_NEAR(sum, 1.0, 1e-12);
    }
    expectOperatorsAgree<double>(layer, kUnified, 2);
    expectProductsAgree<double>(layer, kUnified, 2);
  }
}

TEST(DeltaRule, EntriesMayGrow) {
  LayerFactors layer = randomLayer(Recipe::DeltaRule, {400, 8, 8, 0, 1, 2}, at::kDouble);
  layer.removeWrite = -0.02 * layer.removeWrite;  // T stretches along κ
  layer.logDecay = at::zeros_like(layer.logDecay);
  const Matrix64 map = laneTile<double>(layer, kScanOnly, 0);
  EXPECT_GT(largest(map), 10.0);
  expectOperatorsAgree<double>(layer, kScanOnly, 7);
  expectOperatorsAgree<float>(widened(layer, at::kFloat), kScanOnly, 7);
}

TEST(DeltaRule, FewRowsAreThoseOfTheWholeMap) {  // which go across blocks token by token
  const LayerFactors layer = randomLayer(Recipe::DeltaRule, {600, 32, 8, 0, 1, 1}, at::kDouble);
  const Matrix64 expected = closedForm(layer, kScanOnly, 5);
  const double scale = largest(expected);
  const Matrix64 map = tile<double>(layer, {{5, 6}, kScanOnly}, {590, 593, 0, 600, 1}, kQuiet);
  for (int64_t t = 0; t < 3; ++t) {
    for (int64_t s = 0; s < 600; ++s) {
      ASSERT_NEAR(map.at(t, s), expected.at(590 + t, s), 1e-12 * scale);
    }
  }
}

/// A factor at token 70 that is not a number, and which entries it has a part in.
struct Damage {
  Recipe recipe;
  const char* name;
  at::Tensor LayerFactors::*factor;
  bool (*touches)(int64_t t, int64_t s);
};

TEST(Kinds, NonFiniteFactorsShowInTheEntriesTheyTouchAndInNoOthers) {
  const auto row = [](int64_t t, int64_t) { return t == 70; };
  const auto earlierOfRow = [](int64_t t, int64_t s) { return t == 70 && s < 70; };
  const auto column = [](int64_t, int64_t s) { return s == 70; };
  const auto laterOfColumn = [](int64_t t, int64_t s) { return s == 70 && t > 70; };
  const auto across = [](int64_t t, int64_t s) { return s < 70 && 70 <= t; };
  const auto strictlyAcross = [](int64_t t, int64_t s) { return s < 70 && 70 < t; };
  const auto diagonal = [](int64_t t, int64_t s) { return t == 70 && s == 70; };
  const auto seen = [](int64_t t, int64_t s) { return s == 70 && t < 90; };
  const auto rowSeen = [](int64_t t, int64_t s) { return t == 70 && s > 50; };
  const Damage damages[] = {
      {Recipe::LogDecay, "decay", &LayerFactors::logDecay, across},
      {Recipe::ReadsBefore, "decay", &LayerFactors::logDecay, strictlyAcross},
      {Recipe::ReadsBefore, "query", &LayerFactors::query, earlierOfRow},
      {Recipe::ReadsBefore, "key", &LayerFactors::key, laterOfColumn},
      {Recipe::ReadsBefore, "diagonal", &LayerFactors::diagonal, diagonal},
      {Recipe::LogSum, "key", &LayerFactors::logKey, laterOfColumn},
      {Recipe::LogSum, "normalizer", &LayerFactors::logNormalizer, row},
      {Recipe::LogSum, "diagonal", &LayerFactors::diagonal, diagonal},
      {Recipe::DeltaRule, "decay", &LayerFactors::logDecay, across},
      {Recipe::DeltaRule, "remove", &LayerFactors::removeKey, across},
      {Recipe::DeltaRule, "query", &LayerFactors::query, row},
      {Recipe::DeltaRule, "key", &LayerFactors::key, column},
      {Recipe::Softmax, "query", &LayerFactors::query, rowSeen},
      {Recipe::Softmax, "key", &LayerFactors::key, seen},
  };
  for (const Damage& damage : damages) {
    SCOPED_TRACE(::testing::Message() << damage.recipe << ", " << damage.name);
    LayerFactors layer = randomLayer(damage.recipe, {200, 4, 16, 4, 1, 2});
    (layer.*damage.factor)[70] = std::numeric_limits<float>::quiet_NaN();
    const Matrix map = laneTile<float>(layer, kScanOnly, 3);
    for (int64_t t = 0; t < 200; ++t) {
      const Matrix byRow = rows<float>(layer, kScanOnly, {3, 4}, t, kQuiet);
      const Matrix byColumn = columns<float>(layer, kScanOnly, {3, 4}, t, kQuiet);
      for (int64_t s = 0; s < 200; ++s) {
        const bool isBad = s <= t && damage.touches(t, s);
        ASSERT_EQ(std::isnan(map.at(t, s)), isBad) << t << ", " << s;
        ASSERT_EQ(std::isnan(byRow.at(0, s)), isBad) << t << ", " << s;
        ASSERT_EQ(std::isnan(byColumn.at(0, s)), t <= s && damage.touches(s, t)) << s << ", " << t;
      }
    }
  }
}

TEST(Kinds, AnInfiniteDecayForgetsEverythingBeforeIt) {
  for (const Recipe recipe : {Recipe::LogDecay, Recipe::ReadsBefore}) {
    for (const float huge : {-1e6F, -std::numeric_limits<float>::infinity()}) {
      LayerFactors layer = randomLayer(recipe, {150, 4, 16, 0, 1, 2});
      layer.logDecay[70] = huge;
      const int64_t late = recipe == Recipe::ReadsBefore ? 1 : 0;
      const Matrix map = laneTile<float>(layer, kScanOnly, 1);
      for (int64_t t = 0; t < 150; ++t) {
        for (int64_t s = 0; s <= t; ++s) {
          ASSERT_EQ(map.at(t, s) == 0.0F, s < 70 && t >= 70 + late) << t << ", " << s;
        }
      }
    }
  }
}

}  // namespace
}  // namespace uc
