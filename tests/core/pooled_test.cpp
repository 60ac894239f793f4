// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT
//
// Pooled maps against the means of the closed form's entries.

#include "core/attention/pooled.h"

#include "core/attention/parallel.h"
#include "core/attention/pooled_sample.h"
#include "core/attention/single_signed.h"
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

/// The mean over lanes of the closed form's entries, times x where asked, and that of their magnitudes.
struct ClosedMean {
  ClosedMean(const LayerFactors& layer, const MapQuery& query)
      : map(layer.tokens, layer.tokens), magnitudes(layer.tokens, layer.tokens) {
    for (int64_t d = query.lanes.first; d < query.lanes.last; ++d) {
      const Matrix64 lane = closedForm(layer, query.terms, d);
      for (size_t i = 0; i < lane.values.size(); ++i) {
        const int64_t s = static_cast<int64_t>(i) % layer.tokens;
        const double x = query.timesInput ? layer.x[s][d].item<double>() : 1.0;
        map.values[i] += lane.values[i] * x / static_cast<double>(query.lanes.count());
        magnitudes.values[i] += std::abs(lane.values[i] * x) / static_cast<double>(query.lanes.count());
      }
    }
  }
  Matrix64 map, magnitudes;
};

/// Entry by entry, in plain words: conventions.md 12.
Matrix64 pooledMeans(const Matrix64& map, const Window& window) {
  Matrix64 result(pooledSize(window.row1 - window.row0, window.pool),
                  pooledSize(window.col1 - window.col0, window.pool));
  for (int64_t i = 0; i < result.rows; ++i) {
    for (int64_t j = 0; j < result.cols; ++j) {
      double sum = 0.0, count = 0.0;
      for (int64_t t = window.row0 + i * window.pool;
           t < std::min(window.row0 + (i + 1) * window.pool, window.row1); ++t) {
        for (int64_t s = window.col0 + j * window.pool;
             s < std::min(window.col0 + (j + 1) * window.pool, window.col1); ++s) {
          sum += map.at(t, s);
          count += 1.0;
        }
      }
      result.at(i, j) = sum / count;
    }
  }
  return result;
}

/// The whole map, a square on the diagonal, and parts whose rows and columns begin anywhere.
std::vector<Window> windowsOf(int64_t tokens, int64_t pool) {
  const int64_t third = tokens / 3;
  return {{0, tokens, 0, tokens, pool},
          {third, tokens, third, tokens, pool},
          {third / 2, tokens - third / 4, third / 3, tokens - third / 2, pool},
          {tokens - third - 1, tokens, 0, third + 1, pool},
          {0, third + 1, third / 2, tokens, pool}};
}

const std::vector<int64_t> kPools = {1, 2, 3, 4, 5, 7, 16, 64, 100};

/// Errors in units of the largest pixel of magnitudes: entries of both signs may cancel in every pixel there
/// is.
template <typename T>
void expectPooled(const LayerFactors& layer, const MapQuery& query, const ClosedMean& closed,
                  const Window& window) {
  SCOPED_TRACE(::testing::Message() << "pool " << window.pool << ", rows " << window.row0 << ":"
                                    << window.row1 << ", cols " << window.col0 << ":" << window.col1);
  ASSERT_TRUE(poolsExactly(layer, query, window));
  const Matrix64 expected = pooledMeans(closed.map, window);
  const MatrixOf<T> found = pooledTile<T>(layer, query, window, kQuiet);
  ASSERT_EQ(found.rows, expected.rows);
  ASSERT_EQ(found.cols, expected.cols);
  const Window whole{0, layer.tokens, 0, layer.tokens, window.pool};
  const double limit = kTolerance<T> * largest(pooledMeans(closed.magnitudes, whole));
  for (size_t i = 0; i < expected.values.size(); ++i)
    ASSERT_LE(std::abs(static_cast<double>(found.values[i]) - expected.values[i]), limit) << i;
}

/// One lane and a mean over some, in float and in double.
void expectAllPooled(const LayerFactors& layer, const MapTerms& terms, bool timesInput,
                     const std::vector<int64_t>& pools = kPools) {
  const LayerFactors wide = widened(layer, at::kDouble);
  const int64_t lanes = layer.lanes;
  for (const LaneSpan& span :
       {LaneSpan{lanes / 2, lanes / 2 + 1}, LaneSpan{lanes > 1 ? 1 : 0, lanes, Merge::Mean}}) {
    const MapQuery query{span, terms, timesInput};
    const ClosedMean closed(wide, query);
    for (const int64_t pool : pools) {
      for (const Window& window : windowsOf(layer.tokens, pool)) {
        expectPooled<float>(layer, query, closed, window);
        expectPooled<double>(wide, query, closed, window);
        if (::testing::Test::HasFailure()) return;
      }
    }
  }
}

class PooledRecipe : public ::testing::TestWithParam<Recipe> {};

TEST_P(PooledRecipe, APixelIsTheMeanOfItsEntries) {
  const std::vector<Shape> shapes = {{1, 2, 5, 4},           {7, 4, 1, 4, 1, 4, 4},    {64, 4, 5, 0, 2, 4, 1},
                                     {65, 6, 5, 3, 1, 3, 3}, {130, 4, 16, 4, 2, 2, 2}, {300, 2, 3, 4}};
  for (const Shape& shape : shapes) {
    const LayerFactors layer = randomLayer(GetParam(), shape);
    for (const Factors factors : {kScanOnly, kExact}) {
      SCOPED_TRACE(::testing::Message() << shape << ", " << factorList(factors));
      expectAllPooled(layer, factors, false);
      if (HasFailure()) return;
    }
  }
}

TEST_P(PooledRecipe, EverySetOfFactorsPools) {
  const LayerFactors layer = randomLayer(GetParam(), {40, 4, 3, 4, 1, 2, 2});
  for (const Factors factors : everyFactors()) {
    SCOPED_TRACE(factorList(factors));
    expectAllPooled(layer, factors, false, {2, 16});
    expectAllPooled(layer, factors, true, {3});
    if (HasFailure()) return;
  }
}

TEST_P(PooledRecipe, DirectionsPoolIntoOnePicture) {
  const Shape shape{77, 4, 3, 4, 1, 2, 2};
  const LayerFactors layer =
      bidirectional(randomLayer(GetParam(), shape), randomLayer(GetParam(), shape, at::kFloat, 2));
  for (const Direction direction : {Direction::Forward, Direction::Backward, Direction::Both}) {
    for (const bool timesInput : {false, true}) {
      SCOPED_TRACE(::testing::Message() << name(direction) << ", times x: " << timesInput);
      expectAllPooled(layer, MapTerms(kExact, direction, true), timesInput, {2, 5, 16, 100});
      if (HasFailure()) return;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Pooled, PooledRecipe,
                         ::testing::Values(Recipe::Step, Recipe::StepOutsideKey, Recipe::LogDecay,
                                           Recipe::ConstantDecay, Recipe::ReadsBefore, Recipe::LogSum,
                                           Recipe::DeltaRule));

// In units of the largest pixel itself, of which cancelling entries leave less.
TEST(Pooled, PixelsAreRightWithinTheLargestOfThem) {
  for (const Recipe recipe : {Recipe::Step, Recipe::LogSum, Recipe::DeltaRule}) {
    const LayerFactors layer = randomLayer(recipe, {300, 4, 16, 4, 1});
    const MapQuery query{{0, 4, Merge::Mean}, kUnified};
    const ClosedMean closed(widened(layer, at::kDouble), query);
    for (const int64_t pool : {4, 16, 64}) {
      const Window window{0, 300, 0, 300, pool};
      EXPECT_LE(difference(pooledTile<float>(layer, query, window, kQuiet), pooledMeans(closed.map, window)),
                1e-6)
          << recipe << ", pool " << pool;
    }
  }
}

TEST(Pooled, TinyStepsKeepTheirDecayOverThousandsOfTokens) {
  LayerFactors layer = randomLayer({3000, 1, 4, 0, 1});
  layer.step = at::full_like(layer.step, 1e-8);
  layer.rate = at::full_like(layer.rate, -4.0);
  layer.query = at::ones_like(layer.query);
  layer.key = at::ones_like(layer.key);
  const Factors factors = kScanOnly.with(Factor::NoStep);
  double sum = 0.0;  // of entries 4 exp(−4 Δ (t − s)), by t − s
  for (int age = 0; age < 3000; ++age)
    sum += (3000 - age) * 4.0 * std::exp(-4.0 * age * static_cast<double>(1e-8F));
  const Matrix map = pooledTile<float>(layer, {{0, 1}, factors}, {0, 3000, 0, 3000, 3000}, kQuiet);
  EXPECT_NEAR(static_cast<double>(map.at(0, 0)), sum / 9e6,
              1e-6 * sum / 9e6);  // 4e-5 less than without decay
}

TEST(Pooled, LargeKeysOfRwkv4StayFinite) {
  LayerFactors layer = randomLayer(Recipe::LogSum, {130, 2, 1, 0});
  layer.logKey = layer.logKey * 100.0;
  layer.diagonal = layer.diagonal * 100.0;
  layer.logNormalizer = logNormalizer(layer);
  expectAllPooled(layer, kScanOnly, false);
}

/// A factor at token 70 made NaN, and which entries of a map it has a part in.
struct Damage {
  Recipe recipe;
  const char* name;
  at::Tensor LayerFactors::*factor;
  bool (*touches)(int64_t t, int64_t s);
};

TEST(Pooled, NaNStaysInThePixelsOfItsEntries) {
  const auto row = [](int64_t t, int64_t) { return t == 70; };
  const auto column = [](int64_t t, int64_t s) { return s == 70 && s <= t; };
  const auto keyOnly = [](int64_t t, int64_t s) { return s == 70 && s < t; };
  const auto across = [](int64_t t, int64_t s) { return s <= 70 && 70 <= t; };
  const auto after = [](int64_t t, int64_t s) { return s < 70 && 70 <= t; };
  const auto between = [](int64_t t, int64_t s) { return s < 70 && 70 < t; };
  const Damage damages[] = {{Recipe::Step, "query", &LayerFactors::query, row},
                            {Recipe::Step, "key", &LayerFactors::key, column},
                            {Recipe::Step, "step", &LayerFactors::step, across},
                            {Recipe::Step, "gate", &LayerFactors::rowScale, row},
                            {Recipe::Step, "activation", &LayerFactors::columnScale, column},
                            {Recipe::LogDecay, "log decay", &LayerFactors::logDecay, after},
                            {Recipe::ReadsBefore, "log decay seen late", &LayerFactors::logDecay, between},
                            {Recipe::LogSum, "log key", &LayerFactors::logKey, keyOnly},
                            {Recipe::LogSum, "normalizer", &LayerFactors::logNormalizer, row}};
  for (const Damage& damage : damages) {
    LayerFactors layer = randomLayer(damage.recipe, {150, 2, 16, 4, 1});
    (layer.*damage.factor)[70] = std::numeric_limits<float>::quiet_NaN();
    for (const int64_t pool : {1, 7, 10, 35}) {
      SCOPED_TRACE(::testing::Message() << damage.name << ", pool " << pool);
      const Window window{5, 147, 3, 150, pool};
      Matrix64 touched(150, 150);
      for (int64_t t = 0; t < 150; ++t) {
        for (int64_t s = 0; s <= t; ++s) touched.at(t, s) = damage.touches(t, s) ? 1.0 : 0.0;
      }
      const Matrix64 expected = pooledMeans(touched, window);
      const Matrix map = pooledTile<float>(layer, {{0, 2, Merge::Mean}, kExact.without(Factor::Convolution)},
                                           window, kQuiet);
      for (size_t i = 0; i < map.values.size(); ++i)
        ASSERT_EQ(std::isnan(map.values[i]), expected.values[i] > 0.0) << i;
    }
  }
}

/// Restores the number of threads at the end of a test.
class Threads {
 public:
  explicit Threads(int count) { setThreadCount(count); }
  ~Threads() { setThreadCount(0); }
};

TEST(Pooled, TheNumberOfThreadsChangesNothing) {
  const LayerFactors layer = randomLayer({300, 200, 16, 4, 1});
  Matrix first;
  for (const int threads : {1, 2, 7}) {
    const Threads set(threads);
    const Matrix map =
        pooledTile<float>(layer, {{0, 200, Merge::Mean}, kUnified}, {3, 300, 0, 290, 3}, kQuiet);
    if (threads == 1) first = map;
    ASSERT_EQ(map, first) << threads << " threads";
  }
}

TEST(Pooled, ARequestedStopEndsIt) {
  const LayerFactors layer = randomLayer({300, 200, 16, 4, 1});
  std::stop_source stop;
  const Feedback feedback(stop.get_token(), [&](double, std::string_view) { stop.request_stop(); });
  const Threads set(1);
  const MapQuery query{{0, 200, Merge::Mean}, kUnified};
  EXPECT_THROW(pooledTile<float>(layer, query, {0, 300, 0, 300, 3}, feedback), Cancelled);
}

TEST(Pooled, WhatDoesNotPoolIsCutEntryByEntry) {
  const LayerFactors layer = randomLayer({130, 3, 4, 4, 1});
  const Window spikes{0, 130, 0, 130, 16, Pooling::MaxAbs};
  const MapQuery mean{{0, 3, Merge::Mean}, kUnified}, magnitude{{0, 3, Merge::MeanAbs}, kUnified};
  EXPECT_FALSE(poolsExactly(layer, mean, spikes));
  EXPECT_FALSE(poolsExactly(layer, magnitude, {0, 130, 0, 130, 16}));
  EXPECT_FALSE(poolsExactly(randomLayer(Recipe::Softmax, {20, 2, 4}), mean, {0, 20, 0, 20, 16}));
  EXPECT_EQ(cutWindow<float>(layer, mean, spikes, kQuiet), tile<float>(layer, mean, spikes, kQuiet));
  EXPECT_EQ(cutWindow<float>(layer, magnitude, {0, 130, 0, 130, 16}, kQuiet),
            tile<float>(layer, magnitude, {0, 130, 0, 130, 16}, kQuiet));
}

TEST(Pooled, ManyTokensInAPixelAreCheaperPooled) {
  const LayerFactors layer = randomLayer({130, 3, 4, 4, 1});
  const MapQuery mean{{0, 3, Merge::Mean}, kUnified};
  LayerFactors book = layer;
  book.tokens = 65536;
  EXPECT_LT(cutCost(book, mean, {0, 65536, 0, 65536, 64}),
            1e-2 * cutCost(book, mean, {0, 65536, 0, 65536, 1}));
  EXPECT_EQ(cutWindow<float>(layer, mean, {0, 130, 0, 130, 1}, kQuiet),
            tile<float>(layer, mean, {0, 130, 0, 130, 1}, kQuiet));
}

/// Without a sign but for the gate's, as RG-LRU before its convolution.
LayerFactors singleSigned(Recipe recipe) {
  LayerFactors layer = randomLayer(recipe, {130, 4, 3, 0, 1, 2});
  if (layer.query.defined()) layer.query = layer.query.abs();
  if (layer.key.defined()) layer.key = layer.key.abs();
  layer.skip = layer.skip.abs();
  return layer;
}

TEST(SingleSigned, MergesAreSignedMeansUnderAnotherGate) {
  for (const Recipe recipe : {Recipe::LogDecay, Recipe::LogSum}) {
    const LayerFactors layer = singleSigned(recipe);
    for (const Merge merge : {Merge::MeanAbs, Merge::PositiveMean}) {
      const MapQuery query{{0, 4, merge}, kExact};
      ASSERT_TRUE(asSignedMean(layer, query)) << recipe;
      for (const int64_t pool : {1, 5, 64}) {
        const Window window{3, 130, 1, 120, pool};
        const Matrix64 expected = [&] {
          const Matrix whole = tile<float>(layer, query, {0, 130, 0, 130, 1}, kQuiet);
          Matrix64 wide(130, 130);
          std::copy(whole.values.begin(), whole.values.end(), wide.values.begin());
          return pooledMeans(wide, window);
        }();
        EXPECT_LE(difference(cutWindow<float>(layer, query, window, kQuiet), expected), 1e-6)
            << recipe << ", " << name(merge) << ", pool " << pool;
      }
    }
  }
}

TEST(SingleSigned, TheAnswerIsRememberedUntilAnotherIsAskedFor) {
  LayerFactors layer = singleSigned(Recipe::LogDecay);
  const MapQuery query{{0, 4, Merge::MeanAbs}, kExact}, positive{{0, 4, Merge::PositiveMean}, kExact};
  SignedMean mean;
  const std::optional<EqualMap> first = mean.of(layer, query), again = mean.of(layer, query);
  ASSERT_TRUE(first && again);
  EXPECT_TRUE(first->layer.rowScale.equal(asSignedMean(layer, query)->layer.rowScale));
  EXPECT_TRUE(again->layer.rowScale.is_same(first->layer.rowScale));
  EXPECT_EQ(mean.bytes(), static_cast<int64_t>(layer.rowScale.nbytes()));
  EXPECT_EQ(again->query.lanes.merge, Merge::Mean);
  EXPECT_EQ(mean.of(layer, {{1, 3, Merge::MeanAbs}, kExact})->query.lanes.first, 1);
  EXPECT_TRUE(mean.of(layer, positive)->layer.rowScale.equal(asSignedMean(layer, positive)->layer.rowScale));
  EXPECT_FALSE(mean.of(layer, {{0, 4, Merge::MeanAbs}, kExact, true}));
  EXPECT_FALSE(mean.of(layer, {{0, 4, Merge::L2}, kExact}));
  EXPECT_EQ(mean.bytes(), 0);
}

TEST(SingleSigned, SignsInsideTheMapAreSeen) {
  const LayerFactors layer = singleSigned(Recipe::LogDecay);
  const auto isOne = [&](const LayerFactors& factors, MapQuery query) {
    return asSignedMean(factors, query).has_value();
  };
  const MapQuery query{{0, 4, Merge::MeanAbs}, kExact};
  EXPECT_TRUE(isOne(layer, query));
  EXPECT_FALSE(isOne(layer, {{0, 4, Merge::L2}, kExact}));
  EXPECT_FALSE(isOne(layer, {{0, 4, Merge::MaxAbs}, kExact}));
  EXPECT_FALSE(isOne(layer, {{0, 1}, kExact}));
  EXPECT_FALSE(isOne(layer, {{0, 4, Merge::MeanAbs}, kExact, true}));
  EXPECT_FALSE(isOne(bidirectional(layer, layer), query));
  EXPECT_FALSE(isOne(randomLayer(Recipe::DeltaRule, {9, 4, 3, 0}), {{0, 4, Merge::MeanAbs}, kScanOnly}));
  for (at::Tensor LayerFactors::*factor :
       {&LayerFactors::query, &LayerFactors::key, &LayerFactors::columnScale, &LayerFactors::skip}) {
    LayerFactors negative = layer;
    (negative.*factor) = (negative.*factor).clone();
    (negative.*factor).view({-1})[3] = -1.0;
    EXPECT_FALSE(isOne(negative, query));
  }
  LayerFactors convolved = layer;
  convolved.taps = at::ones({4, 4});
  EXPECT_TRUE(isOne(convolved, query));
  convolved.taps[2][1] = -0.5;
  EXPECT_FALSE(isOne(convolved, query));
  EXPECT_TRUE(isOne(convolved, {{0, 4, Merge::MeanAbs}, kExact.without(Factor::Convolution)}));
}

/// The kept entries of each pixel, in plain words: the middle ones.
Matrix64 sampledMeans(const Matrix64& map, const Window& window, int64_t kept) {
  Matrix64 result = pooledMeans(map, window);
  const auto middle = [&](int64_t begin, int64_t end, int64_t pixel) {
    const int64_t first = begin + pixel * window.pool, size = std::min(window.pool, end - first);
    const int64_t count = std::min(kept, size);
    return TokenRange{first + (size - count) / 2, first + (size - count) / 2 + count};
  };
  for (int64_t i = 0; i < result.rows; ++i) {
    const TokenRange rows = middle(window.row0, window.row1, i);
    for (int64_t j = 0; j < result.cols; ++j) {
      const TokenRange cols = middle(window.col0, window.col1, j);
      result.at(i, j) =
          pooledMeans(map, {rows.begin, rows.end, cols.begin, cols.end, window.pool, window.pooling})
              .at(0, 0);
    }
  }
  return result;
}

TEST(Sampled, KeptEntriesAreExact) {
  for (const Recipe recipe :
       {Recipe::Step, Recipe::StepOutsideKey, Recipe::ConstantDecay, Recipe::ReadsBefore}) {
    const LayerFactors layer = randomLayer(recipe, {130, 2, 5, 4, 1});
    for (const Factors factors : {kScanOnly, kExact}) {
      const MapQuery query{{0, 2, Merge::Mean}, factors};
      const ClosedMean closed(widened(layer, at::kDouble), query);
      for (const int64_t kept : {1, 3, 10}) {
        for (const Window& window : {Window{0, 130, 0, 130, 16}, Window{7, 129, 2, 100, 21}}) {
          SCOPED_TRACE(::testing::Message() << recipe << ", " << factorList(factors) << ", kept " << kept);
          const Matrix64 expected = sampledMeans(closed.map, window, kept);
          EXPECT_LE(difference(sampledTile<float>(layer, query, window, kept, kQuiet), expected), 1e-6);
        }
      }
    }
  }
}

/// Entry by entry in plain words: lanes merged, then the kept rows of each pixel pooled.
Matrix64 sampledRowsOf(const LayerFactors& layer, const MapQuery& query, const Window& window, int64_t kept) {
  Matrix64 merged(layer.tokens, layer.tokens);
  for (int64_t d = query.lanes.first; d < query.lanes.last; ++d) {
    const Matrix64 lane = closedForm(layer, query.terms, d);
    for (size_t i = 0; i < lane.values.size(); ++i) {
      const int64_t s = static_cast<int64_t>(i) % layer.tokens;
      const double value = lane.values[i] * (query.timesInput ? layer.x[s][d].item<double>() : 1.0);
      double& joined = merged.values[i];
      if (query.lanes.merge == Merge::MaxAbs) {
        joined = std::abs(value) > std::abs(joined) ? value : joined;
      } else {
        joined += query.lanes.merge == Merge::L2 ? value * value : std::abs(value);
      }
    }
  }
  const auto lanes = static_cast<double>(query.lanes.count());
  for (double& value : merged.values) {
    if (query.lanes.merge == Merge::L2) value = std::sqrt(value / lanes);
    if (query.lanes.merge == Merge::MeanAbs) value /= lanes;
  }
  Matrix64 result = pooledMeans(merged, window);
  for (int64_t i = 0; i < result.rows; ++i) {
    const int64_t first = window.row0 + i * window.pool, size = std::min(window.pool, window.row1 - first);
    const int64_t count = std::min(kept, size), row = first + (size - count) / 2;
    const Matrix64 own = pooledMeans(merged, {row, row + count, window.col0, window.col1, window.pool});
    std::copy(own.values.begin(), own.values.end(), result.row(i));
  }
  return result;
}

TEST(Sampled, RowsOfEveryOtherKindAreExact) {
  const Shape shape{130, 4, 3, 4, 1, 2, 2};
  const LayerFactors both = bidirectional(randomLayer(Recipe::Step, shape), randomLayer(Recipe::Step, shape));
  for (const LayerFactors& layer : {randomLayer(Recipe::LogSum, shape), randomLayer(Recipe::DeltaRule, shape),
                                    randomLayer(Recipe::Softmax, shape), both}) {
    const LayerFactors wide = widened(layer, at::kDouble);
    for (const Merge merge : {Merge::MeanAbs, Merge::L2, Merge::MaxAbs}) {
      for (const Direction direction : {Direction::Forward, Direction::Both}) {
        const bool isSoftmax = layer.kind == ScanKind::Softmax;
        const MapQuery query{{isSoftmax ? 0 : 1, 4, merge}, MapTerms(kExact, direction, true), !isSoftmax};
        for (const Window& window : {Window{0, 130, 0, 130, 16}, Window{7, 129, 2, 100, 21}}) {
          SCOPED_TRACE(::testing::Message() << static_cast<int>(layer.kind) << ", " << name(merge));
          const Matrix64 expected = sampledRowsOf(wide, query, window, 3);
          EXPECT_LE(difference(sampledTile<float>(layer, query, window, 3, kQuiet), expected), 1e-6);
          EXPECT_LE(difference(sampledTile<double>(wide, query, window, 3, kQuiet), expected), 1e-12);
        }
      }
    }
  }
}

// More than one panel of columns, and more than one group of rows.
TEST(Sampled, LongMapsAreSampledInPanels) {
  const LayerFactors layer = randomLayer(Recipe::LogSum, {2500, 2, 1, 0, 1}, at::kDouble);
  const MapQuery query{{0, 2, Merge::L2}, kUnified};
  for (const int64_t pool : {8, 2500}) {
    const Window window{0, 2500, 0, 2500, pool};
    EXPECT_LE(difference(sampledTile<double>(layer, query, window, 2, kQuiet),
                         sampledRowsOf(layer, query, window, 2)),
              1e-12);
  }
}

TEST(Sampled, TheLargestKeptEntryIsKept) {
  const LayerFactors layer = randomLayer({130, 1, 5, 4, 1});
  const Matrix64 map = closedForm(layer, kUnified, 0);
  const Window window{0, 130, 0, 130, 26, Pooling::MaxAbs};
  const Matrix found = sampledTile<float>(layer, {{0, 1}, kUnified}, window, 2, kQuiet);
  for (int64_t i = 0; i < 5; ++i) {
    for (int64_t j = 0; j < 5; ++j) {
      double best = 0.0;
      for (const int64_t t : {26 * i + 12, 26 * i + 13}) {
        for (const int64_t s : {26 * j + 12, 26 * j + 13})
          best = std::abs(map.at(t, s)) > std::abs(best) ? map.at(t, s) : best;
      }
      EXPECT_NEAR(static_cast<double>(found.at(i, j)), best, 1e-6 * largest(map));
    }
  }
}

TEST(Sampled, AsManyTokensAreKeptAsEntriesAllow) {
  const LayerFactors layer = randomLayer({130, 2, 5, 4, 1});
  const Window window{0, 65536, 0, 65536, 64};
  EXPECT_EQ(keptTokens(layer, window, 1.0), 1);
  EXPECT_EQ(keptTokens(layer, window, 1e12), 64);
  const int64_t some = keptTokens(layer, window, 2e8);
  EXPECT_GT(some, 1);
  EXPECT_LE((some + 4) * (some + 4) * 1024 * 1024 / 2, 2e8);
  const LayerFactors other = randomLayer(Recipe::LogSum, {130, 2, 1});  // rows alone
  EXPECT_EQ(keptTokens(other, window, 1.0), 1);
  EXPECT_EQ(keptTokens(other, window, 1e12), 64);
  EXPECT_EQ(keptTokens(other, window, 3.5 * 1024 * 65536 / 2), 3);
}

}  // namespace
}  // namespace uc
