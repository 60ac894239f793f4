// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/color_scale.h"

#include <gtest/gtest.h>

#include <set>

namespace uc {
namespace {

std::vector<std::string> labels(const ColorScale& scale, int count) {
  std::vector<std::string> result;
  for (const auto& tick : scale.ticks(count)) result.push_back(tick.label.toStdString());
  return result;
}

Display ranged(double low, double high) {
  Display display;
  display.range = ValueRange{low, high};
  return display;
}

TEST(ColorTable, EveryMapHasItsColorsFromTheResources) {
  std::set<std::pair<QRgb, QRgb>> ends;
  for (ColorMap map : allColorMaps()) {
    const auto& table = colorTable(map);
    ends.insert({table.front(), table.back()});
    EXPECT_NE(table.front(), table.back()) << name(map);
  }
  EXPECT_EQ(ends.size(), allColorMaps().size());
  EXPECT_EQ(colorTable(ColorMap::Viridis).front(), qRgb(0x44, 0x01, 0x54));
  EXPECT_EQ(colorTable(ColorMap::Viridis).back(), qRgb(0xFD, 0xE7, 0x25));
  EXPECT_EQ(colorTable(ColorMap::RdBu).front(), qRgb(0x05, 0x30, 0x61));
  EXPECT_EQ(colorTable(ColorMap::RdBu).back(), qRgb(0x67, 0x00, 0x1F));
  EXPECT_EQ(colorTable(ColorMap::Gray)[128], qRgb(128, 128, 128));
}

TEST(ColorScale, SignedValuesAreDivergingAroundZero) {
  const ColorScale scale({}, true, {-0.1, 0.4});
  EXPECT_EQ(scale.map(), ColorMap::RdBu);
  EXPECT_EQ(scale.range(), (ValueRange{-0.4, 0.4}));
  EXPECT_EQ(scale.position(0.0), 0.5);
  EXPECT_EQ(scale.position(0.4), 1.0);
  EXPECT_EQ(scale.position(-0.2), 0.25);
  const QColor plus(scale.color(0.4)), minus(scale.color(-0.4));
  EXPECT_GT(plus.red(), plus.blue());
  EXPECT_GT(minus.blue(), minus.red());
}

TEST(ColorScale, UnsignedValuesBeginAtZero) {
  const ColorScale scale({}, false, {0.1, 0.4});
  EXPECT_EQ(scale.map(), ColorMap::Viridis);
  EXPECT_EQ(scale.range(), (ValueRange{0.0, 0.4}));
  EXPECT_EQ(scale.position(0.1), 0.25);
}

TEST(ColorScale, RangesOfNormalizationsAreTheirOwn) {
  Display display;
  display.normalization = Normalization::MinMax;
  EXPECT_EQ(ColorScale(display, false, {0.0, 0.0}).range(), (ValueRange{0.0, 1.0}));
  display.normalization = Normalization::Log10;
  EXPECT_EQ(ColorScale(display, false, {-7.0, -1.0}).range(), (ValueRange{-7.0, -1.0}));
  EXPECT_EQ(ColorScale(display, false, {-40.0, 0.0}).range(), (ValueRange{-10.0, 0.0}));
}

TEST(ColorScale, DegenerateExtentsStillHaveARange) {
  for (bool isSigned : {true, false}) {
    const ColorScale scale({}, isSigned, {0.0, 0.0});
    EXPECT_LT(scale.range().low, scale.range().high);
    EXPECT_FALSE(scale.ticks(5).empty());
  }
}

TEST(ColorScale, ZeroStaysNeutralInAnAsymmetricRange) {
  const ColorScale scale(ranged(-0.2, 0.8), true, {});
  EXPECT_EQ(scale.position(0.0), 0.5);
  EXPECT_NEAR(scale.position(0.2) - 0.5, 0.5 - scale.position(-0.2), 1e-12);
  // The bar shows the range alone, from its low to its high end.
  EXPECT_EQ(scale.barIndex(0.0), static_cast<int>(scale.position(-0.2) * 256.0));
  EXPECT_EQ(scale.barIndex(1.0), 255);
  for (const auto& tick : scale.ticks(5)) EXPECT_NEAR(tick.position, tick.value + 0.2, 1e-9);
}

TEST(ColorScale, GammaActsOnBothSidesOfZeroAlike) {
  Display display = ranged(-1.0, 1.0);
  display.gamma = 2.0;
  const ColorScale scale(display, true, {});
  EXPECT_NEAR(scale.position(0.5), 0.5 + 0.125, 1e-12);
  EXPECT_NEAR(scale.position(-0.5), 0.5 - 0.125, 1e-12);
}

TEST(ColorScale, SwappedEndsSwapColors) {
  Display display = ranged(0.0, 1.0);
  display.isReversed = true;
  const ColorScale scale(display, false, {});
  EXPECT_EQ(scale.color(0.0), colorTable(ColorMap::Viridis).back());
  EXPECT_EQ(scale.table().front(), scale.color(0.0));
}

TEST(ColorScale, OverflowForgivesRounding) {
  const ColorScale scale(ranged(-0.4, 0.4), true, {});
  EXPECT_EQ(scale.overflow(static_cast<double>(0.4F)), 0);
  EXPECT_EQ(scale.overflow(0.401), 1);
  EXPECT_EQ(scale.overflow(-0.5), -1);
}

TEST(ColorScale, TicksAreRoundAndSigned) {
  EXPECT_EQ(labels(ColorScale(ranged(-0.4, 0.4), true, {}), 5),
            (std::vector<std::string>{"−0.4", "−0.2", "0", "+0.2", "+0.4"}));
  EXPECT_EQ(labels(ColorScale(ranged(0.0, 1.0), false, {}), 5),
            (std::vector<std::string>{"0", "0.25", "0.50", "0.75", "1.00"}));
  EXPECT_EQ(labels(ColorScale(ranged(-2e-7, 2e-7), true, {}), 3),
            (std::vector<std::string>{"−2e−7", "0", "+2e−7"}));
}

TEST(ColorScale, EveryRangeHasAtLeastTwoTicksInside) {
  for (double high : {0.4245, 0.5086, 0.999, 1.01, 3.7e5, 8.1e-9}) {
    for (int count : {3, 5, 7}) {
      const ColorScale scale(ranged(-high, high), true, {});
      const auto ticks = scale.ticks(count);
      EXPECT_GE(ticks.size(), 3U) << high;
      EXPECT_LE(ticks.size(), 2U * static_cast<size_t>(count)) << high;
      std::set<QString> different;
      for (const auto& tick : ticks) {
        EXPECT_GE(tick.position, -1e-9);
        EXPECT_LE(tick.position, 1.0 + 1e-9);
        different.insert(tick.label);
      }
      EXPECT_EQ(different.size(), ticks.size()) << high;
    }
  }
}

TEST(ColorScale, AMapThatDoesNotSuitTheValuesIsNamed) {
  Display display;
  display.colorMap = ColorMap::RdBu;
  EXPECT_EQ(ColorScale(display, false, {0.0, 1.0}).mismatch(),
            QStringLiteral("diverging map on unsigned values"));
  EXPECT_TRUE(ColorScale(display, true, {0.0, 1.0}).mismatch().isEmpty());
  display.colorMap = ColorMap::Viridis;
  EXPECT_EQ(ColorScale(display, true, {0.0, 1.0}).mismatch(),
            QStringLiteral("sequential map on signed values"));
}

}  // namespace
}  // namespace uc
