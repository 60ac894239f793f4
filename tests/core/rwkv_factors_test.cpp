// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/operators.h"
#include "core/io/json.h"
#include "core/models/model.h"

#include <ATen/ATen.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace uc {
namespace {

std::string folder(const std::string& name) { return std::string(TEST_DATA) + "/rwkv/" + name; }

std::unique_ptr<Model> opened(const std::string& name, ComputeType type) {
  return openModel(Checkpoint::open(folder(name)), type, int64_t{1} << 30);
}

double largest(const at::Tensor& values) { return values.abs().max().item<double>(); }

at::Tensor wide(const at::Tensor& values) { return values.to(at::kDouble); }

// R⁻¹α of every scan by its definition in factors.h, in double, entry by entry: [C, L, L].
at::Tensor alpha(const LayerFactors& f) {
  const int64_t L = f.tokens, C = f.scans;
  at::Tensor result = at::zeros({C, L, L}, at::kDouble);
  for (int64_t s = 0; s < L; ++s) {
    if (f.kind == ScanKind::LogSum) {
      const at::Tensor rate = wide(f.rate).squeeze(1);
      result.select(2, s).select(1, s).copy_((wide(f.diagonal[s]) - f.logNormalizer[s]).exp());
      for (int64_t t = s + 1; t < L; ++t) {
        result.select(2, s).select(1, t).copy_(
            (wide(f.logKey[s]) + static_cast<double>(t - 1 - s) * rate - f.logNormalizer[t]).exp());
      }
      continue;
    }
    at::Tensor carried = wide(f.key[s]);  // [C, N]
    const auto logDecay = [&](int64_t t) { return wide(f.logDecay[f.logDecay.size(0) == 1 ? 0 : t]); };
    const at::Tensor own = f.readsBeforeDecay ? wide(f.diagonal[s]) : (carried * wide(f.query[s])).sum(1);
    result.select(2, s).select(1, s).copy_(own);
    for (int64_t t = s + 1; t < L; ++t) {
      if (f.kind == ScanKind::DeltaRule) {
        const at::Tensor removed = (carried * wide(f.removeKey[t])).sum(1, true);
        carried = carried * logDecay(t).exp() - removed * wide(f.removeWrite[t]);
      }
      result.select(2, s).select(1, t).copy_((carried * wide(f.query[t])).sum(1));
      if (f.kind == ScanKind::Decay) carried = carried * logDecay(t).exp();
    }
  }
  return result;
}

// H x + e of eq. 1.
at::Tensor rebuilt(const LayerFactors& f) {
  const int64_t L = f.tokens, share = f.lanes / f.scans;
  const at::Tensor x = wide(f.x).view({L, f.scans, share}).transpose(0, 1);           // [C, L, D / C]
  const at::Tensor mixed = alpha(f).matmul(x).transpose(0, 1).reshape({L, f.lanes});  // [L, D]
  const at::Tensor y = mixed * wide(f.rowScale);
  return f.additive.defined() ? y + wide(f.additive) : y;
}

struct Case {
  std::string name;
  std::string ids;
};

class RwkvFactors : public testing::TestWithParam<Case> {
 protected:
  void expectRebuilt(ComputeType type, double tolerance) {
    const std::unique_ptr<Model> model = opened(GetParam().name, type);
    const auto ids = readJson(folder(GetParam().ids) + "/ids_37.json").get<std::vector<int64_t>>();
    const Trace trace = model->run(ids, {});
    for (int64_t layer = 0; layer < model->info().layers; ++layer) {
      const LayerFactors f = model->factors(trace, layer, {});
      EXPECT_LE(largest(rebuilt(f) - wide(f.y)), tolerance * largest(f.y)) << layer;
      EXPECT_LE(verifyLayer(f, {}).relative, tolerance) << layer;
    }
  }
};

TEST_P(RwkvFactors, RebuildTheOutputInDouble) { expectRebuilt(ComputeType::Float64, 1e-10); }
TEST_P(RwkvFactors, RebuildTheOutputInFloat) { expectRebuilt(ComputeType::Float32, 1e-5); }

TEST_P(RwkvFactors, AreShapedAsTheContractSays) {
  const std::unique_ptr<Model> model = opened(GetParam().name, ComputeType::Float32);
  const auto ids = readJson(folder(GetParam().ids) + "/ids_37.json").get<std::vector<int64_t>>();
  const LayerFactors f = model->factors(model->run(ids, {}), 0, {});
  EXPECT_EQ(f.tokens, 37);
  EXPECT_EQ(f.lanes, model->info().lanes);
  EXPECT_EQ(f.state, model->info().state);
  EXPECT_EQ(f.scans, model->info().heads.value_or(f.lanes));
  EXPECT_EQ(f.available, model->info().factors);
  for (const at::Tensor* all :
       {&f.query, &f.key, &f.logDecay, &f.removeKey, &f.removeWrite, &f.logKey, &f.logNormalizer, &f.rate,
        &f.diagonal, &f.rowScale, &f.additive, &f.x, &f.y}) {
    if (!all->defined()) continue;
    EXPECT_TRUE(all->is_contiguous());
    EXPECT_EQ(all->scalar_type(), all == &f.logNormalizer ? at::kDouble : at::kFloat);
  }
  EXPECT_EQ(f.x.sizes(), at::IntArrayRef({37, f.lanes}));
  EXPECT_EQ(f.rowScale.sizes(), f.x.sizes());
  EXPECT_EQ(f.y.sizes(), f.x.sizes());
  if (f.kind == ScanKind::LogSum) {
    EXPECT_EQ(f.rate.sizes(), at::IntArrayRef({f.lanes, 1}));
    EXPECT_EQ(f.diagonal.sizes(), f.x.sizes());
    return;
  }
  EXPECT_EQ(f.query.sizes(), at::IntArrayRef({37, f.scans, f.state}));
  EXPECT_EQ(f.key.sizes(), f.query.sizes());
  EXPECT_LE(f.logDecay.max().item<float>(), 0.0f);
  EXPECT_EQ(f.additive.sizes(), f.x.sizes());
  const at::Tensor means = f.x.view({37, f.scans, f.lanes / f.scans}).mean(2);
  const bool isCentered = largest(means) <= 1e-6 * largest(f.x);
  EXPECT_EQ(isCentered, true);
}

INSTANTIATE_TEST_SUITE_P(Models, RwkvFactors,
                         testing::Values(Case{"v4-hf-rescale2", "v4-hf-rescale2"},
                                         Case{"v4-hf-wide", "v4-hf-wide"}, Case{"v5.0", "v5.0"},
                                         Case{"v5.1", "v5.1"}, Case{"v5.2-head36", "v5.2-head36"},
                                         Case{"v6", "v6"}, Case{"v6-state", "v6-state"},
                                         Case{"v6-lowrank-gate", "v6-lowrank-gate"}, Case{"v7", "v7"},
                                         Case{"v7-fla-old", "v7"}, Case{"v7-head64", "v7-head64"}),
                         [](const testing::TestParamInfo<Case>& tested) {
                           std::string name = tested.param.name;
                           std::replace_if(
                               name.begin(), name.end(), [](char c) { return c == '-' || c == '.'; }, '_');
                           return name;
                         });

TEST(Rwkv4Factors, RowsOfTheScanSumToOne) {
  const std::unique_ptr<Model> model = opened("v4-blinkdl", ComputeType::Float32);
  const auto ids = readJson(folder("v4-blinkdl") + "/ids_37.json").get<std::vector<int64_t>>();
  const at::Tensor sums = alpha(model->factors(model->run(ids, {}), 1, {})).sum(2);
  EXPECT_LE(largest(sums - 1), 1e-5);
}

}  // namespace
}  // namespace uc
