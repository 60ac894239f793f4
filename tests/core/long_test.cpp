// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT
//
// Long inputs: factors of some lanes, made chunk by chunk; traces that keep little; maps put together from
// slabs of lanes.

#include "core/attention/operators.h"
#include "core/engine/engine.h"
#include "core/engine/opened.h"
#include "core/models/blocks.h"
#include "core/models/model.h"
#include "tests/support/closed_form.h"
#include "tests/support/edited_model.h"
#include "tests/support/failure.h"
#include "tests/support/golden_model.h"
#include "tests/support/layers.h"
#include "tests/support/temporary_folder.h"

#include <ATen/ATen.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stop_token>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace uc {
namespace {

using test::contains;
using test::EditedModel;
using test::failureOf;
using test::GoldenModel;
using test::TemporaryFolder;

const std::vector<std::pair<std::string, std::string>>& everyFamily() {
  static const std::vector<std::pair<std::string, std::string>> families = {
      {"mamba", "hf-tied"},       {"falcon-mamba", "hf-untied"},
      {"mamba2", "hf-groups"},    {"griffin", "hf-mqa"},
      {"rwkv", "v4-hf-rescale2"}, {"rwkv", "v5.2"},
      {"rwkv", "v6-state"},       {"rwkv", "v7"}};
  return families;
}

struct Opened : GoldenModel {
  explicit Opened(const std::pair<std::string, std::string>& family)
      : GoldenModel(family.first, family.second), model(open(ComputeType::Float64)) {}
  std::unique_ptr<Model> model;

  // The same pseudo-random text, as far as it is wanted.
  std::vector<int64_t> text(int64_t length) const {
    std::vector<int64_t> result;
    uint64_t state = 1;
    for (int64_t i = 0; i < length; ++i) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      result.push_back(static_cast<int64_t>((state >> 33) % static_cast<uint64_t>(model->info().vocabulary)));
    }
    return result;
  }
  int64_t lanesAScan(int64_t layer) const { return uc::lanesAScan(model->info(), layer); }
};

/// Every tensor of both, those that one lacks counting as different: the largest difference.
double distanceOf(const LayerFactors& a, const LayerFactors& b) {
  EXPECT_EQ(a.tokens, b.tokens);
  EXPECT_EQ(a.lanes, b.lanes);
  EXPECT_EQ(a.scans, b.scans);
  double worst = 0.0;
  for (const auto member : test::kTensors) {
    const at::Tensor &left = a.*member, &right = b.*member;
    EXPECT_EQ(left.defined(), right.defined());
    if (!left.defined() || !right.defined()) continue;
    EXPECT_TRUE(left.is_contiguous());
    if (left.sizes() != right.sizes()) return std::numeric_limits<double>::infinity();
    worst = std::max(worst, test::distance(left, right));
  }
  return worst;
}

/// The first tokens of a layer's factors.
LayerFactors firstTokens(LayerFactors layer, int64_t count) {
  for (at::Tensor* tensor : {&layer.query, &layer.key, &layer.step, &layer.logDecay, &layer.removeKey,
                             &layer.removeWrite, &layer.logKey, &layer.logNormalizer, &layer.diagonal,
                             &layer.rowScale, &layer.columnScale, &layer.additive, &layer.x, &layer.y}) {
    if (tensor->defined() && tensor->size(0) == layer.tokens) *tensor = tensor->slice(0, 0, count);
  }
  layer.tokens = count;
  return layer;
}

double largestGap(const std::vector<double>& a, const std::vector<double>& b) {
  EXPECT_EQ(a.size(), b.size());
  double worst = 0.0;
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) worst = std::max(worst, std::abs(a[i] - b[i]));
  return worst;
}

TEST(LongInput, FactorsOfSomeLanesAreThePartOfAll) {
  for (const auto& family : everyFamily()) {
    const Opened opened(family);
    const Trace trace = opened.model->run(opened.ids(37), {});
    for (int64_t layer = 0; layer < opened.model->info().layers; ++layer) {
      const int64_t aScan = opened.lanesAScan(layer);
      const LayerFactors all = opened.model->factors(trace, layer, {});
      const int64_t scans = all.lanes / aScan;
      for (const auto& [first, last] : {std::pair<int64_t, int64_t>{0, 1}, {scans - 1, scans}, {0, scans}}) {
        const FactorNeeds needs{first * aScan, last * aScan};
        EXPECT_LE(distanceOf(opened.model->factors(trace, layer, needs, {}), partOf(all, needs)), 1e-12)
            << opened.folder << " " << layer << " " << first;
      }
    }
  }
}

/// Of two traces of one text, one of which may keep nothing.
void expectPartsOfTokens(const Opened& opened, int64_t layer, FactorNeeds needs, const Trace& kept,
                         const Trace& other) {
  const int64_t length = kept.tokens();
  std::tie(needs.firstToken, needs.lastToken) = std::pair<int64_t, int64_t>(0, length);
  const LayerFactors all = opened.model->factors(kept, layer, needs, {});
  for (const auto& [first, last] :
       {std::pair<int64_t, int64_t>{0, 3}, {5, 20}, {1, 37}, {length - 9, length}, {length - 1, length}}) {
    std::tie(needs.firstToken, needs.lastToken) = std::pair(first, last);
    for (const Trace* trace : {&kept, &other}) {
      EXPECT_LE(distanceOf(opened.model->factors(*trace, layer, needs, {}), tokensOf(all, first, last)),
                1e-11)
          << opened.folder << " " << layer << " " << first;
    }
  }
}

TEST(LongInput, FactorsOfSomeTokensAreThePartOfAll) {
  for (const auto& family : everyFamily()) {
    const Opened opened(family);
    for (const int64_t length : {37, 2100}) {
      const std::vector<int64_t> ids = opened.text(length);
      const Trace kept = opened.model->run(ids, {}), bare = opened.model->begin(ids, 0);
      for (int64_t layer = 0; layer < opened.model->info().layers; ++layer) {
        FactorNeeds needs{0, opened.model->info().lanesOf(layer)};
        needs.hasOutput = false;
        for (const bool hasScales : {true, false}) {
          needs.hasScales = hasScales;
          expectPartsOfTokens(opened, layer, needs, kept, layer == 0 || length == 37 ? bare : kept);
        }
      }
    }
  }
}

TEST(LongInput, AMapOfSomeLanesIsThatOfTheLayer) {
  for (const auto& family : everyFamily()) {
    const Opened opened(family);
    const Trace trace = opened.model->run(opened.ids(37), {});
    const int64_t layer = 1, aScan = opened.lanesAScan(layer);
    const LayerFactors all = opened.model->factors(trace, layer, {});
    const int64_t lane = all.lanes / 2;
    FactorNeeds needs{lane / aScan * aScan, (lane / aScan + 1) * aScan};
    needs.hasInput = needs.hasOutput = false;
    const LayerFactors some = opened.model->factors(trace, layer, needs, {});
    EXPECT_FALSE(some.x.defined() || some.y.defined() || some.additive.defined());
    const Window window{0, 37, 0, 37, 1};
    const int64_t own = lane - needs.firstLane;
    const MapTerms terms{Factor::Gate, Factor::Scan, Factor::Activation, Factor::Convolution};
    EXPECT_LE(largestGap(tile<double>(some, {{own, own + 1}, terms}, window, {}).values,
                         tile<double>(all, {{lane, lane + 1}, terms}, window, {}).values),
              1e-12)
        << opened.folder;
  }
}

TEST(LongInput, GroupsOfKeysFollowTheirScans) {
  LayerFactors layer;
  layer.tokens = 3;
  layer.lanes = 24;
  layer.scans = 12;
  layer.state = 2;
  layer.query = at::rand({3, 4, 2}, at::kDouble);
  layer.key = at::rand({3, 12, 2}, at::kDouble);
  const auto query = [&](int64_t first, int64_t last) { return partOf(layer, {first, last}).query; };
  EXPECT_TRUE(query(2, 4).equal(layer.query.slice(1, 0, 1)));   // scan 1, of group 0
  EXPECT_TRUE(query(6, 18).equal(layer.query.slice(1, 1, 3)));  // scans 3 to 8, groups 1 and 2
  const at::Tensor across = query(4, 10);                       // scans 2, 3, 4: of groups 0, 1, 1
  ASSERT_EQ(across.size(1), 3);
  EXPECT_TRUE(across.select(1, 0).equal(layer.query.select(1, 0)));
  EXPECT_TRUE(across.select(1, 2).equal(layer.query.select(1, 1)));
  EXPECT_TRUE(partOf(layer, {4, 10}).key.equal(layer.key.slice(1, 2, 5)));
}

// Chunks end after 2,048 tokens: what the later chunk gets from the one before is what token by token gives.
TEST(LongInput, ChunksGoOnWhereTheLastOneEnded) {
  for (const auto& family : everyFamily()) {
    const Opened opened(family);
    const std::vector<int64_t> ids = opened.text(2049);
    const Trace longest = opened.model->run(ids, {});
    for (const int64_t length : {2047, 2048}) {
      const Trace trace = opened.model->run(std::vector<int64_t>(ids.begin(), ids.begin() + length), {});
      const LayerFactors factors = opened.model->factors(trace, 1, {});
      EXPECT_LE(distanceOf(factors, firstTokens(opened.model->factors(longest, 1, {}), length)), 1e-10)
          << opened.folder << " " << length;
    }
    for (int64_t layer = 0; layer < opened.model->info().layers; ++layer) {
      const LayerFactors factors = opened.model->factors(longest, layer, {});
      EXPECT_LE(reconstruct(factors, exactTerms(), {0, factors.lanes}, {}).relative, 1e-10)
          << opened.folder << " " << layer;
    }
    const std::unique_ptr<Model::State> state = opened.model->start();
    opened.model->step(*state, std::vector<int64_t>(ids.begin(), ids.begin() + 2040), {});
    at::Tensor logits;
    for (int64_t t = 2040; t < 2049; ++t)
      logits = opened.model->step(*state, {ids[static_cast<size_t>(t)]}, {});
    EXPECT_LE(test::distance(logits, opened.model->logits(longest, 2048, 2049).squeeze(0)), 1e-9)
        << opened.folder;
  }
}

TEST(LongInput, ATraceThatKeepsLittleSaysTheSame) {
  for (const auto& family : everyFamily()) {
    const Opened opened(family);
    const ModelInfo& info = opened.model->info();
    const std::vector<int64_t> ids = opened.text(2100);
    const Trace full = opened.model->run(ids, {});
    const int64_t place = 2100 * info.width * 8;
    for (const int64_t places : {int64_t{0}, int64_t{1}, int64_t{2}, info.layers + 1}) {
      Trace trace = opened.model->begin(ids, places * place);
      EXPECT_LE(distanceOf(opened.model->factors(trace, 1, {}), opened.model->factors(full, 1, {})), 1e-12);
      for (const int64_t layer : {int64_t{0}, int64_t{1}, info.layers})
        opened.model->extend(trace, layer, {});
      const auto kept = std::count_if(trace.hidden.begin(), trace.hidden.end(),
                                      [](const at::Tensor& tensor) { return tensor.defined(); });
      EXPECT_LE(kept, places);
      EXPECT_EQ(kept > 0, places > 0);
      for (int64_t layer = 0; layer < info.layers; ++layer) {
        EXPECT_LE(distanceOf(opened.model->factors(trace, layer, {}), opened.model->factors(full, layer, {})),
                  1e-12)
            << opened.folder << " " << layer << " " << places;
      }
      for (const auto& [first, last] : {std::pair<int64_t, int64_t>{2099, 2100}, {0, 3}, {2040, 2060}}) {
        EXPECT_LE(
            test::distance(opened.model->logits(trace, first, last), opened.model->logits(full, first, last)),
            1e-12)
            << opened.folder << " " << first << " " << places;
      }
    }
  }
}

Input idsInput(std::vector<int64_t> list) { return {std::nullopt, std::move(list), 0}; }
MapId laneMap(int64_t layer, int64_t lane) {
  return {layer, {LaneChoice::Kind::Lane, lane, Merge::Mean}, named(Convention::Unified), Direction::Both};
}
MapId allMap(int64_t layer, Merge merge) {
  return {layer, {LaneChoice::Kind::All, 0, merge}, named(Convention::Unified), Direction::Both};
}

TEST(LongInput, AMapOfTheFirstLayerRunsNoOther) {
  EditedModel model(std::string(TEST_DATA) + "/mamba/hf-tied");
  model.setValue("backbone.layers.1.mixer.D", 3, std::numeric_limits<float>::quiet_NaN());
  const TemporaryFolder place;
  model.save(place.path());
  const auto engine = Engine::open(place.path().string(), {}, {});
  const RunHandle run = engine->run(idsInput(std::vector<int64_t>(2049, 5)), {});
  EXPECT_TRUE(run->notices().empty());
  engine->map(run, {laneMap(0, 3), {{2000, 2049}, {0, 49}, 1}}, {});
  EXPECT_TRUE(run->notices().empty());  // nothing of layer 1 was read
  engine->map(run, {laneMap(2, 3), {{2000, 2049}, {0, 49}, 1}}, {});
  ASSERT_EQ(run->notices().size(), 2u);
  EXPECT_TRUE(contains(run->notices()[1], "from layer 1 on"));
}

TEST(LongInput, WorkOnALongInputStopsBetweenChunks) {
  const auto engine = Engine::open(std::string(TEST_DATA) + "/mamba/hf-tied", {}, {});
  const RunHandle run = engine->run(idsInput(std::vector<int64_t>(9000, 5)), {});
  std::stop_source stop;
  double reached = 0.0;
  const Feedback feedback(stop.get_token(), [&](double fraction, std::string_view) {
    reached = fraction;
    if (fraction > 0.2) stop.request_stop();
  });
  EXPECT_THROW(engine->predict(run, 3, feedback), Cancelled);
  EXPECT_LT(reached, 0.7);
  EXPECT_EQ(engine->predict(run, 3, {}).size(), 3u);  // what was begun does no harm
}

// Says how long without running anything.
TEST(LongInput, TheTimeOfAMapIsToldBeforeAnythingIsRun) {
  EditedModel model(std::string(TEST_DATA) + "/mamba/hf-tied");
  model.setValue("backbone.layers.0.mixer.D", 3, std::numeric_limits<float>::quiet_NaN());
  const TemporaryFolder place;
  model.save(place.path());
  const auto engine = Engine::open(place.path().string(), {}, {});
  const RunHandle run = engine->run(idsInput(std::vector<int64_t>(2049, 5)), {});
  MapRequest request{allMap(1, Merge::Mean), {{1000, 1100}, {0, 100}, 1}};
  request.onlyTime = true;
  const MapResult before = engine->map(run, request, {});
  EXPECT_TRUE(run->notices().empty());
  EXPECT_GT(before.seconds, 0.0);
  EXPECT_GT(before.preparing, 0.0);
  request.onlyTime = false;
  engine->map(run, request, {});
  EXPECT_FALSE(run->notices().empty());
  request.onlyTime = true;
  const MapResult after = engine->map(run, request, {});
  EXPECT_EQ(after.seconds, before.seconds);
  EXPECT_EQ(after.preparing, 0.0);
}

TEST(LongInput, ProductsByBlocksAreTheProductAndStopBetweenThem) {
  at::manual_seed(1);
  const at::Tensor input = at::randn({256, 1000}, at::kDouble), weight = at::randn({1300, 1000}, at::kDouble),
                   bias = at::randn({1300}, at::kDouble);
  at::Tensor out = at::empty({256, 1300}, at::kDouble);
  linear(out, input, weight, bias);
  EXPECT_LE(test::distance(out, at::mm(input, weight.t()) + bias), 1e-10);
  linear(out, input, weight, {});
  EXPECT_LE(test::distance(out, at::mm(input, weight.t())), 1e-10);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(linear(out, input, weight, {}, Feedback(stop.get_token())), Cancelled);
}

// As the engine opens one, with a budget so small that a layer comes in slabs.
struct Small {
  OpenedModel opened;
  std::vector<int64_t> ids;
  Small(const std::string& folder, int64_t budget) {
    const GoldenModel golden(folder.substr(0, folder.find('/')), folder.substr(folder.find('/') + 1));
    opened.model = golden.open(ComputeType::Float64);
    opened.info = opened.model->info();
    opened.isDouble = true;
    opened.budget = budget;
    opened.leastBudget = budget;
    ids = golden.ids(37);
  }
};

std::vector<double> values(const AnyMatrix& matrix) { return std::get<Matrix64>(matrix).values; }

TEST(LongInput, SlabsOfLanesGiveTheWholeMap) {
  for (const auto& [folder, budget] : {std::pair<const char*, int64_t>{"mamba/hf-tied", 180'000},
                                       {"mamba2/hf-groups", 160'000},
                                       {"rwkv/v7", 100'000}}) {
    const Small whole(folder, int64_t{1} << 30), parts(folder, budget);
    const TracedRun one(whole.opened, idsInput(whole.ids), {}), many(parts.opened, idsInput(parts.ids), {});
    int64_t slabs = 0;
    many.forSlabs(parts.opened, 1, {0, parts.opened.info.lanes}, {},
                  [&](const LaneSlab& slab, const FactorNeeds& part, const Feedback&) {
                    EXPECT_TRUE(slab.has.covers(part));
                    EXPECT_EQ(slab.factors->lanes, slab.has.lanes());
                    ++slabs;
                  });
    EXPECT_GT(slabs, 1) << folder;
    for (const Merge merge : {Merge::Mean, Merge::MeanAbs, Merge::MaxAbs, Merge::L2, Merge::PositiveMean}) {
      const MapId id = allMap(1, merge);
      EXPECT_LE(largestGap(values(cutMap(whole.opened, one, {id}, {}).values),
                           values(cutMap(parts.opened, many, {id}, {}).values)),
                1e-12)
          << folder;
      const RowResult row = cutRow(whole.opened, one, id, 30, {}),
                      same = cutRow(parts.opened, many, id, 30, {});
      EXPECT_LE(largestGap(row.alpha, same.alpha), 1e-12) << folder;
      EXPECT_LE(largestGap(row.share, same.share), 1e-12) << folder;
    }
    const MapPart pooled{{}, {}, 5};
    EXPECT_LE(largestGap(values(cutMap(whole.opened, one, {allMap(1, Merge::MeanAbs), pooled}, {}).values),
                         values(cutMap(parts.opened, many, {allMap(1, Merge::MeanAbs), pooled}, {}).values)),
              1e-12);
    const LayerCheck check = checkLayer(whole.opened, one, 1, {}),
                     again = checkLayer(parts.opened, many, 1, {});
    EXPECT_NEAR(check.scale, again.scale, 1e-12);
    EXPECT_LE(again.relative, 1e-10);
    const BadgeResult badge = judge(whole.opened, one, allMap(1, Merge::Mean), {});
    EXPECT_NEAR(badge.share, judge(parts.opened, many, allMap(1, Merge::Mean), {}).share, 1e-12);
  }
}

// Neither a mean of roots nor the largest of a mean can be told from pooled slabs.
TEST(LongInput, SlabsOfLanesGiveEveryPooledMerge) {
  const Small whole("mamba/hf-tied", int64_t{1} << 30), parts("mamba/hf-tied", 200'000);
  const TracedRun one(whole.opened, idsInput(whole.ids), {}), many(parts.opened, idsInput(parts.ids), {});
  for (const Merge merge : {Merge::Mean, Merge::MeanAbs, Merge::MaxAbs, Merge::L2, Merge::PositiveMean}) {
    for (const Pooling pooling : {Pooling::Mean, Pooling::MaxAbs}) {
      const MapPart part{{3, 36}, {0, 35}, 5, pooling};
      EXPECT_LE(largestGap(values(cutMap(whole.opened, one, {allMap(1, merge), part}, {}).values),
                           values(cutMap(parts.opened, many, {allMap(1, merge), part}, {}).values)),
                1e-12)
          << name(merge);
      MapRequest onlyTime{allMap(1, merge), part};
      onlyTime.onlyTime = true;
      EXPECT_GT(cutMap(parts.opened, many, onlyTime, {}).seconds, 0.0);
    }
  }
}

// Where no place of the stream is kept, blocks run only when factors of a later one are wanted.
TEST(LongInput, ANumberThatIsNotFiniteIsNotedWheneverItIsFound) {
  EditedModel edited(std::string(TEST_DATA) + "/mamba/hf-tied");
  const int64_t width = 24;
  for (int64_t i = 0; i < width; ++i)
    edited.setValue("backbone.embeddings.weight", static_cast<size_t>(7 * width + i),
                    std::numeric_limits<float>::quiet_NaN());
  const TemporaryFolder place;
  edited.save(place.path());
  const std::unique_ptr<Model> model =
      openModel(Checkpoint::open(place.path()), ComputeType::Float32, int64_t{1} << 30);
  std::vector<int64_t> ids(kChunkTokens + 10, 5);
  ids.back() = 7;  // in the last chunk
  const std::vector<std::string> expected = model->run(ids, {}).notices;
  ASSERT_FALSE(expected.empty());
  Trace streamed = model->begin(ids, 0);
  model->extend(streamed, 2, {});
  model->factors(streamed, 2, {});
  EXPECT_EQ(streamed.notices, expected);
}

TEST(LongInput, AMapIsSampledWhenItTakesLongerThanTheCallersPatience) {
  const Small small("mamba/hf-tied", int64_t{1} << 30);
  const TracedRun run(small.opened, idsInput(small.ids), {});
  MapRequest request{allMap(1, Merge::MeanAbs), {{}, {}, 5}, false, true};
  EXPECT_EQ(cutMap(small.opened, run, request, {}).stride, 1);
  request.patience = 0.0;
  const MapResult sampled = cutMap(small.opened, run, request, {});
  EXPECT_EQ(sampled.stride, 5);
  EXPECT_EQ(sampled.notices.size(), 1U);
  request.maySample = false;
  EXPECT_EQ(cutMap(small.opened, run, request, {}).stride, 1);
}

TEST(LongInput, PatienceIsForAllSlabsTogether) {
  const Small whole("mamba/hf-tied", int64_t{1} << 30), parts("mamba/hf-tied", 180'000);
  const TracedRun one(whole.opened, idsInput(whole.ids), {}), many(parts.opened, idsInput(parts.ids), {});
  MapRequest request{allMap(1, Merge::MeanAbs), {{}, {}, 5}, false, true, true};
  request.patience = 0.8 * cutMap(whole.opened, one, request, {}).seconds;
  request.onlyTime = false;
  EXPECT_EQ(cutMap(whole.opened, one, request, {}).stride, 5);
  EXPECT_EQ(cutMap(parts.opened, many, request, {}).stride, 5);
}

// Of a window of a causal map only the tokens from its first column to its last row matter.
TEST(LongInput, AWindowMakesTheTokensItNeeds) {
  for (const auto& [folder, length] : {std::pair<const char*, int64_t>{"mamba/hf-tied", 33'000},
                                       {"mamba2/hf-groups", 13'000},
                                       {"rwkv/v4-hf-rescale2", 13'000},
                                       {"rwkv/v7", 13'000}}) {
    Small small(folder, int64_t{1} << 30);
    for (int64_t i = 37; i < length; ++i) small.ids.push_back(small.ids[static_cast<size_t>(i * 5 % 37)]);
    const TracedRun run(small.opened, idsInput(small.ids), {}), whole(small.opened, idsInput(small.ids), {});
    for (const int64_t layer : {0, 1}) {
      const int64_t D = small.opened.info.lanes;
      EXPECT_EQ(whole.slab(small.opened, layer, {0, D}, {}).factors->tokens, length);
      for (const auto& [row, col] : {std::pair<int64_t, int64_t>{5'000, 4'990}, {12'900, 4'097}, {60, 100}}) {
        MapRequest request{laneMap(layer, 3), {{row, row + 40}, {col, col + 30}, 1}};
        for (const int64_t pool : {1, 8}) {
          request.part.pool = pool;
          EXPECT_LE(largestGap(values(cutMap(small.opened, run, request, {}).values),
                               values(cutMap(small.opened, whole, request, {}).values)),
                    1e-11)
              << folder << " " << layer << " " << row;
        }
      }
    }
    FactorNeeds needs{0, small.opened.info.lanes};
    needs.hasOutput = false;
    std::tie(needs.firstToken, needs.lastToken) = std::pair<int64_t, int64_t>{4'990, 5'040};
    const TracedRun third(small.opened, idsInput(small.ids), {});
    const LaneSlab slab = third.slab(small.opened, 0, needs, {});
    EXPECT_EQ(slab.has.firstToken, 4'096);
    EXPECT_EQ(slab.factors->tokens, 4'096);
    EXPECT_TRUE(slab.has.covers(needs));
    std::tie(needs.firstToken, needs.lastToken) = std::pair<int64_t, int64_t>{4'000, 5'040};
    EXPECT_FALSE(slab.has.covers(needs));
  }
}

TEST(LongInput, OneLaneAsksForOneSlab) {
  const Small parts("mamba/hf-tied", 180'000);
  const TracedRun run(parts.opened, idsInput(parts.ids), {});
  const LaneSlab slab = run.slab(parts.opened, 1, {17, 18}, {});
  EXPECT_LT(slab.has.lanes(), 48);
  EXPECT_TRUE(slab.has.covers({17, 18}));
  EXPECT_EQ(run.slab(parts.opened, 1, {slab.has.firstLane, slab.has.firstLane + 1}, {}).factors,
            slab.factors);
}

TEST(LongInput, WhatDoesNotFitIsRefusedWithTheLengthThatFits) {
  const Small small("mamba/hf-tied", 80'000);
  const Error error = failureOf([&] { TracedRun(small.opened, idsInput(small.ids), {}); });
  EXPECT_EQ(error.what, "The input does not fit in memory.");
  EXPECT_TRUE(contains(error.where, "37 tokens: needs 142 kB, limit 80 kB")) << error.where;
  EXPECT_TRUE(contains(error.todo, "--max-tokens 20,")) << error.todo;
}

constexpr int64_t kLong = 65'536;
const std::vector<std::pair<int64_t, int64_t>> kSpots = {{0, 0},           {64, 63},         {65'535, 65'535},
                                                         {65'535, 65'534}, {65'535, 65'471}, {65'535, 65'000},
                                                         {65'535, 60'000}, {65'535, 40'000}, {65'535, 1},
                                                         {50'001, 777},    {33'333, 33'000}, {40'000, 7'232}};

/// Spot entries of α, of every lane, against the definition in double.
void expectSpots(const LayerFactors& layer) {
  for (int64_t lane = 0; lane < layer.lanes; ++lane) {
    double largest = 0.0, worst = 0.0;
    for (const auto& [t, s] : kSpots) {
      const double expected = test::closedFormAlpha(layer, lane, t, s);
      const Window window{t, t + 1, s, s + 1, 1};
      const double found =
          tile<float>(layer, {{lane, lane + 1}, Factors{Factor::Scan}}, window, {}).values[0];
      largest = std::max(largest, std::abs(expected));
      worst = std::max(worst, std::abs(found - expected));
    }
    EXPECT_LE(worst, 1e-6 * largest) << lane;
  }
}

/// Between two magnitudes, evenly in the logarithm.
at::Tensor spread(at::IntArrayRef shape, double least, double most) {
  return at::exp(at::rand(shape, at::kDouble) * std::log(most / least) + std::log(least)).to(at::kFloat);
}

LayerFactors longLayer(int64_t lanes, int64_t state) {
  at::manual_seed(5);
  LayerFactors layer;
  layer.tokens = kLong;
  layer.lanes = layer.scans = lanes;
  layer.state = state;
  layer.available = {Factor::Scan};
  return layer;
}

TEST(LongInput, EntriesOfStepsAreRightAtAnyDistance) {
  LayerFactors layer = longLayer(8, 4);
  layer.query = at::randn({kLong, 1, 4}, at::kFloat);
  layer.key = at::randn({kLong, 1, 4}, at::kFloat);
  // Lanes that forget within a few tokens and lanes that never do.
  const at::Tensor pace = at::logspace(-9, -1, 8, 10.0, at::kFloat);
  layer.step = spread({kLong, 8}, 0.1, 1.0) * pace;
  layer.rate = -at::arange(1, 5, at::kFloat).expand({8, 4}).contiguous();
  expectSpots(layer);
}

TEST(LongInput, EntriesOfGatedDecaysAreRightAtAnyDistance) {
  LayerFactors layer = longLayer(8, 1);
  layer.query = at::ones({kLong, 1, 1}, at::kFloat);
  layer.key = at::rand({kLong, 8, 1}, at::kFloat);
  layer.step = spread({kLong, 8}, 0.1, 1.0) * at::logspace(-9, -1, 8, 10.0, at::kFloat);
  layer.rate = at::full({8, 1}, -1, at::kFloat);
  layer.isStepInKey = false;
  expectSpots(layer);
}

TEST(LongInput, EntriesUnderALogNormalizerAreRightAtAnyDistance) {
  LayerFactors layer = longLayer(8, 1);
  layer.kind = ScanKind::LogSum;
  layer.readsBeforeDecay = true;
  layer.logKey = at::randn({kLong, 8}, at::kFloat) * 2;
  layer.diagonal = layer.logKey + 0.5;
  layer.rate = -at::logspace(-7, 0, 8, 10.0, at::kFloat).unsqueeze(1);
  const at::Tensor keys = layer.logKey.to(at::kDouble), own = layer.diagonal.to(at::kDouble);
  const at::Tensor normalizer = at::empty({kLong, 8}, at::kDouble);
  for (int64_t lane = 0; lane < 8; ++lane) {
    double sum = -std::numeric_limits<double>::infinity();
    const auto joined = [](double a, double b) {
      return std::max(a, b) + std::log1p(std::exp(-std::abs(a - b)));
    };
    const double rate = layer.rate[lane][0].item<double>();
    const double* key = keys.data_ptr<double>() + lane;
    const double* diagonal = own.data_ptr<double>() + lane;
    double* out = normalizer.data_ptr<double>() + lane;
    for (int64_t t = 0; t < kLong; ++t) {
      out[t * 8] = t == 0 ? diagonal[0] : joined(sum, diagonal[t * 8]);
      sum = t == 0 ? key[0] : joined(sum + rate, key[t * 8]);
    }
  }
  layer.logNormalizer = normalizer;
  expectSpots(layer);
}

}  // namespace
}  // namespace uc
