// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/safetensors.h"

#include "tests/support/failure.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace uc {
namespace {

using test::failureOf;

/// The 8 bytes of length before `header`.
std::string withLength(const std::string& header, uint64_t length) {
  std::string head;
  for (int i = 0; i < 8; ++i) head += static_cast<char>((length >> (8 * i)) & 0xFF);
  return head + header;
}

std::vector<SafetensorsEntry> parsed(const std::string& header, uint64_t dataBytes) {
  const std::string head = withLength(header, header.size());
  return parseSafetensors(head, head.size() + dataBytes, "w.safetensors");
}

Error refusal(const std::string& header, uint64_t dataBytes = 4) {
  return failureOf([&] { parsed(header, dataBytes); });
}

/// One tensor "t" with these members.
std::string one(const std::string& members) { return "{\"t\":{" + members + "}}"; }

std::string member(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return R"("dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets;
}

std::string tensor(const std::string& name, const std::string& dtype, const std::string& shape,
                   const std::string& offsets) {
  return "\"" + name + "\":{" + member(dtype, shape, offsets) + "}";
}

const std::string kGood = member("F32", "[1]", "[0,4]");

// What is taken.

TEST(Safetensors, GivesTheTensorsInTheOrderOfTheirData) {
  const auto entries = parsed("{" + tensor("b", "F16", "[2,3]", "[8,20]") + "," +
                                  tensor("a", "F32", "[2]", "[0,8]") + R"(,"__metadata__":{"format":"pt"}})",
                              20);
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].info.name, "a");
  EXPECT_EQ(entries[0].info.dtype, Dtype::F32);
  EXPECT_EQ(entries[1].info.name, "b");
  EXPECT_EQ(entries[1].info.dtypeName, "F16");
  EXPECT_EQ(entries[1].info.shape, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(entries[1].info.bytes, 12u);
  EXPECT_EQ(entries[1].info.count(), 6);
  EXPECT_EQ(entries[1].info.file, "w.safetensors");
  EXPECT_EQ(entries[1].begin - entries[0].begin, 8u);
}

TEST(Safetensors, CountsFromTheFilesStart) {
  EXPECT_EQ(parsed(one(kGood), 4)[0].begin, 8 + one(kGood).size());
}

TEST(Safetensors, TakesAFileWithoutTensors) {
  EXPECT_TRUE(parsed("{}", 0).empty());
  EXPECT_TRUE(parsed(R"({"__metadata__":{}})", 0).empty());
}

TEST(Safetensors, TakesSpacesAfterTheHeader) { EXPECT_EQ(parsed(one(kGood) + "      ", 4).size(), 1u); }

TEST(Safetensors, TakesWhiteSpaceInsideTheHeader) {
  EXPECT_EQ(parsed("{ \"t\" :\n{\t" + kGood + "\r\n} }", 4).size(), 1u);
}

TEST(Safetensors, TakesAScalar) {
  const auto entries = parsed(one(member("F32", "[]", "[0,4]")), 4);
  EXPECT_TRUE(entries[0].info.shape.empty());
  EXPECT_EQ(entries[0].info.count(), 1);
}

TEST(Safetensors, TakesTensorsWithoutElements) {
  const auto entries =
      parsed("{" + tensor("b", "F32", "[1]", "[0,4]") + "," + tensor("z", "F32", "[2,0]", "[0,0]") + "," +
                 tensor("e", "F32", "[0]", "[4,4]") + "}",
             4);
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(entries[0].info.name, "z");
  EXPECT_EQ(entries[0].info.count(), 0);
  EXPECT_EQ(entries[2].info.name, "e");
}

TEST(Safetensors, CountsNoElementsWhereASizeIsZero) {
  EXPECT_EQ(parsed(one(member("F32", "[9223372036854775807,2,0]", "[0,0]")), 0)[0].info.count(), 0);
}

TEST(Safetensors, KnowsEveryDtypeOfTheReferenceReader) {
  const std::pair<const char*, int> dtypes[] = {
      {"BOOL", 8},        {"F4", 4},          {"F6_E2M3", 6}, {"F6_E3M2", 6}, {"U8", 8},   {"I8", 8},
      {"F8_E5M2", 8},     {"F8_E4M3", 8},     {"F8_E8M0", 8}, {"I16", 16},    {"U16", 16}, {"F16", 16},
      {"F8_E4M3FNUZ", 8}, {"F8_E5M2FNUZ", 8}, {"BF16", 16},   {"I32", 32},    {"U32", 32}, {"F32", 32},
      {"C64", 64},        {"F64", 64},        {"I64", 64},    {"U64", 64}};
  for (const auto& [name, bits] : dtypes) {
    const uint64_t bytes = static_cast<uint64_t>(bits);  // of eight elements
    EXPECT_EQ(parsed(one(member(name, "[8]", "[0," + std::to_string(bytes) + "]")), bytes).size(), 1u)
        << name;
  }
}

TEST(Safetensors, TellsTheEightDtypesThatCanBeRead) {
  const std::pair<const char*, Dtype> dtypes[] = {
      {"F64", Dtype::F64},   {"F32", Dtype::F32},   {"F16", Dtype::F16},
      {"BF16", Dtype::BF16}, {"I64", Dtype::I64},   {"I32", Dtype::I32},
      {"U8", Dtype::U8},     {"BOOL", Dtype::Bool}, {"I16", Dtype::Other}};
  for (const auto& [name, dtype] : dtypes) {
    EXPECT_EQ(parsed(one(member(name, "[0]", "[0,0]")), 0)[0].info.dtype, dtype) << name;
  }
}

TEST(Safetensors, TakesAnyTensorName) {
  const auto entries =
      parsed("{" + tensor("", "U8", "[1]", "[0,1]") + "," + tensor(R"(\u0000)", "U8", "[1]", "[1,2]") + "," +
                 tensor("dtype", "U8", "[1]", "[2,3]") + "," + tensor("層\\n", "U8", "[1]", "[3,4]") + "}",
             4);
  ASSERT_EQ(entries.size(), 4u);
  EXPECT_EQ(entries[0].info.name, "");
  EXPECT_EQ(entries[1].info.name, std::string(1, '\0'));
  EXPECT_EQ(entries[3].info.name, "層\n");
}

TEST(Safetensors, IgnoresOtherMembersOfATensorAsTheReferenceReaderDoes) {
  EXPECT_EQ(parsed(one(kGood + R"(,"x":[{"y":[1,{}]},2],"z":{"dtype":3},"n":null)"), 4).size(), 1u);
}

TEST(Safetensors, TakesMetadataThatIsNullAsTheReferenceReaderDoes) {
  EXPECT_EQ(parsed("{\"__metadata__\":null," + tensor("t", "F32", "[1]", "[0,4]") + "}", 4).size(), 1u);
}

// The length.

TEST(Safetensors, RefusesAFileShorterThanEightBytes) {
  for (const std::string& head : {std::string(), std::string("{}"), std::string(7, '\0')}) {
    const Error error = failureOf([&] { parseSafetensors(head, head.size(), "w.safetensors"); });
    EXPECT_EQ(error.what, "The file is shorter than 8 bytes.");
    EXPECT_EQ(error.where, "w.safetensors");
  }
}

TEST(Safetensors, RefusesAHeaderOfNoBytes) { EXPECT_EQ(refusal("", 0).what, "The header is empty."); }

TEST(Safetensors, RefusesAHeaderOfMoreThanAHundredMillionBytes) {
  const std::string head = withLength("{}", 100'000'001);
  EXPECT_EQ(failureOf([&] { parseSafetensors(head, uint64_t{1} << 40, "w"); }).what,
            "The header is longer than 100,000,000 bytes.");
}

TEST(Safetensors, RefusesALengthOfAllBits) {
  const std::string head = withLength("{}", UINT64_MAX);
  EXPECT_EQ(failureOf([&] { parseSafetensors(head, head.size(), "w"); }).what,
            "The header is longer than 100,000,000 bytes.");
}

TEST(Safetensors, RefusesAHeaderBeyondTheFile) {
  const std::string head = withLength("{}", 3);
  EXPECT_EQ(failureOf([&] { parseSafetensors(head, head.size(), "w"); }).what,
            "The weights file ends too early.");
}

TEST(Safetensors, RefusesAPointerOfGitLfs) {
  const std::string head = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n";
  EXPECT_EQ(failureOf([&] { parseSafetensors(head, head.size(), "w"); }).what,
            "This is a Git LFS pointer, not the weights.");
}

TEST(Safetensors, AsksForTheHeaderOnlyWhereItsLengthIsAllowed) {
  EXPECT_EQ(headSize(withLength("", 100), 1000), 108u);
  EXPECT_EQ(headSize(withLength("", 100), 108), 108u);
  EXPECT_EQ(headSize(withLength("", 101), 108), 8u);
  EXPECT_EQ(headSize(withLength("", UINT64_MAX), 1000), 8u);
  EXPECT_EQ(headSize(withLength("", 100'000'001), uint64_t{1} << 40), 8u);
  EXPECT_EQ(headSize("1234567", 7), 7u);
}

// The edges of the header.

TEST(Safetensors, RefusesSpacesBeforeTheHeader) {
  EXPECT_EQ(refusal(" " + one(kGood)).what, "The header does not begin with \"{\".");
}

TEST(Safetensors, RefusesAListAsHeader) {
  EXPECT_EQ(refusal("[]", 0).what, "The header does not begin with \"{\".");
}

TEST(Safetensors, RefusesAByteOrderMark) {
  EXPECT_EQ(refusal("\xEF\xBB\xBF{}", 0).what, "The header does not begin with \"{\".");
}

TEST(Safetensors, RefusesOtherWhiteSpaceAfterTheHeader) {
  for (const char* end : {"\n", "\t", "\r", " \n ", "x"}) {
    EXPECT_EQ(refusal(one(kGood) + end).what, "The header does not end with \"}\" and spaces.");
  }
  EXPECT_EQ(refusal(one(kGood) + std::string(1, '\0')).what,
            "The header does not end with \"}\" and spaces.");
}

TEST(Safetensors, RefusesAHeaderThatEndsTooEarly) {
  EXPECT_EQ(refusal("{", 0).what, "The header does not end with \"}\" and spaces.");
  EXPECT_EQ(refusal("{\"t\":{" + kGood + "}").what, "The JSON ends too early.");
}

TEST(Safetensors, RefusesASecondValueInTheHeader) {
  EXPECT_EQ(refusal(one(kGood) + "{}").what, "Something follows the JSON value.");
}

TEST(Safetensors, RefusesANulByteInTheHeader) {
  EXPECT_EQ(refusal(one(kGood) + std::string(1, '\0') + "}").what, "The JSON holds a NUL byte.");
}

TEST(Safetensors, RefusesInvalidUtf8) {
  const Error error = refusal("{" + tensor("a\xFF", "F32", "[1]", "[0,4]") + "}");
  EXPECT_EQ(error.what, "The JSON is not valid UTF-8.");
  EXPECT_EQ(error.where, "w.safetensors, header, line 1, byte 3");
}

TEST(Safetensors, RefusesWhatIsNotJson) { EXPECT_EQ(refusal("{t}").what, "The JSON is not well-formed."); }

TEST(Safetensors, RefusesDeepNesting) {
  std::string deep = std::string(200, '[') + std::string(200, ']');
  EXPECT_EQ(refusal(one(kGood + ",\"x\":" + deep)).what, "The JSON is nested more than 127 levels deep.");
  EXPECT_EQ(refusal(std::string(1'000'000, '{') + "}").what, "The JSON is not well-formed.");
}

// Keys.

TEST(Safetensors, RefusesATensorNameTwice) {
  const Error error =
      refusal("{" + tensor("a", "U8", "[2]", "[0,2]") + "," + tensor("a", "U8", "[2]", "[2,4]") + "}");
  EXPECT_EQ(error.what, "The key \"a\" appears twice.");
  EXPECT_EQ(error.where.substr(0, 13), "w.safetensors");
}

TEST(Safetensors, RefusesATensorNameTwiceInOtherSpelling) {
  EXPECT_EQ(
      refusal("{" + tensor("a", "U8", "[2]", "[0,2]") + "," + tensor("\\u0061", "U8", "[2]", "[2,4]") + "}")
          .what,
      "The key \"a\" appears twice.");
}

TEST(Safetensors, RefusesADtypeTwice) {
  const Error error = refusal(one(R"("dtype":"F32",)" + kGood));
  EXPECT_EQ(error.what, "The key \"dtype\" appears twice.");
  EXPECT_NE(error.where.find("tensor \"t\""), std::string::npos) << error.where;
}

TEST(Safetensors, RefusesAShapeTwice) {
  EXPECT_EQ(refusal(one(R"("shape":[1],)" + kGood)).what, "The key \"shape\" appears twice.");
}

TEST(Safetensors, RefusesDataOffsetsTwice) {
  EXPECT_EQ(refusal(one(R"("data_offsets":[0,4],)" + kGood)).what, "The key \"data_offsets\" appears twice.");
}

TEST(Safetensors, RefusesAnIgnoredMemberTwice) {
  EXPECT_EQ(refusal(one(kGood + R"(,"x":1,"x":1)")).what, "The key \"x\" appears twice.");
  EXPECT_EQ(refusal(one(kGood + R"(,"x":{"y":1,"y":1})")).what, "The key \"y\" appears twice.");
}

TEST(Safetensors, RefusesMetadataTwice) {
  EXPECT_EQ(refusal(R"({"__metadata__":{},"__metadata__":{}})", 0).what,
            "The key \"__metadata__\" appears twice.");
}

TEST(Safetensors, RefusesAKeyOfTheMetadataTwice) {
  const Error error = refusal(R"({"__metadata__":{"k":"v","k":"v"}})", 0);
  EXPECT_EQ(error.what, "The key \"k\" appears twice.");
  EXPECT_NE(error.where.find("__metadata__"), std::string::npos) << error.where;
}

TEST(Safetensors, RefusesAMissingDtype) {
  const Error error = refusal(one(R"("shape":[1],"data_offsets":[0,4])"));
  EXPECT_EQ(error.what, "The dtype is missing.");
  EXPECT_EQ(error.where, "w.safetensors, tensor \"t\"");
}

TEST(Safetensors, RefusesAMissingShape) {
  EXPECT_EQ(refusal(one(R"("dtype":"F32","data_offsets":[0,4])")).what, "The shape is missing.");
}

TEST(Safetensors, RefusesMissingDataOffsets) {
  EXPECT_EQ(refusal(one(R"("dtype":"F32","shape":[1])")).what, "The data_offsets are missing.");
}

TEST(Safetensors, RefusesATensorOfTheRightMembersOfAnotherTensor) {
  // What one tensor said must not be there for the next.
  EXPECT_EQ(refusal("{" + tensor("a", "F32", "[1]", "[0,4]") + R"(,"b":{"dtype":"F32"}})").what,
            "The shape is missing.");
}

// Types.

TEST(Safetensors, RefusesATensorThatIsNoObject) {
  for (const char* value : {"[]", "1", "\"F32\"", "null", R"(["F32",[1],[0,4]])"}) {
    EXPECT_EQ(refusal("{\"t\":" + std::string(value) + "}").what,
              "What the header says about a tensor is not an object.");
  }
}

TEST(Safetensors, RefusesMetadataThatIsNoObject) {
  for (const char* value : {"[]", "1", "\"x\""}) {
    const Error error = refusal("{\"__metadata__\":" + std::string(value) + "}", 0);
    EXPECT_EQ(error.what, "The header's metadata is not an object.");
    EXPECT_EQ(error.where, "w.safetensors, __metadata__");
  }
}

TEST(Safetensors, RefusesMetadataThatIsNotAllStrings) {
  for (const char* value : {"1", "null", "[]", "{}", "true", "1.5"}) {
    EXPECT_EQ(refusal("{\"__metadata__\":{\"k\":" + std::string(value) + "}}", 0).what,
              "A value in the header's metadata is not a string.");
  }
}

TEST(Safetensors, RefusesADtypeThatIsNoString) {
  for (const char* value : {"1", "null", "[\"F32\"]", R"({"F32":null})"}) {
    EXPECT_EQ(refusal(one("\"dtype\":" + std::string(value) + R"(,"shape":[1],"data_offsets":[0,4])")).what,
              "The dtype is not a string.");
  }
}

TEST(Safetensors, RefusesAShapeThatIsNoList) {
  for (const char* value : {"1", "null", "\"1\"", "{}"}) {
    EXPECT_EQ(refusal(one(member("F32", value, "[0,4]"))).what, "The shape is not an array.");
  }
}

TEST(Safetensors, RefusesDataOffsetsThatAreNoList) {
  for (const char* value : {"0", "null", "\"0,4\"", "{}"}) {
    EXPECT_EQ(refusal(one(member("F32", "[1]", value))).what, "The data_offsets are not an array.");
  }
}

TEST(Safetensors, RefusesAShapeOfOtherThanNumbers) {
  for (const char* value : {"[\"1\"]", "[null]", "[[1]]", "[{}]", "[true]"}) {
    EXPECT_EQ(refusal(one(member("F32", value, "[0,4]"))).what, "A value in the shape is not a number.");
  }
}

TEST(Safetensors, RefusesDataOffsetsOfOtherThanNumbers) {
  EXPECT_EQ(refusal(one(member("F32", "[1]", "[0,\"4\"]"))).what,
            "A value in the data_offsets is not a number.");
}

// Numbers.

TEST(Safetensors, RefusesANegativeSize) {
  EXPECT_EQ(refusal(one(member("F32", "[-1]", "[0,4]"))).what, "A number in the shape is negative.");
}

TEST(Safetensors, RefusesMinusZeroAsTheReferenceReaderDoes) {
  EXPECT_EQ(refusal(one(member("F32", "[1]", "[-0,4]"))).what, "A number in the data_offsets is negative.");
}

TEST(Safetensors, RefusesAFractionalSize) {
  for (const char* shape : {"[1.5]", "[1.0]", "[1e0]"}) {
    EXPECT_EQ(refusal(one(member("F32", shape, "[0,4]"))).what,
              "A number in the shape is not a whole number.");
  }
}

TEST(Safetensors, RefusesASizeThatIsNoNumberInPythonsSense) {
  EXPECT_EQ(refusal(one(member("F32", "[NaN]", "[0,4]"))).what,
            "A number in the shape is not a whole number.");
  EXPECT_EQ(refusal(one(member("F32", "[Infinity]", "[0,4]"))).what,
            "A number in the shape is larger than 2^63 − 1.");
}

TEST(Safetensors, RefusesASizeBeyond63Bits) {
  for (const char* shape : {"[9223372036854775808]", "[18446744073709551615]", "[18446744073709551616]",
                            "[1e300]", "[100000000000000000000000000000]"}) {
    EXPECT_EQ(refusal(one(member("F32", shape, "[0,4]"))).what,
              "A number in the shape is larger than 2^63 − 1.");
  }
}

TEST(Safetensors, RefusesAnOffsetBeyond63Bits) {
  EXPECT_EQ(refusal(one(member("F32", "[1]", "[0,18446744073709551616]"))).what,
            "A number in the data_offsets is larger than 2^63 − 1.");
}

TEST(Safetensors, RefusesOneOffset) {
  EXPECT_EQ(refusal(one(member("F32", "[1]", "[0]"))).what, "The data_offsets are fewer than two numbers.");
  EXPECT_EQ(refusal(one(member("F32", "[1]", "[]"))).what, "The data_offsets are fewer than two numbers.");
}

TEST(Safetensors, RefusesThreeOffsets) {
  EXPECT_EQ(refusal(one(member("F32", "[1]", "[0,4,8]"))).what,
            "The data_offsets are more than two numbers.");
}

TEST(Safetensors, RefusesAnUnknownDtype) {
  for (const char* dtype : {"F128", "f32", "", "F32 ", "float32"}) {
    const Error error = refusal(one(member(dtype, "[1]", "[0,4]")));
    EXPECT_EQ(error.what, "The dtype \"" + std::string(dtype) + "\" is not known.");
    EXPECT_EQ(error.where, "w.safetensors, tensor \"t\"");
  }
}

// Sizes and places.

TEST(Safetensors, RefusesAShapeWhoseProductOverflows) {
  EXPECT_EQ(refusal(one(member("U8", "[4294967296,4294967296]", "[0,4]"))).what,
            "The shape [4294967296, 4294967296] is too large to count its bits.");
  EXPECT_EQ(refusal(one(member("U8", "[4294967296,4294967296,0]", "[0,0]")), 0).what,
            "The shape [4294967296, 4294967296, 0] is too large to count its bits.");
}

TEST(Safetensors, RefusesAShapeWhoseBitsOverflow) {
  // 2^61 + 1 elements of 32 bits would be 32 bits after wrapping.
  EXPECT_EQ(refusal(one(member("F32", "[2305843009213693953]", "[0,4]"))).what,
            "The shape [2305843009213693953] is too large to count its bits.");
}

TEST(Safetensors, RefusesSubByteElementsThatDoNotFillTheirBytes) {
  EXPECT_EQ(refusal(one(member("F4", "[7]", "[0,4]"))).what,
            "The shape [7] of F4 is not a whole number of bytes.");
  EXPECT_EQ(refusal(one(member("F6_E3M2", "[3]", "[0,3]")), 3).what,
            "The shape [3] of F6_E3M2 is not a whole number of bytes.");
}

TEST(Safetensors, RefusesASpanThatDiffersFromTheShape) {
  const Error error = refusal(one(member("F32", "[2]", "[0,4]")));
  EXPECT_EQ(error.what, "The shape [2] of F32 takes 8 bytes, but the data_offsets span 4.");
  EXPECT_EQ(error.where, "w.safetensors, tensor \"t\"");
  EXPECT_EQ(refusal(one(member("F32", "[0]", "[0,4]"))).what,
            "The shape [0] of F32 takes 0 bytes, but the data_offsets span 4.");
}

TEST(Safetensors, RefusesAHoleAtTheStart) {
  EXPECT_EQ(refusal(one(member("F32", "[1]", "[4,8]")), 8).what,
            "The data do not begin with a tensor: there is a hole before it.");
}

TEST(Safetensors, RefusesAHoleInTheMiddle) {
  const Error error =
      refusal("{" + tensor("a", "F32", "[1]", "[0,4]") + "," + tensor("b", "F32", "[1]", "[5,9]") + "}", 9);
  EXPECT_EQ(error.what, "There is a hole between the tensor and the one before it.");
  EXPECT_EQ(error.where, "w.safetensors, tensor \"b\"");
}

TEST(Safetensors, RefusesTensorsThatOverlap) {
  const Error error =
      refusal("{" + tensor("a", "F32", "[1]", "[0,4]") + "," + tensor("b", "F32", "[1]", "[3,7]") + "}", 7);
  EXPECT_EQ(error.what, "The tensor overlaps the one before it.");
  EXPECT_EQ(error.where, "w.safetensors, tensor \"b\"");
}

TEST(Safetensors, RefusesTwoTensorsInTheSamePlace) {
  EXPECT_EQ(
      refusal("{" + tensor("a", "F32", "[1]", "[0,4]") + "," + tensor("b", "F32", "[1]", "[0,4]") + "}").what,
      "The tensor overlaps the one before it.");
}

TEST(Safetensors, RefusesATensorThatEndsBeforeItBegins) {
  EXPECT_EQ(refusal(one(member("F32", "[1]", "[4,0]"))).what, "The tensor ends before it begins.");
}

TEST(Safetensors, RefusesATensorBeyondTheFile) {
  const Error error = refusal(one(kGood), 3);
  EXPECT_EQ(error.what, "The weights file ends too early.");
  EXPECT_EQ(error.where, "w.safetensors, tensor \"t\"");
}

TEST(Safetensors, RefusesBytesAfterTheLastTensor) {
  const Error error = refusal(one(kGood), 10);
  EXPECT_EQ(error.what, "The file goes on for 6 bytes after the last tensor.");
  EXPECT_EQ(error.where, "w.safetensors");
  EXPECT_EQ(refusal("{}", 1).what, "The file goes on for 1 byte after the last tensor.");
}

TEST(Safetensors, ShowsHostileNamesEscapedAndCut) {
  const Error error =
      refusal("{" + tensor("\\u001b[31m" + std::string(1000, 'x'), "F32", "[2]", "[0,4]") + "}");
  EXPECT_NE(error.where.find("\\x1B[31mxx"), std::string::npos) << error.where;
  EXPECT_LT(error.where.size(), 160u);
}

TEST(Safetensors, ChangedBytesGiveTensorsOrAFailure) {
  const std::string header = "{" + tensor("a", "F32", "[2,1]", "[0,8]") + "," +
                             tensor("b", "BF16", "[3]", "[8,14]") + R"(,"__metadata__":{"format":"pt"},)" +
                             tensor("c", "U8", "[2]", "[14,16]") + "}   ";
  const std::string whole = withLength(header, header.size());
  std::mt19937 random(20260101);
  int taken = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string head = whole;
    for (auto k = 1 + random() % 3; k-- > 0;) {
      if (random() % 2 == 0) {
        head[random() % head.size()] ^= static_cast<char>(1u << (random() % 8));
      } else {
        head[random() % head.size()] = static_cast<char>(random() % 256);
      }
    }
    try {
      const auto entries = parseSafetensors(head, head.size() + 16, "w");
      ++taken;
      for (const SafetensorsEntry& entry : entries)
        EXPECT_LE(entry.begin + entry.info.bytes, head.size() + 16);
    } catch (const Failure& failure) {
      EXPECT_FALSE(failure.error().what.empty());
    }
  }
  EXPECT_GT(taken, 100);
}

}  // namespace
}  // namespace uc
