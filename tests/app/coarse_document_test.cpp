// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

// Another layer's map: coarse at first, then whole.
#include "app/view_steps.h"
#include "app/workspace.h"
#include "tests/support/fake_engine.h"

#include <QTest>

#include <gtest/gtest.h>

#include <utility>

namespace uc {
namespace {

constexpr int kLongMs = 10000;

class CoarseDocumentTest : public testing::Test {
 protected:
  /// The demo's layer 3 over 3,000 tokens, whose whole map is pooled by 3.
  void SetUp() override {
    document.source().open({QStringLiteral("demo:mamba"), {}, QString(QStringLiteral(" w")).repeated(3000)});
    settle();
  }
  void settle() {
    ASSERT_TRUE(QTest::qWaitFor([this] { return !document.isBusy() && !host.isBusy(); }, kLongMs));
  }
  void mergeLanes() {
    document.change(QStringLiteral("lanes"), withLanes(document.view(), LaneChoice{}));
    settle();
  }
  void toLayer(int64_t layer) {
    ViewState view = document.view();
    view.map.layer = layer;
    document.change(QStringLiteral("layer"), view);
  }
  /// The whole maps of a layer that were asked for, in order.
  std::vector<MapRequest> asked(int64_t layer) const {
    std::vector<MapRequest> result;
    for (const MapRequest& request : counts->requests)
      if (!request.onlyTime && request.id.layer == layer && request.part.rows.end == -1)
        result.push_back(request);
    return result;
  }

  std::shared_ptr<test::FakeCounts> counts = std::make_shared<test::FakeCounts>();
  EngineHost host{[this] { return test::fakeEngine(counts); }};
  Workspace workspace{host};
  Document& document = workspace.active();
};

TEST_F(CoarseDocumentTest, AnotherLayerIsShownCoarselyAndThenWhole) {
  mergeLanes();
  QStringList details;
  std::vector<bool> wasBusy;
  const auto watch = QObject::connect(&document, &Document::contentChanged, [&] {
    details += document.detail();
    wasBusy.push_back(document.isBusy());
  });
  toLayer(6);
  settle();
  QObject::disconnect(watch);
  const std::vector<MapRequest> requests = asked(6);
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[0].part.pool, 47);
  EXPECT_TRUE(requests[0].maySample);
  EXPECT_LT(requests[0].patience, MapRequest{}.patience);
  EXPECT_EQ(requests[1].part.pool, 3);
  EXPECT_EQ(requests[1].patience, MapRequest{}.patience);
  ASSERT_FALSE(details.empty());
  EXPECT_EQ(details.first(), QStringLiteral("1 : 47, sampled 1 : 47"));
  EXPECT_TRUE(wasBusy.front());
  EXPECT_EQ(document.content()->grid.pool, 3);
  EXPECT_TRUE(document.badge());
}

TEST_F(CoarseDocumentTest, AnotherSwitchStopsBoth) {
  mergeLanes();
  bool isSwitched = false;
  const auto watch = QObject::connect(&document, &Document::contentChanged, [&] {
    if (std::exchange(isSwitched, true)) return;
    EXPECT_EQ(document.content()->grid.pool, 47);
    toLayer(8);  // the coarse one is shown, the whole one under way
  });
  toLayer(5);
  toLayer(6);
  settle();
  QObject::disconnect(watch);
  EXPECT_TRUE(isSwitched);
  EXPECT_EQ(document.map()->id.layer, 8);
  EXPECT_EQ(document.content()->grid.pool, 3);
  EXPECT_LE(asked(5).size(), 1U);
  EXPECT_LE(asked(6).size(), 2U);
}

TEST_F(CoarseDocumentTest, CancelledAfterTheCoarseOneItIsOutOfDateUntilUpdated) {
  mergeLanes();
  const auto watch = QObject::connect(&document, &Document::contentChanged, [&] { document.cancel(); });
  toLayer(6);
  settle();
  QObject::disconnect(watch);
  EXPECT_EQ(document.content()->grid.pool, 47);
  EXPECT_EQ(document.phase(), Document::Phase::Stale);
  document.update();
  settle();
  EXPECT_EQ(document.content()->grid.pool, 3);
  EXPECT_EQ(document.phase(), Document::Phase::Ready);
}

TEST_F(CoarseDocumentTest, LanesAndShortInputsAreShownWholeAtOnce) {
  toLayer(6);  // of one lane
  settle();
  ASSERT_EQ(asked(6).size(), 1U);
  document.source().replaceText(QString(QStringLiteral(" w")).repeated(200));
  document.update();
  settle();
  mergeLanes();
  toLayer(7);
  settle();
  EXPECT_EQ(asked(7).size(), 1U);
}

}  // namespace
}  // namespace uc
