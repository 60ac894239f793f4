// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/image_overlay_view.h"

#include "tests/widgets/overlay_fixture.h"
#include "widgets/image_overlay_controls.h"

#include <QAccessible>
#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QSlider>
#include <QTest>
#include <QWheelEvent>

#include <gtest/gtest.h>

namespace uc {
namespace {

using Tokens = std::vector<int64_t>;

/// A shown view whose query follows its wishes, as in a pane.
class ImageOverlayViewTest : public testing::Test {
 protected:
  void SetUp() override {
    view.resize(500, 500);
    view.setContent(madeUpOverlay(4));
    const auto follow = [this](int64_t token) { view.setContent(madeUpOverlay(token)); };
    QObject::connect(&view, &ImageOverlayView::queryDragged, [this, follow](int64_t token) {
      dragged.push_back(token);
      follow(token);
    });
    QObject::connect(&view, &ImageOverlayView::queryChosen, [this, follow](int64_t token) {
      chosen.push_back(token);
      follow(token);
    });
    QObject::connect(&view, &ImageOverlayView::patchHovered,
                     [this](std::optional<int64_t> token) { hovered.push_back(token); });
    QObject::connect(&view, &ImageOverlayView::viewportChanged,
                     [this](const Viewport& viewport) { viewports.push_back(viewport); });
    view.show();
    view.setFocus();
  }

  QPoint pointOf(int64_t token) const {
    const QRectF patch = patchRect(madeUpVision(), token);
    if (patch.isEmpty()) return classTokenRect(*view.content(), view.layout()).center().toPoint();
    return view.layout().toPoint(patch.center().x(), patch.center().y()).toPoint();
  }
  void wheel(const QPointF& at, int angle) {
    QWheelEvent event(at, view.mapToGlobal(at), {}, QPoint(0, angle), Qt::NoButton, Qt::NoModifier,
                      Qt::NoScrollPhase, false);
    QApplication::sendEvent(&view, &event);
  }

  ImageOverlayView view;
  Tokens dragged, chosen;
  std::vector<std::optional<int64_t>> hovered;
  std::vector<Viewport> viewports;
};

TEST_F(ImageOverlayViewTest, HoveringNamesPatchesAndTheClassToken) {
  QTest::mouseMove(&view, pointOf(7));
  QTest::mouseMove(&view, pointOf(7) + QPoint(3, 3));
  QTest::mouseMove(&view, pointOf(6));
  QTest::mouseMove(&view, QPoint(1, 1));
  EXPECT_EQ(hovered, (std::vector<std::optional<int64_t>>{7, 6, std::nullopt}));
  EXPECT_TRUE(chosen.empty());
}

TEST_F(ImageOverlayViewTest, TheQueryPatchIsDraggedLiveAndChosenAtRelease) {
  QTest::mousePress(&view, Qt::LeftButton, {}, pointOf(4));
  QTest::mouseMove(&view, pointOf(5));
  QTest::mouseMove(&view, pointOf(5) + QPoint(2, 2));
  EXPECT_EQ(view.cursor().shape(), Qt::ClosedHandCursor);
  QTest::mouseMove(&view, pointOf(6));  // the diamond
  QTest::mouseMove(&view, QPoint(1, 499));
  EXPECT_EQ(dragged, (Tokens{5, 6, 9}));
  EXPECT_TRUE(chosen.empty());
  QTest::mouseRelease(&view, Qt::LeftButton, {}, pointOf(9));
  EXPECT_EQ(chosen, (Tokens{9}));
}

TEST_F(ImageOverlayViewTest, EscTakesADragBack) {
  QTest::mousePress(&view, Qt::LeftButton, {}, pointOf(4));
  QTest::mouseMove(&view, pointOf(8));
  QTest::keyClick(&view, Qt::Key_Escape);
  EXPECT_EQ(dragged, (Tokens{8, 4}));
  QTest::mouseRelease(&view, Qt::LeftButton, {}, pointOf(8));
  EXPECT_TRUE(chosen.empty());
  QKeyEvent escape(QEvent::KeyPress, Qt::Key_Escape, Qt::NoModifier);
  escape.accept();
  QApplication::sendEvent(&view, &escape);
  EXPECT_FALSE(escape.isAccepted());  // without a drag it is the pane's
}

TEST_F(ImageOverlayViewTest, AClickMakesAPatchOrTheClassTokenTheQuery) {
  QTest::mouseClick(&view, Qt::LeftButton, {}, pointOf(8));
  QTest::mouseClick(&view, Qt::LeftButton, {}, pointOf(6));
  EXPECT_EQ(chosen, (Tokens{8, 6}));
  QTest::mousePress(&view, Qt::LeftButton, {}, pointOf(0));
  QTest::mouseMove(&view, pointOf(0) + QPoint(5, 0));
  QTest::mouseRelease(&view, Qt::LeftButton, {}, pointOf(0) + QPoint(5, 0));
  EXPECT_EQ(chosen.size(), 2U);  // 5 px are no click
}

TEST_F(ImageOverlayViewTest, ArrowsMoveTheQueryAndReachTheClassToken) {
  QTest::keyClick(&view, Qt::Key_Right);
  QTest::keyClick(&view, Qt::Key_Up, Qt::AltModifier);
  EXPECT_EQ(chosen, (Tokens{5, 1}));
  QTest::keyClick(&view, Qt::Key_Up);  // the first row
  EXPECT_EQ(chosen.size(), 2U);
  view.setContent(madeUpOverlay(8));
  QTest::keyClick(&view, Qt::Key_Right);
  QTest::keyClick(&view, Qt::Key_Left);
  EXPECT_EQ(chosen, (Tokens{5, 1, 6, 8}));
}

TEST_F(ImageOverlayViewTest, TheWheelZoomsAboutThePointerAndADragPans) {
  const QPointF at = pointOf(10);
  const QPointF before = view.layout().toTokens(at);
  wheel(at, 240);
  ASSERT_EQ(viewports.size(), 1U);
  EXPECT_NEAR(viewports[0].width, 40.0 / 1.44, 1e-9);
  EXPECT_NEAR(view.layout().toTokens(at).x(), before.x(), 0.05);
  QTest::mousePress(&view, Qt::LeftButton, {}, at.toPoint());
  QTest::mouseMove(&view, at.toPoint() + QPoint(-30, 0));
  EXPECT_NEAR(view.layout().toTokens(at + QPointF(-30, 0)).x(), before.x(), 0.05);
  QTest::mouseRelease(&view, Qt::LeftButton, {}, at.toPoint() + QPoint(-30, 0));
  EXPECT_TRUE(chosen.empty());
  wheel(at, -480);
  EXPECT_TRUE(view.viewport().isWhole());
}

TEST_F(ImageOverlayViewTest, SpaceAndDragPansEvenOnTheQuery) {
  view.setViewport({0.0, 5.0, 20.0, 15.0});
  QTest::keyPress(&view, Qt::Key_Space);
  QTest::mousePress(&view, Qt::LeftButton, {}, pointOf(4));
  QTest::mouseMove(&view, pointOf(4) + QPoint(-40, 0));
  EXPECT_GT(view.viewport().left, 0.0);
  EXPECT_TRUE(dragged.empty());
}

TEST_F(ImageOverlayViewTest, ANewPictureOfTheSameSizeKeepsTheViewport) {
  view.setViewport({10.0, 5.0, 20.0, 15.0});
  view.setContent(madeUpOverlay(7));
  EXPECT_FALSE(view.viewport().isWhole());
  OverlayContent other = *madeUpOverlay(7);
  other.picture = other.picture.scaled(80, 60);
  view.setContent(std::make_shared<const OverlayContent>(other));
  EXPECT_TRUE(view.viewport().isWhole());
}

TEST_F(ImageOverlayViewTest, PixelsAreThoseOfThePainterAlsoAfterADrag) {
  const QColor before = view.grab().toImage().pixelColor(pointOf(9));
  QTest::mousePress(&view, Qt::LeftButton, {}, pointOf(4));
  QTest::mouseMove(&view, pointOf(12));
  const QImage after = view.grab().toImage();
  const auto content = madeUpOverlay(12);
  const QColor expected(content->scale.color(static_cast<double>(content->shown[9])));
  EXPECT_NEAR(after.pixelColor(pointOf(9)).green(), (120 + expected.green()) / 2, 1);
  EXPECT_NE(after.pixelColor(pointOf(9)), before);
}

TEST_F(ImageOverlayViewTest, ScreenReadersHearTheQueryAndAKey) {
  QAccessibleInterface* interface = QAccessible::queryAccessibleInterface(&view);
  ASSERT_NE(interface, nullptr);
  EXPECT_EQ(interface->role(), QAccessible::Chart);
  EXPECT_EQ(
      interface->text(QAccessible::Description),
      QStringLiteral("Query patch 4 (row 1, column 0), strongest key patch 5 (row 1, column 1), 0.5900"));
  view.setHovered(6);
  EXPECT_EQ(interface->text(QAccessible::Description),
            QStringLiteral("Query patch 4 (row 1, column 0), key class token 6, 0.1000"));
}

TEST(ImageOverlayControls, EachControlEditsItsPartOfTheChoice) {
  ImageOverlayControls controls;
  OverlayChoice choice, edited;
  choice.query = 74;
  controls.setChoice(choice, false, true);
  std::vector<bool> grids;
  QObject::connect(&controls, &ImageOverlayControls::choiceEdited,
                   [&](const OverlayChoice& to) { edited = to; });
  QObject::connect(&controls, &ImageOverlayControls::gridEdited,
                   [&](bool isShown) { grids.push_back(isShown); });
  controls.findChild<QSlider*>()->setValue(80);
  choice.opacity = 0.8;
  EXPECT_EQ(edited, choice);
  const auto boxes = controls.findChildren<QComboBox*>();
  ASSERT_EQ(boxes.size(), 2);
  boxes[0]->setCurrentIndex(2);
  boxes[1]->setCurrentIndex(1);
  choice.blend = Blend::Mask;
  choice.interpolation = Interpolation::Bilinear;
  EXPECT_EQ(edited, choice);
  for (QCheckBox* box : controls.findChildren<QCheckBox*>()) box->click();
  choice.showScanPath = true;
  choice.showClassToken = false;
  EXPECT_EQ(edited, choice);
  EXPECT_EQ(grids, (std::vector<bool>{true}));
}

TEST(ImageOverlayControls, WhatIsGivenIsShownWithoutAnEcho) {
  ImageOverlayControls controls;
  int echoes = 0;
  QObject::connect(&controls, &ImageOverlayControls::choiceEdited, [&] { ++echoes; });
  QObject::connect(&controls, &ImageOverlayControls::gridEdited, [&] { ++echoes; });
  OverlayChoice choice;
  choice.opacity = 0.25;
  choice.blend = Blend::Multiply;
  controls.setChoice(choice, true, false);
  EXPECT_EQ(echoes, 0);
  EXPECT_EQ(controls.findChild<QSlider*>()->value(), 25);
  EXPECT_EQ(controls.findChildren<QComboBox*>()[0]->currentText(), QStringLiteral("multiply"));
  const auto boxes = controls.findChildren<QCheckBox*>();
  EXPECT_FALSE(boxes[1]->isEnabled());
  EXPECT_TRUE(boxes[2]->isChecked());
}

}  // namespace
}  // namespace uc
