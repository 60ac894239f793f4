// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/model.h"
#include "tests/support/golden_model.h"

#include <ATen/ATen.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace uc {
namespace {

using test::allLogits;
using test::distance;
using test::GoldenModel;

std::unique_ptr<Model> opened(const std::string& name, ComputeType type) {
  return GoldenModel("rwkv", name).open(type);
}

std::vector<int64_t> golden(const std::string& name, int64_t length) {
  return GoldenModel("rwkv", name).ids(length);
}

at::Tensor reference(const std::string& name, const std::string& file, int64_t length) {
  return GoldenModel("rwkv", name).reference(file, length);
}

// Of longer inputs the last row and every so many before it are stored.
at::Tensor storedRows(const at::Tensor& logits) {
  const int64_t L = logits.size(0), step = L == 300 ? 25 : 6;
  return logits.slice(0, (L - 1) % step, L, step);
}

struct Case {
  std::string name;
  std::vector<int64_t> lengths;
  std::string same = {};  // the folder with the values, where the names alone differ
  const std::string& values() const { return same.empty() ? name : same; }
};

class RwkvGolden : public testing::TestWithParam<Case> {};

TEST_P(RwkvGolden, LogitsAreThoseOfTheReference) {
  const std::unique_ptr<Model> model = opened(GetParam().name, ComputeType::Float32);
  double worst = 0;
  for (const int64_t length : GetParam().lengths) {
    const at::Tensor logits = storedRows(allLogits(*model, golden(GetParam().values(), length)));
    const at::Tensor expected = reference(GetParam().values(), "logits", length);
    ASSERT_EQ(logits.sizes(), expected.sizes());
    EXPECT_LE(distance(logits, expected), 1e-4) << length;
    EXPECT_TRUE(logits.argmax(1).equal(expected.argmax(1))) << length;
    worst = std::max(worst, distance(logits, expected));
  }
  RecordProperty("worst", std::to_string(worst));
}

TEST_P(RwkvGolden, LogitsInDoubleAreExact) {
  const std::unique_ptr<Model> model = opened(GetParam().name, ComputeType::Float64);
  for (const int64_t length : GetParam().lengths) {
    const at::Tensor logits = storedRows(allLogits(*model, golden(GetParam().values(), length)));
    EXPECT_LE(distance(logits, reference(GetParam().values(), "logits64", length)), 1e-10) << length;
  }
}

TEST_P(RwkvGolden, TokenByTokenIsTheSameAsAllAtOnce) {
  test::expectSameTokenByToken(*opened(GetParam().name, ComputeType::Float64),
                               golden(GetParam().values(), 37));
}

// A run works on 2,048 tokens at a time.
TEST_P(RwkvGolden, NothingIsLostWhereARunIsCut) {
  const std::unique_ptr<Model> model = opened(GetParam().name, ComputeType::Float64);
  const int64_t V = model->info().vocabulary, L = 2051;
  std::vector<int64_t> ids(L);
  for (int64_t t = 0; t < L; ++t) ids[static_cast<size_t>(t)] = (t * t + 3 * t) % V;
  const Trace trace = model->run(ids, {});
  const std::unique_ptr<Model::State> state = model->start();
  size_t t = 0;
  for (const size_t piece : {1000, 1047, 1, 1, 2}) {
    const std::vector<int64_t> some(ids.begin() + static_cast<int64_t>(t),
                                    ids.begin() + static_cast<int64_t>(t + piece));
    t += piece;
    const at::Tensor logits = model->step(*state, some, {});
    const auto last = static_cast<int64_t>(t);
    EXPECT_LE(distance(logits, model->logits(trace, last - 1, last)[0]), 1e-10) << t;
  }
  EXPECT_EQ(t, ids.size());
}

INSTANTIATE_TEST_SUITE_P(
    Models, RwkvGolden,
    testing::Values(Case{"v4-hf-rescale0", {1, 37}}, Case{"v4-hf-rescale2", {1, 37, 300}},
                    Case{"v4-hf-wide", {1, 37}}, Case{"v4-blinkdl", {1, 37, 300}}, Case{"v5.0", {1, 37, 300}},
                    Case{"v5.1", {1, 37}}, Case{"v5.2", {1, 37, 300}}, Case{"v5.2-hf", {37}, "v5.2"},
                    Case{"v5.2-head36", {1, 37}}, Case{"v6", {1, 37, 300}}, Case{"v6-hf", {37}, "v6"},
                    Case{"v6-fla", {37}, "v6"}, Case{"v6-state", {1, 37}}, Case{"v6-lowrank-gate", {1, 37}},
                    Case{"v7", {1, 37, 300}}, Case{"v7-fla", {37}, "v7"}, Case{"v7-fla-old", {37}, "v7"},
                    Case{"v7-head64", {1, 37}}),
    [](const testing::TestParamInfo<Case>& tested) {
      std::string name = tested.param.name;
      std::replace_if(
          name.begin(), name.end(), [](char c) { return c == '-' || c == '.'; }, '_');
      return name;
    });

TEST(Rwkv, RescalingIsSeenThroughTheNormsEpsilonOnly) {
  const std::vector<int64_t> ids = golden("v4-hf-rescale2", 37);
  const std::unique_ptr<Model> model = opened("v4-hf-rescale2", ComputeType::Float64);
  const Trace trace = model->run(ids, {});
  // The stream is halved after block 1: what is stored of it shrinks.
  EXPECT_LT(trace.hidden[2].abs().mean().item<double>(), 0.8 * trace.hidden[1].abs().mean().item<double>());
}

TEST(Rwkv, Version4DescribesItself) {
  const ModelInfo info = opened("v4-hf-wide", ComputeType::Float32)->info();
  EXPECT_EQ(info.family, "rwkv4");
  EXPECT_EQ(info.kinds, std::vector<std::string>(7, "rwkv4"));
  EXPECT_EQ(info.lanes, 26);
  EXPECT_FALSE(info.heads.has_value());
  EXPECT_EQ(info.state, 1);
  EXPECT_EQ(info.width, 12);
  EXPECT_EQ(info.vocabulary, 19);
  EXPECT_EQ(info.dtype, "bfloat16");
  const int64_t block = 2 * 2 * 12 + 2 * 26 + 3 * 12 + 4 * 26 * 12 + 2 * 12 + 2 * 12 * 10 + 12 * 12;
  EXPECT_EQ(info.parameters, 2 * 19 * 12 + 2 * 2 * 12 + 7 * block);
  EXPECT_TRUE(info.factors.has(Factor::Gate) && info.factors.has(Factor::Scan));
  EXPECT_FALSE(info.factors.has(Factor::Skip) || info.factors.has(Factor::NoStep));
  EXPECT_TRUE(info.notices.empty());
}

TEST(Rwkv, VersionsWithHeadsDescribeThemselves) {
  for (const auto& [name, family] : {std::pair("v5.0", "rwkv5"), std::pair("v5.2-hf", "rwkv5"),
                                     std::pair("v6-fla", "rwkv6"), std::pair("v7-fla-old", "rwkv7")}) {
    const ModelInfo info = opened(name, ComputeType::Float32)->info();
    EXPECT_EQ(info.family, family);
    EXPECT_EQ(info.lanes, 24);
    EXPECT_EQ(info.heads, 3);
    EXPECT_EQ(info.state, 8);
    EXPECT_EQ(info.dtype, "bfloat16");
    EXPECT_TRUE(info.notices.empty()) << name;
  }
}

TEST(Rwkv, NamesDoNotChangeTheCountOfParameters) {
  EXPECT_EQ(opened("v6", ComputeType::Float32)->info().parameters,
            opened("v6-fla", ComputeType::Float32)->info().parameters);
  // BlinkDL's files hold a v0, v1 and v2 that block 0 does not use.
  EXPECT_EQ(opened("v7", ComputeType::Float32)->info().parameters,
            opened("v7-fla", ComputeType::Float32)->info().parameters + 24 + 2 * 24 * 4);
}

}  // namespace
}  // namespace uc
