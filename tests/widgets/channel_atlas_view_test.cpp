// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/channel_atlas_view.h"

#include "tests/widgets/atlas_fixture.h"
#include "widgets/channel_atlas_filter.h"
#include "widgets/statistic_bands.h"

#include <QApplication>
#include <QMouseEvent>
#include <QScrollBar>
#include <QTest>

#include <gtest/gtest.h>

namespace uc {
namespace {

using Lanes = std::vector<std::optional<LaneRef>>;

/// A shown atlas whose owner grants what it asks for, as the window does.
class ChannelAtlasViewTest : public testing::Test {
 protected:
  void SetUp() override {
    QObject::connect(&view, &ChannelAtlasView::laneHovered, [this](auto lane) { hovered.push_back(lane); });
    QObject::connect(&view, &ChannelAtlasView::laneClicked, [this](auto lane) {
      clicked.push_back(lane);
      locked = lane;
      view.setLocked(lane);
    });
    QObject::connect(&view, &ChannelAtlasView::laneOpened, [this](LaneRef lane) { opened.push_back(lane); });
    QObject::connect(&view, &ChannelAtlasView::choiceEdited, [this](const AtlasChoice& choice) {
      choices.push_back(choice);
      use(choice);
    });
    QObject::connect(&view, &ChannelAtlasView::selectionPreviewed,
                     [this](const auto& content) { previewed.push_back(content->selected.size()); });
    QObject::connect(&view, &ChannelAtlasView::thumbnailsWanted,
                     [this](const std::vector<LaneRef>& lanes) { wanted.push_back(lanes); });
    view.resize(1100, 460);
    use({});
    view.show();
    [[maybe_unused]] const bool isShown = QTest::qWaitForWindowExposed(&view);
    view.plot().setFocus();
  }
  void use(const AtlasChoice& choice) {
    const auto before = view.content();
    const auto lanes = before ? before->cloud->lanes : atlasLanes(madeUpLanes(6, 40));
    view.setContent(std::make_shared<const AtlasContent>(atlasContent(lanes, choice, before.get())));
  }
  /// A lane whose point has no other within 12 px, so that aiming at it is sure to hit.
  LaneRef lonely(size_t which = 0) {
    const AtlasContent& content = *view.content();
    for (const uint32_t i : content.selected) {
      const LaneRef lane = content.lanes().refOf(i);
      const QPointF at = pointIn(lane);
      const auto isFar = [&](uint32_t other) {
        const QPointF way = pointIn(content.lanes().refOf(other)) - at;
        return other == i || QPointF::dotProduct(way, way) > 144.0;
      };
      const bool isAlone = std::all_of(content.selected.begin(), content.selected.end(), isFar);
      if (isAlone && which-- == 0) return lane;
    }
    ADD_FAILURE() << "no lonely lane";
    return {};
  }
  QPointF pointIn(const LaneRef& lane) { return *pointOf(*view.content(), view.plot().layoutNow(), lane); }
  QPoint pixelOf(const LaneRef& lane) { return pointIn(lane).toPoint(); }
  /// A point of the frame by parts of its width and height.
  QPoint inFrame(double x, double y) {
    const QRectF& frame = view.plot().layoutNow().frame;
    return QPointF(frame.left() + x * frame.width(), frame.top() + y * frame.height()).toPoint();
  }
  void drag(const QPoint& from, const QPoint& to, Qt::KeyboardModifiers modifiers = {}) {
    QTest::mousePress(&view.plot(), Qt::LeftButton, modifiers, from);
    QTest::mouseMove(&view.plot(), (from + to) / 2);
    QTest::mouseMove(&view.plot(), to);
    QTest::mouseRelease(&view.plot(), Qt::LeftButton, modifiers, to);
  }
  QRectF brushBox() {
    const AtlasContent& content = *view.content();
    return view.plot().layoutNow().toRect(placesOf(*content.cloud, *content.choice.brush));
  }

  ChannelAtlasView view;
  std::optional<LaneRef> locked;
  Lanes hovered, clicked;
  std::vector<LaneRef> opened;
  std::vector<AtlasChoice> choices;
  std::vector<size_t> previewed;
  std::vector<std::vector<LaneRef>> wanted;
};

TEST_F(ChannelAtlasViewTest, HoveringNamesTheNearestLaneWithinSixPixels) {
  const LaneRef lane = lonely();
  const QPoint at = pixelOf(lane);
  QTest::mouseMove(&view.plot(), at + QPoint(0, 5));
  EXPECT_EQ(hovered, (Lanes{lane}));
  QTest::mouseMove(&view.plot(), at + QPoint(0, 8));
  EXPECT_EQ(hovered, (Lanes{lane, std::nullopt}));
}

TEST_F(ChannelAtlasViewTest, ClickAsksForALockAndTheNextOneForItsEnd) {
  const LaneRef lane = lonely();
  QTest::mouseClick(&view.plot(), Qt::LeftButton, {}, pixelOf(lane));
  QTest::mouseClick(&view.plot(), Qt::LeftButton, {}, pixelOf(lane));
  EXPECT_EQ(clicked, (Lanes{lane, std::nullopt}));
  EXPECT_TRUE(choices.empty());
}

TEST_F(ChannelAtlasViewTest, DoubleClickOpensAndLeavesTheLockAsItWas) {
  const LaneRef first = lonely(0), other = lonely(1);
  QTest::mouseClick(&view.plot(), Qt::LeftButton, {}, pixelOf(first));
  const QPoint at = pixelOf(other);
  QTest::mouseClick(&view.plot(), Qt::LeftButton, {}, at);
  QMouseEvent second(QEvent::MouseButtonDblClick, at, view.plot().mapToGlobal(at), Qt::LeftButton,
                     Qt::LeftButton, Qt::NoModifier);
  QApplication::sendEvent(&view.plot(), &second);
  QTest::mouseRelease(&view.plot(), Qt::LeftButton, {}, at);
  EXPECT_EQ(opened, (std::vector<LaneRef>{other}));
  EXPECT_EQ(locked, first);
}

TEST_F(ChannelAtlasViewTest, ADragBrushesAndTellsOnceAtItsEnd) {
  const QPoint from = inFrame(0.2, 0.8), to = inFrame(0.6, 0.3);
  drag(from, to);
  ASSERT_EQ(choices.size(), 1U);
  ASSERT_TRUE(choices[0].brush);
  EXPECT_EQ(previewed.back(), view.content()->selected.size());
  EXPECT_GE(previewed.size(), 2U);
  EXPECT_TRUE(clicked.empty());
  const AtlasLayout& layout = view.plot().layoutNow();
  const QRectF box(from, to);
  EXPECT_NEAR(brushBox().left(), box.normalized().left(), 1e-6);
  EXPECT_NEAR(brushBox().top(), box.normalized().top(), 1e-6);
  size_t inside = 0;
  for (const auto& point : view.content()->cloud->points)
    inside +=
        box.normalized().contains(layout.toPoint(static_cast<double>(point.x), static_cast<double>(point.y)))
            ? 1
            : 0;
  EXPECT_EQ(view.content()->selected.size(), inside);
  EXPECT_GT(inside, 10U);
}

TEST_F(ChannelAtlasViewTest, FourPixelsAreAClickAndFiveABrush) {
  const QPoint at = pixelOf(lonely());
  drag(at, at + QPoint(4, 0));
  EXPECT_EQ(clicked.size(), 1U);
  drag(at, at + QPoint(5, 5));
  EXPECT_EQ(clicked.size(), 1U);
  EXPECT_EQ(choices.size(), 1U);
}

TEST_F(ChannelAtlasViewTest, EscTakesADragBack) {
  const size_t all = view.content()->selected.size();
  QTest::mousePress(&view.plot(), Qt::LeftButton, {}, inFrame(0.2, 0.8));
  QTest::mouseMove(&view.plot(), inFrame(0.5, 0.5));
  EXPECT_LT(previewed.back(), all);
  QTest::keyClick(&view.plot(), Qt::Key_Escape);
  EXPECT_EQ(previewed.back(), all);
  QTest::mouseRelease(&view.plot(), Qt::LeftButton, {}, inFrame(0.5, 0.5));
  EXPECT_TRUE(choices.empty());
  EXPECT_EQ(view.thumbnails().accessibleName(), QStringLiteral("Lanes of the atlas, 240"));
}

TEST_F(ChannelAtlasViewTest, EscWithoutADragIsTheWindowsWhichMayClearTheBrush) {
  drag(inFrame(0.2, 0.8), inFrame(0.6, 0.3));
  QKeyEvent escape(QEvent::KeyPress, Qt::Key_Escape, Qt::NoModifier);
  escape.accept();
  QApplication::sendEvent(&view.plot(), &escape);
  EXPECT_FALSE(escape.isAccepted());
  EXPECT_TRUE(view.clearBrush());
  EXPECT_FALSE(choices.back().brush);
  EXPECT_FALSE(view.clearBrush());
}

TEST_F(ChannelAtlasViewTest, TheBrushMovesByItsInsideAndResizesByItsHandles) {
  drag(inFrame(0.3, 0.7), inFrame(0.5, 0.4));
  const QRectF before = brushBox();
  const QPoint inside = before.center().toPoint() + QPoint(3, 3);
  drag(inside, inside + QPoint(30, -20));
  EXPECT_NEAR(brushBox().left(), before.left() + 30, 1e-6);
  EXPECT_NEAR(brushBox().top(), before.top() - 20, 1e-6);
  EXPECT_NEAR(brushBox().width(), before.width(), 1e-6);
  const QRectF moved = brushBox();
  const QPoint corner = moved.topRight().toPoint();
  QTest::mouseMove(&view.plot(), corner);
  EXPECT_EQ(view.plot().cursor().shape(), Qt::SizeBDiagCursor);
  drag(corner, corner + QPoint(40, -15));
  EXPECT_NEAR(brushBox().right(), corner.x() + 40, 1e-6);
  EXPECT_NEAR(brushBox().top(), corner.y() - 15, 1e-6);
  EXPECT_NEAR(brushBox().left(), moved.left(), 1e-6);
  EXPECT_NEAR(brushBox().bottom(), moved.bottom(), 1e-6);
  const QPoint start = brushBox().center().toPoint();
  drag(start, start + QPoint(25, 25), Qt::ShiftModifier);
  EXPECT_NEAR(brushBox().width(), 25, 1e-6);  // a new one
}

TEST_F(ChannelAtlasViewTest, KeysMakeMoveAndResizeTheBrush) {
  QTest::keyClick(&view.plot(), Qt::Key_B);
  ASSERT_EQ(choices.size(), 1U);
  const QRectF before = brushBox();
  QTest::keyClick(&view.plot(), Qt::Key_Right, Qt::ShiftModifier);
  EXPECT_GT(brushBox().left(), before.left() + 1);
  EXPECT_NEAR(brushBox().width(), before.width(), 1e-6);
  const QRectF moved = brushBox();
  QTest::keyClick(&view.plot(), Qt::Key_Up, Qt::ControlModifier);
  EXPECT_LT(brushBox().top(), moved.top() - 1);
  EXPECT_NEAR(brushBox().bottom(), moved.bottom(), 1e-6);
}

TEST_F(ChannelAtlasViewTest, ArrowsGoThroughTheLanesInOrderAndEnterOpens) {
  const auto& order = view.content()->selected;
  const auto laneOf = [&](size_t place) { return view.content()->lanes().refOf(order[place]); };
  QTest::keyClick(&view.plot(), Qt::Key_Right);
  QTest::keyClick(&view.plot(), Qt::Key_Down);
  QTest::keyClick(&view.plot(), Qt::Key_Left);
  QTest::keyClick(&view.plot(), Qt::Key_End);
  QTest::keyClick(&view.plot(), Qt::Key_Right);
  EXPECT_EQ(hovered, (Lanes{laneOf(0), laneOf(1), laneOf(0), laneOf(order.size() - 1)}));
  view.setLocked(laneOf(4));
  QTest::keyClick(&view.plot(), Qt::Key_Right);
  EXPECT_EQ(clicked, (Lanes{laneOf(5)}));  // a lock moves
  QTest::keyClick(&view.plot(), Qt::Key_Return);
  EXPECT_EQ(opened, (std::vector<LaneRef>{laneOf(5)}));
}

TEST_F(ChannelAtlasViewTest, ControlsAskForChoicesAndAnotherAxisTakesTheBrushAway) {
  drag(inFrame(0.2, 0.8), inFrame(0.6, 0.3));
  auto& controls = view.controls();
  const auto pick = [](QComboBox& combo, const char* name) {
    combo.setCurrentIndex(combo.findData(QString::fromLatin1(name)));
    Q_EMIT combo.activated(combo.currentIndex());
  };
  pick(controls.sort(), "entropy");
  EXPECT_EQ(choices.back().sort, "entropy");
  EXPECT_TRUE(choices.back().brush);
  pick(controls.color(), "roles");
  EXPECT_EQ(choices.back().color, "roles");
  pick(controls.x(), "half_life");
  EXPECT_EQ(choices.back().x, "half_life");
  EXPECT_FALSE(choices.back().brush);
  controls.chip(Role::FirstTokenSink).click();
  EXPECT_TRUE(choices.back().roles.has(Role::FirstTokenSink));
  controls.chip(Role::FirstTokenSink).click();
  EXPECT_EQ(choices.back().roles, Roles());
  controls.shape().button(1)->click();
  EXPECT_TRUE(view.content()->cloud->isTiled);
  EXPECT_FALSE(controls.x().isVisible());
  controls.shape().button(0)->click();
  EXPECT_EQ(choices.back().x, AtlasChoice().x);
}

TEST_F(ChannelAtlasViewTest, ControlsTakeASecondLineWhereTheyDoNotFit) {
  auto& controls = view.controls();
  EXPECT_GT(controls.heightForWidth(400), controls.heightForWidth(1400));
  view.resize(500, 460);
  for (const QComboBox* combo : {&controls.x(), &controls.sort()}) {
    const QWidget* group = combo->parentWidget();
    EXPECT_TRUE(QTest::qWaitFor([&] { return controls.rect().contains(group->geometry()); }));
  }
}

TEST_F(ChannelAtlasViewTest, ATileIsHoveredAnywhereOnIt) {
  view.controls().shape().button(1)->click();
  const LaneRef lane{3, 17};
  QTest::mouseMove(&view.plot(), pixelOf(lane) + QPoint(0, 12));
  ASSERT_FALSE(hovered.empty());
  EXPECT_EQ(hovered.back(), lane);
}

TEST_F(ChannelAtlasViewTest, OnlyThumbnailsInSightAreAskedForAndEachUntilItCame) {
  auto& list = view.thumbnails();
  ASSERT_TRUE(QTest::qWaitFor([this] { return !wanted.empty(); }));
  EXPECT_EQ(wanted.back(), list.visibleLanes());
  EXPECT_LT(wanted.back().size(), 40U);
  const LaneRef first = wanted.back()[0], second = wanted.back()[1];
  QImage red(4, 4, QImage::Format_RGB32);
  red.fill(Qt::red);
  const QPoint middle = list.cellRect(0).center().toPoint();
  EXPECT_NE(list.viewport()->grab().toImage().pixelColor(middle), QColor(Qt::red));
  view.setThumbnail(first, red);
  EXPECT_EQ(list.viewport()->grab().toImage().pixelColor(middle), QColor(Qt::red));
  list.verticalScrollBar()->setValue(list.verticalScrollBar()->maximum());
  const size_t told = wanted.size();
  ASSERT_TRUE(QTest::qWaitFor([&] { return wanted.size() > told; }));
  EXPECT_EQ(wanted.back(), list.visibleLanes());
  EXPECT_EQ(wanted.back().back(), view.content()->lanes().refOf(view.content()->selected.back()));
  list.verticalScrollBar()->setValue(0);
  ASSERT_TRUE(QTest::qWaitFor([&] { return wanted.size() > told + 1; }));
  EXPECT_EQ(wanted.back()[0], second);
  view.clearThumbnails();
  ASSERT_TRUE(QTest::qWaitFor([&] { return wanted.size() > told + 2; }));
  EXPECT_EQ(wanted.back()[0], first);
}

TEST_F(ChannelAtlasViewTest, ThumbnailsSpeakTheSameGestures) {
  auto& list = view.thumbnails();
  const LaneRef second = view.content()->lanes().refOf(view.content()->selected[1]);
  const QPoint at = list.cellRect(1).center().toPoint();
  QTest::mouseMove(list.viewport(), at);
  EXPECT_EQ(hovered, (Lanes{second}));
  QTest::mouseClick(list.viewport(), Qt::LeftButton, {}, at);
  EXPECT_EQ(clicked, (Lanes{second}));
  list.setFocus();
  QTest::keyClick(&list, Qt::Key_End);
  EXPECT_EQ(clicked.back(), view.content()->lanes().refOf(view.content()->selected.back()));
  EXPECT_EQ(list.verticalScrollBar()->value(), list.verticalScrollBar()->maximum());
  QTest::keyClick(&list, Qt::Key_Return);
  EXPECT_EQ(opened.size(), 1U);
}

TEST_F(ChannelAtlasViewTest, KeepsAFewHundredThumbnailsAndThoseInSight) {
  use({});
  QImage red(4, 4, QImage::Format_RGB32);
  red.fill(Qt::red);
  const LaneRef first = view.thumbnails().visibleLanes()[0];
  view.setThumbnail(first, red);
  for (int64_t i = 0; i < static_cast<int64_t>(ChannelAtlasThumbnails::kMostKept) + 10; ++i)
    view.setThumbnail({50, i}, red);
  const QPoint middle = view.thumbnails().cellRect(0).center().toPoint();
  EXPECT_EQ(view.thumbnails().viewport()->grab().toImage().pixelColor(middle), QColor(Qt::red));
}

TEST_F(ChannelAtlasViewTest, ScreenReadersHearTheLaneAndTheCount) {
  drag(inFrame(0.2, 0.8), inFrame(0.6, 0.3));
  EXPECT_TRUE(
      view.plot().accessibleName().startsWith(QStringLiteral("Channel atlas, entropy by mean distance, ")));
  EXPECT_TRUE(view.plot().accessibleName().contains(
      QStringLiteral("%1 of 240 lanes in the brush").arg(view.content()->selected.size())));
  view.setHovered(LaneRef{2, 5});
  EXPECT_TRUE(
      view.plot().accessibleDescription().startsWith(QStringLiteral("layer 2, lane 5, mean distance ")));
}

TEST_F(ChannelAtlasViewTest, PointsAreDrawnOnceAndHoverChangesOnlyWhatLiesOnThem) {
  const LaneRef lane = lonely();
  const QImage before = view.plot().grab().toImage();
  view.setHovered(lane);
  const QImage with = view.plot().grab().toImage();
  EXPECT_NE(before, with);
  view.setHovered(std::nullopt);
  EXPECT_EQ(view.plot().grab().toImage(), before);
}

TEST(ChannelAtlasView, IsPatientWithoutContent) {
  ChannelAtlasView view;
  view.resize(600, 300);
  view.show();
  QTest::mouseMove(&view.plot(), QPoint(100, 100));
  QTest::mouseClick(&view.plot(), Qt::LeftButton, {}, QPoint(100, 100));
  QTest::keyClick(&view.plot(), Qt::Key_Right);
  QTest::keyClick(&view.plot(), Qt::Key_B);
  QTest::keyClick(&view.thumbnails(), Qt::Key_Down);
  EXPECT_FALSE(view.grab().isNull());
  EXPECT_FALSE(view.clearBrush());
}

TEST(ChannelAtlasFilter, AsksForLayersAndHalfLivesByKeyAndDrag) {
  ChannelAtlasFilter filter;
  filter.resize(260, 52);
  std::vector<AtlasChoice> choices;
  const auto lanes = atlasLanes(madeUpLanes(6, 40));
  QObject::connect(&filter, &ChannelAtlasFilter::choiceEdited, [&](const AtlasChoice& choice) {
    choices.push_back(choice);
    filter.setContent(std::make_shared<const AtlasContent>(atlasContent(lanes, choice)));
  });
  filter.setContent(std::make_shared<const AtlasContent>(atlasContent(lanes, {})));
  filter.show();
  EXPECT_EQ(filter.valueText(ChannelAtlasFilter::FirstLayer), QStringLiteral("0 … 5"));
  QTest::keyClick(&filter.handle(ChannelAtlasFilter::FirstLayer), Qt::Key_Right);
  QTest::keyClick(&filter.handle(ChannelAtlasFilter::LastLayer), Qt::Key_Left);
  ASSERT_EQ(choices.size(), 2U);
  EXPECT_EQ(choices[1].firstLayer, 1);
  EXPECT_EQ(choices[1].lastLayer, 4);
  QTest::keyClick(&filter.handle(ChannelAtlasFilter::LastLayer), Qt::Key_Home);
  EXPECT_EQ(choices.back().lastLayer, 1);  // not before the first
  QTest::keyClick(&filter.handle(ChannelAtlasFilter::LastLayer), Qt::Key_End);
  EXPECT_EQ(choices.back().lastLayer, -1);
  QTest::keyClick(&filter.handle(ChannelAtlasFilter::LeastHalfLife), Qt::Key_End);
  EXPECT_EQ(filter.valueText(ChannelAtlasFilter::LeastHalfLife), QStringLiteral("∞"));
  const size_t told = choices.size();
  QWidget& handle = filter.handle(ChannelAtlasFilter::LeastHalfLife);
  QTest::mousePress(&handle, Qt::LeftButton);
  QTest::mouseMove(&handle, QPoint(-40, 5));
  EXPECT_EQ(choices.size(), told);
  QTest::mouseRelease(&handle, Qt::LeftButton);
  ASSERT_EQ(choices.size(), told + 1);
  EXPECT_GT(choices.back().leastHalfLife, 0.0);
  EXPECT_LT(choices.back().leastHalfLife, 1000.0);
}

TEST(StatisticBands, SayWhereTheLaneIsAmongAll) {
  StatisticBands bands;
  bands.setBands({{QStringLiteral("Entropy"), QStringLiteral("2.41 bits"), 0.3, 0.6, 0.7}});
  bands.resize(200, bands.sizeHint().height());
  EXPECT_EQ(bands.accessibleDescription(),
            QStringLiteral("Entropy 2.41 bits, above the middle half of all lanes"));
  const QImage image = bands.grab().toImage();
  EXPECT_EQ(image.pixelColor(140, 24), Theme::light().accent);
  EXPECT_EQ(image.pixelColor(90, 24), Theme::light().border);
  EXPECT_EQ(image.pixelColor(190, 24), Theme::light().pressed);
}

}  // namespace
}  // namespace uc
