// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/model.h"
#include "tests/support/closed_form.h"
#include "tests/support/edited_model.h"
#include "tests/support/failure.h"
#include "tests/support/npy.h"
#include "tests/support/temporary_folder.h"

#include <ATen/ATen.h>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace uc {
namespace {

const std::vector<std::string> kModels = {"middle", "first", "none", "sum"};
const Factors kAll = {Factor::Gate, Factor::Scan, Factor::Activation, Factor::Convolution, Factor::Skip};
const Factors kUnified = kAll.without(Factor::Skip);

std::string folder(const std::string& name) { return std::string(TEST_DATA) + "/vim/" + name; }

std::unique_ptr<Model> opened(const std::filesystem::path& path, ComputeType type = ComputeType::Float32) {
  return openModel(Checkpoint::open(path), type, int64_t{1} << 30);
}

at::Tensor array(const std::string& path) {
  const test::Array read = test::readNpy(path);
  return at::tensor(read.values, at::kDouble).view(read.shape);
}

Trace runOn(const Model& model, const std::string& name, ComputeType type) {
  const at::Tensor pixels = array(folder(name) + "/pixels.npy");
  return model.run(pixels.to(type == ComputeType::Float64 ? at::kDouble : at::kFloat), {});
}

double distance(const at::Tensor& a, const at::Tensor& b) {
  return (a.to(at::kDouble) - b).abs().max().item<double>();
}

at::Tensor tensor(const Matrix64& values) {
  return at::tensor(values.values, at::kDouble).view({values.rows, values.cols});
}

TEST(Vim, LogitsAreThoseOfTheReference) {
  for (const std::string& name : kModels) {
    const auto model = opened(folder(name));
    const at::Tensor logits = model->logits(runOn(*model, name, ComputeType::Float32), 0, 1);
    const at::Tensor expected = array(folder(name) + "/logits.npy");
    ASSERT_EQ(logits.sizes(), expected.sizes());
    EXPECT_LE(distance(logits, expected), 1e-4) << name;
    EXPECT_TRUE(logits.argmax(1).equal(expected.argmax(1))) << name;
  }
}

TEST(Vim, LogitsInDoubleAreExact) {
  for (const std::string& name : kModels) {
    const auto model = opened(folder(name), ComputeType::Float64);
    const at::Tensor logits = model->logits(runOn(*model, name, ComputeType::Float64), 0, 1);
    EXPECT_LE(distance(logits, array(folder(name) + "/logits64.npy")), 1e-10) << name;
  }
}

TEST(Vim, EveryMixersOutputIsThatOfTheReference) {
  for (const std::string& name : kModels) {
    const auto model = opened(folder(name), ComputeType::Float64);
    const Trace trace = runOn(*model, name, ComputeType::Float64);
    for (int64_t layer = 0; layer < model->info().layers; ++layer) {
      const LayerFactors factors = model->factors(trace, layer, {});
      const at::Tensor expected = array(folder(name) + "/layer" + std::to_string(layer) + "_y.npy");
      EXPECT_LE(distance(factors.y, expected), 1e-10) << name << " layer " << layer;
    }
  }
}

// The forward direction as if it were the only one.
LayerFactors forwardOf(LayerFactors layer) {
  layer.backward = nullptr;
  layer.directionShare = 1.0;
  return layer;
}

// The map of one lane in the picture's order: both directions without their share.
at::Tensor lowerPlusUpper(const LayerFactors& layer, Factors factors, int64_t lane) {
  const at::Tensor backward = tensor(test::closedForm(*layer.backward, factors, lane)).flip({0, 1});
  return tensor(test::closedForm(forwardOf(layer), factors, lane)) + backward;
}

TEST(Vim, FactorsGiveTheMapsOfTheReference) {
  for (const char* name : {"first", "sum"}) {
    const auto model = opened(folder(name), ComputeType::Float64);
    const LayerFactors layer = model->factors(runOn(*model, name, ComputeType::Float64), 1, {});
    const std::vector<int64_t> lanes = {0, 5, 13};
    for (size_t i = 0; i < lanes.size(); ++i) {
      const auto golden = [&](const std::string& kind) {
        return array(folder(name) + "/layer1_" + kind + ".npy").select(0, static_cast<int64_t>(i));
      };
      const at::Tensor forward = tensor(test::closedForm(forwardOf(layer), kUnified, lanes[i]));
      const at::Tensor backward = tensor(test::closedForm(*layer.backward, kUnified, lanes[i])).flip({0, 1});
      EXPECT_LE(distance(forward, golden("forward")), 1e-10) << name;
      EXPECT_LE(distance(backward, golden("backward")), 1e-10) << name;
      EXPECT_LE(distance(forward + backward, golden("unified")), 1e-10) << name;
      const at::Tensor exact = lowerPlusUpper(layer, kAll, lanes[i]) * layer.directionShare;
      EXPECT_LE(distance(exact, golden("exact")), 1e-10) << name;
    }
  }
}

// max |share · (H_f + J H_b J) x + additive − y| ÷ max |y| over all lanes.
double reconstructionError(const LayerFactors& layer) {
  double error = 0.0;
  for (int64_t lane = 0; lane < layer.lanes; ++lane) {
    const at::Tensor map = lowerPlusUpper(layer, kAll, lane);
    const at::Tensor rest = tensor(test::closedFormAdditive(forwardOf(layer), kAll, lane)) +
                            tensor(test::closedFormAdditive(*layer.backward, kAll, lane)).flip({1});
    const at::Tensor y = (map.mv(layer.x.select(1, lane).to(at::kDouble)) + rest[0]) * layer.directionShare;
    error = std::max(error, (y - layer.y.select(1, lane)).abs().max().item<double>());
  }
  return error / layer.y.abs().max().item<double>();
}

TEST(Vim, MapsAndAdditiveTermsRebuildEveryMixersOutput) {
  for (const std::string& name : kModels) {
    for (const auto& [type, limit] :
         {std::pair(ComputeType::Float32, 1e-5), std::pair(ComputeType::Float64, 1e-10)}) {
      const auto model = opened(folder(name), type);
      const Trace trace = runOn(*model, name, type);
      for (int64_t layer = 0; layer < model->info().layers; ++layer) {
        EXPECT_LE(reconstructionError(model->factors(trace, layer, {})), limit) << name << " layer " << layer;
      }
    }
  }
}

TEST(Vim, TheSecondDirectionIsInItsOwnOrder) {
  const auto model = opened(folder("middle"));
  const LayerFactors layer = model->factors(runOn(*model, "middle", ComputeType::Float32), 0, {});
  ASSERT_NE(layer.backward, nullptr);
  EXPECT_TRUE(layer.backward->x.equal(layer.x.flip(0)));
  EXPECT_TRUE(layer.backward->rowScale.equal(layer.rowScale.flip(0)));
  EXPECT_FALSE(layer.backward->y.defined());
  EXPECT_EQ(layer.directionShare, 0.5);
  const auto sum = opened(folder("sum"));
  EXPECT_EQ(sum->factors(runOn(*sum, "sum", ComputeType::Float32), 0, {}).directionShare, 1.0);
}

TEST(Vim, ItSaysWhatItIs) {
  const ModelInfo middle = opened(folder("middle"))->info();
  EXPECT_EQ(middle.family, "vim");
  EXPECT_EQ(middle.kinds, std::vector<std::string>(2, "vim"));
  EXPECT_EQ(middle.lanes, 20);
  EXPECT_EQ(middle.state, 4);
  EXPECT_EQ(middle.classes, 7);
  EXPECT_EQ(middle.vocabulary, 0);
  EXPECT_TRUE(middle.isBidirectional);
  ASSERT_TRUE(middle.vision);
  EXPECT_EQ(middle.vision->height, 16);
  EXPECT_EQ(middle.vision->stride, 4);
  EXPECT_EQ(middle.vision->gridRows, 4);
  EXPECT_EQ(middle.vision->classToken, 8);
  EXPECT_EQ(middle.vision->labels.size(), 6u);
  EXPECT_EQ(middle.vision->labels[5], "label 5");
  EXPECT_TRUE(middle.notices.empty());

  const VisionInfo first = *opened(folder("first"))->info().vision;
  EXPECT_EQ(first.gridRows, 3);
  EXPECT_EQ(first.gridCols, 5);
  EXPECT_EQ(first.classToken, 0);
  EXPECT_EQ(first.labels[4], "thing 4");
  EXPECT_FALSE(opened(folder("none"))->info().vision->classToken);
  EXPECT_EQ(opened(folder("none"))->info().vision->tokens(), 20);
  EXPECT_EQ(opened(folder("sum"))->info().vision->classToken, 5);
  EXPECT_EQ(opened(folder("sum"))->info().vision->gridCols, 6);
}

class EditedVim : public testing::Test {
 protected:
  test::TemporaryFolder m_folder;
  test::EditedModel m_model{folder("first")};

  Error refusal() {
    m_model.save(m_folder.path());
    return test::failureOf([&] { opened(m_folder.path()); });
  }
};

TEST_F(EditedVim, ConfigsThatDoNotFitAreNamedWithBothNumbers) {
  m_model.config["image_size"] = {16, 20};
  EXPECT_EQ(
      refusal().where,
      "`pos_embed`: found [1, 16, 8], expected [1, 21, 8] (config.json: `image_size` [16, 20], `stride` 4)");
  m_model.config["image_size"] = {12, 20};
  m_model.config["patch_size"] = 5;
  EXPECT_EQ(
      refusal().where,
      "`patch_embed.proj.weight`: found [8, 3, 4, 4], expected [8, 3, 5, 5] (config.json: `patch_size` 5)");
  m_model.config["patch_size"] = 4;
  m_model.config["class_token"] = "none";
  EXPECT_EQ(refusal().where, "config.json: `class_token`, the weights have a `cls_token`");
  m_model.config["class_token"] = 16;
  EXPECT_EQ(refusal().where, "config.json: `class_token` 16, 15 patches");
}

TEST_F(EditedVim, ValuesThatCannotBeUsedAreNamed) {
  const Json good = m_model.config;
  const std::vector<std::pair<const char*, Json>> bad = {
      {"image_size", {12}},         {"image_size", {0, 20}},
      {"image_size", "big"},        {"stride", 0},
      {"patch_size", 4.5},          {"class_token", "center"},
      {"divide_out", "yes"},        {"id2label", 3},
      {"id2label", {{"x", "cat"}}}, {"id2label", {{"1", 2}}},
      {"image_size", {1e9, 1}},     {"id2label", {{"99999999999", "cat"}}}};
  for (const auto& [key, value] : bad) {
    m_model.config = good;
    m_model.config[key] = value;
    const Error error = refusal();
    EXPECT_EQ(error.what, "A config value cannot be used.") << key;
    EXPECT_NE(error.where.find(key), std::string::npos) << error.where;
  }
}

TEST_F(EditedVim, TensorsThatAreMissingOrHaveAnotherShapeAreNamed) {
  m_model.reshape("layers.1.mixer.A_b_log", {16, 4});
  EXPECT_EQ(refusal().where, "`layers.1.mixer.A_b_log`: found [16, 4], expected [16, 5]");
  m_model.tensors.erase("layers.1.mixer.A_b_log");
  EXPECT_EQ(refusal().what, "A tensor is missing.");
}

TEST_F(EditedVim, AGridThatIsNoSquareNeedsAConfig) {
  m_model.config = nullptr;
  EXPECT_EQ(refusal().what, "The grid of patches cannot be told from the weights.");
}

TEST_F(EditedVim, AClassTokenMayStandAnywhere) {
  for (int64_t place : {0, 7, 15}) {
    m_model.config["class_token"] = place;
    m_model.save(m_folder.path());
    EXPECT_EQ(opened(m_folder.path())->info().vision->classToken, place);
  }
  m_model.config["class_token"] = "last";
  m_model.save(m_folder.path());
  EXPECT_EQ(opened(m_folder.path())->info().vision->classToken, 15);
}

}  // namespace
}  // namespace uc
