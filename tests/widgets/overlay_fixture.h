// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "widgets/paint/image_overlay.h"

#include <functional>

namespace uc {

/// A grid of 3 × 4 patches of 10 pixels with the class token in the middle, on gray.
inline VisionInfo madeUpVision() {
  VisionInfo vision;
  vision.height = 30, vision.width = 40;
  vision.patch = vision.stride = 10;
  vision.gridRows = 3, vision.gridCols = 4;
  vision.classToken = 6;
  return vision;
}

/// Its map: entry (t, s) is 0.01 · (t + s), larger where `peak` is the key.
inline HeatmapContent madeUpVisionMap(const VisionInfo& vision, bool isCausal = false, int64_t peak = 5) {
  HeatmapContent map;
  const qint64 tokens = vision.tokens();
  map.grid = {0, tokens, 0, tokens, 1, isCausal, false};
  map.map = Matrix(tokens, tokens);
  for (qint64 t = 0; t < tokens; ++t)
    for (qint64 s = 0; s < tokens; ++s)
      if (map.grid.isAttended(t, s))
        map.map.at(t, s) = 0.01F * static_cast<float>(t + s) + (s == peak ? 0.5F : 0.0F);
  map.shown = normalize(map.map, map.grid, true, Normalization::Raw);
  map.scale = ColorScale({}, false, map.shown.extent);
  map.legend = QStringLiteral("unified α, mean-abs, raw");
  map.title = QStringLiteral("Layer 17");
  map.caption = QStringLiteral("vim, float32.");
  return map;
}

using OverlayEdit = std::function<void(ViewState&)>;
inline std::shared_ptr<const OverlayContent> madeUpOverlay(int64_t query, const OverlayEdit& edit = {},
                                                           bool isCausal = false) {
  QImage gray(40, 30, QImage::Format_RGB32);
  gray.fill(QColor(120, 120, 120));
  ViewState view;
  view.overlay.query = query;
  if (edit) edit(view);
  const VisionInfo vision = madeUpVision();
  return std::make_shared<const OverlayContent>(
      overlayContent(madeUpVisionMap(vision, isCausal), gray, vision, view));
}

}  // namespace uc
