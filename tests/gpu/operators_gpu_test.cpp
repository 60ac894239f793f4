// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT
//
// The operators on the emulated device against the closed form.

#include "core/attention/operators_gpu.h"

#include "core/attention/operators.h"
#include "gpu/emulation/emulation.h"
#include "tests/support/agreement.h"
#include "tests/support/closed_form.h"
#include "tests/support/layers.h"

#include <ATen/ATen.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stop_token>

namespace uc {
namespace {

using namespace test;

const Feedback kQuiet;

template <typename T>
MatrixOf<T> onGpu(const LayerFactors& layer, const MapQuery& query, const Window& window) {
  GpuOperators gpu(0);
  std::optional<MatrixOf<T>> map = gpu.tile<T>(layer, query, window, kQuiet);
  EXPECT_TRUE(map.has_value()) << gpu.notice();
  return map ? *map
             : MatrixOf<T>(pooledSize(window.row1 - window.row0, window.pool),
                           pooledSize(window.col1 - window.col0, window.pool));
}

std::vector<Shape> everyShape() {
  std::vector<Shape> shapes;
  for (const int64_t tokens : {1, 63, 64, 65, 130, 257}) {
    shapes.push_back({tokens, 4, 1, 4, 1, 4, 4});
    shapes.push_back({tokens, 6, 5, 0, 1, 3, 3});
    shapes.push_back({tokens, 4, 17, 2, 2, 4, 1});
  }
  return shapes;
}

class GpuRecipe : public ::testing::TestWithParam<Recipe> {};

template <typename T>
void expectTilesAgree(Recipe recipe) {
  for (const Shape& shape : everyShape()) {
    const LayerFactors layer = randomLayer(recipe, shape, kType<T>);
    for (const Factors factors : {kScanOnly, kExact, kUnified.with(Factor::NoStep), Factors{Factor::Skip}}) {
      SCOPED_TRACE(::testing::Message() << recipe << ", " << shape << ", " << factorList(factors));
      const int64_t lane = shape.lanes - 1;
      const MatrixOf<T> map = onGpu<T>(layer, {{lane, lane + 1}, factors}, whole(shape.tokens));
      ASSERT_LE(difference(map, closedForm(layer, factors, lane)), kTolerance<T>);
    }
  }
}

TEST_P(GpuRecipe, ATileIsTheClosedFormInFloat) { expectTilesAgree<float>(GetParam()); }

TEST_P(GpuRecipe, ATileIsTheClosedFormInDouble) { expectTilesAgree<double>(GetParam()); }

TEST_P(GpuRecipe, LanesMergeAsTheFormulaSays) {
  for (const Shape& shape : {Shape{90, 80, 5, 4, 2, 2}, Shape{90, 80, 5, 4, 1, 80}}) {
    if (GetParam() == Recipe::DeltaRule && shape.scans > 2) continue;  // slow on the host, and nothing new
    const LayerFactors narrow = randomLayer(GetParam(), shape), layer = widened(narrow, at::kDouble);
    for (const bool timesInput : {false, true}) {
      const auto x = layer.x.accessor<double, 2>();
      Matrix64 lanes(61, 90 * 90);
      for (int64_t d = 0; d < 61; ++d) {
        const Matrix64 map = closedForm(layer, kUnified, 10 + d);
        for (int64_t i = 0; i < lanes.cols; ++i) {
          lanes.at(d, i) = map.values[static_cast<size_t>(i)] * (timesInput ? x[i % 90][10 + d] : 1.0);
        }
      }
      for (const Merge merge : allMerges()) {
        SCOPED_TRACE(::testing::Message() << GetParam() << ", " << shape << ", " << name(merge));
        Matrix64 expected(90, 90);
        expected.values = mergeLanes(lanes, merge);
        const MapQuery query{{10, 71, merge}, kUnified, timesInput};
        ASSERT_LE(difference(onGpu<double>(layer, query, whole(90)), expected), 1e-12);
        ASSERT_LE(difference(onGpu<float>(narrow, query, whole(90)), expected), 1e-6);
      }
    }
  }
}

TEST_P(GpuRecipe, AWindowIsTheSamePartOfTheWholeMapPooled) {
  const LayerFactors layer = randomLayer(GetParam(), {300, 4, 5, 4, 1, 2}, at::kDouble);
  const MapQuery query{{0, 4, Merge::MeanAbs}, kUnified};
  for (const Window& window : {Window{299, 300, 0, 300, 1},
                               {200, 300, 3, 68, 1},
                               {70, 90, 60, 100, 1},
                               {0, 20, 100, 300, 1},
                               {0, 300, 290, 300, 3},
                               {5, 240, 10, 299, 64},
                               {5, 240, 10, 299, 7, Pooling::MaxAbs},
                               {0, 300, 0, 300, 1000}}) {
    SCOPED_TRACE(::testing::Message() << GetParam() << ", " << window.row0 << ", pool " << window.pool);
    const Matrix64 expected = tile<double>(layer, query, window, kQuiet);
    ASSERT_LE(difference(onGpu<double>(layer, query, window), expected), 1e-12);
  }
}

TEST_P(GpuRecipe, DirectionsAreSummedBeforeLanesMerge) {
  const Shape shape{150, 6, 5, 4, 1, 3};
  const LayerFactors layer = bidirectional(randomLayer(GetParam(), shape, at::kDouble, 1),
                                           randomLayer(GetParam(), shape, at::kDouble, 2));
  for (const Direction direction : {Direction::Forward, Direction::Backward, Direction::Both}) {
    for (const bool timesInput : {false, true}) {
      const MapQuery query{{0, 6, Merge::MeanAbs}, MapTerms(kExact, direction, true), timesInput};
      for (const Window& window : {whole(150), Window{20, 100, 30, 150, 3}}) {
        SCOPED_TRACE(::testing::Message() << GetParam() << ", " << name(direction) << ", " << window.row0);
        const Matrix64 expected = tile<double>(layer, query, window, kQuiet);
        ASSERT_LE(difference(onGpu<double>(layer, query, window), expected), 1e-12);
      }
    }
  }
}

TEST_P(GpuRecipe, NoOrderOfThreadsChangesAnEntry) {
  const LayerFactors layer = randomLayer(GetParam(), {130, 70, 5, 4, 1, 7});
  const MapQuery query{{0, 70, Merge::MeanAbs}, kUnified};
  const Matrix first = onGpu<float>(layer, query, {0, 130, 0, 130, 1});
  for (const uint64_t seed : {2, 3}) {
    gpu::emulation::setSeed(seed);
    EXPECT_EQ(onGpu<float>(layer, query, {0, 130, 0, 130, 1}), first);
  }
  gpu::emulation::setSeed(1);
}

TEST_P(GpuRecipe, APooledEntryIsTheMeanOfItsEntries) {
  for (const Shape& shape : {Shape{100, 4, 5, 4, 1, 2}, Shape{100, 3, 7, 0, 1, 3}}) {
    const LayerFactors layer = randomLayer(GetParam(), shape, at::kDouble);
    for (const std::optional<Merge> merge : {std::optional<Merge>(), std::optional<Merge>(Merge::Mean)}) {
      const LaneSpan lanes{merge ? 0 : 1, merge ? shape.lanes : 2, merge};
      for (const int64_t pool : {2, 5, 33, 99}) {
        for (const Window& window : {Window{0, 100, 0, 100, pool}, Window{41, 99, 7, 80, pool}}) {
          SCOPED_TRACE(::testing::Message()
                       << GetParam() << ", " << shape << ", " << pool << ", " << window.row0);
          const MapQuery query{lanes, kExact, pool == 5};
          const Matrix64 expected = tile<double>(layer, query, window, kQuiet);
          ASSERT_LE(difference(onGpu<double>(layer, query, window), expected), 1e-12);
          if (layer.kind != ScanKind::Decay) continue;  // made of float entries, which may cancel each other
          const LayerFactors narrow = widened(layer, at::kFloat);
          const Matrix64 rounded = tile<double>(widened(narrow, at::kDouble), query, window, kQuiet);
          ASSERT_LE(difference(onGpu<float>(narrow, query, window), rounded), 1e-6);
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, GpuRecipe, ::testing::ValuesIn(everyRecipe()));

TEST(GpuTile, StepsThatAreZeroTinyOrHugeAreRight) {
  for (const double step : {0.0, 1e-8, 50.0}) {
    LayerFactors layer = randomLayer({200, 2, 16, 4, 1});
    layer.step = at::full_like(layer.step, step);
    for (const Factors factors : {kScanOnly, kExact, kUnified.with(Factor::NoStep)}) {
      SCOPED_TRACE(::testing::Message() << step << ", " << factorList(factors));
      const Matrix64 expected = closedForm(layer, factors, 1);
      EXPECT_LE(difference(onGpu<float>(layer, {{1, 2}, factors}, whole(200)), expected), 1e-6);
      EXPECT_LE(
          difference(onGpu<double>(widened(layer, at::kDouble), {{1, 2}, factors}, whole(200)), expected),
          1e-12);
    }
  }
}

TEST(GpuTile, TinyStepsKeepTheirDecayOverThousandsOfTokens) {
  LayerFactors layer = randomLayer({3000, 1, 4, 0, 1});
  layer.step = at::full_like(layer.step, 1e-8);
  layer.rate = at::full_like(layer.rate, -4.0);
  layer.query = at::ones_like(layer.query);
  layer.key = at::ones_like(layer.key);
  const double expected = 4.0 * std::exp(-4.0 * 2999 * static_cast<double>(1e-8F));
  const Matrix map = onGpu<float>(layer, {{0, 1}, kScanOnly.with(Factor::NoStep)}, {2999, 3000, 0, 1, 1});
  EXPECT_NEAR(static_cast<double>(map.at(0, 0)), expected, 4e-6);
}

TEST(GpuTile, KeysOfAHundredStayFinite) {
  LayerFactors layer = randomLayer(Recipe::LogSum, {200, 2, 1, 0, 1}, at::kDouble);
  layer.logKey = at::sign(layer.logKey) * 100.0;
  layer.diagonal = at::sign(layer.diagonal) * 100.0;
  layer.logNormalizer = logNormalizer(layer);
  const Matrix64 expected = closedForm(layer, kScanOnly, 1);
  EXPECT_LE(difference(onGpu<double>(layer, {{1, 2}, kScanOnly}, whole(200)), expected), 1e-12);
}

TEST(GpuTile, NonFiniteFactorsShowInTheEntriesTheyTouchAndInNoOthers) {
  const double nan = std::numeric_limits<double>::quiet_NaN(),
               infinity = std::numeric_limits<double>::infinity();
  for (const Recipe recipe : {Recipe::LogDecay, Recipe::ReadsBefore}) {
    for (const double value : {nan, -infinity}) {
      LayerFactors layer = randomLayer(recipe, {260, 4, 5, 4, 1, 2}, at::kDouble);
      layer.logDecay[70] = value;
      layer.columnScale[150] = nan;
      layer.rowScale[200] = nan;
      SCOPED_TRACE(::testing::Message() << recipe << ", " << value);
      const Matrix64 expected = tile<double>(layer, {{3, 4}, kUnified}, whole(260), kQuiet);
      const Matrix64 map = onGpu<double>(layer, {{3, 4}, kUnified}, whole(260));
      for (int64_t t = 0; t < 260; ++t) {
        for (int64_t s = 0; s < 260; ++s) {
          ASSERT_EQ(std::isnan(map.at(t, s)), std::isnan(expected.at(t, s))) << t << ", " << s;
          if (std::isnan(map.at(t, s))) continue;
          ASSERT_NEAR(map.at(t, s), expected.at(t, s), 1e-10) << t << ", " << s;
        }
      }
    }
  }
}

class GpuScan : public ::testing::TestWithParam<Recipe> {};

template <typename T>
void expectScansAgree(const LayerFactors& layer, const MapTerms& terms) {
  GpuOperators gpu(0);
  const at::Tensor v = randomLayer({layer.tokens, layer.lanes}, kType<T>, 3).x;
  const auto expectClose = [](const std::optional<at::Tensor>& found, const at::Tensor& expected) {
    ASSERT_TRUE(found.has_value());
    const double scale = std::max(expected.abs().max().template item<double>(), 1e-300);
    ASSERT_LE((found->to(at::kDouble) - expected).abs().max().template item<double>(), kTolerance<T> * scale);
  };
  const LayerFactors wide = widened(layer, at::kDouble);
  const at::Tensor wideV = v.to(at::kDouble);
  expectClose(gpu.apply(layer, terms, v, true, kQuiet), apply(wide, terms, wideV, true, kQuiet));
  expectClose(gpu.applyTransposed(layer, terms, v, kQuiet), applyTransposed(wide, terms, wideV, kQuiet));
}

TEST_P(GpuScan, ProductsWithVectorsAreThoseOfTheCpu) {
  for (const Shape& shape :
       {Shape{1, 4, 5, 4, 1, 2}, Shape{65, 6, 17, 2, 2, 2}, Shape{130, 4, 64, 0, 1, 2}}) {
    for (const Factors factors : {kScanOnly, kExact, kUnified.with(Factor::NoStep), Factors{Factor::Skip}}) {
      SCOPED_TRACE(::testing::Message() << GetParam() << ", " << shape << ", " << factorList(factors));
      expectScansAgree<float>(randomLayer(GetParam(), shape), factors);
      expectScansAgree<double>(randomLayer(GetParam(), shape, at::kDouble), factors);
    }
  }
  const Shape shape{70, 6, 5, 4, 1, 3};
  const LayerFactors both = bidirectional(randomLayer(GetParam(), shape, at::kDouble, 1),
                                          randomLayer(GetParam(), shape, at::kDouble, 2));
  expectScansAgree<double>(both, exactTerms());
}

INSTANTIATE_TEST_SUITE_P(Kinds, GpuScan,
                         ::testing::Values(Recipe::Step, Recipe::LogDecay, Recipe::ConstantDecay,
                                           Recipe::ReadsBefore, Recipe::LogSum, Recipe::DeltaRule));

TEST(GpuFallBack, WhatTheKernelsDoNotKnowIsLeftToTheCpuWithANotice) {
  GpuOperators gpu(0);
  const LayerFactors wide = randomLayer({20, 4, 5, 5, 1});
  EXPECT_FALSE(gpu.tile<float>(wide, {{0, 1}, kUnified}, whole(20), kQuiet).has_value());
  EXPECT_NE(gpu.notice().find("CPU"), std::string::npos);
  EXPECT_TRUE(gpu.tile<float>(wide, {{0, 1}, kScanOnly}, whole(20), kQuiet).has_value());
  EXPECT_TRUE(gpu.notice().empty());
  const LayerFactors softmax = randomLayer(Recipe::Softmax, {20, 4, 5, 0, 1});
  EXPECT_FALSE(gpu.apply(softmax, kScanOnly, softmax.x, false, kQuiet).has_value());
}

TEST(GpuFallBack, TooLittleMemoryAndAFailedLaunchLeaveTheNextCallWhole) {
  const LayerFactors layer = randomLayer({100, 4, 5, 4, 1});
  const Matrix expected = onGpu<float>(layer, {{0, 1}, kUnified}, whole(100));
  GpuOperators gpu(0);
  gpu::emulation::setMemory(1000);
  EXPECT_FALSE(gpu.tile<float>(layer, {{0, 1}, kUnified}, whole(100), kQuiet).has_value());
  EXPECT_NE(gpu.notice().find("memory"), std::string::npos);
  gpu::emulation::setMemory(int64_t{4} << 30);
  gpu::emulation::failLaunchAfter(2);
  EXPECT_FALSE(gpu.tile<float>(layer, {{0, 1}, kUnified}, whole(100), kQuiet).has_value());
  EXPECT_EQ(gpu.tile<float>(layer, {{0, 1}, kUnified}, whole(100), kQuiet), expected);
}

TEST(GpuCancel, AStopIsSeenAndTheNextCallIsWhole) {
  const LayerFactors layer = randomLayer({100, 4, 5, 4, 1});
  GpuOperators gpu(0);
  std::stop_source source;
  source.request_stop();
  EXPECT_THROW((void)gpu.tile<float>(layer, {{0, 1}, kUnified}, whole(100), Feedback(source.get_token())),
               Cancelled);
  EXPECT_TRUE(gpu.tile<float>(layer, {{0, 1}, kUnified}, whole(100), kQuiet).has_value());
}

}  // namespace
}  // namespace uc
