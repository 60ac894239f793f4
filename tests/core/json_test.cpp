// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/json.h"

#include "tests/support/failure.h"
#include "tests/support/temporary_folder.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>

namespace uc {
namespace {

using test::failureOf;

Error refusal(const std::string& text, const JsonLimits& limits = {}) {
  return failureOf([&] { parseJson(text, "config.json", limits); });
}

std::string nested(int depth) {
  return std::string(static_cast<size_t>(depth), '[') + std::string(static_cast<size_t>(depth), ']');
}

TEST(Json, ReadsEveryKindOfValue) {
  const Json json = parseJson(
      R"({"n":null,"t":true,"i":-3,"u":18446744073709551615,"f":2.5,"s":"a\u00e9","a":[1,[]],"o":{}})",
      "config.json");
  EXPECT_TRUE(json["n"].is_null());
  EXPECT_EQ(json["t"], true);
  EXPECT_EQ(json["i"].get<int64_t>(), -3);
  EXPECT_EQ(json["u"].get<uint64_t>(), UINT64_MAX);
  EXPECT_EQ(json["f"].get<double>(), 2.5);
  EXPECT_EQ(json["s"].get<std::string>(), "a\xC3\xA9");
  EXPECT_EQ(json["a"].dump(), "[1,[]]");
  EXPECT_EQ(json["o"].dump(), "{}");
}

TEST(Json, ReadsAScalarAlone) {
  EXPECT_EQ(parseJson(" 7 ", "x").get<int>(), 7);
  EXPECT_EQ(parseJson("7", "x").get<int>(), 7);
}

TEST(Json, KeepsTheOrderOfKeys) {
  EXPECT_EQ(parseJson(R"({"z":1,"a":{"y":2,"b":3}})", "x").dump(), R"({"z":1,"a":{"y":2,"b":3}})");
}

TEST(Json, FindsKeysOfALargeObject) {
  std::string text = "{";
  for (int i = 0; i < 3000; ++i)
    text += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":" + std::to_string(i);
  const Json json = parseJson(text + "}", "x");
  EXPECT_EQ(json.size(), 3000u);
  EXPECT_EQ(json.at("k2999").get<int>(), 2999);
}

TEST(Json, ReadsPythonsInfinitiesAndNan) {
  const Json json = parseJson(R"({"a":[Infinity,-Infinity,NaN, 0e0, -0.0],"b":Infinity})", "x");
  EXPECT_EQ(json["a"][0].get<double>(), INFINITY);
  EXPECT_EQ(json["a"][1].get<double>(), -INFINITY);
  EXPECT_TRUE(std::isnan(json["a"][2].get<double>()));
  EXPECT_EQ(json["a"][3].get<double>(), 0.0);
  EXPECT_EQ(json["a"][4].get<double>(), 0.0);
  EXPECT_EQ(json["b"].get<double>(), INFINITY);
}

TEST(Json, ReadsALiteralAloneAndLast) {
  EXPECT_EQ(parseJson("-Infinity", "x").get<double>(), -INFINITY);
  EXPECT_TRUE(std::isnan(parseJson("NaN", "x").get<double>()));
  EXPECT_EQ(parseJson("[0e000000,Infinity]", "x")[0].get<double>(), 0.0);
}

TEST(Json, LeavesSuchWordsInStringsAlone) {
  const Json json = parseJson(R"({"NaN":"Infinity","a\"NaN":"\\","c":"-Infinity","d":NaN})", "x");
  EXPECT_EQ(json["NaN"], "Infinity");
  EXPECT_EQ(json["a\"NaN"], "\\");
  EXPECT_EQ(json["c"], "-Infinity");
  EXPECT_TRUE(std::isnan(json["d"].get<double>()));
}

TEST(Json, LeavesTheFloatObjectToTheReader) {
  EXPECT_EQ(parseJson(R"({"__float__": "Infinity"})", "x").dump(), R"({"__float__":"Infinity"})");
}

TEST(Json, RefusesOtherSpellingsOfInfinity) {
  for (const char* text : {"[1Infinity]", "[-NaN]", "[NaNs]", "[Infinity1]", "[--Infinity]", "[+Infinity]",
                           "[nan]", "[inf]", "[1-Infinity]", "{NaN:1}", "[InfinityNaN]", "[In]", "[N"}) {
    EXPECT_THROW(parseJson(text, "x"), Failure) << text;
  }
}

TEST(Json, RefusesADuplicateKeyAndNamesIt) {
  const Error error = refusal("{\"a\":1,\n \"b\":2,\n \"a\":3}");
  EXPECT_EQ(error.what, "The key \"a\" appears twice.");
  EXPECT_EQ(error.where, "config.json, line 3, byte 20");
}

TEST(Json, RefusesADuplicateKeyAtAnyLevel) {
  EXPECT_EQ(refusal(R"({"o":[{"p":{"deep":1,"x":0,"deep":1}}]})").what, "The key \"deep\" appears twice.");
}

TEST(Json, RefusesADuplicateKeySpelledDifferently) {
  EXPECT_EQ(refusal(R"({"ab":1,"a\u0062":1})").what, "The key \"ab\" appears twice.");
}

TEST(Json, TakesTheSameKeyInDifferentObjects) {
  EXPECT_EQ(parseJson(R"([{"a":{"a":1}},{"a":2}])", "x").size(), 2u);
}

TEST(Json, EscapesTheNameOfADuplicateKey) {
  EXPECT_EQ(refusal(R"({"\u001b":1,"\u001b":1})").what, "The key \"\\x1B\" appears twice.");
}

TEST(Json, LimitsTheDepth) {
  EXPECT_NO_THROW(parseJson(nested(64), "x"));
  EXPECT_EQ(refusal(nested(65)).what, "The JSON is nested more than 64 levels deep.");
  EXPECT_EQ(refusal(R"({"a":{"b":{}}})", {1000, 2}).what, "The JSON is nested more than 2 levels deep.");
  EXPECT_EQ(refusal(std::string(1'000'000, '[')).what, "The JSON is nested more than 64 levels deep.");
}

TEST(Json, LimitsTheSize) {
  EXPECT_NO_THROW(parseJson("[1,2]", "x", {5, 8}));
  EXPECT_EQ(refusal("[1,2] ", {5, 8}).what, "The JSON is longer than 5 bytes.");
}

TEST(Json, RefusesInvalidUtf8AndSaysWhere) {
  const Error error = refusal("{\"a\":\n\"x\xFFy\"}");
  EXPECT_EQ(error.what, "The JSON is not valid UTF-8.");
  EXPECT_EQ(error.where, "config.json, line 2, byte 8");
}

TEST(Json, RefusesEveryKindOfInvalidUtf8) {
  for (const char* bytes :
       {"\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82", "\x80", "\xF8\x88\x80\x80\x80"}) {
    EXPECT_EQ(refusal(std::string("\"") + bytes + "\"").what, "The JSON is not valid UTF-8.");
  }
}

TEST(Json, RefusesLoneSurrogates) {
  EXPECT_EQ(refusal(R"("\ud800")").what, "The JSON is not well-formed.");
  EXPECT_EQ(refusal(R"("\udc00")").what, "The JSON is not well-formed.");
}

TEST(Json, RefusesAByteOrderMark) {
  EXPECT_EQ(refusal("\xEF\xBB\xBF{}").what, "The JSON begins with a byte order mark.");
}

TEST(Json, RefusesANulByte) {
  EXPECT_EQ(refusal(std::string("{}\0{}", 5)).what, "The JSON holds a NUL byte.");
  EXPECT_EQ(refusal(std::string("{\"\0\":1}", 7)).where, "config.json, line 1, byte 2");
}

TEST(Json, RefusesWhatFollowsTheValue) {
  EXPECT_EQ(refusal("{} {}").what, "Something follows the JSON value.");
  EXPECT_EQ(refusal("1 x").what, "Something follows the JSON value.");
  EXPECT_NO_THROW(parseJson("{}\n\t \r", "x"));
}

TEST(Json, RefusesATextThatEndsTooEarly) {
  for (const char* text : {"", " ", "{", "{\"a\"", "{\"a\":", "[1", "[1,", "\"abc", "{\"ab"}) {
    EXPECT_EQ(refusal(text).what, "The JSON ends too early.") << text;
  }
}

TEST(Json, RefusesWhatIsNotJson) {
  for (const char* text :
       {"[1,]", "{\"a\":1,}", "{a:1}", "{'a':1}", "[1 2]", "[01]", "[1.]", "[.5]", "[+1]", "[tru]",
        "[\"\\x\"]", "[\"\n\"]", "// x\n1", "[1]]", "{]", "[}", "{\"a\" 1}", "{1:2}", "hello"}) {
    EXPECT_THROW(parseJson(text, "x"), Failure) << text;
  }
  EXPECT_EQ(refusal("[1,\n2,,3]").where, "config.json, line 2, byte 7");
}

TEST(Json, RefusesANumberThatOverflows) { EXPECT_EQ(refusal("[1e999]").what, "A number is too large."); }

TEST(Json, ManyKeysAreReadInLinearTime) {
  // Quadratic insertion would need 2·10^10 comparisons of keys here and run into the test's time limit.
  std::string text = "{";
  for (int i = 0; i < 200'000; ++i)
    text += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":[" + std::to_string(i) + "]";
  text += "}";
  EXPECT_EQ(parseJson(text, "x").size(), 200'000u);
}

TEST(Json, ChangedBytesGiveAValueOrAFailure) {
  const std::string text =
      R"({"model_type":"mamba","time_step_limit":[0.0,Infinity],"x":[-Infinity,NaN,1e-5,-12],"s":"é\n\u00e9",
          "o":{"a":{"b":[true,false,null]}}})";
  std::mt19937 random(7);
  int taken = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string changed = text;
    for (auto k = 1 + random() % 3; k-- > 0;)
      changed[random() % changed.size()] = static_cast<char>(random() % 256);
    if (random() % 4 == 0) changed.resize(random() % changed.size());
    try {
      parseJson(changed, "x");
      ++taken;
    } catch (const Failure& failure) {
      EXPECT_FALSE(failure.error().what.empty());
    }
  }
  EXPECT_GT(taken, 0);
}

TEST(ReadJson, ReadsAFile) {
  const test::TemporaryFolder folder;
  EXPECT_EQ(readJson(folder.write("a.json", "{\"a\": [1]}\n")).dump(), R"({"a":[1]})");
}

TEST(ReadJson, NamesTheFileAndTheLine) {
  const test::TemporaryFolder folder;
  const auto path = folder.write("a.json", "{\n\"a\": x}");
  EXPECT_EQ(failureOf([&] { readJson(path); }).where, path.string() + ", line 2, byte 8");
}

TEST(ReadJson, LimitsTheFile) {
  const test::TemporaryFolder folder;
  const auto path = folder.write("a.json", "[1,2,3,4]");
  const Error error = failureOf([&] { readJson(path, {8, 8}); });
  EXPECT_EQ(error.what, "The file is longer than 8 bytes.");
  EXPECT_EQ(error.where, path.string());
}

}  // namespace
}  // namespace uc
