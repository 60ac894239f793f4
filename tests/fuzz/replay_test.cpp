// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT
//
// Every target over its committed corpus: what fuzzing has covered stays covered, under the sanitizers too.

#include "tests/fuzz/targets.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

namespace uc::fuzz {
namespace {

namespace fs = std::filesystem;

class Replay : public testing::TestWithParam<Target> {};

TEST_P(Replay, EveryInputOfTheCorpusIsAnswered) {
  size_t count = 0;
  for (const fs::directory_entry& entry :
       fs::directory_iterator(fs::path(SOURCE_FOLDER) / "tests/fuzz/corpus" / GetParam().name)) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::vector<char> content{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    SCOPED_TRACE(entry.path().filename().string());
    guarded(GetParam().run, {reinterpret_cast<const uint8_t*>(content.data()), content.size()});
    ++count;
  }
  EXPECT_GT(count, 0u);
}

TEST_P(Replay, NothingAtAllIsAnswered) { guarded(GetParam().run, {}); }

INSTANTIATE_TEST_SUITE_P(Fuzz, Replay, testing::ValuesIn(targets().begin(), targets().end()),
                         [](const auto& each) { return std::string(each.param.name); });

}  // namespace
}  // namespace uc::fuzz
