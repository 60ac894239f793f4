// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/viewport.h"

#include <gtest/gtest.h>

namespace uc {
namespace {

constexpr Viewport kMap{0.0, 0.0, 100.0, 100.0};

HeatmapLayout layoutOf(const Viewport& viewport) {
  HeatmapLayout layout;
  layout.cells = QRectF(50.0, 20.0, 400.0, 400.0);
  layout.viewport = viewport;
  return layout;
}

TEST(Viewport, ZoomKeepsTheTokenUnderThePointer) {
  const HeatmapLayout before = layoutOf({10.0, 20.0, 40.0, 40.0});
  const QPointF pointer(170.0, 300.0);
  const HeatmapLayout after = layoutOf(zoomed(before, kMap, 1.7, pointer));
  EXPECT_NEAR(after.viewport.width, 40.0 / 1.7, 1e-9);
  EXPECT_NEAR(after.toTokens(pointer).x(), before.toTokens(pointer).x(), 1e-9);
  EXPECT_NEAR(after.toTokens(pointer).y(), before.toTokens(pointer).y(), 1e-9);
}

TEST(Viewport, ZoomingInAndOutAgainReturns) {
  const Viewport start{30.0, 30.0, 40.0, 40.0};
  const QPointF pointer(200.0, 200.0);
  const Viewport in = zoomed(layoutOf(start), kMap, 1.2, pointer);
  const Viewport back = zoomed(layoutOf(in), kMap, 1.0 / 1.2, pointer);
  EXPECT_NEAR(back.left, start.left, 1e-9);
  EXPECT_NEAR(back.width, start.width, 1e-9);
}

TEST(Viewport, ZoomingOutEndsAtTheWholeMap) {
  EXPECT_TRUE(zoomed(layoutOf({30.0, 30.0, 90.0, 90.0}), kMap, 1.0 / 1.2, {60.0, 30.0}).isWhole());
  EXPECT_TRUE(zoomed(layoutOf(kMap), kMap, 0.5, {60.0, 30.0}).isWhole());
}

TEST(Viewport, ZoomingOutAtAnEdgeStaysInside) {
  const Viewport out = zoomed(layoutOf({0.0, 60.0, 40.0, 40.0}), kMap, 0.5, {450.0, 20.0});
  EXPECT_NEAR(out.left, 0.0, 1e-9);
  EXPECT_NEAR(out.top + out.height, 100.0, 1e-9);
}

TEST(Viewport, OneTokenNeverExceeds400Pixels) {
  const Viewport in = zoomed(layoutOf({10.0, 10.0, 2.0, 2.0}), kMap, 1000.0, {250.0, 220.0});
  EXPECT_NEAR(in.width, 1.0, 1e-9);
  EXPECT_NEAR(zoomed(layoutOf(in), kMap, 2.0, {250.0, 220.0}).width, 1.0, 1e-9);
}

TEST(Viewport, PanFollowsThePointerAndStopsAtTheEdge) {
  const HeatmapLayout layout = layoutOf({10.0, 20.0, 40.0, 40.0});
  const Viewport near = panned(layout, kMap, {50.0, -30.0});
  EXPECT_NEAR(near.left, 5.0, 1e-9);
  EXPECT_NEAR(near.top, 23.0, 1e-9);
  const Viewport far = panned(layout, kMap, {5000.0, -5000.0});
  EXPECT_NEAR(far.left, 0.0, 1e-9);
  EXPECT_NEAR(far.top, 60.0, 1e-9);
}

TEST(Viewport, AWholeMapCannotBePanned) { EXPECT_TRUE(panned(layoutOf(kMap), kMap, {50.0, 50.0}).isWhole()); }

TEST(Viewport, AViewLargerThanTheMapInOneDirectionIsCenteredInIt) {
  const Viewport inside = keptInside({-30.0, 90.0, 200.0, 50.0}, kMap);
  EXPECT_NEAR(inside.left, -50.0, 1e-9);
  EXPECT_NEAR(inside.top, 50.0, 1e-9);
}

TEST(Viewport, RevealingMovesOnlyAsFarAsTheCellsNeighbor) {
  const Viewport view{10.0, 10.0, 20.0, 20.0};
  EXPECT_EQ(revealing(view, kMap, {15, 15}, 1.0), view);
  const Viewport right = revealing(view, kMap, {15, 30}, 1.0);
  EXPECT_NEAR(right.left, 12.0, 1e-9);
  EXPECT_NEAR(right.top, 10.0, 1e-9);
  EXPECT_NEAR(revealing(view, kMap, {5, 15}, 1.0).top, 4.0, 1e-9);
  EXPECT_TRUE(revealing({}, kMap, {5, 15}, 1.0).isWhole());
}

TEST(Viewport, HalfWayBetweenMagnifiesByTheRootOfTheWhole) {
  const Viewport near{20.0, 40.0, 25.0, 25.0};
  const Viewport half = between(kMap, near, 0.5);
  EXPECT_NEAR(half.width, 50.0, 1e-9);
  EXPECT_NEAR(between(kMap, near, 0.0).left, 0.0, 1e-9);
  EXPECT_NEAR(between(kMap, near, 1.0).top, 40.0, 1e-9);
  // The point that both have at the same place of the picture does not move meanwhile.
  EXPECT_NEAR((20.0 / 75.0 * 100.0 - half.left) / half.width, 20.0 / 75.0, 1e-9);
}

TEST(Viewport, WheelTurnsAddUp) {
  EXPECT_NEAR(wheelFactor(120.0), 1.2, 1e-12);
  EXPECT_NEAR(wheelFactor(30.0) * wheelFactor(90.0), 1.2, 1e-12);
  EXPECT_NEAR(wheelFactor(120.0) * wheelFactor(-120.0), 1.0, 1e-12);
}

}  // namespace
}  // namespace uc
