// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/json.h"
#include "core/io/tokenizer.h"
#include "core/values/error.h"
#include "tests/support/failure.h"

#include <gtest/gtest.h>

namespace uc {

namespace {

/// A small tokenizer.json; each case spoils one place of it.
const char* const kSound = R"({
  "version": "1.0",
  "added_tokens": [{"id": 4, "content": "<s>", "special": true}],
  "normalizer": {"type": "NFC"},
  "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false},
  "post_processor": {"type": "TemplateProcessing",
    "single": [{"SpecialToken": {"id": "<s>"}}, {"Sequence": {"id": "A"}}],
    "special_tokens": {"<s>": {"id": "<s>", "ids": [4]}}},
  "decoder": {"type": "ByteLevel"},
  "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "c": 2, "ab": 3}, "merges": ["a b"]}
})";

struct Case {
  std::string place;  // JSON pointer
  std::string value;
  std::string what;
};

std::ostream& operator<<(std::ostream& stream, const Case& one) {
  return stream << one.place << " = " << one.value;
}

class MalformedTokenizer : public testing::TestWithParam<Case> {};

TEST(MalformedTokenizer, TheSoundOneIsRead) {
  EXPECT_EQ(tokenizerFromJson(parseJson(kSound, "x"), "x", 6)->encode("ab").ids(),
            (std::vector<int64_t>{4, 3}));
}

TEST_P(MalformedTokenizer, IsRefusedWithItsReason) {
  Json json = parseJson(kSound, "x");
  json[Json::json_pointer(GetParam().place)] = parseJson(GetParam().value, "value");
  const Error error = test::failureOf([&] { tokenizerFromJson(json, "tokenizer.json", 6); });
  EXPECT_EQ(error.what, GetParam().what);
  EXPECT_EQ(error.where.substr(0, 14), "tokenizer.json");
  EXPECT_FALSE(error.todo.empty());
}

std::string ofLength(size_t size) { return "\"" + std::string(size, 'x') + "\""; }

INSTANTIATE_TEST_SUITE_P(
    Model, MalformedTokenizer,
    testing::Values(
        Case{"", "[]", "The tokenizer is not an object."},
        Case{"/version", "\"2.0\"", "The tokenizer's version is not 1.0."},
        Case{"/model", "null", "The tokenizer has no model."},
        Case{"/model/type", "\"Unigram\"", "The tokenizer model Unigram is not supported."},
        Case{"/model/type", "7", "The field type is not a text."},
        Case{"/model/dropout", "0.1", "The model drops merges at random (dropout)."},
        Case{"/model/continuing_subword_prefix", "\"##\"",
             "The model's continuing_subword_prefix is not supported."},
        Case{"/model/end_of_word_suffix", "\"</w>\"", "The model's end_of_word_suffix is not supported."},
        Case{"/model/fuse_unk", "1", "The field fuse_unk is neither true nor false."},
        Case{"/model/byte_fallback", "\"\"", "The field byte_fallback is neither true nor false."},
        Case{"/model/unk_token", "\"<unk>\"", "The unk_token '<unk>' is not in the vocabulary."},
        Case{"/model/unk_token", "0", "The field unk_token is not a text."},
        Case{"/model/vocab", "[\"a\"]", "The model has no vocabulary."},
        Case{"/model/vocab/c", "\"2\"", "The id of the token 'c' is not a whole number."},
        Case{"/model/vocab/c", "2.0", "The id of the token 'c' is not a whole number."},
        Case{"/model/vocab/c", "18446744073709551615", "The id of the token 'c' is not a whole number."},
        Case{"/model/vocab/c", "-1", "The id of the token 'c' is negative."},
        Case{"/model/vocab/c", "6", "The token 'c' has the id 6, but the embedding has 6 rows."},
        Case{"/model/vocab/c", "1", "The tokens 'b' and 'c' have the same id 1."},
        Case{"/model/vocab", R"({"a": 0, "b": 1, "ab": 3})", "No token has the id 2."},
        Case{"/model/merges", "null", "The model has no list of merges."},
        Case{"/model/merges", "{\"a\":\"b\"}", "The model has no list of merges."},
        Case{"/model/merges/0", "\"ab\"", "Merge 0 is not two tokens with a space between them."},
        Case{"/model/merges/0", "\"a b c\"", "Merge 0 is not two tokens with a space between them."},
        Case{"/model/merges/0", "[\"a\"]", "Merge 0 is neither a text nor a pair of texts."},
        Case{"/model/merges/0", "[\"a\", 1]", "Merge 0 is neither a text nor a pair of texts."},
        Case{"/model/merges/0", "\"a x\"", "Merge 0 needs the token 'x', which is not in the vocabulary."},
        Case{"/model/merges/0", "\"b c\"", "Merge 0 needs the token 'bc', which is not in the vocabulary."},
        Case{"/model/merges/1", "[\"a\", \"b\"]", "Merge 1 is there twice: 'a' and 'b'."}));

INSTANTIATE_TEST_SUITE_P(
    AddedTokens, MalformedTokenizer,
    testing::Values(
        Case{"/added_tokens", "{}", "The added tokens are not a list."},
        Case{"/added_tokens/0", "\"<s>\"", "An added token is not an object."},
        Case{"/added_tokens/0/id", "null", "The field id is not a whole number."},
        Case{"/added_tokens/0/id", "\"4\"", "The field id is not a whole number."},
        Case{"/added_tokens/0/id", "-4", "The id of the added token <s> is negative."},
        Case{"/added_tokens/0/id", "6", "The added token <s> has the id 6, but the embedding has 6 rows."},
        Case{"/added_tokens/0/id", "18446744073709551615",
             "The added token <s> has the id 9223372036854775807, but the embedding has 6 rows."},
        Case{"/added_tokens/0/id", "3", "The added token <s> and the token ab have the same id 3."},
        Case{"/added_tokens/0/content", "7", "The field content is not a text."},
        Case{"/added_tokens/0/content", "\"\"", "The added token 4 is empty."},
        Case{"/added_tokens/0/content", ofLength(5000), "The added token 4 has 5000 bytes, more than 4096."},
        Case{"/added_tokens/0/content", "\"ab\"",
             "The added token ab has the id 4, but 3 in the vocabulary."},
        Case{"/added_tokens/0/lstrip", "1", "The field lstrip is neither true nor false."},
        Case{"/added_tokens/1", R"({"id": 4, "content": "<t>"})", "The id 4 is that of two added tokens."},
        Case{"/added_tokens", R"([{"id": 3, "content": "ab"}, {"id": 4, "content": "ab"}])",
             "The added token ab has the id 4, but 3 in the vocabulary."},
        Case{
            "/added_tokens",
            R"([{"id": 4, "content": "\u00e9", "normalized": true}, {"id": 5, "content": "e\u0301", "normalized": true}])",
            "The added tokens 4 and 5 are the same text."}));

INSTANTIATE_TEST_SUITE_P(
    Components, MalformedTokenizer,
    testing::Values(
        Case{"/normalizer", "\"NFC\"", "The normalizer is not an object."},
        Case{"/normalizer", "{}", "The normalizer has no type."},
        Case{"/normalizer/type", "\"BertNormalizer\"", "The normalizer BertNormalizer is not supported."},
        Case{"/normalizer", R"({"type": "Sequence"})", "The field normalizers is not a list."},
        Case{"/normalizer", R"({"type": "Prepend"})", "The field prepend is not a text."},
        Case{"/normalizer", R"({"type": "Replace", "content": "x"})", "The field pattern is not an object."},
        Case{"/normalizer", R"({"type": "Replace", "pattern": {"String": ""}, "content": "x"})",
             "A pattern is empty."},
        Case{"/normalizer", R"({"type": "Replace", "pattern": {"Regex": "a+"}, "content": "x"})",
             "The pattern a+ is not supported."},
        Case{"/normalizer",
             R"({"type": "Replace", "pattern": {"String": )" + ofLength(300) + R"(}, "content": "x"})",
             "A pattern has 300 bytes, more than 256."},
        Case{"/pre_tokenizer/type", "\"UnicodeScripts\"",
             "The pre-tokenizer UnicodeScripts is not supported."},
        Case{"/pre_tokenizer", R"({"type": "Metaspace"})", "The field replacement is not a text."},
        Case{"/pre_tokenizer", R"({"type": "Metaspace", "replacement": "ab"})",
             "The field replacement is not one character."},
        Case{"/pre_tokenizer", R"({"type": "Metaspace", "replacement": ""})",
             "The field replacement is not one character."},
        Case{"/pre_tokenizer", R"({"type": "Metaspace", "replacement": "_", "prepend_scheme": "last"})",
             "The prepend_scheme last is not supported."},
        Case{"/pre_tokenizer", R"({"type": "Metaspace", "replacement": "_", "split": 1})",
             "The field split is neither true nor false."},
        Case{
            "/pre_tokenizer",
            R"({"type": "Metaspace", "replacement": "_", "prepend_scheme": "first", "add_prefix_space": false})",
            "The fields add_prefix_space and prepend_scheme contradict each other."},
        Case{"/pre_tokenizer/use_regex", "\"no\"", "The field use_regex is neither true nor false."},
        Case{"/pre_tokenizer", R"({"type": "Sequence", "pretokenizers": [{"type": "Whitespace"}]})",
             "The pre-tokenizer Whitespace is not supported."},
        Case{"/pre_tokenizer", R"({"type": "Split", "pattern": {"Regex": "(a*)*b"}, "behavior": "Isolated"})",
             "The pre-tokenizer's pattern (a*)*b is not supported."},
        Case{"/pre_tokenizer", R"({"type": "Split", "pattern": {"String": "a"}, "behavior": "Kept"})",
             "The split behavior Kept is not supported."},
        Case{"/pre_tokenizer", R"({"type": "Split", "pattern": "a", "behavior": "Isolated"})",
             "The field pattern is not an object."},
        Case{"/post_processor/type", "\"BertProcessing\"",
             "The post-processor BertProcessing is not supported."},
        Case{"/post_processor/single", "null", "The field single is not a list."},
        Case{"/post_processor/single/0", "{}", "A part of the template is neither a token nor the text."},
        Case{"/post_processor/single/1/Sequence/id", "\"B\"",
             "The template does not hold the text exactly once."},
        Case{"/post_processor/single", R"([{"SpecialToken": {"id": "<s>"}}])",
             "The template does not hold the text exactly once."},
        Case{"/post_processor/single/0/SpecialToken/id", "\"<t>\"", "The template's token <t> has no ids."},
        Case{"/post_processor/special_tokens/<s>/ids", "[\"4\"]",
             "An id of the template is not a whole number."},
        Case{"/post_processor/special_tokens/<s>/ids", "[9]",
             "The template puts in the id 9, which no token has."},
        Case{"/decoder/type", "\"WordPiece\"", "The decoder WordPiece is not supported."},
        Case{"/decoder", R"({"type": "Sequence"})", "The field decoders is not a list."},
        Case{"/decoder", R"({"type": "Sequence", "decoders": [7]})", "The decoder is not an object."},
        Case{"/decoder", R"({"type": "Replace", "content": " "})", "The field pattern is not an object."},
        Case{"/decoder", R"({"type": "Replace", "pattern": {"String": "_"}})",
             "The field content is not a text."},
        Case{"/decoder", R"({"type": "Strip", "content": "ab", "start": 1, "stop": 0})",
             "The field content is not one character."},
        Case{"/decoder", R"({"type": "Strip", "content": " ", "start": -1, "stop": 0})",
             "The field start is negative."},
        Case{"/decoder", R"({"type": "Strip", "content": " ", "start": 1})",
             "The field stop is not a whole number."},
        Case{"/decoder", R"({"type": "Metaspace", "replacement": "ab"})",
             "The field replacement is not one character."}));

}  // namespace

}  // namespace uc
