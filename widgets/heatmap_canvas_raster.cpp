// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/heatmap_canvas_raster.h"

#include "widgets/viewport.h"

#include <cmath>

namespace uc {
namespace {

// All but what follows the pointer and the state of the pane.
bool hasSameStill(const HeatmapScene& a, const HeatmapScene& b) {
  return a.content == b.content && a.tiles == b.tiles && a.frame == b.frame && a.isCovered == b.isCovered &&
         a.layout.viewport == b.layout.viewport && a.layout.cells == b.layout.cells &&
         a.layout.colorbar == b.layout.colorbar && a.style.theme.isDark == b.style.theme.isDark;
}

// Of a long input: one pans over it, and each frame must be quick. Short ones are drawn as figures are.
bool isLong(const HeatmapScene& scene) { return scene.content->grid.pool > 1; }

bool isSame(const HeatmapScene& a, const HeatmapScene& b) {
  return hasSameStill(a, b) && a.marks.locked == b.marks.locked && a.marks.hovered == b.marks.hovered;
}

}  // namespace

const QImage& HeatmapCanvasRaster::colored(const std::shared_ptr<const HeatmapContent>& content,
                                           const Theme& theme) {
  Colored& colored = m_colored[content.get()];
  if (colored.content == nullptr) colored = {content, cellImage(*content, theme)};
  colored.lastFrame = m_frame;
  return colored.image;
}

void HeatmapCanvasRaster::forgetOldColors(const HeatmapScene& scene) {
  constexpr size_t kMostTiles = 256;
  constexpr int kFrames = 60;  // that a tile may be out of sight
  if (scene.style.theme.isDark != m_isDark) m_colored.clear();
  m_isDark = scene.style.theme.isDark;
  ++m_frame;
  const bool isCrowded = m_colored.size() > kMostTiles;
  std::erase_if(m_colored, [&](const auto& entry) {
    const Colored& old = entry.second;
    const bool isWhole = boundsOf(old.content->grid) == boundsOf(scene.content->grid);
    if (isWhole) return old.content != scene.content;
    return scene.tiles.empty() || isCrowded || m_frame - old.lastFrame > kFrames;
  });
}

void HeatmapCanvasRaster::paintAllCells(const HeatmapScene& scene, double pixelRatio) {
  forgetOldColors(scene);
  const auto paintOne = [&](const std::shared_ptr<const HeatmapContent>& content) {
    const QImage& image = colored(content, scene.style.theme);
    if (isLong(scene)) {
      blitCells(m_still, image, content->grid, scene.layout, pixelRatio);
      return;
    }
    QPainter painter(&m_still);
    paintCells(painter, *content, scene.layout, scene.style, image);
  };
  if (!scene.isCovered) paintOne(scene.content);
  for (const auto& tile : scene.tiles) paintOne(tile);
}

bool HeatmapCanvasRaster::isCurrent(const HeatmapScene& scene, const QSize& size, double pixelRatio) const {
  return !m_still.isNull() && m_still.size() == (QSizeF(size) * pixelRatio).toSize() &&
         m_still.devicePixelRatio() == pixelRatio && hasSameStill(m_scene, scene);
}

// A staircase of a thousand steps is not drawn in each frame.
void HeatmapCanvasRaster::hatch(const HeatmapScene& scene, double pixelRatio) {
  const MapGrid& grid = scene.frame->grid;
  if (!grid.isCausal && !grid.isBackward) return;
  const bool isSame = m_hatched.size() == m_still.size() && m_hatched.devicePixelRatio() == pixelRatio &&
                      m_hatchedCells == scene.layout.cells && m_isHatchDark == scene.style.theme.isDark;
  if (!isSame) {
    m_hatched = QImage(m_still.size(), QImage::Format_ARGB32_Premultiplied);
    m_hatched.setDevicePixelRatio(pixelRatio);
    m_hatched.fill(scene.style.theme.hatchGround);
    m_hatchedCells = scene.layout.cells;
    m_isHatchDark = scene.style.theme.isDark;
    QPainter painter(&m_hatched);
    paintHatchedPlot(painter, scene.layout, scene.style);
  }
  blitHatch(m_still, m_hatched, grid, scene.layout, pixelRatio);
}

void HeatmapCanvasRaster::renew(const HeatmapScene& scene, const QSize& size, double pixelRatio) {
  const bool isOpaque = m_cells == Cells::Drawn;
  const QSize pixels = (QSizeF(size) * pixelRatio).toSize();
  // The same memory again while the size stays: a fresh 8 MB image costs more than its painting.
  if (m_still.size() != pixels) {
    m_still = QImage(pixels, isOpaque ? QImage::Format_RGB32 : QImage::Format_ARGB32_Premultiplied);
  }
  m_still.setDevicePixelRatio(pixelRatio);
  m_still.fill(isOpaque ? scene.style.theme.canvas : QColor(Qt::transparent));
  m_scene = scene;
  if (isOpaque) paintAllCells(scene, pixelRatio);
  if (isLong(scene)) hatch(scene, pixelRatio);
  QPainter painter(&m_still);
  const HeatmapContent& content = *scene.content;
  if (!isLong(scene)) paintHatch(painter, content, scene.layout, scene.style);
  if (scene.tiles.empty()) paintCellMarks(painter, content, scene.layout, scene.style);
  for (const auto& tile : scene.tiles) paintCellMarks(painter, *tile, scene.layout, scene.style);
  paintColorbar(painter, content, scene.layout, scene.style);
}

void HeatmapCanvasRaster::paint(QPainter& painter, const HeatmapScene& scene, const QSize& size,
                                double pixelRatio) {
  if (scene.content == nullptr || scene.layout.cells.isEmpty()) {
    if (m_cells == Cells::Drawn) painter.fillRect(QRect(QPoint(), size), scene.style.theme.canvas);
    return;
  }
  if (!isCurrent(scene, size, pixelRatio)) renew(scene, size, pixelRatio);
  painter.drawImage(QPointF(), m_still);
  paintAxes(painter, *scene.frame, scene.layout, scene.style, scene.marks);
  paintCrosshair(painter, *scene.frame, scene.layout, scene.style, scene.marks);
  if (m_cells == Cells::Drawn) paintFading(painter, scene, size);
}

const QImage& HeatmapCanvasRaster::picture(const HeatmapScene& scene, const QSize& size, double pixelRatio) {
  if (!m_picture.isNull() && isCurrent(scene, size, pixelRatio) && isSame(m_pictured, scene))
    return m_picture;
  const QSize pixels = (QSizeF(size) * pixelRatio).toSize();
  m_picture = QImage(pixels, QImage::Format_ARGB32_Premultiplied);
  m_picture.setDevicePixelRatio(pixelRatio);
  m_picture.fill(Qt::transparent);
  m_pictured = scene;
  QPainter painter(&m_picture);
  paint(painter, scene, size, pixelRatio);
  return m_picture;
}

void paintFading(QPainter& painter, const HeatmapScene& scene, const QSize& size) {
  if (scene.opacity >= 1.0) return;
  QColor veil = scene.style.theme.canvas;
  veil.setAlphaF(static_cast<float>(1.0 - scene.opacity));
  painter.fillRect(QRect(QPoint(), size), veil);
}

}  // namespace uc
