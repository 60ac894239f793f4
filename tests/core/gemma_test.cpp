// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/json.h"
#include "core/io/tokenizer.h"
#include "tests/support/spans.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace uc {

namespace {

using Ids = std::vector<int64_t>;

std::string dataFile(const std::string& name) {
  return std::string(SOURCE_FOLDER) + "/tests/data/tokenizer/" + name;
}

std::unique_ptr<const Tokenizer> open(const std::string& name) {
  return tokenizerFromJson(readJson(dataFile(name + ".json")), name, 1024);
}

/// Tokenizers of Gemma's, Llama's and Falcon's shapes (tools/make_golden_tokenizer_more.py).
class ShapedGolden : public testing::TestWithParam<const char*> {
 protected:
  std::unique_ptr<const Tokenizer> tokenizer = open(GetParam());
  Json cases(const std::string& kind) const { return readJson(dataFile(GetParam() + kind)); }
};

TEST_P(ShapedGolden, EncodesToTheReferencesIds) {
  const Json all = cases(".golden.json");
  EXPECT_GT(all.size(), 180u);
  for (const Json& one : all) {
    const auto text = one["text"].get<std::string>();
    EXPECT_EQ(tokenizer->encode(text).ids(), one["ids"].get<Ids>()) << text;
  }
}

TEST_P(ShapedGolden, SpansTileTheText) {
  for (const Json& one : cases(".golden.json")) {
    const Tokens tokens = tokenizer->encode(one["text"].get<std::string>());
    test::expectTiled(tokens);
    if (!one.contains("tiled")) continue;
    for (size_t n = 0; n < tokens.list.size(); ++n) {
      EXPECT_EQ(tokens.list[n].begin, one["tiled"][n][0].get<size_t>()) << tokens.text << ", token " << n;
      EXPECT_EQ(tokens.list[n].end, one["tiled"][n][1].get<size_t>()) << tokens.text << ", token " << n;
    }
  }
}

TEST_P(ShapedGolden, DecodesAsTheReference) {
  for (const Json& one : cases(".decode.json")) {
    const auto ids = one["ids"].get<Ids>();
    EXPECT_EQ(tokenizer->decode(ids, one["skip_special_tokens"].get<bool>()), one["text"].get<std::string>());
  }
}

INSTANTIATE_TEST_SUITE_P(Files, ShapedGolden,
                         testing::Values("gemma-small", "llama-small", "metaspace-first", "metaspace-split",
                                         "falcon-small"),
                         [](const auto& file) {
                           std::string name = file.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(Gemma, SaysItsKind) {
  EXPECT_EQ(open("gemma-small")->kind(), "gemma");
  EXPECT_EQ(open("llama-small")->kind(), "bpe");
  EXPECT_EQ(open("metaspace-first")->kind(), "bpe");
  EXPECT_EQ(open("falcon-small")->kind(), "bpe");
}

TEST(Gemma, BeginsWithBosThatHasNoBytes) {
  const auto tokenizer = open("gemma-small");
  const Tokens empty = tokenizer->encode("");
  ASSERT_EQ(empty.ids(), Ids{2});
  EXPECT_EQ(empty.list[0], (Token{2, "<bos>", 0, 0}));
  EXPECT_EQ(tokenizer->encode("a").list[0], (Token{2, "<bos>", 0, 0}));
}

TEST(Gemma, BytesSplitACharacter) {
  const Tokens tokens = open("gemma-small")->encode("🦀");  // no piece: four byte tokens
  ASSERT_EQ(tokens.size(), 5);
  EXPECT_EQ(tokens.list[1].text, "⟨F0⟩");
  EXPECT_EQ(tokens.list[1].begin, 0u);
  EXPECT_EQ(tokens.list[4].text, "⟨80⟩");
  EXPECT_EQ(tokens.list[4].end, 4u);
  EXPECT_EQ(open("gemma-small")->bytes(tokens.list[1].id), "\xF0");
}

TEST(Gemma, ATabIsOnePieceOfItsOwn) {
  const Tokens tokens = open("gemma-small")->encode("\t");
  ASSERT_EQ(tokens.size(), 2);
  EXPECT_EQ(open("gemma-small")->bytes(tokens.list[1].id), "\t");
}

TEST(Gemma, APieceBeginsWithItsSpace) {
  const auto tokenizer = open("gemma-small");
  const Tokens tokens = tokenizer->encode("a the");
  EXPECT_EQ(tokens.list.back().text, " the");
  EXPECT_EQ(tokenizer->bytes(tokens.list.back().id), " the");
  EXPECT_EQ(tokenizer->decode(tokens.ids(), true), "a the");
  EXPECT_EQ(tokenizer->decode(tokens.ids(), false), "<bos>a the");
}

TEST(Gemma, OneLongSegmentIsMergedThroughout) {
  // A merge that scanned all pairs each time would need hours for this.
  std::string text;
  while (text.size() < 1'000'000) text += "the attention of the model ";
  const auto tokenizer = open("gemma-small");
  const Tokens tokens = tokenizer->encode(text);
  test::expectTiled(tokens);
  EXPECT_EQ(tokenizer->decode(tokens.ids(), true), text);
  EXPECT_LT(tokens.size(), 500'000);
}

TEST(Gemma, BytesThatAreNoCharacterAreReplacedOneByOne) {
  const auto tokenizer = open("gemma-small");
  const Ids crab = tokenizer->encode("🦀").ids();
  EXPECT_EQ(tokenizer->decode({crab[1], crab[2]}, false), "\uFFFD\uFFFD");
}

}  // namespace

}  // namespace uc
