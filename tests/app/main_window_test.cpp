// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/main_window.h"

#include "app/action_table.h"
#include "app/export_dialog.h"
#include "app/lists.h"
#include "app/view_steps.h"
#include "tests/support/fake_engine.h"

#include <QAbstractItemModelTester>
#include <QClipboard>
#include <QDir>
#include <QDragEnterEvent>
#include <QGuiApplication>
#include <QMenu>
#include <QMimeData>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

#include <gtest/gtest.h>

namespace uc {
namespace {

constexpr int kLongMs = 10000;

class MainWindowTest : public testing::Test {
 protected:
  MainWindowTest() {
    appearance.choose(Appearance::Choice::Light);
    MainWindow::FileDialogs dialogs;
    dialogs.open = [this](QWidget*, const QString&, const QString&) { return answer; };
    dialogs.save = [this](QWidget*, const QString&, const QString&, const QString&) { return answer; };
    window = std::make_unique<MainWindow>(host, appearance, settings, dialogs);
    window->resize(1280, 800);
    window->show();
    window->openDemo();
    settle();
  }
  void settle() {
    ASSERT_TRUE(QTest::qWaitFor([this] { return !window->document().isBusy() && !host.isBusy(); }, kLongMs));
  }
  const ViewState& view() { return window->document().view(); }
  QWidget* focusPane() {
    window->activateWindow();
    window->pane().view().setFocus();
    EXPECT_TRUE(QTest::qWaitFor([this] { return window->pane().view().hasFocus(); }, kLongMs));
    return &window->pane().view();
  }
  void write(const QString& name, const QByteArray& bytes) {
    QDir(folder.path()).mkpath(QFileInfo(name).path());
    QFile file(folder.filePath(name));
    ASSERT_TRUE(file.open(QIODevice::WriteOnly));
    file.write(bytes);
  }
  void drag(const QString& path, bool isDropped) {
    QMimeData mime;
    mime.setUrls({QUrl::fromLocalFile(path)});
    QDragEnterEvent enter({100, 100}, Qt::CopyAction, &mime, Qt::LeftButton, {});
    QCoreApplication::sendEvent(window.get(), &enter);
    if (!isDropped) return;
    QDropEvent drop({100, 100}, Qt::CopyAction, &mime, Qt::LeftButton, {});
    QCoreApplication::sendEvent(window.get(), &drop);
    settle();
  }

  QTemporaryDir folder;
  QString answer;
  QSettings settings{folder.filePath(QStringLiteral("settings.ini")), QSettings::IniFormat};
  Appearance appearance;
  std::shared_ptr<test::FakeCounts> counts = std::make_shared<test::FakeCounts>();
  EngineHost host{[this] { return test::fakeEngine(counts); }};
  std::unique_ptr<MainWindow> window;
};

TEST_F(MainWindowTest, EveryActionDoesSomethingAndIsInAMenu) {
  QSet<QAction*> inMenus;
  std::function<void(const QList<QAction*>&)> collect = [&](const QList<QAction*>& actions) {
    for (QAction* action : actions) {
      inMenus.insert(action);
      if (action->menu()) collect(action->menu()->actions());
    }
  };
  collect(window->menuBar()->actions());
  for (const ActionSpec& spec : actionTable()) {
    EXPECT_TRUE(window->actions().hasHandler(spec.id)) << spec.id.toStdString();
    EXPECT_TRUE(inMenus.contains(window->actions()[spec.id])) << spec.id.toStdString();
  }
}

TEST(ActionTable, KeysAndNamesAreUnique) {
  QSet<QString> ids, keys;
  for (const ActionSpec& spec : actionTable()) {
    EXPECT_FALSE(ids.contains(spec.id)) << spec.id.toStdString();
    ids.insert(spec.id);
    for (const QKeySequence& key : spec.keys) {
      EXPECT_FALSE(key.isEmpty()) << spec.id.toStdString();
      EXPECT_FALSE(keys.contains(key.toString())) << key.toString().toStdString();
      keys.insert(key.toString());
    }
    EXPECT_TRUE(spec.icon.isEmpty() || QFile::exists(QStringLiteral(":/icons/%1.svg").arg(spec.icon)) ||
                QFile::exists(QStringLiteral(SOURCE_FOLDER "/resources/icons/%1.svg").arg(spec.icon)));
  }
}

TEST_F(MainWindowTest, ActionsThatCannotBeUsedSayWhy) {
  QAction* undo = window->actions()[QStringLiteral("edit.undo")];
  EXPECT_FALSE(undo->isEnabled());
  EXPECT_TRUE(undo->toolTip().contains(QStringLiteral("nothing to undo")));
}

TEST_F(MainWindowTest, ArrowKeysStepLayersAndLanesInThePane) {
  QWidget* pane = focusPane();
  QTest::keyClick(pane, Qt::Key_Down);
  EXPECT_EQ(view().map.layer, 4);
  QTest::keyClick(pane, Qt::Key_Up);
  EXPECT_EQ(view().map.layer, 3);
  QTest::keyClick(pane, Qt::Key_Right);
  EXPECT_EQ(view().map.lanes.index, 6);
  QTest::keyClick(pane, Qt::Key_Right, Qt::ShiftModifier);
  EXPECT_EQ(view().map.lanes.index, 15);
  QTest::keyClick(pane, Qt::Key_Left);
  EXPECT_EQ(view().map.lanes.index, 14);
}

TEST_F(MainWindowTest, LettersTypeInTheInputAndActInThePane) {
  window->input().edit().setFocus();
  QTest::keyClicks(&window->input().edit(), QStringLiteral(" an"));
  EXPECT_EQ(view().display.normalization, Normalization::Raw);
  EXPECT_TRUE(window->input().edit().toPlainText().contains(QStringLiteral("an")));
  QWidget* pane = focusPane();
  QTest::keyClick(pane, Qt::Key_A);
  EXPECT_EQ(view().display.normalization, Normalization::Abs);
  QTest::keyClick(pane, Qt::Key_N);
  EXPECT_EQ(view().display.normalization, Normalization::MinMax);
}

TEST_F(MainWindowTest, BracketsMoveTheLockedTokenToItsStrongestKey) {
  QWidget* pane = focusPane();
  QTest::keyClick(pane, Qt::Key_BracketLeft);
  EXPECT_EQ(view().locked, (Cell{5, 4}));  // the nearest key is the strongest of the fake maps
  QTest::keyClick(pane, Qt::Key_BracketRight);
  EXPECT_EQ(view().locked, (Cell{6, 5}));
}

TEST_F(MainWindowTest, EscapeCancelsTheJobFirstAndThenUnlocks) {
  QWidget* pane = focusPane();
  window->document().source().replaceText(QStringLiteral("slow words are long enough here today"));
  window->document().update();
  ASSERT_TRUE(QTest::qWaitFor([this] { return window->document().progress() > 0.4; }, kLongMs));
  QTest::keyClick(pane, Qt::Key_Escape);
  EXPECT_FALSE(window->document().isBusy());
  EXPECT_TRUE(view().locked);
  QTest::keyClick(pane, Qt::Key_Escape);
  EXPECT_FALSE(view().locked);
}

TEST_F(MainWindowTest, SteppingLanesUnderAMergeIsSaidInTheStatusBar) {
  window->actions()[QStringLiteral("lanes.mean")]->trigger();
  settle();
  EXPECT_EQ(view().map.lanes, (LaneChoice{LaneChoice::Kind::All, 5, Merge::Mean}));
  QTest::keyClick(focusPane(), Qt::Key_Right);
  EXPECT_EQ(view().map.lanes.index, 0);
  EXPECT_TRUE(window->status().text().contains(QStringLiteral("lane 0")));
}

TEST_F(MainWindowTest, AFactorThatWouldLeaveNoMapGoesBackOn) {
  QAction* scan = window->actions()[QStringLiteral("factor.scan")];
  EXPECT_TRUE(scan->isChecked());
  scan->trigger();
  EXPECT_TRUE(scan->isChecked());
  EXPECT_EQ(view().map.factors, MapFactors{});
}

TEST_F(MainWindowTest, UndoNamesItsStepInTheMenu) {
  QTest::keyClick(focusPane(), Qt::Key_Down);
  QAction* undo = window->actions()[QStringLiteral("edit.undo")];
  EXPECT_EQ(undo->text(), QStringLiteral("Undo layer"));
  undo->trigger();
  EXPECT_EQ(view().map.layer, 3);
  EXPECT_EQ(window->actions()[QStringLiteral("edit.redo")]->text(), QStringLiteral("Redo layer"));
}

TEST_F(MainWindowTest, ChoosersFollowTheViewAndChangeIt) {
  EXPECT_EQ(window->chooser().layer().value(), 3);
  EXPECT_EQ(window->chooser().index().value(), 5);
  window->chooser().layer().setValue(7);
  EXPECT_EQ(view().map.layer, 7);
  window->outline().setCurrentIndex(window->outline().layers().index(2, 0));
  EXPECT_EQ(view().map.layer, 2);
  EXPECT_EQ(window->chooser().layer().value(), 2);
}

TEST_F(MainWindowTest, ABrokenModelDroppedLeavesTheOpenOneAndSaysWhy) {
  write(QStringLiteral("broken/config.json"), R"({"model_type":"mamba","num_hidden_layers":24})");
  write(QStringLiteral("broken/model.safetensors"), "short");
  const auto content = window->document().content();
  drag(folder.filePath(QStringLiteral("broken")), true);
  EXPECT_TRUE(window->errorBar().isVisible());
  EXPECT_EQ(window->errorBar().title(), QStringLiteral("The weights file ends too early."));
  EXPECT_EQ(window->document().content(), content);
  EXPECT_FALSE(window->pane().isCardShown());
}

TEST_F(MainWindowTest, ADraggedModelIsAnnouncedBeforeItsRelease) {
  write(QStringLiteral("m/config.json"), R"({"model_type":"mamba","num_hidden_layers":24})");
  write(QStringLiteral("m/model.safetensors"), QByteArray(2500000, 'x'));
  drag(folder.filePath(QStringLiteral("m")), false);
  EXPECT_TRUE(window->dropOverlay().isVisible());
  EXPECT_EQ(window->dropOverlay().title(), QStringLiteral("Mamba model, 24 layers, 2 MB"));
  QDragLeaveEvent leave;
  QCoreApplication::sendEvent(window.get(), &leave);
  EXPECT_FALSE(window->dropOverlay().isVisible());
}

TEST_F(MainWindowTest, DroppedTextsBecomeTheInputAndOthersAreNamed) {
  write(QStringLiteral("a.txt"), "four words are here");
  drag(folder.filePath(QStringLiteral("a.txt")), true);
  EXPECT_EQ(window->input().edit().toPlainText(), QStringLiteral("four words are here"));
  write(QStringLiteral("notes.docx"), QByteArray("PK\0\1", 4));
  drag(folder.filePath(QStringLiteral("notes.docx")), false);
  EXPECT_EQ(window->dropOverlay().title(), QStringLiteral("Not recognized: notes.docx"));
}

TEST_F(MainWindowTest, AnExportedFigureRestoresItsView) {
  window->chooser().layer().setValue(8);
  settle();
  answer = folder.filePath(QStringLiteral("figure.png"));
  window->actions()[QStringLiteral("file.export")]->trigger();
  auto* dialog = window->findChild<ExportDialog*>();
  ASSERT_NE(dialog, nullptr);
  QTest::keyClick(dialog, Qt::Key_Return);
  ASSERT_TRUE(QFile::exists(answer));
  window->chooser().layer().setValue(1);
  settle();
  drag(answer, true);
  EXPECT_EQ(view().map.layer, 8);
  EXPECT_EQ(view().map.lanes.index, 5);
}

TEST_F(MainWindowTest, ExportsTheShownMapAsData) {
  answer = folder.filePath(QStringLiteral("map.csv"));
  window->actions()[QStringLiteral("file.exportData")]->trigger();
  settle();
  QFile file(answer);
  ASSERT_TRUE(file.open(QIODevice::ReadOnly));
  EXPECT_EQ(file.readAll().count('\n'), 7);
}

TEST_F(MainWindowTest, RecentModelsAreKeptNewestFirst) {
  for (const char* name : {"/models/one", "/models/two"}) {
    window->document().source().open({QString::fromLatin1(name), {}, {}});
    settle();
  }
  const RecentFiles again(settings);
  EXPECT_EQ(again.list(), (QStringList{QStringLiteral("/models/two"), QStringLiteral("/models/one")}));
  window->actions()[QStringLiteral("file.recent.2")]->trigger();
  settle();
  EXPECT_EQ(window->document().source().modelName(), QStringLiteral("/models/one"));
}

TEST_F(MainWindowTest, ASoftmaxLayerHasNoSwitchesForWhatItLacks) {
  window->document().source().open({QStringLiteral("/models/mixed"), {}, {}});
  settle();
  const auto isEnabled = [this](const QString& factor) {
    for (const auto* button : window->inspector().desk().findChildren<QAbstractButton*>())
      if (button->accessibleName() == QStringLiteral("Factor ") + factor) return button->isEnabled();
    ADD_FAILURE() << factor.toStdString();
    return false;
  };
  EXPECT_TRUE(isEnabled(QStringLiteral("Gate")));
  window->actions()[QStringLiteral("layer.next")]->trigger();
  settle();
  EXPECT_EQ(view().map.layer, 1);
  EXPECT_FALSE(isEnabled(QStringLiteral("Gate")));
  EXPECT_FALSE(isEnabled(QStringLiteral("Convolution")));
  EXPECT_TRUE(isEnabled(QStringLiteral("Scan")));
  window->actions()[QStringLiteral("layer.next")]->trigger();
  settle();
  EXPECT_TRUE(isEnabled(QStringLiteral("Gate")));
}

TEST_F(MainWindowTest, HowCellsArePooledIsAskedOfLongInputsOnly) {
  SegmentedControl& pooling = window->inspector().pooling();
  EXPECT_FALSE(pooling.isVisible());
  window->document().source().replaceText(QString(QStringLiteral(" w")).repeated(3000));
  window->document().update();
  settle();
  EXPECT_TRUE(pooling.isVisible());
  pooling.button(1)->click();
  settle();
  EXPECT_EQ(view().part.pooling, Pooling::MaxAbs);
  EXPECT_EQ(window->workspace().history().undoWords(), QStringLiteral("pooling"));
  window->actions()[QStringLiteral("edit.copyCommand")]->trigger();
  EXPECT_TRUE(QGuiApplication::clipboard()->text().contains(
      QStringLiteral("--rows 0:3000 --cols 0:3000 --pool 3 --pooling max-abs")));
  window->actions()[QStringLiteral("edit.undo")]->trigger();
  settle();
  EXPECT_EQ(pooling.current(), 0);
}

TEST_F(MainWindowTest, EveryDemoHasAnEntryInTheMenu) {
  for (const auto& [model, title] : demoModels()) {
    window->actions()[QStringLiteral("file.demo.") + model]->trigger();
    settle();
    EXPECT_EQ(window->document().source().modelName(), QStringLiteral("demo:") + model);
  }
}

TEST_F(MainWindowTest, TheWelcomeNeverReturnsOnceClosed) {
  EXPECT_TRUE(window->welcomeBar().isVisible());
  window->welcomeBar().findChild<QToolButton*>()->click();
  window->openDemo();
  settle();
  EXPECT_FALSE(window->welcomeBar().isVisible());
}

TEST_F(MainWindowTest, RegionsAreReachedInTurn) {
  focusPane();
  QSet<QWidget*> visited;
  for (int i = 0; i < 6; ++i) {
    window->actions()[QStringLiteral("view.nextRegion")]->trigger();
    visited.insert(QApplication::focusWidget());
  }
  EXPECT_EQ(visited.size(), 6);
  EXPECT_EQ(QApplication::focusWidget(), &window->pane().view());
}

TEST_F(MainWindowTest, EveryControlHasAName) {
  for (QWidget* widget : window->findChildren<QWidget*>()) {
    if (widget->focusPolicy() == Qt::NoFocus || !widget->isVisible() || widget->inherits("QLineEdit"))
      continue;
    const auto* button = qobject_cast<QAbstractButton*>(widget);
    const bool hasName = !widget->accessibleName().isEmpty() || (button && !button->text().isEmpty()) ||
                         widget->inherits("QScrollArea") || widget->inherits("QMenuBar") ||
                         widget->inherits("QToolBarExtension");
    EXPECT_TRUE(hasName) << widget->metaObject()->className() << " " << widget->objectName().toStdString();
  }
}

TEST_F(MainWindowTest, TheSheetListsEveryKey) {
  ShortcutSheet* sheet = new ShortcutSheet(window.get());
  QStringList texts;
  for (QTreeWidgetItemIterator it(&sheet->rows()); *it; ++it) texts << (*it)->text(1);
  for (const ActionSpec& spec : actionTable())
    for (const QKeySequence& key : spec.keys)
      EXPECT_FALSE(texts.filter(key.toString(QKeySequence::NativeText)).isEmpty())
          << key.toString().toStdString();
  sheet->close();
}

TEST_F(MainWindowTest, ThemesChangeThePalette) {
  window->actions()[QStringLiteral("theme.dark")]->trigger();
  EXPECT_EQ(QGuiApplication::palette().color(QPalette::Window), Theme::dark().window);
  EXPECT_EQ(settings.value(QStringLiteral("appearance/theme")).toInt(),
            static_cast<int>(Appearance::Choice::Dark));
}

TEST_F(MainWindowTest, CopiesTheReadOutAndTheCommand) {
  focusPane();
  window->actions()[QStringLiteral("edit.copy")]->trigger();
  EXPECT_TRUE(QGuiApplication::clipboard()->text().contains(QStringLiteral("Distance\t4")));
  window->actions()[QStringLiteral("edit.copyCommand")]->trigger();
  EXPECT_TRUE(QGuiApplication::clipboard()->text().startsWith(QStringLiteral("undercurrent-cli map")));
}

TEST_F(MainWindowTest, TheStripShowsTheLockedRow) {
  EXPECT_EQ(window->strip().heading().text(), QStringLiteral("row of token 6  north, locked"));
  Q_EMIT window->strip().strip().tokenClicked(4);
  EXPECT_EQ(view().locked, (Cell{4, 3}));
}

TEST_F(MainWindowTest, TheBadgeSpeaksOfTheShownMap) {
  EXPECT_EQ(window->pane().badge().state(), Badge::State::Part);
  EXPECT_EQ(window->pane().badge().text(), QStringLiteral("Part · 94.1 % of output"));
  window->actions()[QStringLiteral("convention.exact")]->trigger();
  settle();
  EXPECT_EQ(window->pane().badge().state(), Badge::State::Exact);
}

TEST_F(MainWindowTest, TheOutlineIsAProperModel) {
  const QAbstractItemModelTester tester(&window->outline().layers(),
                                        QAbstractItemModelTester::FailureReportingMode::Warning);
  window->document().source().verify();
  settle();
  EXPECT_EQ(window->outline().layers().index(11, LayerModel::Check).data().toString(), numberText(1.2e-6, 2));
}

TEST(InputIds, AreNumbersPartedByCommasOrSpace) {
  EXPECT_EQ(parseIds(QStringLiteral(" 1, 2\n3 ")), (std::vector<int64_t>{1, 2, 3}));
  EXPECT_THROW(parseIds(QStringLiteral("1, x")), Failure);
}

}  // namespace
}  // namespace uc
