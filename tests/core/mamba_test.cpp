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

std::unique_ptr<Model> opened(const std::string& name, ComputeType type, int64_t budget = int64_t{1} << 30) {
  return GoldenModel("mamba", name).open(type, budget);
}

std::vector<int64_t> golden(const std::string& name, int64_t length) {
  return GoldenModel("mamba", name).ids(length);
}

at::Tensor reference(const std::string& name, const std::string& file, int64_t length) {
  return GoldenModel("mamba", name).reference(file, length);
}

struct Case {
  std::string name;
  std::vector<int64_t> lengths;
};

class MambaGolden : public testing::TestWithParam<Case> {};

TEST_P(MambaGolden, LogitsAreThoseOfTheReference) {
  test::expectLogits(GoldenModel("mamba", GetParam().name), GetParam().lengths);
}

TEST_P(MambaGolden, LogitsInDoubleAreExact) {
  test::expectExactLogits(GoldenModel("mamba", GetParam().name), GetParam().lengths);
}

TEST_P(MambaGolden, TokenByTokenIsTheSameAsAllAtOnce) {
  const GoldenModel reference = GoldenModel("mamba", GetParam().name);
  test::expectSameTokenByToken(*reference.open(ComputeType::Float64),
                               reference.ids(GetParam().lengths.back()));
}

INSTANTIATE_TEST_SUITE_P(Models, MambaGolden,
                         testing::Values(Case{"hf-tied", {1, 37, 130}}, Case{"hf-untied-bias", {1, 37}},
                                         Case{"hf-noconvbias", {1, 37}}, Case{"hf-bf16", {1, 37}},
                                         Case{"hf-fp16", {1, 37}}, Case{"hf-fp64", {1, 37}},
                                         Case{"ssm-names", {1, 37}}, Case{"ssm-layernorm", {1, 37}},
                                         Case{"hf-text", {69}}),
                         [](const testing::TestParamInfo<Case>& tested) {
                           std::string name = tested.param.name;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(Mamba, AnnouncesInputAndOutputOfEveryMixer) {
  const std::unique_ptr<Model> model = opened("hf-tied", ComputeType::Float64);
  const Trace trace = model->run(golden("hf-tied", 37), {});
  ASSERT_EQ(trace.hidden.size(), 4u);
  for (int64_t layer = 0; layer < 3; ++layer) {
    const LayerFactors factors = model->factors(trace, layer, {});
    const std::string start = "layer" + std::to_string(layer);
    EXPECT_LE(distance(factors.x, reference("hf-tied", start + "_x", 37)), 1e-10);
    EXPECT_LE(distance(factors.y, reference("hf-tied", start + "_y", 37)), 1e-10);
  }
}

// Equation (1) written out with dense matrices, from the announced factors alone.
TEST(Mamba, FactorsRebuildTheOutputAndTheMaps) {
  const std::unique_ptr<Model> model = opened("hf-tied", ComputeType::Float64);
  const Trace trace = model->run(golden("hf-tied", 37), {});
  const LayerFactors f = model->factors(trace, 1, {});
  const at::Tensor unified = reference("hf-tied", "layer1_unified", 37);
  const test::DenseLayer dense{f};
  const std::vector<int64_t> lanes = {0, 7, 23, 47};
  for (size_t i = 0; i < lanes.size(); ++i) {
    const int64_t d = lanes[i];
    const at::Tensor map = dense.scaled(d, dense.alpha(d)).matmul(dense.band(d));
    EXPECT_LE(distance(map, unified[static_cast<int64_t>(i)]), 1e-10) << d;
  }
  EXPECT_LE(dense.error(), 1e-10);
}

TEST(Mamba, DescribesItself) {
  const ModelInfo info = opened("hf-tied", ComputeType::Float32)->info();
  EXPECT_EQ(info.family, "mamba");
  EXPECT_EQ(info.layers, 3);
  EXPECT_EQ(info.lanes, 48);
  EXPECT_FALSE(info.heads.has_value());
  EXPECT_EQ(info.state, 5);
  EXPECT_EQ(info.width, 24);
  EXPECT_EQ(info.vocabulary, 67);
  EXPECT_EQ(info.dtype, "float32");
  EXPECT_EQ(info.parameters,
            67 * 24 + 24 + 3 * (24 + 96 * 24 + 48 * 4 + 48 + 13 * 48 + 48 * 3 + 48 + 48 * 5 + 48 + 24 * 48));
  EXPECT_TRUE(info.notices.empty());
}

TEST(Mamba, CountsATiedHeadOnceAndPaddingRowsToo) {
  const ModelInfo plain = opened("hf-tied", ComputeType::Float32)->info();
  const ModelInfo padded = opened("ssm-names", ComputeType::Float32)->info();
  EXPECT_EQ(padded.vocabulary, 72);
  EXPECT_EQ(padded.parameters, plain.parameters + 5 * 24);
  EXPECT_TRUE(padded.notices.empty());
}

TEST(Mamba, StoredTypesAreNamedByMostBytes) {
  EXPECT_EQ(opened("hf-bf16", ComputeType::Float32)->info().dtype, "bfloat16");
  EXPECT_EQ(opened("hf-fp16", ComputeType::Float32)->info().dtype, "float16");
  EXPECT_EQ(opened("hf-fp64", ComputeType::Float32)->info().dtype, "float64");
}

TEST(Mamba, ASmallBudgetChangesNothing) {
  const std::vector<int64_t> ids = golden("hf-untied-bias", 37);
  const at::Tensor expected = allLogits(*opened("hf-untied-bias", ComputeType::Float32), ids);
  const std::unique_ptr<Model> model = opened("hf-untied-bias", ComputeType::Float32, 1);
  EXPECT_TRUE(allLogits(*model, ids).equal(expected));
  EXPECT_TRUE(allLogits(*model, ids).equal(expected));
}

TEST(Mamba, Bfloat16RoundsTheWeightsOnly) {
  const std::vector<int64_t> ids = golden("hf-tied", 37);
  const at::Tensor full = allLogits(*opened("hf-tied", ComputeType::Float32), ids);
  const at::Tensor rounded = allLogits(*opened("hf-tied", ComputeType::BFloat16), ids);
  EXPECT_GT(distance(full, rounded), 1e-4);
  // Weights that are stored in bfloat16 stay as they are.
  const std::vector<int64_t> other = golden("hf-bf16", 37);
  EXPECT_TRUE(allLogits(*opened("hf-bf16", ComputeType::Float32), other)
                  .equal(allLogits(*opened("hf-bf16", ComputeType::BFloat16), other)));
}

TEST(Mamba, CancelsBetweenLayers) {
  const std::unique_ptr<Model> model = opened("hf-tied", ComputeType::Float32);
  std::stop_source stop;
  std::vector<double> seen;
  const Feedback feedback(stop.get_token(), [&](double fraction, std::string_view) {
    seen.push_back(fraction);
    if (seen.size() == 2) stop.request_stop();
  });
  EXPECT_THROW(model->run(golden("hf-tied", 37), feedback), Cancelled);
  EXPECT_EQ(seen.size(), 2u);
}

}  // namespace
}  // namespace uc
