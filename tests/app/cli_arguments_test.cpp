// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/cli_arguments.h"

#include <gtest/gtest.h>

namespace uc {
namespace {

Arguments parse(const std::vector<std::string>& words) {
  std::vector<const char*> argv{"undercurrent-cli"};
  for (const std::string& word : words) argv.push_back(word.c_str());
  return parseArguments(static_cast<int>(argv.size()), argv.data());
}

using Words = std::vector<std::string>;
Words map(const Words& more) {
  Words words{"map", "M", "--text", "a", "--layer", "0", "-o", "F.npy"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

class WrongUsage : public testing::TestWithParam<Words> {};

TEST_P(WrongUsage, IsToldFromTheCommandLineAlone) { EXPECT_THROW(parse(GetParam()), UsageError); }

INSTANTIATE_TEST_SUITE_P(
    Commands, WrongUsage,
    testing::Values(Words{}, Words{"explode"}, Words{"info"}, Words{"info", "M", "extra"},
                    Words{"info", "M", "--what"}, Words{"tokens", "M"},
                    Words{"tokens", "M", "--text", "a", "--ids", "1"},
                    Words{"tokens", "M", "--text", "a", "--text", "b"}, Words{"tokens", "M", "--ids", "1,x"},
                    Words{"tokens", "M", "--ids", "1,,2"}, Words{"tokens", "M", "--ids", "1.5"},
                    Words{"tokens", "M", "--ids", "99999999999999999999"}, Words{"tokens", "M", "--text"},
                    Words{"devices", "M"}, Words{"bench", "M"}, Words{"bench", "--only", "nothing"},
                    Words{"bench", "--only"}, Words{"bench", "--full", "--full"},
                    Words{"info", "M", "--json", "--json"}, Words{"info", "M", "--threads", "0"},
                    Words{"info", "M", "--threads", "-2"}, Words{"info", "M", "--threads", "two"},
                    Words{"info", "M", "--device", "gpu"}, Words{"info", "M", "--device", "cuda:"},
                    Words{"info", "M", "--device", "cuda:x"}, Words{"info", "M", "--dtype", "float16"},
                    Words{"info", "M", "--memory", "0"}, Words{"info", "M", "--memory", "-1"},
                    Words{"info", "M", "--memory", "lots"}, Words{"info", "M", "--max-tokens", "0"},
                    Words{"info", "M", "--device", "cpu", "--device", "cpu"}));

INSTANTIATE_TEST_SUITE_P(
    Predict, WrongUsage,
    testing::Values(Words{"predict", "M"}, Words{"predict", "M", "--text", "a", "--top", "0"},
                    Words{"predict", "M", "--text", "a", "--top", "ten"},
                    Words{"predict", "M", "--text", "a", "-o", "F.csv"},
                    Words{"predict", "M", "--text", "a", "-o", "F"},
                    Words{"predict", "M", "--text", "a", "--generate", "0"},
                    Words{"predict", "M", "--text", "a", "--generate", "1000001"},
                    Words{"predict", "M", "--text", "a", "--generate", "2", "--seed", "-1"},
                    Words{"predict", "M", "--text", "a", "--temperature", "1"},
                    Words{"predict", "M", "--text", "a", "--generate", "2", "--temperature", "-1"},
                    Words{"verify", "M"}, Words{"verify", "M", "--text", "a", "--layer", "x"}));

INSTANTIATE_TEST_SUITE_P(
    Map, WrongUsage,
    testing::Values(Words{"map", "M", "--text", "a", "--layer", "0"},
                    Words{"map", "M", "--text", "a", "-o", "F.npy"},
                    Words{"map", "M", "--layer", "0", "-o", "F.npy"},
                    Words{"map", "M", "--text", "a", "--layer", "0", "-o", "F.bmp"},
                    Words{"map", "M", "--text", "a", "--layer", "0", "-o", "F"},
                    Words{"map", "M", "--text", "a", "--layer", "0", "-o", "/dev/stdout"},
                    Words{"map", "M", "--text", "a", "--layer", "one", "-o", "F.npy"},
                    Words{"map", "M", "--text", "a", "--layer", "5:3", "-o", "F.npy"},
                    Words{"map", "M", "--text", "a", "--layer", "1,,2", "-o", "F.npy"},
                    Words{"map", "M", "--text", "a", "--layer", "1,2", "-o", "F.csv"}, map({"--layer", "1"}),
                    map({"--lane", "1", "--merge", "mean"}), map({"--lane", "1", "--head", "0"}),
                    map({"--lane", "x"}), map({"--lane", "0x10"}), map({"--lane", "+1"}),
                    map({"--lane", " 1"}), map({"--lane", "1.5"}), map({"--merge", "median"}),
                    map({"--map", "exact", "--factors", "gate"}), map({"--map", "best"}),
                    map({"--factors", "gate,door"}), map({"--factors", ""}), map({"--factors", "gate,gate"}),
                    map({"--direction", "sideways"}), map({"--rows", "5"}), map({"--rows", "5:5"}),
                    map({"--rows", "7:5"}), map({"--rows", "a:b"}), map({"--cols", "-1:5"}),
                    map({"--cols", "1:2:3"}), map({"--pool", "0"}), map({"--pool", "-1"}),
                    map({"--pool", "x"}), map({"--pool", "2", "--pool", "3"})));

INSTANTIATE_TEST_SUITE_P(Look, WrongUsage,
                         testing::Values(map({"--norm", "log"}), map({"--range", "1"}),
                                         map({"--range", "1,1"}), map({"--range", "2,1"}),
                                         map({"--range", "nan,1"}), map({"--range", "0,inf"}),
                                         map({"--gamma", "0"}), map({"--colormap", "rainbow"}),
                                         map({"--theme", "blue"}), map({"--width-mm", "1"}),
                                         map({"--width-mm", "nan"}), map({"--dpi", "0"}),
                                         map({"--transparent", "--transparent"})));

TEST(Arguments, MapTakesEveryOptionOfTheContract) {
  const Arguments arguments =
      parse({"map",        "M",         "--ids",   "1, 2,3",    "--layer",      "3,5,8:12",   "--head",
             "2",          "--merge",   "l2",      "--factors", "scan,no-step", "--rows",     "2:9",
             "--cols",     "0:4",       "--pool",  "2",         "--norm",       "signed-log", "--range=-1,1",
             "--colormap", "RdBu-r",    "--theme", "dark",      "--width-mm",   "120",        "--dpi",
             "600",        "-o",        "F.PNG",   "--json",    "--device",     "cuda:1",     "--dtype",
             "float64",    "--threads", "3"});
  EXPECT_EQ(arguments.command, Arguments::Command::Map);
  EXPECT_EQ(arguments.ids, (std::vector<int64_t>{1, 2, 3}));
  EXPECT_EQ(arguments.layers.resolve(20), (std::vector<int64_t>{3, 5, 8, 9, 10, 11}));
  EXPECT_EQ(arguments.view.map.lanes, (LaneChoice{LaneChoice::Kind::Head, 2, Merge::L2}));
  EXPECT_EQ(arguments.view.map.factors, custom({Factor::Scan, Factor::NoStep}));
  EXPECT_EQ(arguments.view.part, (MapPart{{2, 9}, {0, 4}, 2}));
  EXPECT_EQ(arguments.view.display.normalization, Normalization::SignedLog);
  EXPECT_EQ(arguments.view.display.range, (ValueRange{-1, 1}));
  EXPECT_EQ(arguments.view.display.colorMap, ColorMap::RdBu);
  EXPECT_TRUE(arguments.view.display.isReversed && arguments.paper.isDark && arguments.isJson);
  EXPECT_EQ(arguments.open.device, "cuda:1");
  EXPECT_EQ(arguments.open.dtype, "float64");
  EXPECT_EQ(arguments.threads, 3);
}

TEST(Arguments, DefaultsAreTheContracts) {
  const Arguments arguments = parse({"map", "M", "--text", "", "--layer", "all", "-o", "F.npz"});
  EXPECT_EQ(arguments.view, ViewState{});
  EXPECT_EQ(arguments.view.map.lanes, (LaneChoice{LaneChoice::Kind::All, 0, Merge::MeanAbs}));
  EXPECT_EQ(arguments.view.map.factors, named(Convention::Unified));
  EXPECT_TRUE(arguments.layers.isAll);
  EXPECT_EQ(arguments.text, "");
  EXPECT_EQ(arguments.open.device, "cpu");
}

TEST(Arguments, AHeadIsMergedBySignedMeanUnlessSaidOtherwise) {
  EXPECT_EQ(parse(map({"--head", "1"})).view.map.lanes, (LaneChoice{LaneChoice::Kind::Head, 1, Merge::Mean}));
}

TEST(Arguments, OptionsStandBeforeOrAfterTheCommand) {
  EXPECT_TRUE(parse({"--json", "info", "M"}).isJson);
  EXPECT_TRUE(parse({"info", "--json", "M"}).isJson);
  EXPECT_TRUE(parse({"info", "M", "--json"}).isJson);
}

TEST(Arguments, TextIsTakenAsItIs) {
  for (const std::string text :
       {"[1,2]", "{}", "%%", "a\nb", "--", "-x", "\"quoted\"", "a,b", "@file", "\\n"})
    EXPECT_EQ(parse({"tokens", "M", "--text=" + text}).text, text) << text;
}

TEST(Arguments, NegativeNumbersReachTheModelsOwnCheck) {
  EXPECT_THROW(parse(map({})).layers.resolve(0), Failure);
  EXPECT_THROW(parse({"verify", "M", "--text", "a", "--layer", "-1"}).layers.resolve(3), Failure);
  EXPECT_EQ(parse(map({"--lane", "-3"})).view.map.lanes.index, -3);
  EXPECT_EQ(parse({"tokens", "M", "--ids", "-1"}).ids, std::vector<int64_t>{-1});
}

TEST(Arguments, LayersOutOfRangeNameTheRange) {
  try {
    parseLayers("2,7:9").resolve(8);
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.error().what, "Layer 8 does not exist.");
    EXPECT_EQ(failure.error().todo, "This model has layers 0 … 7.");
  }
}

TEST(Arguments, HelpIsAText) {
  for (const Words& words : {Words{"--help"}, Words{"map", "--help"}, Words{"info", "-h"}}) {
    try {
      parse(words);
      FAIL();
    } catch (const TextWanted& wanted) {
      EXPECT_NE(wanted.text.find("undercurrent-cli"), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace uc
