// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "tests/widgets/heatmap_fixture.h"
#include "widgets/paint/token_graph_painter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

namespace uc {
namespace {

using Keep = GraphChoice::Keep;

Matrix matrixOf(int64_t rows, int64_t cols, std::vector<float> values) {
  Matrix matrix(rows, cols);
  matrix.values = std::move(values);
  return matrix;
}

MapGrid gridOf(int64_t side, bool isCausal = true) { return {0, side, 0, side, 1, isCausal, false}; }

/// The kept (query, key) of a choice, sorted.
std::vector<std::pair<qint64, qint64>> keptBy(const Matrix& map, const MapGrid& grid, Keep keep,
                                              double amount) {
  std::vector<std::pair<qint64, qint64>> result;
  for (const GraphArc& arc : graphArcs(map, grid, {keep, amount, {}}).arcs)
    result.emplace_back(arc.query, arc.key);
  std::sort(result.begin(), result.end());
  return result;
}

using Pairs = std::vector<std::pair<qint64, qint64>>;

TEST(GraphArcs, MassKeepsTheFewestStrongestOfEachQuery) {
  const Matrix map = matrixOf(3, 3, {2, 9, 9, -3, 1, 9, 5, -4, 1});
  EXPECT_EQ(keptBy(map, gridOf(3), Keep::Mass, 75), (Pairs{{0, 0}, {1, 0}, {2, 0}, {2, 1}}));
  EXPECT_EQ(keptBy(map, gridOf(3), Keep::Mass, 76), (Pairs{{0, 0}, {1, 0}, {1, 1}, {2, 0}, {2, 1}}));
  EXPECT_EQ(keptBy(map, gridOf(3), Keep::Mass, 100).size(), 6U);
  EXPECT_EQ(keptBy(map, gridOf(3), Keep::Mass, 0), (Pairs{{0, 0}, {1, 0}, {2, 0}}));
}

TEST(GraphArcs, MassAgreesWithSortingOnARandomMap) {
  std::mt19937 random(5);
  Matrix map(40, 40);
  for (float& value : map.values) value = static_cast<float>(random() % 7) - 3.0F;  // many are equal
  for (const double amount : {10.0, 33.3, 50.0, 90.0, 99.0}) {
    Pairs expected;
    for (int64_t q = 0; q < 40; ++q) {
      std::vector<std::pair<double, int64_t>> row;
      double sum = 0.0, held = 0.0;
      for (int64_t k = 0; k <= q; ++k) row.emplace_back(-std::abs(static_cast<double>(map.at(q, k))), k);
      for (const auto& entry : row) sum -= entry.first;
      std::sort(row.begin(), row.end());
      for (const auto& [magnitude, key] : row) {
        if (sum == 0.0 || (held >= sum * amount / 100.0 * (1.0 - 1e-12))) break;
        held -= magnitude;
        expected.emplace_back(q, key);
      }
    }
    std::sort(expected.begin(), expected.end());
    EXPECT_EQ(keptBy(map, gridOf(40), Keep::Mass, amount), expected) << amount;
  }
}

TEST(GraphArcs, EqualOnesAreKeptFromTheLowestKey) {
  const Matrix map = matrixOf(1, 4, {1, -1, 1, 1});
  EXPECT_EQ(keptBy(map, {0, 1, 0, 4, 1, false, false}, Keep::Mass, 50), (Pairs{{0, 0}, {0, 1}}));
  EXPECT_EQ(keptBy(map, {0, 1, 0, 4, 1, false, false}, Keep::Top, 3), (Pairs{{0, 0}, {0, 1}, {0, 2}}));
}

TEST(GraphArcs, TopAndAboveKeepByRankAndBySize) {
  const Matrix map = matrixOf(2, 2, {0, 9, -3, 1});
  EXPECT_EQ(keptBy(map, gridOf(2), Keep::Top, 1), (Pairs{{1, 0}}));
  EXPECT_EQ(keptBy(map, gridOf(2), Keep::Top, 9), (Pairs{{1, 0}, {1, 1}}));
  EXPECT_EQ(keptBy(map, gridOf(2), Keep::Above, 1), (Pairs{{1, 0}, {1, 1}}));
  EXPECT_EQ(keptBy(map, gridOf(2), Keep::Above, 1.5), (Pairs{{1, 0}}));
  EXPECT_TRUE(keptBy(map, gridOf(2), Keep::Above, 4).empty());
}

TEST(GraphArcs, CountSharesMassAndWhatIsNotFinite) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN(),
                  kInf = std::numeric_limits<float>::infinity();
  const GraphArcs kept =
      graphArcs(matrixOf(3, 3, {kNan, 0, 0, 1, -3, 0, 2, -kInf, 6}), gridOf(3), {Keep::Mass, 70, {}});
  EXPECT_EQ(kept.notFinite, 2);
  EXPECT_EQ(kept.entries, 4);
  EXPECT_EQ(kept.onDiagonal, 2);
  ASSERT_EQ(kept.arcs.size(), 2U);
  EXPECT_EQ(kept.arcs[0], (GraphArc{2, 2, 6.0F, 0.75F}));
  EXPECT_EQ(kept.arcs[1], (GraphArc{1, 1, -3.0F, 0.75F}));
  EXPECT_EQ(kept.received, (std::vector<double>{3.0, 3.0, 6.0}));
  EXPECT_EQ(kept.own, (std::vector<float>{0.0F, -3.0F, 6.0F}));
  EXPECT_EQ(entriesText(kept), QStringLiteral("2 of 4 entries, 2 on the diagonal, 2 not finite left out"));
}

TEST(GraphArcs, OfAPooledPartBelongToTheCellsFirstTokens) {
  const MapGrid grid{100, 108, 100, 108, 4, true, false};
  const GraphArcs kept = graphArcs(matrixOf(2, 2, {1, 9, 2, 0}), grid, {Keep::Mass, 100, {}});
  ASSERT_EQ(kept.arcs.size(), 2U);
  EXPECT_EQ(kept.arcs[0].query, 104);
  EXPECT_EQ(kept.arcs[0].key, 100);
}

std::shared_ptr<TokenGraphContent> madeUpGraph(qint64 tokens, double amount = 60, bool isCausal = true) {
  HeatmapRecipe recipe;
  recipe.tokens = tokens;
  recipe.isCausal = isCausal;
  return std::make_shared<TokenGraphContent>(tokenGraph(*madeUpHeatmap(recipe), {Keep::Mass, amount, {}}));
}

TEST(TokenGraph, ListsTheArcsOfATokenTheStrongestFirst) {
  const auto content = madeUpGraph(28);
  const ArcsOfToken arcs = arcsOf(*content, 20);
  ASSERT_FALSE(arcs.in.empty());
  EXPECT_GE(arcs.shareIn, 0.6 - 1e-6);
  for (size_t i = 1; i < arcs.in.size(); ++i)
    EXPECT_GE(std::abs(arcs.in[i - 1].alpha), std::abs(arcs.in[i].alpha));
  for (const GraphArc& arc : arcs.in) EXPECT_EQ(arc.query, 20);
  for (const GraphArc& arc : arcs.out) EXPECT_EQ(arc.key, 20);
}

TEST(TokenGraph, CaptionSaysWhatIsKept) {
  const auto content = madeUpGraph(6);
  EXPECT_TRUE(content->caption.contains(QStringLiteral("strongest entries that hold 60 % of its Σ|α|: ")));
  EXPECT_TRUE(content->caption.endsWith(entriesText(content->kept) + QLatin1Char('.')));
}

// ---- layout and painting

constexpr QRectF kArea(0, 0, 800, 500);

TEST(GraphLayout, FindsEveryTokenAtItsNodeAndLabel) {
  const auto content = madeUpGraph(28);
  const GraphLayout layout = layoutGraph(*content, kArea, {}, {});
  for (qint64 token = 0; token < 28; ++token) {
    const double x = nodeX(*content, layout, token);
    EXPECT_EQ(graphTokenAt(*content, layout, {x, layout.line}), token);
    EXPECT_EQ(graphTokenAt(*content, layout, {x, layout.labels + 5}), token);
  }
  EXPECT_FALSE(graphTokenAt(*content, layout, {400, layout.plot.top() + 5}));
}

TEST(GraphLayout, KeepsTheLongestArcInsideWhateverTheShape) {
  for (const bool isCausal : {true, false})
    for (const QRectF& area : {QRectF(0, 0, 1400, 240), QRectF(0, 0, 300, 700), kArea}) {
      const auto content = madeUpGraph(28, 60, isCausal);
      const GraphLayout layout = layoutGraph(*content, area, {}, {});
      double widest = 0.0;
      for (const GraphArc& arc : content->kept.arcs)
        widest =
            std::max(widest, std::abs(nodeX(*content, layout, arc.query) - nodeX(*content, layout, arc.key)));
      EXPECT_LE(widest / 2.0 * layout.ratio, layout.above + 1e-6);
      EXPECT_GT(layout.line, layout.legend.bottom());
      EXPECT_EQ(layout.below > 0.0, !isCausal);
      EXPECT_LE(layout.line + layout.below, layout.labels);
    }
}

TEST(GraphLayout, MovesButKeepsTheShapeOfArcsWhenPanned) {
  const auto content = madeUpGraph(200);
  const GraphLayout a = layoutGraph(*content, kArea, {40, 0, 30, 0}, {}),
                    b = layoutGraph(*content, kArea, {90, 0, 30, 0}, {});
  EXPECT_EQ(a.ratio, b.ratio);
  EXPECT_EQ(a.line, b.line);
  EXPECT_EQ(a.perToken, b.perToken);
  EXPECT_NEAR(a.xOf(50.0) - b.xOf(50.0), 50.0 * a.perToken, 1e-6);
}

TEST(GraphLayout, DrawsMoreOfThemWhereFewerTokensAreShown) {
  const auto content = madeUpGraph(400, 99);
  const auto all = static_cast<qint64>(content->kept.arcs.size()) - content->kept.onDiagonal;
  const GraphLayout whole = layoutGraph(*content, kArea, {}, {});
  EXPECT_EQ(whole.drawn, 600);
  EXPECT_EQ(whole.nearest, 5);  // 2 pixels a token
  const GraphLayout near = layoutGraph(*content, kArea, {0, 0, 50, 0}, {});
  EXPECT_EQ(near.drawn, static_cast<qint64>(600 * std::pow(8.0, 0.8)));
  EXPECT_EQ(near.nearest, 0);
  const auto few = madeUpGraph(400, 1);
  const auto kept = static_cast<qint64>(few->kept.arcs.size()) - few->kept.onDiagonal;
  EXPECT_LT(near.drawn, all);
  EXPECT_EQ(layoutGraph(*few, kArea, {}, {}).drawn, kept);
  EXPECT_EQ(layoutGraph(*few, kArea, {}, {}).nearest, 0);
}

QImage painted(const TokenGraphContent& content, const GraphLayout& layout, const QRectF& clip) {
  QImage image(800, 500, QImage::Format_RGB32);
  image.fill(Theme::light().canvas);
  QPainter painter(&image);
  paintGraphArcs(painter, content, layout, {}, clip, 1.0);
  return image;
}

TEST(GraphPainter, PartsOfThePictureMeet) {
  // One long negative arc: its dashes go on from part to part.
  TokenGraphContent content = *madeUpGraph(28);
  content.kept.arcs = {{27, 0, -1.0F, 1.0F}};
  const GraphLayout layout = layoutGraph(content, kArea, {}, {});
  const QImage whole = painted(content, layout, kArea);
  int different = 0, inked = 0;
  for (int part = 0; part < 8; ++part) {
    const QImage image = painted(content, layout, QRectF(part * 100, 0, 100, 500));
    for (int y = 0; y < 500; ++y)
      for (int x = part * 100; x < part * 100 + 100; ++x) {
        different += std::abs(qGray(image.pixel(x, y)) - qGray(whole.pixel(x, y))) > 40;
        inked += qGray(whole.pixel(x, y)) < 200;
      }
  }
  EXPECT_GT(inked, 1000);
  EXPECT_LT(different, inked / 50);
}

TEST(GraphPainter, DrawsLaterKeysBelowTheLine) {
  TokenGraphContent content = *madeUpGraph(28, 60, false);
  const auto inkOf = [&](GraphArc arc) {
    content.kept.arcs = {arc};
    const GraphLayout layout = layoutGraph(content, kArea, {}, {});
    const QImage image = painted(content, layout, kArea);
    std::pair<int, int> ink;
    for (int y = 0; y < 500; ++y)
      for (int x = 0; x < 800; ++x)
        if (qGray(image.pixel(x, y)) < 200) ++(y < layout.line ? ink.first : ink.second);
    return ink;
  };
  const auto earlier = inkOf({20, 4, 1.0F, 1.0F}), later = inkOf({4, 20, 1.0F, 1.0F});
  EXPECT_GT(earlier.first, 100);
  EXPECT_LT(earlier.second, 20);
  EXPECT_GT(later.second, 100);
  EXPECT_LT(later.first, 20);
}

TEST(GraphPainter, ColorsContrastWithBothGrounds) {
  TokenGraphContent content = *madeUpGraph(8);
  for (const ColorMap map : {ColorMap::RdBu, ColorMap::PuOr, ColorMap::Vik, ColorMap::Viridis})
    for (const Theme& theme : {Theme::light(), Theme::dark()}) {
      content.colors = map;
      const GraphColors colors = graphColors(content, theme);
      EXPECT_GE(contrast(colors.positive, theme.canvas), 3.0);
      EXPECT_GE(contrast(colors.negative, theme.canvas), 3.0);
    }
}

TEST(GraphPainter, NegativeArcsAreDashedAndWidthsGrowWithTheMagnitude) {
  const auto content = madeUpGraph(28);
  const GraphLayout layout = layoutGraph(*content, kArea, {}, {});
  const float most = content->largest();
  const auto pen = [&](float part) { return graphPen(*content, {1, 0, part * most, 0.0F}, {}, layout); };
  EXPECT_NEAR(pen(1.0F).widthF(), 5.2, 1e-6);
  EXPECT_NEAR(pen(0.5F).widthF(), 0.6 + 4.6 * std::pow(0.5, 0.8), 1e-6);
  EXPECT_EQ(pen(0.5F).style(), Qt::SolidLine);
  EXPECT_EQ(pen(-0.5F).style(), Qt::CustomDashLine);
}

TEST(TokenGraphFigure, IsVectorsAndTextAtTheHeightThatItAsksFor) {
  auto content = madeUpGraph(28);
  content->choice.token = 20;
  const TokenGraphFigure figure(content);
  const QByteArray svg = encodeFigure(figure, {}, "svg", "{}");
  EXPECT_TRUE(svg.contains("<text"));
  EXPECT_TRUE(svg.contains(content->title.left(20).toUtf8()));
  EXPECT_FALSE(svg.contains("<image"));
  EXPECT_GT(svg.count("<path"), 50);
  const QSizeF size = figureSizeMm(figure, {});
  EXPECT_NEAR(size.width(), 85.0, 0.01);
  EXPECT_GT(size.height(), 40.0);
  EXPECT_LT(size.height(), 85.0);
}

TEST(TokenGraphFigure, OfNothingIsPaintedWithoutArcs) {
  auto content = std::make_shared<TokenGraphContent>();
  const TokenGraphFigure figure(content);
  EXPECT_FALSE(renderFigure(figure, {}).isNull());
}

}  // namespace
}  // namespace uc
