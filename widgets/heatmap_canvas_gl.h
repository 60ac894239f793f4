// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "widgets/heatmap_canvas_raster.h"
#include "widgets/heatmap_cells_gl.h"
#include "widgets/imgui_overlay.h"

#include <QOpenGLWidget>

#include <functional>
#include <memory>

namespace uc {

/// The OpenGL canvas of a HeatmapView: cells by shader, the rest by the painters of the raster canvas on top,
/// then the overlay. It fills its view and takes no input: the view owns the gestures. Make one only where
/// glSupport() is not None.
class HeatmapCanvasGl : public QOpenGLWidget {
 public:
  /// What to paint, asked at each paint.
  struct Source {
    std::function<HeatmapScene()> scene;
    std::function<std::optional<OverlayState>()> overlay;    // nothing: hidden
    std::function<void(const ImguiOverlay::Edits&)> edited;  // after the paint
  };
  HeatmapCanvasGl(Source source, QWidget* parent);
  ~HeatmapCanvasGl() override;

  /// Null before the first paint, and on OpenGL ES, where the overlay is absent.
  ImguiOverlay* overlay() const { return m_overlay.get(); }
  double drawMs() const { return m_drawMs; }  // of the last paint

 protected:
  void initializeGL() override;
  void paintGL() override;

 private:
  void releaseGl();
  void drawCells(const HeatmapScene& scene, const QSize& pixels, double pixelRatio);
  void drawOverlay(const HeatmapScene& scene);

  Source m_source;
  HeatmapCanvasRaster m_painted{HeatmapCanvasRaster::Cells::LeftOut};
  std::unique_ptr<HeatmapCellsGl> m_cells;
  std::unique_ptr<ImguiOverlay> m_overlay;
  double m_drawMs = 0.0;
};

}  // namespace uc
