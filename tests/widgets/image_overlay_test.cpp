// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/image_overlay.h"

#include "tests/support/failure.h"
#include "tests/widgets/overlay_fixture.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace uc {
namespace {

const QRectF kAll(0, 0, 40, 30);

QImage blended(const OverlayContent& content, int factor = 1) {
  const QImage scaled = scaledPicture(content.picture, kAll, content.picture.size() * factor);
  return blendedPicture(content, scaled, kAll, HeatmapStyle{}, 1.0);
}

/// What a channel of the gray ground becomes when `color` covers half of it.
int half(int color) { return (120 + color) / 2; }

void expectHalf(const QColor& pixel, const QColor& color) {
  EXPECT_NEAR(pixel.red(), half(color.red()), 1);
  EXPECT_NEAR(pixel.green(), half(color.green()), 1);
  EXPECT_NEAR(pixel.blue(), half(color.blue()), 1);
}

QColor colorOf(const OverlayContent& content, double value) { return QColor(content.scale.color(value)); }

double shownOf(const OverlayContent& content, int64_t token) {
  return static_cast<double>(content.shown[static_cast<size_t>(token)]);
}

TEST(ImageOverlay, TokensAndPatchesAreCountedAroundTheClassToken) {
  const VisionInfo vision = madeUpVision();
  EXPECT_EQ(tokenOfPatch(vision, 5), 5);
  EXPECT_EQ(tokenOfPatch(vision, 6), 7);
  EXPECT_EQ(patchRect(vision, 7), QRectF(20, 10, 10, 10));
  EXPECT_TRUE(patchRect(vision, 6).isEmpty());
  EXPECT_EQ(nearestPatch(vision, {25.0, 14.0}), 7);
  EXPECT_EQ(nearestPatch(vision, {-5.0, 400.0}), 9);
  EXPECT_EQ(patchName(vision, 7), QStringLiteral("patch 7 (row 1, column 2)"));
  EXPECT_EQ(queryOf({}, vision), 6);
  VisionInfo without = vision;
  without.classToken.reset();
  EXPECT_EQ(queryOf({}, without), 6);  // row 1, column 2
  EXPECT_EQ(tokenOfPatch(without, 6), 6);
}

TEST(ImageOverlay, NearestGivesEachPatchTheColorOfItsToken) {
  const auto content = madeUpOverlay(8);
  const QImage image = blended(*content);
  expectHalf(image.pixelColor(29, 19), colorOf(*content, shownOf(*content, 7)));
  expectHalf(image.pixelColor(30, 19), colorOf(*content, shownOf(*content, 8)));
  expectHalf(image.pixelColor(19, 19), colorOf(*content, shownOf(*content, 5)));
}

TEST(ImageOverlay, OverlappingPatchesAreAveragedAndWhatNoneCoversIsLeft) {
  OverlayContent content = *madeUpOverlay(0);
  content.vision.stride = 5;  // patches from 0, 5, 10, 15 of 10 pixels: to 25 across, to 20 down
  const QImage image = blended(content);
  expectHalf(image.pixelColor(2, 2), colorOf(content, shownOf(content, 0)));
  const double four =
      (shownOf(content, 0) + shownOf(content, 1) + shownOf(content, 4) + shownOf(content, 5)) / 4.0;
  expectHalf(image.pixelColor(7, 7), colorOf(content, four));
  EXPECT_EQ(image.pixelColor(26, 7), QColor(120, 120, 120));
  EXPECT_EQ(image.pixelColor(7, 21), QColor(120, 120, 120));
}

TEST(ImageOverlay, BilinearGoesBetweenCentersAndStaysAtTheBorder) {
  const auto content =
      madeUpOverlay(0, [](ViewState& view) { view.overlay.interpolation = Interpolation::Bilinear; });
  const QImage image = blended(*content, 2);  // centers lie on corners of pixels: 0.5 pixels of 20 from them
  const double first = shownOf(*content, 0), second = shownOf(*content, 1), below = shownOf(*content, 4);
  expectHalf(image.pixelColor(0, 0), colorOf(*content, first));
  const double across = 10.5 / 20.0, down = 0.5 / 20.0;
  const double top = first + across * (second - first);
  const double bottom = below + across * (shownOf(*content, 5) - below);
  expectHalf(image.pixelColor(20, 10), colorOf(*content, top + down * (bottom - top)));
}

TEST(ImageOverlay, BilinearTakesNothingFromPatchesThatAreNotAttended) {
  const auto content = madeUpOverlay(
      1, [](ViewState& view) { view.overlay.interpolation = Interpolation::Bilinear; }, true);
  const QImage image = blended(*content);
  // Between token 1 and 2, nearer to 1: the value of 1 alone; nearer to 2: not attended.
  expectHalf(image.pixelColor(19, 4), colorOf(*content, shownOf(*content, 1)));
  expectHalf(image.pixelColor(21, 4), Theme::light().hatchGround);
}

TEST(ImageOverlay, LaterPatchesAreHatchedInACausalMap) {
  const auto content = madeUpOverlay(7, {}, true);  // row 1, column 2
  const QImage image = blended(*content);
  expectHalf(image.pixelColor(35, 15), Theme::light().hatchGround);
  expectHalf(image.pixelColor(25, 15), colorOf(*content, shownOf(*content, 7)));
  EXPECT_EQ(image.pixelColor(33, 15), Theme::light().hatchLine);  // every 8th of x + y
  EXPECT_EQ(image.pixelColor(2, 22), Theme::light().hatchLine);
  EXPECT_NE(blended(*madeUpOverlay(7)).pixelColor(33, 15), Theme::light().hatchLine);
}

TEST(ImageOverlay, ValuesThatAreNotFiniteHaveTheirOwnGround) {
  OverlayContent content = *madeUpOverlay(0);
  content.shown[2] = std::numeric_limits<float>::quiet_NaN();
  expectHalf(blended(content).pixelColor(25, 5), Theme::light().nanGround);
}

TEST(ImageOverlay, MultiplyAndMaskDarkenByColorAndByValue) {
  const auto multiplied = madeUpOverlay(0, [](ViewState& view) { view.overlay.blend = Blend::Multiply; });
  const QColor color = colorOf(*multiplied, shownOf(*multiplied, 0));
  EXPECT_NEAR(blended(*multiplied).pixelColor(5, 5).red(), 120.0 * (1.0 - 0.5 * (1.0 - color.redF())), 1.5);
  const auto masked = madeUpOverlay(0, [](ViewState& view) {
    view.overlay.blend = Blend::Mask;
    view.overlay.opacity = 1.0;
  });
  const QColor weak = blended(*masked).pixelColor(5, 5), strong = blended(*masked).pixelColor(15, 15);
  EXPECT_EQ(weak.red(), weak.blue());
  EXPECT_NEAR(weak.red(), 0.0, 1.5);
  EXPECT_NEAR(strong.green(), 120.0 * masked->scale.position(shownOf(*masked, 5)), 1.5);
}

TEST(ImageOverlay, StrongestKeyIsNeitherTheQueryNorUnattended) {
  EXPECT_EQ(strongestKey(*madeUpOverlay(8)), 5);
  EXPECT_EQ(strongestKey(*madeUpOverlay(5)), 12);
  EXPECT_EQ(strongestKey(*madeUpOverlay(3, {}, true)), 2);
  EXPECT_EQ(strongestKey(*madeUpOverlay(0, {}, true)), std::nullopt);
}

TEST(ImageOverlay, ClassTokenStandsAtItsPlaceInTheScan) {
  const HeatmapStyle style;
  OverlayContent content = *madeUpOverlay(0);
  for (const auto& [token, rows] : {std::pair<int64_t, double>{0, 0.0}, {4, 1.0}, {6, 1.5}, {12, 3.0}}) {
    content.vision.classToken = token;
    const HeatmapLayout layout = layoutOverlay(content, QRectF(0, 0, 400, 400), {}, style, 1.0);
    const QPointF center = classTokenRect(content, layout).center();
    EXPECT_NEAR(center.x(), layout.cells.right(), 1e-9);
    EXPECT_NEAR(center.y(), layout.cells.top() + rows / 3.0 * layout.cells.height(), 1e-6);
    EXPECT_EQ(tokenAt(content, layout, center), token);
    EXPECT_GT(layout.area.right(), classTokenRect(content, layout).right());
  }
  content.choice.showClassToken = false;
  EXPECT_TRUE(
      classTokenRect(content, layoutOverlay(content, QRectF(0, 0, 400, 400), {}, style, 1.0)).isEmpty());
}

TEST(ImageOverlay, MapsThatDoNotFitThePictureAreRefused) {
  const VisionInfo vision = madeUpVision();
  HeatmapContent map = madeUpVisionMap(vision);
  const QImage gray(40, 30, QImage::Format_RGB32);
  ViewState view;
  view.overlay.query = 13;
  EXPECT_EQ(test::failureOf([&] { overlayContent(map, gray, vision, view); }).where, "token 13");
  map.grid.pool = 2;
  EXPECT_EQ(test::failureOf([&] { overlayContent(map, gray, vision, view); }).what,
            "The image overlay needs a map with one column for each patch.");
}

TEST(ImageOverlay, FiguresNameTheQueryAndKeepTextAsText) {
  const OverlayFigure figure(madeUpOverlay(8));
  const FigureOptions options;
  FigureOptions wide;
  wide.widthMm = 180.0;
  const QByteArray svg = encodeFigure(figure, wide, "svg", "{}");
  EXPECT_TRUE(svg.contains("Framed: query, patch 8 (row 1, column 3)."));
  EXPECT_TRUE(svg.contains("Dashed: strongest key, patch 5 (row 1, column 1)."));
  EXPECT_TRUE(svg.contains("Layer 17"));
  const QSizeF size = figureSizeMm(figure, options);
  EXPECT_NEAR(size.width(), 85.0, 0.01);
  EXPECT_LT(size.height(), 95.0);
}

}  // namespace
}  // namespace uc
