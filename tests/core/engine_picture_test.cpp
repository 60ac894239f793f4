// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/engine/engine.h"
#include "tests/support/failure.h"
#include "tests/support/npy.h"

#include <gtest/gtest.h>

#include <string>

namespace uc {
namespace {

const std::string kData = TEST_DATA;

std::shared_ptr<const Engine> opened(const std::string& name, const std::string& dtype = "float32") {
  OpenOptions options;
  options.dtype = dtype;
  return Engine::open(kData + "/vim/" + name, options, {});
}

Input picture(const std::string& path) {
  Input input;
  input.image = path;
  return input;
}

Input goldenPicture(const std::string& name) { return picture(kData + "/vim/" + name + "/pixels.npy"); }

TEST(EnginePicture, TokensArePatchesByRowsWithTheClassTokenInItsPlace) {
  const auto sum = opened("sum");
  const Tokens tokens = sum->tokenize(goldenPicture("sum"));
  ASSERT_EQ(tokens.size(), 25);
  EXPECT_EQ(tokens.list[0].text, "r0c0");
  EXPECT_EQ(tokens.list[4].text, "r0c4");
  EXPECT_EQ(tokens.list[5].text, "[class]");
  EXPECT_EQ(tokens.list[6].text, "r0c5");
  EXPECT_EQ(tokens.list[7].text, "r1c0");
  EXPECT_EQ(tokens.list[24].text, "r3c5");
  EXPECT_EQ(tokens.list[24].id, 24);
  EXPECT_EQ(opened("none")->tokenize(goldenPicture("none")).list[19].text, "r3c4");
}

TEST(EnginePicture, LogitsAreOneRowOfClassesInTheTypeOfTheArithmetic) {
  const auto engine = opened("first", "float64");
  const auto logits = std::get<Matrix64>(engine->logits(engine->run(goldenPicture("first"), {}), {}));
  const test::Array expected = test::readNpy(kData + "/vim/first/logits64.npy");
  ASSERT_EQ(logits.rows, 1);
  ASSERT_EQ(logits.cols, 5);
  for (size_t i = 0; i < 5; ++i) EXPECT_NEAR(logits.values[i], expected.values[i], 1e-10);
}

TEST(EnginePicture, PredictionsAreLabeled) {
  const auto first = opened("first");
  const std::vector<Prediction> top = first->predict(first->run(goldenPicture("first"), {}), 10, {});
  ASSERT_EQ(top.size(), 5u);
  for (const Prediction& item : top) EXPECT_EQ(item.text, "thing " + std::to_string(item.id));
  EXPECT_GT(top[0].logit, top[1].logit);
  // labels.txt beside the weights has a line less than there are classes; no labels at all.
  const auto middle = opened("middle");
  for (const Prediction& item : middle->predict(middle->run(goldenPicture("middle"), {}), 7, {})) {
    EXPECT_EQ(item.text, (item.id < 6 ? "label " : "class ") + std::to_string(item.id));
  }
  const auto none = opened("none");
  for (const Prediction& item : none->predict(none->run(goldenPicture("none"), {}), 4, {})) {
    EXPECT_EQ(item.text, "class " + std::to_string(item.id));
  }
}

TEST(EnginePicture, AFileIsBroughtToTheModelsSize) {
  const auto engine = opened("first");
  for (const char* preprocess : {"official", "notebook", "squash"}) {
    Input input = picture(kData + "/images/turned6.jpg");
    input.preprocess = preprocess;
    const RunHandle run = engine->run(input, {});
    EXPECT_EQ(run->tokens().size(), 16) << preprocess;
    EXPECT_TRUE(run->notices().empty()) << preprocess;
  }
  Input input = goldenPicture("first");
  input.preprocess = "stretch";
  EXPECT_EQ(test::failureOf([&] { engine->run(input, {}); }).what,
            "There is no such way to bring a picture to the model's size.");
}

TEST(EnginePicture, TheWrongKindOfInputIsToldInWords) {
  const auto vision = opened("first");
  Input text;
  text.text = "a cat";
  Input ids;
  ids.ids = {1, 2};
  for (const Input& input : {text, ids, Input{}}) {
    EXPECT_EQ(test::failureOf([&] { vision->run(input, {}); }).what, "This model takes a picture, not text.");
    EXPECT_EQ(test::failureOf([&] { vision->tokenize(input); }).what,
              "This model takes a picture, not text.");
  }
  const auto language = Engine::open(kData + "/mamba/hf-tied", {}, {});
  EXPECT_EQ(test::failureOf([&] { language->run(goldenPicture("first"), {}); }).what,
            "This model takes text, not pictures.");
  EXPECT_EQ(test::failureOf([&] { vision->run(goldenPicture("sum"), {}); }).what,
            "The array has the wrong shape.");
  EXPECT_EQ(test::failureOf([&] { vision->tokenize(picture("none.png")); }).what, "There is no such file.");
}

TEST(EnginePicture, APictureIsNeitherCutNorContinued) {
  const auto engine = opened("first");
  Input input = goldenPicture("first");
  input.maxTokens = 3;
  const RunHandle run = engine->run(input, {});
  EXPECT_EQ(run->tokens().size(), 16);
  ASSERT_EQ(run->notices().size(), 1u);
  EXPECT_EQ(run->notices()[0], "A picture is not cut: all its 16 tokens are used.");
  EXPECT_EQ(test::failureOf([&] {
              engine->generate(run, {3, 0.0, 0}, {});
            }).what,
            "A picture cannot be continued.");
}

TEST(EnginePicture, AMapSaysWhatItsDirectionAttendsTo) {
  const auto engine = opened("first");
  const RunHandle run = engine->run(goldenPicture("first"), {});
  const std::pair<Direction, Attended> cases[] = {{Direction::Forward, Attended::Earlier},
                                                  {Direction::Backward, Attended::Later},
                                                  {Direction::Both, Attended::All}};
  for (const auto& [direction, attended] : cases) {
    MapId id;
    id.direction = direction;
    EXPECT_EQ(engine->map(run, {id}, {}).attended, attended);
  }
}

// What the maps themselves hold, end to end: lane 5 of layer 1 by each direction, in float32.
TEST(EnginePicture, MapsOfEveryDirectionAreThoseOfTheReference) {
  for (const char* name : {"first", "sum"}) {
    const auto engine = opened(name);
    const RunHandle run = engine->run(goldenPicture(name), {});
    const std::pair<const char*, MapId> cases[] = {
        {"forward",
         {1, {LaneChoice::Kind::Lane, 5, Merge::Mean}, named(Convention::Unified), Direction::Forward}},
        {"backward",
         {1, {LaneChoice::Kind::Lane, 5, Merge::Mean}, named(Convention::Unified), Direction::Backward}},
        {"unified",
         {1, {LaneChoice::Kind::Lane, 5, Merge::Mean}, named(Convention::Unified), Direction::Both}},
        {"exact", {1, {LaneChoice::Kind::Lane, 5, Merge::Mean}, named(Convention::Exact), Direction::Both}}};
    for (const auto& [kind, id] : cases) {
      const test::Array expected = test::readNpy(kData + "/vim/" + name + "/layer1_" + kind + ".npy");
      const auto map = std::get<Matrix>(engine->map(run, {id}, {}).values);
      const auto count = static_cast<size_t>(map.rows * map.cols);
      double most = 0.0, error = 0.0;
      for (size_t i = 0; i < count; ++i) {
        const double golden = expected.values[count + i];  // the second of the lanes that are kept
        most = std::max(most, std::abs(golden));
        error = std::max(error, std::abs(golden - static_cast<double>(map.values[i])));
      }
      EXPECT_LE(error, 1e-5 * most) << name << " " << kind;
    }
  }
}

TEST(EnginePicture, EveryLayerIsVerified) {
  for (const char* name : {"middle", "first", "none", "sum"}) {
    for (const auto& [dtype, limit] : {std::pair("float32", 1e-5), std::pair("float64", 1e-10)}) {
      const auto engine = opened(name, dtype);
      const RunHandle run = engine->run(goldenPicture(name), {});
      for (int64_t layer = 0; layer < engine->info().layers; ++layer) {
        EXPECT_LE(engine->verify(run, layer, {}).relative, limit) << name << " " << dtype << " " << layer;
      }
    }
  }
}

TEST(EnginePicture, DecayProductsRunBothWays) {
  const auto engine = opened("first");
  const RunHandle run = engine->run(goldenPicture("first"), {});
  MapId id;
  id.lanes = {LaneChoice::Kind::Lane, 2, Merge::Mean};
  const RowResult both = engine->row(run, id, 6, {});
  id.direction = Direction::Forward;
  const RowResult forward = engine->row(run, id, 6, {});
  ASSERT_EQ(both.decay.size(), 16u);
  EXPECT_EQ(both.decay[6], 1.0);
  EXPECT_EQ(forward.decay[7], 0.0);
  for (size_t s = 0; s < 6; ++s) EXPECT_EQ(both.decay[s], forward.decay[s]);
  for (size_t s = 7; s < 15; ++s) {
    EXPECT_GT(both.decay[s], both.decay[s + 1]);
    EXPECT_GT(both.decay[s + 1], 0.0);
  }
}

}  // namespace
}  // namespace uc
