// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/heatmap_painter.h"

#include "tests/widgets/heatmap_fixture.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace uc {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// 4 × 4 causal values from −1 to 1 on a range that −1 and 1 fill.
HeatmapContent smallContent(const Display& display = {}) {
  HeatmapContent content;
  content.map = Matrix(4, 4);
  content.map.values = {1.0F, 0, 0, 0, -1.0F, 0.5F, 0, 0, 0.25F, -0.5F, 0.0F, 0, 0.1F, 0.2F, 0.3F, 0.4F};
  content.grid = {0, 4, 0, 4, 1, true, false};
  content.shown = normalize(content.map, content.grid, false, display.normalization);
  content.scale = ColorScale(display, true, content.shown.extent);
  for (const char* token : {"a", " b", "c", " d"}) content.tokens.push_back(QString::fromLatin1(token));
  content.legend = QStringLiteral("unified α, lane 0, raw signed");
  return content;
}

struct Picture {
  QImage image;
  HeatmapLayout layout;
  HeatmapStyle style;

  QColor at(const Cell& cell) const {
    return at(static_cast<double>(cell.col) + 0.5, static_cast<double>(cell.row) + 0.5);
  }
  QColor at(double key, double query) const {
    return QColor(image.pixel(layout.toPoint(key, query).toPoint()));
  }
};

Picture paint(const HeatmapContent& content, const QSize& size = {400, 320}, const HeatmapMarks& marks = {},
              const Viewport& viewport = {}) {
  Picture picture{QImage(size, QImage::Format_RGB32), {}, {}};
  picture.image.fill(picture.style.theme.canvas);
  picture.layout = layoutHeatmap(content, QRectF(QPointF(), size), viewport, picture.style, true);
  QPainter painter(&picture.image);
  paintHeatmap(painter, content, picture.layout, picture.style, marks);
  return picture;
}

TEST(HeatmapPainter, CentersOfCellsHaveTheColorsOfTheScale) {
  const HeatmapContent content = smallContent();
  const Picture picture = paint(content);
  for (qint64 row = 0; row < 4; ++row) {
    for (qint64 col = 0; col <= row; ++col) {
      EXPECT_EQ(picture.at(Cell{row, col}).rgb(), content.scale.color(content.map.at(row, col)))
          << row << ' ' << col;
    }
  }
}

TEST(HeatmapPainter, CellsWithThePictureGivenAreTheSame) {
  const HeatmapContent content = smallContent();
  const Picture whole = paint(content);
  QImage image(whole.image.size(), QImage::Format_RGB32);
  image.fill(whole.style.theme.canvas);
  QPainter painter(&image);
  paintCells(painter, content, whole.layout, whole.style, cellImage(content, whole.style.theme));
  const QPoint center = whole.layout.toPoint(0.5, 1.5).toPoint();
  EXPECT_EQ(image.pixel(center), whole.image.pixel(center));
}

TEST(HeatmapPainter, UnattendedCellsAreHatchedNeverColored) {
  const HeatmapContent content = smallContent();
  const Picture picture = paint(content);
  const QRectF cell(picture.layout.toPoint(3.0, 0.0), picture.layout.toPoint(4.0, 1.0));
  int ground = 0, lined = 0, other = 0;
  for (int y = static_cast<int>(cell.top()) + 2; y < cell.bottom() - 2; ++y) {
    for (int x = static_cast<int>(cell.left()) + 2; x < cell.right() - 2; ++x) {
      const QColor color(picture.image.pixel(x, y));
      const Theme& theme = picture.style.theme;
      if (color == theme.hatchGround) {
        ++ground;
      } else if (color.red() < theme.hatchGround.red() && color.red() >= theme.hatchLine.red() - 1) {
        ++lined;
      } else {
        ++other;
      }
    }
  }
  EXPECT_GT(ground, 100);
  EXPECT_GT(lined, 100);
  EXPECT_EQ(other, 0);
}

TEST(HeatmapPainter, BackwardMapsHatchTheirLowerTriangleAndBothDirectionsNothing) {
  HeatmapContent content = smallContent();
  content.grid.isCausal = false;
  content.grid.isBackward = true;
  const auto hatched = [](const Picture& picture, double key, double query) {
    const QColor color = picture.at(key, query);
    return color == picture.style.theme.hatchGround || color.red() < 0xEE;
  };
  const Picture backward = paint(content);
  EXPECT_TRUE(hatched(backward, 0.5, 3.4));
  EXPECT_EQ(backward.at(3.5, 0.5).rgb(), content.scale.color(0.0));
  content.grid.isBackward = false;
  const Picture both = paint(content);
  EXPECT_EQ(both.at(3.5, 0.5).rgb(), content.scale.color(0.0));
  EXPECT_EQ(both.at(0.5, 3.5).rgb(), content.scale.color(content.map.at(3, 0)));
}

TEST(HeatmapPainter, NanIsCrossedAndNeverAColorOfTheMap) {
  HeatmapContent content = smallContent();
  content.map.at(2, 1) = content.shown.values.at(2, 1) = kNan;
  const Picture picture = paint(content);
  const Theme& theme = picture.style.theme;
  EXPECT_EQ(picture.at(1.5, 2.25), theme.nanGround);
  EXPECT_LT(picture.at(1.5, 2.5).lightness(), theme.nanGround.lightness());  // the cross
  EXPECT_EQ(cellImage(content, theme).pixel(1, 2), theme.nanGround.rgb());
}

TEST(HeatmapPainter, InfinityHasItsSignOnTheSameGround) {
  HeatmapContent content = smallContent();
  content.shown.values.at(3, 0) = std::numeric_limits<float>::infinity();
  const Picture picture = paint(content);
  EXPECT_EQ(picture.at(0.15, 3.15), picture.style.theme.nanGround);
  int dark = 0;
  for (double x = 0.2; x < 0.8; x += 0.02) dark += picture.at(x, 3.5).lightness() < 100;
  EXPECT_GT(dark, 0);
}

TEST(HeatmapPainter, CellsOutOfRangeHaveACornerTriangle) {
  Display display;
  display.range = ValueRange{-0.4, 0.3};
  const HeatmapContent content = smallContent(display);
  const Picture picture = paint(content);
  const double in = 4.0 / picture.layout.cells.width() * 4.0;  // four pixels, in tokens
  const auto marked = [&](double key, double query, qint64 row, qint64 col) {
    return picture.at(key, query) == textOn(QColor(content.scale.color(content.map.at(row, col))));
  };
  EXPECT_TRUE(marked(2.0 - in / 2.0, 1.0 + in / 2.0, 1, 1));  // 0.5, above
  EXPECT_FALSE(marked(2.0 - in / 2.0, 2.0 - in / 2.0, 1, 1));
  EXPECT_TRUE(marked(1.0 - in / 2.0, 2.0 - in / 2.0, 1, 0));   // −1, below
  EXPECT_FALSE(marked(1.0 - in / 2.0, 3.0 - in / 2.0, 2, 0));  // 0.25, inside
}

TEST(HeatmapPainter, EveryPointOfACellIsHitAndNothingElse) {
  const HeatmapContent content = smallContent();
  const Picture picture = paint(content);
  for (qint64 row = 0; row < 4; ++row) {
    for (qint64 col = 0; col < 4; ++col) {
      for (double inside : {0.01, 0.5, 0.99}) {
        const QPointF point =
            picture.layout.toPoint(static_cast<double>(col) + inside, static_cast<double>(row) + inside);
        const auto cell = cellAt(content, picture.layout, point);
        ASSERT_TRUE(cell);
        EXPECT_EQ(*cell, (Cell{row, col}));
      }
    }
  }
  EXPECT_FALSE(cellAt(content, picture.layout, picture.layout.cells.topLeft() - QPointF(2, 2)));
  EXPECT_FALSE(cellAt(content, picture.layout, picture.layout.cells.bottomRight() + QPointF(2, 2)));
}

TEST(HeatmapPainter, APooledMapHitsTheFirstTokenOfItsCells) {
  HeatmapRecipe recipe;
  recipe.tokens = 30;
  recipe.pool = 4;
  const auto content = madeUpHeatmap(recipe);
  const Picture picture = paint(*content);
  EXPECT_EQ(*cellAt(*content, picture.layout, picture.layout.toPoint(9.5, 29.5)), (Cell{28, 8}));
  EXPECT_EQ(picture.at(29.5, 29.0).rgb(), content->scale.color(content->map.at(7, 7)));
}

TEST(HeatmapPainter, ZoomedCellsKeepTheirColors) {
  const auto content = madeUpHeatmap();
  const Picture picture = paint(*content, {500, 420}, {}, {4.5, 10.25, 6.0, 6.0});
  EXPECT_EQ(picture.at(7.5, 12.5).rgb(), content->scale.color(content->map.at(12, 7)));
  EXPECT_EQ(picture.at(10.4, 15.5).rgb(), content->scale.color(content->map.at(15, 10)));
}

TEST(HeatmapLayout, SnapsCellsToWholePixelsFromThree) {
  for (qint64 tokens : {3, 28, 60, 100}) {
    HeatmapRecipe recipe;
    recipe.tokens = tokens;
    const auto content = madeUpHeatmap(recipe);
    const HeatmapLayout layout = layoutHeatmap(*content, QRectF(0, 0, 900, 700), {}, {}, true);
    const double pitch = layout.cells.width() / static_cast<double>(tokens);
    EXPECT_EQ(pitch, std::floor(pitch)) << tokens;
    EXPECT_EQ(layout.cells.topLeft(), layout.cells.topLeft().toPoint()) << tokens;
    EXPECT_LE(pitch, 40.0);
    EXPECT_EQ(layout.cells.width(), layout.cells.height());
  }
}

TEST(HeatmapLayout, PutsTheBarWhereTheMapIsLarger) {
  const auto content = madeUpHeatmap();
  EXPECT_FALSE(layoutHeatmap(*content, QRectF(0, 0, 900, 500), {}, {}, true).isBarBelow);
  EXPECT_TRUE(layoutHeatmap(*content, QRectF(0, 0, 400, 800), {}, {}, true).isBarBelow);
}

TEST(HeatmapLayout, DoesNotMoveWhileOneZooms) {
  HeatmapRecipe recipe;
  recipe.tokens = 2000;
  const auto content = madeUpHeatmap(recipe);
  const QRectF area(0, 0, 900, 700);
  const QRectF whole = layoutHeatmap(*content, area, {}, {}, true).cells;
  for (double width : {2000.0, 900.0, 30.0, 5.0}) {
    const QRectF cells = layoutHeatmap(*content, area, {100.0, 100.0, width, width}, {}, true).cells;
    EXPECT_NEAR(cells.left(), whole.left(), 1e-6) << width;
    EXPECT_NEAR(cells.bottom(), whole.bottom(), 1e-6) << width;
  }
}

TEST(HeatmapPainter, CellsSmallerThanAPixelGiveItTheirMeanAndNoneIsLost) {
  const MapGrid grid{0, 64, 0, 64, 1, false, false};
  HeatmapLayout layout;
  layout.cells = QRectF(3, 5, 32, 32);
  layout.viewport = {0, 0, 64, 64};
  QImage image(64, 64, QImage::Format_ARGB32_Premultiplied);
  const auto gray = [](int row, int col) { return (row * 37 + col * 11) % 200; };
  for (int row = 0; row < 64; ++row)
    for (int col = 0; col < 64; ++col) {
      const int each = gray(row, col);
      image.setPixel(col, row, qRgb(each, each, each));
    }
  QImage target(40, 40, QImage::Format_RGB32);
  target.fill(Qt::white);
  blitCells(target, image, grid, layout, 1.0);
  for (int y = 0; y < 32; ++y)
    for (int x = 0; x < 32; ++x) {
      const int sum =
          gray(2 * y, 2 * x) + gray(2 * y, 2 * x + 1) + gray(2 * y + 1, 2 * x) + gray(2 * y + 1, 2 * x + 1);
      ASSERT_EQ(qRed(target.pixel(3 + x, 5 + y)), sum / 4) << x << ", " << y;
    }
  EXPECT_EQ(target.pixel(2, 5), qRgb(255, 255, 255));
  EXPECT_EQ(target.pixel(35, 36), qRgb(255, 255, 255));
}

/// How far below the cells the last ink is, in the columns of the key axis' title.
double inkBelow(const Picture& picture) {
  const QRectF& cells = picture.layout.cells;
  const auto middle = static_cast<int>(cells.center().x());
  for (int y = picture.image.height() - 1; y > cells.bottom(); --y)
    for (int x = middle - 30; x < middle + 30; ++x)
      if (QColor(picture.image.pixel(x, y)) != picture.style.theme.canvas) return y - cells.bottom();
  return 0.0;
}

TEST(HeatmapLayout, TitlesFollowNumbersCloselyAndTokensWhereTheseAreDrawn) {
  HeatmapRecipe recipe;
  recipe.tokens = 500;
  HeatmapContent content = *madeUpHeatmap(recipe);
  content.tokens[0] = QStringLiteral("a token as long as a sentence");
  const Picture numbers = paint(content, {900, 600});
  ASSERT_FALSE(numbers.layout.isBarBelow);
  EXPECT_GT(numbers.layout.labelHeight, 80.0);
  EXPECT_LT(inkBelow(numbers), 50.0);
  const Picture tokens = paint(content, {900, 600}, {}, {100.0, 100.0, 20.0, 20.0});
  EXPECT_GT(inkBelow(tokens), tokens.layout.labelHeight);
}

TEST(HeatmapLayout, ALongMapStaysWhereItIsInAnyRange) {
  HeatmapRecipe recipe;
  recipe.tokens = 600;
  recipe.pool = 2;
  HeatmapContent content = *madeUpHeatmap(recipe);
  const QRectF area(0, 0, 900, 600);
  const QRectF cells = layoutHeatmap(content, area, {}, {}, true).cells;
  for (double high : {1.0, 0.25, 0.013, 1.09e-4, 1.09e-6, 900.0}) {
    content.scale = ColorScale(Display{}, true, {-high, high});
    EXPECT_EQ(layoutHeatmap(content, area, {}, {}, true).cells, cells) << high;
  }
}

TEST(HeatmapLayout, ALongMapKeepsLessRoomForTokens) {
  HeatmapRecipe recipe;
  recipe.tokens = 600;
  HeatmapContent content = *madeUpHeatmap(recipe);
  content.tokens[0] = QStringLiteral("a token as long as a sentence");
  const QRectF area(0, 0, 900, 600);
  const double all = layoutHeatmap(content, area, {}, {}, true).labelHeight;
  recipe.pool = 2;
  HeatmapContent pooled = *madeUpHeatmap(recipe);
  pooled.tokens = content.tokens;
  EXPECT_LT(layoutHeatmap(pooled, area, {}, {}, true).labelHeight, 0.6 * all);
}

void expectApart(const std::vector<AxisLabel>& labels, bool isVertical, const std::string& what) {
  for (size_t i = 1; i < labels.size(); ++i) {
    const double end = isVertical ? labels[i - 1].box.bottom() : labels[i - 1].box.right();
    const double begin = isVertical ? labels[i].box.top() : labels[i].box.left();
    EXPECT_LE(end, begin + 1e-6) << what << " label " << i;
  }
}

TEST(AxisLabels, NeverOverlapAndStayInside) {
  for (qint64 tokens : {1, 2, 5, 28, 60, 100, 150, 300, 2000}) {
    for (qint64 pool : {1, 3, 8}) {
      for (const QSize& size : {QSize(320, 280), QSize(863, 640), QSize(2000, 1300)}) {
        HeatmapRecipe recipe;
        recipe.tokens = tokens;
        recipe.pool = pool;
        const auto content = madeUpHeatmap(recipe);
        const QRectF area(QPointF(), size);
        const HeatmapLayout layout = layoutHeatmap(*content, area, {}, {}, true);
        const AxisLabels labels = axisLabels(*content, layout, {});
        const std::string what = std::to_string(tokens) + " tokens, pool " + std::to_string(pool) +
                                 ", width " + std::to_string(size.width()) + ":";
        EXPECT_FALSE(labels.queries.empty()) << what;
        EXPECT_FALSE(labels.keys.empty()) << what;
        expectApart(labels.queries, true, what + " query");
        expectApart(labels.keys, false, what + " key");
        for (const auto& label : labels.queries) EXPECT_TRUE(area.contains(label.box)) << what;
        for (const auto& label : labels.keys) EXPECT_TRUE(area.contains(label.box)) << what;
      }
    }
  }
}

TEST(AxisLabels, AreThinnedEvenlyFromTheLastToken) {
  HeatmapRecipe recipe;
  recipe.tokens = 60;
  const auto content = madeUpHeatmap(recipe);
  const HeatmapLayout layout = layoutHeatmap(*content, QRectF(0, 0, 700, 520), {}, {}, true);
  const AxisLabels labels = axisLabels(*content, layout, {});
  ASSERT_GT(labels.queries.size(), 2U);
  const qint64 step = labels.queries[1].cell - labels.queries[0].cell;
  EXPECT_GT(step, 1);
  EXPECT_EQ(labels.queries.back().cell, 59);
  for (size_t i = 1; i < labels.queries.size(); ++i) {
    EXPECT_EQ(labels.queries[i].cell - labels.queries[i - 1].cell, step);
  }
  EXPECT_EQ(labels.queries.size() + labels.minorQueries.size(), 60U);
}

TEST(AxisLabels, AreNumbersAtRoundStepsForLongInputs) {
  HeatmapRecipe recipe;
  recipe.tokens = 2000;
  const auto content = madeUpHeatmap(recipe);
  const HeatmapLayout layout = layoutHeatmap(*content, QRectF(0, 0, 800, 640), {}, {}, true);
  const AxisLabels labels = axisLabels(*content, layout, {});
  ASSERT_GT(labels.keys.size(), 2U);
  EXPECT_TRUE(labels.areKeysUpright);
  const qint64 step = labels.keys[1].cell - labels.keys[0].cell;
  EXPECT_TRUE(step == 100 || step == 200 || step == 500) << step;
  for (const auto& label : labels.keys) {
    EXPECT_TRUE(label.token.isEmpty());
    EXPECT_EQ(label.index, countText(label.cell));
    EXPECT_EQ(label.cell % step, 0);
  }
}

TEST(AxisLabels, AreIndexesWhereThereIsNoText) {
  auto content = *madeUpHeatmap();
  content.tokens.clear();
  const HeatmapLayout layout = layoutHeatmap(content, QRectF(0, 0, 800, 640), {}, {}, true);
  for (const auto& label : axisLabels(content, layout, {}).queries) {
    EXPECT_TRUE(label.token.isEmpty());
    EXPECT_FALSE(label.index.isEmpty());
  }
  content = *madeUpHeatmap();
  content.tokens[27].clear();
  const AxisLabel last =
      axisLabels(content, layoutHeatmap(content, QRectF(0, 0, 800, 640), {}, {}, true), {}).queries.back();
  EXPECT_EQ(last.index, QStringLiteral("27"));
}

TEST(AxisLabels, OfPooledMapsHaveFirstTokenAndIndex) {
  HeatmapRecipe recipe;
  recipe.tokens = 28;
  recipe.pool = 4;
  const auto content = madeUpHeatmap(recipe);
  const HeatmapLayout layout = layoutHeatmap(*content, QRectF(0, 0, 800, 640), {}, {}, true);
  const AxisLabel last = axisLabels(*content, layout, {}).queries.back();
  EXPECT_EQ(last.token, content->tokens[24]);
  EXPECT_EQ(last.index, QStringLiteral("24"));
}

TEST(AxisLabels, ElideLongTokensInTheMiddle) {
  auto content = *madeUpHeatmap();
  content.tokens[27] = QStringLiteral(" pneumonoultramicroscopicsilicovolcanoconiosis");
  const HeatmapLayout layout = layoutHeatmap(content, QRectF(0, 0, 800, 640), {}, {}, true);
  const AxisLabel last = axisLabels(content, layout, {}).queries.back();
  EXPECT_TRUE(last.token.contains(QChar(0x2026)));
  EXPECT_TRUE(last.token.startsWith(QStringLiteral(" p")));
  EXPECT_TRUE(last.token.endsWith(QStringLiteral("is")));
}

TEST(Crosshair, FramesTheLockedCellAndPlatesItsTokens) {
  const HeatmapContent content = smallContent();
  HeatmapMarks marks;
  marks.locked = Cell{3, 1};
  const Picture picture = paint(content, {400, 320}, marks);
  const QColor accent = picture.style.theme.accent;
  EXPECT_EQ(QColor(picture.image.pixel(picture.layout.toPoint(1.5, 3.0).toPoint())), accent);
  EXPECT_EQ(picture.at(1.5, 3.5).rgb(), content.scale.color(content.map.at(3, 1)));
  const QRectF label = axisLabels(content, picture.layout, picture.style).queries.back().box;
  EXPECT_EQ(QColor(picture.image.pixel((label.topLeft() + QPointF(-1.5, 3)).toPoint())), accent);
}

TEST(Crosshair, IsDashedWhereItOnlyHovers) {
  const HeatmapContent content = smallContent();
  HeatmapMarks marks;
  marks.hovered = Cell{2, 1};
  const Picture picture = paint(content, {400, 320}, marks);
  const int y = static_cast<int>(std::lround(picture.layout.toPoint(0.0, 2.0).y()));
  int dark = 0, light = 0;
  for (int x = static_cast<int>(picture.layout.cells.left()) + 2; x < picture.layout.cells.right() - 2; ++x) {
    const int lightness = std::min(QColor(picture.image.pixel(x, y)).lightness(),
                                   QColor(picture.image.pixel(x, y - 1)).lightness());
    (lightness < 90 ? dark : light) += 1;
  }
  EXPECT_GT(dark, 30);
  EXPECT_GT(light, 30);
}

TEST(Colorbar, ShowsTheLowEndBelowAndTrianglesForWhatIsOutside) {
  Display display;
  display.range = ValueRange{-0.4, 2.0};
  HeatmapContent content = smallContent(display);
  const Picture picture = paint(content, {500, 320});
  const QRectF bar = picture.layout.colorbar;
  const auto at = [&picture](double x, double y) {
    return QColor(picture.image.pixel(QPointF(x, y).toPoint()));
  };
  // Near the ends, one of the last few colors.
  const auto isNear = [&](const QColor& color, double value) {
    const auto table = content.scale.table();
    const int index = std::min(255, static_cast<int>(content.scale.position(value) * 256.0));
    for (int each = std::max(0, index - 3); each <= std::min(255, index + 3); ++each) {
      if (color.rgb() == table[static_cast<size_t>(each)]) return true;
    }
    return false;
  };
  EXPECT_TRUE(isNear(at(bar.center().x(), bar.bottom() - 1.5), -0.4));
  EXPECT_TRUE(isNear(at(bar.center().x(), bar.top() + 1.5), 2.0));
  EXPECT_EQ(at(bar.center().x(), bar.bottom() + 4.0), picture.style.theme.text);  // −1 is below
  EXPECT_EQ(at(bar.center().x(), bar.top() - 5.0), picture.style.theme.canvas);   // nothing is above
}

}  // namespace
}  // namespace uc
