// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "tests/widgets/heatmap_fixture.h"
#include "widgets/paint/figure.h"

#include <gtest/gtest.h>

#include <cmath>

namespace uc {
namespace {

HeatmapSource source(qint64 tokens, bool isUnsigned = false) {
  HeatmapRecipe recipe;
  recipe.tokens = tokens;
  recipe.isSigned = !isUnsigned;
  const auto made = madeUpHeatmap(recipe);
  HeatmapSource result;
  result.values = made->map;
  result.grid = made->grid;
  result.isUnsigned = isUnsigned;
  result.tokens = made->tokens;
  result.modelName = QStringLiteral("mamba-130m");
  result.dtype = QStringLiteral("float32");
  return result;
}

ViewState laneView() {
  ViewState view;
  view.map.layer = 3;
  view.map.lanes = {LaneChoice::Kind::Lane, 345, Merge::Mean};
  return view;
}

TEST(HeatmapContent, NamesTheConventionInTitleLegendAndCaption) {
  ViewState view = laneView();
  view.display.range = ValueRange{-0.4, 0.4};
  HeatmapSource given = source(3);
  given.values.values = {0.5F, 0, 0, 0.1F, 0.6F, 0, -0.9F, 0.2F, 0.3F};
  given.badgeLine = QStringLiteral("This map gives 94.1 % of the layer’s output; layer check 2.4e−7.");
  const HeatmapContent content = heatmapContent(given, view);
  EXPECT_EQ(content.title, QStringLiteral("Layer 3, lane 345: unified implicit attention"));
  EXPECT_EQ(content.legend, QStringLiteral("unified α, lane 345, raw signed"));
  EXPECT_EQ(
      content.caption,
      QStringLiteral("mamba-130m, float32. α = gate · scan · activation · convolution; no skip, no biases.\n"
                     "Raw signed, range ±0.40, 2 cells above it, 1 cell below it (corner mark). Hatched: not "
                     "attended.\n"
                     "This map gives 94.1 % of the layer’s output; layer check 2.4e−7."));
}

TEST(HeatmapContent, OfAMergeIsUnsignedAndSequential) {
  ViewState view;
  view.map.layer = 0;
  const HeatmapContent content = heatmapContent(source(8, true), view);
  EXPECT_EQ(content.scale.map(), ColorMap::Viridis);
  EXPECT_EQ(content.scale.range().low, 0.0);
  EXPECT_EQ(content.legend, QStringLiteral("unified α, mean-abs, raw"));
}

TEST(HeatmapContent, SaysWhatIsUnusual) {
  ViewState view = laneView();
  view.map.factors = custom({Factor::Scan, Factor::Skip, Factor::NoStep});
  view.map.direction = Direction::Backward;
  view.display.colorMap = ColorMap::Jet;
  view.display.gamma = 0.5;
  HeatmapSource given = source(8);
  given.grid = {0, 16, 0, 16, 2, false, false};
  given.values.at(5, 1) = std::nanf("");
  const HeatmapContent content = heatmapContent(given, view);
  for (const char* words :
       {"α = scan without Δ · skip; no other factors, no biases.", "gamma 0.500",
        "A cell is the mean of 2 × 2 entries.", "Crossed: NaN, 1 cell.", "Colors: jet, as published."}) {
    EXPECT_TRUE(content.caption.contains(QString::fromUtf8(words))) << words << '\n'
                                                                    << content.caption.toStdString();
  }
  EXPECT_FALSE(content.caption.contains(QStringLiteral("Hatched")));
  EXPECT_TRUE(content.title.endsWith(QStringLiteral(", backward")));
  EXPECT_TRUE(content.legend.contains(QStringLiteral("jet as published")));
}

TEST(FigureStyle, HasNoTypeUnderSixPoints) {
  FigureOptions options;
  options.textPt = 5.0;
  const HeatmapStyle style = figureStyle(options, 1.0);
  for (double size : {style.title, style.axis, style.tick, style.token}) EXPECT_GE(size, 6.0);
  EXPECT_EQ(figureStyle({}, 1.0).title, 8.0);
  EXPECT_EQ(figureStyle({}, 2.0).axis, 14.0);
}

TEST(HeatmapFigure, HasTheWidthThatWasAskedForAndTheMockUpsShape) {
  const HeatmapFigure figure(std::make_shared<HeatmapContent>(heatmapContent(source(28), laneView())));
  const QSizeF size = figureSizeMm(figure, {});
  EXPECT_DOUBLE_EQ(size.width(), 85.0);
  EXPECT_GT(size.height(), 78.0);
  EXPECT_LT(size.height(), 92.0);
  const QImage image = renderFigure(figure, {});
  EXPECT_EQ(image.width(), 1004);
  EXPECT_EQ(image.height(), std::lround(size.height() / 25.4 * 300.0));
}

/// Nothing may be clipped: a margin of 1 pt around the figure keeps the ground's color.
void expectFreeMargin(const QImage& image, const QColor& ground, int margin, const std::string& what) {
  const auto row = [&](int y) {
    for (int x = 0; x < image.width(); ++x) {
      if (QColor(image.pixel(x, y)) != ground) return false;
    }
    return true;
  };
  const auto col = [&](int x) {
    for (int y = 0; y < image.height(); ++y) {
      if (QColor(image.pixel(x, y)) != ground) return false;
    }
    return true;
  };
  for (int i = 0; i < margin; ++i) {
    EXPECT_TRUE(row(i)) << what << ": top";
    EXPECT_TRUE(row(image.height() - 1 - i)) << what << ": bottom";
    EXPECT_TRUE(col(i)) << what << ": left";
    EXPECT_TRUE(col(image.width() - 1 - i)) << what << ": right";
  }
}

TEST(HeatmapFigure, IsNeverClippedAtAnyWidth) {
  for (double width : {40.0, 60.0, 85.0, 180.0}) {
    for (qint64 tokens : {1, 5, 28, 60, 300}) {
      for (bool isBare : {false, true}) {
        HeatmapSource given = source(tokens);
        given.tokens.back() = QStringLiteral(" incomprehensibilities");
        given.modelName = QStringLiteral("a-model-with-quite-a-long-name-1.3b-finetuned");
        ViewState view = laneView();
        view.display.colorMap = ColorMap::Viridis;
        view.map.lanes = {LaneChoice::Kind::Head, 12, Merge::PositiveMean};
        const HeatmapFigure figure(std::make_shared<HeatmapContent>(heatmapContent(given, view)));
        FigureOptions options;
        options.widthMm = width;
        options.dpi = 144.0;
        options.showTitle = options.showCaption = !isBare;
        const std::string what =
            std::to_string(tokens) + " tokens at " + std::to_string(width) + " mm" + (isBare ? ", bare" : "");
        expectFreeMargin(renderFigure(figure, options), QColor(Qt::white), 2, what);
      }
    }
  }
}

TEST(HeatmapFigure, LabelsStayApartAndWholeInItsOwnLayout) {
  for (double width : {40.0, 60.0, 85.0, 180.0}) {
    for (qint64 tokens : {1, 5, 28, 60, 120, 300, 2000}) {
      const HeatmapContent content = heatmapContent(source(tokens), laneView());
      FigureOptions options;
      const HeatmapStyle style = figureStyle(options, 20.0);
      const double units = width / 25.4 * 1440.0;
      const HeatmapLayout layout = layoutHeatmap(content, QRectF(0, 0, units, 1e6), {}, style, false);
      const AxisLabels labels = axisLabels(content, layout, style);
      EXPECT_FALSE(labels.queries.empty());
      for (size_t i = 1; i < labels.queries.size(); ++i) {
        EXPECT_LE(labels.queries[i - 1].box.bottom(), labels.queries[i].box.top() + 1e-6)
            << tokens << ' ' << width;
      }
      for (size_t i = 1; i < labels.keys.size(); ++i) {
        EXPECT_LE(labels.keys[i - 1].box.right(), labels.keys[i].box.left() + 1e-6) << tokens << ' ' << width;
      }
      for (const auto& label : labels.queries) {
        EXPECT_TRUE(width < 85.0 || !label.token.contains(QChar(0x2026))) << label.token.toStdString();
        EXPECT_GT(label.box.left(), 0.0);
      }
    }
  }
}

TEST(HeatmapFigure, DarkAndTransparentGroundsAreKept) {
  const HeatmapFigure figure(std::make_shared<HeatmapContent>(heatmapContent(source(5), laneView())));
  FigureOptions options;
  options.isDark = true;
  EXPECT_EQ(QColor(renderFigure(figure, options).pixel(1, 1)), Theme::dark().canvas);
  options.isTransparent = true;
  const QImage image = renderFigure(figure, options);
  EXPECT_TRUE(image.hasAlphaChannel());
  EXPECT_EQ(qAlpha(image.pixel(1, 1)), 0);
}

TEST(HeatmapFigure, ShowsTheViewportInWholeCells) {
  ViewState view = laneView();
  view.viewport = {4.3, 10.2, 5.0, 5.0};
  const HeatmapContent content = heatmapContent(source(28), view);
  const HeatmapLayout layout =
      layoutHeatmap(content, QRectF(0, 0, 4000, 1e6), content.viewport, figureStyle({}, 20.0), false);
  EXPECT_EQ(layout.viewport, (Viewport{4.0, 10.0, 6.0, 6.0}));
}

TEST(HeatmapFigure, ShowsTheLockedCellWhenAsked) {
  ViewState view = laneView();
  view.locked = Cell{20, 10};
  const HeatmapFigure figure(std::make_shared<HeatmapContent>(heatmapContent(source(28), view)));
  FigureOptions options;
  const auto accents = [&] {
    const QImage image = renderFigure(figure, options);
    int count = 0;
    for (int y = 0; y < image.height(); ++y) {
      for (int x = 0; x < image.width(); ++x) count += QColor(image.pixel(x, y)) == Theme::light().accent;
    }
    return count;
  };
  EXPECT_EQ(accents(), 0);
  options.showCrosshair = true;
  EXPECT_GT(accents(), 100);
}

}  // namespace
}  // namespace uc
