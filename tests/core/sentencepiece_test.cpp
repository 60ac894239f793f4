// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/sentencepiece.h"

#include "tests/support/failure.h"
#include "tests/support/spans.h"
#include "tests/support/temporary_folder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <random>

namespace uc {

namespace {

using Ids = std::vector<int64_t>;

std::string dataFile(const std::string& name) {
  return std::string(SOURCE_FOLDER) + "/tests/data/tokenizer/" + name;
}

const Json kNothingAround = {{"add_bos_token", false}};

std::unique_ptr<const Tokenizer> open(const std::string& name, const Json& config = kNothingAround) {
  return sentencePieceTokenizer(readFile(dataFile(name + ".model"), 1 << 20), config, name, 400);
}

/// Models trained and answered by the SentencePiece library (tools/make_golden_tokenizer_more.py).
class SentencePieceGolden : public testing::TestWithParam<const char*> {
 protected:
  std::unique_ptr<const Tokenizer> tokenizer = open(GetParam());
  Json cases(const std::string& kind) const { return readJson(dataFile(GetParam() + kind)); }
};

TEST_P(SentencePieceGolden, EncodesToTheReferencesIds) {
  const Json all = cases(".golden.json");
  EXPECT_GT(all.size(), 180u);
  for (const Json& one : all) {
    const auto text = one["text"].get<std::string>();
    EXPECT_EQ(tokenizer->encode(text).ids(), one["ids"].get<Ids>()) << text;
  }
}

/// Tokens end where the library says, but for bytes, which split their character here.
TEST_P(SentencePieceGolden, SpansTileTheText) {
  for (const Json& one : cases(".golden.json")) {
    const Tokens tokens = tokenizer->encode(one["text"].get<std::string>());
    test::expectTiled(tokens);
    for (size_t n = 0; n + 1 < tokens.list.size(); ++n) {
      const size_t end = one["ends"][n].get<size_t>();
      const bool isBeforeAByte = one["ends"][n + 1].get<size_t>() > end && tokens.list[n].end > end;
      if (isBeforeAByte) {
        EXPECT_EQ(tokenizer->bytes(tokens.list[n].id).value().size(), 1u) << tokens.text;
      }
      if (tokens.list[n].text->find("⟨") != std::string::npos) continue;
      EXPECT_EQ(tokens.list[n].end, end) << tokens.text << ", token " << n;
    }
  }
}

TEST_P(SentencePieceGolden, DecodesAsTheReference) {
  const Json all = cases(".decode.json");
  EXPECT_GT(all.size(), 50u);
  for (const Json& one : all) {
    EXPECT_EQ(tokenizer->decode(one["ids"].get<Ids>(), true), one["text"].get<std::string>()) << one["ids"];
  }
}

INSTANTIATE_TEST_SUITE_P(Files, SentencePieceGolden,
                         testing::Values("spm-gemma", "spm-llama", "spm-unigram", "spm-suffix", "spm-unused"),
                         [](const auto& file) {
                           std::string name = file.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

// ---- a model in the file's own format, made here ----

std::string varint(uint64_t value) {
  std::string result;
  for (; value >= 0x80; value >>= 7) result += static_cast<char>(value | 0x80);
  return result + static_cast<char>(value);
}

std::string number(uint32_t field, uint64_t value) { return varint(field << 3) + varint(value); }

std::string text(uint32_t field, const std::string& value) {
  return varint(field << 3 | 2) + varint(value.size()) + value;
}

std::string real(uint32_t field, float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  std::string result = varint(field << 3 | 5);
  for (int shift = 0; shift < 32; shift += 8) result += static_cast<char>(bits >> shift);
  return result;
}

std::string piece(const std::string& name, float score, int type) {
  return text(1, text(1, name) + real(2, score) + number(3, static_cast<uint64_t>(type)));
}

const std::string kPieces = piece("<unk>", 0, 2) + piece("<s>", 0, 3) + piece("</s>", 0, 3) +
                            piece("a", -2, 1) + piece("b", -3, 1) + piece("ab", -1, 1) + piece("▁", -4, 1);
const std::string kBpe = text(2, number(3, 2));
const std::string kPlain = text(3, number(3, 0) + number(4, 0));  // no prefix, no collapsing

std::unique_ptr<const Tokenizer> read(const std::string& file, const Json& config = Json()) {
  return sentencePieceTokenizer(file, config, "tokenizer.model", 20);
}

TEST(SentencePiece, PutsTheBeginPieceInFrontUnlessToldOtherwise) {
  const std::string file = kPieces + kBpe + kPlain;
  const Tokens tokens = read(file)->encode("ab");
  EXPECT_EQ(tokens.ids(), (Ids{1, 5}));
  EXPECT_EQ(tokens.list[0], (Token{1, "<s>", 0, 0}));
  EXPECT_EQ(read(file)->encode("").ids(), Ids{1});
  EXPECT_EQ(read(file, {{"add_bos_token", false}})->encode("").size(), 0);
  EXPECT_EQ(read(file, {{"add_eos_token", true}})->encode("a").ids(), (Ids{1, 3, 2}));
  EXPECT_EQ(read(file, {{"add_eos_token", true}})->encode("a").list[2], (Token{2, "</s>", 1, 1}));
  EXPECT_EQ(read(piece("<unk>", 0, 2) + kBpe)->encode("").size(), 0);  // there is no begin piece
}

TEST(SentencePiece, SaysItsKindAndSize) {
  EXPECT_EQ(open("spm-gemma")->kind(), "sentencepiece");
  EXPECT_EQ(open("spm-gemma")->size(), 396);
}

TEST(SentencePiece, ControlPiecesInATextAreOnlyTextUnlessListed) {
  const std::string file =
      kPieces + piece("<", -5, 1) + piece("s", -5, 1) + piece(">", -5, 1) + kBpe + kPlain;
  EXPECT_EQ(read(file, kNothingAround)->encode("<s>a").ids(), (Ids{7, 8, 9, 3}));
  Json config = kNothingAround;
  config["added_tokens_decoder"] = {{"1", {{"content", "<s>"}, {"special", true}}},
                                    {"12", {{"content", "<new>"}, {"special", false}}}};
  const auto tokenizer = read(file, config);
  const Tokens tokens = tokenizer->encode("b<s>a<new>");
  EXPECT_EQ(tokens.ids(), (Ids{4, 1, 3, 12}));
  test::expectTiled(tokens);
  EXPECT_EQ(tokenizer->size(), 13);
  EXPECT_EQ(tokenizer->decode(tokens.ids(), false), "b<s>a<new>");
  EXPECT_EQ(tokenizer->decode(tokens.ids(), true), "ba<new>");
}

TEST(SentencePiece, BytesAndNames) {
  const auto tokenizer = open("spm-gemma");
  const Tokens tokens = tokenizer->encode("🦀");
  ASSERT_EQ(tokens.size(), 4);
  EXPECT_EQ(tokens.list[0].text, "⟨F0⟩");
  EXPECT_EQ(tokens.list[3].end, 4u);
  EXPECT_EQ(tokenizer->bytes(tokens.list[0].id), "\xF0");
  EXPECT_EQ(tokenizer->bytes(0), "<pad>");
  EXPECT_EQ(tokenizer->bytes(-1), std::nullopt);
  EXPECT_EQ(tokenizer->bytes(396), std::nullopt);
}

TEST(SentencePiece, UnknownCharactersInARunAreOneToken) {
  const Tokens tokens = read(kPieces + kBpe + kPlain, kNothingAround)->encode("axyb");
  EXPECT_EQ(tokens.ids(), (Ids{3, 0, 4}));
  EXPECT_EQ(tokens.list[1].text, "xy");
}

TEST(SentencePiece, RefusesTextThatIsNotUtf8) {
  EXPECT_EQ(test::failureOf([] { open("spm-gemma")->encode("a\xFF"); }).where, "byte 1");
}

TEST(SentencePiece, OneLongTextIsMergedThroughout) {
  std::string text;
  while (text.size() < 1'000'000) text += "the attention of the model ";
  for (const char* name : {"spm-gemma", "spm-suffix"}) {
    const auto tokenizer = open(name);
    const Tokens tokens = tokenizer->encode(text);
    test::expectTiled(tokens);
    EXPECT_LT(tokens.size(), 800'000);
  }
}

TEST(SentencePiece, OpensAFileWithTheConfigurationBesideIt) {
  const test::TemporaryFolder folder;
  folder.write("tokenizer.model", kPieces + kBpe + kPlain);
  EXPECT_EQ(openTokenizer(folder.path(), 20)->kind(), "sentencepiece");
  EXPECT_EQ(openTokenizer(folder.path(), 20)->encode("ab").ids(), (Ids{1, 5}));
  folder.write("tokenizer_config.json", R"({"add_bos_token": false})");
  EXPECT_EQ(openTokenizer(folder.path(), 20)->encode("ab").ids(), Ids{5});
  folder.write("tokenizer.json", R"({"model": {"vocab": {"a": 0}, "merges": []}})");
  EXPECT_EQ(openTokenizer(folder.path(), 20)->kind(), "bpe");
}

struct Case {
  std::string file;
  std::string what;
  std::string where;  // behind the file's name
};

std::ostream& operator<<(std::ostream& stream, const Case& one) { return stream << one.what; }

class MalformedSentencePiece : public testing::TestWithParam<Case> {};

TEST_P(MalformedSentencePiece, IsRefusedWithItsReason) {
  const Error error = test::failureOf([&] { read(GetParam().file); });
  EXPECT_EQ(error.what, GetParam().what);
  EXPECT_EQ(error.where, "tokenizer.model" + GetParam().where);
  EXPECT_FALSE(error.todo.empty());
}

const std::string kUnknown = piece("<unk>", 0, 2);

std::string charsmap(const std::string& rules) { return kUnknown + text(3, text(2, rules)); }

INSTANTIATE_TEST_SUITE_P(
    Wire, MalformedSentencePiece,
    testing::Values(
        Case{"", "The model has no pieces.", ""},
        Case{"\x0A\x50", "The file is not a SentencePiece model: it ends within a field.", ", byte 0"},
        Case{kUnknown + "\x15\x01", "The file is not a SentencePiece model: it ends within a field.",
             ", byte 16"},
        Case{std::string(11, '\xFF'), "The file is not a SentencePiece model: a number has no end.",
             ", byte 0"},
        Case{std::string(2, '\0'), "The file is not a SentencePiece model: a field has an impossible number.",
             ", byte 0"},
        Case{"{\"model\": {}}", "The file is not a SentencePiece model: a field has an impossible type.",
             ", byte 0"},
        Case{number(1, 7), "The field 1 has the wrong type.", ", byte 0"},
        Case{text(1, text(1, "x") + number(2, 7)), "The field 2 has the wrong type.", ", byte 5"}));

INSTANTIATE_TEST_SUITE_P(
    Pieces, MalformedSentencePiece,
    testing::Values(Case{piece("", 0, 1), "A piece is empty.", ", piece 0"},
                    Case{piece(std::string("a\0", 2), 0, 1), "A piece holds the character NUL.", ", piece 0"},
                    Case{piece("\xE2\x96", 0, 1), "The text of the field 1 is not valid UTF-8.", ", piece 0"},
                    Case{piece(std::string(513, 'x'), 0, 1),
                         "The text of the field 1 has 513 bytes, more than 512.", ", piece 0"},
                    Case{piece("a", std::numeric_limits<float>::quiet_NaN(), 1),
                         "The score of a piece is not a finite number.", ", piece 0"},
                    Case{piece("a", std::numeric_limits<float>::infinity(), 1),
                         "The score of a piece is not a finite number.", ", piece 0"},
                    Case{piece("a", 0, 7), "There is no type of piece 7.", ", piece 0"},
                    Case{kUnknown + piece("a", 0, 1) + piece("a", 1, 4), "The piece a is there twice.",
                         ", piece 2"},
                    Case{piece("a", 0, 1), "No piece is the unknown one.", ""},
                    Case{kUnknown + piece("u", 0, 2), "Two pieces are the unknown one.", ", piece 1"},
                    Case{kUnknown + piece("0x41", 0, 6), "The piece 0x41 is no byte.", ", piece 1"},
                    Case{kUnknown + piece("<0x4A>", 0, 6) + piece("<0x4a>", 0, 6),
                         "Two pieces are the byte <0x4a>.", ", piece 2"},
                    Case{kUnknown + text(2, number(35, 1)), "No piece is the byte <0x00>.", ""}));

INSTANTIATE_TEST_SUITE_P(
    Specifications, MalformedSentencePiece,
    testing::Values(Case{kUnknown + text(2, number(3, 3)),
                         "The model is of type 3, neither Unigram (1) nor BPE (2).", ", trainer_spec"},
                    Case{kUnknown + text(2, text(46, "\xFF")), "The text of the field 46 is not valid UTF-8.",
                         ", trainer_spec"},
                    Case{kUnknown + text(5, text(2, "x")),
                         "The model's rules of denormalization are not supported.", ", denormalizer_spec"},
                    Case{charsmap("abc"), "The rules of normalization are cut off.",
                         ", precompiled_charsmap"},
                    Case{charsmap(std::string("\x08\0\0\0abcd\0", 9)),
                         "The rules' trie has 8 bytes, which is impossible in 9.", ", precompiled_charsmap"},
                    Case{charsmap(std::string("\0\0\0\0x\0", 6)),
                         "The rules' trie has 0 bytes, which is impossible in 6.", ", precompiled_charsmap"},
                    Case{charsmap(std::string("\x04\0\0\0abcd", 8)),
                         "The rules' last replacement has no end.", ", precompiled_charsmap"},
                    Case{charsmap(std::string("\x04\0\0\0abcd\xFF\0", 10)),
                         "The rules' replacements are not valid UTF-8.", ", precompiled_charsmap, byte 8"},
                    Case{charsmap(std::string("\x04\0\0\0abcd", 8) + std::string(300, 'x') + '\0'),
                         "A replacement has 300 bytes, more than 256.", ", precompiled_charsmap"}));

TEST(MalformedSentencePiece, HasMorePiecesThanTheEmbedding) {
  const Error error = test::failureOf([] { sentencePieceTokenizer(kPieces, Json(), "tokenizer.model", 6); });
  EXPECT_EQ(error.what, "The model has 7 pieces, but the embedding has 6 rows.");
}

TEST(MalformedSentencePiece, ConfigurationsAreRefusedWithTheirReason) {
  const std::string file = kPieces + kBpe + kPlain;
  const auto reason = [&](const std::string& config) {
    const Error error = test::failureOf([&] { read(file, parseJson(config, "x")); });
    EXPECT_EQ(error.where.find("tokenizer.model, tokenizer_config.json"), 0u);
    return error.what;
  };
  EXPECT_EQ(reason("[]"), "The configuration is not an object.");
  EXPECT_EQ(reason(R"({"add_bos_token": 1})"), "The field add_bos_token is neither true nor false.");
  EXPECT_EQ(reason(R"({"added_tokens_decoder": []})"), "The field added_tokens_decoder is not an object.");
  EXPECT_EQ(reason(R"({"added_tokens_decoder": {"x": {"content": "<s>"}}})"),
            "The field added_tokens_decoder does not name tokens by their ids.");
  EXPECT_EQ(reason(R"({"added_tokens_decoder": {"3": {"content": "<s>"}}})"),
            "The added token <s> and the piece a have the same id 3.");
  EXPECT_EQ(reason(R"({"added_tokens_decoder": {"20": {"content": "<n>"}}})"),
            "The added token <n> has the id 20, but the embedding has 20 rows.");
  EXPECT_EQ(reason(R"({"added_tokens_decoder": {"8": {"content": "<n>"}, "9": {"content": "<n>"}}})"),
            "The added token <n> is there twice.");
  EXPECT_EQ(test::failureOf([&] {
              read(kUnknown, {{"add_bos_token", true}});
            }).what,
            "A token is to be put around the text that the model lacks.");
}

/// Whatever is in a file, it is refused or it tokenizes: nothing else happens.
TEST(MalformedSentencePiece, SpoiledFilesDoNoHarm) {
  std::mt19937 random(7);
  int opened = 0;
  for (const char* name : {"spm-gemma", "spm-unigram", "spm-unused"}) {
    const std::string sound = readFile(dataFile(std::string(name) + ".model"), 1 << 20);
    for (int n = 0; n < 400; ++n) {
      std::string file = sound;
      for (unsigned changes = 1 + random() % 4; changes > 0; --changes) {
        file[random() % file.size()] = static_cast<char>(random());
      }
      if (n % 4 == 0) file.resize(random() % file.size());
      try {
        const auto tokenizer = sentencePieceTokenizer(file, kNothingAround, name, 400);
        const Tokens tokens = tokenizer->encode("The  model\u00a0reads\n\n the e\u0301 AB 🦀\t\u2126");
        test::expectTiled(tokens);
        tokenizer->decode(tokens.ids(), false);
        ++opened;
      } catch (const Failure& failure) {
        EXPECT_FALSE(failure.error().what.empty());
      }
    }
  }
  EXPECT_GT(opened, 100);
}

}  // namespace

}  // namespace uc
