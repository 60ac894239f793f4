// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/theme.h"

#include "widgets/paint/color_scale.h"

#include <QFontInfo>
#include <QFontMetricsF>
#include <QGlyphRun>
#include <QTextLayout>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace uc {
namespace {

/// As the look states it: to one decimal.
double rounded(const QColor& a, const QColor& b) { return std::round(contrast(a, b) * 10.0) / 10.0; }

TEST(Theme, TextContrastsEnoughOnEveryGround) {
  for (const Theme* theme : {&Theme::light(), &Theme::dark()}) {
    for (const QColor& ground :
         {theme->window, theme->panel, theme->base, theme->canvas, theme->raised, theme->hover}) {
      EXPECT_GE(rounded(theme->text, ground), 7.0);
      EXPECT_GE(rounded(theme->text2, ground), theme->isDark ? 5.4 : 5.7);
    }
    for (const QColor& ground : {theme->window, theme->panel, theme->base}) {
      EXPECT_GE(rounded(theme->border, ground), 3.0);
    }
    EXPECT_GE(rounded(theme->warn, theme->warnGround), 5.6);
    EXPECT_GE(rounded(theme->error, theme->errorGround), 5.6);
    EXPECT_GE(rounded(theme->onAccent, theme->accent), theme->isDark ? 7.5 : 6.0);
    EXPECT_GE(rounded(theme->selectionText, theme->selection), 7.0);
    EXPECT_GE(rounded(theme->nanCross, theme->nanGround), 3.0);
  }
}

TEST(Theme, TextOnDataIsReadableOnEveryColorOfEveryMap) {
  for (ColorMap map : allColorMaps()) {
    for (QRgb color : colorTable(map))
      ASSERT_GE(contrast(textOn(QColor(color)), QColor(color)), 4.58) << name(map);
  }
}

TEST(Theme, ContrastIsThatOfWcag) {
  EXPECT_NEAR(contrast(QColor(Qt::black), QColor(Qt::white)), 21.0, 1e-9);
  EXPECT_NEAR(contrast(QColor(0x77, 0x77, 0x77), QColor(Qt::white)), 4.48, 0.01);
}

TEST(Theme, EveryColorIsInTheTable) {
  for (const Theme* theme : {&Theme::light(), &Theme::dark()}) {
    EXPECT_TRUE(theme->crosshair.isValid());
    EXPECT_TRUE(theme->casing.isValid());
    EXPECT_TRUE(theme->hatchLine.isValid());
    EXPECT_EQ(theme->curves.last(), theme->text);
  }
}

TEST(Fonts, TheShippedOnesAreUsed) {
  EXPECT_EQ(QFontInfo(textFont(13)).family(), QStringLiteral("Roboto"));
  EXPECT_EQ(QFontInfo(tokenFont(12)).family(), QStringLiteral("JetBrains Mono"));
  EXPECT_GT(QFontMetricsF(textFont(40, true)).horizontalAdvance(QStringLiteral("Layer")),
            QFontMetricsF(textFont(40)).horizontalAdvance(QStringLiteral("Layer")));
}

TEST(Fonts, DigitsHaveOneWidth) {
  const QFontMetricsF metrics(textFont(100));
  for (char digit = '1'; digit <= '9'; ++digit) {
    EXPECT_EQ(metrics.horizontalAdvance(QLatin1Char(digit)), metrics.horizontalAdvance(QLatin1Char('0')));
  }
}

TEST(Fonts, HaveNoLigatures) {
  const auto glyphs = [](const QFont& font, const QString& text) {
    QTextLayout layout(text, font);
    layout.beginLayout();
    layout.createLine();
    layout.endLayout();
    QList<quint32> result;
    for (const QGlyphRun& run : layout.glyphRuns()) result += run.glyphIndexes();
    return result;
  };
  const auto apart = [&](const QFont& font, const QString& text) {
    QList<quint32> result;
    for (QChar c : text) result += glyphs(font, c);
    return result;
  };
  for (const QString& text : {QStringLiteral("->"), QStringLiteral("!="), QStringLiteral("fi")}) {
    EXPECT_EQ(glyphs(tokenFont(40), text), apart(tokenFont(40), text)) << text.toStdString();
  }
  EXPECT_EQ(glyphs(textFont(40), QStringLiteral("unified")), apart(textFont(40), QStringLiteral("unified")));
}

TEST(NumberText, HasFourDigitsAndItsSign) {
  EXPECT_EQ(numberText(0.26181, 4, true), QStringLiteral("+0.2618"));
  EXPECT_EQ(numberText(-0.4, 4, true), QStringLiteral("−0.4000"));
  EXPECT_EQ(numberText(0.2178), QStringLiteral("0.2178"));
  EXPECT_EQ(numberText(0.0, 4, true), QStringLiteral("0"));
  EXPECT_EQ(numberText(12.5), QStringLiteral("12.50"));
  EXPECT_EQ(numberText(0.99996), QStringLiteral("1.000"));
  EXPECT_EQ(numberText(123456.0), QStringLiteral("123500"));
}

TEST(NumberText, WritesSmallLargeAndOddValues) {
  EXPECT_EQ(numberText(2.4e-7, 2), QStringLiteral("2.4e−7"));
  EXPECT_EQ(numberText(-3e9, 2, true), QStringLiteral("−3.0e9"));
  EXPECT_EQ(numberText(std::numeric_limits<double>::quiet_NaN()), QStringLiteral("NaN"));
  EXPECT_EQ(numberText(std::numeric_limits<double>::infinity()), QStringLiteral("∞"));
  EXPECT_EQ(numberText(-std::numeric_limits<double>::infinity()), QStringLiteral("−∞"));
}

TEST(CountText, GroupsThousands) {
  EXPECT_EQ(countText(0), QStringLiteral("0"));
  EXPECT_EQ(countText(65536), QStringLiteral("65,536"));
}

}  // namespace
}  // namespace uc
