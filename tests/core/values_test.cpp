// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/values/display.h"
#include "core/values/error.h"
#include "core/values/feedback.h"
#include "core/values/map_id.h"
#include "core/values/matrix.h"

#include <gtest/gtest.h>

#include <string>

namespace uc {
namespace {

TEST(Printable, EscapesWhatCouldMoveATerminalsCursor) {
  EXPECT_EQ(printable("a\nb\tc\x1b[31m"), "a\\nb\\tc\\x1B[31m");
  EXPECT_EQ(printable("\xC2\x9B"), "\\u{9B}");      // C1 control
  EXPECT_EQ(printable("x\u202Ey"), "x\\u{202E}y");  // right-to-left override
  EXPECT_EQ(printable(std::string("a\0b", 3)), "a\\x00b");
}

TEST(Printable, EscapesInvalidUtf8AndKeepsTheRest) {
  EXPECT_EQ(printable("é日本🦀"), "é日本🦀");
  EXPECT_EQ(printable("\xE2\x82"), "\\xE2\\x82");           // cut sequence
  EXPECT_EQ(printable("\xC0\xAF"), "\\xC0\\xAF");           // overlong
  EXPECT_EQ(printable("\xED\xA0\x80"), "\\xED\\xA0\\x80");  // surrogate
}

TEST(Printable, CutsLongNamesInTheMiddleAtACharacter) {
  std::string longName;
  for (int i = 0; i < 500; ++i) longName += "日";
  const std::string cut = printable(longName, 50);
  EXPECT_LE(cut.size(), 50u);
  EXPECT_NE(cut.find("…"), std::string::npos);
  EXPECT_EQ(printable(cut, 1000), cut);  // still valid UTF-8
}

TEST(Grouped, PartsThousands) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(65536), "65,536");
  EXPECT_EQ(grouped(-123456), "-123,456");
}

TEST(OneLine, HoldsTheThreePartsWithinItsLimit) {
  const Error error{"The weights file ends too early.", "model.safetensors", "Copy the file again."};
  EXPECT_EQ(oneLine(error), "The weights file ends too early. model.safetensors: Copy the file again.");
  const Error huge{std::string(5000, 'a'), std::string(5000, 'b'), std::string(5000, 'c')};
  EXPECT_LE(oneLine(huge).size(), 560u);
  EXPECT_EQ(oneLine(huge).find('\n'), std::string::npos);
}

TEST(Failure, CarriesItsError) {
  try {
    fail("What.", "where", "To do.");
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.error(), (Error{"What.", "where", "To do."}));
    EXPECT_STREQ(failure.what(), "What. where: To do.");
  }
}

TEST(Feedback, CheckpointThrowsOnceAStopIsRequested) {
  std::stop_source stop;
  const Feedback feedback(stop.get_token());
  EXPECT_NO_THROW(feedback.checkpoint());
  stop.request_stop();
  EXPECT_THROW(feedback.checkpoint(), Cancelled);
  EXPECT_NO_THROW(Feedback{}.checkpoint());
}

TEST(Feedback, PartsFillTheirShareOfTheWhole) {
  double seen = -1.0;
  const Feedback whole({}, [&](double fraction, std::string_view) { seen = fraction; });
  whole.part(0.5, 1.0).report(0.5, "half of the second half");
  EXPECT_DOUBLE_EQ(seen, 0.75);
}

TEST(Factors, NamedConventionsHoldTheirSets) {
  EXPECT_EQ(factorList(named(Convention::Exact).factors), "gate,scan,activation,convolution,skip");
  EXPECT_EQ(factorList(named(Convention::Unified).factors), "gate,scan,activation,convolution");
  EXPECT_EQ(factorList(named(Convention::ScanOnly).factors), "scan");
  EXPECT_EQ(factorList(named(Convention::NoStep).factors), "scan,no-step");
  EXPECT_EQ(MapFactors{}, named(Convention::Unified));
}

TEST(Factors, SwitchOnAndOff) {
  const Factors both{Factor::Gate, Factor::Scan};
  EXPECT_EQ(both.without(Factor::Gate), Factors{Factor::Scan});
  EXPECT_EQ(both.with(Factor::Gate), both);
  EXPECT_FALSE(both.has(Factor::Skip));
}

template <typename List, typename Find>
void expectNamesRoundTrip(const List& list, Find find) {
  for (const auto value : list) EXPECT_EQ(find(name(value)), value) << name(value);
  EXPECT_FALSE(find("nonsense").has_value());
}

TEST(Names, ReadBackToTheirValues) {
  expectNamesRoundTrip(allFactors(), factorNamed);
  expectNamesRoundTrip(allConventions(), conventionNamed);
  expectNamesRoundTrip(allMerges(), mergeNamed);
  expectNamesRoundTrip(allNormalizations(), normalizationNamed);
  expectNamesRoundTrip(allColorMaps(), colorMapNamed);
}

TEST(Names, MapsOfOneLaneAreSignedAndMeanAbsIsNot) {
  EXPECT_TRUE(isUnsigned({LaneChoice::Kind::All, 0, Merge::MeanAbs}));
  EXPECT_FALSE(isUnsigned({LaneChoice::Kind::All, 0, Merge::MaxAbs}));
  EXPECT_FALSE(isUnsigned({LaneChoice::Kind::Lane, 0, Merge::MeanAbs}));
}

TEST(Matrix, IsRowMajor) {
  Matrix matrix(2, 3);
  matrix.at(1, 2) = 5.0f;
  EXPECT_EQ(matrix.values[5], 5.0f);
  EXPECT_EQ(matrix.row(1)[2], 5.0f);
}

}  // namespace
}  // namespace uc
