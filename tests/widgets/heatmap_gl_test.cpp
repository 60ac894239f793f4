// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

// Runs on a display (ctest starts it under Xvfb, where llvmpipe gives OpenGL).

#include "tests/widgets/heatmap_fixture.h"
#include "widgets/gl_choice.h"
#include "widgets/heatmap_cells_gl.h"
#include "widgets/heatmap_view.h"

#include <QApplication>
#include <QOffscreenSurface>
#include <QOpenGLContext>
#include <QOpenGLFramebufferObject>
#include <QOpenGLFunctions>
#include <QTest>

#include <gtest/gtest.h>

#include <algorithm>

namespace uc {
namespace {

/// How far two pictures are apart: pixels with a channel more than `level` apart.
qint64 pixelsApart(const QImage& a, const QImage& b, int level) {
  if (a.size() != b.size()) return -1;
  qint64 count = 0;
  for (int y = 0; y < a.height(); ++y) {
    for (int x = 0; x < a.width(); ++x) {
      const QRgb p = a.pixel(x, y), q = b.pixel(x, y);
      const int most = std::max(
          {std::abs(qRed(p) - qRed(q)), std::abs(qGreen(p) - qGreen(q)), std::abs(qBlue(p) - qBlue(q))});
      count += most > level ? 1 : 0;
    }
  }
  return count;
}

struct Case {
  const char* name;
  HeatmapRecipe recipe;
  Viewport viewport = {};
  int level = 1;
};

std::vector<Case> cases() {
  std::vector<Case> result;
  result.push_back({"signed", {}});
  HeatmapRecipe recipe;
  recipe.isSigned = false;
  recipe.hasOddValues = true;
  recipe.display.gamma = 0.6;
  result.push_back({"unsigned, NaN, Inf, gamma", recipe});
  recipe = {};
  recipe.isBackward = true;
  recipe.display.range = ValueRange{-0.1, 0.3};
  recipe.display.isReversed = true;
  recipe.display.colorMap = ColorMap::PuOr;
  result.push_back({"backward, lopsided range, ends swapped", recipe});
  recipe = {};
  recipe.isCausal = false;
  result.push_back({"both directions", recipe});
  recipe = {};
  recipe.tokens = 103;
  recipe.pool = 4;
  result.push_back({"pooled, partial last cells", recipe});
  result.push_back({"zoomed", {}, {7.0, 9.0, 14.0, 14.0}});
  return result;
}

QImage grabbed(HeatmapView::Canvas canvas, const Case& shown, bool isStale = false) {
  HeatmapView view(nullptr, canvas);
  EXPECT_EQ(view.isOpenGl(), canvas == HeatmapView::Canvas::OpenGl);
  view.resize(640, 560);
  view.setOverlayVisible(false);
  view.setContent(madeUpHeatmap(shown.recipe));
  view.setViewport(shown.viewport);
  view.setLocked(Cell{12, 10});
  view.setStale(isStale);
  view.show();
  return view.grab().toImage().convertToFormat(QImage::Format_RGB32);
}

TEST(HeatmapGl, GivesThePictureOfTheRasterCanvas) {
  for (const Case& shown : cases()) {
    const QImage raster = grabbed(HeatmapView::Canvas::Raster, shown);
    const QImage gl = grabbed(HeatmapView::Canvas::OpenGl, shown);
    EXPECT_EQ(pixelsApart(raster, gl, shown.level), 0) << shown.name;
  }
}

TEST(HeatmapGl, FadesAStalePictureLikeTheRasterCanvas) {
  const Case shown{"stale", {}};
  EXPECT_EQ(pixelsApart(grabbed(HeatmapView::Canvas::Raster, shown, true),
                        grabbed(HeatmapView::Canvas::OpenGl, shown, true), 1),
            0);
}

TEST(HeatmapGl, AveragesCellsThatAreFinerThanPixels) {
  Case shown{"fine", {}};
  shown.recipe.tokens = 1500;
  const QImage raster = grabbed(HeatmapView::Canvas::Raster, shown);
  const QImage gl = grabbed(HeatmapView::Canvas::OpenGl, shown);
  // The two filters differ a little; the nearest cell alone would differ by far more than this.
  EXPECT_LT(pixelsApart(raster, gl, 24), raster.width() * raster.height() / 1000);
}

TEST(HeatmapGl, ShowsTheCoarseMapAroundAPartLikeTheRasterCanvas) {
  HeatmapRecipe recipe;
  recipe.tokens = 104;
  recipe.pool = 4;
  const auto coarse = madeUpHeatmap(recipe);
  auto part = std::make_shared<HeatmapContent>(*madeUpHeatmap());
  part->grid.row0 = part->grid.col0 = 40;
  part->grid.row1 = part->grid.col1 = 68;
  std::vector<QImage> pictures;
  for (const auto canvas : {HeatmapView::Canvas::Raster, HeatmapView::Canvas::OpenGl}) {
    HeatmapView view(nullptr, canvas);
    view.resize(640, 560);
    view.setOverlayVisible(false);
    view.setContent(coarse);
    view.setTiles({part}, 1, false);
    view.setViewport({30.0, 30.0, 50.0, 50.0});
    view.show();
    pictures.push_back(view.grab().toImage());
    // Outside the part there are coarse cells and not the bare canvas.
    const QPoint outside = view.layout().toPoint(32.5, 72.5).toPoint();
    EXPECT_NE(pictures.back().pixelColor(outside), Theme::light().canvas);
  }
  EXPECT_EQ(pixelsApart(pictures[0], pictures[1], 1), 0);
}

/// The cells alone, by shader, with tiles of at most `tileLimit`.
QImage cellsByGl(const HeatmapContent& content, const HeatmapLayout& layout, const QSize& size,
                 qint64 tileLimit) {
  QOffscreenSurface surface;
  surface.setFormat(heatmapGlFormat());
  surface.create();
  QOpenGLContext context;
  context.setFormat(heatmapGlFormat());
  EXPECT_TRUE(context.create() && context.makeCurrent(&surface));
  QImage image;
  {
    QOpenGLFramebufferObject target(size);
    target.bind();
    context.functions()->glViewport(0, 0, size.width(), size.height());
    context.functions()->glClearColor(1.0F, 1.0F, 1.0F, 1.0F);
    context.functions()->glClear(GL_COLOR_BUFFER_BIT);
    HeatmapCellsGl cells;
    cells.setContents({std::make_shared<HeatmapContent>(content)}, tileLimit);
    cells.draw(layout, Theme::light(), size, 1.0);
    image = target.toImage().convertToFormat(QImage::Format_RGB32);
  }
  context.doneCurrent();
  return image;
}

TEST(HeatmapGl, TilesLeaveNoSeams) {
  const auto content = madeUpHeatmap();
  const QSize size(500, 500);
  HeatmapStyle style;
  for (const Viewport& viewport : {Viewport{}, Viewport{3.3, 4.7, 11.0, 11.0}}) {
    const HeatmapLayout layout = layoutHeatmap(*content, QRectF(QPointF(), size), viewport, style, true);
    const QImage whole = cellsByGl(*content, layout, size, 0);
    EXPECT_EQ(pixelsApart(whole, cellsByGl(*content, layout, size, 7), 0), 0);
    EXPECT_EQ(pixelsApart(whole, cellsByGl(*content, layout, size, 1), 0), 0);
  }
}

TEST(HeatmapGl, ThresholdsAreWhereTheColorChanges) {
  Display display;
  display.gamma = 1.7;
  const ColorScale scale(display, true, {-0.3, 0.8});
  const auto thresholds = colorThresholds(scale);
  const auto table = scale.table();
  for (size_t k = 1; k < 256; ++k) {
    ASSERT_LE(thresholds[k - 1], thresholds[k]);
    EXPECT_EQ(scale.color(static_cast<double>(thresholds[k])), table[k]) << k;
    const float before = std::nextafter(thresholds[k], -1.0F);
    EXPECT_NE(scale.position(static_cast<double>(before)) * 256.0 >= static_cast<double>(k), true) << k;
  }
}

TEST(HeatmapGl, IsLeftAsideWhereItIsEmulatedUnlessAskedFor) {
  if (glSupport() != GlSupport::Software) GTEST_SKIP() << "a real GPU";
  EXPECT_FALSE(HeatmapView().isOpenGl());
  qputenv("UNDERCURRENT_CANVAS", "opengl");
  EXPECT_TRUE(HeatmapView().isOpenGl());
  EXPECT_FALSE(HeatmapView(nullptr, HeatmapView::Canvas::Raster).isOpenGl());
  qunsetenv("UNDERCURRENT_CANVAS");
}

class OverlayTest : public testing::Test {
 protected:
  void SetUp() override {
    view.resize(864, 636);
    view.setContent(madeUpHeatmap());
    QObject::connect(&view, &HeatmapView::rangeEdited, [this](ValueRange range) { ranges.push_back(range); });
    QObject::connect(&view, &HeatmapView::gammaEdited, [this](double gamma) { gammas.push_back(gamma); });
    QObject::connect(&view, &HeatmapView::cellClicked, [this](std::optional<Cell>) { ++clicks; });
    view.show();
    ASSERT_TRUE(QTest::qWaitForWindowExposed(&view));
    view.grab();
    // Two slider rows at the bottom of the overlay, in the plot's upper right corner.
    right = view.layout().cells.topRight().toPoint() + QPoint(-12 - 10, 12);
  }
  /// Presses, moves and releases, with a frame after each as the window system would give.
  void drag(const QPoint& from, const QPoint& to) {
    QTest::mouseMove(&view, from);
    QTest::mousePress(&view, Qt::LeftButton, {}, from);
    frame();
    QTest::mouseMove(&view, to);
    frame();
    QTest::mouseRelease(&view, Qt::LeftButton, {}, to);
    frame();
  }
  void frame() {
    view.grab();
    QCoreApplication::processEvents();
  }

  HeatmapView view{nullptr, HeatmapView::Canvas::OpenGl};
  QPoint right;
  std::vector<ValueRange> ranges;
  std::vector<double> gammas;
  int clicks = 0;
};

TEST_F(OverlayTest, RangeAndGammaAreDraggedWithoutTouchingTheMap) {
  const QPoint rangeEnd = right + QPoint(-2, 19), gammaMiddle = right + QPoint(-70, 42);
  drag(rangeEnd, rangeEnd - QPoint(30, 0));
  ASSERT_FALSE(ranges.empty());
  EXPECT_LT(ranges.back().high, view.content()->scale.range().high);
  EXPECT_EQ(ranges.back().low, -ranges.back().high);
  drag(gammaMiddle, gammaMiddle + QPoint(30, 0));
  ASSERT_FALSE(gammas.empty());
  EXPECT_GT(gammas.back(), 1.2);
  EXPECT_EQ(clicks, 0);
  EXPECT_TRUE(view.viewport().isWhole());
}

TEST_F(OverlayTest, ItsGroundMovesItAndThenLeavesTheMapFree) {
  const QPoint ground = right + QPoint(-160, 4);
  drag(ground, ground + QPoint(-150, 300));
  QTest::mouseClick(&view, Qt::LeftButton, {}, ground);
  EXPECT_EQ(clicks, 1);
  EXPECT_TRUE(ranges.empty());
}

TEST_F(OverlayTest, HiddenItTakesNoPointer) {
  view.setOverlayVisible(false);
  frame();
  QTest::mouseClick(&view, Qt::LeftButton, {}, right + QPoint(-70, 42));
  EXPECT_EQ(clicks, 1);
}

TEST(HeatmapGlView, MovesToAnotherWindow) {
  QWidget first, second;
  first.resize(640, 560);
  second.resize(640, 560);
  auto* view = new HeatmapView(&first, HeatmapView::Canvas::OpenGl);
  view->setGeometry(0, 0, 640, 560);
  view->setContent(madeUpHeatmap());
  first.show();
  const QImage before = view->grab().toImage();
  view->setParent(&second);
  second.show();
  view->show();
  EXPECT_EQ(pixelsApart(before, view->grab().toImage(), 1), 0);
}

}  // namespace
}  // namespace uc
