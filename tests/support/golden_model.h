// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/io/json.h"
#include "core/models/model.h"
#include "tests/support/npy.h"

#include <ATen/ATen.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace uc::test {

/// One model of tests/data with its reference values, as the scripts of tools/ write them.
struct GoldenModel {
  std::string folder;

  GoldenModel(const std::string& family, const std::string& name)
      : folder(std::string(TEST_DATA) + "/" + family + "/" + name) {}

  std::unique_ptr<Model> open(ComputeType type, int64_t budget = int64_t{1} << 30) const {
    return openModel(Checkpoint::open(folder), type, budget);
  }
  std::vector<int64_t> ids(int64_t length) const {
    return readJson(folder + "/ids_" + std::to_string(length) + ".json").get<std::vector<int64_t>>();
  }
  /// FILE_LENGTH.npy in float64.
  at::Tensor reference(const std::string& file, int64_t length) const {
    const Array read = readNpy(folder + "/" + file + "_" + std::to_string(length) + ".npy");
    return at::tensor(read.values, at::kDouble).view(read.shape);
  }
};

/// The greedy continuation, token by token, is the reference's (generate.json).
inline void expectGreedy(const GoldenModel& golden, size_t count) {
  const Json expected = readJson(golden.folder + "/generate.json");
  const std::unique_ptr<Model> model = golden.open(ComputeType::Float32);
  const std::unique_ptr<Model::State> state = model->start();
  at::Tensor logits = model->step(*state, expected["prompt"].get<std::vector<int64_t>>(), {});
  std::vector<int64_t> found;
  while (found.size() < count) {
    found.push_back(logits.argmax().item<int64_t>());
    logits = model->step(*state, {found.back()}, {});
  }
  EXPECT_EQ(found, expected["new"].get<std::vector<int64_t>>()) << golden.folder;
}

inline at::Tensor allLogits(const Model& model, const std::vector<int64_t>& ids) {
  const Trace trace = model.run(ids, {});
  return model.logits(trace, 0, static_cast<int64_t>(ids.size())).to(at::kDouble);
}

/// The largest difference of any two entries.
inline double distance(const at::Tensor& a, const at::Tensor& b) {
  return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}

/// What every language model's golden files are held to, at the lengths given.
inline void expectLogits(const GoldenModel& golden, const std::vector<int64_t>& lengths) {
  const std::unique_ptr<Model> model = golden.open(ComputeType::Float32);
  for (const int64_t length : lengths) {
    const at::Tensor logits = allLogits(*model, golden.ids(length));
    const at::Tensor expected = golden.reference("logits", length);
    ASSERT_EQ(logits.sizes(), expected.sizes());
    EXPECT_LE(distance(logits, expected), 1e-4) << length;
    EXPECT_TRUE(logits.argmax(1).equal(expected.argmax(1))) << length;
  }
}

inline void expectExactLogits(const GoldenModel& golden, const std::vector<int64_t>& lengths) {
  const std::unique_ptr<Model> model = golden.open(ComputeType::Float64);
  for (const int64_t length : lengths) {
    const at::Tensor logits = allLogits(*model, golden.ids(length));
    EXPECT_LE(distance(logits, golden.reference("logits64", length)), 1e-10) << length;
  }
}

inline void expectSameTokenByToken(const Model& model, const std::vector<int64_t>& ids) {
  const at::Tensor expected = allLogits(model, ids);
  const std::unique_ptr<Model::State> state = model.start();
  for (size_t t = 0; t < ids.size(); ++t) {
    const at::Tensor logits = model.step(*state, {ids[t]}, {});
    ASSERT_LE(distance(logits, expected[static_cast<int64_t>(t)]), 1e-10) << t;
  }
}

/// G (α + S) Z (M x + b) + e of a layer with a scan of decays, from the announced factors alone: dense
/// matrices in float64, one lane after the other (mathematics.md, eq. 1).
struct DenseLayer {
  const LayerFactors& factors;

  at::Tensor of(const at::Tensor& tensor) const { return tensor.to(at::kDouble); }
  at::Tensor band(int64_t lane) const {
    const int64_t L = factors.tokens, K = factors.taps.size(1);
    at::Tensor result = at::zeros({L, L}, at::kDouble);
    for (int64_t back = 0; back < std::min(K, L); ++back) {
      result += at::diag_embed(of(factors.taps[lane][K - 1 - back]).expand({L - back}), -back);
    }
    return result;
  }
  at::Tensor alpha(int64_t lane) const {
    const int64_t L = factors.tokens, scan = lane * factors.scans / factors.lanes;
    const int64_t group = scan * factors.key.size(1) / factors.scans;
    const at::Tensor later = at::ones({L, L}, at::kDouble).tril();
    const at::Tensor step = of(factors.step.select(1, scan)), time = step.cumsum(0);
    const at::Tensor gap = (time.unsqueeze(1) - time.unsqueeze(0)) * later;
    at::Tensor result = at::zeros({L, L}, at::kDouble);
    for (int64_t n = 0; n < factors.state; ++n) {
      const at::Tensor key = of(factors.key.select(1, group).select(1, n)) * step;
      const at::Tensor query = of(factors.query.select(1, group).select(1, n));
      result += (gap * of(factors.rate[scan][n])).exp() * query.unsqueeze(1) * key.unsqueeze(0) * later;
    }
    return result;
  }
  /// G alpha Z, before the convolution.
  at::Tensor scaled(int64_t lane, const at::Tensor& alpha) const {
    return of(factors.rowScale.select(1, lane)).unsqueeze(1) * alpha *
           of(factors.columnScale.select(1, lane)).unsqueeze(0);
  }
  at::Tensor output(int64_t lane) const {
    const at::Tensor skip = at::eye(factors.tokens, at::kDouble) * of(factors.skip[lane]);
    at::Tensor c = band(lane).matmul(of(factors.x.select(1, lane)));
    if (factors.convBias.defined()) c += of(factors.convBias[lane]);
    return scaled(lane, alpha(lane) + skip).matmul(c);
  }
  /// The largest |ŷ − y| over all lanes, over the largest |y|.
  double error() const {
    double worst = 0.0;
    for (int64_t d = 0; d < factors.lanes; ++d)
      worst = std::max(worst, distance(output(d), factors.y.select(1, d)));
    return worst / of(factors.y).abs().max().item<double>();
  }
};

}  // namespace uc::test
