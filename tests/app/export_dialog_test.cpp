// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/export_dialog.h"

#include "app/appearance.h"
#include "core/io/session.h"
#include "tests/widgets/heatmap_fixture.h"

#include <QFile>
#include <QImage>
#include <QTemporaryDir>
#include <QTest>

#include <gtest/gtest.h>

namespace uc {
namespace {

class ExportDialogTest : public testing::Test {
 protected:
  void SetUp() override {
    view.map.layer = 3;
    view.map.lanes = {LaneChoice::Kind::Lane, 345, {}};
    view.locked = Cell{27, 11};
    origin.model = "demo:mamba";
    make(QStringLiteral("png"));
  }
  void make(const QString& format, const HeatmapRecipe& recipe = {}) {
    dialog = std::make_unique<ExportDialog>(madeUpHeatmap(recipe), origin, view, format);
    dialog->setChooseFile([this](QWidget*, const QString& name) {
      suggested = name;
      ++asked;
      return answer;
    });
    dialog->show();
  }
  template <typename Widget>
  Widget* named(const QString& name) const {
    for (auto* widget : dialog->findChildren<Widget*>())
      if (widget->accessibleName() == name) return widget;
    return nullptr;
  }
  template <typename Button>
  Button* withText(const QString& text) const {
    for (auto* button : dialog->findChildren<Button*>())
      if (button->text() == text) return button;
    return nullptr;
  }
  QString shownText(const QString& part) const {
    for (auto* label : dialog->findChildren<QLabel*>())
      if (label->isVisible() && label->text().contains(part)) return label->text();
    return {};
  }
  void choose(const QString& segment) { withText<QAbstractButton>(segment)->click(); }
  QByteArray fileBytes(const QString& path) const {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
  }

  QTemporaryDir folder;
  ViewOrigin origin;
  ViewState view;
  QString suggested, answer;
  int asked = 0;
  std::unique_ptr<ExportDialog> dialog;
};

TEST_F(ExportDialogTest, SaysTheSizeInMillimetersAndPixels) {
  const QString line = shownText(QStringLiteral("pixels"));
  EXPECT_TRUE(line.startsWith(QStringLiteral("85.0 × "))) << line.toStdString();
  EXPECT_TRUE(line.contains(QStringLiteral("at 300 dpi = 1,004 × "))) << line.toStdString();
  choose(QStringLiteral("PDF"));
  EXPECT_TRUE(shownText(QStringLiteral("pixels")).isEmpty());
  EXPECT_FALSE(named<QDoubleSpinBox>(QStringLiteral("Resolution"))->isEnabled());
}

TEST_F(ExportDialogTest, ColumnsAndWidthSayTheSame) {
  auto* fits = named<QComboBox>(QStringLiteral("Fits"));
  auto* width = named<QDoubleSpinBox>(QStringLiteral("Width"));
  width->setValue(178.0);
  EXPECT_EQ(fits->currentIndex(), 1);
  width->setValue(120.0);
  EXPECT_EQ(fits->currentIndex(), 2);
  fits->setFocus();
  QTest::keyClick(fits, Qt::Key_Home);
  EXPECT_EQ(width->value(), 85.0);
  EXPECT_EQ(dialog->options().widthMm, 85.0);
}

TEST_F(ExportDialogTest, VectorCellsAreOfferedForSmallMapsInVectorFiles) {
  auto* vector = withText<QAbstractButton>(QStringLiteral("Vector cells"));
  EXPECT_FALSE(vector->isEnabled());
  choose(QStringLiteral("SVG"));
  ASSERT_TRUE(vector->isEnabled());
  vector->click();
  EXPECT_TRUE(dialog->options().vectorCells);
  choose(QStringLiteral("PNG"));
  EXPECT_FALSE(dialog->options().vectorCells);
  HeatmapRecipe large;
  large.tokens = 200;
  make(QStringLiteral("svg"), large);
  EXPECT_FALSE(withText<QAbstractButton>(QStringLiteral("Vector cells"))->isEnabled());
}

TEST_F(ExportDialogTest, WritesTheFigureWithItsViewAndAddsTheEnding) {
  answer = folder.filePath(QStringLiteral("tides"));
  withText<QPushButton>(QStringLiteral("Export PNG…"))->click();
  EXPECT_EQ(suggested, QStringLiteral("layer-3-lane-345-unified.png"));
  EXPECT_EQ(dialog->result(), QDialog::Accepted);
  EXPECT_EQ(dialog->savedPath(), answer + QStringLiteral(".png"));
  const QByteArray bytes = fileBytes(dialog->savedPath());
  const QImage image = QImage::fromData(bytes);
  EXPECT_EQ(image.width(), 1004);
  EXPECT_EQ(parseView(embeddedView(bytes), "tides.png").view.map.layer, 3);
}

TEST_F(ExportDialogTest, AFileThatOnlyTheEndingHitsIsAskedAboutAgain) {
  answer = folder.filePath(QStringLiteral("tides"));
  QFile file(answer + QStringLiteral(".png"));
  ASSERT_TRUE(file.open(QIODevice::WriteOnly));
  withText<QPushButton>(QStringLiteral("Export PNG…"))->click();
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(suggested, answer + QStringLiteral(".png"));
}

TEST_F(ExportDialogTest, AnotherEndingThatIsTypedDecides) {
  answer = folder.filePath(QStringLiteral("tides.svg"));
  withText<QPushButton>(QStringLiteral("Export PNG…"))->click();
  EXPECT_TRUE(fileBytes(answer).contains("<svg"));
}

TEST_F(ExportDialogTest, TheViewIsLeftOutWhenNotWanted) {
  answer = folder.filePath(QStringLiteral("tides.png"));
  withText<QCheckBox>(QStringLiteral("Keep the view in the file"))->setChecked(false);
  withText<QPushButton>(QStringLiteral("Export PNG…"))->click();
  EXPECT_TRUE(embeddedView(fileBytes(answer)).empty());
}

TEST_F(ExportDialogTest, AFailureStaysInTheDialogWithWhatToDo) {
  answer = folder.filePath(QStringLiteral("missing/tides.png"));
  withText<QPushButton>(QStringLiteral("Export PNG…"))->click();
  EXPECT_TRUE(dialog->isVisible());
  EXPECT_FALSE(shownText(QStringLiteral("missing")).isEmpty());
  answer = folder.filePath(QStringLiteral("tides.png"));
  withText<QPushButton>(QStringLiteral("Export PNG…"))->click();
  EXPECT_EQ(dialog->result(), QDialog::Accepted);
}

TEST_F(ExportDialogTest, NothingHappensWithoutAName) {
  withText<QPushButton>(QStringLiteral("Export PNG…"))->click();
  EXPECT_TRUE(dialog->isVisible());
  EXPECT_TRUE(dialog->savedPath().isEmpty());
}

TEST_F(ExportDialogTest, EnterExportsAndEscCloses) {
  answer = folder.filePath(QStringLiteral("tides.png"));
  QTest::keyClick(named<QDoubleSpinBox>(QStringLiteral("Width")), Qt::Key_Return);
  EXPECT_TRUE(QFile::exists(answer));
  make(QStringLiteral("pdf"));
  QTest::keyClick(dialog.get(), Qt::Key_Escape);
  EXPECT_FALSE(dialog->isVisible());
  EXPECT_EQ(dialog->result(), QDialog::Rejected);
}

TEST_F(ExportDialogTest, MoreThanTwentyThousandPixelsAreRefusedBeforehand) {
  named<QDoubleSpinBox>(QStringLiteral("Width"))->setValue(500.0);
  named<QDoubleSpinBox>(QStringLiteral("Resolution"))->setValue(1200.0);
  EXPECT_FALSE(withText<QPushButton>(QStringLiteral("Export PNG…"))->isEnabled());
  EXPECT_TRUE(shownText(QStringLiteral("pixels")).contains(QStringLiteral("more than 20,000")));
  choose(QStringLiteral("SVG"));
  EXPECT_TRUE(withText<QPushButton>(QStringLiteral("Export SVG…"))->isEnabled());
}

TEST_F(ExportDialogTest, ThePreviewFollowsTheChoices) {
  auto* preview = dialog->findChild<FigurePreview*>();
  ASSERT_TRUE(QTest::qWaitFor([&] { return !preview->image().isNull(); }));
  const QImage before = preview->image();
  choose(QStringLiteral("Dark"));
  ASSERT_TRUE(QTest::qWaitFor([&] { return preview->image() != before; }));
  EXPECT_LT(preview->image().pixelColor(2, 2).lightness(), 60);
  const int height = preview->image().height();
  withText<QCheckBox>(QStringLiteral("Caption"))->setChecked(false);
  ASSERT_TRUE(QTest::qWaitFor([&] { return preview->image().height() != height; }));
}

TEST_F(ExportDialogTest, PicturesAreSavedWhereAPersonWantsToSeeThem) {
  const QString pictures = qEnvironmentVariable("UNDERCURRENT_PICTURES");
  if (pictures.isEmpty()) GTEST_SKIP() << "UNDERCURRENT_PICTURES is not set";
  Appearance appearance;
  for (const auto& [choice, name] :
       {std::pair{Appearance::Choice::Light, "light"}, {Appearance::Choice::Dark, "dark"}}) {
    appearance.choose(choice);
    make(choice == Appearance::Choice::Light ? QStringLiteral("png") : QStringLiteral("svg"));
    auto* preview = dialog->findChild<FigurePreview*>();
    ASSERT_TRUE(QTest::qWaitFor(
        [&] { return !preview->image().isNull() && !shownText(QStringLiteral("About")).isEmpty(); }));
    EXPECT_TRUE(dialog->grab().save(QStringLiteral("%1/export-%2.png").arg(pictures, QLatin1String(name))));
  }
}

}  // namespace
}  // namespace uc
