// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/pickle.h"

#include "tests/support/failure.h"
#include "tests/support/pickles.h"
#include "tests/support/refusal.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace uc {
namespace {

using test::failureOf;
using test::Refusal;
namespace pkl = test::pkl;
using Kind = PickleValue::Kind;

Pickle parse(const std::string& bytes, const PickleLimits& limits = {}) {
  return Pickle::parse(std::as_bytes(std::span(bytes)), "w.pth, data.pkl", limits);
}

/// The kind of value that these instructions leave.
Kind kindOf(const std::string& instructions) { return parse(pkl::file(instructions)).root().kind; }

TEST(Pickle, ReadsScalars) {
  EXPECT_EQ(kindOf(pkl::none()), Kind::None);
  EXPECT_TRUE(parse(pkl::file(pkl::boolean(true))).root().isTrue());
  EXPECT_FALSE(parse(pkl::file(pkl::boolean(false))).root().isTrue());
  EXPECT_EQ(parse(pkl::file(pkl::number(-2.5))).root().number(), -2.5);
  const auto integer = [](const std::string& instructions) {
    return parse(pkl::file(instructions)).root().integer();
  };
  for (const int64_t value :
       {int64_t{0}, int64_t{255}, int64_t{-1}, int64_t{1} << 40, INT64_MIN, INT64_MAX}) {
    EXPECT_EQ(integer(pkl::integer(value)), value);
  }
  EXPECT_EQ(integer(std::string("M\x01\x02", 3)), 0x0201);
  EXPECT_EQ(integer(std::string("\x8A\x00", 2)), 0);
  EXPECT_EQ(integer("\x8A\x01\xFF"), -1);
  EXPECT_EQ(integer(std::string("\x8A\x02\xFF\x00", 4)), 255);
  EXPECT_EQ(integer(std::string("\x8B\x01\x00\x00\x00\x07", 6)), 7);
  EXPECT_EQ(kindOf("\x8A\x09" + std::string(9, 'x')), Kind::Opaque);
}

TEST(Pickle, ReadsStrings) {
  const auto text = [](const std::string& instructions) {
    const std::string bytes = pkl::file(instructions);
    const Pickle pickle = parse(bytes);
    return std::string(pickle.text(pickle.root()));
  };
  EXPECT_EQ(text(pkl::text("héllo")), "héllo");
  EXPECT_EQ(text("\x8C\x02"
                 "ab"),
            "ab");
  EXPECT_EQ(text(std::string("\x8D\x02\0\0\0\0\0\0\0", 9) + "ab"), "ab");
  EXPECT_EQ(text("U\x02"
                 "ab"),
            "ab");
  EXPECT_EQ(text(std::string("T\x02\0\0\0", 5) + "ab"), "ab");
  EXPECT_EQ(text("C\x02"
                 "ab"),
            "ab");
  EXPECT_EQ(kindOf("C\x02"
                   "ab"),
            Kind::Bytes);
  EXPECT_EQ(kindOf(pkl::text("")), Kind::String);
}

TEST(Pickle, ReadsCollections) {
  const auto count = [](const std::string& instructions) {
    const std::string bytes = pkl::file(instructions);
    const Pickle pickle = parse(bytes);
    return pickle.items(pickle.root()).size();
  };
  EXPECT_EQ(count(pkl::tuple({"N", "N", "N", "N"})), 4u);
  EXPECT_EQ(count("N\x85"), 1u);
  EXPECT_EQ(count("NN\x86"), 2u);
  EXPECT_EQ(count("NNN\x87"), 3u);
  EXPECT_EQ(count(")"), 0u);
  EXPECT_EQ(count(pkl::list({"N", "N"})), 2u);
  EXPECT_EQ(count("]Na"), 1u);
  EXPECT_EQ(count("(NNl"), 2u);
  EXPECT_EQ(count(pkl::dict({{"a", "N"}, {"b", "N"}})), 4u);
  EXPECT_EQ(count("}K\x01Ns"), 2u);
  EXPECT_EQ(count("(K\x01Nd"), 2u);
  EXPECT_EQ(kindOf("\x8F(NN\x90"), Kind::Opaque);
  EXPECT_EQ(kindOf("(NN\x91"), Kind::Opaque);
}

TEST(Pickle, KeepsCallsAsData) {
  const std::string bytes =
      pkl::file(pkl::object(pkl::global("os", "system"), pkl::dict({{"a", pkl::integer(1)}})));
  const Pickle pickle = parse(bytes);
  ASSERT_EQ(pickle.root().kind, Kind::Object);
  EXPECT_EQ(pickle.global(pickle.callee(pickle.root())), "os.system");
  EXPECT_EQ(pickle.arguments(pickle.root()).kind, Kind::Tuple);
  EXPECT_EQ(pickle.items(pickle.state(pickle.root())).size(), 2u);
  EXPECT_TRUE(pickle.items(pickle.root()).empty());
}

TEST(Pickle, PutsItemsIntoWhatACallMade) {
  const std::string bytes = pkl::file(pkl::ordered({{"a", pkl::integer(1)}}));
  const Pickle pickle = parse(bytes);
  ASSERT_EQ(pickle.items(pickle.root()).size(), 2u);
  EXPECT_EQ(pickle.text(pickle.items(pickle.root())[0]), "a");
}

TEST(Pickle, ReadsNamesFromTheStack) {
  const std::string bytes = pkl::file(pkl::text("torch") + pkl::text("float32") + "\x93");
  const Pickle pickle = parse(bytes);
  EXPECT_EQ(pickle.global(pickle.root()), "torch.float32");
}

TEST(Pickle, RemembersValues) {
  const std::string text = pkl::text("a");
  EXPECT_EQ(kindOf(text + std::string("q\0h\0\x86", 5)), Kind::Tuple);
  EXPECT_EQ(kindOf(text + std::string("r\0\0\0\x01j\0\0\0\x01\x86", 11)), Kind::Tuple);
  EXPECT_EQ(kindOf(text + std::string("\x94h\0\x86", 4)), Kind::Tuple);
  EXPECT_EQ(kindOf(text + "2\x86"), Kind::Tuple);
  EXPECT_EQ(kindOf(text + "N0"), Kind::String);
  EXPECT_EQ(kindOf(text + "(NN1"), Kind::String);
}

TEST(Pickle, ReadsAPickleThatHoldsItself) {
  const std::string bytes = pkl::file(std::string("]q\0h\0a", 6));
  const Pickle pickle = parse(bytes);
  ASSERT_EQ(pickle.items(pickle.root()).size(), 1u);
  EXPECT_EQ(pickle.items(pickle.root())[0].payload, pickle.root().payload);
}

TEST(Pickle, ReadsFramesOfProtocolFour) {
  EXPECT_EQ(parse(std::string("\x80\x04\x95\x02\0\0\0\0\0\0\0N.", 13)).root().kind, Kind::None);
  EXPECT_EQ(parse("\x80\x05N.").root().kind, Kind::None);
}

TEST(Pickle, ReadsExtensionsAsOpaque) {
  EXPECT_EQ(kindOf("\x82x"), Kind::Opaque);
  EXPECT_EQ(kindOf("\x83xx"), Kind::Opaque);
  EXPECT_EQ(kindOf("\x84xxxx"), Kind::Opaque);
}

TEST(Pickle, AsksForReferencesOnly) {
  const std::string bytes = pkl::file(pkl::reference(pkl::text("storage")));
  const Pickle pickle = parse(bytes);
  ASSERT_EQ(pickle.root().kind, Kind::Reference);
  EXPECT_EQ(pickle.text(pickle.arguments(pickle.root())), "storage");
}

TEST(Pickle, NestsDeeperThanAnyCallStack) {
  const Pickle pickle = parse(pkl::file("N" + std::string(1'000'000, '\x85')));
  EXPECT_EQ(pickle.root().kind, Kind::Tuple);
}

std::string repeated(const std::string& piece, size_t count) {
  std::string result;
  for (size_t i = 0; i < count; ++i) result += piece;
  return result;
}

std::vector<Refusal> refusals() {
  const auto file = [](const std::string& instructions) { return pkl::file(instructions); };
  return {
      {"Empty", "", "The pickle is empty"},
      {"NoProtocol", "(lp0\n.", "does not begin with a protocol of 2 or later"},
      {"ProtocolOne", std::string("\x80\x01N."), "has protocol 1; 2 to 5 are read"},
      {"ProtocolSix", std::string("\x80\x06N."), "has protocol 6; 2 to 5 are read"},
      {"NoEnd", "\x80\x02N", "ends too early"},
      {"NumberCutOff", "\x80\x02J\x01\x02", "ends too early"},
      {"StringCutOff", file(std::string("X\xFF\0\0\0ab", 7)), "ends too early"},
      {"StringOf64BitsCutOff", file("\x8D" + std::string(8, '\xFF')), "longer than 16777216 bytes"},
      {"BytesCutOff", file("\x8E" + std::string(8, '\xFF')), "ends too early"},
      {"LongCutOff",
       file("\x8A\x20"
            "abc"),
       "ends too early"},
      {"NameWithoutLine", file("ctorch\nFloat"), "ends too early"},
      {"NegativeString", file("T\xFF\xFF\xFF\xFF"), "length in the pickle is negative"},
      {"NegativeLong", file("\x8B\xFF\xFF\xFF\xFF"), "length in the pickle is negative"},
      {"UnknownInstruction", file("\x7F"), "the instruction 0x7F, which is not read"},
      {"TextReference", file("P0\n"), "the instruction 0x50, which is not read"},
      {"TextInteger", file("I01\n"), "the instruction 0x49, which is not read"},
      {"EmptyStack", file("\x85"), "takes a value that is not there"},
      {"PopNothing", file("0"), "takes a value that is not there"},
      {"BelowTheMark", file("N(R"), "takes a value that is not there"},
      {"AppendToNothing", file("(NNe"), "takes a value that is not there"},
      {"RememberNothing", file(std::string("q\0", 2)), "takes a value that is not there"},
      {"NoMark", file("Nt"), "goes back to a mark that is not there"},
      {"NothingRemembered", file("h\x05"), "asks for value 5 of its memo"},
      {"TwoValues", file("NN"), "does not end with one value"},
      {"NoValue", file(""), "does not end with one value"},
      {"MarkLeft", file("N("), "does not end with one value"},
      {"GoesOn", file("N") + "x", "follow the end of the pickle"},
      {"KeyWithoutValue", file("}(NNNu"), "A key of a dictionary has no value"},
      {"KeyOfAList", file("]NNs"), "sets a key of something that is no dictionary"},
      {"AppendToADictionary", file("}Na"), "appends to something that is no list"},
      {"AppendToAString", file(pkl::text("a") + "(Ne"), "appends to something that is no list"},
      {"ArgumentsNoTuple", file(pkl::global("a", "b") + "]R"),
       "arguments of a call in the pickle are not a tuple"},
      {"NameOfNumbers", file("K\x01K\x02\x93"), "A name in the pickle is not made of strings"},
      {"LongName", file(pkl::global("a", std::string(2000, 'b'))), "A name in the pickle is too long"},
      {"OutOfBand", file("\x97"), "refers to buffers that are not in the file"},
      {"FrameTooLong", "\x80\x04\x95" + std::string(8, '\x7F') + "N.",
       "A frame of the pickle reaches beyond"},
      {"TooDeep", file(std::string(1001, '(')), "nested more than 1000 levels deep"},
      {"StackTooLarge", file(std::string(1'000'001, 'N')), "stack is too large"},
      {"TooManyValues", file("]" + repeated(")0", 4'000'001)), "more than 4,000,000 values"},
      {"TooLong", file("C" + std::string(65u << 20, 'x')), "larger than 67108864 bytes"},
      {"LongString", file(pkl::text(std::string(17u << 20, 'x'))), "longer than 16777216 bytes"},
  };
}

class RefusedPickle : public testing::TestWithParam<Refusal> {};

TEST_P(RefusedPickle, SaysWhy) {
  test::expectRefusal(failureOf([] { parse(GetParam().bytes); }), GetParam().message,
                      "w.pth, data.pkl, byte ");
}

INSTANTIATE_TEST_SUITE_P(Pickle, RefusedPickle, testing::ValuesIn(refusals()), test::nameOf);

TEST(Pickle, CountsWhatIsPutIntoTheMemo) {
  PickleLimits limits;
  limits.values = 100;
  std::string instructions = "N";
  for (int i = 0; i < 101; ++i) instructions += "q" + std::string(1, static_cast<char>(i));
  test::expectRefusal(failureOf([&] { parse(pkl::file(instructions), limits); }), "more than 100 values",
                      "w.pth");
}

TEST(Pickle, SurvivesEveryShortening) {
  const std::string good = pkl::file(pkl::dict({{"a", pkl::list({pkl::number(1.0), pkl::integer(7)})},
                                                {"b", pkl::object(pkl::global("a", "b"), "}")}}));
  ASSERT_EQ(parse(good).root().kind, Kind::Dict);
  for (size_t size = 0; size < good.size(); ++size)
    EXPECT_THROW(parse(good.substr(0, size)), Failure) << size;
}

}  // namespace
}  // namespace uc
