// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/color_scale.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace uc {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

Matrix matrix(int64_t rows, int64_t cols, std::vector<float> values) {
  Matrix result(rows, cols);
  result.values = std::move(values);
  return result;
}

MapGrid causal(qint64 tokens, qint64 pool = 1) { return {0, tokens, 0, tokens, pool, true, false}; }
MapGrid full(qint64 rows, qint64 cols) { return {0, rows, 0, cols, 1, false, false}; }

void expectValues(const Matrix& shown, const std::vector<float>& expected) {
  ASSERT_EQ(shown.values.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(shown.values[i], expected[i], 1e-6F) << "cell " << i;
}

TEST(MapGrid, CausalRowsAttendUpToThemselves) {
  const MapGrid grid = causal(4);
  EXPECT_EQ(grid.attendedCols(0, 4), std::pair(qint64{0}, qint64{1}));
  EXPECT_EQ(grid.attendedCols(3, 4), std::pair(qint64{0}, qint64{4}));
  EXPECT_TRUE(grid.isAttended(2, 2));
  EXPECT_FALSE(grid.isAttended(2, 3));
}

TEST(MapGrid, BackwardRowsAttendFromThemselves) {
  const MapGrid grid{0, 4, 0, 4, 1, false, true};
  EXPECT_EQ(grid.attendedCols(0, 4), std::pair(qint64{0}, qint64{4}));
  EXPECT_EQ(grid.attendedCols(3, 4), std::pair(qint64{3}, qint64{4}));
  EXPECT_FALSE(grid.isAttended(2, 1));
  const MapGrid both{0, 4, 0, 4, 1, true, true};
  EXPECT_EQ(both.attendedCols(3, 4), grid.attendedCols(3, 4));
}

TEST(MapGrid, APooledCellIsAttendedIfAnyOfItsEntriesIs) {
  // Rows 4 … 7 against columns 6, 7: entry (6, 6) can be attended.
  const MapGrid grid{4, 8, 0, 10, 2, true, false};
  EXPECT_EQ(grid.attendedCols(0, 5), std::pair(qint64{0}, qint64{3}));
  EXPECT_EQ(grid.attendedCols(1, 5), std::pair(qint64{0}, qint64{4}));
  const MapGrid backward{4, 8, 0, 10, 4, false, true};
  EXPECT_EQ(backward.attendedCols(0, 3), std::pair(qint64{1}, qint64{3}));
}

TEST(MapGrid, APartCutOutOfTheMapKnowsItsDiagonal) {
  const MapGrid grid{10, 12, 8, 14, 1, true, false};
  EXPECT_EQ(grid.attendedCols(0, 6), std::pair(qint64{0}, qint64{3}));
  const MapGrid above{0, 2, 8, 14, 1, true, false};
  EXPECT_EQ(above.attendedCols(1, 6), std::pair(qint64{0}, qint64{0}));
}

TEST(Normalize, RawKeepsValuesAndMeasuresAttendedOnes) {
  const ShownMap shown =
      normalize(matrix(2, 2, {0.5F, 9.0F, -2.0F, 1.0F}), causal(2), false, Normalization::Raw);
  expectValues(shown.values, {0.5F, 9.0F, -2.0F, 1.0F});
  EXPECT_TRUE(shown.isSigned);
  EXPECT_EQ(shown.extent, (ValueRange{-2.0, 1.0}));
}

TEST(Normalize, AbsAndContributionAreUnsigned) {
  for (Normalization each : {Normalization::Abs, Normalization::Contribution}) {
    const ShownMap shown = normalize(matrix(1, 2, {-3.0F, 2.0F}), full(1, 2), false, each);
    expectValues(shown.values, {3.0F, 2.0F});
    EXPECT_FALSE(shown.isSigned);
  }
}

TEST(Normalize, MinMaxUsesMagnitudesOfAttendedCells) {
  const ShownMap shown =
      normalize(matrix(2, 2, {-1.0F, 100.0F, 3.0F, -5.0F}), causal(2), false, Normalization::MinMax);
  EXPECT_NEAR(shown.values.at(0, 0), 0.0F, 1e-6F);
  EXPECT_NEAR(shown.values.at(1, 0), 0.5F, 1e-6F);
  EXPECT_NEAR(shown.values.at(1, 1), 1.0F, 1e-6F);
}

TEST(Normalize, MinMaxOfAConstantIsZero) {
  const ShownMap shown = normalize(matrix(1, 2, {0.7F, -0.7F}), full(1, 2), false, Normalization::MinMax);
  expectValues(shown.values, {0.0F, 0.0F});
}

TEST(Normalize, SoftmaxTakesOnlyAttendedCellsAndWarnsOfNegativeOnes) {
  const ShownMap shown = normalize(matrix(2, 2, {5.0F, 1000.0F, std::log(1.0F), std::log(3.0F)}), causal(2),
                                   false, Normalization::Softmax);
  EXPECT_NEAR(shown.values.at(0, 0), 1.0F, 1e-6F);
  EXPECT_NEAR(shown.values.at(1, 0), 0.25F, 1e-6F);
  EXPECT_NEAR(shown.values.at(1, 1), 0.75F, 1e-6F);
  EXPECT_TRUE(shown.warning.isEmpty());
  const ShownMap negative = normalize(matrix(1, 2, {-1.0F, 1.0F}), full(1, 2), false, Normalization::Softmax);
  EXPECT_EQ(negative.warning, QStringLiteral("softmax of a map with negative entries"));
}

TEST(Normalize, RowNormsKeepSignsAndRowsOfZeros) {
  const Matrix map = matrix(2, 2, {-1.0F, 3.0F, 0.0F, 0.0F});
  expectValues(normalize(map, full(2, 2), false, Normalization::RowL1).values, {-0.25F, 0.75F, 0.0F, 0.0F});
  const ShownMap rowMax = normalize(map, full(2, 2), false, Normalization::RowMax);
  expectValues(rowMax.values, {-1.0F / 3.0F, 1.0F, 0.0F, 0.0F});
  EXPECT_TRUE(rowMax.isSigned);
}

TEST(Normalize, LogarithmsAreToBaseTen) {
  const ShownMap log =
      normalize(matrix(1, 3, {-100.0F, 0.001F, 0.0F}), full(1, 3), false, Normalization::Log10);
  EXPECT_NEAR(log.values.at(0, 0), 2.0F, 1e-6F);
  EXPECT_NEAR(log.values.at(0, 1), -3.0F, 1e-6F);
  EXPECT_TRUE(std::isinf(log.values.at(0, 2)));
  EXPECT_EQ(log.infCount, 1);
  EXPECT_FALSE(log.isSigned);
  const ShownMap both =
      normalize(matrix(1, 3, {-1.0F, 9e-6F, 0.0F}), full(1, 3), false, Normalization::SignedLog);
  EXPECT_NEAR(both.values.at(0, 0), -std::log10(1.0F + 1e6F), 1e-5F);
  EXPECT_NEAR(both.values.at(0, 1), 1.0F, 1e-5F);
  EXPECT_EQ(both.values.at(0, 2), 0.0F);
  EXPECT_TRUE(both.isSigned);
}

TEST(Normalize, PercentileClipsAtOneAndNinetyNinePercentOfAttendedCells) {
  Matrix map(1, 101);
  for (int64_t j = 0; j < 101; ++j) map.at(0, j) = static_cast<float>(j);
  const ShownMap shown = normalize(map, full(1, 101), false, Normalization::Percentile);
  EXPECT_EQ(shown.values.at(0, 0), 1.0F);
  EXPECT_EQ(shown.values.at(0, 50), 50.0F);
  EXPECT_EQ(shown.values.at(0, 100), 99.0F);
  EXPECT_EQ(shown.extent, (ValueRange{1.0, 99.0}));
}

TEST(Normalize, NanAndInfAreCountedAndLeftOutOfEverything) {
  const Matrix map = matrix(1, 4, {kNan, 1.0F, -kInf, 3.0F});
  for (Normalization each : allNormalizations()) {
    const ShownMap shown = normalize(map, full(1, 4), false, each);
    EXPECT_EQ(shown.nanCount, 1) << name(each);
    EXPECT_EQ(shown.infCount, 1) << name(each);
    EXPECT_TRUE(std::isfinite(shown.values.at(0, 1))) << name(each);
    EXPECT_LE(shown.extent.low, shown.extent.high) << name(each);
    EXPECT_TRUE(std::isfinite(shown.extent.high)) << name(each);
  }
  EXPECT_NEAR(normalize(map, full(1, 4), false, Normalization::RowL1).values.at(0, 1), 0.25F, 1e-6F);
}

TEST(Normalize, UnattendedCellsTakeNoPart) {
  const Matrix map = matrix(2, 2, {1.0F, kNan, 2.0F, 3.0F});
  for (Normalization each : allNormalizations()) {
    EXPECT_EQ(normalize(map, causal(2), false, each).nanCount, 0) << name(each);
  }
}

TEST(Normalize, AMapWithNoFiniteCellHasTheUnitExtent) {
  EXPECT_EQ(normalize(matrix(1, 1, {kNan}), full(1, 1), false, Normalization::Raw).extent,
            (ValueRange{0.0, 1.0}));
}

TEST(TrimmedExtent, LeavesOutTheHundredthFarthestFromZeroButKeepsNothingFromLookingLikeMuch) {
  Matrix map(1, 201);
  for (int64_t j = 0; j < 201; ++j) map.at(0, j) = static_cast<float>(j - 50) / 100.0F;
  const ShownMap shown = normalize(map, full(1, 201), false, Normalization::Raw);
  EXPECT_EQ(shown.extent, (ValueRange{-0.5, 1.5}));
  EXPECT_NEAR(trimmedExtent(shown, full(1, 201)).high, 1.48, 1e-6);
  EXPECT_NEAR(trimmedExtent(shown, full(1, 201)).low, -0.5, 1e-6);
  Matrix spike(1, 200);
  spike.at(0, 7) = -4.0F;
  const ShownMap one = normalize(spike, full(1, 200), false, Normalization::Raw);
  EXPECT_NEAR(trimmedExtent(one, full(1, 200)).low, -0.04, 1e-9);
}

// ---- parts of a map

Matrix cut(const Matrix& map, qint64 row0, qint64 rows, qint64 col0, qint64 cols) {
  Matrix part(rows, cols);
  for (qint64 i = 0; i < rows; ++i)
    for (qint64 j = 0; j < cols; ++j) part.at(i, j) = map.at(row0 + i, col0 + j);
  return part;
}

TEST(NormalizePart, GivesWhatTheWholeMapHasThere) {
  constexpr qint64 kTokens = 40;
  Matrix map(kTokens, kTokens);
  for (qint64 i = 0; i < kTokens; ++i)
    for (qint64 j = 0; j <= i; ++j)
      map.at(i, j) = (static_cast<float>((i * 17 + j * 29) % 31) - 12.5F) / 7.0F;
  const MapGrid grid{0, kTokens, 0, kTokens, 1, true, false};
  MapGrid partGrid = grid;
  partGrid.row0 = 20, partGrid.row1 = 36, partGrid.col0 = 4, partGrid.col1 = 30;
  const Matrix part = cut(map, 20, 16, 4, 26);
  for (const Normalization each : allNormalizations()) {
    const ShownMap whole = normalize(map, grid, false, each);
    const ShownMap shown = normalizePart(part, partGrid, false, each, basisOf(map, grid, each));
    EXPECT_EQ(shown.isSigned, whole.isSigned);
    for (qint64 i = 0; i < part.rows; ++i) {
      const auto [begin, end] = partGrid.attendedCols(i, part.cols);
      for (qint64 j = begin; j < end; ++j) {
        const float expected = whole.values.at(20 + i, 4 + j);
        ASSERT_NEAR(shown.values.at(i, j), expected, 1e-6F * std::max(1.0F, std::abs(expected)))
            << name(each) << " " << i << " " << j;
      }
    }
  }
}

TEST(NormalizePart, FinerCellsShareTheSumsOfTheCoarseOnes) {
  // Two rows of cells of 4 tokens; a part of it in single tokens, each with the cell's mean.
  Matrix map(2, 2);
  map.values = {1.0F, 0.0F, 3.0F, 1.0F};
  const MapGrid grid{0, 8, 0, 8, 4, true, false};
  const MapGrid partGrid{4, 8, 0, 4, 1, true, false};
  Matrix part(4, 4);
  std::fill(part.values.begin(), part.values.end(), 3.0F);
  const auto shown = [&](Normalization each) {
    return normalizePart(part, partGrid, true, each, basisOf(map, grid, each)).values.at(2, 1);
  };
  EXPECT_FLOAT_EQ(shown(Normalization::RowL1), 3.0F / 16.0F);  // of (3 + 1) · 4 entries
  EXPECT_FLOAT_EQ(shown(Normalization::RowMax), 1.0F);
  EXPECT_FLOAT_EQ(shown(Normalization::Softmax), 1.0F / (4.0F * (1.0F + std::exp(-2.0F))));
}

}  // namespace
}  // namespace uc
