// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/split_pattern.h"

#include "core/io/pretokenizer.h"
#include "core/io/unicode.h"

#include <gtest/gtest.h>

#include <string>

namespace uc {

namespace {

using Words = std::vector<std::string>;

/// The stretches of a text, those between matches in brackets.
Words words(SplitPattern pattern, const std::string& text) {
  Words result;
  size_t end = 0;
  for (const Stretch& stretch : findStretches(pattern, text)) {
    EXPECT_EQ(stretch.begin, end);
    end = stretch.end;
    const std::string word = text.substr(stretch.begin, stretch.end - stretch.begin);
    result.push_back(stretch.isMatch ? word : "[" + word + "]");
  }
  EXPECT_EQ(end, text.size());
  return result;
}

TEST(SplitPattern, KnowsPatternsByTheirExactSpelling) {
  EXPECT_EQ(splitPatternSpelled(R"(\p{N}{1,3})"), SplitPattern::UpToThree);
  EXPECT_EQ(splitPatternSpelled(R"(\p{N}{1,4})"), std::nullopt);
  EXPECT_EQ(splitPatternSpelled(""), std::nullopt);
}

TEST(SplitPattern, Gpt2PutsTheSpaceBeforeTheWord) {
  EXPECT_EQ(words(SplitPattern::Gpt2, "don't stop  now"), (Words{"don", "'t", " stop", " ", " now"}));
  EXPECT_EQ(words(SplitPattern::Gpt2, "a1²Ⅳ!?x"), (Words{"a", "1²Ⅳ", "!?", "x"}));
  EXPECT_EQ(words(SplitPattern::Gpt2, "DON'T"), (Words{"DON", "'", "T"}));
  EXPECT_EQ(words(SplitPattern::Gpt2, "we'llx 'vex"), (Words{"we", "'ll", "x", " '", "vex"}));
}

TEST(SplitPattern, Gpt2KeepsTheLastSpaceForWhatFollows) {
  EXPECT_EQ(words(SplitPattern::Gpt2, "a\n\n\tb"), (Words{"a", "\n\n", "\t", "b"}));
  EXPECT_EQ(words(SplitPattern::Gpt2, "a   "), (Words{"a", "   "}));
  EXPECT_EQ(words(SplitPattern::Gpt2, "\u3000\u3000x"), (Words{"\u3000", "\u3000", "x"}));
}

TEST(SplitPattern, Llama3TakesThreeDigitsAndContractionsOfAnyCase) {
  EXPECT_EQ(words(SplitPattern::Llama3, "DON'T 12345"), (Words{"DON", "'T", " ", "123", "45"}));
  EXPECT_EQ(words(SplitPattern::Llama3, "x'\u017F"), (Words{"x", "'\u017F"}));
  EXPECT_EQ(words(SplitPattern::Qwen2, "12345"), (Words{"1", "2", "3", "4", "5"}));
}

TEST(SplitPattern, Llama3SetsLineEndsApart) {
  EXPECT_EQ(words(SplitPattern::Llama3, "a!\r\n\n b"), (Words{"a", "!\r\n\n", " b"}));
  EXPECT_EQ(words(SplitPattern::Llama3, "a \n \n  b"), (Words{"a", " \n \n", " ", " b"}));
  EXPECT_EQ(words(SplitPattern::Llama3, "\tab\n"), (Words{"\tab", "\n"}));
  EXPECT_EQ(words(SplitPattern::Llama3, "(ab"), (Words{"(ab"}));
}

TEST(SplitPattern, DigitsInThrees) {
  EXPECT_EQ(words(SplitPattern::UpToThree, "a1234b²"), (Words{"[a]", "123", "4", "[b]", "²"}));
  EXPECT_EQ(words(SplitPattern::ThreeDigits, "1234ab12"), (Words{"123", "[4ab12]"}));
}

/// The words that a pre-tokenizer cuts a text into.
Words cut(const std::string& json, const std::string& text) {
  const AlignedText aligned = PreTokenizer(parseJson(json, "x"), "x").apply(AlignedText(text));
  Words result;
  for (const Piece& piece : aligned.pieces) result.emplace_back(aligned.view(piece));
  return result;
}

TEST(PreTokenizer, SplitsAsTheReferenceNamesIt) {
  const auto split = [](const std::string& behavior, const std::string& invert = "false") {
    return cut(R"({"type":"Split","pattern":{"String":"-"},"behavior":")" + behavior + R"(","invert":)" +
                   invert + "}",
               "the-final--countdown");
  };
  EXPECT_EQ(split("Removed"), (Words{"the", "final", "countdown"}));
  EXPECT_EQ(split("Isolated"), (Words{"the", "-", "final", "-", "-", "countdown"}));
  EXPECT_EQ(split("MergedWithPrevious"), (Words{"the-", "final-", "-", "countdown"}));
  EXPECT_EQ(split("MergedWithNext"), (Words{"the", "-final", "-", "-countdown"}));
  EXPECT_EQ(split("Contiguous"), (Words{"the", "-", "final", "--", "countdown"}));
  EXPECT_EQ(split("Removed", "true"), (Words{"-", "-", "-"}));
}

TEST(PreTokenizer, SetsDigitsAndPunctuationApart) {
  EXPECT_EQ(cut(R"({"type":"Digits"})", "a12b"), (Words{"a", "12", "b"}));
  EXPECT_EQ(cut(R"({"type":"Digits","individual_digits":true})", "a12b"), (Words{"a", "1", "2", "b"}));
  EXPECT_EQ(cut(R"({"type":"Punctuation"})", "a+b…"), (Words{"a", "+", "b", "…"}));
}

TEST(PreTokenizer, StepsAfterByteLevelSeeItsLetters) {
  const std::string falcon = R"({"type":"Sequence","pretokenizers":[
      {"type":"Punctuation","behavior":"Contiguous"},{"type":"ByteLevel","add_prefix_space":false},
      {"type":"Digits"},{"type":"Split","pattern":{"Regex":"[0-9][0-9][0-9]"},"behavior":"Isolated","invert":false}]})";
  EXPECT_EQ(cut(falcon, "a, 12345"), (Words{"a", ",", "Ġ", "123", "45"}));
  // The third byte of 車 is B2 … its letter ² counts as a digit.
  EXPECT_EQ(cut(falcon, "\xE7\xB2\x8A"), (Words{"ç", "²", "Ĭ"}));
}

TEST(Unicode, KnowsTheTwentyFiveWhiteSpaces) {
  int count = 0;
  for (char32_t scalar = 0; scalar < 0x110000; ++scalar) count += isWhiteSpace(scalar);
  EXPECT_EQ(count, 25);
  EXPECT_FALSE(isWhiteSpace(0x200B));
  EXPECT_FALSE(isWhiteSpace(0xFEFF));
}

TEST(Unicode, ReplacesEachBrokenBeginningOnce) {
  EXPECT_EQ(lossyUtf8("a\xE2\x82z"), "a\uFFFDz");
  EXPECT_EQ(lossyUtf8("\xF0\x9F\xA6"), "\uFFFD");
  EXPECT_EQ(lossyUtf8("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(lossyUtf8("\xC3\xC3\xA9\xFF"), "\uFFFDé\uFFFD");
}

}  // namespace

}  // namespace uc
