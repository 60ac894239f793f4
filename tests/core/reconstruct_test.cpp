// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/operators.h"
#include "tests/support/layers.h"

#include <ATen/ATen.h>

#include <gtest/gtest.h>

#include <cmath>

namespace uc {
namespace {

using namespace test;

const Feedback kQuiet;

LaneSpan allOf(const LayerFactors& layer) { return {0, layer.lanes, std::nullopt}; }

TEST(Reconstruct, TheExactMapRebuildsTheStepByStepOutput) {
  for (const Shape& shape :
       {Shape{1, 1, 1, 4, 1}, {2, 3, 5, 1, 3}, {130, 8, 16, 4, 1}, {700, 20, 16, 4, 1}}) {
    SCOPED_TRACE(::testing::Message() << shape);
    const LayerFactors layer = randomLayer(shape);
    EXPECT_LE(reconstruct(layer, kExact, allOf(layer), kQuiet).relative, 1e-5);
    EXPECT_LE(verifyLayer(layer, kQuiet).relative, 1e-5);
    const LayerFactors wide = randomLayer(shape, at::kDouble);
    EXPECT_LE(reconstruct(wide, kExact, allOf(wide), kQuiet).relative, 1e-10);
    EXPECT_LE(verifyLayer(wide, kQuiet).relative, 1e-10);
    EXPECT_NEAR(reconstruct(wide, kExact, allOf(wide), kQuiet).share, 1.0, 1e-12);
  }
}

TEST(Reconstruct, ALongLayerIsCheckedByRowsFromTheFirstToTheLast) {
  LayerFactors layer = randomLayer({1500, 2, 4, 4, 1});
  EXPECT_LE(verifyLayer(layer, kQuiet).relative, 1e-5);
  layer.y[1499][1] += 100.0;
  EXPECT_NEAR(verifyLayer(layer, kQuiet).error, 100.0, 1e-3);
}

TEST(Reconstruct, MissingFactorsAreFoundOut) {
  const LayerFactors layer = randomLayer({130, 8, 16, 4, 1}, at::kDouble);
  const Reconstruction without = reconstruct(layer, kUnified, allOf(layer), kQuiet);
  EXPECT_GT(without.relative, 1e-3);
  EXPECT_LT(without.share, 1.0);
  EXPECT_GT(without.share, 0.0);
}

TEST(Reconstruct, OnlyTheLanesSpokenForCount) {
  LayerFactors layer = randomLayer({50, 4, 5, 4, 1}, at::kDouble);
  layer.y.select(1, 2) += 1.0;
  EXPECT_LE(reconstruct(layer, kExact, {0, 2, std::nullopt}, kQuiet).relative, 1e-10);
  EXPECT_NEAR(reconstruct(layer, kExact, {2, 3, std::nullopt}, kQuiet).error, 1.0, 1e-9);
  EXPECT_NEAR(verifyLayer(layer, kQuiet).error, 1.0, 1e-9);
}

TEST(Reconstruct, ALayerOfZerosIsRebuiltExactly) {
  LayerFactors layer = randomLayer({10, 2, 4, 0, 1});
  layer.x.zero_();
  layer.y.zero_();
  const Reconstruction result = reconstruct(layer, kExact, allOf(layer), kQuiet);
  EXPECT_EQ(result.relative, 0.0);
  EXPECT_EQ(result.share, 1.0);
}

TEST(Reconstruct, NaNIsNeverTakenForAGoodCheck) {
  LayerFactors layer = randomLayer({50, 4, 5, 4, 1});
  layer.key[20] = std::nan("");
  EXPECT_TRUE(std::isnan(reconstruct(layer, kExact, allOf(layer), kQuiet).relative));
  EXPECT_TRUE(std::isnan(verifyLayer(layer, kQuiet).relative));
}

TEST(DecayProducts, AreTheLargestOverTheState) {
  const LayerFactors layer = randomLayer({40, 3, 5, 4, 1}, at::kDouble);
  const std::vector<double> products = decayProducts(layer, 2, 30);
  ASSERT_EQ(products.size(), 31U);
  EXPECT_EQ(products[30], 1.0);
  for (const int64_t s : {0, 7, 29}) {
    double best = 0.0;
    for (int64_t n = 0; n < 5; ++n) {
      double product = 1.0;
      for (int64_t r = s + 1; r <= 30; ++r) {
        product *= std::exp(layer.step[r][2].item<double>() * layer.rate[2][n].item<double>());
      }
      best = std::max(best, product);
    }
    EXPECT_NEAR(products[static_cast<size_t>(s)], best, 1e-14);
  }
}

/// Π of max over n by multiplying decays of single tokens.
double productOf(const LayerFactors& layer, int64_t scan, int64_t s, int64_t t) {
  double best = 0.0;
  for (int64_t n = 0; n < layer.state; ++n) {
    double product = 1.0;
    for (int64_t r = s + 1; r <= t; ++r) {
      const double log = layer.logDecay.defined()
                             ? layer.logDecay[layer.logDecay.size(0) > 1 ? r : 0][scan][n].item<double>()
                             : layer.rate[scan][n].item<double>() *
                                   (layer.step.defined() ? layer.step[r][scan].item<double>() : 1.0);
      product *= std::exp(log);
    }
    best = std::max(best, product);
  }
  return best;
}

TEST(DecayProducts, OfSharedScansAndOfEveryKind) {
  for (const Recipe recipe : everyRecipe()) {
    SCOPED_TRACE(::testing::Message() << recipe);
    const LayerFactors layer = randomLayer(recipe, {40, 6, 5, 4, 1, 3}, at::kDouble);
    const std::vector<double> products = decayProducts(layer, 5, 30);
    if (recipe == Recipe::Softmax) {
      EXPECT_TRUE(products.empty());
      continue;
    }
    ASSERT_EQ(products.size(), 31U);
    for (const int64_t s : {0, 7, 29, 30}) {
      EXPECT_NEAR(products[static_cast<size_t>(s)], productOf(layer, 2, s, 30), 1e-14);
    }
  }
}

}  // namespace
}  // namespace uc
