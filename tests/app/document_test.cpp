// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/document.h"

#include "app/view_steps.h"
#include "tests/support/fake_engine.h"

#include <QSignalSpy>
#include <QTest>

#include <gtest/gtest.h>

#include <cmath>

namespace uc {
namespace {

using test::fakeAlpha;
using test::FakeCounts;
using Phase = Document::Phase;

constexpr int kLongMs = 10000;

class DocumentTest : public testing::Test {
 protected:
  void open(const QString& model) {
    document.open({model, {}, {}});
    settle();
  }
  void settle() {
    ASSERT_TRUE(QTest::qWaitFor([this] { return !document.isBusy() && !host.isBusy(); }, kLongMs));
  }
  void openDemo() {
    open(QStringLiteral("demo:mamba"));
    ASSERT_EQ(document.phase(), Phase::Ready);
  }
  double shownAt(int64_t row, int64_t col) const {
    return static_cast<double>(document.content()->map.at(row, col));
  }

  std::shared_ptr<FakeCounts> counts = std::make_shared<FakeCounts>();
  EngineHost host{[this] { return test::fakeEngine(counts); }};
  Document document{host};
};

TEST_F(DocumentTest, OpensTheDemoOnItsOpeningView) {
  openDemo();
  EXPECT_EQ(document.view().map.layer, 3);
  EXPECT_EQ(document.view().map.lanes, (LaneChoice{LaneChoice::Kind::Lane, 5, Merge::MeanAbs}));
  EXPECT_EQ(document.view().locked, (Cell{6, 2}));
  EXPECT_EQ(document.tokens()->size(), 7);
  EXPECT_NEAR(shownAt(6, 2), fakeAlpha(3, 5, 6, 2), 1e-6);
  EXPECT_EQ(document.predictions().size(), 2U);
  ASSERT_TRUE(document.badge());
  EXPECT_EQ(document.badge()->lanes, 1);
  EXPECT_EQ(document.moves().size(), 2U);
}

TEST_F(DocumentTest, OpensOtherModelsOnTheDefaultMergeWithTheInputThatIsThere) {
  openDemo();
  const QString text = document.text();
  open(QStringLiteral("/models/other"));
  EXPECT_EQ(document.view(), ViewState{});
  EXPECT_EQ(document.view().map.lanes.merge, Merge::MeanAbs);
  EXPECT_EQ(document.text(), text);
  EXPECT_EQ(document.phase(), Phase::Ready);
}

TEST_F(DocumentTest, AFailedOpenLeavesTheOpenModelUntouched) {
  openDemo();
  const auto content = document.content();
  QSignalSpy failed(&document, &Document::openFailed);
  open(QStringLiteral("/models/broken"));
  ASSERT_EQ(failed.count(), 1);
  EXPECT_EQ(failed[0][0].value<Error>().what, "The weights file ends too early.");
  EXPECT_EQ(document.phase(), Phase::Ready);
  EXPECT_EQ(document.modelName(), QStringLiteral("demo:mamba"));
  EXPECT_EQ(document.content(), content);
}

TEST_F(DocumentTest, AFailedFirstOpenIsShownAndCanBeTriedAgain) {
  open(QStringLiteral("/models/broken"));
  EXPECT_EQ(document.phase(), Phase::Failed);
  EXPECT_EQ(document.error().todo, "Copy or download the file again.");
  document.update();
  settle();
  EXPECT_EQ(counts->opened, 2);
}

TEST_F(DocumentTest, RunsAgainOnlyWhenTypingPauses) {
  openDemo();
  const int runs = counts->runs;
  for (const char* text : {"a", "a b", "a b c"}) document.setText(QString::fromLatin1(text));
  ASSERT_TRUE(QTest::qWaitFor([&] { return document.tokens() && document.tokens()->size() == 3; }, kLongMs));
  settle();
  EXPECT_EQ(counts->runs, runs + 1);
  EXPECT_EQ(document.content()->tokens.size(), 3U);
}

TEST_F(DocumentTest, ContinuesTheInputAndRunsIt) {
  openDemo();
  const QString text = document.text();
  const int64_t tokens = document.tokens()->size();
  QSignalSpy replaced(&document, &Document::inputReplaced);
  document.continueInput(3);
  ASSERT_TRUE(
      QTest::qWaitFor([&] { return document.tokens() && document.tokens()->size() == tokens + 3; }, kLongMs));
  EXPECT_EQ(document.text(), text + QStringLiteral(" more more more"));
  EXPECT_EQ(replaced.count(), 1);
}

TEST_F(DocumentTest, TypingDropsAContinuationOnItsWay) {
  openDemo();
  document.continueInput(3);
  document.setText(QStringLiteral("mine"));
  ASSERT_TRUE(QTest::qWaitFor([&] { return document.tokens() && document.tokens()->size() == 1; }, kLongMs));
  settle();
  EXPECT_EQ(document.text(), QStringLiteral("mine"));
}

TEST_F(DocumentTest, DropsALockThatTheNewInputDoesNotHave) {
  openDemo();
  document.replaceText(QStringLiteral("two words"));
  document.update();
  settle();
  EXPECT_FALSE(document.view().locked);
  EXPECT_EQ(document.content()->map.rows, 2);
}

TEST_F(DocumentTest, OnlyTheLastOfManyQuickStepsArrives) {
  openDemo();
  QSignalSpy arrived(&document, &Document::contentChanged);
  for (int layer : {4, 5, 6, 7, 8}) {  // how many of them the worker began is its own affair
    ViewState next = document.view();
    next.map.layer = layer;
    document.change(QStringLiteral("layer"), next);
  }
  settle();
  EXPECT_EQ(arrived.count(), 1);
  EXPECT_NEAR(shownAt(4, 1), fakeAlpha(8, 5, 4, 1), 1e-6);
}

TEST_F(DocumentTest, ACancelledRunLeavesThePictureMarkedAsOutOfDate) {
  openDemo();
  const auto content = document.content();
  document.replaceText(QStringLiteral("slow words"));
  document.update();
  ASSERT_TRUE(QTest::qWaitFor([&] { return document.progress() > 0.4; }, kLongMs));
  EXPECT_TRUE(document.isBusy());
  document.cancel();
  EXPECT_FALSE(document.isBusy());
  settle();
  EXPECT_EQ(document.phase(), Phase::Stale);
  EXPECT_EQ(document.staleReason(), QStringLiteral("cancelled at 50 %"));
  EXPECT_EQ(document.content(), content);
  document.replaceText(QStringLiteral("quick words"));
  document.update();
  settle();
  EXPECT_EQ(document.phase(), Phase::Ready);
}

TEST_F(DocumentTest, AFailedRunIsAnErrorInThePaneAndTheNextInputMendsIt) {
  openDemo();
  document.replaceText(QStringLiteral("fail now"));
  document.update();
  settle();
  EXPECT_EQ(document.phase(), Phase::Failed);
  EXPECT_EQ(document.error().what, "The input does not run.");
  document.replaceText(QStringLiteral("good now"));
  document.update();
  settle();
  EXPECT_EQ(document.phase(), Phase::Ready);
}

TEST_F(DocumentTest, AFailedMapIsAnErrorAndUndoLeadsBack) {
  openDemo();
  ViewState next = document.view();
  next.map.layer = 11;
  document.change(QStringLiteral("layer"), next);
  settle();
  EXPECT_EQ(document.phase(), Phase::Failed);
  document.undo();
  settle();
  EXPECT_EQ(document.phase(), Phase::Ready);
  EXPECT_EQ(document.view().map.layer, 3);
}

TEST_F(DocumentTest, AnInputWithoutTokensIsEmptyNotAnError) {
  openDemo();
  document.replaceText(QString());
  document.update();
  settle();
  EXPECT_EQ(document.phase(), Phase::Empty);
  EXPECT_FALSE(document.content());
}

TEST_F(DocumentTest, UndoAndRedoNameTheirSteps) {
  openDemo();
  const ViewState before = document.view();
  document.change(QStringLiteral("normalization"), withNormalization(before, Normalization::Softmax));
  ViewState grid = document.view();
  grid.showGrid = true;
  document.change(QStringLiteral("grid"), grid);
  EXPECT_EQ(document.history().undoWords(), QStringLiteral("grid"));
  document.undo();
  EXPECT_EQ(document.history().redoWords(), QStringLiteral("grid"));
  EXPECT_EQ(document.history().undoWords(), QStringLiteral("normalization"));
  document.undo();
  EXPECT_EQ(document.view(), before);
  EXPECT_FALSE(document.history().canUndo());
  document.redo();
  document.redo();
  EXPECT_EQ(document.view(), grid);
}

TEST_F(DocumentTest, AZoomIsOneStepHoweverManyWheelTurnsItTook) {
  openDemo();
  for (double width : {6.0, 5.0, 4.0}) {
    ViewState next = document.view();
    next.viewport = {0, 0, width, width};
    document.change(QStringLiteral("zoom"), next, true);
  }
  document.undo();
  EXPECT_TRUE(document.view().viewport.isWhole());
  EXPECT_FALSE(document.history().canUndo());
}

TEST_F(DocumentTest, ColorsNeedNoNewMap) {
  openDemo();
  const int maps = counts->maps;
  ViewState next = document.view();
  next.display.colorMap = ColorMap::PuOr;
  document.change(QStringLiteral("color map"), next);
  settle();
  EXPECT_EQ(counts->maps, maps);
  EXPECT_EQ(document.content()->scale.map(), ColorMap::PuOr);
}

TEST_F(DocumentTest, TheReadOutOfALockedCellIsComplete) {
  openDemo();
  const auto out = document.currentReadOut();
  ASSERT_TRUE(out);
  EXPECT_TRUE(out->isLocked);
  EXPECT_NEAR(*out->alpha, fakeAlpha(3, 5, 6, 2), 1e-6);
  EXPECT_EQ(out->attended, 7);
  EXPECT_EQ(out->rank, 5);  // |α| falls with the distance: four keys are nearer
  EXPECT_NEAR(*out->share, 1.0 / 7.0, 1e-12);
  EXPECT_EQ(out->decay, 0.5);
  EXPECT_EQ(readOutRows(*out)[3].value[0].text, numberText(fakeAlpha(3, 5, 6, 2), 4, true));
}

TEST_F(DocumentTest, HoveringAsksForARowOnceAndComesFirst) {
  openDemo();
  const int rows = counts->rows;
  document.setHovered(Cell{4, 1});
  EXPECT_NEAR(*document.currentReadOut()->alpha, fakeAlpha(3, 5, 4, 1), 1e-6);  // at once, from the picture
  settle();
  document.setHovered(Cell{4, 2});
  settle();
  EXPECT_EQ(counts->rows, rows + 1);
  EXPECT_EQ(document.currentReadOut()->rank, 3);
  document.setHovered(std::nullopt);
  EXPECT_EQ(document.currentReadOut()->cell, (Cell{6, 2}));
}

TEST_F(DocumentTest, AMergeHasNoSignAndNoDecay) {
  openDemo();
  document.change(QStringLiteral("lanes"), withLanes(document.view(), LaneChoice{}));
  settle();
  const auto out = document.currentReadOut();
  EXPECT_FALSE(out->isSigned);
  EXPECT_FALSE(out->decay);
  EXPECT_FALSE(readOutRows(*out)[3].value[0].text.startsWith(QLatin1Char('+')));
  EXPECT_EQ(document.content()->scale.map(), ColorMap::Viridis);
}

TEST_F(DocumentTest, LongInputsAreShownPooledAndFinerWhereOneZoomsIn) {
  openDemo();
  document.replaceText(QString(QStringLiteral(" w")).repeated(3000));
  document.update();
  settle();
  EXPECT_EQ(document.map()->pool, 3);
  EXPECT_LE(document.content()->map.rows, 1024);
  ViewState next = document.view();
  next.viewport = {1000, 1000, 200, 200};
  document.change(QStringLiteral("zoom"), next, true);
  settle();
  EXPECT_EQ(document.map()->pool, 1);
  EXPECT_LE(document.map()->row0, 1000);
  EXPECT_GE(document.map()->row1, 1200);
  next.viewport = {};
  document.change(QStringLiteral("reset"), next);
  settle();
  EXPECT_EQ(document.map()->pool, 3);
}

TEST_F(DocumentTest, VerifiesEveryLayer) {
  openDemo();
  document.verify();
  settle();
  ASSERT_EQ(document.checks().size(), 12U);
  EXPECT_EQ(document.checks()[11].layer, 11);
}

TEST_F(DocumentTest, RestoresAViewWithItsInput) {
  ParsedView view;
  view.origin.model = "/models/other";
  view.origin.text = "one two three";
  view.view.map.layer = 2;
  view.view.locked = Cell{2, 0};
  document.open({QStringLiteral("/models/other"), view, {}});
  settle();
  EXPECT_EQ(document.view(), view.view);
  EXPECT_EQ(document.tokens()->size(), 3);
}

TEST_F(DocumentTest, TakesTokenIdsAsTheyAre) {
  openDemo();
  document.setIds({4, 5});
  document.update();
  settle();
  EXPECT_EQ(document.tokens()->ids(), (std::vector<int64_t>{4, 5}));
  EXPECT_FALSE(document.origin().text);
}

TEST_F(DocumentTest, IsDestroyedDuringAJobWithoutACallback) {
  auto local = std::make_unique<Document>(host);
  local->open({QStringLiteral("demo:mamba"), {}, QStringLiteral("slow one")});
  ASSERT_TRUE(QTest::qWaitFor([&] { return local->progress() > 0.4; }, kLongMs));
  local.reset();
  ASSERT_TRUE(QTest::qWaitFor([this] { return !host.isBusy(); }, kLongMs));
}

// ---- steps

ModelInfo smallModel() {
  ModelInfo info;
  info.layers = 12;
  info.lanes = 16;
  info.kinds.assign(12, "mamba");
  return info;
}

TEST(ViewSteps, LayersStayInsideTheModel) {
  EXPECT_EQ(withLayerStep({}, smallModel(), -1).map.layer, 0);
  EXPECT_EQ(withLayerStep({}, smallModel(), 10).map.layer, 10);
  EXPECT_EQ(withLayerStep(withLayerStep({}, smallModel(), 10), smallModel(), 10).map.layer, 11);
}

TEST(ViewSteps, SteppingLanesUnderAMergeEntersLaneZeroAndSaysSo) {
  QString said;
  ViewState view = withLaneStep({}, smallModel(), 10, &said);
  EXPECT_EQ(view.map.lanes.kind, LaneChoice::Kind::Lane);
  EXPECT_EQ(view.map.lanes.index, 0);
  EXPECT_FALSE(said.isEmpty());
  said.clear();
  view = withLaneStep(view, smallModel(), 10, &said);
  EXPECT_EQ(view.map.lanes.index, 10);
  EXPECT_EQ(withLaneStep(view, smallModel(), 10, &said).map.lanes.index, 15);
  EXPECT_TRUE(said.isEmpty());
}

TEST(ViewSteps, SoftmaxLayersAreSteppedByHead) {
  ModelInfo info = smallModel();
  info.heads = 4;
  info.kinds[0] = "attention";
  const ViewState view = withLaneStep({}, info, 1, nullptr);
  EXPECT_EQ(view.map.lanes.kind, LaneChoice::Kind::Head);
  EXPECT_EQ(withLaneStep(view, info, 1, nullptr).map.lanes.index, 1);
}

TEST(ViewSteps, ALayerThatHasNoSuchLanesIsSeenMerged) {
  ModelInfo info = smallModel();
  info.heads = 4;
  info.attentionLanes = 8;
  info.kinds[2] = "attention";
  ViewState lane;
  lane.map.layer = 1;
  lane.map.lanes = {LaneChoice::Kind::Lane, 15, Merge::MeanAbs};
  EXPECT_EQ(withLayerStep(lane, info, 1).map.lanes.kind, LaneChoice::Kind::All);
  ViewState head = withLaneStep(withLayerStep(lane, info, 1), info, 1, nullptr);
  EXPECT_EQ(head.map.lanes.kind, LaneChoice::Kind::Head);
  EXPECT_EQ(withLayerStep(head, info, 1).map.lanes.kind, LaneChoice::Kind::All);
}

TEST(ViewSteps, OneLaneIsRawSignedAndAMergeGoesBackToTheDefaults) {
  ViewState view;
  view.display.normalization = Normalization::Log10;
  view.display.colorMap = ColorMap::Magma;
  view.display.range = ValueRange{0, 1};
  const ViewState lane = withLanes(view, {LaneChoice::Kind::Lane, 3, Merge::MeanAbs});
  EXPECT_EQ(lane.display, Display{});
  ViewState other = lane;
  other.display.range = ValueRange{-1, 1};
  EXPECT_EQ(withLanes(other, {LaneChoice::Kind::Lane, 4, Merge::MeanAbs}).display.range, (ValueRange{-1, 1}));
}

TEST(ViewSteps, FactorsThatLeaveNoMapAreRefused) {
  QString said;
  const ViewState without = withFactor({}, Factor::Scan, false, &said);
  EXPECT_EQ(without, ViewState{});
  EXPECT_FALSE(said.isEmpty());
  ViewState view = withFactor({}, Factor::Gate, false, nullptr);
  EXPECT_EQ(view.map.factors.convention, Convention::Custom);
  EXPECT_EQ(withFactor(view, Factor::Gate, true, nullptr).map.factors, named(Convention::Unified));
}

TEST(ViewSteps, NormalizationsGoRound) {
  Normalization normalization = Normalization::Raw;
  for (size_t i = 0; i < allNormalizations().size(); ++i) normalization = nextNormalization(normalization);
  EXPECT_EQ(normalization, Normalization::Raw);
}

}  // namespace
}  // namespace uc
