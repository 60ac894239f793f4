// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT
//
// Each role on a layer that was made to have it, and not on one that was not.

#include "core/attention/roles.h"

#include "core/attention/statistics.h"
#include "tests/support/layers.h"

#include <ATen/ATen.h>

#include <gtest/gtest.h>

#include <cmath>

namespace uc {
namespace {

using namespace test;

const Feedback kQuiet;
constexpr int64_t kTokens = 120;

/// One lane with one state, which every token writes and reads alike and which keeps `kept` of it a token.
LayerFactors plainLayer(double kept) {
  LayerFactors layer = randomLayer(Recipe::LogDecay, {kTokens, 1, 1, 0, 1}, at::kDouble);
  layer.query = at::ones({kTokens, 1, 1}, at::kDouble);
  layer.key = at::ones({kTokens, 1, 1}, at::kDouble);
  layer.logDecay = at::full({kTokens, 1, 1}, std::log(kept), at::kDouble);
  layer.rowScale = layer.columnScale = at::Tensor();
  return layer;
}

LaneStatistics measured(const LayerFactors& layer, const TokenFacts& facts = {}) {
  return layerStatistics(layer, facts, kQuiet).front();
}

/// Ids that never repeat.
std::vector<int64_t> freshIds() {
  std::vector<int64_t> ids;
  for (int64_t t = 0; t < kTokens; ++t) ids.push_back(t);
  return ids;
}

TEST(Roles, ALaneThatForgetsEvenlyAndSlowlyHasNone) {
  const LaneStatistics lane =
      measured(plainLayer(0.97), tokenFacts(freshIds(), std::vector<uint8_t>(kTokens)));
  EXPECT_EQ(roleList(lane.roles), "");
}

TEST(Roles, PreviousTokenLooksOneTokenBack) {
  LayerFactors layer = plainLayer(0.5);
  layer.logDecay = at::full({kTokens, 1, 1}, -50.0, at::kDouble);
  layer.taps = at::tensor({1.0, 0.2}, at::kDouble).view({1, 2});
  const LaneStatistics lane = measured(layer);
  EXPECT_TRUE(lane.roles.has(Role::PreviousToken));
  EXPECT_NEAR(lane.previousShare, 119.0 / (119.0 + 0.2 * 120.0), 1e-9);
  EXPECT_FALSE(measured(plainLayer(0.5)).roles.has(Role::PreviousToken));
}

TEST(Roles, WindowForgetsWithinEightTokens) {
  EXPECT_TRUE(measured(plainLayer(0.6)).roles.has(Role::Window));
  EXPECT_FALSE(measured(plainLayer(0.95)).roles.has(Role::Window));
}

TEST(Roles, FirstTokenSinkKeepsWhatTheFirstTokenWrote) {
  LayerFactors layer = plainLayer(1.0);
  layer.key.fill_(0.005);
  layer.key[0] = 1.0;
  EXPECT_TRUE(measured(layer).roles.has(Role::FirstTokenSink));
  EXPECT_FALSE(measured(plainLayer(1.0)).roles.has(Role::FirstTokenSink));
}

TEST(Roles, DelimiterIsWrittenByDelimiters) {
  std::vector<uint8_t> isDelimiter(kTokens);
  LayerFactors layer = plainLayer(0.97);
  layer.key.fill_(0.05);
  for (size_t s = 9; s < kTokens; s += 10) {
    isDelimiter[s] = 1;
    layer.key[static_cast<int64_t>(s)] = 1.0;
  }
  const TokenFacts facts = tokenFacts(freshIds(), isDelimiter);
  EXPECT_TRUE(measured(layer, facts).roles.has(Role::Delimiter));
  EXPECT_FALSE(measured(plainLayer(0.97), facts).roles.has(Role::Delimiter));
  // Every other token is a delimiter: half of the mass on them says nothing.
  for (size_t s = 0; s < kTokens; ++s) isDelimiter[s] = s % 2 == 0 ? 1 : 0;
  EXPECT_FALSE(measured(plainLayer(0.97), tokenFacts(freshIds(), isDelimiter)).roles.has(Role::Delimiter));
}

TEST(Roles, PeriodicSeesEverySixthTokenBack) {
  LayerFactors layer = plainLayer(0.99);
  // q_t·k_s is a sharp function of the phase (t − s) mod 6: two states that turn
  layer.state = 3;
  layer.query = at::zeros({kTokens, 1, 3}, at::kDouble);
  for (int64_t t = 0; t < kTokens; ++t) {
    const double angle = 2.0 * M_PI * static_cast<double>(t) / 6.0;
    layer.query[t][0] = at::tensor({1.0, std::cos(angle), std::sin(angle)}, at::kDouble);
  }
  layer.key = layer.query.clone();
  layer.logDecay = at::full({kTokens, 1, 3}, std::log(0.99), at::kDouble);
  EXPECT_TRUE(measured(layer).roles.has(Role::Periodic));
  EXPECT_FALSE(measured(plainLayer(0.99)).roles.has(Role::Periodic));
  EXPECT_FALSE(measured(plainLayer(0.7)).roles.has(Role::Periodic));
}

TEST(Roles, InductionLikeFollowsAnEarlierOccurrence) {
  // 40 random tokens, three times: what follows the earlier occurrence is 39 and 79 tokens back.
  std::vector<int64_t> ids;
  for (int64_t t = 0; t < kTokens; ++t) ids.push_back(t % 40);
  const TokenFacts facts = tokenFacts(ids, {});
  ASSERT_EQ(facts.repeats[45], (std::vector<int64_t>{6}));
  ASSERT_EQ(facts.repeats[85], (std::vector<int64_t>{6, 46}));
  // One state per token: written by the token after it, read by the token itself.
  LayerFactors layer = plainLayer(1.0);
  layer.state = 40;
  layer.query = at::full({kTokens, 1, 40}, 0.01, at::kDouble);
  layer.key = at::full({kTokens, 1, 40}, 0.01, at::kDouble);
  for (int64_t t = 0; t < kTokens; ++t) {
    layer.query[t][0][t % 40] = 1.0;
    if (t > 0) layer.key[t][0][(t - 1) % 40] = 1.0;
  }
  layer.logDecay = at::zeros({kTokens, 1, 40}, at::kDouble);
  const LaneStatistics lane = measured(layer, facts);
  EXPECT_GT(lane.inductionShare, role_rules::kInduction);
  // In a periodic text distances alone explain it; a text that repeats at uneven distances shows the rule.
  const LaneStatistics even = measured(plainLayer(1.0), facts);
  EXPECT_NEAR(even.inductionLift, 1.0, 1e-9);
  EXPECT_FALSE(even.roles.has(Role::InductionLike));
}

TEST(Roles, InductionLikeNeedsMoreThanItsDistances) {
  // Pairs (a b) return at distances that are never the same.
  std::vector<int64_t> ids = freshIds();
  const std::vector<int64_t> places = {3, 10, 25, 41, 66, 80, 97, 115};
  for (const int64_t place : places) ids[static_cast<size_t>(place)] = 1000;
  LayerFactors layer = plainLayer(1.0);
  layer.state = 2;
  layer.query = at::full({kTokens, 1, 2}, 0.01, at::kDouble);
  layer.key = at::full({kTokens, 1, 2}, 0.01, at::kDouble);
  for (const int64_t place : places) {
    layer.query[place][0][0] = 1.0;
    layer.key[place + 1][0][0] = 1.0;
  }
  layer.logDecay = at::zeros({kTokens, 1, 2}, at::kDouble);
  EXPECT_TRUE(measured(layer, tokenFacts(ids, {})).roles.has(Role::InductionLike));
  EXPECT_FALSE(measured(plainLayer(1.0), tokenFacts(ids, {})).roles.has(Role::InductionLike));
}

TEST(Roles, DeadLanesAreNothingElse) {
  LayerFactors layer = randomLayer(Recipe::LogDecay, {kTokens, 5, 2, 0, 1}, at::kFloat);
  layer.rowScale.select(1, 1).zero_();
  layer.rowScale.select(1, 2).mul_(1e-9);
  const std::vector<LaneStatistics> lanes = layerStatistics(layer, {}, kQuiet);
  EXPECT_FALSE(lanes[0].roles.has(Role::Dead));
  EXPECT_EQ(roleList(lanes[1].roles), "dead");
  EXPECT_EQ(roleList(lanes[2].roles), "dead");
}

TEST(Roles, DelimitersAreMarksAndSpecialTokens) {
  for (const char* text : {".", ",", "\n", "\n\n", "<bos>", "</s>", " .", "?!", "("})
    EXPECT_TRUE(isDelimiterText(text)) << text;
  for (const char* text : {"", " ", "a", " the", "1", "x."}) EXPECT_FALSE(isDelimiterText(text)) << text;
}

TEST(Roles, AListJoinsNamesThatACsvCanHold) {
  EXPECT_EQ(roleList(Roles()), "");
  EXPECT_EQ(roleList(Roles().with(Role::Delimiter).with(Role::Window)), "window+delimiter");
  for (const Role role : allRoles()) EXPECT_EQ(name(role).find_first_of(",;\" +"), std::string_view::npos);
}

}  // namespace
}  // namespace uc
