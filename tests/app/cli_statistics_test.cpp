// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "tests/support/cli.h"
#include "tests/support/npy.h"
#include "tests/support/temporary_folder.h"

#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

namespace uc::test {
namespace {

const std::string kTied = std::string(TEST_DATA) + "/mamba/hf-tied";
const Words kInput = {"--ids", "1,2,3,4,5,6,7,8,9,10,11,12"};

Words statistics(const Words& more) {
  Words words{"statistics", kTied};
  words.insert(words.end(), kInput.begin(), kInput.end());
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

std::vector<std::vector<std::string>> cellsOf(const std::string& csv) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream lines(csv);
  for (std::string line; std::getline(lines, line);) {
    std::vector<std::string>& cells = rows.emplace_back(1);
    for (const char c : line) {
      if (c == ',') {
        cells.emplace_back();
      } else {
        cells.back() += c;
      }
    }
  }
  return rows;
}

TEST(CliStatistics, WritesALineForEveryLaneOfEveryLayer) {
  const TemporaryFolder folder;
  const std::string file = (folder / "lanes.csv").string();
  const ProgramResult result = cli(statistics({"-o", file}));
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.out, "");
  const std::string csv = readBytes(file);
  EXPECT_TRUE(
      csv.starts_with("layer,lane,mean_distance,entropy,diagonal_share,first_token_share,sign_balance,"
                      "half_life,output_share,rows,roles\n"));
  const auto rows = cellsOf(csv);
  ASSERT_EQ(rows.size(), 1U + 3 * 48);
  for (size_t i = 1; i < rows.size(); ++i) {
    ASSERT_EQ(rows[i].size(), 11U);
    EXPECT_EQ(rows[i][0], std::to_string((i - 1) / 48));
    EXPECT_EQ(rows[i][1], std::to_string((i - 1) % 48));
    EXPECT_EQ(rows[i][9], "12");
  }
}

TEST(CliStatistics, DescribesTheUnifiedMapOfTheLane) {
  const TemporaryFolder folder;
  const std::string file = (folder / "lanes.csv").string();
  const std::string mapFile = (folder / "map.csv").string();
  const Json json = output(cli(statistics({"--layer", "1", "--dtype", "float64", "--json", "-o", file})));
  ASSERT_EQ(json["statistics"].size(), 48U);
  Words map{"map", kTied, "--layer", "1", "--lane", "7", "--dtype", "float64", "-o", mapFile};
  map.insert(map.end(), kInput.begin(), kInput.end());
  ASSERT_EQ(cli(map).status, 0);
  const auto cells = cellsOf(readBytes(mapFile));
  double mass = 0.0, distance = 0.0, sign = 0.0;
  for (size_t t = 0; t < cells.size(); ++t) {
    for (size_t s = 0; s <= t; ++s) {
      const double value = std::stod(cells[t][s]);
      mass += std::abs(value);
      sign += value;
      distance += std::abs(value) * static_cast<double>(t - s);
    }
  }
  const Json& lane = json["statistics"][7];
  EXPECT_EQ(lane["layer"], 1);
  EXPECT_EQ(lane["lane"], 7);
  EXPECT_NEAR(lane["mean_distance"].get<double>(), distance / mass, 1e-9);
  EXPECT_NEAR(lane["sign_balance"].get<double>(), sign / mass, 1e-9);
  EXPECT_TRUE(lane["roles"].is_array());
}

TEST(CliStatistics, AnNpzHoldsAnArrayForEveryColumn) {
  const TemporaryFolder folder;
  const std::string file = (folder / "lanes.npz").string();
  ASSERT_EQ(cli(statistics({"--layer", "0,2", "-o", file})).status, 0);
  const std::string bytes = readBytes(file);
  for (const char* name : {"layer", "lane", "mean_distance", "entropy", "diagonal_share", "first_token_share",
                           "sign_balance", "half_life", "output_share", "rows", "roles"}) {
    EXPECT_NE(bytes.find(std::string(name) + ".npy"), std::string::npos) << name;
  }
  EXPECT_NE(bytes.find("(96,)"), std::string::npos);
}

TEST(CliStatistics, RefusesWhatItCannotDo) {
  EXPECT_EQ(cli(statistics({})).status, 2);
  EXPECT_EQ(cli(statistics({"-o", "lanes.npy"})).status, 2);
  const TemporaryFolder folder;
  const std::string file = (folder / "lanes.csv").string();
  expectOneLine(cli(statistics({"--layer", "3", "-o", file})), 1, "Layer 3 does not exist.");
  EXPECT_FALSE(std::filesystem::exists(file));
}

}  // namespace
}  // namespace uc::test
