// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/tokenizer.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace uc {

namespace {

std::string dataFile(const std::string& name) {
  return std::string(SOURCE_FOLDER) + "/tests/data/tokenizer/" + name;
}

/// The bytes of "c3 a9", one word of hexadecimal digits a token.
std::vector<std::string> bytesOf(const std::string& text) {
  std::vector<std::string> result;
  for (size_t at = 0; at < text.size(); ++at) {
    if (at == 0 || text[at] == ' ') result.emplace_back();
    if (text[at] == ' ') continue;
    result.back().push_back(static_cast<char>(std::stoi(text.substr(at, 2), nullptr, 16)));
    ++at;
  }
  return result;
}

/// Files made by the reference library (tools/make_golden_tokenizer.py).
class TokenizerGolden : public testing::TestWithParam<const char*> {
 protected:
  std::unique_ptr<const Tokenizer> tokenizer = tokenizerFromJson(
      readJson(dataFile(std::string(GetParam()) + ".json")), std::string(GetParam()), 50280);
  Json cases(const std::string& kind) const { return readJson(dataFile(GetParam() + kind)); }
};

TEST_P(TokenizerGolden, EncodesToTheReferencesIds) {
  int compared = 0;
  for (const Json& one : cases(".golden.json")) {
    if (one.value("sensitive", false)) continue;  // the answer depends on the version of Unicode
    const auto text = one["text"].get<std::string>();
    const Tokens tokens = tokenizer->encode(text);
    EXPECT_EQ(tokens.ids(), one["ids"].get<std::vector<int64_t>>()) << text;
    ++compared;
  }
  EXPECT_GT(compared, 300);
}

TEST_P(TokenizerGolden, SpansTileTheText) {
  for (const Json& one : cases(".golden.json")) {
    const auto text = one["text"].get<std::string>();
    const Tokens tokens = tokenizer->encode(text);
    size_t end = 0;
    for (size_t n = 0; n < tokens.list.size(); ++n) {
      const Token& token = tokens.list[n];
      EXPECT_EQ(token.begin, end) << text;
      EXPECT_GE(token.end, token.begin) << text;
      end = token.end;
      if (one["tiled"].is_null() || one.value("sensitive", false)) continue;
      EXPECT_EQ(token.begin, one["tiled"][n][0].get<size_t>()) << text << ", token " << n;
      EXPECT_EQ(token.end, one["tiled"][n][1].get<size_t>()) << text << ", token " << n;
    }
    if (tokens.size() == 0) continue;
    EXPECT_EQ(end, text.size()) << text;
  }
}

TEST_P(TokenizerGolden, BytesAreThoseOfEachToken) {
  for (const Json& one : cases(".golden.json")) {
    const auto expected = bytesOf(one["bytes"].get<std::string>());
    const auto ids = one["ids"].get<std::vector<int64_t>>();
    ASSERT_EQ(ids.size(), expected.size());
    for (size_t n = 0; n < ids.size(); ++n) EXPECT_EQ(tokenizer->bytes(ids[n]), expected[n]) << ids[n];
  }
}

TEST_P(TokenizerGolden, DecodesAsTheReference) {
  for (const Json& one : cases(".decode.json")) {
    const auto ids = one["ids"].get<std::vector<int64_t>>();
    EXPECT_EQ(tokenizer->decode(ids, one["skip_special_tokens"].get<bool>()), one["text"].get<std::string>());
  }
}

INSTANTIATE_TEST_SUITE_P(Files, TokenizerGolden,
                         testing::Values("neox-small", "neox-small-pairs", "flags", "gpt2-style"),
                         [](const auto& file) {
                           std::string name = file.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace

}  // namespace uc
