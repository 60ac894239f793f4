// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

// The window over a model of pictures, on the engine of closed forms.
#include "app/main_window.h"
#include "tests/support/fake_engine.h"

#include <QDir>
#include <QDragEnterEvent>
#include <QFile>
#include <QImage>
#include <QMimeData>
#include <QTemporaryDir>
#include <QTest>

#include <gtest/gtest.h>

namespace uc {
namespace {

constexpr int kLongMs = 10000;

class PictureWindowTest : public testing::Test {
 protected:
  PictureWindowTest() {
    appearance.choose(Appearance::Choice::Light);
    MainWindow::FileDialogs dialogs;
    dialogs.open = [this](QWidget*, const QString&, const QString&) { return answer; };
    dialogs.save = [](QWidget*, const QString&, const QString&, const QString&) { return QString(); };
    window = std::make_unique<MainWindow>(host, appearance, settings, dialogs);
    window->resize(1280, 800);
    window->show();
  }
  Document& open(const QString& model) {
    window->document().source().open({model, {}, {}, {}});
    settle();
    return window->document();
  }
  void settle() {
    ASSERT_TRUE(QTest::qWaitFor([this] { return !window->document().isBusy() && !host.isBusy(); }, kLongMs));
  }
  QString picture(const QString& name) {
    const QString path = folder.filePath(name);
    EXPECT_TRUE(QImage(20, 16, QImage::Format_RGB32).save(path));
    return path;
  }
  void drop(const QString& path) {
    QMimeData mime;
    mime.setUrls({QUrl::fromLocalFile(path)});
    QDragEnterEvent enter({100, 100}, Qt::CopyAction, &mime, Qt::LeftButton, {});
    QCoreApplication::sendEvent(window.get(), &enter);
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

TEST_F(PictureWindowTest, TheDemoOpensOnItsFirstPicture) {
  const Document& document = open(QStringLiteral("demo:vision"));
  EXPECT_EQ(document.source().image(), QStringLiteral("/demo/vision/images/000.png"));
  EXPECT_EQ(document.phase(), Document::Phase::Ready);
  ASSERT_NE(document.tokens(), nullptr);
  EXPECT_EQ(document.tokens()->size(), 21);
  EXPECT_EQ(document.tokenText(10), QStringLiteral("[class]"));
  EXPECT_TRUE(window->input().picture().isVisible());
  EXPECT_EQ(window->input().picture().picture().size(), QSize(20, 16));
  EXPECT_FALSE(window->input().edit().isVisible());
  EXPECT_EQ(window->input().predictions().rows().size(), 2u);
}

TEST_F(PictureWindowTest, AModelWithoutAPictureAsksForOne) {
  const Document& document = open(QStringLiteral("vision-model"));
  EXPECT_EQ(document.phase(), Document::Phase::Empty);
  EXPECT_EQ(counts->runs, 0);
  answer = picture(QStringLiteral("cat.png"));
  window->actions()[QStringLiteral("file.picture")]->trigger();
  settle();
  EXPECT_EQ(document.source().image(), answer);
  EXPECT_EQ(document.phase(), Document::Phase::Ready);
}

TEST_F(PictureWindowTest, ADroppedPictureBecomesTheInput) {
  const Document& document = open(QStringLiteral("demo:vision"));
  const QString path = picture(QStringLiteral("dog.png"));
  drop(path);
  EXPECT_EQ(document.source().image(), path);
  EXPECT_EQ(counts->runs, 2);
  EXPECT_EQ(document.source().origin().image, path.toStdString());
}

TEST_F(PictureWindowTest, AFailureIsShownAndTheNextPictureRuns) {
  const Document& document = open(QStringLiteral("demo:vision"));
  drop(picture(QStringLiteral("broken.png")));
  EXPECT_EQ(document.phase(), Document::Phase::Failed);
  EXPECT_EQ(document.error().what, "The picture is damaged.");
  drop(picture(QStringLiteral("fine.png")));
  EXPECT_EQ(document.phase(), Document::Phase::Ready);
}

TEST_F(PictureWindowTest, TheWrongKindOfInputIsToldAndChangesNothing) {
  const Document& vision = open(QStringLiteral("demo:vision"));
  QFile text(folder.filePath(QStringLiteral("a.txt")));
  ASSERT_TRUE(text.open(QIODevice::WriteOnly));
  text.write("a cat");
  text.close();
  drop(text.fileName());
  EXPECT_TRUE(window->errorBar().isVisible());
  EXPECT_EQ(vision.source().image(), QStringLiteral("/demo/vision/images/000.png"));
  EXPECT_EQ(counts->runs, 1);
  open(QStringLiteral("demo:mamba"));
  EXPECT_FALSE(window->errorBar().isVisible());
  drop(picture(QStringLiteral("cat.png")));
  EXPECT_TRUE(window->errorBar().isVisible());
  EXPECT_EQ(counts->runs, 2);
  EXPECT_FALSE(window->actions()[QStringLiteral("file.picture")]->isEnabled());
}

TEST_F(PictureWindowTest, TheDirectionIsChosenInTheInspectorAndDecidesWhatIsAttended) {
  const Document& document = open(QStringLiteral("demo:vision"));
  SegmentedControl& direction = window->inspector().direction();
  EXPECT_TRUE(direction.isVisibleTo(&window->inspector()));
  EXPECT_EQ(direction.current(), 2);
  EXPECT_TRUE(document.content()->grid.isAttended(3, 9));
  direction.button(1)->click();
  settle();
  EXPECT_EQ(document.view().map.direction, Direction::Backward);
  EXPECT_TRUE(document.content()->grid.isAttended(3, 9));
  EXPECT_FALSE(document.content()->grid.isAttended(9, 3));
  direction.button(0)->click();
  settle();
  EXPECT_FALSE(document.content()->grid.isAttended(3, 9));
  window->workspace().undo();
  EXPECT_EQ(direction.current(), 1);
  open(QStringLiteral("demo:mamba"));
  EXPECT_FALSE(direction.isVisibleTo(&window->inspector()));
  EXPECT_EQ(document.view().map.direction, Direction::Both);
}

}  // namespace
}  // namespace uc
