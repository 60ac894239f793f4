// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/view_steps.h"
#include "app/workspace.h"
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
    document.source().open({model, {}, {}});
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
  Workspace workspace{host};
  Document& document = workspace.active();
};

TEST_F(DocumentTest, OpensTheDemoOnItsOpeningView) {
  openDemo();
  EXPECT_EQ(document.view().map.layer, 3);
  EXPECT_EQ(document.view().map.lanes, (LaneChoice{LaneChoice::Kind::Lane, 5, Merge::MeanAbs}));
  EXPECT_EQ(document.view().locked, (Cell{6, 2}));
  EXPECT_EQ(document.tokens()->size(), 7);
  EXPECT_NEAR(shownAt(6, 2), fakeAlpha(3, 5, 6, 2), 1e-6);
  EXPECT_EQ(document.source().predictions().size(), 2U);
  ASSERT_TRUE(document.badge());
  EXPECT_EQ(document.badge()->lanes, 1);
  EXPECT_EQ(document.moves().size(), 2U);
}

TEST_F(DocumentTest, OpensOtherModelsOnTheDefaultMergeWithTheInputThatIsThere) {
  openDemo();
  const QString text = document.source().text();
  open(QStringLiteral("/models/other"));
  EXPECT_EQ(document.view(), ViewState{});
  EXPECT_EQ(document.view().map.lanes.merge, Merge::MeanAbs);
  EXPECT_EQ(document.source().text(), text);
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
  EXPECT_EQ(document.source().modelName(), QStringLiteral("demo:mamba"));
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
  for (const char* text : {"a", "a b", "a b c"}) document.source().setText(QString::fromLatin1(text));
  ASSERT_TRUE(QTest::qWaitFor([&] { return document.tokens() && document.tokens()->size() == 3; }, kLongMs));
  settle();
  EXPECT_EQ(counts->runs, runs + 1);
  EXPECT_EQ(document.content()->tokens.size(), 3);
}

TEST_F(DocumentTest, ContinuesTheInputAndRunsIt) {
  openDemo();
  const QString text = document.source().text();
  const int64_t tokens = document.tokens()->size();
  QSignalSpy replaced(&document, &Document::inputReplaced);
  document.source().continueInput(3);
  ASSERT_TRUE(
      QTest::qWaitFor([&] { return document.tokens() && document.tokens()->size() == tokens + 3; }, kLongMs));
  EXPECT_EQ(document.source().text(), text + QStringLiteral(" more more more"));
  EXPECT_EQ(replaced.count(), 1);
}

TEST_F(DocumentTest, TypingDropsAContinuationOnItsWay) {
  openDemo();
  document.source().continueInput(3);
  document.source().setText(QStringLiteral("mine"));
  ASSERT_TRUE(QTest::qWaitFor([&] { return document.tokens() && document.tokens()->size() == 1; }, kLongMs));
  settle();
  EXPECT_EQ(document.source().text(), QStringLiteral("mine"));
}

TEST_F(DocumentTest, DropsALockThatTheNewInputDoesNotHave) {
  openDemo();
  document.source().replaceText(QStringLiteral("two words"));
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
  document.source().replaceText(QStringLiteral("slow words"));
  document.update();
  ASSERT_TRUE(QTest::qWaitFor([&] { return document.progress() > 0.4; }, kLongMs));
  EXPECT_TRUE(document.isBusy());
  document.cancel();
  EXPECT_FALSE(document.isBusy());
  settle();
  EXPECT_EQ(document.phase(), Phase::Stale);
  EXPECT_EQ(document.staleReason(), QStringLiteral("cancelled at 50 %"));
  EXPECT_EQ(document.content(), content);
  document.source().replaceText(QStringLiteral("quick words"));
  document.update();
  settle();
  EXPECT_EQ(document.phase(), Phase::Ready);
}

TEST_F(DocumentTest, AFailedRunIsAnErrorInThePaneAndTheNextInputMendsIt) {
  openDemo();
  document.source().replaceText(QStringLiteral("fail now"));
  document.update();
  settle();
  EXPECT_EQ(document.phase(), Phase::Failed);
  EXPECT_EQ(document.error().what, "The input does not run.");
  document.source().replaceText(QStringLiteral("good now"));
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
  workspace.undo();
  settle();
  EXPECT_EQ(document.phase(), Phase::Ready);
  EXPECT_EQ(document.view().map.layer, 3);
}

TEST_F(DocumentTest, AnInputWithoutTokensIsEmptyNotAnError) {
  openDemo();
  document.source().replaceText(QString());
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
  EXPECT_EQ(workspace.history().undoWords(), QStringLiteral("grid"));
  workspace.undo();
  EXPECT_EQ(workspace.history().redoWords(), QStringLiteral("grid"));
  EXPECT_EQ(workspace.history().undoWords(), QStringLiteral("normalization"));
  workspace.undo();
  EXPECT_EQ(document.view(), before);
  EXPECT_FALSE(workspace.history().canUndo());
  workspace.redo();
  workspace.redo();
  EXPECT_EQ(document.view(), grid);
}

TEST_F(DocumentTest, AZoomIsOneStepHoweverManyWheelTurnsItTook) {
  openDemo();
  for (double width : {6.0, 5.0, 4.0}) {
    ViewState next = document.view();
    next.viewport = {0, 0, width, width};
    document.change(QStringLiteral("zoom"), next, true);
  }
  workspace.undo();
  EXPECT_TRUE(document.view().viewport.isWhole());
  EXPECT_FALSE(workspace.history().canUndo());
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

// ---- long inputs

class LongDocumentTest : public DocumentTest {
 protected:
  void openLong(int words = 3000) {
    openDemo();
    document.source().replaceText(QString(QStringLiteral(" w")).repeated(words));
    document.update();
    settle();
  }
  void look(double left, double top, double size) {
    ViewState next = document.view();
    next.viewport = {left, top, size, size};
    document.change(QStringLiteral("zoom"), next, true);
  }
  /// The tiles that were asked for since the last call.
  std::vector<MapPart> newTiles() {
    std::vector<MapPart> parts;
    for (; m_seen < counts->requests.size(); ++m_seen) {
      const MapPart& part = counts->requests[m_seen].part;
      if (part.rows.end != -1 && part.rows.end - part.rows.begin > 1) parts.push_back(part);
    }
    return parts;
  }

 private:
  size_t m_seen = 0;
};

TEST_F(LongDocumentTest, AreShownPooledAndFinerWhereOneZoomsIn) {
  openLong();
  EXPECT_EQ(document.map()->pool, 3);
  EXPECT_LE(document.content()->map.rows, 1024);
  EXPECT_EQ(document.detail(), QStringLiteral("1 : 3, exact mean"));
  look(1000, 1000, 200);
  settle();
  EXPECT_EQ(document.tiled().pool(), 1);
  EXPECT_TRUE(document.tiled().isCovered());
  EXPECT_EQ(document.detail(), QStringLiteral("1 : 1, exact"));
  const auto map = document.map();
  EXPECT_EQ(map->pool, 1);
  EXPECT_EQ(map->row0, 1000);
  EXPECT_EQ(map->row1, 1200);
  EXPECT_NEAR(std::get<Matrix>(map->values).at(150, 100), fakeAlpha(3, 5, 1150, 1100), 1e-6);
  EXPECT_EQ(document.figureContent()->grid.row0, 1000);
  EXPECT_EQ(document.figureContent()->scale, document.content()->scale);
  ViewState next = document.view();
  next.viewport = {};
  document.change(QStringLiteral("reset"), next);
  settle();
  EXPECT_EQ(document.map()->pool, 3);
  EXPECT_TRUE(document.tiled().tiles().empty());
}

TEST_F(LongDocumentTest, PredictionsGiveWayToTheMapAndComeAfterIt) {
  openLong();
  EXPECT_EQ(document.source().predictions().size(), 2U);
  EXPECT_GE(counts->mapsBeforePrediction, 1U);
}

TEST_F(LongDocumentTest, TheLevelFollowsTheSizeOfThePlot) {
  openLong();
  document.setPlotPixels(600);
  look(500, 500, 1000);
  settle();
  EXPECT_EQ(document.tiled().pool(), 2);
  document.setPlotPixels(1200);
  settle();
  EXPECT_EQ(document.tiled().pool(), 1);
}

TEST_F(LongDocumentTest, GoingBackAsksForNothingAgain) {
  openLong();
  look(1000, 1000, 200);
  settle();
  newTiles();
  look(1050, 1020, 200);  // within the margin
  EXPECT_TRUE(document.tiled().isCovered());
  settle();
  newTiles();
  look(1000, 1000, 200);
  EXPECT_TRUE(document.tiled().isCovered());
  settle();
  EXPECT_TRUE(newTiles().empty());
}

TEST_F(LongDocumentTest, WhatIsSeenComesFirstAndTheMarginLast) {
  openLong();
  newTiles();
  look(1300, 2000, 200);
  settle();
  const auto parts = newTiles();
  ASSERT_GE(parts.size(), 8U);
  EXPECT_EQ(parts[0].rows, (TokenRange{2048, 2304}));
  EXPECT_EQ(parts[0].cols, (TokenRange{1280, 1536}));
  for (size_t i = 0; i < 2; ++i) EXPECT_EQ(parts[i].cols, (TokenRange{1280, 1536})) << i;
  EXPECT_EQ(parts.back().pool, 1);
}

TEST_F(LongDocumentTest, MovingAwayDropsWhatIsNotSeenAnyMore) {
  openLong();
  newTiles();
  look(0, 2700, 250);
  look(1000, 1000, 200);  // before any of them could arrive
  settle();
  int dropped = 0;  // all but the one that the worker may have begun
  for (const MapPart& part : newTiles()) dropped += part.rows.begin == 2304 || part.rows.begin == 2560;
  EXPECT_LE(dropped, 1);
  EXPECT_TRUE(document.tiled().isCovered());
}

TEST_F(LongDocumentTest, ColorsStandStillWhileOnePans) {
  openLong();
  look(1000, 1000, 200);
  settle();
  const ColorScale scale = document.content()->scale;
  QSignalSpy contents(&document, &Document::contentChanged);
  for (double left = 900; left > 0; left -= 100) {
    look(left, 1000, 200);
    settle();
    EXPECT_EQ(document.content()->scale, scale);
    for (const auto& tile : document.tiled().tiles()) EXPECT_EQ(tile->scale, scale);
  }
  EXPECT_EQ(contents.count(), 0);
  EXPECT_NEAR(scale.range().high, 0.24, 1e-6);  // of the diagonal, not of its means in the picture
}

TEST_F(LongDocumentTest, NormalizationsOfRowsSpeakOfTheWholeRow) {
  openLong();
  document.change(QStringLiteral("normalization"), withNormalization(document.view(), Normalization::RowMax));
  look(0, 2000, 150);  // far from where the rows are strongest
  settle();
  ASSERT_TRUE(document.tiled().isCovered());
  const HeatmapContent& tile = document.tiled().contentAt({2100, 100});
  ASSERT_EQ(tile.grid.pool, 1);
  EXPECT_LT(std::abs(tile.shown.values.at(2100 - tile.grid.row0, 100 - tile.grid.col0)), 0.01F);
  EXPECT_TRUE(document.content()->legend.endsWith(QStringLiteral(", by the 1 : 3 overview")));
}

TEST_F(LongDocumentTest, TheCursorsValueIsTheTilesOwn) {
  openLong();
  look(1000, 1000, 200);
  settle();
  document.setHovered(Cell{1150, 1100});
  const auto out = document.currentReadOut();
  ASSERT_TRUE(out && out->alpha);
  EXPECT_EQ(out->pool, 1);
  EXPECT_NEAR(*out->alpha, fakeAlpha(3, 5, 1150, 1100), 1e-6);
}

TEST_F(LongDocumentTest, SampledPicturesSaySo) {
  openLong();
  document.change(QStringLiteral("lanes"), withLanes(document.view(), LaneChoice{}));
  settle();
  EXPECT_EQ(document.detail(), QStringLiteral("1 : 3, sampled 1 : 3"));
  EXPECT_TRUE(document.content()->legend.endsWith(QStringLiteral(", sampled 1 : 3")));
  look(1000, 1000, 200);
  settle();
  EXPECT_EQ(document.detail(), QStringLiteral("1 : 1, exact"));
}

TEST_F(LongDocumentTest, ABookOpensOnTheSignedMeanAndAChoiceStays) {
  open(QStringLiteral("/models/other"));
  QSignalSpy said(&document, &Document::said);
  document.source().replaceText(QString(QStringLiteral(" w")).repeated(9000));
  document.update();
  settle();
  EXPECT_EQ(document.view().map.lanes.merge, Merge::Mean);
  EXPECT_EQ(said.count(), 1);
  document.change(QStringLiteral("lanes"), withLanes(document.view(), LaneChoice{}));
  document.source().replaceText(QString(QStringLiteral(" w")).repeated(9001));
  document.update();
  settle();
  EXPECT_EQ(document.view().map.lanes.merge, Merge::MeanAbs);
}

TEST_F(LongDocumentTest, CancellingStopsTheTiles) {
  openLong();
  look(1000, 1000, 200);
  document.cancel();
  settle();
  EXPECT_TRUE(document.tiled().server().isIdle());
  EXPECT_FALSE(document.tiled().isCovered());
}

TEST_F(DocumentTest, TheNeighborsOfALayerAreMadeReady) {
  openDemo();
  std::vector<int64_t> layers;
  for (const MapRequest& request : counts->requests)
    if (request.part.rows == TokenRange{0, 1}) layers.push_back(request.id.layer);
  EXPECT_EQ(layers, (std::vector<int64_t>{4, 2}));
}

TEST_F(DocumentTest, VerifiesEveryLayer) {
  openDemo();
  document.source().verify();
  settle();
  ASSERT_EQ(document.source().checks().size(), 12U);
  EXPECT_EQ(document.source().checks()[11].layer, 11);
}

TEST_F(DocumentTest, RestoresAViewWithItsInput) {
  ParsedView view;
  view.origin.model = "/models/other";
  view.origin.text = "one two three";
  view.view.map.layer = 2;
  view.view.locked = Cell{2, 0};
  document.source().open({QStringLiteral("/models/other"), view, {}});
  settle();
  EXPECT_EQ(document.view(), view.view);
  EXPECT_EQ(document.tokens()->size(), 3);
}

TEST_F(DocumentTest, TakesTokenIdsAsTheyAre) {
  openDemo();
  document.source().setIds({4, 5});
  document.update();
  settle();
  EXPECT_EQ(document.tokens()->ids(), (std::vector<int64_t>{4, 5}));
  EXPECT_FALSE(document.source().origin().text);
}

TEST_F(DocumentTest, IsDestroyedDuringAJobWithoutACallback) {
  auto local = std::make_unique<Workspace>(host);
  local->active().source().open({QStringLiteral("demo:mamba"), {}, QStringLiteral("slow one")});
  ASSERT_TRUE(QTest::qWaitFor([&] { return local->active().progress() > 0.4; }, kLongMs));
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
