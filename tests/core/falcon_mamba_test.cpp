// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/operators.h"
#include "core/models/model.h"
#include "tests/support/edited_model.h"
#include "tests/support/failure.h"
#include "tests/support/golden_model.h"
#include "tests/support/temporary_folder.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace uc {
namespace {

using test::GoldenModel;

struct Case {
  std::string name;
  std::vector<int64_t> lengths;
};

const Case kCases[] = {{"hf-untied", {1, 37, 300}}, {"hf-tied-bias", {1, 37}}};

TEST(FalconMamba, LogitsAreThoseOfTheReference) {
  for (const auto& [name, lengths] : kCases) {
    const GoldenModel golden("falcon-mamba", name);
    const auto single = golden.open(ComputeType::Float32), exact = golden.open(ComputeType::Float64);
    for (const int64_t length : lengths) {
      const at::Tensor logits = test::allLogits(*single, golden.ids(length));
      const at::Tensor expected = golden.reference("logits", length);
      EXPECT_LE(test::distance(logits, expected), 1e-4) << name << length;
      EXPECT_TRUE(logits.argmax(1).equal(expected.argmax(1))) << name << length;
      const at::Tensor wide = test::allLogits(*exact, golden.ids(length));
      EXPECT_LE(test::distance(wide, golden.reference("logits64", length)), 1e-10) << name << length;
    }
  }
}

TEST(FalconMamba, ContinuesAsTheReferenceDoes) {
  for (const auto& [name, lengths] : kCases) test::expectGreedy(GoldenModel("falcon-mamba", name), 20);
}

TEST(FalconMamba, FactorsRebuildTheOutput) {
  for (const auto& [name, lengths] : kCases) {
    const GoldenModel golden("falcon-mamba", name);
    for (const auto& [type, tolerance] :
         {std::pair(ComputeType::Float32, 1e-5), {ComputeType::Float64, 1e-10}}) {
      const auto model = golden.open(type);
      const Trace trace = model->run(golden.ids(37), {});
      for (int64_t layer = 0; layer < model->info().layers; ++layer) {
        const LayerFactors factors = model->factors(trace, layer, {});
        EXPECT_LE(test::DenseLayer{factors}.error(), tolerance) << name << layer;
        EXPECT_LE(verifyLayer(factors, {}).relative, tolerance) << name << layer;
      }
    }
  }
}

TEST(FalconMamba, DescribesItself) {
  const ModelInfo info = GoldenModel("falcon-mamba", "hf-untied").open(ComputeType::Float32)->info();
  EXPECT_EQ(info.family, "falcon-mamba");
  EXPECT_EQ(info.kinds, std::vector<std::string>(3, "mamba"));
  EXPECT_EQ(info.lanes, 34);  // its `expand` of 10 is never used
  EXPECT_EQ(info.state, 5);
  EXPECT_EQ(info.width, 20);
  EXPECT_EQ(info.vocabulary, 29);
  EXPECT_FALSE(info.heads.has_value());
  EXPECT_TRUE(info.notices.empty());
}

TEST(FalconMamba, TheEpsilonOfItsNormsIsTheConfigs) {
  const GoldenModel golden("falcon-mamba", "hf-tied-bias");
  test::EditedModel model(golden.folder);
  const auto logits = [&] {
    const test::TemporaryFolder folder;
    model.save(folder.path());
    return test::allLogits(
        *openModel(Checkpoint::open(folder.path()), ComputeType::Float64, int64_t{1} << 30), golden.ids(37));
  };
  model.config.erase("mixer_rms_eps");
  const at::Tensor silent = logits();
  EXPECT_GT(test::distance(silent, golden.reference("logits64", 37)), 1e-3);
  model.config["mixer_rms_eps"] = 1e-6;
  EXPECT_TRUE(logits().equal(silent));
  for (const Json& value : {Json(-1e-6), Json(1e300), Json("small")}) {
    model.config["mixer_rms_eps"] = value;
    EXPECT_EQ(test::failureOf(logits).where, "config.json, `mixer_rms_eps` " + value.dump());
  }
}

TEST(FalconMamba, AConfigThatContradictsTheTensorsIsRefused) {
  const GoldenModel golden("falcon-mamba", "hf-untied");
  for (const char* key : {"hidden_size", "intermediate_size", "state_size", "time_step_rank", "vocab_size"}) {
    test::EditedModel model(golden.folder);
    model.config[key] = 7;
    const test::TemporaryFolder folder;
    model.save(folder.path());
    const Error error = test::failureOf(
        [&] { openModel(Checkpoint::open(folder.path()), ComputeType::Float32, int64_t{1} << 30); });
    EXPECT_EQ(error.what, "A tensor has the wrong shape.");
    EXPECT_NE(error.where.find(std::string("config.json: `") + key + "` 7"), std::string::npos)
        << error.where;
  }
}

}  // namespace
}  // namespace uc
