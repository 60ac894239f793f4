// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/command_palette.h"

#include <QTest>

#include <gtest/gtest.h>

namespace uc {
namespace {

class CommandPaletteTest : public testing::Test {
 protected:
  CommandPaletteTest() {
    window.resize(900, 600);
    before = new QLineEdit(&window);
    window.show();
    window.activateWindow();
    EXPECT_TRUE(QTest::qWaitForWindowActive(&window));
    before->setFocus();
    palette = new CommandPalette(&window);
  }
  void open() {
    palette->open(QStringLiteral("Find"), [this](const QString& text) {
      std::vector<PaletteEntry> found;
      for (const QString& words : {QStringLiteral("Next layer"), QStringLiteral("Next lane")})
        if (paletteRank(words, text) > 0) found.push_back({words, {}, {}, [this, words] { ran = words; }});
      if (text.isEmpty()) found.push_back({QStringLiteral("Redo"), {}, QStringLiteral("Nothing."), {}});
      return found;
    });
  }

  QWidget window;
  QLineEdit* before = nullptr;
  CommandPalette* palette = nullptr;
  QString ran;
};

TEST_F(CommandPaletteTest, EnterRunsTheFirstAndTheFocusGoesBack) {
  open();
  EXPECT_TRUE(palette->isVisible());
  QTest::keyClicks(&palette->field(), QStringLiteral("lane"));
  ASSERT_EQ(palette->entries().size(), 1U);
  QTest::keyClick(&palette->field(), Qt::Key_Return);
  EXPECT_EQ(ran, QStringLiteral("Next lane"));
  EXPECT_FALSE(palette->isVisible());
  EXPECT_TRUE(before->hasFocus());
}

TEST_F(CommandPaletteTest, ArrowsChooseAndWhatCannotRunDoesNot) {
  open();
  ASSERT_EQ(palette->entries().size(), 3U);
  QTest::keyClick(&palette->field(), Qt::Key_Up);  // around to the last
  QTest::keyClick(&palette->field(), Qt::Key_Return);
  EXPECT_TRUE(palette->isVisible());
  EXPECT_TRUE(ran.isEmpty());
  QTest::keyClick(&palette->field(), Qt::Key_Up);
  QTest::keyClick(&palette->field(), Qt::Key_Return);
  EXPECT_EQ(ran, QStringLiteral("Next lane"));
}

TEST_F(CommandPaletteTest, EscapeClosesAndRunsNothing) {
  open();
  QTest::keyClick(&palette->field(), Qt::Key_Escape);
  EXPECT_FALSE(palette->isVisible());
  EXPECT_TRUE(ran.isEmpty());
  EXPECT_TRUE(before->hasFocus());
}

TEST(PaletteRank, FindsAllWordsInAnyCaseAndPrefersBeginnings) {
  EXPECT_EQ(paletteRank(QStringLiteral("Export figure…"), QStringLiteral("table")), 0);
  EXPECT_GT(paletteRank(QStringLiteral("Export figure…"), QStringLiteral("FIG exp")), 0);
  EXPECT_GT(paletteRank(QStringLiteral("Export figure…"), QStringLiteral("exp")),
            paletteRank(QStringLiteral("Do not export"), QStringLiteral("exp")));
}

TEST(ParseLaneName, ReadsLayersAndLanes) {
  qint64 layer = 0, lane = 0;
  EXPECT_TRUE(parseLaneName(QStringLiteral("L12 C345"), &layer, &lane));
  EXPECT_EQ(layer, 12);
  EXPECT_EQ(lane, 345);
  EXPECT_TRUE(parseLaneName(QStringLiteral(" l3 "), &layer, &lane));
  EXPECT_EQ(layer, 3);
  EXPECT_EQ(lane, -1);
  for (const char* text : {"L", "12", "L1 C", "L1 C2 x", "C3"})
    EXPECT_FALSE(parseLaneName(QString::fromLatin1(text), &layer, &lane)) << text;
}

}  // namespace
}  // namespace uc
