// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/session_keeper.h"

#include "core/io/session.h"
#include "core/values/error.h"
#include "tests/support/fake_engine.h"

#include <QDir>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <gtest/gtest.h>

namespace uc {
namespace {

constexpr int kLongMs = 15000;

class SessionKeeperTest : public testing::Test {
 protected:
  void SetUp() override {
    workspace.active().source().open({QStringLiteral("demo:mamba"), {}, {}});
    settle();
  }
  void settle() {
    ASSERT_TRUE(QTest::qWaitFor([this] { return !workspace.active().isBusy() && !host.isBusy(); }, kLongMs));
  }
  void toLayer(int64_t layer) {
    ViewState view = workspace.active().view();
    view.map.layer = layer;
    workspace.active().change(QStringLiteral("layer"), view);
    settle();
  }
  QString folder() const { return home.filePath(QStringLiteral("kept")); }
  QStringList keptFiles() const { return QDir(folder()).entryList(QDir::Files); }

  QTemporaryDir home;
  EngineHost host{[] { return test::fakeEngine(); }};
  Workspace workspace{host};
};

TEST_F(SessionKeeperTest, SavesAndOpensWhatWasShown) {
  SessionKeeper keeper(workspace, host, folder(), [] { return std::string("layout"); });
  QSignalSpy saved(&keeper, &SessionKeeper::saved);
  toLayer(7);
  EXPECT_TRUE(keeper.hasUnsaved());
  keeper.save(home.filePath(QStringLiteral("a")));
  ASSERT_TRUE(QTest::qWaitFor([&] { return saved.count() == 1; }, kLongMs));
  EXPECT_EQ(keeper.path(), home.filePath(QStringLiteral("a.undercurrent")));
  EXPECT_FALSE(keeper.hasUnsaved());
  toLayer(2);
  QSignalSpy opened(&keeper, &SessionKeeper::opened);
  keeper.open(keeper.path());
  ASSERT_TRUE(QTest::qWaitFor([&] { return opened.count() == 1; }, kLongMs));
  settle();
  EXPECT_EQ(workspace.active().view().map.layer, 7);
  EXPECT_EQ(opened[0][0].value<Session>().layout, "layout");
}

TEST_F(SessionKeeperTest, KeepsWhatIsOpenSafeByItself) {
  auto keeper = std::make_unique<SessionKeeper>(workspace, host, folder(), nullptr);
  toLayer(5);
  ASSERT_TRUE(QTest::qWaitFor([this] { return !keptFiles().isEmpty(); }, kLongMs));
  const QString file = QDir(folder()).filePath(keptFiles().first());
  EXPECT_EQ(openSession(file.toStdString()).panes.list[0].view.map.layer, 5);
  EXPECT_TRUE(keeper->leftover().isEmpty());  // of a program that runs
  // the program ends in order: nothing is left
  keeper.reset();
  EXPECT_TRUE(keptFiles().isEmpty());
}

TEST_F(SessionKeeperTest, FindsWhatACrashLeft) {
  SessionKeeper keeper(workspace, host, folder(), nullptr);
  toLayer(4);
  QDir().mkpath(folder());
  const QString gone = QDir(folder()).filePath(QStringLiteral("999999999.undercurrent"));
  uc::saveSession(gone.toStdString(), workspace.session());
  EXPECT_EQ(keeper.leftover(), gone);
  toLayer(1);
  keeper.open(keeper.leftover());
  ASSERT_TRUE(QTest::qWaitFor([this] { return workspace.active().view().map.layer == 4; }, kLongMs));
  EXPECT_TRUE(keeper.path().isEmpty());  // saving asks for a place of its own
  keeper.discardLeftovers();
  EXPECT_TRUE(keeper.leftover().isEmpty());
}

TEST_F(SessionKeeperTest, AFileThatIsNoSessionIsRefusedAndChangesNothing) {
  SessionKeeper keeper(workspace, host, folder(), nullptr);
  QFile file(home.filePath(QStringLiteral("no.undercurrent")));
  ASSERT_TRUE(file.open(QIODevice::WriteOnly));
  file.write("[1,2]");
  file.close();
  QSignalSpy failed(&keeper, &SessionKeeper::failed);
  keeper.open(file.fileName());
  ASSERT_TRUE(QTest::qWaitFor([&] { return failed.count() == 1; }, kLongMs));
  EXPECT_EQ(failed[0][0].value<Error>().what, "This is not a session.");
  EXPECT_EQ(workspace.active().source().modelName(), QStringLiteral("demo:mamba"));
}

}  // namespace
}  // namespace uc
