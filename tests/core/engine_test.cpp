// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/engine/engine.h"

#include "core/io/json.h"
#include "tests/support/edited_model.h"
#include "tests/support/failure.h"
#include "tests/support/npy.h"
#include "tests/support/temporary_folder.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace uc {
namespace {

using test::contains;
using test::EditedModel;
using test::failureOf;
using test::TemporaryFolder;

std::string folder(const std::string& name) { return std::string(TEST_DATA) + "/mamba/" + name; }

std::shared_ptr<const Engine> opened(const std::string& name, const std::string& dtype = "float32",
                                     double memoryGb = 0.0) {
  return Engine::open(folder(name), {dtype, "cpu", memoryGb}, {});
}

std::vector<int64_t> golden(const std::string& name, int64_t length) {
  return readJson(folder(name) + "/ids_" + std::to_string(length) + ".json").get<std::vector<int64_t>>();
}

Input ids(std::vector<int64_t> list, int64_t maxTokens = 0) {
  return {std::nullopt, std::move(list), maxTokens};
}
Input text(std::string content, int64_t maxTokens = 0) { return {std::move(content), {}, maxTokens}; }

std::vector<double> numbers(const AnyMatrix& matrix) {
  return std::visit([](const auto& m) { return std::vector<double>(m.values.begin(), m.values.end()); },
                    matrix);
}

double distance(const std::vector<double>& a, const double* b) {
  double largest = 0.0;
  for (size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

MapId mapOf(int64_t layer, LaneChoice lanes, Convention convention = Convention::Unified) {
  return {layer, lanes, named(convention), Direction::Both};
}
LaneChoice lane(int64_t index) { return {LaneChoice::Kind::Lane, index, Merge::Mean}; }
LaneChoice all(Merge merge) { return {LaneChoice::Kind::All, 0, merge}; }

/// hf-tied in double with its golden input.
struct Tied {
  std::shared_ptr<const Engine> engine = opened("hf-tied", "float64");
  RunHandle run = engine->run(ids(golden("hf-tied", 37)), {});

  std::vector<double> map(const MapId& id, const MapPart& part = {}) const {
    return numbers(engine->map(run, {id, part}, {}).values);
  }
};

TEST(Engine, MapsAreThoseOfTheReference) {
  const Tied tied;
  const test::Array unified = test::readNpy(folder("hf-tied") + "/layer1_unified_37.npy");
  const test::Array exact = test::readNpy(folder("hf-tied") + "/layer1_exact_37.npy");
  const std::vector<int64_t> lanes = {0, 7, 23, 47};
  for (size_t i = 0; i < lanes.size(); ++i) {
    const size_t offset = i * 37 * 37;
    EXPECT_LE(distance(tied.map(mapOf(1, lane(lanes[i]))), unified.values.data() + offset), 1e-10);
    EXPECT_LE(distance(tied.map(mapOf(1, lane(lanes[i]), Convention::Exact)), exact.values.data() + offset),
              1e-10);
  }
  const test::Array scan = test::readNpy(folder("hf-tied") + "/layer1_scan_37.npy");
  const test::Array noStep = test::readNpy(folder("hf-tied") + "/layer1_nostep_37.npy");
  EXPECT_LE(distance(tied.map(mapOf(1, lane(7), Convention::ScanOnly)), scan.values.data()), 1e-10);
  EXPECT_LE(distance(tied.map(mapOf(1, lane(7), Convention::NoStep)), noStep.values.data()), 1e-10);
}

TEST(Engine, MergesAreThoseOfTheReference) {
  const Tied tied;
  const test::Array merges = test::readNpy(folder("hf-tied") + "/layer1_merges_37.npy");
  const std::vector<Merge> order = {Merge::Mean, Merge::MeanAbs, Merge::MaxAbs, Merge::L2,
                                    Merge::PositiveMean};
  for (size_t i = 0; i < order.size(); ++i) {
    EXPECT_LE(distance(tied.map(mapOf(1, all(order[i]))), merges.values.data() + i * 37 * 37), 1e-10) << i;
  }
}

TEST(Engine, AMapSaysWhatItShows) {
  const Tied tied;
  const MapResult result =
      tied.engine->map(tied.run, {mapOf(1, all(Merge::MeanAbs)), {{3, 20}, {0, -1}, 5}}, {});
  ASSERT_TRUE(std::holds_alternative<Matrix64>(result.values));
  EXPECT_EQ(std::get<Matrix64>(result.values).rows, 4);
  EXPECT_EQ(std::get<Matrix64>(result.values).cols, 8);
  EXPECT_EQ(result.row0, 3);
  EXPECT_EQ(result.row1, 20);
  EXPECT_EQ(result.col0, 0);
  EXPECT_EQ(result.col1, 37);
  EXPECT_EQ(result.pool, 5);
  EXPECT_EQ(result.attended, Attended::Earlier);
  EXPECT_TRUE(result.isUnsigned);
  EXPECT_FALSE(tied.engine->map(tied.run, {mapOf(1, lane(0))}, {}).isUnsigned);
  EXPECT_TRUE(std::holds_alternative<Matrix>(
      opened("hf-tied")->map(opened("hf-tied")->run(ids({1, 2}), {}), {mapOf(1, lane(0))}, {}).values));
}

TEST(Engine, ARowIsARowOfTheMap) {
  const Tied tied;
  const int64_t t = 30, L = 37;
  for (const LaneChoice& lanes : {lane(7), all(Merge::MeanAbs), all(Merge::MaxAbs)}) {
    const MapId id = mapOf(1, lanes);
    const RowResult row = tied.engine->row(tied.run, id, t, {});
    EXPECT_LE(distance(row.alpha, tied.map(id).data() + t * L), 1e-12);
    ASSERT_EQ(row.share.size(), static_cast<size_t>(L));
    double sum = 0.0;
    for (int64_t s = 0; s < L; ++s) {
      sum += row.share[static_cast<size_t>(s)];
      if (s > t) {
        EXPECT_EQ(row.share[static_cast<size_t>(s)], 0.0);
      }
    }
    EXPECT_NEAR(sum, 1.0, 1e-12);
    EXPECT_EQ(row.decay.size(), lanes.kind == LaneChoice::Kind::Lane ? 37u : 0u);
  }
  const RowResult row = tied.engine->row(tied.run, mapOf(1, lane(7)), t, {});
  EXPECT_EQ(row.decay[static_cast<size_t>(t)], 1.0);
  EXPECT_EQ(row.decay.back(), 0.0);
  EXPECT_TRUE(
      contains(failureOf([&] { tied.engine->row(tied.run, mapOf(1, lane(7)), 37, {}); }).todo, "0 … 36"));
}

TEST(Engine, SharesOfARowWeighTheMapByTheInput) {
  const Tied tied;
  const test::Array x = test::readNpy(folder("hf-tied") + "/layer1_x_37.npy");
  const std::vector<double> map = tied.map(mapOf(1, lane(23)));
  const RowResult row = tied.engine->row(tied.run, mapOf(1, lane(23)), 20, {});
  double sum = 0.0;
  for (size_t s = 0; s <= 20; ++s) sum += std::abs(map[20 * 37 + s] * x.values[s * 48 + 23]);
  for (size_t s = 0; s <= 20; ++s) {
    EXPECT_NEAR(row.share[s], std::abs(map[20 * 37 + s] * x.values[s * 48 + 23]) / sum, 1e-12);
  }
}

TEST(Engine, EveryLayerIsVerified) {
  for (const char* dtype : {"float32", "float64", "bfloat16"}) {
    const auto engine = opened("hf-tied", dtype);
    const RunHandle run = engine->run(ids(golden("hf-tied", 130)), {});
    for (int64_t layer = 0; layer < 3; ++layer) {
      const LayerCheck check = engine->verify(run, layer, {});
      EXPECT_EQ(check.layer, layer);
      EXPECT_EQ(check.kind, "mamba");
      EXPECT_GT(check.scale, 0.0);
      EXPECT_LE(check.relative, std::string(dtype) == "float64" ? 1e-10 : 1e-5) << dtype;
    }
    EXPECT_TRUE(contains(failureOf([&] { engine->verify(run, 3, {}); }).todo, "0 … 2"));
  }
}

TEST(Engine, TheBadgeTellsExactFromPart) {
  const Tied tied;
  const BadgeResult exact =
      tied.engine->badge(tied.run, mapOf(1, all(Merge::MeanAbs), Convention::Exact), {});
  EXPECT_EQ(exact.state, BadgeResult::State::Exact);
  EXPECT_EQ(exact.lanes, 48);
  EXPECT_LE(exact.relative, 1e-10);
  const BadgeResult part = tied.engine->badge(tied.run, mapOf(1, lane(3)), {});
  EXPECT_EQ(part.state, BadgeResult::State::Part);
  EXPECT_EQ(part.lanes, 1);
  EXPECT_GT(part.share, 0.0);
  EXPECT_LT(part.share, 1.0);
  const MapId listed{
      1, lane(3), custom({Factor::Gate, Factor::Scan, Factor::Activation, Factor::Convolution, Factor::Skip}),
      Direction::Both};
  EXPECT_EQ(tied.engine->badge(tied.run, listed, {}).state, BadgeResult::State::Exact);
}

TEST(Engine, NumbersThatAreNotFiniteAreNeverExact) {
  EditedModel model(folder("hf-tied"));
  model.setValue("backbone.layers.1.mixer.D", 3, std::numeric_limits<float>::quiet_NaN());
  const TemporaryFolder place;
  model.save(place.path());
  const auto engine = Engine::open(place.path().string(), {}, {});
  const RunHandle run = engine->run(ids({1, 2, 3, 4}), {});
  ASSERT_EQ(run->notices().size(), 2u);
  EXPECT_EQ(engine->badge(run, mapOf(1, lane(3), Convention::Exact), {}).state, BadgeResult::State::NotExact);
  EXPECT_EQ(engine->badge(run, mapOf(1, lane(2), Convention::Exact), {}).state, BadgeResult::State::Exact);
  EXPECT_EQ(engine->badge(run, mapOf(1, all(Merge::Mean)), {}).state, BadgeResult::State::NotExact);
}

TEST(Engine, AFactorMovesTheMapByTheRelativeDifference) {
  const Tied tied;
  const MapId id = mapOf(1, lane(7));
  const std::vector<FactorMove> moves = tied.engine->moves(tied.run, id, {});
  ASSERT_EQ(moves.size(), 6u);
  const std::vector<double> shown = tied.map(id);
  for (const FactorMove& move : moves) {
    const Factors factors = id.factors.factors;
    const Factors other = factors.has(move.factor) ? factors.without(move.factor) : factors.with(move.factor);
    double square = 0.0, change = 0.0;
    const std::vector<double> moved = move.factor == Factor::Scan
                                          ? std::vector<double>(shown.size(), 0.0)
                                          : tied.map({1, lane(7), custom(other), Direction::Both});
    for (size_t i = 0; i < shown.size(); ++i) {
      square += shown[i] * shown[i];
      change += (shown[i] - moved[i]) * (shown[i] - moved[i]);
    }
    EXPECT_NEAR(move.share, std::sqrt(change / square), 1e-12) << name(move.factor);
  }
}

TEST(Engine, PredictionsFallAndAddUp) {
  const auto engine = opened("hf-tied");
  const RunHandle run = engine->run(ids(golden("hf-tied", 37)), {});
  const std::vector<Prediction> every = engine->predict(run, 1000, {});
  ASSERT_EQ(every.size(), 67u);
  double sum = 0.0;
  for (size_t i = 0; i < every.size(); ++i) {
    sum += every[i].probability;
    if (i > 0) {
      EXPECT_GE(every[i - 1].logit, every[i].logit);
    }
  }
  EXPECT_NEAR(sum, 1.0, 1e-12);
  EXPECT_EQ(engine->predict(run, 3, {}).size(), 3u);
  const Matrix logits = std::get<Matrix>(engine->logits(run, {}));
  EXPECT_EQ(logits.rows, 37);
  EXPECT_EQ(static_cast<double>(logits.at(36, every[0].id)), every[0].logit);
}

TEST(Engine, EqualLogitsAreInTheOrderOfTheirIds) {
  EditedModel model(folder("hf-untied-bias"));
  for (size_t i = 0; i < model.tensors.at("lm_head.weight").bytes.size() / 4; ++i)
    model.setValue("lm_head.weight", i, 0.0f);
  const TemporaryFolder place;
  model.save(place.path());
  const auto engine = Engine::open(place.path().string(), {}, {});
  const std::vector<Prediction> top = engine->predict(engine->run(ids({3}), {}), 4, {});
  for (int64_t i = 0; i < 4; ++i) EXPECT_EQ(top[static_cast<size_t>(i)].id, i);
}

TEST(Engine, GreedyContinuationIsTheReferences) {
  for (const char* name : {"hf-tied", "hf-untied-bias", "hf-text"}) {
    const Json expected = readJson(folder(name) + "/generate.json");
    const auto engine = opened(name);
    const RunHandle run = engine->run(ids(expected["prompt"].get<std::vector<int64_t>>()), {});
    std::vector<int64_t> found;
    for (const Prediction& next : engine->generate(run, {12, 0.0, 0}, {})) found.push_back(next.id);
    EXPECT_EQ(found, expected["new"].get<std::vector<int64_t>>()) << name;
    if (expected.contains("text")) {
      EXPECT_EQ(engine->decode(found), expected["text"].get<std::string>());
    }
  }
}

TEST(Engine, SamplingDependsOnTheSeedAlone) {
  const auto engine = opened("hf-tied");
  const RunHandle run = engine->run(ids({1, 2, 3}), {});
  const auto sampled = [&](double temperature, uint64_t seed) {
    std::vector<int64_t> found;
    for (const Prediction& next : engine->generate(run, {20, temperature, seed}, {}))
      found.push_back(next.id);
    return found;
  };
  EXPECT_EQ(sampled(1.0, 7), sampled(1.0, 7));
  EXPECT_NE(sampled(1.0, 7), sampled(1.0, 8));
  EXPECT_EQ(sampled(1e-6, 7), sampled(0.0, 0));
  EXPECT_FALSE(failureOf([&] { sampled(-1.0, 0); }).what.empty());
}

TEST(Engine, TextBecomesTheTokenizersTokens) {
  const auto engine = opened("hf-text");
  EXPECT_EQ(engine->info().tokenizer, "bpe");
  const Json expected = readJson(folder("hf-text") + "/text.json");
  const std::string whole = expected["text"].get<std::string>();
  EXPECT_EQ(engine->tokenize(text(whole)).ids(), expected["ids"].get<std::vector<int64_t>>());
  EXPECT_TRUE(engine->tokenize(text("")).list.empty());
  const Error error = failureOf([&] { engine->run(text(""), {}); });
  EXPECT_EQ(error.what, "The input has no tokens.");
}

TEST(Engine, IdsGetTheTextThatTheyStandFor) {
  const auto engine = opened("hf-text");
  const Tokens encoded = engine->tokenize(text("The café"));
  const Tokens given = engine->tokenize(ids(encoded.ids()));
  ASSERT_EQ(given.size(), encoded.size());
  EXPECT_TRUE(given.text.empty());
  for (size_t i = 0; i < given.list.size(); ++i) EXPECT_EQ(given.list[i].text, encoded.list[i].text);
  EXPECT_FALSE(engine->tokenize(ids({535})).list[0].text.has_value());  // a row that no token has
}

TEST(Engine, IdsOutsideTheVocabularyAreRefused) {
  const auto engine = opened("hf-tied");
  for (const int64_t id : {int64_t{-1}, int64_t{67}, std::numeric_limits<int64_t>::max()}) {
    const Error error = failureOf([&] { engine->tokenize(ids({1, 2, id})); });
    EXPECT_TRUE(contains(error.where, "id " + std::to_string(id) + " at position 2"));
    EXPECT_TRUE(contains(error.where + error.todo, "66"));
  }
  EXPECT_FALSE(engine->tokenize(ids({66})).list[0].text.has_value());
}

TEST(Engine, WithoutATokenizerTextIsRefusedAndIdsWork) {
  const auto engine = opened("hf-tied");
  EXPECT_FALSE(engine->info().tokenizer.has_value());
  EXPECT_EQ(failureOf([&] { engine->tokenize(text("a")); }).what, "There is no tokenizer.");
  EXPECT_EQ(engine->run(ids({1}), {})->tokens().size(), 1);
  EXPECT_EQ(engine->decode({1}), std::nullopt);
}

TEST(Engine, ABrokenTokenizerDoesNotKeepTheModelFromOpening) {
  const TemporaryFolder place;
  EditedModel(folder("hf-tied")).save(place.path());
  place.write("tokenizer.json", R"({"model":{"type":"Nonsense"}})");
  const auto engine = Engine::open(place.path().string(), {}, {});
  ASSERT_EQ(engine->info().notices.size(), 1u);
  EXPECT_TRUE(contains(engine->info().notices[0], "The tokenizer cannot be used"));
  EXPECT_EQ(engine->run(ids({1}), {})->tokens().size(), 1);
  EXPECT_NE(failureOf([&] { engine->tokenize(text("a")); }).what, "There is no tokenizer.");
}

TEST(Engine, ALongInputIsCutAndTheRunSaysSo) {
  const auto engine = opened("hf-text");
  const RunHandle run = engine->run(text("The implicit attention of Mamba", 3), {});
  EXPECT_EQ(run->tokens().size(), 3);
  ASSERT_EQ(run->notices().size(), 1u);
  EXPECT_TRUE(contains(run->notices()[0], "Input cut to 3 of"));
  EXPECT_EQ(run->tokens().text.size(), run->tokens().list.back().end);
  EXPECT_TRUE(engine->run(ids({1, 2, 3}, 3), {})->notices().empty());
}

TEST(Engine, WhatDoesNotFitIsRefusedWithThePoolThatFits) {
  const auto engine = opened("hf-tied", "float32", 2e-6);  // 2,000 bytes
  const RunHandle run = engine->run(ids(golden("hf-tied", 130)), {});
  const MapId id = mapOf(1, all(Merge::MeanAbs));
  const Error error = failureOf([&] { engine->map(run, {id}, {}); });
  EXPECT_EQ(error.what, "The map does not fit in memory.");
  EXPECT_TRUE(contains(error.where, "needs 68 kB, limit 2.0 kB"));
  EXPECT_TRUE(contains(error.todo, "--pool 6,"));  // 22 · 22 · 4 = 1,936
  EXPECT_EQ(std::get<Matrix>(engine->map(run, {id, {{}, {}, 6}}, {}).values).rows, 22);
  EXPECT_EQ(failureOf([&] { engine->logits(run, {}); }).what, "The logits do not fit in memory.");
}

TEST(Engine, WorkStopsWhenAsked) {
  const Tied tied;
  std::stop_source stop;
  stop.request_stop();
  const Feedback stopped(stop.get_token());
  EXPECT_THROW(tied.engine->run(ids({1, 2}), stopped), Cancelled);
  EXPECT_THROW(tied.engine->map(tied.run, {mapOf(0, all(Merge::Mean))}, stopped), Cancelled);
  EXPECT_THROW(tied.engine->generate(tied.run, {5, 0.0, 0}, stopped), Cancelled);
  EXPECT_THROW(tied.engine->logits(tied.run, stopped), Cancelled);
  EXPECT_THROW(tied.engine->verify(tied.run, 0, stopped), Cancelled);
}

TEST(Engine, OptionsAreChecked) {
  EXPECT_TRUE(contains(failureOf([] { opened("hf-tied", "int8"); }).todo, "bfloat16"));
  EXPECT_FALSE(failureOf([] { Engine::open(folder("hf-tied"), {"float32", "tpu", 0.0}, {}); }).what.empty());
}

TEST(CheckMap, NamesTheValidRange) {
  const ModelInfo info = opened("hf-tied")->info();
  const MapId good = mapOf(1, lane(0));
  const auto error = [&](const MapId& id, const MapPart& part = {}) {
    return failureOf([&] { checkMap(info, id, part, 37); });
  };
  EXPECT_TRUE(contains(error(mapOf(3, lane(0))).todo, "0 … 2"));
  EXPECT_TRUE(contains(error(mapOf(-1, lane(0))).todo, "0 … 2"));
  EXPECT_TRUE(contains(error(mapOf(1, lane(48))).todo, "0 … 47"));
  EXPECT_TRUE(contains(error(mapOf(1, {LaneChoice::Kind::Head, 0, Merge::Mean})).what, "not heads"));
  EXPECT_TRUE(contains(error(good, {{0, 38}, {}, 1}).todo, "0:37"));
  EXPECT_TRUE(contains(error(good, {{}, {40, 41}, 1}).todo, "0:37"));
  EXPECT_TRUE(contains(error(good, {{5, 5}, {}, 1}).what, "empty"));
  EXPECT_TRUE(contains(error(good, {{}, {9, 3}, 1}).what, "empty"));
  EXPECT_TRUE(contains(error(good, {{}, {}, 0}).where, "pool 0"));
  MapId backward = good;
  backward.direction = Direction::Backward;
  EXPECT_TRUE(contains(error(backward).what, "backward"));
  EXPECT_TRUE(contains(error({1, lane(0), custom({Factor::Gate}), Direction::Both}).todo, "scan or skip"));
  EXPECT_NO_THROW(checkMap(info, good, {{36, -1}, {0, 1}, 100}, 37));
}

}  // namespace
}  // namespace uc
