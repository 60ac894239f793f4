// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

// The window never stands still: what its thread does between two looks at its events is counted in processor
// time of that thread, which does not depend on how busy the machine is.
#include "app/main_window.h"
#include "app/view_steps.h"
#include "tests/support/fake_engine.h"

#include <QTemporaryDir>
#include <QTest>
#include <QTimer>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <ctime>

namespace uc {
namespace {

constexpr int kLongMs = 60000;
constexpr double kMostMs = 100.0;  // interface.md: the longest gap

double threadMs() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

/// The longest work between two timer events of the thread that made it.
class Heartbeat {
 public:
  Heartbeat() : m_last(threadMs()) {
    m_timer.setTimerType(Qt::PreciseTimer);
    QObject::connect(&m_timer, &QTimer::timeout, [this] { beat(); });
    m_timer.start(1);
  }
  double longestMs() const { return m_longest; }

 private:
  void beat() {
    const double now = threadMs();
    m_longest = std::max(m_longest, now - m_last);
    m_last = now;
  }

  QTimer m_timer;
  double m_last, m_longest = 0.0;
};

class HeartbeatTest : public testing::Test {
 protected:
  HeartbeatTest() {
    appearance.choose(Appearance::Choice::Light);
    window.resize(1280, 800);
    window.show();
    document.source().open({QStringLiteral("/models/other"), {}, {}});
    settle();
    longest = std::make_unique<Heartbeat>();  // how a window is made is another matter
  }
  void settle() {
    ASSERT_TRUE(QTest::qWaitFor([this] { return !document.isBusy() && !host.isBusy(); }, kLongMs));
  }
  void load(qsizetype words) {
    QString text;
    for (qsizetype word = 1; word <= words; ++word)
      text += word % 80 == 0 ? QStringLiteral(" word.\n\n") : QStringLiteral(" word");
    document.source().replaceText(text);
    document.update();
    settle();
    ASSERT_EQ(document.tokens()->size(), words);
  }
  void toLayer(int64_t layer) {
    ViewState next = document.view();
    next.map.layer = layer;
    document.change(QStringLiteral("layer"), next);
    QTest::qWait(5);
  }
  HeatmapView& view() { return window.pane().view(); }
  QPointF middle() { return view().layout().cells.center(); }
  void wheel(int notches) {
    for (int i = 0; i < std::abs(notches); ++i) {
      view().zoomBy(notches > 0 ? 1.25 : 0.8, middle());
      QTest::qWait(2);
    }
    settle();
  }
  void drag(const QPoint& way, int steps) {
    const QPoint from = middle().toPoint();
    QTest::mousePress(&view(), Qt::LeftButton, {}, from);
    for (int i = 1; i <= steps; ++i) {
      QTest::mouseMove(&view(), from + way * i / steps);
      QTest::qWait(2);
    }
    QTest::mouseRelease(&view(), Qt::LeftButton, {}, from + way);
    settle();
  }

  QTemporaryDir folder;
  QSettings settings{folder.filePath(QStringLiteral("settings.ini")), QSettings::IniFormat};
  Appearance appearance;
  EngineHost host{[] { return test::fakeEngine(); }};
  MainWindow window{host, appearance, settings};
  Document& document = window.document();
  std::unique_ptr<Heartbeat> longest;
};

TEST_F(HeartbeatTest, ABookIsLoadedLeafedThroughZoomedAndDraggedWithoutAStandstill) {
  load(50000);
  EXPECT_LT(longest->longestMs(), kMostMs) << "while it was loaded";
  for (int64_t layer = 1; layer < 6; ++layer) toLayer(layer);
  settle();
  EXPECT_LT(longest->longestMs(), kMostMs) << "while layers were switched";
  wheel(25);
  EXPECT_EQ(document.tiled().pool(), 1);
  EXPECT_LT(longest->longestMs(), kMostMs) << "while it was zoomed";
  drag({150, 90}, 30);
  wheel(-25);
  EXPECT_LT(longest->longestMs(), kMostMs) << "while it was dragged and zoomed out";
}

}  // namespace
}  // namespace uc
