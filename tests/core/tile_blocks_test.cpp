// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT
//
// Merged tiles at the edges of blocks of tokens and of groups of lanes, on every kind of α, with the kernels
// of other processors too.

#include "core/attention/operators.h"
#include "tests/support/agreement.h"
#include "tests/support/closed_form.h"
#include "tests/support/layers.h"

#include <ATen/ATen.h>

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace uc {
namespace {

using namespace test;

const Feedback kQuiet;
constexpr int64_t kLanes = 18;  // a whole group and a part of one

/// Narrows the processor's abilities until the end of a test.
class Processor {
 public:
  explicit Processor(int64_t targets) { choose(targets); }
  ~Processor() { choose(0); }
  Processor(const Processor&) = delete;
  Processor& operator=(const Processor&) = delete;

 private:
  static void choose(int64_t targets) {
    hwy::SetSupportedTargetsForTest(targets);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  }
};

/// The maps of all lanes from the closed form: [lanes, L · L].
Matrix64 closedForms(const LayerFactors& layer, Factors factors) {
  Matrix64 lanes(layer.lanes, layer.tokens * layer.tokens);
  for (int64_t d = 0; d < layer.lanes; ++d) {
    const Matrix64 map = closedForm(layer, factors, d);
    std::copy(map.values.begin(), map.values.end(), lanes.row(d));
  }
  return lanes;
}

template <typename T>
void expectEveryMerge(const LayerFactors& layer, Factors factors) {
  const Matrix64 lanes = closedForms(layer, factors);
  const double scale = largest(lanes);
  for (const Merge merge : allMerges()) {
    SCOPED_TRACE(name(merge));
    const std::vector<double> expected = mergeLanes(lanes, merge);
    const MatrixOf<T> map = tile<T>(layer, {{0, layer.lanes, merge}, factors}, whole(layer.tokens), kQuiet);
    for (size_t i = 0; i < expected.size(); ++i) {
      ASSERT_NEAR(static_cast<double>(map.values[i]), expected[i], kTolerance<T> * scale) << i;
    }
  }
}

TEST(TileBlocks, EveryMergeIsRightAtEveryEdge) {
  for (const int64_t tokens : {1, 2, 15, 16, 17, 63, 64, 65, 67, 68, 127, 129}) {
    const LayerFactors layer = randomLayer({tokens, kLanes, 3, 4, 1}, at::kDouble);
    SCOPED_TRACE(tokens);
    expectEveryMerge<double>(layer, kExact);
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(TileBlocks, EveryMergeIsRightOnEveryKind) {
  for (const Recipe recipe : everyRecipe()) {
    const int64_t states = recipe == Recipe::LogSum ? 1 : 9;
    for (const int64_t scans : {kLanes, kLanes / 9}) {
      SCOPED_TRACE(::testing::Message() << recipe << ", " << scans << " scans");
      const Shape shape{83, kLanes, states, 4, 1, scans};
      expectEveryMerge<double>(randomLayer(recipe, shape, at::kDouble), kExact);
      expectEveryMerge<float>(randomLayer(recipe, shape), kUnified);
      if (::testing::Test::HasFailure()) return;
    }
  }
}

/// RWKV-4 as it is: no convolution and no path around the scan, which its sums over lanes are made for.
LayerFactors logSumLayer(int64_t tokens, int64_t lanes, at::ScalarType type) {
  LayerFactors layer = randomLayer(Recipe::LogSum, {tokens, lanes, 1, 0, 1}, type);
  layer.skip = at::Tensor();
  return layer;
}

TEST(TileBlocks, SumsOfLogSumsAreRightAtEveryEdge) {
  for (const int64_t tokens : {1, 2, 15, 16, 17, 63, 64, 65, 129, 200}) {
    SCOPED_TRACE(tokens);
    expectEveryMerge<double>(logSumLayer(tokens, kLanes, at::kDouble), kExact);
    expectEveryMerge<float>(logSumLayer(tokens, kLanes, at::kFloat), kUnified);
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(TileBlocks, ALogKeyThatIsNotANumberStaysInItsColumn) {
  LayerFactors layer = logSumLayer(150, kLanes, at::kDouble);
  const MapQuery query{{0, kLanes, Merge::Mean}, kUnified};
  const Matrix64 clean = tile<double>(layer, query, whole(150), kQuiet);
  layer.logKey[70][3] = std::numeric_limits<double>::quiet_NaN();
  layer.logKey[5][4] = -std::numeric_limits<double>::infinity();
  const Matrix64 map = tile<double>(layer, query, whole(150), kQuiet);
  for (int64_t t = 0; t < 150; ++t) {
    for (int64_t s = 0; s < 150; ++s) {
      if (s == 5) continue;
      const bool isReached = s == 70 && t > 70;
      ASSERT_EQ(std::isnan(map.at(t, s)), isReached) << t << ", " << s;
      if (isReached) continue;
      ASSERT_NEAR(map.at(t, s), clean.at(t, s), 1e-12 * largest(clean)) << t << ", " << s;
    }
  }
}

TEST(TileBlocks, AreRightWithTheKernelsOfEveryProcessor) {
  const int64_t here = hwy::SupportedTargets();  // from the newest on, in rising bits
  for (int64_t targets = here; (targets & HWY_STATIC_TARGET) != 0; targets &= targets - 1) {
    const Processor narrowed(targets);
    SCOPED_TRACE(hwy::TargetName(targets & -targets));
    expectEveryMerge<float>(randomLayer({83, kLanes, 16, 4, 1}), kUnified);
    expectEveryMerge<double>(randomLayer({83, kLanes, 16, 4, 1}, at::kDouble), kExact);
    expectEveryMerge<float>(randomLayer(Recipe::Softmax, {83, kLanes, 16, 0, 2, 2}), kUnified);
  }
}

TEST(TileBlocks, OneLaneOfManyThatShareAScanIsItsOwnMap) {
  const LayerFactors layer = randomLayer({70, 80, 3, 4, 1, 1}, at::kDouble);  // lanes for more than a slab
  const Matrix64 expected = closedForm(layer, kExact, 79);
  const Matrix64 map = tile<double>(layer, {{79, 80}, kExact}, whole(70), kQuiet);
  for (size_t i = 0; i < expected.values.size(); ++i) {
    ASSERT_NEAR(map.values[i], expected.values[i], 1e-12 * largest(expected)) << i;
  }
}

TEST(TileBlocks, ALaneWhoseDecayIsDeadDoesNotHideTheOthers) {
  LayerFactors layer = randomLayer({200, kLanes, 4, 4, 1}, at::kDouble);
  layer.rate.slice(0, 0, kLanes - 1).mul_(1e4);  // all but the last forget at once
  layer.rate[kLanes - 1].mul_(1e-2);
  expectEveryMerge<double>(layer, kUnified);
}

void expectPartialWindows(const LayerFactors& layer, Merge merge) {
  const int64_t tokens = layer.tokens;
  const MapQuery query{{1, layer.lanes, merge}, kExact, true};
  const Matrix64 map = tile<double>(layer, query, whole(tokens), kQuiet);
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

TEST(TileBlocks, PartialWindowsOfMergesAreThoseOfTheMap) {
  const LayerFactors layer = randomLayer({330, 2 * kLanes, 5, 4, 1}, at::kDouble);
  for (const Merge merge : {Merge::Mean, Merge::MaxAbs}) expectPartialWindows(layer, merge);
  expectPartialWindows(logSumLayer(330, 2 * kLanes, at::kDouble), Merge::Mean);
}

}  // namespace
}  // namespace uc
