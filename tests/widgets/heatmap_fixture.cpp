// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "tests/widgets/heatmap_fixture.h"

#include <cmath>
#include <limits>
#include <random>

namespace uc {

std::shared_ptr<const HeatmapContent> madeUpHeatmap(const HeatmapRecipe& recipe) {
  static const char* const kWords[] = {"In",     " the",  " est",     "uary",   ",",      " the",  " current",
                                       " under", " the",  " pier",    " runs",  " north", ".",     " When",
                                       " the",   " tide", " turns",   " in",    " the",   " est",  "uary",
                                       ",",      " the",  " current", " under", " the",   " pier", " runs"};
  auto content = std::make_shared<HeatmapContent>();
  const qint64 cells = (recipe.tokens + recipe.pool - 1) / recipe.pool;
  content->grid = {0, recipe.tokens, 0, recipe.tokens, recipe.pool, recipe.isCausal, recipe.isBackward};
  content->map = Matrix(cells, cells);
  std::mt19937 random(7);
  for (qint64 i = 0; i < cells; ++i) {
    for (qint64 j = 0; j < cells; ++j) {
      if (!content->grid.isAttended(i, j)) continue;
      const double noise = static_cast<double>(random()) / 4294967296.0 - 0.5;
      const double near = std::exp(-std::abs(static_cast<double>(i - j)) / 3.0);
      const double value = 0.5 * near + 0.25 * noise + (j == 0 ? 0.2 : 0.0);
      content->map.at(i, j) = static_cast<float>(recipe.isSigned ? value : std::abs(value));
    }
  }
  if (recipe.hasOddValues) {
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    content->map.at(0, 0) = std::numeric_limits<float>::quiet_NaN();
    content->map.at(1, 1) = kInfinity;
    content->map.at(2, 2) = -kInfinity;
  }
  content->shown = normalize(content->map, content->grid, !recipe.isSigned, recipe.display.normalization);
  content->scale = ColorScale(recipe.display, content->shown.isSigned, content->shown.extent);
  for (qint64 t = 0; t < recipe.tokens; ++t) content->tokens.push_back(QString::fromLatin1(kWords[t % 28]));
  content->title = QStringLiteral("Layer 3, lane 345: unified implicit attention");
  content->legend = QStringLiteral("unified α, lane 345, raw signed");
  content->caption = QStringLiteral(
      "mamba-130m, float32. α = gate · scan · activation · convolution.\n"
      "Raw signed, range ±0.40. Hatched: not attended.");
  return content;
}

}  // namespace uc
