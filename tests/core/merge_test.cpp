// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/operators.h"
#include "tests/support/closed_form.h"
#include "tests/support/layers.h"

#include <ATen/ATen.h>

#include <gtest/gtest.h>

#include <cmath>

namespace uc {
namespace {

using namespace test;

const Feedback kQuiet;

Matrix64 threeLanes() {
  Matrix64 values(3, 4);
  values.values = {-2.0, 0.5, 0.0, -1.0,  //
                   2.0,  0.5, 0.0, -3.0,  //
                   1.0,  -4., 0.0, 1.0};
  return values;
}

TEST(Merge, EachFollowsItsFormula) {
  const Matrix64 lanes = threeLanes();
  EXPECT_EQ(mergeLanes(lanes, Merge::Mean), (std::vector<double>{1.0 / 3, -1.0, 0.0, -1.0}));
  EXPECT_EQ(mergeLanes(lanes, Merge::MeanAbs), (std::vector<double>{5.0 / 3, 5.0 / 3, 0.0, 5.0 / 3}));
  EXPECT_EQ(mergeLanes(lanes, Merge::PositiveMean), (std::vector<double>{1.0, 1.0 / 3, 0.0, 1.0 / 3}));
  EXPECT_EQ(mergeLanes(lanes, Merge::L2),
            (std::vector<double>{std::sqrt(3.0), std::sqrt(5.5), 0.0, std::sqrt(11.0 / 3)}));
}

TEST(Merge, TheLargestMagnitudeKeepsItsSignAndTheLowerLaneWinsATie) {
  EXPECT_EQ(mergeLanes(threeLanes(), Merge::MaxAbs), (std::vector<double>{-2.0, -4.0, 0.0, -3.0}));
}

TEST(Merge, NaNInALaneIsNaNInEveryMerge) {
  Matrix64 lanes = threeLanes();
  lanes.at(1, 0) = std::nan("");
  for (const Merge merge : allMerges()) {
    EXPECT_TRUE(std::isnan(mergeLanes(lanes, merge)[0])) << name(merge);
    EXPECT_FALSE(std::isnan(mergeLanes(lanes, merge)[1])) << name(merge);
  }
}

/// All lanes' maps from the closed form as rows: [lanes, L · L].
Matrix64 allLanes(const LayerFactors& layer, Factors factors, bool timesInput) {
  Matrix64 lanes(layer.lanes, layer.tokens * layer.tokens);
  for (int64_t d = 0; d < layer.lanes; ++d) {
    const Matrix64 map = closedForm(layer, factors, d);
    for (int64_t i = 0; i < lanes.cols; ++i) {
      const double x = timesInput ? layer.x[i % layer.tokens][d].item<double>() : 1.0;
      lanes.at(d, i) = map.values[static_cast<size_t>(i)] * x;
    }
  }
  return lanes;
}

TEST(Merge, ATileMergesItsLanesAsTheFormulaSays) {
  const LayerFactors layer = randomLayer({75, 37, 5, 4, 1});  // more lanes than a slab
  for (const bool timesInput : {false, true}) {
    const Matrix64 lanes = allLanes(layer, kUnified, timesInput);
    const double scale = largest(lanes);
    for (const Merge merge : allMerges()) {
      SCOPED_TRACE(name(merge));
      const std::vector<double> expected = mergeLanes(lanes, merge);
      const Matrix map =
          tile<float>(layer, {{0, 37, merge}, kUnified, timesInput}, {0, 75, 0, 75, 1}, kQuiet);
      for (size_t i = 0; i < expected.size(); ++i) ASSERT_NEAR(map.values[i], expected[i], 1e-6 * scale) << i;
    }
  }
}

TEST(Merge, OnlyTheLanesAskedForTakePart) {
  const LayerFactors layer = randomLayer({40, 8, 5, 4, 1}, at::kDouble);
  const Matrix64 map = tile<double>(layer, {{3, 5, Merge::Mean}, kUnified}, {0, 40, 0, 40, 1}, kQuiet);
  const Matrix64 a = closedForm(layer, kUnified, 3), b = closedForm(layer, kUnified, 4);
  for (size_t i = 0; i < map.values.size(); ++i) {
    ASSERT_NEAR(map.values[i], (a.values[i] + b.values[i]) / 2, 1e-12 * largest(a));
  }
}

TEST(Merge, AMergeOverASingleLaneIsAMerge) {
  const LayerFactors layer = randomLayer({20, 2, 5, 4, 1});
  const Matrix signedMap = tile<float>(layer, {{1, 2}, kUnified}, {0, 20, 0, 20, 1}, kQuiet);
  const Matrix magnitude = tile<float>(layer, {{1, 2, Merge::MeanAbs}, kUnified}, {0, 20, 0, 20, 1}, kQuiet);
  bool hasNegative = false;
  for (size_t i = 0; i < signedMap.values.size(); ++i) {
    hasNegative |= signedMap.values[i] < 0.0F;
    ASSERT_EQ(magnitude.values[i], std::abs(signedMap.values[i]));
  }
  EXPECT_TRUE(hasNegative);
}

TEST(Merge, TiedLanesKeepTheLowerAcrossSlabs) {
  LayerFactors layer = randomLayer({10, 40, 1, 0, 1});
  layer.query = at::ones_like(layer.query);
  layer.key = at::ones_like(layer.key);
  layer.step = at::ones_like(layer.step);
  layer.rate = at::zeros_like(layer.rate);
  layer.rowScale = at::ones_like(layer.rowScale) * 0.5;
  layer.rowScale.select(1, 5).fill_(-2.0);  // lanes 5 and 30 tie, in different slabs
  layer.rowScale.select(1, 30).fill_(2.0);
  layer.rowScale.select(1, 6).fill_(2.0);  // and 6 in the same
  const Matrix map =
      tile<float>(layer, {{0, 40, Merge::MaxAbs}, {Factor::Gate, Factor::Scan}}, {0, 10, 0, 10, 1}, kQuiet);
  for (int64_t t = 0; t < 10; ++t) {
    for (int64_t s = 0; s <= t; ++s) EXPECT_EQ(map.at(t, s), -2.0F);
  }
}

TEST(Pool, EveryPooledEntryIsTheMeanOfItsBlock) {
  const LayerFactors layer = randomLayer({600, 20, 4, 4, 1}, at::kDouble);
  const Window windows[] = {
      {0, 600, 0, 600, 7}, {5, 300, 100, 599, 64}, {250, 600, 500, 530, 1000}, {10, 11, 3, 4, 2}};
  for (const Merge merge : allMerges()) {
    const MapQuery query{{0, 20, merge}, kUnified};
    const Matrix64 map = tile<double>(layer, query, {0, 600, 0, 600, 1}, kQuiet);
    const double scale = largest(map);
    for (const Window& window : windows) {
      const Matrix64 pooled = tile<double>(layer, query, window, kQuiet);
      const int64_t q = window.pool;
      ASSERT_EQ(pooled.rows, (window.row1 - window.row0 + q - 1) / q);
      ASSERT_EQ(pooled.cols, (window.col1 - window.col0 + q - 1) / q);
      for (int64_t i = 0; i < pooled.rows; ++i) {
        for (int64_t j = 0; j < pooled.cols; ++j) {
          double sum = 0.0;
          int64_t count = 0;
          for (int64_t t = window.row0 + i * q; t < std::min(window.row0 + (i + 1) * q, window.row1); ++t) {
            for (int64_t s = window.col0 + j * q; s < std::min(window.col0 + (j + 1) * q, window.col1);
                 ++s, ++count) {
              sum += map.at(t, s);
            }
          }
          ASSERT_NEAR(pooled.at(i, j), sum / static_cast<double>(count), 1e-12 * scale)
              << name(merge) << i << j;
        }
      }
    }
  }
}

}  // namespace
}  // namespace uc
