// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

// Pictures for a person to look at: set UNDERCURRENT_PICTURES to a folder. On a display with OpenGL they are
// drawn by both canvases.

#include "tests/widgets/heatmap_fixture.h"
#include "widgets/heatmap_view.h"

#include <QApplication>
#include <QTest>

#include <gtest/gtest.h>

namespace uc {
namespace {

struct Case {
  const char* name;
  QSize size;
  HeatmapRecipe recipe;
  bool isDark = false;
  Viewport viewport;
  std::optional<Cell> locked, hovered;
};

std::vector<Case> cases() {
  HeatmapRecipe unsignedMap{.isSigned = false, .hasOddValues = true};
  HeatmapRecipe narrow;
  narrow.display.range = ValueRange{-0.4, 0.4};
  HeatmapRecipe backward = narrow;
  backward.isBackward = true;
  const HeatmapRecipe large{.tokens = 400};
  const HeatmapRecipe pooled{.tokens = 4096, .pool = 8};
  return {{"main", {864, 636}, narrow, false, {}, Cell{27, 11}, {}},
          {"main-dark", {864, 636}, narrow, true, {}, Cell{27, 11}, Cell{14, 5}},
          {"unsigned", {560, 480}, unsignedMap, false, {}, {}, Cell{20, 8}},
          {"backward", {640, 560}, backward, false, {}, Cell{5, 20}, {}},
          {"zoomed", {864, 636}, narrow, false, {9.3, 10.1, 11.0, 11.0}, Cell{18, 11}, Cell{14, 12}},
          {"large", {864, 636}, large, false, {}, Cell{300, 120}, {}},
          {"large-zoomed", {864, 636}, large, true, {100.0, 120.0, 60.0, 60.0}, {}, Cell{150, 120}},
          {"pooled", {1200, 900}, pooled, false, {}, {}, Cell{3000, 800}},
          {"small", {320, 280}, narrow, false, {}, Cell{20, 5}, {}},
          {"tiny", {200, 160}, narrow, true, {}, {}, {}}};
}

void save(HeatmapView& view, const Case& shown, const QString& path) {
  view.resize(shown.size);
  view.setTheme(shown.isDark ? Theme::dark() : Theme::light());
  view.setContent(madeUpHeatmap(shown.recipe));
  view.setOverlay(QStringLiteral("1 : 1, exact"), QStringLiteral("tile 0.6 ms"));
  view.setViewport(shown.viewport);
  view.setLocked(shown.locked);
  view.setHovered(shown.hovered);
  view.show();
  EXPECT_TRUE(view.grab().save(path));
}

TEST(HeatmapPictures, AreSavedWhereAPersonWantsToSeeThem) {
  const QString folder = qEnvironmentVariable("UNDERCURRENT_PICTURES");
  if (folder.isEmpty()) GTEST_SKIP() << "UNDERCURRENT_PICTURES is not set";
  for (const Case& shown : cases()) {
    for (const auto& [canvas, suffix] :
         {std::pair{HeatmapView::Canvas::Raster, "raster"}, {HeatmapView::Canvas::OpenGl, "gl"}}) {
      HeatmapView view(nullptr, canvas);
      if (canvas == HeatmapView::Canvas::OpenGl && !view.isOpenGl()) continue;
      save(view, shown,
           QStringLiteral("%1/%2-%3.png").arg(folder, QLatin1String(shown.name), QLatin1String(suffix)));
    }
  }
}

}  // namespace
}  // namespace uc
