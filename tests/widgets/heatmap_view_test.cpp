// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/heatmap_view.h"

#include "tests/widgets/heatmap_fixture.h"

#include <QAccessible>
#include <QApplication>
#include <QSignalSpy>
#include <QStyleHints>
#include <QTest>
#include <QWheelEvent>

#include <gtest/gtest.h>

namespace uc {
namespace {

using Clicked = std::vector<std::optional<Cell>>;

/// A shown view whose lock follows its wishes, as in a pane.
class HeatmapViewTest : public testing::Test {
 protected:
  void SetUp() override {
    view.resize(700, 600);
    view.setContent(madeUpHeatmap());
    QObject::connect(&view, &HeatmapView::cellClicked, [this](std::optional<Cell> cell) {
      clicked.push_back(cell);
      locked = cell;
      view.setLocked(cell);
    });
    QObject::connect(&view, &HeatmapView::cellHovered,
                     [this](std::optional<Cell> cell) { hovered.push_back(cell); });
    QObject::connect(&view, &HeatmapView::cellDoubleClicked,
                     [this](std::optional<Cell> cell) { doubleClicked.push_back(cell); });
    QObject::connect(&view, &HeatmapView::viewportChanged,
                     [this](const Viewport& to) { viewports.push_back(to); });
    view.show();
    view.setFocus();
  }

  QPoint pointOf(int64_t row, int64_t col) const {
    return view.layout().toPoint(static_cast<double>(col) + 0.5, static_cast<double>(row) + 0.5).toPoint();
  }
  void wheel(const QPointF& at, int angle, const QPoint& pixels = {},
             Qt::ScrollPhase phase = Qt::NoScrollPhase) {
    QWheelEvent event(at, view.mapToGlobal(at), pixels, QPoint(0, angle), Qt::NoButton, Qt::NoModifier, phase,
                      false);
    QApplication::sendEvent(&view, &event);
  }

  HeatmapView view{nullptr, HeatmapView::Canvas::Raster};
  std::optional<Cell> locked;
  Clicked clicked, hovered, doubleClicked;
  std::vector<Viewport> viewports;
};

TEST_F(HeatmapViewTest, HoveringNamesTheCellUnderThePointer) {
  QTest::mouseMove(&view, pointOf(20, 11));
  QTest::mouseMove(&view, pointOf(20, 11) + QPoint(1, 1));
  ASSERT_EQ(hovered.size(), 1U);
  EXPECT_EQ(hovered[0], (Cell{20, 11}));
  EXPECT_EQ(view.cursor().shape(), Qt::CrossCursor);
  QTest::mouseMove(&view, QPoint(2, 2));
  ASSERT_EQ(hovered.size(), 2U);
  EXPECT_FALSE(hovered[1].has_value());
  EXPECT_EQ(view.cursor().shape(), Qt::ArrowCursor);
}

TEST_F(HeatmapViewTest, ClickAsksForALockAndTheNextOneForItsEnd) {
  QTest::mouseClick(&view, Qt::LeftButton, {}, pointOf(20, 11));
  EXPECT_EQ(clicked, (Clicked{Cell{20, 11}}));
  QTest::mouseClick(&view, Qt::LeftButton, {}, pointOf(20, 11));
  ASSERT_EQ(clicked.size(), 2U);
  EXPECT_FALSE(clicked[1].has_value());
}

TEST_F(HeatmapViewTest, ReleaseFourPixelsAwayIsAClickAndFivePixelsAwayIsNot) {
  const QPoint point = pointOf(20, 11);
  QTest::mousePress(&view, Qt::LeftButton, {}, point);
  QTest::mouseMove(&view, point + QPoint(4, 0));
  QTest::mouseRelease(&view, Qt::LeftButton, {}, point + QPoint(4, 0));
  EXPECT_EQ(clicked.size(), 1U);
  QTest::mousePress(&view, Qt::LeftButton, {}, point);
  QTest::mouseMove(&view, point + QPoint(5, 0));
  QTest::mouseRelease(&view, Qt::LeftButton, {}, point + QPoint(5, 0));
  EXPECT_EQ(clicked.size(), 1U);
}

TEST_F(HeatmapViewTest, DoubleClickLeavesTheLockAsItWas) {
  const auto doubleClick = [this](const QPoint& point) {
    QTest::mousePress(&view, Qt::LeftButton, {}, point);
    QTest::mouseRelease(&view, Qt::LeftButton, {}, point);
    QMouseEvent second(QEvent::MouseButtonDblClick, point, view.mapToGlobal(point), Qt::LeftButton,
                       Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&view, &second);
    QTest::mouseRelease(&view, Qt::LeftButton, {}, point);
  };
  doubleClick(pointOf(20, 11));
  EXPECT_FALSE(locked.has_value());
  EXPECT_EQ(doubleClicked, (Clicked{Cell{20, 11}}));
  QTest::mouseClick(&view, Qt::LeftButton, {}, pointOf(5, 3));
  doubleClick(pointOf(20, 11));
  EXPECT_EQ(locked, (Cell{5, 3}));
  doubleClick(pointOf(5, 3));
  EXPECT_EQ(locked, (Cell{5, 3}));
}

TEST_F(HeatmapViewTest, WheelZoomsAboutThePointer) {
  const QPointF at = pointOf(20, 11);
  const QPointF before = view.layout().toTokens(at);
  wheel(at, 120);
  ASSERT_EQ(viewports.size(), 1U);
  EXPECT_NEAR(viewports[0].width, 28.0 / 1.2, 1e-9);
  const QPointF after = view.layout().toTokens(at);
  EXPECT_NEAR(after.x(), before.x(), 0.05);
  EXPECT_NEAR(after.y(), before.y(), 0.05);
  wheel(at, -240);
  EXPECT_TRUE(view.viewport().isWhole());
}

TEST_F(HeatmapViewTest, TouchPadsZoomSmoothly) {
  wheel(pointOf(14, 14), 0, {0, 6}, Qt::ScrollUpdate);
  ASSERT_EQ(viewports.size(), 1U);
  EXPECT_GT(viewports[0].width, 27.0);
  EXPECT_LT(viewports[0].width, 28.0);
}

TEST_F(HeatmapViewTest, DragPansAndEscTakesItBack) {
  view.setViewport({5.0, 5.0, 10.0, 10.0});
  EXPECT_TRUE(viewports.empty());  // what the owner sets is not news
  const QPoint start = view.layout().cells.center().toPoint();
  const double tokensPerPixel = 10.0 / view.layout().cells.width();
  QTest::mousePress(&view, Qt::LeftButton, {}, start);
  QTest::mouseMove(&view, start + QPoint(30, 12));
  EXPECT_EQ(view.cursor().shape(), Qt::ClosedHandCursor);
  EXPECT_NEAR(view.viewport().left, 5.0 - 30.0 * tokensPerPixel, 1e-6);
  EXPECT_NEAR(view.viewport().top, 5.0 - 12.0 * tokensPerPixel, 1e-6);
  QTest::keyClick(&view, Qt::Key_Escape);
  EXPECT_EQ(view.viewport(), (Viewport{5.0, 5.0, 10.0, 10.0}));
  QTest::mouseRelease(&view, Qt::LeftButton, {}, start + QPoint(30, 12));
  EXPECT_TRUE(clicked.empty());
}

TEST_F(HeatmapViewTest, SpaceAndDragPansFromTheFirstPixel) {
  view.setViewport({5.0, 5.0, 10.0, 10.0});
  const QPoint start = view.layout().cells.center().toPoint();
  QTest::keyPress(&view, Qt::Key_Space);
  EXPECT_EQ(view.cursor().shape(), Qt::OpenHandCursor);
  QTest::mousePress(&view, Qt::LeftButton, {}, start);
  QTest::mouseMove(&view, start + QPoint(2, 0));
  EXPECT_LT(view.viewport().left, 5.0);
  QTest::mouseRelease(&view, Qt::LeftButton, {}, start + QPoint(2, 0));
  EXPECT_TRUE(clicked.empty());
  QTest::keyRelease(&view, Qt::Key_Space);
  EXPECT_NE(view.cursor().shape(), Qt::OpenHandCursor);
}

TEST_F(HeatmapViewTest, EscWithoutADragIsLeftToThePane) {
  QKeyEvent escape(QEvent::KeyPress, Qt::Key_Escape, Qt::NoModifier);
  escape.accept();
  QApplication::sendEvent(&view, &escape);
  EXPECT_FALSE(escape.isAccepted());
}

TEST_F(HeatmapViewTest, KeysZoomAndTellWhereTheyGoAtOnce) {
  QTest::keyClick(&view, Qt::Key_Plus);
  ASSERT_EQ(viewports.size(), 1U);
  EXPECT_NEAR(view.viewport().width, 28.0 / 1.2, 1e-9);
  view.resetView();
  EXPECT_TRUE(view.viewport().isWhole());
  EXPECT_EQ(viewports.size(), 2U);
}

TEST_F(HeatmapViewTest, AltArrowsMoveTheHoveredCellAndKeepItInView) {
  view.setHovered(Cell{10, 5});
  QTest::keyClick(&view, Qt::Key_Down, Qt::AltModifier);
  QTest::keyClick(&view, Qt::Key_Left, Qt::AltModifier);
  EXPECT_EQ(hovered, (Clicked{Cell{11, 5}, Cell{11, 4}}));
  view.setViewport({3.0, 3.0, 10.0, 10.0});
  view.setHovered(Cell{11, 3});
  QTest::keyClick(&view, Qt::Key_Left, Qt::AltModifier);
  EXPECT_NEAR(view.viewport().left, 1.0, 1e-9);
}

TEST_F(HeatmapViewTest, AltArrowsMoveTheLock) {
  view.setLocked(Cell{27, 3});
  QTest::keyClick(&view, Qt::Key_Down, Qt::AltModifier);
  EXPECT_TRUE(clicked.empty());  // the last row
  QTest::keyClick(&view, Qt::Key_Right, Qt::AltModifier);
  EXPECT_EQ(clicked, (Clicked{Cell{27, 4}}));
}

TEST_F(HeatmapViewTest, ANewContentKeepsWhatStillMakesSense) {
  view.setViewport({5.0, 5.0, 10.0, 10.0});
  view.setLocked(Cell{20, 11});
  HeatmapRecipe smaller;
  smaller.tokens = 16;
  view.setContent(madeUpHeatmap(smaller));
  EXPECT_NEAR(view.layout().viewport.left, 5.0, 1e-9);
  QTest::keyClick(&view, Qt::Key_Right, Qt::AltModifier);
  EXPECT_TRUE(clicked.empty());  // the lock was on a token that is gone
}

TEST_F(HeatmapViewTest, ResizingKeepsTheTokensInView) {
  view.setViewport({5.0, 6.0, 10.0, 10.0});
  const Viewport before = view.layout().viewport;
  view.resize(420, 380);
  EXPECT_EQ(view.layout().viewport, before);
  EXPECT_TRUE(QRectF(view.rect()).contains(view.layout().cells));
}

/// A part of a map of 400 tokens at their pool, of values that name their cells.
std::shared_ptr<const HeatmapContent> tileAt(qint64 row0, qint64 col0, qint64 cells, qint64 pool,
                                             const HeatmapContent& whole) {
  auto tile = std::make_shared<HeatmapContent>();
  tile->grid = whole.grid;
  tile->grid.row0 = row0, tile->grid.row1 = std::min(row0 + cells * pool, whole.grid.row1);
  tile->grid.col0 = col0, tile->grid.col1 = std::min(col0 + cells * pool, whole.grid.col1);
  tile->grid.pool = pool;
  tile->map = Matrix((tile->grid.row1 - row0 + pool - 1) / pool, (tile->grid.col1 - col0 + pool - 1) / pool);
  for (qint64 i = 0; i < tile->map.rows; ++i)
    for (qint64 j = 0; j < tile->map.cols; ++j)
      tile->map.at(i, j) = 0.4F * static_cast<float>((i * 7 + j * 3) % 11 - 5) / 5.0F;
  tile->shown = normalize(tile->map, tile->grid, false, Normalization::Raw);
  tile->scale = whole.scale;
  return tile;
}

HeatmapRecipe longRecipe() {
  HeatmapRecipe recipe;
  recipe.tokens = 403;
  recipe.pool = 16;
  return recipe;
}

QColor colorOf(const HeatmapContent& tile, qint64 row, qint64 col) {
  const qint64 i = (row - tile.grid.row0) / tile.grid.pool, j = (col - tile.grid.col0) / tile.grid.pool;
  return QColor(tile.scale.color(static_cast<double>(tile.shown.values.at(i, j))));
}

TEST_F(HeatmapViewTest, TilesLieWhereTheyAreInTheWhole) {
  const auto whole = madeUpHeatmap(longRecipe());
  view.setContent(whole);
  const QRectF plot = view.layout().cells;
  // The last ones are cut off by the map's end, in whole cells and in part.
  const auto upper = tileAt(320, 256, 32, 2, *whole), lower = tileAt(384, 256, 32, 2, *whole);
  view.setTiles({upper, lower}, 2, false);
  EXPECT_EQ(view.layout().cells, plot);  // the map does not jump when they come
  view.setViewport({300.0, 363.0, 40.0, 40.0});
  const QImage picture = view.grab().toImage();
  const auto at = [&](qint64 row, qint64 col) { return picture.pixelColor(pointOf(row, col)); };
  for (const auto& [row, col] : {std::pair<qint64, qint64>(364, 306), {382, 310}, {383, 319}})
    EXPECT_EQ(at(row, col), colorOf(*upper, row, col)) << row;
  for (const auto& [row, col] : {std::pair<qint64, qint64>(384, 306), {401, 318}, {402, 319}})
    EXPECT_EQ(at(row, col), colorOf(*lower, row, col)) << row;
  EXPECT_EQ(at(390, 330), colorOf(*whole, 390, 330));  // no tile: the picture of the whole
  QTest::mouseMove(&view, pointOf(391, 331));
  ASSERT_FALSE(hovered.empty());
  EXPECT_EQ(hovered.back(), (Cell{390, 330}));  // in cells of 2
  view.zoomBy(0.001, view.layout().cells.center());
  EXPECT_TRUE(view.viewport().isWhole());
}

TEST_F(HeatmapViewTest, FinerTilesLieOnCoarserOnesAndOnThePicture) {
  const auto whole = madeUpHeatmap(longRecipe());
  view.setContent(whole);
  const auto coarse = tileAt(320, 256, 16, 4, *whole), fine = tileAt(320, 256, 32, 1, *whole);
  view.setTiles({coarse, fine}, 1, false);
  view.setViewport({270.0, 330.0, 40.0, 40.0});
  const QImage picture = view.grab().toImage();
  EXPECT_EQ(picture.pixelColor(pointOf(335, 280)), colorOf(*fine, 335, 280));
  EXPECT_EQ(picture.pixelColor(pointOf(365, 280)), colorOf(*coarse, 365, 280));
  view.setHovered(Cell{335, 280});
  QAccessibleInterface* interface = QAccessible::queryAccessibleInterface(&view);
  const auto value = static_cast<double>(fine->map.at(15, 24));
  const QString number = numberText(std::abs(value), 4);
  EXPECT_TRUE(interface->text(QAccessible::Description).contains(number)) << qPrintable(number);
}

TEST_F(HeatmapViewTest, APanOverTilesIsTheSamePictureAsAFreshOne) {
  const auto whole = madeUpHeatmap(longRecipe());
  HeatmapTiles tiles;
  for (qint64 row : {256, 288, 320})
    for (qint64 col : {224, 256, 288}) tiles.push_back(tileAt(row, col, 32, 1, *whole));
  view.setContent(whole);
  view.setTiles(tiles, 1, false);
  view.setViewport({230.0, 260.0, 61.3, 61.3});
  view.grab();
  view.setViewport({233.7, 265.2, 61.3, 61.3});
  const QImage panned = view.grab().toImage();
  HeatmapView fresh(nullptr, HeatmapView::Canvas::Raster);
  fresh.resize(view.size());
  fresh.setContent(whole);
  fresh.setTiles(tiles, 1, false);
  fresh.setViewport({233.7, 265.2, 61.3, 61.3});
  fresh.show();
  fresh.setFocus();
  EXPECT_EQ(panned, fresh.grab().toImage());
}

TEST_F(HeatmapViewTest, TellsHowManyPixelsTheMapHas) {
  std::vector<double> told;
  QObject::connect(&view, &HeatmapView::plotResized, [&](double pixels) { told.push_back(pixels); });
  view.resize(1000, 900);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_NEAR(told[0], view.layout().cells.width() * view.devicePixelRatioF(), 0.5);
  view.setViewport({5.0, 5.0, 10.0, 5.0});  // where one looks is not its size
  view.setContent(madeUpHeatmap());
  EXPECT_EQ(told.size(), 1U);
}

TEST_F(HeatmapViewTest, ScreenReadersHearAChartAndItsCell) {
  QAccessibleInterface* interface = QAccessible::queryAccessibleInterface(&view);
  ASSERT_NE(interface, nullptr);
  EXPECT_EQ(interface->role(), QAccessible::Chart);
  view.setHovered(Cell{10, 8});
  const QString spoken = interface->text(QAccessible::Description);
  EXPECT_TRUE(spoken.startsWith(QStringLiteral("query 10 runs, key 8 the, "))) << spoken.toStdString();
  EXPECT_TRUE(spoken.contains(QStringLiteral("plus ")) || spoken.contains(QStringLiteral("minus ")));
  view.setReadOut(QStringLiteral("query 10 runs, rank 2 of 11"), {});
  EXPECT_EQ(interface->text(QAccessible::Description), QStringLiteral("query 10 runs, rank 2 of 11"));
  view.setHovered(Cell{3, 9});
  EXPECT_EQ(interface->text(QAccessible::Description),
            QStringLiteral("query 3 uary, key 9 pier, not attended"));
}

TEST_F(HeatmapViewTest, TheMenuKeyOpensTheMenuOfTheLockedCell) {
  std::optional<Cell> wanted;
  QObject::connect(&view, &HeatmapView::contextMenuWanted,
                   [&](const QPoint&, std::optional<Cell> cell) { wanted = cell; });
  view.setLocked(Cell{7, 7});
  QContextMenuEvent event(QContextMenuEvent::Keyboard, QPoint(), view.mapToGlobal(QPoint()));
  QApplication::sendEvent(&view, &event);
  EXPECT_EQ(wanted, (Cell{7, 7}));
}

TEST_F(HeatmapViewTest, AStalePictureIsFaded) {
  const QPoint cell = pointOf(20, 20);
  const QColor fresh = view.grab().toImage().pixelColor(cell);
  view.setStale(true);
  const QColor stale = view.grab().toImage().pixelColor(cell);
  const QColor ground = Theme::light().canvas;
  EXPECT_NEAR(stale.green(), 0.45 * fresh.green() + 0.55 * ground.green(), 2);
  EXPECT_NE(stale, fresh);
}

TEST_F(HeatmapViewTest, TheSamePixelsComeFromThePainterOfFigures) {
  view.clearFocus();
  QImage expected(view.size(), QImage::Format_RGB32);
  expected.fill(Theme::light().canvas);
  QPainter painter(&expected);
  HeatmapStyle style;
  style.showTitle = style.showCaption = false;
  paintHeatmap(painter, *view.content(), view.layout(), style);
  painter.end();
  EXPECT_EQ(view.grab().toImage().convertToFormat(QImage::Format_RGB32), expected);
}

TEST(HeatmapView, IsRasterWhereThereIsNoDisplay) {
  if (QGuiApplication::platformName() != QStringLiteral("offscreen")) GTEST_SKIP() << "has a display";
  HeatmapView view(nullptr, HeatmapView::Canvas::OpenGl);
  EXPECT_FALSE(view.isOpenGl());
  view.resize(300, 300);
  EXPECT_FALSE(view.grab().isNull());  // nothing to show, and no crash
}

}  // namespace
}  // namespace uc
