// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/strip_painter.h"

#include <gtest/gtest.h>

#include <limits>

namespace uc {
namespace {

StripText textOf() {
  return {{QStringLiteral("In"), QStringLiteral(" the"), QStringLiteral(" est"), QStringLiteral("uary"),
           QStringLiteral(","), QStringLiteral(" the"), QStringLiteral(" current"), QStringLiteral(" runs")},
          {}};
}

StripRow rowOf(std::vector<StripValue> values) {
  StripRow row;
  row.scale = ColorScale(Display{}, true, {-1.0, 1.0});
  row.valueOf = [values = std::move(values)](qint64 piece) {
    return piece < static_cast<qint64>(values.size()) ? values[static_cast<size_t>(piece)] : StripValue{};
  };
  return row;
}

struct Painted {
  StripLayout layout;
  QImage image;
  QColor ground(qint64 token, qint64 row = 0) const {
    const QRectF place = layout.places[static_cast<size_t>(token)];
    return image.pixelColor(
        QPointF(place.left() + 2, place.top() + static_cast<double>(row) * layout.pitch + 2).toPoint());
  }
};

Painted painted(const StripText& text, const std::vector<StripRow>& rows, int width,
                const StripMarks& marks = {}) {
  HeatmapStyle style;
  Painted result;
  const QRectF area(0, 0, width, 400);
  result.layout = layoutStrip(text, stripWidths(text.tokens, style), rows, area, style);
  result.image = QImage(width, 400, QImage::Format_RGB32);
  result.image.fill(style.theme.canvas);
  QPainter painter(&result.image);
  paintStrip(painter, text, rows, result.layout, marks, style, area);
  return result;
}

TEST(StripPainter, PaintsValuesHatchAndCross) {
  const StripRow row =
      rowOf({{1.0, true}, {-1.0, true}, {std::numeric_limits<double>::quiet_NaN(), true}, {0.0, false}});
  const Painted result = painted(textOf(), {row}, 600);
  EXPECT_EQ(result.ground(0).rgb(), row.scale.color(1.0));
  EXPECT_EQ(result.ground(1).rgb(), row.scale.color(-1.0));
  const Theme& theme = Theme::light();
  const QColor notFinite = result.ground(2), notAttended = result.ground(3);
  EXPECT_TRUE(notFinite == theme.nanGround || notFinite == theme.nanCross);
  EXPECT_TRUE(notAttended == theme.hatchGround || notAttended == theme.hatchLine);
}

TEST(StripPainter, PutsRowsUnderOneAnotherAndFindsTokensInAll) {
  StripRow a = rowOf({{1.0, true}}), b = rowOf({{-1.0, true}});
  a.letter = QStringLiteral("A");
  b.letter = QStringLiteral("B");
  b.name = QStringLiteral("layer 7");
  const Painted result = painted(textOf(), {a, b}, 260);
  EXPECT_EQ(result.ground(0, 0).rgb(), a.scale.color(1.0));
  EXPECT_EQ(result.ground(0, 1).rgb(), b.scale.color(-1.0));
  for (qint64 row = 0; row < 2; ++row)
    for (qint64 token = 0; token < 8; ++token) {
      const QPointF center = result.layout.places[static_cast<size_t>(token)].center();
      EXPECT_EQ(result.layout.tokenAt(center + QPointF(0, static_cast<double>(row) * result.layout.pitch)),
                token);
    }
  EXPECT_FALSE(result.layout.tokenAt({2, 2}));
  EXPECT_GT(result.layout.places[0].left(), painted(textOf(), {rowOf({})}, 260).layout.places[0].left());
}

TEST(StripPainter, APieceHasOneGroundAndOneValue) {
  StripText text = textOf();
  text.pieces = {{0, 1}, {1, 2}, {2, 4}, {4, 5}, {5, 6}, {6, 7}, {7, 8}};
  int asked = 0;
  StripRow row = rowOf({});
  row.valueOf = [&asked](qint64 piece) -> StripValue {
    asked += piece == 2;
    return {piece == 2 ? 1.0 : 0.0, true};
  };
  const Painted result = painted(text, {row}, 600);
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(result.ground(2).rgb(), row.scale.color(1.0));
  EXPECT_EQ(result.ground(3).rgb(), row.scale.color(1.0));
  // no gap inside the piece
  const QRectF place = result.layout.places[2];
  EXPECT_EQ(result.image.pixelColor(QPointF(place.right() + 0.5, place.top() + 2).toPoint()).rgb(),
            row.scale.color(1.0));
}

TEST(StripPainter, DoesNotBreakAShortWord) {
  const StripText plain = textOf();
  StripText words = plain;
  words.pieces = {{0, 1}, {1, 2}, {2, 4}, {4, 5}, {5, 6}, {6, 7}, {7, 8}};
  const HeatmapStyle style;
  const auto widths = stripWidths(plain.tokens, style);
  // up to the middle of "uary"
  const double narrow = 28.0 + widths[0] + widths[1] + widths[2] + 3.0 * 9.0 + 0.5 * widths[3];
  EXPECT_NE(layoutStrip(plain, widths, {}, QRectF(0, 0, narrow, 400), style).places[2].top(),
            layoutStrip(plain, widths, {}, QRectF(0, 0, narrow, 400), style).places[3].top());
  // The word is at most a third of a line: it stays whole wherever what is before it moves it.
  const double least = 28.0 + 3.0 * (widths[2] + widths[3] + 8.0);
  for (double before = 10.0; before < 200.0; before += 3.0) {
    std::vector<double> measured = widths;
    measured[1] = before;
    const auto places = layoutStrip(words, measured, {}, QRectF(0, 0, least + 30.0, 400), style).places;
    EXPECT_EQ(places[2].top(), places[3].top());
    EXPECT_EQ(places[2].right(), places[3].left());
  }
}

TEST(StripPainter, AsksOnlyForWhatIsPainted) {
  StripText text;
  for (int i = 0; i < 20000; ++i) text.tokens.append(QStringLiteral(" word"));
  const HeatmapStyle style;
  std::vector<StripRow> rows{rowOf({})};
  int asked = 0;
  rows[0].valueOf = [&asked](qint64) {
    ++asked;
    return StripValue{0.0, true};
  };
  const StripLayout layout =
      layoutStrip(text, stripWidths(text.tokens, style), rows, QRectF(0, 0, 500, 0), style);
  QImage image(500, 100, QImage::Format_RGB32);
  QPainter painter(&image);
  painter.translate(0, -10000);
  paintStrip(painter, text, rows, layout, {}, style, QRectF(0, 10000, 500, 100));
  EXPECT_GT(asked, 10);
  EXPECT_LT(asked, 100);
}

TEST(StripPainter, FramesAllOfAPiece) {
  StripText text = textOf();
  text.pieces = {{0, 8}};
  const Painted result = painted(text, {rowOf({{0.0, true}})}, 150, {3, std::nullopt, std::nullopt});
  const QColor accent = Theme::light().accent;
  const QRectF first = result.layout.places.front(), last = result.layout.places.back();
  EXPECT_GT(last.top(), first.top());
  EXPECT_EQ(result.image.pixelColor(QPointF(first.left(), first.center().y()).toPoint()), accent);
  EXPECT_EQ(result.image.pixelColor(QPointF(last.left() + 3, last.bottom()).toPoint()), accent);
}

TEST(StripFigure, IsTextWithAColorbarForEachScale) {
  auto content = std::make_shared<StripContent>();
  content->text = textOf();
  content->title = QStringLiteral("Layer 3, lane 345");
  content->rows = {rowOf({{0.5, true}}), rowOf({{-0.5, true}})};
  content->rows[0].legend = content->rows[1].legend = QStringLiteral("unified α, raw signed");
  const double shared = figureSizeMm(StripFigure(content), {}).height();
  const QByteArray svg = encodeFigure(StripFigure(content), {}, "svg", "{}");
  EXPECT_TRUE(svg.contains("estuary") || svg.contains("uary"));
  EXPECT_TRUE(svg.contains("raw signed"));
  auto other = std::make_shared<StripContent>(*content);
  other->rows[1].scale = ColorScale(Display{}, false, {0.0, 3.0});
  EXPECT_GT(figureSizeMm(StripFigure(other), {}).height(), shared + 5.0);
}

}  // namespace
}  // namespace uc
