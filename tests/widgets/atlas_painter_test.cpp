// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/values/error.h"
#include "tests/widgets/atlas_fixture.h"
#include "widgets/paint/atlas_figure.h"
#include "widgets/paint/atlas_index.h"
#include "widgets/paint/atlas_summary.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <set>

namespace uc {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

LaneStatistics lane(int64_t layer, int64_t index, double distance, double entropy, double share = 0.5) {
  LaneStatistics result;
  result.layer = layer;
  result.lane = index;
  result.meanDistance = distance;
  result.entropy = entropy;
  result.outputShare = share;
  return result;
}

QString labelsOf(const std::vector<AtlasAxis::Tick>& ticks) {
  QStringList labels;
  for (const AtlasAxis::Tick& tick : ticks) labels << tick.label;
  return labels.join(QLatin1Char(' '));
}

std::vector<LaneRef> refsOf(const AtlasContent& content) {
  std::vector<LaneRef> refs;
  for (const uint32_t i : content.selected) refs.push_back(content.lanes().refOf(i));
  return refs;
}

// ---- axes

TEST(AtlasAxis, PlacesDistancesByTheLogarithmFromZero) {
  const AtlasAxis axis(atlasColumn("mean_distance"), {{0.1, 20.0}});
  EXPECT_EQ(axis.placeOf(0.0), 0.0);
  EXPECT_NEAR(axis.placeOf(20.0), 1.0, 1e-12);
  EXPECT_NEAR(axis.placeOf(3.0), std::log(4.0) / std::log(21.0), 1e-12);
  for (const double value : {0.0, 0.3, 2.0, 19.0})
    EXPECT_NEAR(axis.valueAt(axis.placeOf(value)), value, 1e-9);
  EXPECT_EQ(labelsOf(axis.ticks(0.075)), QStringLiteral("0 0.5 1 2 3 5 7 10 15 20"));
}

TEST(AtlasAxis, KeepsItsTicksApartAndInOrder) {
  for (const char* name :
       {"mean_distance", "entropy", "diagonal_share", "sign_balance", "output_share", "lane"}) {
    for (const double high : {1e-3, 0.3, 1.0, 7.0, 64.0, 1535.0, 60000.0}) {
      const AtlasAxis axis(atlasColumn(name), {{0.0, high}, std::min(1.0, high / 10.0)});
      for (const double gap : {0.05, 0.13, 0.4}) {
        const auto ticks = axis.ticks(gap);
        ASSERT_FALSE(ticks.empty()) << name << high;
        for (size_t i = 0; i < ticks.size(); ++i) {
          EXPECT_GE(ticks[i].place, 0.0) << name << high;
          EXPECT_LE(ticks[i].place, 1.0 + 1e-9) << name << high;
          EXPECT_GE(ticks[i].place - (i > 0 ? ticks[i - 1].place : -1.0), gap - 1e-9) << name << high;
        }
      }
    }
  }
}

TEST(AtlasAxis, HasInfinityAtItsEnd) {
  const AtlasAxis axis(atlasColumn("half_life"), {{0.0, 50.0}, 1.0, true});
  EXPECT_EQ(axis.placeOf(kInfinity), 1.0);
  EXPECT_LT(axis.placeOf(50.0), 0.95);
  EXPECT_EQ(axis.ticks(0.1).back().label, QStringLiteral("∞"));
  EXPECT_EQ(axis.ticks(0.1).back().place, 1.0);
  EXPECT_TRUE(std::isfinite(axis.valueAt(1.0)));  // a file can hold it
  EXPECT_EQ(axis.placeOf(axis.valueAt(1.0)), 1.0);
  EXPECT_TRUE(std::isnan(axis.placeOf(kNan)));
}

TEST(AtlasAxis, WritesSharesInPerCentAndBalancesWithASign) {
  EXPECT_EQ(valueText(atlasColumn("diagonal_share"), 0.084), QStringLiteral("8.4 %"));
  EXPECT_EQ(valueText(atlasColumn("output_share"), 0.00004), QStringLiteral("0.004 %"));
  EXPECT_EQ(valueText(atlasColumn("sign_balance"), 0.31), QStringLiteral("+0.31"));
  EXPECT_EQ(valueText(atlasColumn("entropy"), 2.41), QStringLiteral("2.41 bits"));
  EXPECT_EQ(valueText(atlasColumn("half_life"), kInfinity), QStringLiteral("∞"));
  EXPECT_EQ(rangeText(atlasColumn("mean_distance"), 3.2, 4.5), QStringLiteral("3.2 … 4.5 tokens"));
  EXPECT_EQ(labelsOf(AtlasAxis(atlasColumn("diagonal_share"), {{0.0, 1.0}}).ticks(0.2)),
            QStringLiteral("0 25 50 75 100"));
}

// ---- content

TEST(AtlasContent, CountsWhatIsNotANumberAndLeavesItOut) {
  const auto content =
      atlasContent(atlasLanes({lane(0, 0, 1, 1), lane(0, 1, kNan, 1), lane(0, 2, 2, kNan)}), {});
  EXPECT_EQ(content.cloud->points.size(), 1U);
  EXPECT_EQ(content.cloud->notNumbers, 2);
  EXPECT_EQ(refsOf(content), (std::vector<LaneRef>{{0, 0}}));
  EXPECT_TRUE(content.caption.contains(QStringLiteral("NaN: 2")));
}

TEST(AtlasContent, DrawsEveryLaneOnceInAnOrderWithoutLayers) {
  const auto content = madeUpAtlas(5, 77);
  std::set<uint32_t> seen;
  for (const auto& point : content->cloud->points) seen.insert(point.lane);
  EXPECT_EQ(seen.size(), 5U * 77U);
  EXPECT_EQ(content->cloud->points.size(), seen.size());
  std::set<int64_t> layersOfTheFirst;
  for (size_t i = 0; i < 20; ++i)
    layersOfTheFirst.insert(content->lanes().lanes[content->cloud->points[i].lane].layer);
  EXPECT_EQ(layersOfTheFirst.size(), 5U);
}

TEST(AtlasContent, FiltersByRolesLayersAndHalfLife) {
  std::vector<LaneStatistics> lanes = {lane(0, 0, 1, 1), lane(1, 0, 2, 1), lane(2, 0, 3, 1),
                                       lane(3, 0, 4, 1)};
  lanes[1].roles = Roles().with(Role::Window).with(Role::Dead);
  lanes[2].roles = Roles().with(Role::Periodic);
  lanes[3].halfLife = kInfinity;
  const auto all = atlasLanes(lanes);
  AtlasChoice choice;
  choice.roles = Roles().with(Role::Dead).with(Role::Periodic);
  EXPECT_EQ(atlasContent(all, choice).cloud->points.size(), 2U);
  EXPECT_EQ(atlasContent(all, choice).cloud->ghosts.size(), 2U);
  choice = {};
  choice.firstLayer = 1;
  EXPECT_EQ(atlasContent(all, choice).cloud->points.size(), 3U);
  choice.lastLayer = 1;
  EXPECT_EQ(refsOf(atlasContent(all, choice)), (std::vector<LaneRef>{{1, 0}}));
  choice = {};
  choice.leastHalfLife = 5.0;
  EXPECT_EQ(refsOf(atlasContent(all, choice)), (std::vector<LaneRef>{{3, 0}}));
}

TEST(AtlasContent, SortsTheBrushByFallingValueWithEqualsInOrderAndNanLast) {
  AtlasChoice choice;
  choice.brush = AtlasChoice::Brush{5.0, 1.0, 0.0, 2.0};  // its ends may be swapped
  const auto content =
      atlasContent(atlasLanes({lane(2, 0, 3, 1, 0.5), lane(0, 4, 3, 1, kNan), lane(1, 1, 3, 1, 0.5),
                               lane(0, 5, 3, 1, 0.7), lane(0, 6, 0.9, 1, 0.9), lane(0, 7, 3, 2.1, 0.9)}),
                   choice);
  EXPECT_EQ(refsOf(content), (std::vector<LaneRef>{{0, 5}, {1, 1}, {2, 0}, {0, 4}}));
}

TEST(AtlasContent, ABrushComesBackFromItsPlaces) {
  const auto content = madeUpAtlas(4, 50);
  const AtlasChoice::Brush brush{1.0, 4.0, 0.5, 2.5};
  const AtlasChoice::Brush again = brushOf(*content->cloud, placesOf(*content->cloud, brush));
  EXPECT_NEAR(again.x0, brush.x0, 1e-9);
  EXPECT_NEAR(again.x1, brush.x1, 1e-9);
  EXPECT_NEAR(again.y0, brush.y0, 1e-9);
  EXPECT_NEAR(again.y1, brush.y1, 1e-9);
}

TEST(AtlasContent, ABrushToTheEndOfTheAxisHoldsInfinity) {
  AtlasChoice choice;
  choice.x = "half_life";
  const auto all = madeUpAtlas(4, 200, choice);
  choice.brush = brushOf(*all->cloud, {0.98, 0.0, 1.0, 1.0});
  const auto content = atlasContent(all->cloud->lanes, choice, all.get());
  ASSERT_FALSE(content.selected.empty());
  for (const uint32_t i : content.selected) EXPECT_TRUE(std::isinf(content.lanes().lanes[i].halfLife));
}

TEST(AtlasContent, SharesItsCloudWhereOnlyBrushAndOrderDiffer) {
  const auto before = madeUpAtlas(3, 20);
  AtlasChoice choice;
  choice.brush = AtlasChoice::Brush{0, 1, 0, 1};
  choice.sort = "entropy";
  EXPECT_EQ(atlasContent(before->cloud->lanes, choice, before.get()).cloud, before->cloud);
  choice.color = "roles";
  EXPECT_NE(atlasContent(before->cloud->lanes, choice, before.get()).cloud, before->cloud);
}

TEST(AtlasContent, CountsRolesInItsLegend) {
  AtlasChoice choice;
  choice.color = "roles";
  std::vector<LaneStatistics> lanes = {lane(0, 0, 1, 1), lane(0, 1, 1, 1), lane(0, 2, 1, 1)};
  lanes[1].roles = lanes[2].roles = Roles().with(Role::Window);
  const AtlasLegend legend = atlasContent(atlasLanes(lanes), choice).cloud->legend;
  ASSERT_EQ(legend.roles.size(), 2U);
  EXPECT_EQ(legend.roles[0].count, 2);
  EXPECT_EQ(legend.roles[1].mark, 0);
  EXPECT_EQ(legend.roles[1].count, 1);
}

TEST(AtlasContent, RefusesAColumnThatDoesNotExist) {
  AtlasChoice choice;
  choice.x = "weight";
  try {
    atlasContent(atlasLanes({}), choice);
    FAIL() << "no failure";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.error().where, "weight");
    EXPECT_NE(failure.error().todo.find("mean_distance"), std::string::npos);
  }
}

// ---- painter

class AtlasPainterTest : public testing::Test {
 protected:
  void use(const AtlasChoice& choice, int64_t layers = 6, int64_t lanes = 200) {
    content = madeUpAtlas(layers, lanes, choice);
    layout = layoutAtlas(*content, QRectF(0, 0, 640, 400), style);
  }
  QImage painted(const AtlasMarks& marks = {}) const {
    QImage image(640, 400, QImage::Format_RGB32);
    image.fill(style.theme.canvas);
    QPainter painter(&image);
    paintAtlas(painter, *content, layout, style, marks);
    return image;
  }
  HeatmapStyle style;
  std::shared_ptr<const AtlasContent> content;
  AtlasLayout layout;
};

TEST_F(AtlasPainterTest, PutsALaneWhereItsStatisticsAre) {
  AtlasChoice choice;
  content = std::make_shared<const AtlasContent>(
      atlasContent(atlasLanes({lane(0, 0, 0, 0), lane(1, 0, 20, 4), lane(1, 1, 3, 1)}), choice));
  layout = layoutAtlas(*content, QRectF(0, 0, 640, 400), style);
  const QImage image = painted();
  const auto& table = colorTable(ColorMap::Viridis);
  const auto colorAt = [&](const LaneRef& at) {
    return image.pixelColor(pointOf(*content, layout, at)->toPoint());
  };
  // 80 % of the color, on white
  const auto mixed = [](QRgb color) { return 0.8 * qRed(color) + 0.2 * 255; };
  EXPECT_NEAR(colorAt({0, 0}).red(), mixed(table[0]), 3);
  EXPECT_NEAR(colorAt({1, 1}).red(), mixed(table[255]), 3);
  EXPECT_NEAR(pointOf(*content, layout, {1, 0})->x(), layout.plot.right(), 1e-6);
  EXPECT_NEAR(pointOf(*content, layout, {0, 0})->y(), layout.plot.bottom(), 1e-6);
  EXPECT_FALSE(pointOf(*content, layout, {7, 0}));
}

TEST_F(AtlasPainterTest, RolesDifferInShape) {
  std::set<std::vector<bool>> shapes;
  for (int mark = 0; mark <= static_cast<int>(allRoles().size()); ++mark) {
    QImage image(12, 12, QImage::Format_RGB32);
    image.fill(Qt::white);
    QPainter painter(&image);
    painter.translate(6, 6);
    painter.fillPath(rolePath(mark, 9.0), Qt::black);
    painter.end();
    std::vector<bool> shape;
    for (int i = 0; i < 144; ++i) shape.push_back(qGray(image.pixel(i % 12, i / 12)) < 128);
    shapes.insert(shape);
  }
  EXPECT_EQ(shapes.size(), allRoles().size() + 1);
}

TEST_F(AtlasPainterTest, FilteredLanesArePale) {
  AtlasChoice choice;
  choice.firstLayer = 1;
  content = std::make_shared<const AtlasContent>(
      atlasContent(atlasLanes({lane(0, 0, 5, 1), lane(1, 0, 1, 3)}), choice));
  layout = layoutAtlas(*content, QRectF(0, 0, 640, 400), style);
  const QColor pale = painted().pixelColor(pointOf(*content, layout, {0, 0})->toPoint());
  EXPECT_LT(contrast(pale, style.theme.canvas), 1.5);
  EXPECT_NE(pale, style.theme.canvas);
}

TEST_F(AtlasPainterTest, TheLegendTakesTheEmptiestCorner) {
  std::vector<LaneStatistics> lanes;
  for (int i = 0; i < 500; ++i) lanes.push_back(lane(0, i, 10.0 + i * 0.02, 3.0 + 0.002 * i));
  content = std::make_shared<const AtlasContent>(atlasContent(atlasLanes(lanes), {}));
  layout = layoutAtlas(*content, QRectF(0, 0, 640, 400), style);
  for (const auto& point : content->cloud->points)
    EXPECT_FALSE(
        layout.legend.contains(layout.toPoint(static_cast<double>(point.x), static_cast<double>(point.y))));
  EXPECT_TRUE(layout.frame.contains(layout.legend));
}

TEST_F(AtlasPainterTest, TilesShowEachLaneInItsPlace) {
  AtlasChoice choice;
  choice.x = "lane";
  choice.y = "layer";
  choice.color = "entropy";
  use(choice, 3, 4);
  ASSERT_TRUE(content->cloud->isTiled);
  style.showColorbar = false;
  layout = layoutAtlas(*content, QRectF(0, 0, 640, 400), style);
  const QImage image = painted();
  const auto& table = colorTable(ColorMap::Viridis);
  for (const auto& point : content->cloud->points) {
    const QPoint at = layout.toPoint(static_cast<double>(point.x), static_cast<double>(point.y)).toPoint();
    EXPECT_EQ(image.pixel(at), table[point.tone]) << point.lane;
  }
}

TEST_F(AtlasPainterTest, NarrowTilesHaveTheMeanOfTheirLanes) {
  std::vector<LaneStatistics> lanes;
  for (int i = 0; i < 4000; ++i) lanes.push_back(lane(0, i, 1.0, i % 2 == 0 ? 0.0 : 4.0));
  AtlasChoice choice;
  choice.x = "lane";
  choice.y = "layer";
  choice.color = "entropy";
  content = std::make_shared<const AtlasContent>(atlasContent(atlasLanes(lanes), choice));
  layout = layoutAtlas(*content, QRectF(0, 0, 290, 400), style);
  const QImage image = atlasImage(*content, layout, style.theme, 1.0);
  const QColor middle(colorTable(ColorMap::Viridis)[127]);
  EXPECT_NEAR(QColor(image.pixel(image.width() / 2, 5)).green(), middle.green(), 12);
}

TEST_F(AtlasPainterTest, FindsTheNearestPointAsASearchOverAllDoes) {
  use({});
  const AtlasIndex index(content->cloud, layout);
  std::mt19937 random(3);
  int found = 0;
  for (int i = 0; i < 2000; ++i) {
    const QPointF at(static_cast<int>(random() % 640), static_cast<int>(random() % 400));
    std::optional<uint32_t> expected;
    double least = 36.0;
    for (const auto& point : content->cloud->points) {
      const QPointF way = layout.toPoint(static_cast<double>(point.x), static_cast<double>(point.y)) - at;
      const double distance = QPointF::dotProduct(way, way);
      if (distance > least + 1e-4) continue;
      if (distance < least - 1e-4 || !expected) expected = point.lane, least = distance;
    }
    const auto nearest = index.nearest(at, 6.0);
    ASSERT_EQ(nearest.has_value(), expected.has_value()) << i;
    if (!nearest) continue;
    ++found;
    const auto way = *pointOf(*content, layout, content->lanes().refOf(*nearest)) - at;
    EXPECT_NEAR(QPointF::dotProduct(way, way), least, 1e-3);
  }
  EXPECT_GT(found, 100);
}

TEST_F(AtlasPainterTest, TheBrushIsOverItsLanesAndHasEightHandles) {
  AtlasChoice choice;
  choice.brush = AtlasChoice::Brush{1.0, 4.0, 1.0, 3.0};
  use(choice);
  const QRectF box = layout.toRect(placesOf(*content->cloud, *choice.brush));
  for (const uint32_t i : content->selected)
    EXPECT_TRUE(box.adjusted(-1e-3, -1e-3, 1e-3, 1e-3)
                    .contains(*pointOf(*content, layout, content->lanes().refOf(i))));
  AtlasMarks marks;
  marks.hasHandles = true;
  const QImage image = painted(marks);
  for (const QRectF& handle : brushHandles(box, 1.0)) {
    if (!layout.frame.contains(handle)) continue;
    EXPECT_EQ(image.pixelColor(handle.center().toPoint()), style.theme.base);
  }
}

// ---- figure

TEST(AtlasFigure, HasPointsAsVectorsWhenFewAndAsOnePictureWhenMany) {
  FigureOptions options;
  options.widthMm = 120.0;
  const AtlasFigure few(madeUpAtlas(4, 60)), many(madeUpAtlas(8, 700));
  const QByteArray small = encodeFigure(few, options, "svg", ""),
                   large = encodeFigure(many, options, "svg", "");
  EXPECT_GT(small.count("<path"), 240);
  EXPECT_EQ(small.count("<image"), 1);  // the legend's bar
  EXPECT_LT(large.count("<path"), 100);
  EXPECT_EQ(large.count("<image"), 2);
  EXPECT_TRUE(large.contains("mean distance, tokens"));
  EXPECT_TRUE(large.contains("5,600 lanes of 8 layers"));
  EXPECT_LT(large.size(), 3'000'000);
}

TEST(AtlasFigure, IsAsWideAsAskedAndKeepsItsShape) {
  for (const double width : {120.0, 180.0}) {
    FigureOptions options;
    options.widthMm = width;
    const AtlasFigure figure(madeUpAtlas(3, 40));
    const QSizeF size = figureSizeMm(figure, options);
    EXPECT_NEAR(size.width(), width, 1e-6);
    EXPECT_GT(size.height(), 0.6 * width);
    EXPECT_LT(size.height(), 0.85 * width);
  }
}

// ---- summaries

TEST(AtlasSummary, SaysOfALaneWhereItIsAmongAllAndWhatDecidedItsRoles) {
  std::vector<LaneStatistics> lanes;
  for (int i = 0; i < 9; ++i) lanes.push_back(lane(0, i, i, 1));
  lanes[3].roles = Roles().with(Role::FirstTokenSink);
  lanes[3].firstTokenShare = 0.36;
  lanes[3].previousShare = 0.061;
  const auto content = atlasContent(atlasLanes(lanes), {});
  const auto summary = laneSummary(content, {0, 3});
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->name, QStringLiteral("L0 C3"));
  const StatisticBand& distance = summary->statistics[0];
  EXPECT_EQ(distance.value, QStringLiteral("3.0 tokens"));
  EXPECT_NEAR(distance.lower, std::log1p(2.0) / std::log1p(8.0), 1e-12);
  EXPECT_NEAR(distance.upper, std::log1p(6.0) / std::log1p(8.0), 1e-12);
  EXPECT_NEAR(distance.place, std::log1p(3.0) / std::log1p(8.0), 1e-12);
  const auto noteOf = [&](Role role) {
    return *std::find_if(summary->roles.begin(), summary->roles.end(),
                         [role](const RoleNote& note) { return note.role == roleTitle(role); });
  };
  EXPECT_EQ(noteOf(Role::PreviousToken).note, QStringLiteral("no, 6.1 %"));
  EXPECT_EQ(noteOf(Role::FirstTokenSink).note, QStringLiteral("yes, 36.0 %"));
  EXPECT_TRUE(noteOf(Role::FirstTokenSink).isOn);
  EXPECT_FALSE(laneSummary(content, {1, 0}));
}

TEST(AtlasSummary, SaysOfTheBrushWhatItHolds) {
  AtlasChoice choice;
  choice.brush = AtlasChoice::Brush{1.0, 5.0, 0.0, 9.0};
  const auto content =
      atlasContent(atlasLanes({lane(0, 0, 2, 1, 0.1), lane(1, 0, 4, 2, 0.2), lane(1, 1, 7, 3, 0.8)}), choice);
  const SelectionSummary summary = selectionSummary(content);
  EXPECT_EQ(summary.count, 2);
  EXPECT_EQ(summary.of, 3);
  ASSERT_EQ(summary.rows.size(), 4U);
  EXPECT_EQ(summary.rows[0].value, QStringLiteral("0 … 1"));
  EXPECT_EQ(summary.rows[1].value, QStringLiteral("2.0 … 4.0 tokens"));
  EXPECT_EQ(summary.rows[2].value, QStringLiteral("1.00 … 2.00 bits"));
  EXPECT_EQ(summary.rows[3].value, QStringLiteral("15.0 % of all layers"));
  EXPECT_EQ(summary.line, QStringLiteral("atlas: 2 of 3 lanes in the brush"));
}

TEST(AtlasSummary, ALayerHasTheBarsOfItsMiddleLane) {
  std::vector<LaneStatistics> lanes = {lane(0, 0, 1, 1), lane(0, 1, 3, 2), lane(0, 2, 50, 3),
                                       lane(2, 0, 100, 4)};
  lanes[0].halfLife = lanes[1].halfLife = kInfinity;
  const auto prints = layerFingerprints(*atlasLanes(lanes));
  ASSERT_EQ(prints.size(), 3U);
  EXPECT_FALSE(prints[1]);
  EXPECT_NEAR(prints[0]->bars[0], std::log1p(3.0) / std::log1p(100.0), 1e-12);
  EXPECT_NEAR(prints[0]->bars[1], 0.5, 1e-12);
  EXPECT_EQ(prints[0]->bars[5], 1.0);
  EXPECT_TRUE(prints[0]->words.startsWith(QStringLiteral("mean distance 3.0 tokens, entropy 2.00 bits")));
}

}  // namespace
}  // namespace uc
