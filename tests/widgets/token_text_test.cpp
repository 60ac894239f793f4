// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/heatmap_painter.h"
#include "widgets/paint/text_fit.h"

#include <QFontMetricsF>

#include <gtest/gtest.h>

namespace uc {
namespace {

constexpr int kSize = 40;

/// How much of each column is inked when a token is drawn with its baseline at 60.
std::vector<int> inkOf(const QString& token, int width = 120) {
  QImage image(width, 90, QImage::Format_RGB32);
  image.fill(Qt::white);
  {
    QPainter painter(&image);
    paintToken(painter, {0.0, 60.0}, token, tokenFont(kSize), QColor(Qt::black));
  }
  std::vector<int> columns(static_cast<size_t>(width));
  for (int x = 0; x < width; ++x) {
    for (int y = 0; y < image.height(); ++y)
      columns[static_cast<size_t>(x)] += qGray(image.pixel(x, y)) < 128;
  }
  return columns;
}

int total(const std::vector<int>& columns) {
  int sum = 0;
  for (int each : columns) sum += each;
  return sum;
}

TEST(TokenText, SpacesLineBreaksAndTabsArePaintedSigns) {
  const double cell = tokenWidth(QStringLiteral("a"), tokenFont(kSize));
  for (const QString& sign : {QStringLiteral(" "), QStringLiteral("\n"), QStringLiteral("\t")}) {
    EXPECT_DOUBLE_EQ(tokenWidth(sign, tokenFont(kSize)), cell);
    const auto ink = inkOf(sign);
    EXPECT_GT(total(ink), 20);
    for (size_t x = static_cast<size_t>(cell) + 1; x < ink.size(); ++x) EXPECT_EQ(ink[x], 0);
  }
  EXPECT_NE(inkOf(QStringLiteral("\n")), inkOf(QStringLiteral("\t")));
}

TEST(TokenText, WidthsAddUp) {
  const QFont font = tokenFont(kSize);
  EXPECT_NEAR(tokenWidth(QStringLiteral(" the"), font), 4.0 * tokenWidth(QStringLiteral("a"), font), 1e-6);
}

TEST(TokenText, ControlCharactersAreWrittenAsBytes) {
  const QFont font = tokenFont(kSize);
  EXPECT_DOUBLE_EQ(tokenWidth(QStringLiteral("\r"), font), tokenWidth(QStringLiteral("⟨0D⟩"), font));
}

TEST(TextFit, LongTokensLoseTheirMiddle) {
  const QFont font = tokenFont(kSize);
  const double cell = tokenWidth(QStringLiteral("a"), font);
  EXPECT_EQ(elideToken(QStringLiteral(" the"), font, 4.1 * cell), QStringLiteral(" the"));
  EXPECT_EQ(elideToken(QStringLiteral("abcdefghij"), font, 7.1 * cell), QStringLiteral("abc…hij"));
  EXPECT_EQ(elideToken(QStringLiteral("abcdefghij"), font, 6.1 * cell), QStringLiteral("abc…ij"));
  const QString emoji = QString::fromUtf8("😀😀😀😀😀😀");
  for (int cells = 1; cells < 12; ++cells) {
    EXPECT_TRUE(elideToken(emoji, font, cells * cell).isValidUtf16()) << cells;
  }
}

TEST(TextFit, WrapsAtSpacesAndElidesWhatDoesNotFit) {
  const QFont font = textFont(20);
  const double width = QFontMetricsF(font).horizontalAdvance(QStringLiteral("one two "));
  EXPECT_EQ(wrapText(QStringLiteral("one two one two"), font, width, 3),
            (QStringList{QStringLiteral("one two"), QStringLiteral("one two")}));
  const QStringList cut = wrapText(QStringLiteral("one two one two one two one"), font, width, 2);
  ASSERT_EQ(cut.size(), 2);
  EXPECT_TRUE(cut.last().endsWith(QChar(0x2026)));
  for (const QString& line : cut) EXPECT_LE(QFontMetricsF(font).horizontalAdvance(line), width);
}

}  // namespace
}  // namespace uc
