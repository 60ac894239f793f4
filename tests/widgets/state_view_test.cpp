// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/state_view.h"

#include "tests/widgets/state_fixture.h"

#include <QAccessible>
#include <QApplication>
#include <QTest>
#include <QWheelEvent>

#include <gtest/gtest.h>

namespace uc {
namespace {

using Tokens = std::vector<std::optional<int64_t>>;

class StateViewTest : public testing::Test {
 protected:
  void SetUp() override {
    view.resize(700, 560);
    view.setContent(madeUpState(100, 2));
    QObject::connect(&view, &StateView::tokenClicked, [this](std::optional<int64_t> token) {
      clicked.push_back(token);
      view.setLocked(token);
    });
    QObject::connect(&view, &StateView::tokenHovered,
                     [this](std::optional<int64_t> token) { hovered.push_back(token); });
    QObject::connect(&view, &StateView::viewportChanged,
                     [this](const Viewport& viewport) { viewports.push_back(viewport); });
    view.show();
    view.setFocus();
  }
  QPoint pointOf(int64_t token, size_t panel = 0) const {
    const StateLayout& layout = view.layout();
    return QPointF(layout.axis.toPoint(static_cast<double>(token) + 0.5, 0.0).x(),
                   layout.panels[panel].plot.center().y())
        .toPoint();
  }

  StateView view;
  Tokens clicked, hovered;
  std::vector<Viewport> viewports;
};

TEST_F(StateViewTest, HoverPreviewsAndClicksLockInEveryPanel) {
  QTest::mouseMove(&view, pointOf(30, 2));
  QTest::mouseClick(&view, Qt::LeftButton, {}, pointOf(30, 2));
  QTest::mouseClick(&view, Qt::LeftButton, {}, pointOf(40));
  QTest::mouseClick(&view, Qt::LeftButton, {}, pointOf(40));
  EXPECT_EQ(hovered.front(), 30);
  EXPECT_EQ(clicked, (Tokens{30, 40, std::nullopt}));
}

TEST_F(StateViewTest, TheWheelZoomsTheTokensAndADragPansThem) {
  const QPointF at = pointOf(60);
  QWheelEvent event(at, view.mapToGlobal(at), {}, QPoint(0, 120), Qt::NoButton, Qt::NoModifier,
                    Qt::NoScrollPhase, false);
  QApplication::sendEvent(&view, &event);
  ASSERT_EQ(viewports.size(), 1U);
  EXPECT_NEAR(viewports[0].width, 100.0 / 1.2, 1e-9);
  EXPECT_NEAR(view.layout().axis.toTokens(at).x(), 60.5, 0.1);
  QTest::mousePress(&view, Qt::LeftButton, {}, at.toPoint());
  QTest::mouseMove(&view, at.toPoint() + QPoint(40, 3));
  EXPECT_NEAR(view.layout().axis.toTokens(at + QPointF(40, 0)).x(), 60.5, 0.1);
  QTest::keyClick(&view, Qt::Key_Escape);
  EXPECT_EQ(view.viewport(), viewports[0]);
  QTest::mouseRelease(&view, Qt::LeftButton, {}, at.toPoint());
  EXPECT_TRUE(clicked.empty());
}

TEST_F(StateViewTest, AltArrowsMoveTheTokenAndKeepItInView) {
  view.setViewport({20.0, 0.0, 10.0, 1.0});
  view.setLocked(29);
  QTest::keyClick(&view, Qt::Key_Right, Qt::AltModifier);
  EXPECT_EQ(clicked, (Tokens{30}));
  EXPECT_NEAR(view.viewport().left, 22.0, 1e-9);
  view.setLocked(std::nullopt);
  view.setHovered(25);
  QTest::keyClick(&view, Qt::Key_Left, Qt::AltModifier);
  EXPECT_EQ(hovered, (Tokens{24}));
}

TEST_F(StateViewTest, KeysZoomAboutTheMiddle) {
  QTest::keyClick(&view, Qt::Key_Plus);
  EXPECT_NEAR(view.viewport().width, 100.0 / 1.2, 1e-9);
  QTest::keyClick(&view, Qt::Key_Minus);
  EXPECT_TRUE(view.viewport().isWhole());
}

TEST_F(StateViewTest, AnotherInputResetsWhatMakesNoSenseAnyMore) {
  view.setViewport({20.0, 0.0, 10.0, 1.0});
  view.setLocked(90);
  view.setContent(madeUpState(50, 1));
  EXPECT_TRUE(view.viewport().isWhole());
  QTest::keyClick(&view, Qt::Key_Right, Qt::AltModifier);
  EXPECT_TRUE(clicked.empty());  // the lock is gone: the middle is hovered
  EXPECT_EQ(hovered, (Tokens{25}));
}

TEST_F(StateViewTest, CurvesAreTheSamePictureWhileThePointerMoves) {
  const QImage fresh = view.grab().toImage();
  view.setHovered(50);
  EXPECT_NE(view.grab().toImage(), fresh);
  view.setHovered(std::nullopt);
  EXPECT_EQ(view.grab().toImage(), fresh);
  view.setContent(madeUpState(100, 1));
  EXPECT_NE(view.grab().toImage(), fresh);
}

TEST_F(StateViewTest, ScreenReadersHearTheTokenAndItsValues) {
  QAccessibleInterface* interface = QAccessible::queryAccessibleInterface(&view);
  ASSERT_NE(interface, nullptr);
  EXPECT_EQ(interface->role(), QAccessible::Chart);
  EXPECT_EQ(interface->text(QAccessible::Description), QStringLiteral("100 tokens"));
  view.setContent(madeUpState(100, 1));
  view.setHovered(12);
  const QString spoken = interface->text(QAccessible::Description);
  EXPECT_TRUE(spoken.startsWith(QStringLiteral("token 12 w12, half-life in tokens 8.39 (2.10 to 33.6), ")))
      << spoken.toStdString();
  EXPECT_TRUE(spoken.contains(QStringLiteral("left of the write 1"))) << spoken.toStdString();
}

}  // namespace
}  // namespace uc
