// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

// What a long input's picture shows of many entries in one cell, and what is asked for while one looks
// around.
#include "app/trace.h"
#include "app/workspace.h"
#include "core/io/session.h"
#include "tests/support/fake_engine.h"

#include <QTest>

#include <gtest/gtest.h>

namespace uc {
namespace {

constexpr int kLongMs = 10000;

class LongViewTest : public testing::Test {
 protected:
  void open(const QString& model, int words) {
    document.source().open({model, {}, QString(QStringLiteral(" w")).repeated(words)});
    settle();
  }
  void settle() {
    ASSERT_TRUE(QTest::qWaitFor([this] { return !document.isBusy() && !host.isBusy(); }, kLongMs));
  }
  void look(double left, double top, double size) {
    ViewState next = document.view();
    next.viewport = {left, top, size, size};
    document.change(QStringLiteral("zoom"), next, true);
    settle();
  }
  void pool(Pooling pooling) {
    ViewState next = document.view();
    next.part.pooling = pooling;
    document.change(QStringLiteral("pooling"), next);
    settle();
  }

  std::shared_ptr<test::FakeCounts> counts = std::make_shared<test::FakeCounts>();
  EngineHost host{[this] { return test::fakeEngine(counts); }};
  Workspace workspace{host};
  Document& document = workspace.active();
};

TEST_F(LongViewTest, PoolingIsAChoiceThatIsUndoneAndToldInFiguresAndCommands) {
  open(QStringLiteral("demo:mamba"), 3000);
  const auto mean = document.map();
  pool(Pooling::MaxAbs);
  EXPECT_EQ(document.map()->pooling, Pooling::MaxAbs);
  EXPECT_EQ(document.detail(), QStringLiteral("1 : 3, exact max |α|"));
  EXPECT_TRUE(document.content()->legend.contains(QStringLiteral("largest |α| of each cell")));
  EXPECT_TRUE(
      document.content()->caption.contains(QStringLiteral("A cell is the entry of largest |α| of 3 × 3.")));
  EXPECT_NE(viewCommand(document.source().origin(), document.shownView(), "F.npy").find("--pooling max-abs"),
            std::string::npos);
  const ParsedView again =
      parseView(figureSession(document.source().origin(), document.shownView()), "figure");
  EXPECT_EQ(again.view.part.pooling, Pooling::MaxAbs);
  workspace.undo();
  settle();
  EXPECT_EQ(document.map()->pooling, Pooling::Mean);
  EXPECT_EQ(document.detail(), QStringLiteral("1 : 3, exact mean"));
}

TEST_F(LongViewTest, TilesArePooledAlikeAndSingleEntriesAreSharedByBothPoolings) {
  open(QStringLiteral("demo:mamba"), 9000);
  pool(Pooling::MaxAbs);
  look(1000, 1000, 1800);
  ASSERT_EQ(document.tiled().pool(), 2);
  const MapRequest& tile = counts->requests.back();
  EXPECT_EQ(tile.part.pool, 2);
  EXPECT_EQ(tile.part.pooling, Pooling::MaxAbs);
  look(1000, 1000, 200);
  ASSERT_EQ(document.tiled().pool(), 1);
  const int64_t tiles = document.tiled().server().computed();
  pool(Pooling::Mean);
  EXPECT_TRUE(document.tiled().isCovered());
  EXPECT_EQ(document.tiled().server().computed(), tiles);
}

TEST_F(LongViewTest, AShortInputHasOneMapForBothPoolings) {
  open(QStringLiteral("demo:mamba"), 20);
  const int maps = counts->maps;
  pool(Pooling::MaxAbs);
  EXPECT_EQ(counts->maps, maps);
  EXPECT_FALSE(document.content()->legend.contains(QStringLiteral("largest")));
}

TEST_F(LongViewTest, TheRangeOfABookLeavesOutItsLargestCellsUntilOneSeesSingleEntries) {
  open(QStringLiteral("/models/other"), 9000);
  const auto whole = document.content();
  EXPECT_TRUE(whole->isTrimmed);
  EXPECT_LT(whole->scale.range().high, 0.5 * whole->shown.extent.high);
  const ValueRange trimmed = trimmedExtent(whole->shown, whole->grid);
  EXPECT_DOUBLE_EQ(whole->scale.range().high, std::max(-trimmed.low, trimmed.high));
  look(1000, 1000, 200);
  ASSERT_EQ(document.tiled().pool(), 1);
  EXPECT_FALSE(document.content()->isTrimmed);
  for (const auto& tile : document.tiled().tiles())
    EXPECT_LE(tile->shown.extent.high, tile->scale.range().high);
}

TEST_F(LongViewTest, ThatNoFactorMovesTheMapIsNotAskedAgain) {
  open(QStringLiteral("/models/mixed"), 3000);
  ViewState next = document.view();
  next.map.layer = 1;  // a softmax layer has no factors
  document.change(QStringLiteral("layer"), next);
  settle();
  EXPECT_TRUE(document.moves().empty());
  const int moves = counts->moves;
  for (double left : {1000.0, 200.0}) {
    look(left, 1000, 200);
    QTest::qWait(400);  // until what gave way to the tiles goes on
    settle();
  }
  EXPECT_EQ(counts->moves, moves);
}

TEST_F(LongViewTest, TheTraceTellsALongTextByItsBeginAndLength) {
  qputenv("UNDERCURRENT_TIMINGS", "1");
  trace(document);
  qunsetenv("UNDERCURRENT_TIMINGS");
  testing::internal::CaptureStderr();
  open(QStringLiteral("demo:mamba"), 3000);
  const std::string lines = testing::internal::GetCapturedStderr();
  EXPECT_NE(lines.find(" w w w… (6000 bytes, "), std::string::npos);
  EXPECT_LT(lines.find('\n', lines.rfind("map ")) - lines.rfind("map "), 1000U);
}

}  // namespace
}  // namespace uc
