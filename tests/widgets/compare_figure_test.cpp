// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/compare_figure.h"

#include "tests/support/failure.h"
#include "tests/widgets/heatmap_fixture.h"
#include "widgets/paint/paper_grid.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace uc {
namespace {

HeatmapContent unsignedMap(Normalization normalization, float factor = 1.0F) {
  HeatmapRecipe recipe;
  recipe.isSigned = false;
  HeatmapContent content = *madeUpHeatmap(recipe);
  for (float& value : content.map.values) value *= factor;
  content.shown = normalize(content.map, content.grid, true, normalization);
  Display display;
  display.normalization = normalization;
  content.scale = ColorScale(display, false, content.shown.extent);
  return content;
}

std::shared_ptr<const HeatmapContent> shared(const HeatmapContent& content) {
  return std::make_shared<const HeatmapContent>(content);
}

TEST(CompareFigure, DifferenceIsBMinusAInASymmetricRange) {
  const HeatmapContent a = unsignedMap(Normalization::Raw), b = unsignedMap(Normalization::Raw, 3.0F);
  const HeatmapContent difference = differenceContent(a, b, Normalization::Raw);
  EXPECT_FLOAT_EQ(difference.map.at(5, 3), b.shown.values.at(5, 3) - a.shown.values.at(5, 3));
  EXPECT_TRUE(difference.scale.isSigned());
  EXPECT_DOUBLE_EQ(difference.scale.range().low, -difference.scale.range().high);
  EXPECT_GE(difference.scale.range().high, difference.shown.extent.high);
  EXPECT_EQ(difference.title, QStringLiteral("B − A"));
  EXPECT_EQ(difference.legend, QStringLiteral("B − A of raw, red: B larger"));
}

TEST(CompareFigure, DifferenceOfLogarithmsIsARatio) {
  HeatmapContent a = unsignedMap(Normalization::Log10), b = unsignedMap(Normalization::Log10, 100.0F);
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  a.shown.values.at(4, 1) = b.shown.values.at(4, 1) = -kInfinity;  // log10 of 0
  a.shown.values.at(4, 2) = -kInfinity;
  const HeatmapContent difference = differenceContent(a, b, Normalization::Log10);
  EXPECT_NEAR(difference.map.at(5, 3), 2.0F, 1e-5F);
  EXPECT_EQ(difference.map.at(4, 1), 0.0F);
  EXPECT_EQ(difference.map.at(4, 2), kInfinity);
  EXPECT_EQ(difference.shown.infCount, 1);
  QStringList labels;
  for (const auto& tick : barTicks(difference, HeatmapStyle{}, 200.0)) labels.append(tick.label);
  EXPECT_TRUE(labels.contains(QStringLiteral("equal"))) << labels.join(QLatin1Char('|')).toStdString();
  EXPECT_TRUE(labels.contains(QStringLiteral("× 100"))) << labels.join(QLatin1Char('|')).toStdString();
  EXPECT_TRUE(labels.contains(QStringLiteral("÷ 100")));
}

TEST(CompareFigure, DifferentTokensPartsAndDirectionsAreRefused) {
  const HeatmapContent a = unsignedMap(Normalization::Raw);
  HeatmapRecipe recipe;
  recipe.tokens = 30;
  HeatmapContent b = *madeUpHeatmap(recipe);
  const Error error = test::failureOf([&] { differenceContent(a, b, Normalization::Raw); });
  EXPECT_EQ(error.what, "The two maps have different numbers of tokens.");
  EXPECT_EQ(error.where, "28 × 28 and 30 × 30");
  b = a;
  b.grid.pool = 2;
  EXPECT_EQ(test::failureOf([&] { differenceContent(a, b, Normalization::Raw); }).what,
            "The two maps show different parts.");
  b = a;
  b.grid.isCausal = false;
  b.grid.isBackward = true;
  EXPECT_EQ(test::failureOf([&] { differenceContent(a, b, Normalization::Raw); }).what,
            "The two maps look in opposite directions.");
}

TEST(CompareFigure, MapsOfTwoTokenizersMeetInTheirSegments) {
  HeatmapSource source;
  source.values = Matrix(3, 3, 1.0F);
  source.grid = {0, 3, 0, 3, 1, true, false};
  source.tokens = {QStringLiteral("<s>"), QStringLiteral("un"), QStringLiteral("der")};
  const std::vector<AlignedSegment> segments{{0, 0, {0, 1}, {0, 1}}, {0, 5, {1, 3}, {1, 2}}};
  const HeatmapSource aligned = alignedSource(source, segments, &AlignedSegment::a, "under");
  EXPECT_EQ(aligned.tokens, (QStringList{QStringLiteral("<s>"), QStringLiteral("under")}));
  EXPECT_EQ(aligned.grid.row1, 2);
  EXPECT_FLOAT_EQ(aligned.values.at(1, 1), 2.0F);
}

TEST(CompareFigure, ACommonScaleHoldsEveryRange) {
  const auto small = shared(unsignedMap(Normalization::Raw)),
             large = shared(unsignedMap(Normalization::Raw, 4.0F));
  const auto scale = commonScale({small, large});
  ASSERT_TRUE(scale.has_value());
  EXPECT_EQ(scale->range(), large->scale.range());
  EXPECT_EQ(inScale(*small, *scale)->scale, *scale);
  EXPECT_EQ(commonScale({small, madeUpHeatmap()}), std::nullopt);
  EXPECT_EQ(commonScale({}), std::nullopt);
}

/// How often a figure's SVG has a text.
qsizetype countOf(const Figure& figure, double widthMm, const char* text) {
  FigureOptions options;
  options.widthMm = widthMm;
  return encodeFigure(figure, options, "svg", "{}").count(text);
}

TEST(CompareFigure, EqualScalesShareAColorbarAndOthersHaveTheirOwn) {
  const auto small = shared(unsignedMap(Normalization::Raw)),
             large = shared(unsignedMap(Normalization::Raw, 4.0F));
  const auto scale = *commonScale({small, large});
  const char* const legend = "lane 345, raw signed<";
  EXPECT_EQ(countOf(CompareFigure({small, large}, nullptr), 180.0, legend), 2);
  EXPECT_EQ(countOf(CompareFigure({inScale(*small, scale), inScale(*large, scale)}, nullptr), 180.0, legend),
            1);
}

TEST(CompareFigure, FourPanesStandTwoByTwoOnANarrowPage) {
  const auto map = shared(unsignedMap(Normalization::Raw));
  const CompareFigure figure({map, map, map}, shared(differenceContent(*map, *map, Normalization::Raw)));
  FigureOptions narrow, wide;
  narrow.widthMm = 85.0;
  wide.widthMm = 180.0;
  const QSizeF tall = figureSizeMm(figure, narrow), flat = figureSizeMm(figure, wide);
  EXPECT_GT(tall.height(), tall.width());
  EXPECT_LT(flat.height(), 0.6 * flat.width());
  EXPECT_EQ(countOf(figure, 85.0, ">D<"), 1);
  EXPECT_EQ(countOf(figure, 85.0, ">B − A<"), 1);
}

TEST(PaperGrid, TitlesStandOnceAndOneBarServesASharedScale) {
  const auto small = shared(unsignedMap(Normalization::Raw)),
             large = shared(unsignedMap(Normalization::Raw, 4.0F));
  const QStringList rows{QStringLiteral("layer 3"), QStringLiteral("layer 7")},
      columns{QStringLiteral("S6 only"), QStringLiteral("full")};
  const GridFigure shared({small, large, nullptr, large}, rows, columns, true);
  for (double width : {85.0, 180.0}) {
    EXPECT_EQ(countOf(shared, width, ">layer 3<"), 1);
    EXPECT_EQ(countOf(shared, width, ">S6 only<"), 1);
    EXPECT_EQ(countOf(shared, width, ">key token s<"), 1);
    EXPECT_EQ(countOf(shared, width, ">query token t<"), 1);
    EXPECT_EQ(countOf(shared, width, "lane 345, raw signed<"), 1);
  }
  const GridFigure own({small, large, small, large}, rows, columns, false);
  EXPECT_EQ(countOf(own, 85.0, "lane 345, raw signed<"), 0);
}

TEST(PaperGrid, CountsAndScalesThatDoNotFitAreRefused) {
  const auto map = shared(unsignedMap(Normalization::Raw));
  const QStringList one{QStringLiteral("a")};
  EXPECT_EQ(test::failureOf([&] {
              GridFigure({map, map}, one, one, false);
            }).what,
            "A grid of maps needs a map for each row and column.");
  EXPECT_EQ(test::failureOf([&] { GridFigure({nullptr}, one, one, false); }).where, "0 maps, 1 × 1 titles");
  EXPECT_EQ(test::failureOf([&] {
              GridFigure({map, madeUpHeatmap()}, one, one + one, true);
            }).what,
            "Signed and unsigned maps have no common color range.");
}

}  // namespace
}  // namespace uc
