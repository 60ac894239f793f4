// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/operators.h"
#include "core/models/model.h"
#include "core/models/scan.h"
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
using test::DenseLayer;
using test::distance;
using test::GoldenModel;

test::GoldenModel golden(const std::string& name) { return {"mamba2", name}; }

struct Case {
  std::string name;
  std::vector<int64_t> lengths;
};

class Mamba2Golden : public testing::TestWithParam<Case> {};

TEST_P(Mamba2Golden, LogitsAreThoseOfTheReference) {
  test::expectLogits(golden(GetParam().name), GetParam().lengths);
}

TEST_P(Mamba2Golden, LogitsInDoubleAreExact) {
  test::expectExactLogits(golden(GetParam().name), GetParam().lengths);
}

TEST_P(Mamba2Golden, TokenByTokenIsTheSameAsAllAtOnce) {
  const GoldenModel reference = golden(GetParam().name);
  test::expectSameTokenByToken(*reference.open(ComputeType::Float64), reference.ids(37));
}

// Equation (1) written out with dense matrices, from the announced factors alone.
TEST_P(Mamba2Golden, FactorsRebuildTheOutputOfEveryLayer) {
  const test::GoldenModel reference = golden(GetParam().name);
  for (const auto& [type, tolerance] :
       {std::pair(ComputeType::Float32, 1e-5), {ComputeType::Float64, 1e-10}}) {
    const std::unique_ptr<Model> model = reference.open(type);
    for (const int64_t length : {1, 37}) {
      const Trace trace = model->run(reference.ids(length), {});
      for (int64_t layer = 0; layer < model->info().layers; ++layer) {
        const LayerFactors factors = model->factors(trace, layer, {});
        EXPECT_LE(DenseLayer{factors}.error(), tolerance) << layer << ", L " << length;
        EXPECT_LE(verifyLayer(factors, {}).relative, tolerance) << layer << ", L " << length;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Models, Mamba2Golden,
                         testing::Values(Case{"hf-one-group", {1, 37, 300}}, Case{"hf-groups", {1, 37, 300}},
                                         Case{"ssm-names", {1, 37}}, Case{"ssm-before-gate", {1, 37}},
                                         Case{"ssm-no-norm", {1, 37}}),
                         [](const testing::TestParamInfo<Case>& tested) {
                           std::string name = tested.param.name;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(Mamba2, ContinuesAsTheReferenceDoes) {
  for (const char* name : {"hf-one-group", "hf-groups"}) test::expectGreedy(golden(name), 20);
}

TEST(Mamba2, AnnouncesTheReferencesInputOutputAndMaps) {
  const std::unique_ptr<Model> model = golden("hf-groups").open(ComputeType::Float64);
  const Trace trace = model->run(golden("hf-groups").ids(37), {});
  const LayerFactors factors = model->factors(trace, 1, {});
  EXPECT_LE(distance(factors.x, golden("hf-groups").reference("layer1_x", 37)), 1e-10);
  EXPECT_LE(distance(factors.y, golden("hf-groups").reference("layer1_y", 37)), 1e-10);
  const at::Tensor unified = golden("hf-groups").reference("layer1_unified", 37);
  const std::vector<int64_t> lanes = {0, 13, 39};
  const DenseLayer dense{factors};
  for (size_t i = 0; i < lanes.size(); ++i) {
    const at::Tensor map = dense.scaled(lanes[i], dense.alpha(lanes[i])).matmul(dense.band(lanes[i]));
    EXPECT_LE(distance(map, unified[static_cast<int64_t>(i)]), 1e-10) << lanes[i];
  }
}

TEST(Mamba2, FactorsHaveTheShapesThatOperatorsRead) {
  const std::unique_ptr<Model> model = golden("hf-groups").open(ComputeType::Float32);
  const Trace trace = model->run(golden("hf-groups").ids(37), {});
  const LayerFactors f = model->factors(trace, 0, {});
  EXPECT_EQ(f.kind, ScanKind::Decay);
  EXPECT_TRUE(f.isStepInKey);
  EXPECT_EQ(f.tokens, 37);
  EXPECT_EQ(f.lanes, 40);
  EXPECT_EQ(f.scans, 4);
  EXPECT_EQ(f.state, 6);
  const std::vector<std::pair<at::Tensor, std::vector<int64_t>>> shapes = {
      {f.query, {37, 2, 6}},  {f.key, {37, 2, 6}},       {f.step, {37, 4}}, {f.rate, {4, 6}},
      {f.rowScale, {37, 40}}, {f.columnScale, {37, 40}}, {f.taps, {40, 3}}, {f.convBias, {40}},
      {f.skip, {40}},         {f.x, {37, 40}},           {f.y, {37, 40}}};
  for (const auto& [tensor, shape] : shapes) {
    EXPECT_EQ(tensor.sizes(), at::IntArrayRef(shape));
    EXPECT_TRUE(tensor.is_contiguous());
    EXPECT_EQ(tensor.scalar_type(), at::kFloat);
  }
}

TEST(Mamba2, StepsStayWithinTheirLimits) {
  const std::unique_ptr<Model> model = golden("hf-groups").open(ComputeType::Float64);
  const LayerFactors factors = model->factors(model->run(golden("hf-groups").ids(300), {}), 0, {});
  EXPECT_DOUBLE_EQ(factors.step.min().item<double>(), 0.05);
  EXPECT_DOUBLE_EQ(factors.step.max().item<double>(), 0.4);
}

// run() works on 2,048 tokens at a time, step() on what it is given.
TEST(Mamba2, PiecesOfALongTextAreTheSameAsTheWhole) {
  const test::GoldenModel reference = golden("hf-groups");
  const std::unique_ptr<Model> model = reference.open(ComputeType::Float64);
  std::vector<int64_t> ids;
  while (ids.size() < 2400) {
    const std::vector<int64_t> more = reference.ids(300);
    ids.insert(ids.end(), more.begin(), more.end());
  }
  const Trace trace = model->run(ids, {});
  const std::unique_ptr<Model::State> state = model->start();
  size_t begin = 0;
  for (const size_t end : {size_t{1}, size_t{2}, size_t{700}, size_t{2047}, size_t{2050}, ids.size()}) {
    const std::vector<int64_t> piece(ids.begin() + static_cast<int64_t>(begin),
                                     ids.begin() + static_cast<int64_t>(end));
    const auto last = static_cast<int64_t>(end);
    const at::Tensor logits = model->step(*state, piece, {});
    EXPECT_LE(distance(logits, model->logits(trace, last - 1, last)[0]), 1e-10) << end;
    begin = end;
  }
}

TEST(Mamba2, DescribesItself) {
  const ModelInfo info = golden("hf-groups").open(ComputeType::Float32)->info();
  EXPECT_EQ(info.family, "mamba2");
  EXPECT_EQ(info.kinds, std::vector<std::string>(2, "mamba2"));
  EXPECT_EQ(info.lanes, 40);
  EXPECT_EQ(info.heads, 4);
  EXPECT_EQ(info.state, 6);
  EXPECT_EQ(info.width, 20);
  EXPECT_EQ(info.vocabulary, 31);
  EXPECT_EQ(info.parameters, 2 * 31 * 20 + 20 + 2 * (20 + 108 * 21 + 64 * 4 + 4 + 4 + 4 + 40 + 20 * 41));
  EXPECT_TRUE(info.notices.empty());
  const Factors all = {Factor::Gate,        Factor::Scan, Factor::Activation,
                       Factor::Convolution, Factor::Skip, Factor::NoStep};
  EXPECT_TRUE(info.factors == all);
}

// The loop by its definition, also where lanes of a head do not fill a vector, and from a state.
template <typename T>
void expectScan(int64_t heads, int64_t lanes, int64_t groups, double tolerance) {
  const int64_t L = 19, N = 5, D = heads * lanes, stride = D + 2 * groups * N;
  const auto type = std::is_same_v<T, double> ? at::kDouble : at::kFloat;
  at::manual_seed(7);
  const at::Tensor channels = at::randn({L, stride}, type), step = at::rand({L, heads}, type);
  const at::Tensor rate = -at::rand({heads}, type) * 3, before = at::randn({D, N}, type);
  const at::Tensor hidden = before.clone(), out = at::empty({L, D}, type);
  HeadScan<T> scan;
  scan.tokens = L;
  scan.heads = heads;
  scan.lanesAHead = lanes;
  scan.groups = groups;
  scan.state = N;
  scan.step = step.data_ptr<T>();
  scan.input = channels.data_ptr<T>();
  scan.key = scan.input + D;
  scan.query = scan.key + groups * N;
  scan.stride = stride;
  scan.rate = rate.data_ptr<T>();
  scan.hidden = hidden.data_ptr<T>();
  scan.output = out.data_ptr<T>();
  const int64_t cut = D / 3;  // pieces may end within a head
  scanHeads(scan, 0, cut);
  scanHeads(scan, cut, D);
  const at::Tensor wide = channels.to(at::kDouble);
  for (int64_t d = 0; d < D; ++d) {
    const int64_t h = d / lanes, g = h * groups / heads;
    at::Tensor state = before[d].to(at::kDouble);
    for (int64_t t = 0; t < L; ++t) {
      const at::Tensor delta = step[t][h].to(at::kDouble);
      state = (delta * rate[h].to(at::kDouble)).exp() * state +
              delta * wide[t][d] * wide[t].slice(0, D + g * N, D + (g + 1) * N);
      const at::Tensor query = wide[t].slice(0, D + (groups + g) * N, D + (groups + g + 1) * N);
      ASSERT_LE(distance((query * state).sum(), out[t][d]), tolerance) << d << ", " << t;
    }
    ASSERT_LE(distance(state, hidden[d]), tolerance) << d;
  }
}

TEST(Mamba2, TheScanIsItsDefinition) {
  expectScan<double>(4, 6, 2, 1e-12);
  expectScan<double>(3, 40, 1, 1e-12);
  expectScan<float>(3, 40, 3, 1e-4);
}

}  // namespace
}  // namespace uc
