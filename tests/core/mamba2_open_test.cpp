// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/model.h"
#include "tests/support/golden_model.h"
#include "tests/support/reopened.h"

#include <ATen/ATen.h>

#include <gtest/gtest.h>

#include <fstream>
#include <limits>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

namespace uc {
namespace {

using test::contains;
using test::EditedModel;
using test::expectWrongShapeNamed;
using test::failure;
using test::reopened;

EditedModel golden(const std::string& name) {
  EditedModel model(std::string(TEST_DATA) + "/mamba2/" + name);
  // EditedModel writes strict JSON, which has no Infinity.
  if (name == "hf-one-group") model.config["time_step_limit"][1] = Json{{"__float__", "Infinity"}};
  return model;
}

/// The failure of hf-groups with one config value changed.
Error failureWith(const std::string& key, const Json& value) {
  EditedModel model = golden("hf-groups");
  model.config[key] = value;
  return failure(model);
}

/// The failure of ssm-names with one value of `ssm_cfg` changed.
Error mixerFailureWith(const std::string& key, const Json& value) {
  EditedModel model = golden("ssm-names");
  model.config["ssm_cfg"][key] = value;
  return failure(model);
}

at::Tensor logits(const Model& model) { return test::allLogits(model, {5, 20, 0, 13, 5, 12}); }

void expectSame(const EditedModel& a, const EditedModel& b) {
  EXPECT_TRUE(logits(*reopened(a)).equal(logits(*reopened(b))));
}

TEST(Mamba2Open, NeedsNoConfigWithOneGroup) {
  for (const char* name : {"hf-one-group", "ssm-no-norm", "ssm-names"}) {
    EditedModel model = golden(name);
    model.config = nullptr;
    expectSame(model, golden(name));
  }
}

TEST(Mamba2Open, SaysWhenItAssumesOneGroup) {
  EditedModel model = golden("hf-groups");
  model.config = nullptr;
  const ModelInfo info = reopened(model)->info();
  EXPECT_EQ(info.state, 12);
  ASSERT_EQ(info.notices.size(), 1u);
  EXPECT_EQ(info.notices[0], "The config does not say `n_groups`: one group of B and C is assumed.");
  // A size that 7 heads and 5 rows of B leave no choice for is not assumed.
  EditedModel single = golden("hf-one-group");
  single.config = nullptr;
  EXPECT_TRUE(reopened(single)->info().notices.empty());
}

TEST(Mamba2Open, TheStateSizeTellsTheGroups) {
  EditedModel model = golden("hf-groups");
  model.config.erase("n_groups");
  expectSame(model, golden("hf-groups"));
  EXPECT_TRUE(reopened(model)->info().notices.empty());
}

TEST(Mamba2Open, AcceptsNamesWithoutThePrefix) {
  EditedModel model = golden("hf-one-group");
  model.rename("backbone.", "");
  expectSame(model, golden("hf-one-group"));
}

TEST(Mamba2Open, NamesOfMambaSsmAreTheSameModel) {
  const at::Tensor ours = logits(*reopened(golden("ssm-names")));
  EXPECT_EQ(ours.size(1), 32);  // 29 rounded up to 16s
  EXPECT_LE((ours.slice(1, 0, 29) - logits(*reopened(golden("hf-one-group")))).abs().max().item<double>(),
            1e-5);
}

TEST(Mamba2Open, EverySpellingOfAnInfiniteLimitIsRead) {
  const EditedModel whole = golden("hf-one-group");
  for (const char* written :
       {"[0.0, Infinity]", R"([0.0, {"__float__": "Infinity"}])", "[0, 1e300]", "null"}) {
    const test::TemporaryFolder folder;
    EditedModel model = whole;
    model.config["time_step_limit"] = "HERE";
    model.save(folder.path());
    std::string text = model.config.dump();
    text.replace(text.find("\"HERE\""), 6, written);
    std::ofstream(folder.path() / "config.json") << text;
    const auto opened = openModel(Checkpoint::open(folder.path()), ComputeType::Float32, int64_t{1} << 30);
    EXPECT_TRUE(logits(*opened).equal(logits(*reopened(whole)))) << written;
  }
}

TEST(Mamba2Open, AStepLimitThatIsNoneIsRefused) {
  for (const Json& value : {Json(3), Json({0.1}), Json({0.5, 0.1}), Json({0, "Infinity"}), Json({-2, -1}),
                            Json({0, Json{{"__float__", "NaN"}}}), Json({0, 1, 2}), Json({nullptr, 1})}) {
    const Error error = failureWith("time_step_limit", value);
    EXPECT_EQ(error.what, "A config value cannot be used.") << value;
    EXPECT_TRUE(contains(error.where, "config.json, `time_step_limit`"));
  }
  EXPECT_EQ(mixerFailureWith("dt_limit", Json({1.0, 0.0})).where, "config.json, `dt_limit` [1.0,0.0]");
}

TEST(Mamba2Open, EveryMissingTensorIsNamed) {
  for (const char* name : {"hf-groups", "ssm-before-gate"}) {
    const EditedModel whole = golden(name);
    for (const auto& [tensor, unused] : whole.tensors) {
      EditedModel model = whole;
      model.tensors.erase(tensor);
      // Optional biases and heads are there by the config's word, or by the first layer's.
      model.config["tie_embeddings"] = false;
      if (std::string(name) == "ssm-before-gate") {
        model.config["ssm_cfg"]["conv_bias"] = true;
        model.config["ssm_cfg"]["rmsnorm"] = true;
      }
      const Error error = failure(model);
      EXPECT_EQ(error.what, "A tensor is missing.") << tensor;
      const bool isEmbedding = tensor == "backbone.embedding.weight";
      EXPECT_TRUE(contains(error.where, isEmbedding ? "backbone.embeddings.weight" : tensor));
    }
  }
}

TEST(Mamba2Open, EveryWrongShapeIsNamedWithBothShapes) {
  for (const char* name : {"hf-groups", "hf-one-group"}) {
    const EditedModel whole = golden(name);
    for (const auto& [tensor, stored] : whole.tensors) {
      expectWrongShapeNamed(whole, tensor);
    }
  }
}

TEST(Mamba2Open, AConfigThatContradictsTheTensorsIsNamedWithBothNumbers) {
  const std::vector<std::tuple<std::string, int64_t, std::string>> shapes = {
      {"hidden_size", 32, "found [31, 20], expected [31, 32]"},
      {"vocab_size", 100, "found [31, 20], expected [100, 20]"},
      {"num_heads", 8, "A_log`: found [4], expected [8]"},
      {"conv_kernel", 4, "conv1d.weight`: found [64, 1, 3], expected [64, 1, 4]"},
  };
  for (const auto& [key, value, part] : shapes) {
    const Error error = failureWith(key, value);
    EXPECT_EQ(error.what, "A tensor has the wrong shape.");
    EXPECT_TRUE(contains(error.where, part));
    EXPECT_TRUE(contains(error.where, "`" + key + "` " + std::to_string(value)));
  }
  const std::vector<std::tuple<std::string, int64_t, std::string>> numbers = {
      {"head_dim", 8, "`head_dim` 8, the weights have 40 lanes in 4 heads"},
      {"state_size", 12, "`state_size` 12, the weights have 12 rows of B in 2 groups"},
      {"n_groups", 3, "`n_groups` 3, the weights have 4 heads and 12 rows of B"},
      {"n_groups", 0, "`n_groups` 0, the weights have"},
      {"expand", 3, "`expand` 3 of width 20, the weights have 40 lanes"},
      {"num_hidden_layers", 3, "`num_hidden_layers` 3, the weights have 2 layers"},
  };
  for (const auto& [key, value, part] : numbers) {
    const Error error = failureWith(key, value);
    EXPECT_EQ(error.what, "The config does not fit the weights.") << key;
    EXPECT_TRUE(contains(error.where, part));
  }
  EXPECT_TRUE(contains(mixerFailureWith("headdim", 64).where, "`headdim` 64"));
  EXPECT_TRUE(contains(mixerFailureWith("d_state", 128).where, "`d_state` 128"));
  EXPECT_TRUE(contains(mixerFailureWith("ngroups", 8).where, "`ngroups` 8"));
}

TEST(Mamba2Open, AnAbsurdConfigAllocatesNothing) {
  for (const char* key : {"hidden_size", "vocab_size", "num_heads", "head_dim", "n_groups", "state_size",
                          "conv_kernel", "num_hidden_layers"}) {
    EXPECT_FALSE(failureWith(key, std::numeric_limits<int64_t>::max()).what.empty());
    EXPECT_FALSE(failureWith(key, 0).what.empty());
    for (const Json& value : {Json(-1), Json(2.5), Json("many"), Json(Json::array()), Json(true)}) {
      EXPECT_EQ(failureWith(key, value).what, "A config value cannot be used.") << key;
      EXPECT_TRUE(contains(failureWith(key, value).where, key));
    }
  }
  EXPECT_EQ(failureWith("hidden_act", "relu").what, "A config value cannot be used.");
  EXPECT_EQ(mixerFailureWith("norm_before_gate", 1).what, "A config value cannot be used.");
}

TEST(Mamba2Open, AnAbsurdShapeIsRefused) {
  EditedModel model = golden("hf-one-group");
  model.config = nullptr;
  const int64_t huge = int64_t{1} << 62;
  for (auto& [name, tensor] : model.tensors) {
    if (name.find("conv1d") == std::string::npos && name.find("in_proj") == std::string::npos) continue;
    std::vector<int64_t> shape = tensor.shape;
    shape[0] = huge;
    shape.back() = shape.size() > 1 ? 0 : shape.back();
    if (shape.size() > 1) model.reshape(name, shape);
  }
  EXPECT_FALSE(failure(model).what.empty());
}

TEST(Mamba2Open, MixedModelsAreRefused) {
  const std::string what = "Models that mix Mamba with attention or MLP layers are not supported.";
  EditedModel attention = golden("ssm-names");
  attention.config["attn_layer_idx"] = {1};
  EXPECT_EQ(failure(attention).what, what);
  EXPECT_EQ(failure(attention).where, "config.json, `attn_layer_idx` [1]");
  EditedModel mlp = golden("ssm-names");
  mlp.config["d_intermediate"] = 64;
  EXPECT_EQ(failure(mlp).what, what);

  EditedModel silent = golden("hf-one-group");
  silent.config = nullptr;
  silent.copy("backbone.norm_f.weight", "backbone.layers.1.mlp.fc1.weight");
  EXPECT_EQ(failure(silent).what, what);
  EXPECT_TRUE(contains(failure(silent).where, "layers.1.mlp.fc1.weight"));
  EditedModel bare = golden("hf-one-group");
  bare.config = nullptr;
  for (const char* name : {"A_log", "dt_bias", "D"})
    bare.tensors.erase(std::string("backbone.layers.2.mixer.") + name);
  EXPECT_EQ(failure(bare).what, what);
  EXPECT_TRUE(contains(failure(bare).where, "layers.2.mixer.in_proj.weight"));
}

TEST(Mamba2Open, AnMlpInsideTheMixersIsRefused) {
  EditedModel model = golden("ssm-names");  // 42 lanes, 59 other rows; 8 more lanes for the MLP
  for (const char* layer : {"0", "1", "2"}) {
    const std::string mixer = std::string("backbone.layers.") + layer + ".mixer.";
    model.reshape(mixer + "in_proj.weight", {42 + 52 + 7 + 16, 14});
    model.reshape(mixer + "out_proj.weight", {14, 50});
  }
  model.config["ssm_cfg"]["d_ssm"] = 42;
  const Error error = failure(model);
  EXPECT_EQ(error.what, "Mamba-2 with an MLP inside its mixers is not supported.");
  EXPECT_TRUE(contains(error.where, "50 lanes, 8 of them without a scan"));
}

TEST(Mamba2Open, ANormThatTheConfigDeniesIsRefused) {
  const Error error = mixerFailureWith("rmsnorm", false);
  EXPECT_EQ(error.what, "The config does not fit the weights.");
  EXPECT_TRUE(contains(error.where, "mixer.norm.weight"));
  EXPECT_TRUE(contains(mixerFailureWith("D_has_hdim", true).where, "mixer.D`: found [7], expected [42]"));
}

// Files of transformers 4 have keys of mamba_ssm that no version of the class reads.
TEST(Mamba2Open, KeysThatTheReferenceDoesNotReadChangeNothing) {
  EditedModel model = golden("hf-groups");
  model.config["norm_before_gate"] = true;
  model.config["rms_norm"] = false;
  model.config["chunk_size"] = 1;
  model.config["time_step_rank"] = 77;
  expectSame(model, golden("hf-groups"));
}

TEST(Mamba2Open, WhetherTheNormComesBeforeTheGateChangesTheOutput) {
  EditedModel model = golden("ssm-before-gate");
  model.config["ssm_cfg"].erase("norm_before_gate");
  EXPECT_GT(
      (logits(*reopened(model)) - logits(*reopened(golden("ssm-before-gate")))).abs().max().item<double>(),
      0.1);
}

}  // namespace
}  // namespace uc
