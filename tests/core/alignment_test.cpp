// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/values/alignment.h"

#include "tests/support/failure.h"

#include <gtest/gtest.h>

namespace uc {
namespace {

/// Tokens of `text` that end at these bytes, after `bare` tokens without characters.
Tokens cut(const std::string& text, const std::vector<size_t>& ends, int bare = 0) {
  Tokens tokens;
  tokens.text = text;
  for (int k = 0; k < bare; ++k) tokens.list.push_back({0, std::nullopt, 0, 0});
  size_t begin = 0;
  for (size_t end : ends) {
    tokens.list.push_back({1, text.substr(begin, end - begin), begin, end});
    begin = end;
  }
  return tokens;
}

TEST(Alignment, SegmentsEndWhereBothInputsEndAToken) {
  // "under|current| runs" and "un|der|cur|rent run|s" meet behind "under" and at the end.
  const Tokens a = cut("undercurrent runs", {5, 12, 17}), b = cut("undercurrent runs", {2, 5, 8, 16, 17});
  const std::vector<AlignedSegment> expected{{0, 5, {0, 1}, {0, 2}}, {5, 17, {1, 3}, {2, 5}}};
  EXPECT_EQ(alignByCharacters(a, b), expected);
}

TEST(Alignment, TokensWithoutCharactersArePairedOrLeftOut) {
  const Tokens a = cut("ab", {1, 2}, 1);
  EXPECT_EQ(alignByCharacters(a, cut("ab", {2}, 1)),
            (std::vector<AlignedSegment>{{0, 0, {0, 1}, {0, 1}}, {0, 2, {1, 3}, {1, 2}}}));
  EXPECT_EQ(alignByCharacters(a, cut("ab", {2})), (std::vector<AlignedSegment>{{0, 2, {1, 3}, {0, 1}}}));
}

TEST(Alignment, SpaceThatBelongsToNoTokenLiesOnEitherSideOfABorder) {
  Tokens a;
  a.text = "to be";
  a.list = {{1, "to", 0, 2}, {2, "be", 3, 5}};
  EXPECT_EQ(alignByCharacters(a, cut("to be", {3, 5})),
            (std::vector<AlignedSegment>{{0, 3, {0, 1}, {0, 1}}, {3, 5, {1, 2}, {1, 2}}}));
  EXPECT_EQ(alignByCharacters(a, cut("to be", {2, 5})).size(), 2U);
}

TEST(Alignment, PiecesOfOneCharacterStayTogether) {
  Tokens a;
  a.text = "é!";  // two tokens of bytes that both name the whole character
  a.list = {{1, "⟨C3⟩", 0, 2}, {2, "⟨A9⟩", 0, 2}, {3, "!", 2, 3}};
  EXPECT_EQ(alignByCharacters(a, cut("é!", {2, 3})),
            (std::vector<AlignedSegment>{{0, 2, {0, 2}, {0, 1}}, {2, 3, {2, 3}, {1, 2}}}));
}

TEST(Alignment, DifferentTextsAreRefused) {
  EXPECT_EQ(test::failureOf([] { alignByCharacters(cut("ab", {2}), cut("ac", {2})); }).what,
            "The inputs are different texts.");
  EXPECT_EQ(test::failureOf([] { alignByCharacters(cut("ab", {2}), Tokens{}); }).where, "input B");
}

TEST(Alignment, RowsAreMeansAndKeysAreSums) {
  const std::vector<AlignedSegment> segments{{0, 2, {1, 3}, {0, 1}}, {2, 3, {3, 4}, {1, 2}}};
  Matrix map(4, 4);
  for (int64_t i = 0; i < 4; ++i)
    for (int64_t j = 0; j <= i; ++j) map.at(i, j) = static_cast<float>(10 * i + j);
  const Matrix aligned = alignedMap(map, segments, &AlignedSegment::a);
  ASSERT_EQ(aligned.rows, 2);
  EXPECT_FLOAT_EQ(aligned.at(0, 0), (11.0F + 21.0F + 22.0F) / 2.0F);
  EXPECT_FLOAT_EQ(aligned.at(0, 1), 0.0F);
  EXPECT_FLOAT_EQ(aligned.at(1, 0), 31.0F + 32.0F);
  EXPECT_FLOAT_EQ(aligned.at(1, 1), 33.0F);
  EXPECT_EQ(test::failureOf([&] { alignedMap(Matrix(3, 3), segments, &AlignedSegment::a); }).what,
            "The map is not of the aligned input.");
}

}  // namespace
}  // namespace uc
