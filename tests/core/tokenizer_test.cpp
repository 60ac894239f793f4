// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/tokenizer.h"

#include "core/io/json.h"
#include "core/values/error.h"
#include "tests/support/failure.h"
#include "tests/support/temporary_folder.h"

#include <gtest/gtest.h>

namespace uc {

namespace {

using Ids = std::vector<int64_t>;
using Spans = std::vector<std::pair<size_t, size_t>>;

constexpr int64_t kRows = 300;

/// A byte-level tokenizer whose vocabulary is the byte alphabet (byte b has the id b) and what `merges` make
/// of it.
Json byteLevel(const std::vector<std::pair<std::string, std::string>>& merges = {}) {
  Json vocabulary = Json::object();
  int next = 256;
  for (int byte = 0; byte < 256; ++byte) {
    const bool isPlain = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    const int letter = isPlain ? byte : next++;
    std::string text;
    if (letter < 0x80) {
      text += static_cast<char>(letter);
    } else {
      text += static_cast<char>(0xC0 | letter >> 6);
      text += static_cast<char>(0x80 | (letter & 0x3F));
    }
    vocabulary[text] = byte;
  }
  Json list = Json::array();
  for (const auto& [left, right] : merges) {
    list.push_back(Json::array({left, right}));
    vocabulary[left + right] = vocabulary.size();
  }
  return {{"version", "1.0"},
          {"added_tokens", Json::array()},
          {"normalizer", nullptr},
          {"pre_tokenizer", {{"type", "ByteLevel"}, {"add_prefix_space", false}}},
          {"post_processor", nullptr},
          {"decoder", {{"type", "ByteLevel"}}},
          {"model", {{"type", "BPE"}, {"vocab", vocabulary}, {"merges", list}}}};
}

Json added(int64_t id, const std::string& content, Json flags = Json::object()) {
  flags["id"] = id;
  flags["content"] = content;
  return flags;
}

std::unique_ptr<const Tokenizer> open(const Json& json) {
  return tokenizerFromJson(json, "tokenizer.json", kRows);
}

Spans spansOf(const Tokens& tokens) {
  Spans spans;
  for (const Token& token : tokens.list) spans.emplace_back(token.begin, token.end);
  return spans;
}

std::vector<std::string> textsOf(const Tokens& tokens) {
  std::vector<std::string> texts;
  for (const Token& token : tokens.list) texts.push_back(token.text.value());
  return texts;
}

TEST(Tokenizer, SaysItsKindAndSize) {
  const auto tokenizer = open(byteLevel({{"a", "b"}}));
  EXPECT_EQ(tokenizer->kind(), "bpe");
  EXPECT_EQ(tokenizer->size(), 257);
}

TEST(Tokenizer, EmptyTextHasNoTokens) { EXPECT_EQ(open(byteLevel())->encode("").size(), 0); }

TEST(Tokenizer, MergesInTheOrderLearnedAndLeftmostFirst) {
  const auto tokenizer = open(byteLevel({{"a", "a"}, {"b", "c"}, {"a", "b"}}));
  EXPECT_EQ(tokenizer->encode("abc").ids(), (Ids{'a', 257}));
  EXPECT_EQ(tokenizer->encode("aaa").ids(), (Ids{256, 'a'}));
  EXPECT_EQ(tokenizer->encode("abab").ids(), (Ids{258, 258}));
}

TEST(Tokenizer, BytesOfACharacterSplitItsSpan) {
  const Tokens tokens = open(byteLevel())->encode("a€");
  EXPECT_EQ(tokens.ids(), (Ids{'a', 0xE2, 0x82, 0xAC}));
  EXPECT_EQ(spansOf(tokens), (Spans{{0, 1}, {1, 2}, {2, 3}, {3, 4}}));
  EXPECT_EQ(textsOf(tokens), (std::vector<std::string>{"a", "⟨E2⟩", "⟨82⟩", "⟨AC⟩"}));
}

TEST(Tokenizer, NormalizationKeepsSpansInTheOriginalText) {
  Json json = byteLevel();
  json["normalizer"] = {{"type", "NFC"}};
  const Tokens shorter = open(json)->encode("xe\u0301y");  // é has two bytes, its parts three
  EXPECT_EQ(shorter.ids(), (Ids{'x', 0xC3, 0xA9, 'y'}));
  EXPECT_EQ(spansOf(shorter), (Spans{{0, 1}, {1, 2}, {2, 4}, {4, 5}}));
  const Tokens reordered = open(json)->encode("q\u0307\u0323");
  EXPECT_EQ(reordered.ids(), (Ids{'q', 0xCC, 0xA3, 0xCC, 0x87}));
  EXPECT_EQ(spansOf(reordered), (Spans{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}}));
  json["normalizer"] = {{"type", "NFD"}};
  const Tokens longer = open(json)->encode("éy");
  EXPECT_EQ(longer.ids(), (Ids{'e', 0xCC, 0x81, 'y'}));
  EXPECT_EQ(spansOf(longer), (Spans{{0, 1}, {1, 2}, {2, 2}, {2, 3}}));
}

TEST(Tokenizer, ASyllableDoesNotSwallowU11A7) {
  Json json = byteLevel();
  json["normalizer"] = {{"type", "NFC"}};
  const auto tokenizer = open(json);
  EXPECT_EQ(tokenizer->decode(tokenizer->encode("가\u11A7").ids(), false), "가\u11A7");
  EXPECT_EQ(tokenizer->decode(tokenizer->encode("\u1100\u1161\u11A8").ids(), false), "각");
}

TEST(Tokenizer, StepsOfASequenceFollowOneAnother) {
  Json json = byteLevel();
  json["normalizer"] = {{"type", "Sequence"},
                        {"normalizers",
                         {{{"type", "Replace"}, {"pattern", {{"String", "ab"}}}, {"content", "X"}},
                          {{"type", "Lowercase"}},
                          {{"type", "Prepend"}, {"prepend", "_"}}}}};
  const Tokens tokens = open(json)->encode("AabİB");
  EXPECT_EQ(open(json)->decode(tokens.ids(), false), "_axi\u0307b");
  EXPECT_EQ(spansOf(tokens), (Spans{{0, 0}, {0, 1}, {1, 3}, {3, 4}, {4, 5}, {5, 5}, {5, 6}}));
}

TEST(Tokenizer, APrefixSpaceIsNotPartOfTheText) {
  Json json = byteLevel();
  json["pre_tokenizer"] = {{"type", "ByteLevel"}};  // add_prefix_space is on unless it says otherwise
  const Tokens tokens = open(json)->encode("a");
  EXPECT_EQ(tokens.ids(), (Ids{' ', 'a'}));
  EXPECT_EQ(spansOf(tokens), (Spans{{0, 0}, {0, 1}}));
  EXPECT_EQ(open(json)->encode(" a").ids(), (Ids{' ', 'a'}));
}

TEST(Tokenizer, WhatASplitRemovesBelongsToTheNextToken) {
  Json json = byteLevel();
  json["pre_tokenizer"] = {
      {"type", "Split"}, {"pattern", {{"String", "-"}}}, {"behavior", "Removed"}, {"invert", false}};
  const Tokens tokens = open(json)->encode("a-b-");
  EXPECT_EQ(tokens.ids(), (Ids{'a', 'b'}));
  EXPECT_EQ(spansOf(tokens), (Spans{{0, 1}, {1, 4}}));
}

TEST(Tokenizer, FindsTheLongestAddedTokenFirst) {
  Json json = byteLevel();
  json["added_tokens"] = {added(256, "<a>"), added(257, "<a><b>"), added(258, "a>")};
  EXPECT_EQ(open(json)->encode("x<a><b><a>a>").ids(), (Ids{'x', 257, 256, 258}));
}

TEST(Tokenizer, AddedTokensTakeSpacesAndKeepToWords) {
  Json json = byteLevel();
  json["added_tokens"] = {added(256, "<l>", {{"lstrip", true}}), added(257, "<r>", {{"rstrip", true}}),
                          added(258, "word", {{"single_word", true}})};
  const Tokens tokens = open(json)->encode("a \n<l> b<r>\u3000 c");
  EXPECT_EQ(tokens.ids(), (Ids{'a', 256, ' ', 'b', 257, 'c'}));
  EXPECT_EQ(spansOf(tokens), (Spans{{0, 1}, {1, 6}, {6, 7}, {7, 8}, {8, 15}, {15, 16}}));
  EXPECT_EQ(open(json)->encode("a-word.").ids(), (Ids{'a', '-', 258, '.'}));
  EXPECT_EQ(open(json)->encode("words").ids(), (Ids{'w', 'o', 'r', 'd', 's'}));
}

TEST(Tokenizer, TokensWithinStrippedSpaceStayAsInTheReference) {
  Json json = byteLevel();
  json["added_tokens"] = {added(256, "<r>", {{"rstrip", true}, {"normalized", false}}),
                          added(257, "  ", {{"normalized", false}})};
  const Tokens tokens = open(json)->encode("<r>   x");
  EXPECT_EQ(tokens.ids(), (Ids{256, 257, ' ', 'x'}));
  EXPECT_EQ(spansOf(tokens), (Spans{{0, 6}, {6, 6}, {6, 6}, {6, 7}}));
}

TEST(Tokenizer, OneTokenTakesAWholeRunOfSpaces) {
  Json json = byteLevel();
  json["pre_tokenizer"] = nullptr;
  json["added_tokens"] = Json::array({added(256, "  ", {{"lstrip", true}, {"rstrip", true}})});
  EXPECT_EQ(open(json)->encode("a      b").ids(), (Ids{'a', 256, 'b'}));
}

TEST(Tokenizer, TheTemplatePutsTokensAroundTheText) {
  Json json = byteLevel();
  json["added_tokens"] = {added(256, "<s>", {{"special", true}}), added(257, "</s>", {{"special", true}})};
  const Json text = {{"Sequence", {{"id", "A"}}}};
  const auto special = [](const char* name) { return Json{{"SpecialToken", {{"id", name}}}}; };
  json["post_processor"] = {
      {"type", "Sequence"},
      {"processors",
       {{{"type", "ByteLevel"}},
        {{"type", "TemplateProcessing"},
         {"single", Json::array({special("b"), text, special("e")})},
         {"special_tokens", {{"b", {{"ids", {256}}}}, {"e", {{"ids", {257, 257}}}}}}}}}};
  const Tokens tokens = open(json)->encode("hi");
  EXPECT_EQ(tokens.ids(), (Ids{256, 'h', 'i', 257, 257}));
  EXPECT_EQ(spansOf(tokens), (Spans{{0, 0}, {0, 1}, {1, 2}, {2, 2}, {2, 2}}));
  EXPECT_EQ(tokens.list[0].text, "<s>");
  EXPECT_EQ(open(json)->encode("").ids(), (Ids{256, 257, 257}));
  EXPECT_EQ(open(json)->decode(tokens.ids(), true), "hi");
  EXPECT_EQ(open(json)->decode(tokens.ids(), false), "<s>hi</s></s>");
}

TEST(Tokenizer, DecodingReplacesWhatIsNoUtf8AndSkipsUnknownIds) {
  const auto tokenizer = open(byteLevel());
  EXPECT_EQ(tokenizer->decode({0xE2, 0x82, 'a', 299, -1}, false), "\uFFFDa");
  EXPECT_EQ(tokenizer->bytes(0xE2), "\xE2");
  EXPECT_EQ(tokenizer->bytes(299), std::nullopt);
  EXPECT_EQ(tokenizer->bytes(-1), std::nullopt);
}

TEST(Tokenizer, WithoutADecoderTokensAreJoinedBySpaces) {
  Json json = byteLevel();
  json["decoder"] = nullptr;
  EXPECT_EQ(open(json)->decode({'a', ' ', 'b'}, false), "a Ġ b");
}

Json plainModel() {
  return {{"pre_tokenizer", nullptr},
          {"model",
           {{"type", "BPE"},
            {"vocab", {{"<unk>", 0}, {"a", 1}, {"b", 2}, {"ab", 3}, {"<0xC3>", 4}, {"<0xA9>", 5}}},
            {"merges", {"#version: 0.2", "a b"}}}}};
}

TEST(Tokenizer, UnknownCharactersAreDroppedOrBecomeTheUnknownToken) {
  Json json = plainModel();
  EXPECT_EQ(open(json)->encode("xabx").ids(), (Ids{3}));
  EXPECT_EQ(spansOf(open(json)->encode("xabx")), (Spans{{0, 4}}));
  json["model"]["unk_token"] = "<unk>";
  EXPECT_EQ(open(json)->encode("xxa").ids(), (Ids{0, 0, 1}));
  json["model"]["fuse_unk"] = true;
  EXPECT_EQ(open(json)->encode("xxa").ids(), (Ids{0, 1}));
  EXPECT_EQ(spansOf(open(json)->encode("xxa")), (Spans{{0, 2}, {2, 3}}));
  json["model"]["byte_fallback"] = true;
  EXPECT_EQ(open(json)->encode("éa").ids(), (Ids{4, 5, 1}));
}

TEST(Tokenizer, WholeWordsMayGoBeforeMerges) {
  Json json = plainModel();
  json["model"]["merges"] = Json::array();
  EXPECT_EQ(open(json)->encode("ab").ids(), (Ids{1, 2}));
  json["model"]["ignore_merges"] = true;
  EXPECT_EQ(open(json)->encode("ab").ids(), (Ids{3}));
}

TEST(Tokenizer, RefusesTextThatIsNotUtf8) {
  const auto tokenizer = open(byteLevel());
  for (const auto& [text, offset] :
       std::vector<std::pair<std::string, std::string>>{{"a\xFF", "byte 1"},
                                                        {"ab\xE2\x82", "byte 2"},
                                                        {"\xC0\x80", "byte 0"},
                                                        {"\xED\xA0\x80", "byte 0"},
                                                        {"x\xF4\x90\x80\x80", "byte 1"}}) {
    const Error error = test::failureOf([&] { tokenizer->encode(text); });
    EXPECT_EQ(error.what, "The text is not valid UTF-8.");
    EXPECT_EQ(error.where, offset);
  }
  EXPECT_EQ(tokenizer->encode(std::string("\0\xF4\x8F\xBF\xBF", 5)).size(), 5);
}

TEST(Tokenizer, OpensTheFileOfAFolderOrNone) {
  const test::TemporaryFolder folder;
  EXPECT_EQ(openTokenizer(folder.path(), kRows), nullptr);
  folder.write("tokenizer.json", byteLevel().dump());
  EXPECT_EQ(openTokenizer(folder.path(), kRows)->encode("a").ids(), Ids{'a'});
  folder.write("tokenizer.json", "{\"model\":7}");
  const Error error = test::failureOf([&] { openTokenizer(folder.path(), kRows); });
  EXPECT_EQ(error.what, "The tokenizer has no model.");
  EXPECT_NE(error.where.find("tokenizer.json"), std::string::npos);
}

TEST(TokenText, ShowsBytesThatAreNoText) {
  EXPECT_EQ(tokenText("é"), "é");
  EXPECT_EQ(tokenText("a\xC3"), "⟨61⟩⟨C3⟩");
  EXPECT_EQ(tokenText(""), "");
}

}  // namespace

}  // namespace uc
