// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

// The command line on models of pictures.
#include "tests/support/cli.h"
#include "tests/support/npy.h"
#include "tests/support/temporary_folder.h"

#include <gtest/gtest.h>

#include <cmath>

namespace uc::test {
namespace {

const std::string kFirst = std::string(TEST_DATA) + "/vim/first";
const std::string kPixels = kFirst + "/pixels.npy";
const std::string kText = std::string(TEST_DATA) + "/mamba/hf-text";

TEST(CliPicture, InfoCountsClassesInPlaceOfAVocabulary) {
  const ProgramResult result = cli({"info", kFirst, "--json"});
  EXPECT_EQ(
      result.out,
      "{\"family\":\"vim\",\"layers\":3,\"lanes\":16,\"heads\":null,\"state\":5,\"width\":8,\"classes\":5,"
      "\"parameters\":4349,\"dtype\":\"float32\",\"tokenizer\":null}\n")
      << result.err;
  EXPECT_NE(cli({"info", kFirst}).out.find("12 × 20, 3 × 5 patches of 4, class token 0"), std::string::npos);
}

TEST(CliPicture, TokensAreThePatches) {
  const Json json = output(cli({"tokens", kFirst, "--image", kPixels, "--json"}));
  ASSERT_EQ(json["tokens"].size(), 16u);
  EXPECT_EQ(json["tokens"][0], (Json{{"id", 0}, {"text", "[class]"}, {"begin", 0}, {"end", 0}}));
  EXPECT_EQ(json["tokens"][15]["text"], "r2c4");
  EXPECT_EQ(json["ids"][15], 15);
}

TEST(CliPicture, PredictGivesLabelsAndOneRowOfLogits) {
  const TemporaryFolder folder;
  const std::string file = (folder / "logits.npy").string();
  const Json json = output(cli({"predict", kFirst, "--image", kPixels, "--json", "-o", file, "--top", "2"}));
  ASSERT_EQ(json["top"].size(), 2u);
  EXPECT_EQ(json["top"][0]["label"], "thing " + std::to_string(json["top"][0]["id"].get<int>()));
  EXPECT_FALSE(json["top"][0].contains("text"));
  const Array logits = readNpy(file), expected = readNpy(kFirst + "/logits.npy");
  EXPECT_EQ(logits.shape, (std::vector<int64_t>{1, 5}));
  EXPECT_EQ(logits.dtype, "<f4");
  for (size_t i = 0; i < 5; ++i) EXPECT_NEAR(logits.values[i], expected.values[i], 1e-4);
}

TEST(CliPicture, MapsOfEveryDirectionAreThoseOfTheReference) {
  const TemporaryFolder folder;
  const std::string file = (folder / "map.npy").string();
  const std::vector<std::pair<std::string, Words>> cases = {{"forward", {"--direction", "forward"}},
                                                            {"backward", {"--direction", "backward"}},
                                                            {"unified", {"--direction", "both"}},
                                                            {"exact", {"--map", "exact"}}};
  for (const auto& [kind, words] : cases) {
    Words line = {"map",    kFirst, "--image", kPixels,   "--layer", "1",
                  "--lane", "5",    "--dtype", "float64", "-o",      file};
    line.insert(line.end(), words.begin(), words.end());
    const ProgramResult result = cli(line);
    ASSERT_EQ(result.status, 0) << result.err;
    const Array map = readNpy(file), expected = readNpy(kFirst + "/layer1_" + kind + ".npy");
    ASSERT_EQ(map.shape, (std::vector<int64_t>{16, 16})) << kind;
    for (size_t i = 0; i < 256; ++i) EXPECT_NEAR(map.values[i], expected.values[256 + i], 1e-10) << kind;
  }
}

TEST(CliPicture, VerifyIsWithinTheBar) {
  for (const auto& [dtype, limit] : {std::pair("float32", 1e-5), std::pair("float64", 1e-10)}) {
    const Json json = output(cli({"verify", kFirst, "--image", kPixels, "--json", "--dtype", dtype}));
    EXPECT_LE(json["worst"].get<double>(), limit) << dtype;
    EXPECT_EQ(json["layers"][0]["kind"], "vim");
  }
}

TEST(CliPicture, AFigureOfAPictureFileIsDrawn) {
  const TemporaryFolder folder;
  const std::string file = (folder / "map.svg").string();
  const std::string image = std::string(TEST_DATA) + "/images/photo.jpg";
  const ProgramResult result = cli({"map", kFirst, "--image", image, "--preprocess", "squash", "--layer", "0",
                                    "--direction", "backward", "-o", file});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.err, "");
  EXPECT_NE(readBytes(file).find("photo.jpg"), std::string::npos);
}

TEST(CliPicture, WhatDoesNotFitIsToldInOneLine) {
  expectOneLine(cli({"predict", kFirst, "--text", "a cat"}), 1, "This model takes a picture, not text.");
  expectOneLine(cli({"predict", kFirst, "--ids", "1,2"}), 1, "This model takes a picture, not text.");
  expectOneLine(cli({"map", kText, "--image", kPixels, "--layer", "0", "-o", "x.npy"}), 1,
                "This model takes text, not pictures.");
  expectOneLine(cli({"predict", kFirst, "--image", "none.png"}), 1, "There is no such file.");
  expectOneLine(cli({"predict", kFirst, "--image", "/dev/zero"}), 1, "not a regular file");
  expectOneLine(cli({"predict", kFirst, "--image", kFirst + "/logits.npy"}), 1,
                "The array has the wrong shape.");
  expectOneLine(cli({"predict", kFirst, "--image", kFirst + "/logits64.npy"}), 1,
                "The array is not float32.");
  expectOneLine(cli({"predict", kFirst, "--image", kFirst + "/config.json"}), 1,
                "This is not a picture that can be read.");
  expectOneLine(cli({"predict", kFirst, "--image", kPixels, "--generate", "3"}), 1, "cannot be continued");
  expectOneLine(cli({"map", kFirst, "--image", kPixels, "--layer", "0", "--head", "0", "-o", "x.npy"}), 1,
                "This layer has lanes, not heads.");
  expectOneLine(cli({"predict", kFirst, "--image", kPixels, "--preprocess", "stretch"}), 2, "--preprocess");
  expectOneLine(cli({"predict", kFirst, "--text", "x", "--preprocess", "squash"}), 2, "--preprocess");
}

}  // namespace
}  // namespace uc::test
