// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/world.h"

#include "core/io/world_vocabulary.h"
#include "tests/support/failure.h"
#include "tests/support/spans.h"
#include "tests/support/temporary_folder.h"

#include <gtest/gtest.h>

namespace uc {

namespace {

using Ids = std::vector<int64_t>;

constexpr int64_t kRows = 65536;

const Tokenizer& builtIn() {
  static const test::TemporaryFolder empty;
  static const std::unique_ptr<const Tokenizer> tokenizer = openWorldTokenizer(empty.path(), kRows);
  return *tokenizer;
}

/// The 256 bytes as the official file has them (ids 1 to 256), then `lines`.
std::string vocabulary(const std::string& lines) {
  std::string result;
  for (int byte = 0; byte < 256; ++byte) {
    char line[32];
    const char* form = byte < 128 ? "%d '\\x%02x' 1\n" : "%d b'\\x%02x' 1\n";
    std::snprintf(line, sizeof line, form, byte + 1, byte);
    result += line;
  }
  return result + lines;
}

/// The same for vocab.txt: one literal a line, the index is the id.
std::string literals(const std::string& lines) {
  std::string result = "b'<s>'\n";
  for (int byte = 0; byte < 256; ++byte) {
    char line[32];
    std::snprintf(line, sizeof line, "b'\\x%02x'\n", byte);
    result += line;
  }
  return result + lines;
}

std::unique_ptr<const Tokenizer> read(const std::string& file) {
  return worldTokenizer(file, "vocab.txt", 300);
}

TEST(World, PublishedGoldenVectors) {
  EXPECT_EQ(builtIn().encode("Hello world").ids(), (Ids{33155, 40213}));
  EXPECT_EQ(builtIn().encode("The Eiffel tower is in the city of").ids(),
            (Ids{6699, 304, 25740, 109, 39990, 4600, 4596, 22590, 30449, 4706}));
  EXPECT_EQ(builtIn().encode("  two  spaces\n\n日本語 café 🦀").ids(),
            (Ids{267, 8851, 267, 42287, 261, 13053, 13205, 16592, 37946, 33, 3319, 167, 129}));
  EXPECT_EQ(builtIn().encode("User: hi\n\nAssistant:").ids(), (Ids{24281, 59, 4571, 261, 5585, 41693, 59}));
}

TEST(World, EncodesAnyBytesToTheReferencesIds) {
  const Json cases = readJson(std::string(SOURCE_FOLDER) + "/tests/data/tokenizer/world.golden.json");
  EXPECT_GT(cases.size(), 350u);
  for (const Json& one : cases) {
    const auto hex = one["hex"].get<std::string>();
    std::string text;
    for (size_t n = 0; n < hex.size(); n += 2) {
      text.push_back(static_cast<char>(std::stoi(hex.substr(n, 2), nullptr, 16)));
    }
    const Tokens tokens = builtIn().encode(text);
    EXPECT_EQ(tokens.ids(), one["ids"].get<Ids>()) << text;
    test::expectTiled(tokens);
    std::string bytes;
    for (const int64_t id : tokens.ids()) bytes += builtIn().bytes(id).value();
    EXPECT_EQ(bytes, text);
  }
}

TEST(World, IsBuiltInWithAllItsTokens) {
  EXPECT_EQ(builtIn().kind(), "world");
  EXPECT_EQ(builtIn().size(), 65530);
  EXPECT_EQ(builtIn().bytes(0), "<|endoftext|>");
  EXPECT_EQ(builtIn().bytes(1), std::string(1, '\0'));
  EXPECT_EQ(builtIn().bytes(256), "\xFF");
  EXPECT_EQ(builtIn().bytes(264), " \t");
  EXPECT_EQ(builtIn().bytes(65530), std::nullopt);
  EXPECT_EQ(builtIn().bytes(-1), std::nullopt);
}

TEST(World, PutsNothingAroundATextAndTakesInvalidUtf8) {
  EXPECT_EQ(builtIn().encode("").size(), 0);
  const Tokens tokens = builtIn().encode("\xFF\xC3(");
  EXPECT_EQ(tokens.ids(), (Ids{256, 196, 41}));
  EXPECT_EQ(tokens.list[0].text, "⟨FF⟩");
  EXPECT_EQ(builtIn().decode(tokens.ids(), false), "\uFFFD\uFFFD(");
}

TEST(World, TheEndOfTextIsDecodedUnlessSkipped) {
  EXPECT_EQ(builtIn().decode({0, 33155}, false), "<|endoftext|>Hello");
  EXPECT_EQ(builtIn().decode({33155, 0, 65530}, true), "Hello");
  EXPECT_EQ(builtIn().encode("<|endoftext|>").ids().size(), builtIn().encode("<|endoftexu|>").ids().size());
}

TEST(World, TakesTheLongestTokenFirst) {
  const auto tokenizer = read(vocabulary("257 'ab' 2\n258 'abcd' 4\n259 'bc' 2\n"));
  EXPECT_EQ(tokenizer->encode("abcd").ids(), Ids{258});
  EXPECT_EQ(tokenizer->encode("abc").ids(), (Ids{257, 'c' + 1}));
  EXPECT_EQ(tokenizer->encode("bcab").ids(), (Ids{259, 257}));
}

TEST(World, ReadsEveryEscape) {
  const auto tokenizer =
      read(vocabulary("257 '\\u65e5\\xe9' 5\n258 b'\\xe2\\x82' 2\r\n259 \"'\\n\" 2\n"
                      "260 '\\\\\\'\\\"\\r\\t' 5\r\n261 ' \t b' 4\n262 '\\U0001f980' 4"));
  EXPECT_EQ(tokenizer->bytes(257), "日é");
  EXPECT_EQ(tokenizer->bytes(258), "\xE2\x82");
  EXPECT_EQ(tokenizer->bytes(259), "'\n");
  EXPECT_EQ(tokenizer->bytes(260), "\\'\"\r\t");
  EXPECT_EQ(tokenizer->bytes(261), " \t b");
  EXPECT_EQ(tokenizer->bytes(262), "🦀");
  EXPECT_EQ(tokenizer->size(), 263);
}

TEST(World, ReadsTheVariantWithoutNumbers) {
  const auto tokenizer = read(literals("b'  '\r\n'\\xe9'\n"));
  EXPECT_EQ(tokenizer->bytes(0), "<s>");
  EXPECT_EQ(tokenizer->encode("  a  é").ids(), (Ids{257, 'a' + 1, 257, 258}));
  EXPECT_EQ(tokenizer->encode("<s>").ids(), (Ids{'<' + 1, 's' + 1, '>' + 1}));  // only text
}

TEST(World, AFileBesideTheWeightsGoesFirst) {
  const test::TemporaryFolder folder;
  folder.write("my_vocab.txt", vocabulary("257 'Hello' 5\n"));
  EXPECT_EQ(openWorldTokenizer(folder.path(), kRows)->encode("Hello").ids(), Ids{257});
  folder.write("another_vocabulary.txt", "broken");
  EXPECT_EQ(test::failureOf([&] { openWorldTokenizer(folder.path(), kRows); }).what,
            "The folder has several vocabularies.");
  folder.write("rwkv_vocab_v20230424.txt", vocabulary("257 'lo' 2\n"));
  EXPECT_EQ(openWorldTokenizer(folder.path(), kRows)->encode("lo").ids(), Ids{257});
}

TEST(World, IsWhatRwkvFoldersReadTextsBy) {
  const test::TemporaryFolder folder;
  EXPECT_EQ(openTokenizer(folder.path(), kRows), nullptr);
  EXPECT_EQ(openTokenizer(folder.path(), kRows, OtherwiseReads::World)->kind(), "world");
  EXPECT_EQ(openTokenizer(folder.path(), 50277, OtherwiseReads::World), nullptr);  // not a World model
  folder.write("vocab.txt", literals(""));
  EXPECT_EQ(openTokenizer(folder.path(), kRows), nullptr);
  EXPECT_EQ(openTokenizer(folder.path(), 300, OtherwiseReads::World)->size(), 257);
  folder.write("tokenizer.json", R"({"model": {"vocab": {"a": 0}, "merges": []}})");
  EXPECT_EQ(openTokenizer(folder.path(), kRows, OtherwiseReads::World)->kind(), "bpe");
}

struct Case {
  std::string file;
  std::string what;
  std::string where;
};

std::ostream& operator<<(std::ostream& stream, const Case& one) { return stream << one.what; }

class MalformedVocabulary : public testing::TestWithParam<Case> {};

TEST_P(MalformedVocabulary, IsRefusedWithItsReason) {
  const Error error = test::failureOf([&] { read(GetParam().file); });
  EXPECT_EQ(error.what, GetParam().what);
  EXPECT_EQ(error.where, GetParam().where);
  EXPECT_FALSE(error.todo.empty());
}

/// One more line, the 257th.
Case line(const std::string& text, const std::string& what) {
  return {vocabulary(text + "\n"), what, "vocab.txt, line 257"};
}

std::string missingByte() {
  std::string file = vocabulary("");
  file.replace(file.find("66 '\\x41' 1"), 11, "66 'AA' 2");
  return file;
}

INSTANTIATE_TEST_SUITE_P(Lines, MalformedVocabulary,
                         testing::Values(line("257", "The line is not an id, a text and a length."),
                                         line("257 'ab'", "The line is not an id, a text and a length."),
                                         line("", "The line is not an id, a text and a length."),
                                         line("x 'ab' 2", "The id is not a whole number."),
                                         line("-1 'ab' 2", "The id is not a whole number."),
                                         line(" 'ab' 2", "The id is not a whole number."),
                                         line("99999999999999999999 'ab' 2", "The id is not a whole number."),
                                         line("0 'ab' 2", "The id 0 belongs to the end of a text."),
                                         line("300 'ab' 2",
                                              "The token has the id 300, but the embedding has 300 rows."),
                                         line("17 'ab' 2", "The id 17 is there twice."),
                                         line("257 'ab' two", "The length is not a whole number."),
                                         line("257 'ab' ", "The length is not a whole number."),
                                         line("257 'ab' 3", "The token has 2 bytes, but the line says 3."),
                                         line("257 '\\xe9' 1", "The token has 2 bytes, but the line says 1."),
                                         line("257 '' 0", "The token is empty."),
                                         line("257 '" + std::string(1025, 'x') + "' 1025",
                                              "The token has 1025 bytes, more than 1024.")));

INSTANTIATE_TEST_SUITE_P(
    Literals, MalformedVocabulary,
    testing::Values(line("257 ab 2", "The text does not begin with a quotation mark."),
                    line("257 b 2", "The text does not begin with a quotation mark."),
                    line("257 'ab 2", "The text has no closing quotation mark."),
                    line("257 'ab\\' 2", "The text has no closing quotation mark."),
                    line("257 'ab\" 2", "The text has no closing quotation mark."),
                    line("257 'a'b' 2", "The text goes on after its closing quotation mark."),
                    line("257 'ab' + 'c' 2", "The text goes on after its closing quotation mark."),
                    line("257 '\\q' 1", "The escape \\q is not known."),
                    line("257 b'\\u0041' 1", "The escape \\u is not known."),
                    line("257 '\\x4' 1", "An escape has not 2 hexadecimal digits."),
                    line("257 '\\u12' 1", "An escape has not 4 hexadecimal digits."),
                    line("257 '\\ud800' 3", "The escape U+D800 is no character."),
                    line("257 '\\U00110000' 4", "The escape U+110000 is no character."),
                    line("257 b'é' 2", "A literal of bytes holds a character outside ASCII.")));

INSTANTIATE_TEST_SUITE_P(
    Files, MalformedVocabulary,
    testing::Values(
        Case{"", "The vocabulary is empty.", "vocab.txt"},
        Case{"1 'a\xFF' 2", "The vocabulary is not valid UTF-8.", "vocab.txt, byte 4"},
        Case{std::string(10, '\0'), "The line is not an id, a text and a length.", "vocab.txt, line 1"},
        Case{vocabulary("258 'ab' 2\n"), "No token has the id 257.", "vocab.txt"},
        Case{vocabulary("257 'ab' 2\n258 'ab' 2\n"), "The tokens 257 and 258 are the same text 'ab'.",
             "vocab.txt"},
        Case{missingByte(), "No token is the byte 41 alone.", "vocab.txt"},
        Case{literals("\n"), "The text does not begin with a quotation mark.", "vocab.txt, line 258"},
        Case{"b'<s>'\n", "No token is the byte 00 alone.", "vocab.txt"}));

}  // namespace

}  // namespace uc
