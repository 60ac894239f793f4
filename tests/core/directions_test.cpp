// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT
//
// Layers with a second direction in its own reversed time.

#include "core/attention/operators.h"
#include "core/attention/parallel.h"
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

LayerFactors both(Recipe recipe, const Shape& shape, at::ScalarType type = at::kFloat) {
  return bidirectional(randomLayer(recipe, shape, type, 1), randomLayer(recipe, shape, type, 2));
}

std::vector<MapTerms> everyTerms() {
  std::vector<MapTerms> list;
  for (const Direction direction : {Direction::Forward, Direction::Backward, Direction::Both}) {
    for (const bool hasShare : {false, true}) {
      list.emplace_back(kUnified, direction, hasShare);
      list.emplace_back(kExact, direction, hasShare);
    }
  }
  return list;
}

template <typename T>
void expectEveryMapAgrees() {
  for (const Recipe recipe : {Recipe::Step, Recipe::ReadsBefore, Recipe::Softmax}) {
    for (const Shape& shape :
         {Shape{1, 2, 3, 4, 1}, {7, 2, 1, 0, 1}, {65, 4, 5, 4, 1, 2}, {150, 3, 16, 4, 1}}) {
      const LayerFactors layer = both(recipe, shape, kType<T>);
      for (const MapTerms& terms : everyTerms()) {
        SCOPED_TRACE(::testing::Message()
                     << recipe << ", " << shape << ", " << factorList(terms.factors) << ", "
                     << name(terms.direction) << (terms.hasShare ? ", share" : ""));
        expectOperatorsAgree<T>(layer, terms, shape.lanes - 1);
        expectProductsAgree<T>(layer, terms, 0);
        if (::testing::Test::HasFailure()) return;
      }
    }
  }
}

TEST(Directions, AllOperatorsAreTheClosedFormInFloat) { expectEveryMapAgrees<float>(); }

TEST(Directions, AllOperatorsAreTheClosedFormInDouble) { expectEveryMapAgrees<double>(); }

TEST(Directions, TheExactMapRebuildsTheStepByStepOutput) {
  for (const Recipe recipe : everyRecipe()) {
    std::vector<Shape> shapes = {{1, 4, 5, 4, 1}, {130, 6, 5, 4, 1, 3}};
    if (recipe == Recipe::Step) shapes.push_back({1100, 4, 4, 4, 1});  // rows are sampled
    for (const Shape& shape : shapes) {
      SCOPED_TRACE(::testing::Message() << recipe << ", " << shape);
      LayerFactors layer = both(recipe, shape);
      EXPECT_LE(verifyLayer(layer, kQuiet).relative, 1e-5);
      const LayerFactors wide = both(recipe, shape, at::kDouble);
      EXPECT_LE(verifyLayer(wide, kQuiet).relative, 1e-10);
      layer.y[0][1] += 100.0;
      EXPECT_NEAR(verifyLayer(layer, kQuiet).error, 100.0, 1e-2);
    }
  }
}

TEST(Directions, AreSummedBeforeLanesAreMerged) {
  const LayerFactors layer = both(Recipe::Step, {80, 37, 5, 4, 1}, at::kDouble);
  for (const bool timesInput : {false, true}) {
    const auto x = layer.x.accessor<double, 2>();
    Matrix64 lanes(37, 80 * 80);
    for (int64_t d = 0; d < 37; ++d) {
      const Matrix64 map = closedForm(layer, kUnified, d);
      for (int64_t i = 0; i < lanes.cols; ++i) {
        lanes.at(d, i) = map.values[static_cast<size_t>(i)] * (timesInput ? x[i % 80][d] : 1.0);
      }
    }
    const double scale = largest(lanes);
    for (const Merge merge : allMerges()) {
      const std::vector<double> expected = mergeLanes(lanes, merge);
      const Matrix64 map = tile<double>(layer, {{0, 37, merge}, kUnified, timesInput}, whole(80), kQuiet);
      for (size_t i = 0; i < expected.size(); ++i) {
        ASSERT_NEAR(map.values[i], expected[i], 1e-12 * scale) << name(merge) << i;
      }
    }
  }
}

TEST(Directions, AWindowIsTheSamePartOfTheWholeMap) {
  const LayerFactors layer = both(Recipe::Step, {700, 2, 4, 4, 1}, at::kDouble);
  for (const Direction direction : {Direction::Backward, Direction::Both}) {
    const MapQuery query{{0, 2, Merge::MeanAbs}, {kUnified, direction, false}};
    const Matrix64 map = tile<double>(layer, query, whole(700), kQuiet);
    const double scale = largest(map);
    for (const Window& window : {Window{0, 1, 699, 700, 1},
                                 {699, 700, 0, 1, 1},
                                 {65, 127, 0, 700, 1},
                                 {3, 68, 500, 600, 1},
                                 {300, 500, 290, 520, 1}}) {
      const Matrix64 part = tile<double>(layer, query, window, kQuiet);
      for (int64_t t = 0; t < part.rows; ++t) {
        for (int64_t s = 0; s < part.cols; ++s) {
          ASSERT_NEAR(part.at(t, s), map.at(window.row0 + t, window.col0 + s), 1e-12 * scale);
        }
      }
    }
  }
}

TEST(Directions, BackwardIsStrictlyZeroBelowTheDiagonal) {
  LayerFactors layer = both(Recipe::Step, {130, 4, 5, 4, 1});
  layer.x[3] = std::numeric_limits<float>::quiet_NaN();
  const MapTerms terms{kExact, Direction::Backward, true};
  for (const bool timesInput : {false, true}) {
    const Matrix map = tile<float>(layer, {{0, 4, Merge::MaxAbs}, terms, timesInput}, whole(130), kQuiet);
    for (int64_t t = 0; t < 130; ++t) {
      for (int64_t s = 0; s < t; ++s) ASSERT_EQ(map.at(t, s), 0.0F);
      for (int64_t s = t; s < 130; ++s) ASSERT_EQ(std::isnan(map.at(t, s)), timesInput && s == 3);
    }
  }
}

TEST(Directions, ALayerWithOneHasOnlyThat) {
  const LayerFactors layer = randomLayer(Recipe::Step, {70, 2, 5, 4, 1});
  const Matrix expected = laneTile<float>(layer, kUnified, 1);
  for (const Direction direction : {Direction::Forward, Direction::Backward, Direction::Both}) {
    EXPECT_EQ(laneTile<float>(layer, {kUnified, direction, true}, 1), expected);
  }
}

TEST(Directions, TheNumberOfThreadsChangesNothing) {
  const LayerFactors layer = both(Recipe::Step, {300, 200, 4, 4, 1});
  Matrix first;
  for (const int threads : {1, 3, 16}) {
    setThreadCount(threads);
    const Matrix map = tile<float>(layer, {{0, 200, Merge::MeanAbs}, kUnified}, {3, 300, 0, 290, 3}, kQuiet);
    if (threads == 1) first = map;
    EXPECT_EQ(map, first) << threads << " threads";
  }
  setThreadCount(0);
}

}  // namespace
}  // namespace uc
