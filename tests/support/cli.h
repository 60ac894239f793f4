// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "tests/support/program.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace uc::test {

using Json = nlohmann::json;
using Words = std::vector<std::string>;

inline ProgramResult cli(const Words& words) { return runProgram("undercurrent-cli", words); }

/// What a command that succeeds prints with --json.
inline Json output(const ProgramResult& result) {
  EXPECT_EQ(result.status, 0) << result.err;
  return Json::parse(result.out);
}

/// A failure's one line on stderr, with nothing on stdout.
inline void expectOneLine(const ProgramResult& result, int status, const std::string& part) {
  EXPECT_EQ(result.status, status) << result.err;
  EXPECT_EQ(result.out, "");
  EXPECT_TRUE(result.err.starts_with("undercurrent-cli: ")) << result.err;
  EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
  EXPECT_LE(result.err.size(), 600u);
  EXPECT_NE(result.err.find(part), std::string::npos) << result.err;
}

}  // namespace uc::test
