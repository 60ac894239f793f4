// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/model.h"
#include "tests/support/golden_model.h"
#include "tests/support/reopened.h"

#include <ATen/ATen.h>

#include <gtest/gtest.h>

#include <cmath>
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

// One of each version and naming.
const std::vector<std::string> kModels = {"v4-hf-rescale2", "v4-blinkdl", "v5.0",  "v5.2", "v5.2-hf", "v6",
                                          "v6-fla",         "v7",         "v7-fla"};

EditedModel golden(const std::string& name) { return EditedModel(std::string(TEST_DATA) + "/rwkv/" + name); }

Error failureWith(const std::string& name, const std::string& key, const Json& value) {
  EditedModel model = golden(name);
  model.config[key] = value;
  return failure(model);
}

at::Tensor logits(const Model& model) { return test::allLogits(model, {5, 11, 0, 13, 5, 12}); }

bool areSame(const EditedModel& a, const EditedModel& b) {
  return logits(*reopened(a)).equal(logits(*reopened(b)));
}

// What a model does without: block 0 of RWKV-7 has nothing to take its values from.
bool isOptional(const std::string& name) {
  for (const char* tail : {"blocks.0.att.v0", "blocks.0.att.v1", "blocks.0.att.v2"}) {
    if (name == tail) return true;
  }
  return false;
}

TEST(RwkvOpen, EveryMissingTensorIsNamed) {
  for (const std::string& name : kModels) {
    const EditedModel whole = golden(name);
    for (const auto& [tensor, value] : whole.tensors) {
      if (isOptional(tensor)) continue;
      EditedModel model = whole;
      model.tensors.erase(tensor);
      const Error error = failure(model);
      EXPECT_EQ(error.what, "A tensor is missing.") << name << " " << tensor;
      EXPECT_TRUE(contains(error.where, tensor));
    }
  }
}

TEST(RwkvOpen, EveryWrongShapeIsNamedWithBothShapes) {
  for (const std::string& name : kModels) {
    const EditedModel whole = golden(name);
    for (const auto& [tensor, value] : whole.tensors) {
      if (isOptional(tensor)) continue;
      expectWrongShapeNamed(whole, tensor);
    }
  }
}

TEST(RwkvOpen, OnesInShapesDoNotMatter) {
  for (const std::string name : {"v4-blinkdl", "v5.0", "v6", "v7"}) {
    EditedModel model = golden(name);
    for (auto& [tensor, value] : model.tensors) {
      if (value.shape.size() == 3 && value.shape[0] == 1) {
        value.shape = {value.shape[2]};
      } else if (value.shape.size() == 1) {
        value.shape = {1, 1, value.shape[0]};
      }
    }
    if (name == "v5.0") {  // as its training code writes them
      for (const char* tensor : {"time_decay", "time_first"}) {
        for (const char* block : {"blocks.0.att.", "blocks.1.att."}) {
          model.tensors.at(std::string(block) + tensor).shape = {3, 1, 1};
        }
      }
    }
    EXPECT_TRUE(areSame(model, golden(name))) << name;
  }
}

TEST(RwkvOpen, NeedsNoConfig) {
  for (const std::string name : {"v4-hf-rescale0", "v5.2-hf", "v6-hf", "v6-fla", "v7-fla", "v7-fla-old"}) {
    EditedModel model = golden(name);
    model.config = nullptr;
    EXPECT_TRUE(areSame(model, golden(name))) << name;
  }
}

TEST(RwkvOpen, AcceptsNamesWithoutThePrefix) {
  for (const auto& [name, prefix] :
       {std::pair("v4-hf-rescale2", "rwkv."), std::pair("v7-fla", "model."), std::pair("v6-fla", "model.")}) {
    EditedModel model = golden(name);
    model.rename(prefix, "");
    EXPECT_TRUE(areSame(model, golden(name))) << name;
  }
}

TEST(RwkvOpen, RescalesAsHuggingFaceDoesInEvaluation) {
  EditedModel model = golden("v4-hf-rescale2");  // 3 layers
  const EditedModel rescaled = model;
  model.config.erase("rescale_every");  // the class's default is 6: not reached
  EditedModel never = rescaled;
  never.config["rescale_every"] = 0;
  EXPECT_TRUE(areSame(model, never));
  EXPECT_FALSE(areSame(model, rescaled));
  never.config["rescale_every"] = -1;
  EXPECT_TRUE(areSame(model, never));
  never.config = nullptr;
  EXPECT_TRUE(areSame(model, never));

  EditedModel wide = golden("v4-hf-wide");  // 7 layers and no such key
  const EditedModel byDefault = wide;
  wide.config["rescale_every"] = 6;
  EXPECT_TRUE(areSame(wide, byDefault));
  wide.config["rescale_every"] = 0;
  EXPECT_FALSE(areSame(wide, byDefault));
}

TEST(RwkvOpen, AConfigThatContradictsTheTensorsIsNamedWithBothNumbers) {
  const std::vector<std::tuple<std::string, std::string, int64_t, std::string>> cases = {
      {"v4-hf-rescale2", "hidden_size", 32, "found [31, 20], expected [31, 32]"},
      {"v4-hf-rescale2", "vocab_size", 100, "found [31, 20], expected [100, 20]"},
      {"v4-hf-rescale2", "attention_hidden_size", 24, "key.weight`: found [20, 20], expected [24, 20]"},
      {"v4-hf-rescale2", "intermediate_size", 80, "key.weight`: found [28, 20], expected [80, 20]"},
      {"v5.2-hf", "hidden_size", 32, "found [29, 24], expected [29, 32]"},
      {"v6-hf", "intermediate_size", 84, "found [28, 24], expected [84, 24]"},
      {"v7-fla", "hidden_size", 25, "found [33, 24], expected [33, 25]"},
      {"v7-fla", "decay_low_rank_dim", 64, "lora.0.weight`: found [6, 24], expected [64, 24]"},
      {"v7-fla", "v_low_rank_dim", 16, "lora.0.weight`: found [4, 24], expected [16, 24]"},
  };
  for (const auto& [name, key, value, part] : cases) {
    const Error error = failureWith(name, key, value);
    EXPECT_EQ(error.what, "A tensor has the wrong shape.") << name << " " << key;
    EXPECT_TRUE(contains(error.where, part));
    EXPECT_TRUE(contains(error.where, "`" + key + "` " + std::to_string(value)));
  }
  for (const auto& [name, key] : {std::pair("v5.2-hf", "head_size"), std::pair("v7-fla", "head_dim")}) {
    const Error error = failureWith(name, key, 64);
    EXPECT_EQ(error.what, "The config does not fit the weights.");
    EXPECT_TRUE(contains(error.where, "`" + std::string(key) + "` 64, the weights have heads of 8"));
  }
  for (const std::string name : {"v4-hf-rescale2", "v5.2-hf", "v6-fla", "v7-fla"}) {
    const std::string where = failureWith(name, "num_hidden_layers", 12).where;
    EXPECT_TRUE(contains(where, "`num_hidden_layers` 12, the weights have "));
  }
}

TEST(RwkvOpen, AConfigOfAnotherVersionIsRefused) {
  for (const auto& [name, type] : {std::pair("v4-hf-rescale2", "rwkv5"), std::pair("v5.2-hf", "rwkv6"),
                                   std::pair("v6-hf", "rwkv"), std::pair("v7-fla", "rwkv6")}) {
    const Error error = failureWith(name, "model_type", type);
    EXPECT_EQ(error.what, "The config does not fit the weights.") << name;
    EXPECT_TRUE(contains(error.where, "config.json is of RWKV-"));
    EXPECT_TRUE(contains(error.where, "the weights are RWKV-"));
  }
  EXPECT_EQ(failureWith("v4-hf-rescale2", "model_type", "rwkv8").what, "This model family is not supported.");
}

TEST(RwkvOpen, AnAbsurdConfigAllocatesNothing) {
  for (const auto& [name, key] :
       {std::pair("v4-hf-rescale2", "hidden_size"), std::pair("v4-hf-rescale2", "num_hidden_layers"),
        std::pair("v5.2-hf", "head_size"), std::pair("v6-fla", "intermediate_size"),
        std::pair("v7-fla", "head_dim"), std::pair("v7-fla", "a_low_rank_dim")}) {
    EXPECT_FALSE(failureWith(name, key, std::numeric_limits<int64_t>::max()).what.empty());
    EXPECT_FALSE(failureWith(name, key, 0).what.empty());
    for (const Json& value : {Json(-1), Json(2.5), Json("many"), Json(std::numeric_limits<uint64_t>::max()),
                              Json(Json::array()), Json(true)}) {
      const Error error = failureWith(name, key, value);
      EXPECT_EQ(error.what, "A config value cannot be used.") << key;
      EXPECT_TRUE(contains(error.where, key));
    }
  }
  EXPECT_EQ(failureWith("v4-hf-rescale2", "rescale_every", 1.5).what, "A config value cannot be used.");
  EXPECT_EQ(failureWith("v7-fla", "hidden_act", "relu").what, "A config value cannot be used.");
  EXPECT_EQ(failureWith("v7-fla", "attn", Json{{"layers", {0}}}).what, "A config value cannot be used.");
  EXPECT_EQ(failureWith("v7-fla", "norm_bias", 1).what, "A config value cannot be used.");
}

TEST(RwkvOpen, ResearchVariantsAreRefusedByName) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"v4-blinkdl", "head_q.weight"},
      {"v4-blinkdl", "copy_mask"},
      {"v4-blinkdl", "blocks.1.tiny_ln.weight"},
      {"v4-blinkdl", "blocks.0.pos_emb_x"},
      {"v4-blinkdl", "blocks.0.ffnPre.key.weight"},
      {"v6", "blocks.0.att.time_maa_rkvw_w1"},
      {"v7", "blocks.0.ffn.s_emb.weight"},
      {"v7", "blocks.1.ffn.s0"},
      {"v7", "blocks.0.qkv.weight"}};
  for (const auto& [name, tensor] : cases) {
    EditedModel model = golden(name);
    model.copy("ln_out.weight", tensor);
    const Error error = failure(model);
    EXPECT_EQ(error.what, "This research variant of RWKV is not supported.");
    EXPECT_TRUE(contains(error.where, tensor));
  }
}

TEST(RwkvOpen, KeysNarrowerThanValuesAreRefused) {
  EditedModel model = golden("v6-fla");
  for (const char* layer : {"0", "1"}) {
    const std::string mixer = std::string("model.layers.") + layer + ".attn.";
    model.reshape(mixer + "r_proj.linear.weight", {12, 24});
    model.reshape(mixer + "k_proj.linear.weight", {12, 24});
  }
  const Error error = failure(model);
  EXPECT_TRUE(contains(error.what, "different widths"));
  EXPECT_TRUE(contains(error.where, "12 and 24"));
}

TEST(RwkvOpen, HeadsThatDoNotDivideTheLanesAreRefused) {
  EditedModel model = golden("v5.0");
  for (const char* block : {"blocks.0.att.", "blocks.1.att."}) {
    model.reshape(std::string(block) + "time_decay", {7});
    model.reshape(std::string(block) + "time_first", {7});
  }
  const Error error = failure(model);
  EXPECT_EQ(error.what, "The heads do not fit the weights.");
  EXPECT_TRUE(contains(error.where, "7 heads, 24 lanes"));
}

TEST(RwkvOpen, AMissingBlockIsNamed) {
  EditedModel model = golden("v7");
  model.rename("blocks.2.", "blocks.3.");
  EXPECT_EQ(failure(model).what, "A tensor is missing.");
  EXPECT_TRUE(contains(failure(model).where, "blocks.2."));
}

TEST(RwkvOpen, ATiedHeadIsTheEmbedding) {
  EditedModel model = golden("v7-fla");
  model.config["tie_word_embeddings"] = true;
  const EditedModel stored = model;
  model.tensors.erase("lm_head.weight");
  EXPECT_TRUE(areSame(model, stored));
  EXPECT_TRUE(reopened(stored)->info().notices.empty());
  EditedModel copied = golden("v7-fla");
  copied.copy("model.embeddings.weight", "lm_head.weight");
  EXPECT_TRUE(areSame(model, copied));
}

TEST(RwkvOpen, TheFirstNormMayBeFoldedIntoTheEmbedding) {
  EditedModel model = golden("v6");
  model.tensors.erase("blocks.0.ln0.weight");
  model.tensors.erase("blocks.0.ln0.bias");
  EXPECT_FALSE(areSame(model, golden("v6")));
}

TEST(RwkvOpen, NormsWithoutBiasAreThoseWithABiasOfZero) {
  EditedModel zero = golden("v7-fla"), none = golden("v7-fla");
  none.config["norm_bias"] = false;
  for (auto& [name, tensor] : zero.tensors) {
    const bool isNorm =
        name.find("norm.bias") != std::string::npos && name.find("g_norm") == std::string::npos;
    if (!isNorm) continue;
    tensor.bytes.assign(tensor.bytes.size(), '\0');
    none.tensors.erase(name);
  }
  EXPECT_TRUE(areSame(zero, none));
}

TEST(RwkvOpen, KeysOfAHundredStayFinite) {
  EditedModel model = golden("v4-hf-rescale0");
  const std::string name = "rwkv.blocks.0.attention.key.weight";
  for (size_t i = 0; i < 400; ++i) model.setValue(name, i, i % 3 == 0 ? 60.0f : -45.0f);
  const std::unique_ptr<Model> opened = reopened(model);
  const Trace trace = opened->run({1, 2, 3, 4, 5, 6, 7, 8}, {});
  EXPECT_TRUE(trace.notices.empty());
  const LayerFactors factors = opened->factors(trace, 0, {});
  EXPECT_GT(factors.logKey.abs().max().item<float>(), 100.0f);
  EXPECT_TRUE(at::isfinite(factors.logNormalizer).all().item<bool>());
  EXPECT_TRUE(at::isfinite(factors.y).all().item<bool>());
}

TEST(RwkvOpen, WeightsThatAreNotNumbersAreReportedAndTheRunGoesOn) {
  EditedModel model = golden("v4-hf-rescale0");
  model.setValue("rwkv.blocks.1.attention.time_decay", 3, std::numeric_limits<float>::quiet_NaN());
  const Trace trace = reopened(model)->run({1, 2, 3}, {});
  ASSERT_EQ(trace.notices.size(), 2u);
  EXPECT_TRUE(contains(trace.notices[0], "rwkv.blocks.1.attention.time_decay, 1 of 20 values"));
  EXPECT_EQ(trace.notices[1], "Activations contain NaN or infinity from layer 1 on.");
}

}  // namespace
}  // namespace uc
