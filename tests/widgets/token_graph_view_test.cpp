// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/token_graph_view.h"

#include "tests/widgets/heatmap_fixture.h"
#include "widgets/graph_controls.h"

#include <QApplication>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QSignalSpy>
#include <QSlider>
#include <QTest>
#include <QWheelEvent>

#include <gtest/gtest.h>

namespace uc {
namespace {

std::shared_ptr<TokenGraphContent> madeUpGraph(qint64 tokens) {
  HeatmapRecipe recipe;
  recipe.tokens = tokens;
  return std::make_shared<TokenGraphContent>(
      tokenGraph(*madeUpHeatmap(recipe), {GraphChoice::Keep::Mass, 60, {}}));
}

using Tokens = std::vector<std::optional<qint64>>;

/// A shown view whose lock follows its wishes, as in a pane.
class TokenGraphViewTest : public testing::Test {
 protected:
  void SetUp() override {
    view.resize(800, 500);
    view.setContent(madeUpGraph(28));
    QObject::connect(&view, &TokenGraphView::tokenClicked, [this](std::optional<qint64> token) {
      clicked.push_back(token);
      view.setLocked(token);
    });
    QObject::connect(&view, &TokenGraphView::tokenHovered,
                     [this](std::optional<qint64> token) { hovered.push_back(token); });
    QObject::connect(&view, &TokenGraphView::viewportChanged,
                     [this](const Viewport& to) { viewports.push_back(to); });
    view.show();
    view.setFocus();
  }
  QPoint nodeOf(qint64 token) const {
    const GraphLayout layout = view.layout();
    return QPointF(nodeX(*view.content(), layout, token), layout.line).toPoint();
  }
  void wheel(const QPointF& at, int angle) {
    QWheelEvent event(at, view.mapToGlobal(at), {}, QPoint(0, angle), Qt::NoButton, Qt::NoModifier,
                      Qt::NoScrollPhase, false);
    QApplication::sendEvent(&view, &event);
  }

  TokenGraphView view;
  Tokens clicked, hovered;
  std::vector<Viewport> viewports;
};

TEST_F(TokenGraphViewTest, HoveringIsolatesAndLeavingEndsIt) {
  const QImage all = view.grab().toImage();
  QTest::mouseMove(&view, nodeOf(20));
  EXPECT_EQ(hovered, (Tokens{20}));
  EXPECT_TRUE(view.accessibleDescription().startsWith(QStringLiteral("token 20 ")));
  const QImage one = view.grab().toImage();
  EXPECT_NE(one, all);
  QTest::mouseMove(&view, QPoint(400, 90));
  EXPECT_EQ(hovered.back(), std::nullopt);
  EXPECT_EQ(view.grab().toImage(), all);
}

TEST_F(TokenGraphViewTest, AClickLocksAndASecondOneUnlocks) {
  QTest::mouseClick(&view, Qt::LeftButton, {}, nodeOf(12));
  QTest::mouseClick(&view, Qt::LeftButton, {}, nodeOf(12));
  QTest::mouseClick(&view, Qt::LeftButton, {}, QPoint(400, 90));
  EXPECT_EQ(clicked, (Tokens{12, std::nullopt}));
}

TEST_F(TokenGraphViewTest, ADragPansAndIsNoClick) {
  view.setViewport({10, 0, 10, 0});
  const QPoint from = nodeOf(14);
  QTest::mousePress(&view, Qt::LeftButton, {}, from);
  QTest::mouseMove(&view, from - QPoint(100, 0));
  QTest::mouseRelease(&view, Qt::LeftButton, {}, from - QPoint(100, 0));
  EXPECT_TRUE(clicked.empty());
  ASSERT_FALSE(viewports.empty());
  EXPECT_NEAR(view.viewport().left, 10 + 100 / view.layout().perToken, 1e-6);
  EXPECT_NEAR(nodeOf(14).x(), from.x() - 100, 1);
  // and stays within the tokens
  QTest::mousePress(&view, Qt::LeftButton, {}, from);
  QTest::mouseMove(&view, from - QPoint(5000, 0));
  EXPECT_EQ(view.viewport().left, 18);
  QTest::keyClick(&view, Qt::Key_Escape);
  EXPECT_NEAR(view.viewport().left, 10 + 100 / view.layout().perToken, 1e-6);
}

TEST_F(TokenGraphViewTest, TheWheelZoomsAboutTheTokenUnderThePointer) {
  const QPoint at = nodeOf(20);
  wheel(at, 240);
  EXPECT_NEAR(view.viewport().width, 28 / 1.44, 1e-6);
  EXPECT_NEAR(nodeOf(20).x(), at.x(), 1);
  wheel(at, -1200);
  EXPECT_TRUE(view.viewport().isWhole());
  for (int i = 0; i < 40; ++i) wheel(at, 120);
  EXPECT_EQ(view.viewport().width, 4);
}

TEST_F(TokenGraphViewTest, KeysMoveZoomAndLock) {
  view.setLocked(5);
  QTest::keyClick(&view, Qt::Key_Right);
  QTest::keyClick(&view, Qt::Key_Right);
  EXPECT_EQ(hovered.back(), 7);
  QTest::keyClick(&view, Qt::Key_Return);
  EXPECT_EQ(clicked, (Tokens{7}));
  QTest::keyClick(&view, Qt::Key_Plus);
  EXPECT_NEAR(view.viewport().width, 28 / 1.2, 1e-6);
  QTest::keyClick(&view, Qt::Key_End);
  EXPECT_EQ(hovered.back(), 27);
  EXPECT_NEAR(view.viewport().left + view.viewport().width, 28, 1e-6);
  QTest::keyClick(&view, Qt::Key_Minus);
  EXPECT_TRUE(view.viewport().isWhole());
  QTest::keyClick(&view, Qt::Key_Left);
  EXPECT_EQ(hovered.back(), 26);
}

TEST_F(TokenGraphViewTest, APannedPictureIsThatOfAFreshView) {
  view.setContent(madeUpGraph(200));
  view.setViewport({50, 0, 40, 0});
  view.grab();
  view.setViewport({61, 0, 40, 0});
  const QImage panned = view.grab().toImage();
  TokenGraphView fresh;
  fresh.resize(view.size());
  fresh.setContent(view.content());
  fresh.setViewport({61, 0, 40, 0});
  EXPECT_EQ(fresh.grab().toImage(), panned);
}

TEST_F(TokenGraphViewTest, NewContentDropsATokenThatIsGone) {
  view.setLocked(20);
  view.setContent(madeUpGraph(8));
  EXPECT_TRUE(view.accessibleDescription().isEmpty());
  EXPECT_TRUE(view.accessibleName().startsWith(QStringLiteral("Token graph, 8 tokens, ")));
  view.setContent(nullptr);
  EXPECT_FALSE(view.grab().isNull());
}

class GraphControlsTest : public testing::Test {
 protected:
  GraphControlsTest() {
    QObject::connect(&controls, &GraphControls::choiceEdited,
                     [this](const GraphChoice& choice) { edited.push_back(choice); });
    controls.setChoice({GraphChoice::Keep::Mass, 60, 7}, 0.47);
  }
  GraphControls controls;
  QSlider& slider{*controls.findChild<QSlider*>()};
  QDoubleSpinBox& amount{*controls.findChild<QDoubleSpinBox*>()};
  QComboBox& keep{*controls.findChild<QComboBox*>()};
  std::vector<GraphChoice> edited;
};

TEST_F(GraphControlsTest, ShowsAChoiceWithoutEditingIt) {
  EXPECT_TRUE(edited.empty());
  EXPECT_EQ(amount.text(), QStringLiteral("60 %"));
  controls.setChoice({GraphChoice::Keep::Top, 5000, {}}, 0.47);  // beyond the slider
  EXPECT_EQ(amount.value(), 5000);
  EXPECT_EQ(slider.value(), slider.maximum());
  EXPECT_TRUE(edited.empty());
}

TEST_F(GraphControlsTest, SliderAndFieldAreOneNumber) {
  amount.setValue(75);
  ASSERT_EQ(edited.size(), 1U);
  EXPECT_EQ(edited[0], (GraphChoice{GraphChoice::Keep::Mass, 75, 7}));
  slider.setValue(slider.maximum());
  EXPECT_EQ(edited.back().amount, 100);
  EXPECT_EQ(amount.value(), 100);
}

TEST_F(GraphControlsTest, WordsChangeWhatTheNumberMeans) {
  const auto choose = [this](int index) {
    keep.setCurrentIndex(index);
    Q_EMIT keep.activated(index);
  };
  choose(1);
  EXPECT_EQ(edited.back(), (GraphChoice{GraphChoice::Keep::Top, 5, 7}));
  EXPECT_EQ(amount.text(), QStringLiteral("5"));
  choose(2);
  EXPECT_EQ(edited.back().keep, GraphChoice::Keep::Above);
  EXPECT_NEAR(edited.back().amount, 0.047, 1e-9);
  slider.setValue(slider.maximum());
  EXPECT_NEAR(edited.back().amount, 0.47, 1e-6);
}

}  // namespace
}  // namespace uc
