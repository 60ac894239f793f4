// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/operators.h"
#include "core/io/json.h"
#include "core/models/model.h"
#include "tests/support/edited_model.h"
#include "tests/support/golden_model.h"
#include "tests/support/temporary_folder.h"

#include <ATen/ATen.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace uc {
namespace {

using test::allLogits;
using test::distance;
using test::GoldenModel;

constexpr int64_t kBudget = int64_t{1} << 30;

std::string folder(const std::string& name) { return std::string(TEST_DATA) + "/griffin/" + name; }

std::unique_ptr<Model> opened(const std::string& name, ComputeType type) {
  return GoldenModel("griffin", name).open(type);
}

std::vector<int64_t> golden(const std::string& name, int64_t length) {
  return GoldenModel("griffin", name).ids(length);
}

struct Case {
  std::string name;
  std::vector<int64_t> lengths;
};

class GriffinGolden : public testing::TestWithParam<Case> {};

TEST_P(GriffinGolden, LogitsAreThoseOfTheReference) {
  test::expectLogits(GoldenModel("griffin", GetParam().name), GetParam().lengths);
}

TEST_P(GriffinGolden, LogitsInDoubleAreExact) {
  test::expectExactLogits(GoldenModel("griffin", GetParam().name), GetParam().lengths);
}

TEST_P(GriffinGolden, TokenByTokenIsTheSameAsAllAtOnce) {
  const GoldenModel reference = GoldenModel("griffin", GetParam().name);
  test::expectSameTokenByToken(*reference.open(ComputeType::Float64),
                               reference.ids(GetParam().lengths.back()));
}

TEST_P(GriffinGolden, GreedyTokensAreThoseOfTheReference) {
  test::expectGreedy(GoldenModel("griffin", GetParam().name), 20);
}

INSTANTIATE_TEST_SUITE_P(Models, GriffinGolden,
                         testing::Values(Case{"hf-mqa", {1, 37, 130}}, Case{"hf-mha-bias", {1, 37}}),
                         [](const testing::TestParamInfo<Case>& tested) {
                           std::string name = tested.param.name;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

// α of one lane by its definition: dense, every product of decays the exponential of a sum.
at::Tensor recurrentAlpha(const LayerFactors& f, int64_t lane) {
  const int64_t L = f.tokens;
  const at::Tensor time = f.step.select(1, lane).to(at::kDouble).cumsum(0);
  const at::Tensor gap = (time.unsqueeze(1) - time.unsqueeze(0)).tril();
  const at::Tensor key = f.key.select(1, lane).select(1, 0).to(at::kDouble);
  const at::Tensor query = f.query.select(1, 0).select(1, 0).to(at::kDouble);
  return ((gap * f.rate[lane][0].to(at::kDouble)).exp() * query.unsqueeze(1) * key.unsqueeze(0))
      .tril()
      .view({L, L});
}

at::Tensor softmaxAlpha(const LayerFactors& f, int64_t head) {
  const int64_t L = f.tokens;
  const at::Tensor query = f.query.select(1, head * f.query.size(1) / f.scans).to(at::kDouble);
  const at::Tensor key = f.key.select(1, head * f.key.size(1) / f.scans).to(at::kDouble);
  const at::Tensor scores = query.matmul(key.t()) - f.logNormalizer.select(1, head).unsqueeze(1);
  const at::Tensor ones = at::ones({L, L}, at::kDouble);
  return scores.exp() * ones.tril() * ones.triu(1 - f.window);
}

// Equation (1) written out with dense matrices, from the announced factors alone.
at::Tensor rebuilt(const LayerFactors& f, int64_t lane) {
  const int64_t L = f.tokens;
  at::Tensor input = f.x.select(1, lane).to(at::kDouble);
  if (f.kind == ScanKind::Softmax) return softmaxAlpha(f, lane * f.scans / f.lanes).matmul(input);
  const int64_t K = f.taps.size(1);
  at::Tensor band = at::zeros({L, L}, at::kDouble);
  for (int64_t back = 0; back < std::min(K, L); ++back) {
    band += at::diag_embed(f.taps[lane][K - 1 - back].to(at::kDouble).expand({L - back}), -back);
  }
  input = band.matmul(input) + f.convBias[lane].to(at::kDouble);
  return recurrentAlpha(f, lane).matmul(input) * f.rowScale.select(1, lane).to(at::kDouble);
}

TEST_P(GriffinGolden, FactorsRebuildTheOutputOfEveryLayer) {
  for (const ComputeType type : {ComputeType::Float32, ComputeType::Float64}) {
    const std::unique_ptr<Model> model = opened(GetParam().name, type);
    for (const int64_t length : GetParam().lengths) {
      const Trace trace = model->run(golden(GetParam().name, length), {});
      for (int64_t layer = 0; layer < model->info().layers; ++layer) {
        const LayerFactors f = model->factors(trace, layer, {});
        ASSERT_EQ(f.y.sizes(), (std::vector<int64_t>{length, model->info().lanesOf(layer)}));
        ASSERT_EQ(f.x.sizes(), f.y.sizes());
        const double scale = f.y.abs().max().item<double>();
        const double limit = type == ComputeType::Float64 ? 1e-10 : 1e-5;
        for (int64_t lane = 0; lane < f.lanes; ++lane) {
          ASSERT_LE(distance(rebuilt(f, lane), f.y.select(1, lane).to(at::kDouble)), limit * scale)
              << "layer " << layer << ", lane " << lane << ", length " << length;
        }
      }
    }
  }
}

TEST_P(GriffinGolden, VerifyFindsTheOutputOfEveryLayerRebuilt) {
  for (const ComputeType type : {ComputeType::Float32, ComputeType::Float64}) {
    const std::unique_ptr<Model> model = opened(GetParam().name, type);
    for (const int64_t length : GetParam().lengths) {
      const Trace trace = model->run(golden(GetParam().name, length), {});
      for (int64_t layer = 0; layer < model->info().layers; ++layer) {
        const Reconstruction found = verifyLayer(model->factors(trace, layer, {}), {});
        EXPECT_LE(found.relative, type == ComputeType::Float64 ? 1e-10 : 1e-5) << layer << ", " << length;
        EXPECT_GT(found.scale, 0);
      }
    }
  }
}

TEST(Griffin, AnnouncesARecurrentLayerInTheTermsOfTheFormula) {
  const std::unique_ptr<Model> model = opened("hf-mqa", ComputeType::Float64);
  const LayerFactors f = model->factors(model->run(golden("hf-mqa", 37), {}), 1, {});
  EXPECT_EQ(f.kind, ScanKind::Decay);
  EXPECT_EQ(f.lanes, 18);
  EXPECT_EQ(f.scans, 18);
  EXPECT_EQ(f.state, 1);
  EXPECT_FALSE(f.isStepInKey);
  EXPECT_EQ(f.taps.sizes(), (std::vector<int64_t>{18, 4}));
  EXPECT_GE(f.step.min().item<double>(), 0);
  // The key is γ · i: i < 1, and γ is that of the step but for the first token, which has γ = 1.
  const at::Tensor room = (1 - (f.step * -2).exp()).sqrt();
  const at::Tensor key = f.key.squeeze(2);
  EXPECT_TRUE((key < room).slice(0, 1).all().item<bool>());
  EXPECT_TRUE((key[0] > 0).all().item<bool>() && (key[0] < 1).all().item<bool>());
  EXPECT_TRUE((key[0] > room[0]).any().item<bool>());
}

TEST(Griffin, AnnouncesAttentionWithItsWindow) {
  const std::unique_ptr<Model> model = opened("hf-mqa", ComputeType::Float64);
  const LayerFactors f = model->factors(model->run(golden("hf-mqa", 37), {}), 2, {});
  EXPECT_EQ(f.kind, ScanKind::Softmax);
  EXPECT_EQ(f.lanes, 24);
  EXPECT_EQ(f.scans, 3);
  EXPECT_EQ(f.state, 8);
  EXPECT_EQ(f.window, 16);
  EXPECT_EQ(f.query.sizes(), (std::vector<int64_t>{37, 3, 8}));
  EXPECT_EQ(f.key.sizes(), (std::vector<int64_t>{37, 1, 8}));
  EXPECT_EQ(f.available, Factors{Factor::Scan});
  for (int64_t head = 0; head < 3; ++head) {
    const at::Tensor alpha = softmaxAlpha(f, head);
    EXPECT_LE(distance(alpha.sum(1), at::ones({37}, at::kDouble)), 1e-12);
    EXPECT_EQ(alpha[36][20].item<double>(), 0);
    EXPECT_GT(alpha[36][21].item<double>(), 0);
  }
  // One key head: every head reads the same values.
  EXPECT_TRUE(f.x.slice(1, 0, 8).equal(f.x.slice(1, 16, 24)));
}

// Blocks carry their state over the borders of the pieces that a long text is run in: run() cuts at 2,048
// tokens, step() here elsewhere. A window beyond that makes the keys cross more than one border.
TEST(Griffin, BordersBetweenPiecesOfALongTextAreNotSeen) {
  for (const int64_t window : {16, 2300}) {
    test::EditedModel edited(folder("hf-mqa"));
    edited.config["attention_window_size"] = window;
    const test::TemporaryFolder place;
    edited.save(place.path());
    const std::unique_ptr<Model> model =
        openModel(Checkpoint::open(place.path()), ComputeType::Float64, kBudget);
    std::vector<int64_t> ids;
    for (int64_t t = 0; t < 4400; ++t) ids.push_back((t * t * 7 + t / 3) % 43);
    const Trace trace = model->run(ids, {});
    const std::unique_ptr<Model::State> state = model->start();
    size_t first = 0;
    for (const size_t last :
         {size_t{1}, size_t{2}, size_t{300}, size_t{1990}, size_t{1991}, size_t{4399}, size_t{4400}}) {
      const at::Tensor logits = model->step(
          *state, {ids.begin() + static_cast<int64_t>(first), ids.begin() + static_cast<int64_t>(last)}, {});
      const auto row = static_cast<int64_t>(last);
      ASSERT_LE(distance(logits, model->logits(trace, row - 1, row)[0]), 1e-10) << window << ", " << last;
      first = last;
    }
    // The factors are made in one piece.
    const LayerFactors f = model->factors(trace, 2, {});
    const at::Tensor row =
        (f.query[4399][1].unsqueeze(0).matmul(f.key.select(1, 0).slice(0, 4400 - window).t()) -
         f.logNormalizer[4399][1])
            .exp();
    EXPECT_LE(distance(row.matmul(f.x.slice(0, 4400 - window).slice(1, 8, 16)), f.y[4399].slice(0, 8, 16)),
              1e-10);
  }
}

TEST(Griffin, DescribesItself) {
  const ModelInfo info = opened("hf-mqa", ComputeType::Float32)->info();
  EXPECT_EQ(info.family, "griffin");
  EXPECT_EQ(info.layers, 4);
  EXPECT_EQ(info.kinds, (std::vector<std::string>{"rg-lru", "rg-lru", "attention", "rg-lru"}));
  EXPECT_EQ(info.lanes, 18);
  EXPECT_EQ(info.heads, 3);
  EXPECT_EQ(info.attentionLanes, 24);
  EXPECT_EQ(info.state, 1);
  EXPECT_EQ(info.width, 24);
  EXPECT_EQ(info.vocabulary, 43);
  EXPECT_EQ(info.dtype, "float32");
  EXPECT_EQ(info.factors, (Factors{Factor::Gate, Factor::Scan, Factor::Convolution}));
  EXPECT_EQ(info.headsOf(0), std::nullopt);
  EXPECT_EQ(info.headsOf(2), 3);
  const int64_t feed = 2 * 24 + 3 * 13 * 24 + 2 * 13 + 24;
  const int64_t recurrent = 2 * (18 * 24 + 18) + 18 * 4 + 18 + 18 + 2 * (3 * 6 * 6 + 18) + 24 * 18 + 24;
  const int64_t attention = 2 * 24 * 24 + 2 * 8 * 24 + 24;
  EXPECT_EQ(info.parameters, 43 * 24 + 24 + 4 * feed + 3 * recurrent + attention);
  EXPECT_TRUE(info.notices.empty());
}

TEST(Griffin, WhatIsNotANumberStaysWithLaterTokens) {
  test::EditedModel edited(folder("hf-mqa"));
  for (size_t i = 0; i < 24; ++i)
    edited.setValue("model.embed_tokens.weight", 7 * 24 + i, std::numeric_limits<float>::quiet_NaN());
  const test::TemporaryFolder place;
  edited.save(place.path());
  const std::unique_ptr<Model> model =
      openModel(Checkpoint::open(place.path()), ComputeType::Float32, kBudget);
  const std::vector<int64_t> before = {1, 2, 3, 4, 5};
  std::vector<int64_t> ids = before;
  ids.insert(ids.end(), {7, 1});
  const Trace trace = model->run(ids, {});
  EXPECT_FALSE(trace.notices.empty());
  EXPECT_TRUE(trace.hidden.back().slice(0, 5).isnan().all().item<bool>());
  const at::Tensor expected = model->run(before, {}).hidden.back();
  EXPECT_TRUE(at::allclose(trace.hidden.back().slice(0, 0, 5), expected, 1e-5, 1e-6));
}

TEST(Griffin, LogitsStayBelowTheirCap) {
  const std::unique_ptr<Model> model = opened("hf-mha-bias", ComputeType::Float32);
  const at::Tensor logits = allLogits(*model, golden("hf-mha-bias", 37));
  EXPECT_LT(logits.abs().max().item<double>(), 5);
  EXPECT_GT(logits.abs().max().item<double>(), 4);
}

}  // namespace
}  // namespace uc
