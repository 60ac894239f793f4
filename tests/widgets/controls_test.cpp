// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/badge.h"
#include "widgets/factor_desk.h"
#include "widgets/focus_ring.h"
#include "widgets/histogram_view.h"
#include "widgets/model_outline.h"
#include "widgets/notice_bar.h"
#include "widgets/predictions_list.h"
#include "widgets/segmented_control.h"
#include "widgets/state_card.h"
#include "widgets/token_strip.h"
#include "widgets/widget_theme.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QPainter>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>
#include <QVBoxLayout>

#include <gtest/gtest.h>

namespace uc {
namespace {

constexpr int kLongMs = 10000;

HeatmapContent smallContent(std::vector<float> values, int64_t side, bool isUnsigned) {
  HeatmapContent content;
  content.map = Matrix(side, side);
  content.map.values = std::move(values);
  content.grid = {0, side, 0, side, 1, true, false};
  content.shown = normalize(content.map, content.grid, isUnsigned, Normalization::Raw);
  content.scale = ColorScale(Display{}, !isUnsigned, content.shown.extent);
  return content;
}

// ---- token strip

class TokenStripTest : public testing::Test {
 protected:
  TokenStripTest() {
    strip.resize(300, 200);
    strip.setTokens({QStringLiteral("In"), QStringLiteral(" the"), QStringLiteral(" estuary"),
                     QStringLiteral(","), QStringLiteral(" the"), QStringLiteral(" current"),
                     QStringLiteral(" runs"), QStringLiteral(" north")});
    strip.show();
    [[maybe_unused]] const bool isShown = QTest::qWaitForWindowExposed(&strip);
  }
  TokenStrip strip;
};

TEST_F(TokenStripTest, FindsEveryTokenWhereItIsPainted) {
  for (qint64 i = 0; i < 8; ++i) EXPECT_EQ(strip.tokenAt(strip.tokenRect(i).center()), i);
  EXPECT_FALSE(strip.tokenAt({1, 1}));
  EXPECT_FALSE(strip.tokenAt({150, 195}));
}

TEST_F(TokenStripTest, BreaksLinesAndGrowsWhenNarrow) {
  EXPECT_GT(strip.tokenRect(7).top(), strip.tokenRect(0).top());
  EXPECT_GT(strip.heightForWidth(150), strip.heightForWidth(300));
  for (qint64 i = 0; i < 8; ++i) EXPECT_LE(strip.tokenRect(i).right(), 300);
}

TEST_F(TokenStripTest, HoversAndClicksNameATokenAndLeavingEndsIt) {
  QSignalSpy hovered(&strip, &TokenStrip::tokenHovered), clicked(&strip, &TokenStrip::tokenClicked);
  QTest::mouseMove(&strip, strip.tokenRect(2).center().toPoint());
  QTest::mouseClick(&strip, Qt::LeftButton, {}, strip.tokenRect(2).center().toPoint());
  ASSERT_FALSE(hovered.isEmpty());
  EXPECT_EQ(hovered.last()[0].value<std::optional<qint64>>(), 2);
  ASSERT_EQ(clicked.count(), 1);
  EXPECT_EQ(clicked[0][0].toLongLong(), 2);
}

TEST_F(TokenStripTest, ArrowsMoveAndEnterChooses) {
  QSignalSpy clicked(&strip, &TokenStrip::tokenClicked);
  strip.setMarks(3, std::nullopt);
  QTest::keyClick(&strip, Qt::Key_Right);
  QTest::keyClick(&strip, Qt::Key_Right);
  QTest::keyClick(&strip, Qt::Key_Return);
  ASSERT_EQ(clicked.count(), 1);
  EXPECT_EQ(clicked[0][0].toLongLong(), 5);
  QTest::keyClick(&strip, Qt::Key_End);
  QTest::keyClick(&strip, Qt::Key_Right);
  QTest::keyClick(&strip, Qt::Key_Return);
  EXPECT_EQ(clicked[1][0].toLongLong(), 7);
}

TEST_F(TokenStripTest, ArrowsMoveByPiecesAndADragIsNoClick) {
  QSignalSpy hovered(&strip, &TokenStrip::tokenHovered), clicked(&strip, &TokenStrip::tokenClicked);
  strip.setPieces({{0, 1}, {1, 4}, {4, 8}});
  strip.setMarks(2, std::nullopt);
  QTest::keyClick(&strip, Qt::Key_Right);
  EXPECT_EQ(hovered.last()[0].value<std::optional<qint64>>(), 4);
  EXPECT_TRUE(strip.accessibleDescription().startsWith(QStringLiteral("tokens 4 to 7 ")));
  QTest::keyClick(&strip, Qt::Key_Left);
  EXPECT_EQ(hovered.last()[0].value<std::optional<qint64>>(), 1);
  const QPoint from = strip.tokenRect(2).center().toPoint();
  QTest::mousePress(&strip, Qt::LeftButton, {}, from);
  QTest::mouseRelease(&strip, Qt::LeftButton, {}, from + QPoint(9, 0));
  EXPECT_EQ(clicked.count(), 0);
}

TEST_F(TokenStripTest, PaintsTheScalesColorBehindAttendedTokensOnly) {
  const ColorScale scale(Display{}, true, {-1.0, 1.0});
  const std::vector<TokenStrip::Value> values{{1.0, true}, {-1.0, true}, {0.0, false}};
  strip.setValues(
      [values](qint64 token) { return token < 3 ? values[static_cast<size_t>(token)] : TokenStrip::Value{}; },
      scale);
  const QImage image = strip.grab().toImage();
  const auto corner = [&](qint64 token) {
    return image.pixelColor(strip.tokenRect(token).topLeft().toPoint() + QPoint(1, 1));
  };
  EXPECT_EQ(corner(0).rgb(), scale.color(1.0));
  EXPECT_EQ(corner(1).rgb(), scale.color(-1.0));
  const Theme& theme = themeOf(strip);
  EXPECT_TRUE(corner(2) == theme.hatchGround || corner(2) == theme.hatchLine);
}

// ---- histogram

TEST(Histogram, CountsAttendedFiniteCells) {
  const Histogram histogram = histogramOf(smallContent({1, 9, 2, 4}, 2, true), 8);
  qint64 sum = 0;
  for (qint64 count : histogram.counts) sum += count;
  EXPECT_EQ(sum, 3);  // the cell of the future key does not count
  EXPECT_LT(histogram.range.low, 0.0);
  EXPECT_GT(histogram.range.high, 4.0);
}

TEST(HistogramView, HandlesOfSignedValuesStaySymmetric) {
  const HeatmapContent content = smallContent({-1, 0, 0.5F, 1}, 2, false);
  HistogramView view;
  view.resize(260, 84);
  view.setContent(histogramOf(content, 16), content.scale);
  view.show();
  QSignalSpy edited(&view, &HistogramView::rangeEdited);
  QWidget* upper = nullptr;
  for (QWidget* handle : view.findChildren<QWidget*>())
    if (handle->accessibleName().contains(QStringLiteral("upper end"))) upper = handle;
  ASSERT_TRUE(upper);
  EXPECT_TRUE(upper->accessibleName().endsWith(numberText(content.scale.range().high, 3, true)));
  QTest::keyClick(upper, Qt::Key_Left);
  ASSERT_EQ(edited.count(), 1);
  const ValueRange range = edited[0][0].value<ValueRange>();
  EXPECT_LT(range.high, content.scale.range().high);
  EXPECT_DOUBLE_EQ(range.low, -range.high);
}

TEST(HistogramView, HandlesOfUnsignedValuesMoveAlone) {
  const HeatmapContent content = smallContent({0, 0, 0.5F, 1}, 2, true);
  HistogramView view;
  view.resize(260, 84);
  view.setContent(histogramOf(content, 16), content.scale);
  QSignalSpy edited(&view, &HistogramView::rangeEdited);
  for (QWidget* handle : view.findChildren<QWidget*>())
    if (handle->accessibleName().contains(QStringLiteral("lower end")))
      QTest::keyClick(handle, Qt::Key_PageUp);
  ASSERT_EQ(edited.count(), 1);
  const ValueRange range = edited[0][0].value<ValueRange>();
  EXPECT_GT(range.low, content.scale.range().low);
  EXPECT_EQ(range.high, content.scale.range().high);
}

// ---- the rest

TEST(FactorDesk, ShowsWhatIsOnAndAsksForChanges) {
  FactorDesk desk;
  desk.setFactors(named(Convention::Unified),
                  {Factor::Gate, Factor::Scan, Factor::Activation, Factor::Convolution});
  QSignalSpy toggled(&desk, &FactorDesk::factorToggled), chosen(&desk, &FactorDesk::conventionChosen);
  int on = 0, off = 0;
  for (SwitchButton* each : desk.findChildren<SwitchButton*>()) {
    on += each->isChecked();
    off += !each->isEnabled();
  }
  EXPECT_EQ(on, 4);
  EXPECT_EQ(off, 1);  // this family has no skip
  EXPECT_EQ(toggled.count(), 0);
  desk.findChildren<SwitchButton*>()[0]->click();
  ASSERT_EQ(toggled.count(), 1);
  EXPECT_EQ(toggled[0][0].value<Factor>(), Factor::Gate);
  EXPECT_FALSE(toggled[0][1].toBool());
  desk.findChild<SegmentedControl*>()->button(2)->click();
  ASSERT_EQ(chosen.count(), 1);
  EXPECT_EQ(chosen[0][0].value<Convention>(), Convention::ScanOnly);
}

TEST(SegmentedControl, CanHaveNothingChosenAndStillIsExclusive) {
  SegmentedControl control({QStringLiteral("a"), QStringLiteral("b")});
  control.setCurrent(-1);
  EXPECT_EQ(control.current(), -1);
  control.button(0)->click();
  control.button(1)->click();
  EXPECT_EQ(control.current(), 1);
  EXPECT_FALSE(control.button(0)->isChecked());
}

TEST(Badge, IsNeverAColorAlone) {
  Badge badge;
  badge.setState(Badge::State::Exact, QStringLiteral("Exact · 2.4e−7"), QStringLiteral("Exact"), {});
  EXPECT_EQ(badge.accessibleName(), QStringLiteral("Reconstruction, Exact · 2.4e−7"));
  const int wide = badge.sizeHint().width();
  badge.setBrief(true);
  EXPECT_LT(badge.sizeHint().width(), wide);
  badge.setState(Badge::State::Empty, {}, {}, {});
  EXPECT_FALSE(badge.isVisibleTo(nullptr));
}

TEST(ModelOutline, TellsLayersChosenByTheUserOnly) {
  ModelOutline outline;
  const QAbstractItemModelTester tester(&outline.layers(),
                                        QAbstractItemModelTester::FailureReportingMode::Warning);
  outline.layers().setKinds({QStringLiteral("Mamba"), QStringLiteral("Mamba"), QStringLiteral("Attention")});
  QSignalSpy chosen(&outline, &ModelOutline::layerChosen);
  outline.setCurrentLayer(1);
  EXPECT_EQ(chosen.count(), 0);
  QTest::keyClick(&outline, Qt::Key_Down);
  ASSERT_EQ(chosen.count(), 1);
  EXPECT_EQ(chosen[0][0].toInt(), 2);
  outline.layers().setCheck(2, 2.4e-7);
  EXPECT_EQ(outline.layers().index(2, LayerModel::Check).data().toString(), numberText(2.4e-7, 2));
}

TEST(ModelOutline, PaintsFingerprintsOnceTheyAreKnown) {
  ModelOutline outline;
  outline.resize(260, 120);
  outline.layers().setKinds({QStringLiteral("Mamba"), QStringLiteral("Mamba")});
  outline.show();
  EXPECT_TRUE(outline.isColumnHidden(LayerModel::Fingerprint));
  outline.layers().setFingerprint(
      1, {{0.0, 1.0, 0.5, 0.0, 0.0, 1.0}, QStringLiteral("mean distance 4.1 tokens")});
  EXPECT_FALSE(outline.isColumnHidden(LayerModel::Fingerprint));
  const QModelIndex cell = outline.layers().index(1, LayerModel::Fingerprint);
  EXPECT_EQ(cell.data(Qt::ToolTipRole).toString(),
            QStringLiteral("The layer’s middle lane: mean distance 4.1 tokens"));
  EXPECT_EQ(outline.layers().index(1, LayerModel::Layer).data(Qt::AccessibleTextRole).toString(),
            QStringLiteral("Layer 1, Mamba, mean distance 4.1 tokens"));
  const QImage image = outline.viewport()->grab(outline.visualRect(cell)).toImage();
  // Rows of ink in each bar: none but the foot, all, half …
  std::vector<int> heights;
  const int left = image.width() - 6 * 6 - 5;
  for (int bar = 0; bar < 6; ++bar) {
    int height = 0;
    for (int y = 0; y < image.height(); ++y)
      if (image.pixelColor(left + bar * 6 + 2, y) == Theme::light().text2) ++height;
    heights.push_back(height);
  }
  EXPECT_EQ(heights, (std::vector<int>{1, 14, 7, 1, 1, 14}));
  outline.layers().setCheck(1, 2.4e-7);
  EXPECT_FALSE(outline.isColumnHidden(LayerModel::Check));
  outline.resize(210, 120);
  EXPECT_TRUE(QTest::qWaitFor([&] { return outline.isColumnHidden(LayerModel::Check); }));
  EXPECT_TRUE(outline.layers()
                  .index(1, LayerModel::Kind)
                  .data(Qt::ToolTipRole)
                  .toString()
                  .contains(numberText(2.4e-7, 2)));
  outline.layers().clearFingerprints();
  EXPECT_TRUE(outline.isColumnHidden(LayerModel::Fingerprint));
  EXPECT_FALSE(outline.isColumnHidden(LayerModel::Check));
}

TEST(NoticeBar, IsClosedByItsCrossAndSaysSo) {
  NoticeBar bar(NoticeBar::Kind::Error);
  bar.setText(QStringLiteral("What."), QStringLiteral("Where"));
  bar.show();
  QSignalSpy dismissed(&bar, &NoticeBar::dismissed);
  bar.findChild<QToolButton*>()->click();
  EXPECT_EQ(dismissed.count(), 1);
  EXPECT_FALSE(bar.isVisible());
}

TEST(StateCard, ShowsOnlyTheButtonsItHas) {
  StateCard card;
  card.show();
  card.setContent({QStringLiteral("No model is open."),
                   QStringLiteral("Drop one."),
                   false,
                   {QStringLiteral("Open model…")},
                   true});
  EXPECT_TRUE(card.button(0)->isVisible());
  EXPECT_FALSE(card.button(1)->isVisible());
  QSignalSpy clicked(&card, &StateCard::buttonClicked);
  card.button(0)->click();
  EXPECT_EQ(clicked[0][0].toInt(), 0);
}

TEST(Icons, AreDrawnInTheColorAsked) {
  for (const char* name :
       {"open", "undo", "redo", "export", "grid", "sign", "close", "warning", "heatmap", "swap"}) {
    QImage image(16, 16, QImage::Format_ARGB32_Premultiplied);
    image.fill(Qt::transparent);
    {
      QPainter painter(&image);
      paintIcon(painter, image.rect(), QString::fromLatin1(name), QColor(Qt::red));
    }
    int drawn = 0;
    for (int y = 0; y < 16; ++y)
      for (int x = 0; x < 16; ++x) {
        const QColor color = image.pixelColor(x, y);
        if (color.alpha() < 200) continue;
        ++drawn;
        EXPECT_GT(color.red(), 240) << name;
        EXPECT_LT(color.green(), 15) << name;
      }
    EXPECT_GT(drawn, 4) << name;
  }
}

TEST(FocusRing, SurroundsWhatHasTheFocusAndHidesWithIt) {
  QWidget window;
  auto* column = new QVBoxLayout(&window);
  auto* first = new QToolButton;
  auto* second = new QToolButton;
  second->setFocusPolicy(Qt::StrongFocus);
  first->setFocusPolicy(Qt::StrongFocus);
  column->addWidget(first);
  column->addWidget(second);
  FocusRing ring(&window);
  window.show();
  window.activateWindow();
  ASSERT_TRUE(QTest::qWaitForWindowActive(&window, kLongMs));
  second->setFocus();
  EXPECT_TRUE(ring.isVisible());
  EXPECT_EQ(ring.geometry(), second->geometry().adjusted(-3, -3, 3, 3));
  second->hide();
  EXPECT_NE(ring.target(), second);
}

}  // namespace
}  // namespace uc
