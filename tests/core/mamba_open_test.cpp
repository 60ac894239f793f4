// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/model.h"
#include "tests/support/golden_model.h"
#include "tests/support/reopened.h"

#include <ATen/ATen.h>

#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace uc {
namespace {

using test::contains;
using test::EditedModel;
using test::expectWrongShapeNamed;
using test::failure;
using test::reopened;

EditedModel golden(const std::string& name) { return EditedModel(std::string(TEST_DATA) + "/mamba/" + name); }

/// The failure of hf-tied with one config value changed.
Error failureWith(const std::string& key, const Json& value) {
  EditedModel model = golden("hf-tied");
  model.config[key] = value;
  return failure(model);
}

at::Tensor logits(const Model& model) { return test::allLogits(model, {5, 60, 0, 33, 5, 12}); }

void expectSame(const EditedModel& a, const EditedModel& b) {
  EXPECT_TRUE(logits(*reopened(a)).equal(logits(*reopened(b))));
}

TEST(MambaOpen, NeedsNoConfig) {
  EditedModel model = golden("hf-tied");
  model.config = nullptr;
  expectSame(model, golden("hf-tied"));
  EditedModel untied = golden("hf-untied-bias");
  untied.config = nullptr;
  const ModelInfo info = reopened(untied)->info();
  EXPECT_EQ(info.lanes, 34);
  EXPECT_TRUE(info.notices.empty());
  EditedModel layerNorm = golden("ssm-layernorm");
  layerNorm.config = nullptr;
  const std::vector<int64_t> ids = {5, 40, 0, 33};
  const auto last = [&](const Model& opened) { return opened.logits(opened.run(ids, {}), 3, 4); };
  EXPECT_TRUE(last(*reopened(layerNorm)).equal(last(*reopened(golden("ssm-layernorm")))));
}

TEST(MambaOpen, AcceptsNamesWithoutThePrefix) {
  EditedModel model = golden("hf-tied");
  model.rename("backbone.", "");
  expectSame(model, golden("hf-tied"));
}

TEST(MambaOpen, AnotherFamilyIsNamed) {
  const Error error = failureWith("model_type", "jamba");
  EXPECT_EQ(error.what, "This model family is not supported.");
  EXPECT_TRUE(contains(error.where, "\"jamba\""));
  EXPECT_TRUE(contains(failureWith("model_type", 7).where, "`model_type` 7"));
}

TEST(MambaOpen, AnUnknownMixerUnderTheNamesOfMambaSsmIsRefused) {
  EditedModel model = golden("ssm-names");
  model.config["ssm_cfg"] = Json{{"layer", "Mamba3"}};
  const Error error = failure(model);
  EXPECT_EQ(error.what, "This model family is not supported.");
  EXPECT_TRUE(contains(error.where, "Mamba3"));
}

TEST(MambaOpen, AConfigThatDeniesStoredBiasesIsRefused) {
  EditedModel denied = golden("hf-tied");
  denied.config["use_conv_bias"] = false;
  EXPECT_EQ(failure(denied).what, "The config does not fit the weights.");
  EXPECT_TRUE(contains(failure(denied).where, "conv1d.bias"));
}

TEST(MambaOpen, EveryMissingTensorIsNamed) {
  const EditedModel whole = golden("hf-tied");
  for (const auto& [name, tensor] : whole.tensors) {
    EditedModel model = whole;
    model.tensors.erase(name);
    const Error error = failure(model);
    EXPECT_EQ(error.what, "A tensor is missing.") << name;
    EXPECT_TRUE(contains(error.where, name));
  }
}

TEST(MambaOpen, EveryWrongShapeIsNamedWithBothShapes) {
  const EditedModel whole = golden("hf-tied");
  for (const auto& [name, tensor] : whole.tensors) {
    expectWrongShapeNamed(whole, name);
  }
}

TEST(MambaOpen, AConfigThatContradictsTheTensorsIsNamedWithBothNumbers) {
  const std::vector<std::tuple<std::string, int64_t, std::string>> cases = {
      {"hidden_size", 32, "found [67, 24], expected [67, 32]"},
      {"vocab_size", 100, "found [67, 24], expected [100, 24]"},
      {"intermediate_size", 64, "found [48], expected [64]"},
      {"state_size", 16, "A_log`: found [48, 5], expected [48, 16]"},
      {"conv_kernel", 3, "conv1d.weight`: found [48, 1, 4], expected [48, 1, 3]"},
      {"time_step_rank", 8, "dt_proj.weight`: found [48, 3], expected [48, 8]"},
  };
  for (const auto& [key, value, part] : cases) {
    const Error error = failureWith(key, value);
    EXPECT_EQ(error.what, "A tensor has the wrong shape.");
    EXPECT_TRUE(contains(error.where, part));
    EXPECT_TRUE(contains(error.where, "`" + key + "` " + std::to_string(value)));
  }
  EXPECT_TRUE(
      contains(failureWith("num_hidden_layers", 2).where, "`num_hidden_layers` 2, the weights have 3"));
  EXPECT_TRUE(contains(failureWith("num_hidden_layers", 4).where, "4, the weights have 3 layers"));
}

TEST(MambaOpen, AnAbsurdConfigAllocatesNothing) {
  for (const char* key : {"hidden_size", "vocab_size", "intermediate_size", "state_size", "conv_kernel",
                          "time_step_rank", "num_hidden_layers"}) {
    EXPECT_FALSE(failureWith(key, std::numeric_limits<int64_t>::max()).what.empty());
    EXPECT_FALSE(failureWith(key, 0).what.empty());
    for (const Json& value : {Json(-1), Json(2.5), Json("many"), Json(std::numeric_limits<uint64_t>::max()),
                              Json(Json::array()), Json(true)}) {
      const Error error = failureWith(key, value);
      EXPECT_EQ(error.what, "A config value cannot be used.") << key;
      EXPECT_TRUE(contains(error.where, key));
    }
  }
  EXPECT_EQ(failureWith("layer_norm_epsilon", 1e300).what, "A config value cannot be used.");
  EXPECT_EQ(failureWith("layer_norm_epsilon", "tiny").what, "A config value cannot be used.");
  EXPECT_EQ(failureWith("hidden_act", "relu").what, "A config value cannot be used.");
  EXPECT_EQ(failureWith("use_bias", 1).what, "A config value cannot be used.");
}

TEST(MambaOpen, SilenceAboutSizesIsFine) {
  EditedModel model = golden("hf-tied");
  model.config = Json{{"model_type", "mamba"}};
  expectSame(model, golden("hf-tied"));
}

TEST(MambaOpen, AnUnclaimedTensorIsANotice) {
  EditedModel model = golden("hf-tied");
  for (const char* name : {"extra.a", "extra.b", "extra.c", "extra.d"})
    model.copy("backbone.norm_f.weight", name);
  const ModelInfo info = reopened(model)->info();
  ASSERT_EQ(info.notices.size(), 1u);
  EXPECT_EQ(info.notices[0], "4 tensors of the file are not used: extra.a, extra.b, extra.c ….");
  EXPECT_EQ(info.parameters, reopened(golden("hf-tied"))->info().parameters);
}

TEST(MambaOpen, AStoredHeadIsUsedUnlessTheConfigTiesIt) {
  EditedModel model = golden("hf-tied");
  model.copy("backbone.embeddings.weight", "lm_head.weight");
  model.setValue("lm_head.weight", 0, 100.0f);
  expectSame(model, golden("hf-tied"));
  model.config.erase("tie_word_embeddings");
  EXPECT_FALSE(logits(*reopened(model)).equal(logits(*reopened(golden("hf-tied")))));
  model.config["tie_word_embeddings"] = false;
  EXPECT_FALSE(logits(*reopened(model)).equal(logits(*reopened(golden("hf-tied")))));
  model.tensors.erase("lm_head.weight");
  EXPECT_TRUE(contains(failure(model).where, "lm_head.weight"));
}

TEST(MambaOpen, ABiasThatTheConfigPromisesMustBeThere) {
  EditedModel model = golden("hf-tied");
  model.config["use_bias"] = true;
  EXPECT_TRUE(contains(failure(model).where, "in_proj.bias"));
  model.config.erase("use_bias");
  expectSame(model, golden("hf-tied"));
}

TEST(MambaOpen, ATypeThatIsNotNumbersIsNamed) {
  EditedModel model = golden("hf-tied");
  EditedModel::Tensor& tensor = model.tensors.at("backbone.layers.1.mixer.D");
  tensor.dtype = "F8_E4M3";
  tensor.bytes.resize(48);
  const Error error = failure(model);
  EXPECT_TRUE(contains(error.where, "backbone.layers.1.mixer.D"));
  EXPECT_TRUE(contains(error.where, "F8_E4M3"));
}

TEST(MambaOpen, WeightsThatAreNotNumbersAreReportedAndTheRunGoesOn) {
  EditedModel model = golden("hf-tied");
  model.setValue("backbone.layers.1.mixer.D", 3, std::numeric_limits<float>::quiet_NaN());
  model.setValue("backbone.layers.1.mixer.D", 4, std::numeric_limits<float>::infinity());
  const std::unique_ptr<Model> opened = reopened(model);
  const Trace trace = opened->run({1, 2, 3}, {});
  ASSERT_EQ(trace.notices.size(), 2u);
  EXPECT_EQ(trace.notices[0],
            "Weights contain NaN or infinity: backbone.layers.1.mixer.D, 2 of 48 values. Affected cells are "
            "crossed: check the file.");
  EXPECT_EQ(trace.notices[1], "Activations contain NaN or infinity from layer 1 on.");
}

}  // namespace
}  // namespace uc
