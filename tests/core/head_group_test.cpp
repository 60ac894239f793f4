// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT
//
// Means over lanes that share scans whose states all decay alike, as Mamba-2's heads, and over lanes whose
// states die one after another.

#include "core/attention/operators.h"
#include "tests/support/agreement.h"
#include "tests/support/closed_form.h"
#include "tests/support/layers.h"

#include <ATen/ATen.h>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace uc {
namespace {

using namespace test;

const Feedback kQuiet;

LayerFactors headLayer(const Shape& shape, at::ScalarType type) {
  LayerFactors layer = randomLayer(shape, type);
  layer.rate = layer.rate.slice(1, 0, 1).expand({shape.scans, shape.state}).contiguous();
  return layer;
}

/// The mean of lanes [first, last) or of magnitudes, each entry times x of its column or not.
template <typename T>
void expectMean(const LayerFactors& layer, Factors factors, LaneSpan span, bool timesInput = false,
                Merge merge = Merge::Mean) {
  const int64_t tokens = layer.tokens;
  Matrix64 expected(tokens, tokens);
  double scale = 0.0;
  const at::Tensor x = layer.x.to(at::kDouble);
  for (int64_t d = span.first; d < span.last; ++d) {
    const Matrix64 map = closedForm(layer, factors, d);
    for (size_t i = 0; i < map.values.size(); ++i) {
      const auto s = static_cast<int64_t>(i) % tokens;
      const double value = map.values[i] * (timesInput ? x.data_ptr<double>()[s * layer.lanes + d] : 1.0);
      expected.values[i] +=
          (merge == Merge::MeanAbs ? std::abs(value) : value) / static_cast<double>(span.last - span.first);
      scale = std::max(scale, std::abs(value));
    }
  }
  const MapQuery query{{span.first, span.last, merge}, factors, timesInput};
  const MatrixOf<T> map = tile<T>(layer, query, whole(tokens), kQuiet);
  for (size_t i = 0; i < expected.values.size(); ++i) {
    ASSERT_NEAR(static_cast<double>(map.values[i]), expected.values[i], kTolerance<T> * scale) << i;
  }
}

TEST(HeadGroup, MeansAreRightAtEveryEdge) {
  for (const int64_t tokens : {1, 2, 63, 64, 65, 67, 68, 129, 200}) {
    for (const int64_t taps : {0, 4}) {
      SCOPED_TRACE(::testing::Message() << tokens << " tokens, " << taps << " taps");
      const Shape shape{tokens, 10, 5, taps, 1, 2};
      expectMean<double>(headLayer(shape, at::kDouble), kExact, {0, 10});
      expectMean<float>(headLayer(shape, at::kFloat), kUnified, {0, 10});
      if (::testing::Test::HasFailure()) return;
    }
  }
}

TEST(HeadGroup, EverySetOfFactorsAndGroupingIsRight) {
  for (const Factors factors : everyFactors()) {
    SCOPED_TRACE(factorList(factors));
    expectMean<double>(headLayer({83, 24, 3, 4, 2, 4}, at::kDouble), factors, {0, 24});
    if (::testing::Test::HasFailure()) return;
  }
  expectMean<double>(headLayer({83, 24, 3, 4, 4, 4, 2}, at::kDouble), kExact, {0, 24});
}

TEST(HeadGroup, PartsOfHeadsTimesTheInputAreRight) {
  const LayerFactors layer = headLayer({150, 160, 3, 4, 1, 4}, at::kDouble);  // more lanes than a slab
  for (const bool timesInput : {false, true}) expectMean<double>(layer, kExact, {10, 145}, timesInput);
}

TEST(HeadGroup, StepsOfAnySizeAreRight) {
  LayerFactors layer = headLayer({140, 16, 4, 4, 1, 2}, at::kDouble);
  layer.step.slice(0, 20, 40).fill_(0.0);
  layer.step.slice(0, 60, 70).fill_(50.0);
  layer.step.slice(0, 90, 130).fill_(1e-8);
  expectMean<double>(layer, kExact, {0, 16});
  layer.rate[0].mul_(1e4);  // one of the heads forgets at once
  expectMean<double>(layer, kUnified, {0, 16});
}

TEST(HeadGroup, WindowsAreThoseOfTheMap) {
  const LayerFactors layer = headLayer({330, 36, 5, 4, 1, 2}, at::kDouble);
  const MapQuery query{{1, 36, Merge::Mean}, kExact, true};
  const Matrix64 map = tile<double>(layer, query, whole(330), kQuiet);
  const double scale = largest(map);
  for (const Window& window : {Window{77, 78, 0, 330}, Window{63, 66, 60, 67}, Window{129, 330, 61, 62},
                               Window{200, 257, 3, 199}, Window{250, 330, 317, 330}}) {
    SCOPED_TRACE(::testing::Message() << window.row0 << ", " << window.col0);
    const Matrix64 part = tile<double>(layer, query, window, kQuiet);
    for (int64_t t = 0; t < part.rows; ++t) {
      for (int64_t s = 0; s < part.cols; ++s) {
        ASSERT_NEAR(part.at(t, s), map.at(window.row0 + t, window.col0 + s), 1e-12 * scale);
      }
    }
  }
}

/// A NaN reaches all entries whose sum has it as a term, and no others.
TEST(HeadGroup, WhatIsNotANumberStaysWhereItBelongs) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Shape shape{150, 16, 4, 4, 1, 2};
  LayerFactors key = headLayer(shape, at::kDouble), gate = headLayer(shape, at::kDouble);
  LayerFactors step = headLayer(shape, at::kDouble);
  key.key[70][0][1] = nan;
  key.columnScale[70][3] = nan;
  gate.rowScale[69][3] = nan;
  step.step[70][1] = nan;
  const MapQuery query{{0, 16, Merge::Mean}, kUnified};
  const auto mapOf = [&](const LayerFactors& layer) {
    return tile<double>(layer, query, whole(150), kQuiet);
  };
  const Matrix64 keyMap = mapOf(key), gateMap = mapOf(gate), stepMap = mapOf(step);
  for (int64_t t = 0; t < 150; ++t) {
    for (int64_t s = 0; s <= t; ++s) {
      const bool isReached = t >= 70 && s <= 70;
      ASSERT_EQ(std::isnan(keyMap.at(t, s)), isReached && s > 66) << t << ", " << s;
      ASSERT_EQ(std::isnan(gateMap.at(t, s)), t == 69) << t << ", " << s;
      ASSERT_EQ(std::isnan(stepMap.at(t, s)), isReached) << t << ", " << s;
    }
  }
}

TEST(GroupTile, StatesThatDieInAnyOrderLeaveTheOthersRight) {
  LayerFactors layer = randomLayer({200, 17, 5, 4, 1}, at::kDouble);
  layer.step.fill_(0.05);
  for (const std::vector<double>& rates :
       {std::vector<double>{-0.1, -1, -10, -100, -1000}, {-1000, -0.1, -10, -100, -1}}) {
    layer.rate = at::tensor(rates, at::kDouble).expand({17, 5}).contiguous();
    expectMean<double>(layer, kExact, {0, 17});
    expectMean<float>(widened(layer, at::kFloat), kUnified, {0, 17}, false, Merge::MeanAbs);
  }
}

TEST(GroupTile, ManyLanesOfOneStateAreSummedRight) {
  expectMean<float>(randomLayer(Recipe::LogDecay, {90, 150, 1, 4, 150}), kUnified, {3, 150});
}

}  // namespace
}  // namespace uc
