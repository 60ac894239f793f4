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

EditedModel golden(const std::string& name) {
  return EditedModel(std::string(TEST_DATA) + "/griffin/" + name);
}

/// The failure of hf-mqa with one config value changed.
Error failureWith(const std::string& key, const Json& value) {
  EditedModel model = golden("hf-mqa");
  model.config[key] = value;
  return failure(model);
}

/// Of more tokens than the window has keys.
at::Tensor logits(const Model& model) {
  return test::allLogits(model, {5, 30, 0, 21, 5, 12, 8, 8, 9, 30, 1, 4, 17, 22, 29, 3, 2, 11, 28, 7});
}

/// The first tokens see no end of the window, which a file without config does not know.
void expectSame(const EditedModel& a, const EditedModel& b, int64_t rows = 20) {
  EXPECT_TRUE(logits(*reopened(a)).slice(0, 0, rows).equal(logits(*reopened(b)).slice(0, 0, rows)));
}

using Tensor = EditedModel::Tensor;

/// Element (i, j) of a matrix becomes (j, i).
Tensor transposed(const Tensor& tensor, int64_t rows, int64_t columns, const std::vector<int64_t>& shape) {
  Tensor result{tensor.dtype, shape, tensor.bytes};
  constexpr size_t kSize = sizeof(float);
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < columns; ++j) {
      result.bytes.replace(static_cast<size_t>(j * rows + i) * kSize, kSize, tensor.bytes,
                           static_cast<size_t>(i * columns + j) * kSize, kSize);
    }
  }
  return result;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  if (const auto at = text.find(from); at != std::string::npos) text.replace(at, from.size(), to);
  return text;
}

/// A model under Hugging Face names as DeepMind's .pt files have it.
EditedModel deepMind(const EditedModel& model) {
  const std::vector<std::pair<std::string, std::string>> names = {
      {"model.embed_tokens.weight", "embedder.input_embedding"},
      {"model.layers.", "blocks."},
      {"model.final_norm.weight", "final_norm.scale"},
      {"_norm.weight", "_norm.scale"},
      {"temporal_block.q_proj", "attention_block.proj_q"},
      {"temporal_block.k_proj", "attention_block.proj_k"},
      {"temporal_block.v_proj", "attention_block.proj_v"},
      {"temporal_block.o_proj", "attention_block.proj_final"},
      {"temporal_block.", "recurrent_block."},
      {"rg_lru.recurrent_param", "rg_lru.a_param"},
      {"rg_lru.input_gate_weight", "rg_lru.input_gate.w"},
      {"rg_lru.input_gate_bias", "rg_lru.input_gate.b"},
      {"rg_lru.recurrent_gate_weight", "rg_lru.a_gate.w"},
      {"rg_lru.recurrent_gate_bias", "rg_lru.a_gate.b"},
      {"down_proj", "ffw_down"},
  };
  EditedModel result = model;
  result.tensors.clear();
  for (const auto& [name, tensor] : model.tensors) {
    std::string spelled = name;
    for (const auto& [from, to] : names) spelled = replaced(spelled, from, to);
    const std::vector<int64_t>& shape = tensor.shape;
    if (name.ends_with("conv_1d.weight")) {
      result.tensors[replaced(spelled, ".weight", ".w")] =
          transposed(tensor, shape[0], shape[2], {shape[2], shape[0]});
    } else if (name.ends_with("conv_1d.bias")) {
      result.tensors[replaced(spelled, ".bias", ".b")] = tensor;
    } else if (name.ends_with("gate_proj.weight")) {
      const Tensor& up = model.tensors.at(replaced(name, "gate_proj", "up_proj"));
      Tensor both = transposed(tensor, shape[0], shape[1], {2, shape[1], shape[0]});
      both.bytes += transposed(up, shape[0], shape[1], {}).bytes;
      result.tensors[replaced(spelled, "gate_proj.weight", "ffw_up.w")] = both;
    } else if (name.ends_with("gate_proj.bias")) {
      const Tensor& up = model.tensors.at(replaced(name, "gate_proj", "up_proj"));
      result.tensors[replaced(spelled, "gate_proj.bias", "ffw_up.b")] = {
          tensor.dtype, {2, 1, 1, shape[0]}, tensor.bytes + up.bytes};
    } else if (name.find("up_proj") == std::string::npos) {
      result.tensors[spelled] = tensor;
    }
  }
  return result;
}

TEST(GriffinOpen, DeepMindsNamesAreTheSameModel) {
  const EditedModel named = deepMind(golden("hf-mqa"));
  const std::unique_ptr<Model> model = reopened(named), expected = reopened(golden("hf-mqa"));
  EXPECT_TRUE(at::allclose(logits(*model), logits(*expected), 0, 1e-5));
  EXPECT_EQ(model->info().parameters, expected->info().parameters);
  EXPECT_EQ(model->info().kinds, expected->info().kinds);
  EXPECT_TRUE(model->info().notices.empty());
}

TEST(GriffinOpen, DeepMindsFilesComeWithoutAConfig) {
  EditedModel named = deepMind(golden("hf-mqa"));
  named.config = nullptr;
  const std::unique_ptr<Model> model = reopened(named);
  EXPECT_EQ(model->info().heads, 3);
  EXPECT_EQ(model->info().attentionLanes, 24);
  EXPECT_TRUE(at::allclose(logits(*model).slice(0, 0, 16),
                           logits(*reopened(golden("hf-mqa"))).slice(0, 0, 16), 0, 1e-5));
  const LayerFactors factors = model->factors(model->run({1, 2, 3}, {}), 2, {});
  EXPECT_EQ(factors.window, 2048);
  EXPECT_EQ(factors.key.size(1), 1);
}

TEST(GriffinOpen, NeedsNoConfigButForTheWindow) {
  EditedModel model = golden("hf-mqa");
  model.config = nullptr;
  expectSame(model, golden("hf-mqa"), 16);
  EXPECT_FALSE(logits(*reopened(model)).equal(logits(*reopened(golden("hf-mqa")))));
}

TEST(GriffinOpen, AcceptsNamesWithoutThePrefix) {
  EditedModel model = golden("hf-mqa");
  model.rename("model.", "");
  expectSame(model, golden("hf-mqa"));
}

TEST(GriffinOpen, FlatAndNestedRotaryKeysAreTheSame) {
  EditedModel model = golden("hf-mqa");
  model.config.erase("rope_parameters");
  model.config["rope_theta"] = 10000;
  model.config["partial_rotary_factor"] = 0.5;
  expectSame(model, golden("hf-mqa"));
  model.config["rope_theta"] = 77;
  EXPECT_FALSE(logits(*reopened(model)).equal(logits(*reopened(golden("hf-mqa")))));
  // The nested ones count where there are both.
  model.config["rope_parameters"] = golden("hf-mqa").config["rope_parameters"];
  expectSame(model, golden("hf-mqa"));
}

TEST(GriffinOpen, AnotherFamilyIsNamed) {
  EXPECT_EQ(failureWith("model_type", "gemma").what, "This model family is not supported.");
}

TEST(GriffinOpen, EveryMissingTensorIsNamed) {
  for (const EditedModel& whole : {golden("hf-mqa"), golden("hf-mha-bias"), deepMind(golden("hf-mqa"))}) {
    for (const auto& [name, tensor] : whole.tensors) {
      EditedModel model = whole;
      model.tensors.erase(name);
      const Error error = failure(model);
      EXPECT_EQ(error.what, "A tensor is missing.") << name;
      // Without its embedding a model has no names of its own.
      EXPECT_TRUE(
          contains(error.where, name == "embedder.input_embedding" ? "model.embed_tokens.weight" : name));
    }
  }
}

TEST(GriffinOpen, EveryWrongShapeIsNamedWithBothShapes) {
  for (const EditedModel& whole : {golden("hf-mqa"), golden("hf-mha-bias"), deepMind(golden("hf-mqa"))}) {
    for (const auto& [name, tensor] : whole.tensors) {
      expectWrongShapeNamed(whole, name);
    }
  }
}

TEST(GriffinOpen, AConfigThatContradictsTheTensorsIsNamedWithBothNumbers) {
  const std::vector<std::tuple<std::string, int64_t, std::string>> cases = {
      {"hidden_size", 32, "found [43, 24], expected [43, 32]"},
      {"vocab_size", 100, "found [43, 24], expected [100, 24]"},
      {"lru_width", 24, "linear_x.weight`: found [18, 24], expected [24, 24]"},
      {"conv1d_width", 3, "conv_1d.weight`: found [18, 1, 4], expected [18, 1, 3]"},
      {"num_attention_heads", 6, "input_gate_weight`: found [3, 6, 6], expected [6, 6, 6]"},
      {"intermediate_size", 24, "gate_proj.weight`: found [13, 24], expected [12, 24]"},
      {"num_key_value_heads", 3, "the weights have 1 key heads"},
      {"head_dim", 4, "the weights have 8 entries a head"},
      {"num_hidden_layers", 3, "the weights have 4 layers"},
      {"num_hidden_layers", 5, "the weights have 4 layers"},
  };
  for (const auto& [key, value, part] : cases) {
    const Error error = failureWith(key, value);
    EXPECT_TRUE(contains(error.where, part));
    EXPECT_TRUE(contains(error.where, "`" + key + "` " + std::to_string(value)));
  }
}

TEST(GriffinOpen, BlocksOfAnotherKindThanTheConfigSaysAreNamed) {
  const Error attention = failureWith("block_types", Json{"recurrent", "attention"});
  EXPECT_EQ(attention.what, "The config does not fit the weights.");
  EXPECT_TRUE(contains(attention.where, "`block_types` makes layer 1 attention"));
  const Error recurrent = failureWith("block_types", Json{"recurrent"});
  EXPECT_TRUE(contains(recurrent.where, "`block_types` makes layer 2 recurrent, the weights have attention"));
  EditedModel silent = golden("hf-mqa");
  silent.config.erase("block_types");
  expectSame(silent, golden("hf-mqa"));
}

TEST(GriffinOpen, AnAbsurdConfigAllocatesNothing) {
  for (const char* key :
       {"hidden_size", "vocab_size", "lru_width", "intermediate_size", "num_hidden_layers", "conv1d_width",
        "num_attention_heads", "num_key_value_heads", "head_dim", "attention_window_size"}) {
    if (std::string(key) != "attention_window_size") {
      EXPECT_FALSE(failureWith(key, std::numeric_limits<int64_t>::max()).what.empty());
    }
    EXPECT_FALSE(failureWith(key, 0).what.empty());
    for (const Json& value : {Json(-1), Json(2.5), Json("many"), Json(std::numeric_limits<uint64_t>::max()),
                              Json(Json::array()), Json(true)}) {
      const Error error = failureWith(key, value);
      EXPECT_EQ(error.what, "A config value cannot be used.") << key;
      EXPECT_TRUE(contains(error.where, key));
    }
  }
  const std::vector<std::pair<std::string, Json>> cases = {
      {"rms_norm_eps", "tiny"},
      {"logits_soft_cap", 0},
      {"logits_soft_cap", -30},
      {"hidden_activation", "relu"},
      {"attention_bias", 1},
      {"tie_word_embeddings", "yes"},
      {"block_types", Json::array()},
      {"block_types", "recurrent"},
      {"block_types", Json{"recurrent", "mamba"}},
      {"block_types", Json{7}},
      {"rope_parameters", 10000},
      {"rope_theta", 0},
      {"partial_rotary_factor", 1.5},
  };
  for (const auto& [key, value] : cases) {
    const Error error = failureWith(key, value);
    EXPECT_EQ(error.what, "A config value cannot be used.") << key;
    EXPECT_TRUE(contains(error.where, key));
  }
  const Error yarn = failureWith("rope_parameters", Json{{"rope_type", "yarn"}, {"factor", 4}});
  EXPECT_TRUE(contains(yarn.where, "\"yarn\""));
}

TEST(GriffinOpen, AWindowOfAnySizeIsFine) {
  EditedModel model = golden("hf-mqa");
  model.config["attention_window_size"] = std::numeric_limits<int64_t>::max();
  EditedModel wide = golden("hf-mqa");
  wide.config["attention_window_size"] = 20;
  expectSame(model, wide);
  model.config["attention_window_size"] = 1;
  EXPECT_TRUE(at::isfinite(logits(*reopened(model))).all().item<bool>());
}

TEST(GriffinOpen, ARotatedPartMustBeOfPairs) {
  EditedModel model = golden("hf-mqa");
  model.config["rope_parameters"]["partial_rotary_factor"] = 0.4;
  const Error error = failure(model);
  EXPECT_EQ(error.what, "The config does not fit the weights.");
  EXPECT_TRUE(contains(error.where, "`partial_rotary_factor` 0.4"));
}

TEST(GriffinOpen, SizesThatDoNotDivideAreNamed) {
  EditedModel model = golden("hf-mqa");
  model.config = nullptr;
  for (const char* part : {"k_proj.weight", "v_proj.weight"})
    model.reshape(std::string("model.layers.2.temporal_block.") + part, {12, 24});
  const Error keys = failure(model);
  EXPECT_EQ(keys.what, "The sizes of tensors do not fit together.");
  EXPECT_TRUE(contains(keys.where, "12 rows of `model.layers.2.temporal_block.k_proj.weight`, 3 heads of 8"));

  EditedModel queries = golden("hf-mqa");
  queries.config = nullptr;
  queries.reshape("model.layers.2.temporal_block.q_proj.weight", {25, 24});
  queries.reshape("model.layers.2.temporal_block.o_proj.weight", {24, 25});
  EXPECT_TRUE(contains(failure(queries).where, "25 rows of `model.layers.2.temporal_block.q_proj.weight`"));
}

TEST(GriffinOpen, AModelOfAttentionOnlyIsRefused) {
  EditedModel model = golden("hf-mha-bias");
  std::erase_if(model.tensors, [](const auto& entry) { return entry.first.starts_with("model.layers.1."); });
  model.config = nullptr;
  EXPECT_EQ(failure(model).what, "The model has no recurrent block.");
}

TEST(GriffinOpen, ALayerThatIsFarAwayIsNotCountedTo) {
  EditedModel model = golden("hf-mqa");
  model.config = nullptr;
  model.copy("model.final_norm.weight", "model.layers.999999.temporal_pre_norm.weight");
  EXPECT_TRUE(contains(failure(model).where, "model.layers.4.temporal_pre_norm.weight"));
}

TEST(GriffinOpen, BiasesOfAttentionAreAsTheConfigSays) {
  EditedModel denied = golden("hf-mha-bias");
  denied.config["attention_bias"] = false;
  EXPECT_EQ(failure(denied).what, "The config does not fit the weights.");
  EXPECT_TRUE(contains(failure(denied).where, "q_proj.bias"));
  EditedModel promised = golden("hf-mqa");
  promised.config["attention_bias"] = true;
  EXPECT_TRUE(contains(failure(promised).where, "q_proj.bias"));
  EditedModel silent = golden("hf-mha-bias");
  silent.config.erase("attention_bias");
  expectSame(silent, golden("hf-mha-bias"));
}

TEST(GriffinOpen, AStoredHeadIsUsedUnlessTheConfigTiesIt) {
  EditedModel model = golden("hf-mqa");
  model.copy("model.embed_tokens.weight", "lm_head.weight");
  model.setValue("lm_head.weight", 0, 100.0f);
  expectSame(model, golden("hf-mqa"));
  model.config["tie_word_embeddings"] = false;
  EXPECT_FALSE(logits(*reopened(model)).equal(logits(*reopened(golden("hf-mqa")))));
  model.config.erase("tie_word_embeddings");
  EXPECT_FALSE(logits(*reopened(model)).equal(logits(*reopened(golden("hf-mqa")))));
  model.config["tie_word_embeddings"] = false;
  model.tensors.erase("lm_head.weight");
  EXPECT_TRUE(contains(failure(model).where, "lm_head.weight"));
}

TEST(GriffinOpen, SilenceAboutSizesIsFine) {
  EditedModel model = golden("hf-mqa");
  model.config = Json{{"model_type", "recurrent_gemma"}, {"attention_window_size", 16}};
  expectSame(model, golden("hf-mqa"));
}

}  // namespace
}  // namespace uc
