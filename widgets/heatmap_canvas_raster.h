// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "widgets/paint/heatmap_painter.h"

#include <QImage>

#include <memory>
#include <unordered_map>

namespace uc {

/// Everything that a canvas paints, made by the view for each paint. A value.
struct HeatmapScene {
  std::shared_ptr<const HeatmapContent> content;  // the whole map
  HeatmapTiles tiles;                             // finer parts of it that lie on it, the finest last
  std::shared_ptr<const HeatmapContent> frame;    // what axes, hatch and crosshair follow (tileFrame)
  bool isCovered = false;  // by tiles, wherever a cell is attended: the content need not be drawn
  HeatmapLayout layout;
  HeatmapStyle style;
  HeatmapMarks marks;
  double opacity = 1.0;  // of the picture on the theme's canvas
};

/// A heatmap by QPainter. What does not follow the pointer is kept as one image, so that a hover costs a copy
/// and a crosshair, and the colors of the cells are kept apart from it, so that a pan does not look them up
/// again: tiles keep theirs while they are near. GUI thread.
class HeatmapCanvasRaster {
 public:
  enum class Cells { Drawn, LeftOut };
  explicit HeatmapCanvasRaster(Cells cells) : m_cells(cells) {}

  /// Paints the scene into the whole of the painter's device, `size` device-independent pixels.
  void paint(QPainter& painter, const HeatmapScene& scene, const QSize& size, double pixelRatio);
  /// The same as an image, transparent where nothing is painted: what the OpenGL canvas puts over its cells.
  const QImage& picture(const HeatmapScene& scene, const QSize& size, double pixelRatio);

 private:
  bool isCurrent(const HeatmapScene& scene, const QSize& size, double pixelRatio) const;
  void renew(const HeatmapScene& scene, const QSize& size, double pixelRatio);
  void paintAllCells(const HeatmapScene& scene, double pixelRatio);
  void hatch(const HeatmapScene& scene, double pixelRatio);
  const QImage& colored(const std::shared_ptr<const HeatmapContent>& content, const Theme& theme);
  void forgetOldColors(const HeatmapScene& scene);

  /// The colored cells of a content, made once for it and for the theme.
  struct Colored {
    std::shared_ptr<const HeatmapContent> content;
    QImage image;
    int lastFrame = 0;  // that used it
  };
  Cells m_cells;
  QImage m_still, m_picture;
  HeatmapScene m_scene;     // of m_still
  HeatmapScene m_pictured;  // of m_picture
  std::unordered_map<const HeatmapContent*, Colored> m_colored;
  bool m_isDark = false;  // m_colored is
  int m_frame = 0;
  QImage m_hatched;       // all of the plot, for long inputs
  QRectF m_hatchedCells;  // the plot
  bool m_isHatchDark = false;
};

/// The theme's canvas over a finished picture, as much as the scene's opacity asks for.
void paintFading(QPainter& painter, const HeatmapScene& scene, const QSize& size);

}  // namespace uc
