// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/values/pieces.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace uc {
namespace {

/// Tokens that tile the text in these parts.
Tokens tokensOf(const std::vector<std::string>& parts) {
  Tokens tokens;
  for (const std::string& part : parts) {
    const size_t begin = tokens.text.size();
    tokens.text += part;
    tokens.list.push_back({0, part, begin, tokens.text.size()});
  }
  return tokens;
}

std::vector<std::string> textsOf(const Tokens& tokens, Granularity granularity) {
  std::vector<std::string> texts;
  for (const Piece& piece : pieces(tokens, granularity)) texts.push_back(textOf(tokens, piece));
  return texts;
}

/// Every character is a token.
std::vector<std::string> wordsOf(const std::string& text) {
  std::vector<std::string> parts;
  for (const char c : text) parts.emplace_back(1, c);
  return textsOf(tokensOf(parts), Granularity::Word);
}

std::vector<std::string> sentencesOf(const std::string& text) {
  std::vector<std::string> parts;
  for (const char c : text) parts.emplace_back(1, c);
  return textsOf(tokensOf(parts), Granularity::Sentence);
}

using Texts = std::vector<std::string>;

TEST(Pieces, OfTokensAreTheTokens) {
  const Tokens tokens = tokensOf({"In", " the", " est", "uary"});
  EXPECT_EQ(pieces(tokens, Granularity::Token), (std::vector<Piece>{{0, 1}, {1, 2}, {2, 3}, {3, 4}}));
}

TEST(Pieces, WordsTakeTheWhiteSpaceBeforeThemAndPunctuationStandsAlone) {
  EXPECT_EQ(textsOf(tokensOf({"In", " the", " est", "uary", ",", " the", " pier", "."}), Granularity::Word),
            (Texts{"In", " the", " estuary", ",", " the", " pier", "."}));
  EXPECT_EQ(wordsOf("runs. \n When (it)..."), (Texts{"runs", ".", " \n When", " (", "it", ")", "..."}));
}

TEST(Pieces, ApostrophesAndNumbersStayWhole) {
  EXPECT_EQ(wordsOf("don't pay 1,536.5, o'clock'"),
            (Texts{"don't", " pay", " 1,536.5", ",", " o'clock", "'"}));
}

TEST(Pieces, WordsOfChineseAreCharacters) {
  EXPECT_EQ(wordsOf("\u6f6e\u6c34\u3002a\u5c71"), (Texts{"\u6f6e", "\u6c34", "\u3002", "a", "\u5c71"}));
}

TEST(Pieces, ByteTokensNeverSplitACharacter) {
  for (const std::string text : {"caf\u00e9 \U0001F30A tide", "\u6f6e\u6c34", "na\u00efve"})
    for (const auto& texts : {wordsOf(text), sentencesOf(text)})
      for (const std::string& piece : texts)
        EXPECT_NE(static_cast<unsigned char>(piece[0]) & 0xC0U, 0x80U) << text;
}

TEST(Pieces, ATokenThatHoldsSeveralWordsIsNotSplit) {
  EXPECT_EQ(textsOf(tokensOf({"the", ".\n", "When", " (un", "der", ")"}), Granularity::Word),
            (Texts{"the", ".\n", "When", " (under", ")"}));
}

TEST(Pieces, SentencesEndWithStopsBeforeWhiteSpaceAndWithLines) {
  EXPECT_EQ(sentencesOf("It is 3.14. \"Is it?\" she said! Yes\u2026 no.\nTitle\nEnd"),
            (Texts{"It is 3.14.", " \"Is it?\"", " she said!", " Yes\u2026", " no.", "\nTitle", "\nEnd"}));
  EXPECT_EQ(sentencesOf("\u6f6e\u6c34\u3002\u300c\u5c71\uff01\u300d\u5c71"),
            (Texts{"\u6f6e\u6c34\u3002", "\u300c\u5c71\uff01\u300d", "\u5c71"}));
}

TEST(Pieces, TokensThatAreNotOfTheTextStandAlone) {
  Tokens tokens = tokensOf({"un", "der"});
  tokens.list.insert(tokens.list.begin(), {1, "<bos>", 0, 0});
  tokens.list.push_back({2, "<eos>", 0, 0});
  EXPECT_EQ(pieces(tokens, Granularity::Word), (std::vector<Piece>{{0, 1}, {1, 3}, {3, 4}}));
  EXPECT_EQ(textOf(tokens, {0, 1}), "<bos>");
  tokens.text.clear();
  EXPECT_EQ(pieces(tokens, Granularity::Sentence).size(), 4U);
  EXPECT_TRUE(pieces({}, Granularity::Word).empty());
}

TEST(Pieces, AreFoundByToken) {
  const std::vector<Piece> list{{0, 1}, {1, 3}, {3, 4}};
  EXPECT_EQ(pieceOf(list, 0), 0);
  EXPECT_EQ(pieceOf(list, 2), 1);
  EXPECT_EQ(pieceOf(list, 4), std::nullopt);
}

/// A causal map whose entry (q, k) is 10·q + k.
std::optional<double> causal(int64_t query, int64_t key) {
  if (key > query) return std::nullopt;
  return static_cast<double>(10 * query + key);
}

TEST(PieceValues, SumOverTheKeysAndAverageOverTheQueries) {
  const std::vector<Piece> list{{0, 1}, {1, 3}, {3, 4}};
  const auto row = pieceValues(list, {2, 3}, false, causal);
  EXPECT_EQ(row[0], (PieceValue{20.0, true}));
  EXPECT_EQ(row[1], (PieceValue{21.0 + 22.0, true}));
  EXPECT_FALSE(row[2].isAttended);
  const auto column = pieceValues(list, {1, 2}, true, causal);
  EXPECT_FALSE(column[0].isAttended);
  EXPECT_EQ(column[1], (PieceValue{(11.0 + 21.0) / 2.0, true}));
  EXPECT_EQ(column[2], (PieceValue{31.0, true}));
  // both: of the queries 1 and 2, of which 1 does not see 2
  EXPECT_EQ(pieceValue({1, 3}, {1, 3}, causal), (PieceValue{(11.0 + 21.0 + 22.0) / 2.0, true}));
}

TEST(PieceValues, AreNotFiniteWhereAnEntryIsNot) {
  const auto entry = [](int64_t, int64_t key) -> std::optional<double> {
    return key == 1 ? std::numeric_limits<double>::quiet_NaN() : 1.0;
  };
  EXPECT_TRUE(std::isnan(pieceValue({0, 1}, {0, 3}, entry).value));
  EXPECT_EQ(pieceValue({0, 1}, {2, 4}, entry).value, 2.0);
}

}  // namespace
}  // namespace uc
