// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/workspace.h"

#include "tests/support/fake_engine.h"

#include <QSignalSpy>
#include <QTest>

#include <gtest/gtest.h>

namespace uc {
namespace {

constexpr int kLongMs = 10000;

class WorkspaceTest : public testing::Test {
 protected:
  void SetUp() override {
    workspace.active().source().open({QStringLiteral("demo:mamba"), {}, {}});
    settle();
  }
  void settle() {
    ASSERT_TRUE(QTest::qWaitFor(
        [this] {
          for (int i = 0; i < workspace.count(); ++i)
            if (workspace.document(i).isBusy()) return false;
          return !host.isBusy();
        },
        kLongMs));
  }
  void change(int pane, const std::function<void(ViewState&)>& edit) {
    ViewState view = workspace.document(pane).view();
    edit(view);
    workspace.document(pane).change(QStringLiteral("edit"), view);
    settle();
  }

  std::shared_ptr<test::FakeCounts> counts = std::make_shared<test::FakeCounts>();
  EngineHost host{[this] { return test::fakeEngine(counts); }};
  Workspace workspace{host};
};

TEST_F(WorkspaceTest, APaneMoreShowsTheSameViewOfTheSameRun) {
  workspace.duplicate();
  settle();
  ASSERT_EQ(workspace.count(), 2);
  EXPECT_EQ(workspace.activeIndex(), 1);
  EXPECT_EQ(&workspace.document(0).source(), &workspace.document(1).source());
  EXPECT_EQ(workspace.document(0).view(), workspace.document(1).view());
  EXPECT_EQ(workspace.document(1).phase(), Document::Phase::Ready);
  EXPECT_EQ(counts->runs, 1);
}

TEST_F(WorkspaceTest, MorePanesShowTheLayersThatFollow) {
  workspace.setCount(3);
  settle();
  ASSERT_EQ(workspace.count(), 3);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(workspace.document(i).view().map.layer, 3 + i);
  workspace.setCount(1);
  EXPECT_EQ(workspace.count(), 1);
  EXPECT_EQ(workspace.active().view().map.layer, 3);
}

TEST_F(WorkspaceTest, UndoBringsAClosedPaneBackAsItWas) {
  workspace.setCount(2);
  settle();
  change(1, [](ViewState& view) { view.map.layer = 7; });
  Document* first = &workspace.document(0);
  workspace.close(1);
  ASSERT_EQ(workspace.count(), 1);
  EXPECT_EQ(workspace.history().undoWords(), QStringLiteral("close pane"));
  workspace.undo();
  settle();
  ASSERT_EQ(workspace.count(), 2);
  EXPECT_EQ(&workspace.document(0), first);
  EXPECT_EQ(workspace.document(1).view().map.layer, 7);
  EXPECT_TRUE(workspace.document(1).content());
  workspace.undo();
  settle();
  EXPECT_EQ(workspace.document(1).view().map.layer, 4);
  workspace.redo();
  settle();
  EXPECT_EQ(workspace.document(1).view().map.layer, 7);
}

TEST_F(WorkspaceTest, ClosingTheFirstPaneKeepsTheOthersDocument) {
  workspace.setCount(2);
  settle();
  Document* second = &workspace.document(1);
  workspace.activate(1);
  workspace.close(0);
  ASSERT_EQ(workspace.count(), 1);
  EXPECT_EQ(&workspace.active(), second);
}

TEST_F(WorkspaceTest, ALockedCellIsLockedInEveryLinkedPane) {
  workspace.setCount(2);
  settle();
  change(0, [](ViewState& view) { view.locked = Cell{5, 1}; });
  EXPECT_EQ(workspace.document(1).view().locked, (Cell{5, 1}));
  workspace.undo();
  EXPECT_EQ(workspace.document(1).view().locked, (Cell{6, 2}));
  workspace.setLinks({true, false, true});
  change(0, [](ViewState& view) { view.locked = Cell{4, 1}; });
  EXPECT_EQ(workspace.document(1).view().locked, (Cell{6, 2}));
}

TEST_F(WorkspaceTest, HoveringShowsInEveryLinkedPane) {
  workspace.setCount(2);
  settle();
  workspace.document(1).setHovered(Cell{3, 2});
  EXPECT_EQ(workspace.document(0).hovered(), (Cell{3, 2}));
  workspace.document(1).setHovered(std::nullopt);
  EXPECT_FALSE(workspace.document(0).hovered());
}

TEST_F(WorkspaceTest, LinkedPanesShareTheRangeOfTheirColors) {
  const ValueRange own = workspace.document(0).content()->scale.range();
  workspace.setCount(2);
  settle();
  const ValueRange shared = workspace.document(0).content()->scale.range();
  EXPECT_EQ(shared, workspace.document(1).content()->scale.range());
  double most = 0;
  for (int i = 0; i < 2; ++i) {
    const ValueRange extent = workspace.document(i).content()->shown.extent;
    most = std::max({most, -extent.low, extent.high});
  }
  EXPECT_DOUBLE_EQ(shared.high, most);
  workspace.setLinks({true, true, false});
  settle();
  EXPECT_EQ(workspace.document(0).content()->scale.range(), own);
  EXPECT_NE(workspace.document(0).content()->scale.range(), workspace.document(1).content()->scale.range());
}

TEST_F(WorkspaceTest, WhatIsPinnedComesBackBesideWhatFollowedIt) {
  EXPECT_FALSE(workspace.canDiffer());
  workspace.pin(0);
  change(0, [](ViewState& view) { view.map.layer = 8; });
  workspace.pin(1);
  ASSERT_TRUE(workspace.canDiffer());
  workspace.setDifference(true);
  settle();
  ASSERT_EQ(workspace.count(), 2);
  EXPECT_EQ(workspace.document(0).view().map.layer, 3);
  EXPECT_EQ(workspace.document(1).view().map.layer, 8);
  workspace.swapPins();
  settle();
  EXPECT_EQ(workspace.document(0).view().map.layer, 8);
  EXPECT_EQ(workspace.pinned(1)->view.map.layer, 3);
  workspace.undo();
  workspace.undo();
  settle();
  EXPECT_EQ(workspace.count(), 1);
  EXPECT_FALSE(workspace.hasDifference());
}

TEST_F(WorkspaceTest, AModelOfItsOwnIsDroppedWithItsPane) {
  workspace.openBeside({QStringLiteral("/models/other"), {}, QStringLiteral("one two three")});
  settle();
  ASSERT_EQ(workspace.count(), 2);
  EXPECT_EQ(workspace.active().source().modelName(), QStringLiteral("/models/other"));
  EXPECT_EQ(workspace.document(0).source().modelName(), QStringLiteral("demo:mamba"));
  std::weak_ptr<Source> other = workspace.active().sharedSource();
  workspace.close(1);
  EXPECT_TRUE(other.expired());
  EXPECT_FALSE(workspace.history().canUndo());
}

TEST_F(WorkspaceTest, ASessionBringsEverythingBack) {
  workspace.setCount(2);
  workspace.openBeside({QStringLiteral("/models/other"), {}, QStringLiteral("one two three")});
  settle();
  change(0, [](ViewState& view) { view.display.normalization = Normalization::Log10; });
  const Session saved = workspace.session();
  Workspace second(host);
  second.restore(saved);
  ASSERT_TRUE(QTest::qWaitFor([&] { return !host.isBusy() && second.document(2).content(); }, kLongMs));
  ASSERT_EQ(second.count(), 3);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(second.document(i).view(), workspace.document(i).view()) << i;
    EXPECT_EQ(second.document(i).source().text(), workspace.document(i).source().text()) << i;
    EXPECT_TRUE(second.document(i).content()) << i;
  }
  EXPECT_EQ(second.activeIndex(), 2);
}

TEST_F(WorkspaceTest, TheActivePanesSignalsAreFollowed) {
  workspace.duplicate();
  settle();
  int calls = 0;
  QObject receiver;
  workspace.follow(&receiver, &Document::viewChanged, [&calls] { ++calls; });
  change(0, [](ViewState& view) { view.showGrid = true; });
  EXPECT_EQ(calls, 0);
  workspace.activate(0);
  EXPECT_EQ(calls, 1);
  change(0, [](ViewState& view) { view.showGrid = false; });
  EXPECT_EQ(calls, 2);
}

TEST(MatchingCell, FollowsTheTextWhereTokensDiffer) {
  Tokens words{"the tide turns", {{0, "the", 0, 3}, {1, " tide", 3, 8}, {2, " turns", 8, 14}}};
  Tokens pieces{"the tide turns",
                {{0, "the", 0, 3}, {1, " ti", 3, 6}, {2, "de", 6, 8}, {3, " tur", 8, 12}, {4, "ns", 12, 14}}};
  EXPECT_EQ(matchingCell(words, pieces, {2, 1}), (Cell{3, 1}));
  EXPECT_EQ(matchingCell(pieces, words, {4, 2}), (Cell{2, 1}));
  EXPECT_EQ(matchingCell(words, words, {2, 1}), (Cell{2, 1}));
  Tokens other{"a b", {{0, "a", 0, 1}, {1, " b", 1, 3}}};
  EXPECT_EQ(matchingCell(words, other, {1, 0}), (Cell{1, 0}));
  EXPECT_FALSE(matchingCell(words, other, {2, 0}));
}

}  // namespace
}  // namespace uc
