// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "widgets/paint/atlas_painter.h"
#include "widgets/paint/figure.h"

namespace uc {

/// A channel atlas on paper: axes, legend and words as vectors, more than 5,000 points as one picture. Marks
/// are drawn where the style shows the crosshair.
class AtlasFigure : public Figure {
 public:
  explicit AtlasFigure(std::shared_ptr<const AtlasContent> content, AtlasMarks marks = {})
      : m_content(std::move(content)), m_marks(std::move(marks)) {}
  double heightFor(double width, const HeatmapStyle& style) const override;
  void paint(QPainter& painter, const QRectF& area, const HeatmapStyle& style) const override;

 private:
  std::shared_ptr<const AtlasContent> m_content;
  AtlasMarks m_marks;
};

}  // namespace uc
