// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "widgets/paint/heatmap_painter.h"

#include <memory>

namespace uc {

/// How a made-up heatmap is to be. The values are the same on every machine.
struct HeatmapRecipe {
  qint64 tokens = 28;
  qint64 pool = 1;
  bool isSigned = true;
  bool isCausal = true;
  bool isBackward = false;
  bool hasOddValues = false;  // NaN, +Inf and −Inf on the diagonal's first cells
  Display display = {};
};

std::shared_ptr<const HeatmapContent> madeUpHeatmap(const HeatmapRecipe& recipe = {});

}  // namespace uc
