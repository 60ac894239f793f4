// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "widgets/paint/heatmap_painter.h"

#include <QImage>

#include <memory>

namespace uc {

/// Everything that a canvas paints, made by the view for each paint. A value.
struct HeatmapScene {
  std::shared_ptr<const HeatmapContent> content;
  std::shared_ptr<const HeatmapContent> backdrop;  // coarser, under the content; may be null
  HeatmapLayout layout;
  HeatmapStyle style;
  HeatmapMarks marks;
  double opacity = 1.0;  // of the picture on the theme's canvas
};

/// A heatmap by QPainter. What does not follow the pointer is kept as one image, so that a hover costs a copy
/// and a crosshair, and the colors of the cells are kept apart from it, so that a pan does not look them up
/// again. GUI thread.
class HeatmapCanvasRaster {
 public:
  enum class Cells { Drawn, LeftOut };
  explicit HeatmapCanvasRaster(Cells cells) : m_cells(cells) {}

  /// Paints the scene into the whole of the painter's device, `size` device-independent pixels.
  void paint(QPainter& painter, const HeatmapScene& scene, const QSize& size, double pixelRatio);
  /// The same as an image, transparent where nothing is painted: what the OpenGL canvas puts over its cells.
  const QImage& picture(const HeatmapScene& scene, const QSize& size, double pixelRatio);

 private:
  /// The colored cells of a content, made again when content or theme changes.
  struct Colored {
    std::shared_ptr<const HeatmapContent> content;
    bool isDark = false;
    QImage image;
    const QImage& of(const std::shared_ptr<const HeatmapContent>& wanted, const Theme& theme);
  };
  bool isCurrent(const HeatmapScene& scene, const QSize& size, double pixelRatio) const;
  void renew(const HeatmapScene& scene, const QSize& size, double pixelRatio);

  Cells m_cells;
  QImage m_still, m_picture;
  HeatmapScene m_scene;     // of m_still
  HeatmapScene m_pictured;  // of m_picture
  Colored m_content, m_backdrop;
};

/// The theme's canvas over a finished picture, as much as the scene's opacity asks for.
void paintFading(QPainter& painter, const HeatmapScene& scene, const QSize& size);

}  // namespace uc
