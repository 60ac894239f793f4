// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "tests/support/cli.h"

#include "tests/support/npy.h"
#include "tests/support/temporary_folder.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <cmath>
#include <fstream>

namespace uc::test {
namespace {

const std::string kData = TEST_DATA;
const std::string kTied = kData + "/mamba/hf-tied";
const std::string kText = kData + "/mamba/hf-text";

std::string idsOf(const std::string& name) {
  std::string text = Json::parse(readBytes(kTied + "/" + name)).dump();
  return text.substr(1, text.size() - 2);
}

TEST(Cli, InfoPrintsTheContractsKeys) {
  const ProgramResult result = cli({"info", kTied, "--json"});
  EXPECT_EQ(result.out,
            "{\"family\":\"mamba\",\"layers\":3,\"lanes\":48,\"heads\":null,\"state\":5,\"width\":24,"
            "\"vocabulary\":67,"
            "\"parameters\":16104,\"dtype\":\"float32\",\"tokenizer\":null}\n")
      << result.err;
}

TEST(Cli, InfoForAPersonSaysWhatCanBeShown) {
  const ProgramResult result = cli({"info", kText});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_NE(result.out.find("family      mamba\n"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("tokenizer   bpe\n"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("maps        exact, unified, scan, no-step\n"), std::string::npos) << result.out;
}

TEST(Cli, TokensGivesIdsTextAndSpans) {
  const Json golden = Json::parse(readBytes(kText + "/text.json"));
  const std::string text = golden["text"];
  const Json json = output(cli({"tokens", kText, "--text", text, "--json"}));
  EXPECT_EQ(json["ids"], golden["ids"]);
  size_t at = 0;
  for (const Json& token : json["tokens"]) {
    EXPECT_EQ(token["begin"], at);
    at = token["end"];
  }
  EXPECT_EQ(at, text.size());
}

TEST(Cli, TokensOfAnEmptyTextIsAnEmptyList) {
  EXPECT_EQ(cli({"tokens", kText, "--text", "", "--json"}).out, "{\"ids\":[],\"tokens\":[]}\n");
}

TEST(Cli, ATextFileIsTakenVerbatim) {
  const TemporaryFolder folder;
  folder.write("t.txt", "\xEF\xBB\xBFone\r\ntwo\n");
  const Json json = output(cli({"tokens", kText, "--text-file", (folder / "t.txt").string(), "--json"}));
  EXPECT_EQ(json["tokens"].back()["end"], 12);
}

TEST(Cli, IdsFilesTakeCommasAndWhiteSpace) {
  const TemporaryFolder folder;
  folder.write("ids", " 1, 2\n3\t,4\r\n");
  EXPECT_EQ(output(cli({"tokens", kTied, "--ids-file", (folder / "ids").string(), "--json"}))["ids"],
            Json({1, 2, 3, 4}));
  folder.write("gap", "1,,2");
  expectOneLine(cli({"tokens", kTied, "--ids-file", (folder / "gap").string()}), 1, "token ids");
  folder.write("bad", "1 two 3");
  expectOneLine(cli({"tokens", kTied, "--ids-file", (folder / "bad").string()}), 1, "token ids");
}

TEST(Cli, PredictMatchesTheReference) {
  const TemporaryFolder folder;
  const Json json = output(cli({"predict", kTied, "--ids", idsOf("ids_37.json"), "--top", "5", "-o",
                                (folder / "l.npy").string(), "--json"}));
  const Array golden = readNpy(kTied + "/logits_37.npy");
  const Array logits = readNpy((folder / "l.npy").string());
  EXPECT_EQ(logits.dtype, "<f4");
  ASSERT_EQ(logits.shape, golden.shape);
  for (size_t i = 0; i < golden.values.size(); ++i) ASSERT_NEAR(logits.values[i], golden.values[i], 1e-4);
  ASSERT_EQ(json["top"].size(), 5u);
  const auto last = golden.values.end() - golden.shape[1];
  EXPECT_EQ(json["top"][0]["id"], std::max_element(last, golden.values.end()) - last);
  EXPECT_NEAR(json["top"][0]["logit"].get<double>(), *std::max_element(last, golden.values.end()), 1e-4);
}

TEST(Cli, PredictContinuesAsTheReferenceDoes) {
  const Json golden = Json::parse(readBytes(kTied + "/generate.json"));
  const Json json =
      output(cli({"predict", kTied, "--ids", idsOf("ids_37.json"), "--generate", "12", "--json"}));
  EXPECT_EQ(json["generated"]["ids"], golden["new"]);
}

TEST(Cli, MapWritesWhatTheReferenceGives) {
  const TemporaryFolder folder;
  const std::string file = (folder / "map.npy").string();
  const Array golden = readNpy(kTied + "/layer1_merges_37.npy");
  const std::vector<std::string> merges{"mean", "mean-abs", "max-abs", "l2", "positive-mean"};
  for (size_t m = 0; m < merges.size(); ++m) {
    const Json json = output(cli({"map", kTied, "--ids", idsOf("ids_37.json"), "--layer", "1", "--merge",
                                  merges[m], "-o", file, "--json", "--dtype", "float64"}));
    EXPECT_EQ(json["shape"], Json({37, 37}));
    const Array map = readNpy(file);
    EXPECT_EQ(map.dtype, "<f8");
    for (size_t i = 0; i < 37 * 37; ++i)
      ASSERT_NEAR(map.values[i], golden.values[m * 37 * 37 + i], 1e-12) << merges[m] << " entry " << i;
  }
}

TEST(Cli, MapCutsAndPools) {
  const TemporaryFolder folder;
  const Words base{"map", kTied, "--ids", idsOf("ids_37.json"), "--layer", "1", "--lane", "7"};
  const auto map = [&](const Words& more) {
    Words words = base;
    words.insert(words.end(), more.begin(), more.end());
    words.insert(words.end(), {"-o", (folder / "part.npy").string()});
    const ProgramResult result = cli(words);
    EXPECT_EQ(result.status, 0) << result.err;
    return readNpy((folder / "part.npy").string());
  };
  const Array whole = map({});
  const Array part = map({"--rows", "10:20", "--cols", "3:8"});
  EXPECT_EQ(part.shape, (std::vector<int64_t>{10, 5}));
  EXPECT_NEAR(part.values[0], whole.values[10 * 37 + 3], 1e-6);
  const Array pooled = map({"--pool", "20"});
  EXPECT_EQ(pooled.shape, (std::vector<int64_t>{2, 2}));
  double mean = 0.0;
  for (size_t t = 20; t < 37; ++t)
    for (size_t s = 0; s < 20; ++s) mean += whole.values[t * 37 + s] / (17 * 20);
  EXPECT_NEAR(pooled.values[2], mean, 1e-6);
}

TEST(Cli, APoolMayBeAsLargeAsNumbersGo) {
  const TemporaryFolder folder;
  const std::string file = (folder / "m.npy").string();
  const Json json = output(cli({"map", kTied, "--ids", idsOf("ids_37.json"), "--layer", "1", "--pool",
                                "9223372036854775807", "-o", file, "--json"}));
  EXPECT_EQ(json["shape"], Json::parse("[1,1]"));
  expectOneLine(
      cli({"map", kTied, "--ids", "1", "--layer", "1", "--pool", "9223372036854775808", "-o", file}), 2,
      "64 bits");
}

TEST(Cli, WhatLayersLackIsSaidOnceForEachKind) {
  const TemporaryFolder folder;
  const ProgramResult result = cli({"map", kData + "/griffin/hf-mqa", "--ids", "1,2,3", "--layer", "all",
                                    "--factors", "scan,gate,activation", "-o", (folder / "m.npy").string()});
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.err,
            "undercurrent-cli: A layer of kind rg-lru has no activation: left out.\n"
            "undercurrent-cli: A layer of kind attention has no gate,activation: left out.\n");
}

TEST(Cli, AListOfOneLayerKeepsTheAxisOfLayers) {
  const TemporaryFolder folder;
  const std::string file = (folder / "one.npy").string();
  EXPECT_EQ(output(cli({"map", kTied, "--ids", "1,2,3", "--layer", "1:2", "-o", file, "--json"}))["shape"],
            Json({1, 3, 3}));
  EXPECT_EQ(readNpy(file).shape, (std::vector<int64_t>{1, 3, 3}));
}

TEST(Cli, LogitsAreWrittenInTheTypeOfTheArithmetic) {
  const TemporaryFolder folder;
  const std::string file = (folder / "l.npy").string();
  output(cli({"predict", kTied, "--ids", idsOf("ids_37.json"), "--dtype", "float64", "-o", file, "--json"}));
  const Array golden = readNpy(kTied + "/logits64_37.npy");
  const Array logits = readNpy(file);
  EXPECT_EQ(logits.dtype, "<f8");
  for (size_t i = 0; i < golden.values.size(); ++i) ASSERT_NEAR(logits.values[i], golden.values[i], 1e-10);
}

TEST(Cli, SeveralLayersShareAFile) {
  const TemporaryFolder folder;
  output(
      cli({"map", kTied, "--ids", "1,2,3", "--layer", "0,2", "-o", (folder / "m.npy").string(), "--json"}));
  EXPECT_EQ(readNpy((folder / "m.npy").string()).shape, (std::vector<int64_t>{2, 3, 3}));
  output(
      cli({"map", kTied, "--ids", "1,2,3", "--layer", "all", "-o", (folder / "m.png").string(), "--json"}));
  for (const char* name : {"m_layer_0.png", "m_layer_1.png", "m_layer_2.png"})
    EXPECT_TRUE(readBytes((folder / name).string()).starts_with("\x89PNG")) << name;
  output(
      cli({"map", kTied, "--ids", "1,2,3", "--layer", "all", "-o", (folder / "m.pdf").string(), "--json"}));
  EXPECT_TRUE(readBytes((folder / "m.pdf").string()).starts_with("%PDF"));
}

TEST(Cli, DataFilesHoldTheMapAndItsView) {
  const TemporaryFolder folder;
  output(cli({"map", kTied, "--ids", "1,2,3", "--layer", "0", "-o", (folder / "m.json").string(), "--json"}));
  const Json json = Json::parse(readBytes((folder / "m.json").string()));
  EXPECT_EQ(json["map"].size(), 3u);
  EXPECT_EQ(json["rows"], Json({0, 3}));
  EXPECT_EQ(json["view"]["merge"], "mean-abs");
  EXPECT_EQ(json["view"]["map"], "unified");
  EXPECT_EQ(json["view"]["layer"], 0);
  output(cli({"map", kTied, "--ids", "1,2,3", "--layer", "0", "-o", (folder / "m.csv").string(), "--json"}));
  const std::string csv = readBytes((folder / "m.csv").string());
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 3);
  EXPECT_EQ(std::count(csv.begin(), csv.end(), ','), 6);
  output(cli({"map", kTied, "--ids", "1,2,3", "--layer", "0", "-o", (folder / "m.npz").string(), "--json"}));
  EXPECT_TRUE(readBytes((folder / "m.npz").string()).starts_with("PK"));
}

TEST(Cli, FiguresAreDrawnWithNoDisplay) {
  const TemporaryFolder folder;
  const std::pair<const char*, const char*> starts[] = {
      {"png", "\x89PNG"}, {"svg", "<?xml"}, {"pdf", "%PDF"}, {"tiff", ""}};
  for (const auto& [ending, start] : starts) {
    const std::string file = (folder / (std::string("f.") + ending)).string();
    const ProgramResult result = cli({"map", kText, "--text", "the attention of Mamba", "--layer", "1",
                                      "--lane", "3", "-o", file, "--colormap", "PuOr", "--width-mm", "90"});
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_EQ(result.err, "");
    EXPECT_TRUE(readBytes(file).starts_with(start)) << ending;
    EXPECT_GT(readBytes(file).size(), 1000u);
  }
}

TEST(Cli, VerifyIsWithinTheBar) {
  const Json json = output(cli({"verify", kTied, "--ids", idsOf("ids_37.json"), "--json"}));
  ASSERT_EQ(json["layers"].size(), 3u);
  EXPECT_EQ(json["layers"][2]["layer"], 2);
  EXPECT_EQ(json["layers"][2]["kind"], "mamba");
  EXPECT_LE(json["worst"].get<double>(), 1e-5);
  const Json exact =
      output(cli({"verify", kTied, "--ids", idsOf("ids_37.json"), "--json", "--dtype", "float64"}));
  EXPECT_LE(exact["worst"].get<double>(), 1e-10);
}

TEST(Cli, DevicesNamesTheCpuAndItsRate) {
  const Json json = output(cli({"devices", "--json"}));
  EXPECT_EQ(json["devices"][0]["kind"], "cpu");
  EXPECT_GT(json["devices"][0]["matrix_gflops"].get<double>(), 0.0);
}

TEST(Cli, BenchPrintsTheRowsAskedForWithItsMachine) {
  const Json json = output(cli({"bench", "--only", "viewport-65536-diagonal", "--json"}));
  EXPECT_GE(json["machine"]["threads"].get<int>(), 1);
  EXPECT_FALSE(json["machine"]["compiler"].get<std::string>().empty());
  EXPECT_GT(json["machine"]["sgemm_gflops"].get<double>(), 0.0);
  ASSERT_EQ(json["rows"].size(), 1u);
  const Json row = json["rows"][0];
  EXPECT_EQ(row["name"], "viewport-65536-diagonal");
  EXPECT_GT(row["seconds"].get<double>(), 0.0);
  EXPECT_EQ(row["limit"], "sgemm");
  EXPECT_GT(row["limit_share"].get<double>(), 0.0);
  EXPECT_GE(row["memory_mb"].get<double>(), 0.0);
  for (const char* key : {"baseline", "baseline_seconds", "ratio"}) EXPECT_TRUE(row.at(key).is_null()) << key;
}

TEST(Cli, BenchRefusesRowsAndDevicesThatAreNotThere) {
  const ProgramResult result = cli({"bench", "--only", "fast"});
  expectOneLine(cli({"bench", "--only", "entry", "--device", "cuda:7"}), 1, "cuda:7");
  for (const char* name : {"\"fast\": try mean, unified, ", ", row, ", ", start."})
    expectOneLine(result, 2, name);
  expectOneLine(cli({"bench", "--only", ""}), 2, "no row \"\"");
}

TEST(Cli, VersionNamesItsLibraries) {
  const Json json = output(cli({"--version", "--json"}));
  EXPECT_FALSE(json.empty());
}

TEST(Cli, WrongUsageIsStatusTwo) {
  expectOneLine(cli({"explode"}), 2, "There is no command explode.");
  expectOneLine(cli({"map", kTied, "--ids", "1", "--layer", "0", "-o", "x.bmp"}), 2, ".npy");
  const ProgramResult result = cli({"map", "--json"});
  EXPECT_EQ(result.status, 2);
  EXPECT_TRUE(Json::parse(result.err).contains("error"));
}

TEST(Cli, FailuresAreStatusOneInOneLine) {
  const TemporaryFolder folder;
  const std::string out = (folder / "x.npy").string();
  expectOneLine(cli({"info", (folder / "nothing").string()}), 1, "");
  expectOneLine(cli({"info", folder.path().string()}), 1, "");
  expectOneLine(cli({"info", "demo:nothing"}), 1, "");
  expectOneLine(cli({"info", "/dev/zero"}), 1, "");
  expectOneLine(cli({"info", "a\nb\x1b[31m"}), 1, "");
  expectOneLine(cli({"tokens", kTied, "--ids", "67"}), 1, "67");
  expectOneLine(cli({"tokens", kTied, "--ids", "-1"}), 1, "-1");
  expectOneLine(cli({"tokens", kTied, "--text", "a"}), 1, "tokenizer");
  expectOneLine(cli({"tokens", kText, "--text", "\xFF"}), 1, "UTF-8");
  expectOneLine(cli({"tokens", kText, "--text-file", "/dev/zero"}), 1, "regular file");
  expectOneLine(cli({"predict", kText, "--text", ""}), 1, "token");
  expectOneLine(cli({"predict", kText, "--image", "x.png"}), 1, "This model takes text, not pictures.");
  expectOneLine(cli({"verify", kTied, "--ids", "1", "--layer", "3"}), 1, "0 … 2");
  const auto map = [&](const Words& more) {
    Words words{"map", kTied, "--ids", "1,2,3", "-o", out};
    words.insert(words.end(), more.begin(), more.end());
    return cli(words);
  };
  expectOneLine(map({"--layer", "9"}), 1, "0 … 2");
  expectOneLine(map({"--layer", "0", "--lane", "48"}), 1, "0 … 47");
  expectOneLine(map({"--layer", "0", "--lane", "-1"}), 1, "0 … 47");
  expectOneLine(map({"--layer", "0", "--head", "0"}), 1, "head");
  expectOneLine(map({"--layer", "0", "--rows", "0:4"}), 1, "3");
  expectOneLine(map({"--layer", "0", "--direction", "backward"}), 1, "backward");
  expectOneLine(map({"--layer", "0", "--factors", "gate"}), 1, "scan");
  expectOneLine(map({"--layer", "0", "--device", "cuda:7"}), 1, "cuda:7");
  EXPECT_FALSE(std::filesystem::exists(out));
}

TEST(Cli, AnOutputThatCannotBeWrittenIsToldBeforeWorkStarts) {
  expectOneLine(cli({"map", kTied, "--ids", "1", "--layer", "0", "-o", "/nowhere/at/all.npy"}), 1,
                "/nowhere/at");
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.path() / "d.npy");
  expectOneLine(cli({"map", kTied, "--ids", "1", "--layer", "0", "-o", (folder / "d.npy").string()}), 1,
                "folder");
}

TEST(Cli, AFullOutputIsAFailure) {
  const ProgramResult result = runProgram("undercurrent-cli", {"info", kTied}, {}, {}, "/dev/full");
  EXPECT_EQ(result.status, 1);
  EXPECT_NE(result.err.find("could not be written"), std::string::npos) << result.err;
}

TEST(Cli, CtrlCEndsWithStatus130AndNoFile) {
  const TemporaryFolder folder;
  std::string ids = "1";
  for (int i = 0; i < 6000; ++i) ids += "," + std::to_string(i % 60);
  const ProgramResult result = runProgram(
      "undercurrent-cli",
      {"map", kTied, "--ids", ids, "--layer", "all", "-o", (folder / "m.npy").string(), "--progress"},
      [](int pid) { kill(pid, SIGINT); }, "%");
  EXPECT_EQ(result.status, 130) << result.err;
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace uc::test
