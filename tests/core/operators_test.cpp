// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/operators.h"

#include "tests/support/agreement.h"
#include "tests/support/closed_form.h"
#include "tests/support/layers.h"

#include <ATen/ATen.h>

#include <gtest/gtest.h>

#include <cmath>

namespace uc {
namespace {

using namespace test;

const Feedback kQuiet;

std::vector<Shape> everyShape() {
  std::vector<Shape> shapes;
  for (const int64_t tokens : {1, 2, 37, 130}) {
    for (const int64_t lanes : {1, 3, 8}) {
      // N, K and grouping vary along, so that each meets every length.
      shapes.push_back({tokens, lanes, 1, 4, 1});
      shapes.push_back({tokens, lanes, 5, 1, lanes});
      shapes.push_back({tokens, lanes, 16, 2, 1});
    }
  }
  return shapes;
}

template <typename T>
void expectEveryMapAgrees() {
  for (const Shape& shape : everyShape()) {
    const LayerFactors layer = randomLayer(shape, kType<T>);
    for (const Factors factors : everyFactors()) {
      SCOPED_TRACE(::testing::Message() << shape << ", " << factorList(factors));
      expectOperatorsAgree<T>(layer, factors, shape.lanes / 2);
      if (::testing::Test::HasFailure()) return;
    }
  }
}

TEST(Operators, TileRowsAndColumnsAreTheClosedFormInFloat) { expectEveryMapAgrees<float>(); }

TEST(Operators, TileRowsAndColumnsAreTheClosedFormInDouble) { expectEveryMapAgrees<double>(); }

TEST(Operators, ProductsWithVectorsAreThoseOfTheDenseMap) {
  for (const Shape& shape : everyShape()) {
    const LayerFactors layer = randomLayer(shape, at::kDouble);
    const at::Tensor v = randomLayer(shape, at::kDouble, 2).x;
    for (const Factors factors : everyFactors()) {
      SCOPED_TRACE(::testing::Message() << shape << ", " << factorList(factors));
      const int64_t lane = shape.lanes - 1;
      Matrix64 dense = closedForm(layer, factors, lane);
      const at::Tensor map = at::from_blob(dense.values.data(), {shape.tokens, shape.tokens}, at::kDouble);
      const at::Tensor one = v.select(1, lane).contiguous();
      const at::Tensor forward = apply(layer, factors, v, false, kQuiet).select(1, lane);
      const at::Tensor adjoint = applyTransposed(layer, factors, v, kQuiet).select(1, lane);
      ASSERT_TRUE(at::allclose(forward, at::mv(map, one), 1e-11, 1e-11));
      ASSERT_TRUE(at::allclose(adjoint, at::mv(map.t(), one), 1e-11, 1e-11));
    }
  }
}

TEST(Operators, AdditiveTermsHoldTheBiasUnderTheSameFactors) {
  const LayerFactors layer = randomLayer({37, 3, 5, 4, 1}, at::kDouble);
  for (const Factors factors : everyFactors()) {
    SCOPED_TRACE(factorList(factors));
    const at::Tensor additive = apply(layer, factors, at::zeros_like(layer.x), true, kQuiet);
    Matrix64 expected = closedFormAdditive(layer, factors, 1);
    const at::Tensor closed = at::from_blob(expected.values.data(), {37}, at::kDouble);
    ASSERT_TRUE(at::allclose(additive.select(1, 1), closed, 1e-11, 1e-11));
    if (!factors.has(Factor::Convolution)) {
      EXPECT_EQ(additive.abs().max().item<double>(), 0.0);
    }
  }
}

TEST(Operators, AMissingFactorIsTheIdentity) {
  LayerFactors layer = randomLayer({70, 2, 5, 0, 1}, at::kDouble);
  layer.rowScale = layer.columnScale = layer.skip = at::Tensor();
  const Matrix64 scan = closedForm(layer, kScanOnly, 1);
  EXPECT_LE(difference(laneTile<double>(layer, kExact, 1), scan), 1e-12);
  EXPECT_LE(difference(laneTile<double>(layer, kScanOnly, 1), scan), 1e-12);
}

TEST(Operators, TheStrictUpperTriangleIsExactlyZero) {
  const LayerFactors layer = randomLayer({130, 3, 16, 4, 1});
  const Matrix map = tile<float>(layer, {{0, 3, Merge::MaxAbs}, kExact}, whole(130), kQuiet);
  for (int64_t t = 0; t < 130; ++t) {
    for (int64_t s = t + 1; s < 130; ++s) ASSERT_EQ(map.at(t, s), 0.0F);
  }
}

TEST(Operators, AWindowIsTheSamePartOfTheWholeMap) {
  const LayerFactors layer = randomLayer({700, 4, 5, 4, 1}, at::kDouble);
  const MapQuery queries[] = {
      {{2, 3}, kExact}, {{0, 4, Merge::MeanAbs}, kUnified}, {{1, 2}, {Factor::Skip, Factor::Convolution}}};
  const Window windows[] = {{0, 700, 0, 700},    {130, 131, 5, 6},  {699, 700, 699, 700},
                            {0, 1, 699, 700},    {65, 127, 0, 700}, {600, 700, 3, 68},
                            {64, 128, 64, 128},  {70, 90, 60, 100}, {300, 500, 290, 520},
                            {511, 514, 508, 516}};
  for (const MapQuery& query : queries) {
    const Matrix64 map = tile<double>(layer, query, whole(700), kQuiet);
    const double scale = largest(map);
    for (const Window& window : windows) {
      SCOPED_TRACE(::testing::Message()
                   << window.row0 << ":" << window.row1 << " " << window.col0 << ":" << window.col1);
      const Matrix64 part = tile<double>(layer, query, window, kQuiet);
      ASSERT_EQ(part.rows, window.row1 - window.row0);
      ASSERT_EQ(part.cols, window.col1 - window.col0);
      for (int64_t t = 0; t < part.rows; ++t) {
        for (int64_t s = 0; s < part.cols; ++s) {
          ASSERT_NEAR(part.at(t, s), map.at(window.row0 + t, window.col0 + s), 1e-12 * scale)
              << t << ", " << s;
        }
      }
    }
  }
}

TEST(Operators, EntriesFarFromTheDiagonalAreRightInALongInput) {
  LayerFactors layer = randomLayer({3000, 2, 16, 4, 1});
  layer.rate = layer.rate * 1e-3;  // so slow that the first token is still seen at the last
  const Matrix map = tile<float>(layer, {{1, 2}, kScanOnly}, {2990, 3000, 0, 3000}, kQuiet);
  double scale = 0.0;
  for (const float entry : map.values) scale = std::max(scale, std::abs(static_cast<double>(entry)));
  for (const int64_t s : {0, 1, 63, 64, 511, 512, 1500, 2900, 2943, 2944, 2989, 2995}) {
    const double expected = closedFormAlpha(layer, 1, 2995, s);
    EXPECT_NEAR(static_cast<double>(map.at(5, s)), expected, 1e-6 * scale) << s;
    EXPECT_NEAR(static_cast<double>(rows<float>(layer, kScanOnly, {1, 2}, 2995, kQuiet).at(0, s)), expected,
                1e-6 * scale);
  }
}

TEST(Operators, StepsThatAreZeroTinyOrHugeAreRight) {
  for (const double step : {0.0, 1e-8, 50.0}) {
    LayerFactors layer = randomLayer({200, 2, 16, 4, 1});
    layer.step = at::full_like(layer.step, step);
    // In float, a step of 1e-8 is a number, but one minus it is one: no product of decays may be made of
    // rounded decays.
    for (const Factors factors : {kScanOnly, kExact, kUnified.with(Factor::NoStep)}) {
      SCOPED_TRACE(::testing::Message() << step << ", " << factorList(factors));
      expectOperatorsAgree<float>(layer, factors, 1);
      expectOperatorsAgree<double>(widened(layer, at::kDouble), factors, 1);
    }
  }
}

TEST(Operators, TinyStepsKeepTheirDecayOverThousandsOfTokens) {
  LayerFactors layer = randomLayer({3000, 1, 4, 0, 1});
  layer.step = at::full_like(layer.step, 1e-8);
  layer.rate = at::full_like(layer.rate, -4.0);
  layer.query = at::ones_like(layer.query);
  layer.key = at::ones_like(layer.key);
  const Factors factors = kScanOnly.with(Factor::NoStep);
  const double expected = 4.0 * std::exp(-4.0 * 2999 * static_cast<double>(1e-8F));  // 5e-4 below 4
  EXPECT_NEAR(static_cast<double>(laneTile<float>(layer, factors, 0).at(2999, 0)), expected, 4e-6);
  EXPECT_NEAR(static_cast<double>(rows<float>(layer, factors, {0, 1}, 2999, kQuiet).at(0, 0)), expected,
              4e-6);
  EXPECT_NEAR(static_cast<double>(columns<float>(layer, factors, {0, 1}, 0, kQuiet).at(0, 2999)), expected,
              4e-6);
}

}  // namespace
}  // namespace uc
