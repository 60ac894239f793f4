// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/heatmap_canvas_raster.h"

#include <cmath>

namespace uc {
namespace {

// All but what follows the pointer and the state of the pane.
bool hasSameStill(const HeatmapScene& a, const HeatmapScene& b) {
  return a.content == b.content && a.backdrop == b.backdrop && a.layout.viewport == b.layout.viewport &&
         a.layout.cells == b.layout.cells && a.layout.colorbar == b.layout.colorbar &&
         a.style.theme.isDark == b.style.theme.isDark;
}

bool isSame(const HeatmapScene& a, const HeatmapScene& b) {
  return hasSameStill(a, b) && a.marks.locked == b.marks.locked && a.marks.hovered == b.marks.hovered;
}

}  // namespace

const QImage& HeatmapCanvasRaster::Colored::of(const std::shared_ptr<const HeatmapContent>& wanted,
                                               const Theme& theme) {
  if (wanted != content || theme.isDark != isDark || image.isNull()) {
    content = wanted;
    isDark = theme.isDark;
    image = cellImage(*wanted, theme);
  }
  return image;
}

bool HeatmapCanvasRaster::isCurrent(const HeatmapScene& scene, const QSize& size, double pixelRatio) const {
  return !m_still.isNull() && m_still.size() == (QSizeF(size) * pixelRatio).toSize() &&
         m_still.devicePixelRatio() == pixelRatio && hasSameStill(m_scene, scene);
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
  QPainter painter(&m_still);
  const HeatmapContent& content = *scene.content;
  if (isOpaque) {
    if (scene.backdrop != nullptr) {
      paintCells(painter, *scene.backdrop, scene.layout, scene.style,
                 m_backdrop.of(scene.backdrop, scene.style.theme));
    }
    paintCells(painter, content, scene.layout, scene.style, m_content.of(scene.content, scene.style.theme));
  }
  if (scene.backdrop != nullptr) paintHatch(painter, *scene.backdrop, scene.layout, scene.style);
  paintHatch(painter, content, scene.layout, scene.style);
  paintCellMarks(painter, content, scene.layout, scene.style);
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
  paintAxes(painter, *scene.content, scene.layout, scene.style, scene.marks);
  paintCrosshair(painter, *scene.content, scene.layout, scene.style, scene.marks);
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
