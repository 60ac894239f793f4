// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/state_curves.h"

#include "tests/widgets/state_fixture.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace uc {
namespace {

const QRectF kArea(0, 0, 700, 500);

StateLayout layoutOf(const StateContent& content, const Viewport& viewport = {}) {
  return layoutState(content, kArea, viewport, HeatmapStyle{});
}

TEST(StateCurves, PanelsAreThoseThatAreChosenAndThatTheFamilyHas) {
  StateContent content = *madeUpState(50, 1);
  EXPECT_EQ(layoutOf(content).panels.size(), 4U);
  content.choice.showWrite = false;
  content.curves.lanes[0].left.clear();
  const auto panels = layoutOf(content).panels;
  ASSERT_EQ(panels.size(), 2U);
  EXPECT_EQ(panels[0].kind, StatePanel::Kind::HalfLife);
  EXPECT_EQ(panels[1].kind, StatePanel::Kind::State);
  EXPECT_LT(panels[0].plot.bottom(), panels[1].plot.top());
  EXPECT_EQ(panels[0].plot.left(), panels[1].plot.left());
}

TEST(StateCurves, AxesAreLogarithmicWhereValuesSpanMuch) {
  StateContent content = *madeUpState(50, 1);
  auto& state = content.curves.lanes[0].state;
  std::fill(state.begin(), state.end(), 0.7F);
  EXPECT_FALSE(layoutOf(content).panels[3].isLog);
  EXPECT_EQ(layoutOf(content).panels[3].high, 1.0);
  state[7] = 0.02F;
  const StatePanel panel = layoutOf(content).panels[3];
  EXPECT_TRUE(panel.isLog);
  EXPECT_DOUBLE_EQ(panel.low, 0.01);
  EXPECT_NEAR(panel.y(0.1), panel.plot.center().y(), 1e-6);
  EXPECT_FALSE(layoutOf(content).panels[1].isLog);  // a share
}

TEST(StateCurves, InfinityHasALineOfItsOwnAboveTheScale) {
  StateContent content = *madeUpState(50, 1);
  EXPECT_FALSE(layoutOf(content).panels[0].hasInfinity);
  content.curves.lanes[0].longest[3] = std::numeric_limits<float>::infinity();
  const StatePanel panel = layoutOf(content).panels[0];
  EXPECT_TRUE(panel.hasInfinity);
  EXPECT_LT(panel.y(std::numeric_limits<double>::infinity()), panel.y(panel.high));
  EXPECT_GE(panel.y(std::numeric_limits<double>::infinity()), panel.plot.top());
  EXPECT_TRUE(std::isnan(panel.y(std::nan(""))));
}

TEST(StateCurves, DecimationKeepsEverySpikeAndFewPoints) {
  StateContent content = *madeUpState(65536, 1);
  auto& write = content.curves.lanes[0].write;
  std::fill(write.begin(), write.end(), 0.5F);
  write[40001] = 0.9F;
  const StateLayout layout = layoutOf(content);
  const StatePanel& panel = layout.panels[2];
  const auto lines = curvePolylines(write, panel, layout.axis, 1.0);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_LT(lines[0].size(), 4 * 700);
  double top = panel.plot.bottom();
  for (const QPointF& point : lines[0]) top = std::min(top, point.y());
  EXPECT_DOUBLE_EQ(top, panel.y(static_cast<double>(0.9F)));
}

TEST(StateCurves, ANaNEndsAStretch) {
  StateContent content = *madeUpState(50, 1);
  auto& left = content.curves.lanes[0].left;
  left[40] = std::nanf("");
  const StateLayout layout = layoutOf(content);
  const auto lines = curvePolylines(left, layout.panels[1], layout.axis, 1.0);
  ASSERT_EQ(lines.size(), 2U);  // from the write on
  EXPECT_EQ(lines[0].size(), 40 - 12);
  EXPECT_EQ(lines[1].size(), 9);
}

TEST(StateCurves, TheViewportIsInTokens) {
  const auto content = madeUpState(1000, 2);
  const StateLayout layout = layoutOf(*content, {100.0, 0.0, 50.0, 1.0});
  const QRectF& cells = layout.axis.cells;
  EXPECT_EQ(stateTokenAt(*content, layout, {cells.left() + 0.5, cells.center().y()}), 100);
  EXPECT_EQ(stateTokenAt(*content, layout, {cells.right() - 0.5, layout.panels.front().plot.center().y()}),
            149);
  EXPECT_EQ(stateTokenAt(*content, layout, {cells.left() - 3.0, cells.center().y()}), std::nullopt);
  const auto lines = curvePolylines(content->curves.lanes[0].state, layout.panels[3], layout.axis, 1.0);
  EXPECT_EQ(lines[0].size(), 52);  // one more at either side
}

TEST(StateCurves, ReadOutNamesLanesWhereThereAreSeveral) {
  const auto one = stateReadOut(*madeUpState(50, 1), 20);
  ASSERT_EQ(one.size(), 4U);
  EXPECT_EQ(one[0].first, QStringLiteral("half-life in tokens"));
  EXPECT_TRUE(one[0].second.contains(QStringLiteral(" to ")));
  const auto two = stateReadOut(*madeUpState(50, 2), 3);
  ASSERT_EQ(two.size(), 8U);
  EXPECT_EQ(two[4].first, QStringLiteral("L3 C346, half-life in tokens"));
  EXPECT_EQ(two[1].second, QStringLiteral("–"));  // before the write
}

TEST(StateCurves, CurvesDifferByMoreThanHue) {
  for (size_t a = 0; a < 6; ++a)
    for (size_t b = a + 1; b < 6; ++b)
      EXPECT_NE(curvePen(Theme::light(), a, 1.0).dashPattern(),
                curvePen(Theme::light(), b, 1.0).dashPattern());
}

TEST(StateCurves, FiguresHaveTitlesAxisAndDirectLabelsAsText) {
  const StateFigure figure(madeUpState(28, 2));
  const QByteArray svg = encodeFigure(figure, {}, "svg", "{}");
  for (const char* text :
       {">L3 C345<", ">L3 C346<", ">token t<", "half-life (tokens)", "magnitude of the state"})
    EXPECT_TRUE(svg.contains(text)) << text;
  EXPECT_FALSE(svg.contains("query token t"));
  EXPECT_LT(figureSizeMm(figure, {}).height(), 130.0);
}

}  // namespace
}  // namespace uc
