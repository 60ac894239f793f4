// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT
//
// Laws that hold whatever the numbers: scaling, resets, non-finite factors, threads, cancelling.

#include "core/attention/operators.h"
#include "core/attention/parallel.h"
#include "tests/support/layers.h"

#include <ATen/ATen.h>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace uc {
namespace {

using namespace test;

const Feedback kQuiet;
constexpr int64_t kTokens = 150;

Window whole(int64_t tokens) { return {0, tokens, 0, tokens, 1}; }

Matrix laneTile(const LayerFactors& layer, Factors factors, int64_t lane) {
  return tile<float>(layer, {{lane, lane + 1}, factors}, whole(layer.tokens), kQuiet);
}

/// Restores the number of threads at the end of a test.
class Threads {
 public:
  explicit Threads(int count) { setThreadCount(count); }
  ~Threads() { setThreadCount(0); }
};

TEST(OperatorLaws, AScaledKeyScalesTheMap) {
  LayerFactors layer = randomLayer({kTokens, 2, 16, 4, 1});
  const Matrix before = laneTile(layer, kUnified, 1);
  layer.key = layer.key * 4.0;  // a power of two: exact
  const Matrix after = laneTile(layer, kUnified, 1);
  for (size_t i = 0; i < before.values.size(); ++i) ASSERT_EQ(after.values[i], 4.0F * before.values[i]);
}

TEST(OperatorLaws, AHugeStepForgetsEverythingBeforeIt) {
  for (const float huge : {1e6F, std::numeric_limits<float>::infinity()}) {
    LayerFactors layer = randomLayer({kTokens, 2, 16, 0, 1});
    layer.step[70] = huge;
    const Factors factors = kScanOnly.with(Factor::NoStep);
    const Matrix map = laneTile(layer, factors, 1);
    const Matrix row = rows<float>(layer, factors, {1, 2}, 149, kQuiet);
    for (int64_t t = 0; t < kTokens; ++t) {
      for (int64_t s = 0; s <= t; ++s) {
        const bool isCut = s < 70 && t >= 70;
        ASSERT_EQ(map.at(t, s) == 0.0F, isCut) << t << ", " << s;
      }
    }
    for (int64_t s = 0; s < kTokens; ++s) ASSERT_EQ(row.at(0, s) == 0.0F, s < 70) << s;
  }
}

/// A factor at one token made `bad`, and which entries of a map it has a part in.
struct Damage {
  const char* name;
  at::Tensor LayerFactors::*factor;
  bool (*touches)(int64_t t, int64_t s);  // the damage is at token 70
};

TEST(OperatorLaws, NonFiniteFactorsShowInTheEntriesTheyTouchAndInNoOthers) {
  const Damage damages[] = {
      {"query", &LayerFactors::query, [](int64_t t, int64_t) { return t == 70; }},
      {"key", &LayerFactors::key, [](int64_t, int64_t s) { return s == 70; }},
      {"step", &LayerFactors::step, [](int64_t t, int64_t s) { return s <= 70 && 70 <= t; }},
      {"gate", &LayerFactors::rowScale, [](int64_t t, int64_t) { return t == 70; }},
      {"activation", &LayerFactors::columnScale, [](int64_t, int64_t s) { return s == 70; }},
  };
  const Factors factors = kExact.without(Factor::Convolution);
  for (const Damage& damage : damages) {
    SCOPED_TRACE(damage.name);
    LayerFactors layer = randomLayer({kTokens, 2, 16, 4, 1});
    (layer.*damage.factor)[70] = std::numeric_limits<float>::quiet_NaN();
    const Matrix one = laneTile(layer, factors, 1);
    const Matrix merged = tile<float>(layer, {{0, 2, Merge::MaxAbs}, factors}, whole(kTokens), kQuiet);
    for (int64_t t = 0; t < kTokens; ++t) {
      const Matrix row = rows<float>(layer, factors, {1, 2}, t, kQuiet);
      const Matrix column = columns<float>(layer, factors, {1, 2}, t, kQuiet);
      for (int64_t s = 0; s < kTokens; ++s) {
        const bool isBad = s <= t && damage.touches(t, s);
        ASSERT_EQ(std::isnan(one.at(t, s)), isBad) << t << ", " << s;
        ASSERT_EQ(std::isnan(merged.at(t, s)), isBad) << t << ", " << s;
        ASSERT_EQ(std::isnan(row.at(0, s)), isBad) << t << ", " << s;
        ASSERT_EQ(std::isnan(column.at(0, s)), t <= s && damage.touches(s, t)) << s << ", " << t;
      }
    }
  }
}

TEST(OperatorLaws, NonFiniteTapsAndRatesShow) {
  LayerFactors layer = randomLayer({kTokens, 2, 16, 4, 1});
  layer.taps[1][0] = std::numeric_limits<float>::quiet_NaN();  // the oldest: three steps back
  const Matrix map = laneTile(layer, kUnified, 1);
  for (int64_t t = 0; t < kTokens; ++t) {
    for (int64_t s = 0; s <= t; ++s) ASSERT_EQ(std::isnan(map.at(t, s)), s + 3 <= t) << t << ", " << s;
  }
  layer = randomLayer({kTokens, 2, 16, 4, 1});
  layer.rate[1][7] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(std::isnan(laneTile(layer, kScanOnly, 1).at(149, 0)));
  EXPECT_FALSE(std::isnan(laneTile(layer, kScanOnly, 0).at(149, 0)));
}

TEST(OperatorLaws, InfiniteKeysStayInfinite) {
  LayerFactors layer = randomLayer({kTokens, 1, 1, 0, 1});
  layer.key[3] = std::numeric_limits<float>::infinity();
  const Matrix map = laneTile(layer, kScanOnly, 0);
  for (int64_t t = 3; t < 60; ++t) EXPECT_FALSE(std::isfinite(map.at(t, 3)));
}

TEST(OperatorLaws, TheNumberOfThreadsChangesNothing) {
  const LayerFactors layer = randomLayer({600, 100, 4, 4, 1});
  const Window window{3, 600, 0, 590, 3};
  for (const Merge merge : allMerges()) {
    const MapQuery query{{0, 100, merge}, kUnified};
    Matrix first;
    for (const int threads : {1, 2, 3, 16}) {  // 1 by slabs of lanes, the others by parts of the map
      const Threads set(threads);
      const Matrix map = tile<float>(layer, query, window, kQuiet);
      if (threads == 1) first = map;
      ASSERT_EQ(map, first) << threads << " threads";
    }
  }
}

/// Asks for a stop at the third report and counts reports: one for each piece of work that was finished.
int piecesUntilCancelled(const LayerFactors& layer, const MapQuery& query) {
  std::stop_source stop;
  int reports = 0;
  const Feedback feedback(stop.get_token(), [&](double, std::string_view) {
    if (++reports == 3) stop.request_stop();
  });
  EXPECT_THROW(tile<float>(layer, query, whole(layer.tokens), feedback), Cancelled);
  return reports;
}

TEST(OperatorLaws, ARequestedStopEndsATileAtThePieceItIsIn) {
  const LayerFactors layer = randomLayer({1100, 200, 4, 4, 1});
  const Threads set(1);
  EXPECT_EQ(piecesUntilCancelled(layer, {{0, 200, Merge::MeanAbs}, kUnified}), 3);  // by slabs of lanes
  EXPECT_EQ(piecesUntilCancelled(layer, {{0, 1}, kUnified}), 3);                    // by parts of the map
}

TEST(OperatorLaws, NothingBeginsAfterAStop) {
  const LayerFactors layer = randomLayer({kTokens, 2, 4, 4, 1});
  std::stop_source stop;
  stop.request_stop();
  const Feedback feedback(stop.get_token());
  EXPECT_THROW(tile<float>(layer, {{0, 1}, kUnified}, whole(kTokens), feedback), Cancelled);
  EXPECT_THROW(rows<float>(layer, kUnified, {0, 2}, 5, feedback), Cancelled);
  EXPECT_THROW(columns<float>(layer, kUnified, {0, 2}, 5, feedback), Cancelled);
  EXPECT_THROW(apply(layer, kUnified, layer.x, true, feedback), Cancelled);
  EXPECT_THROW(applyTransposed(layer, kUnified, layer.x, feedback), Cancelled);
  EXPECT_THROW(verifyLayer(layer, feedback), Cancelled);
}

}  // namespace
}  // namespace uc
