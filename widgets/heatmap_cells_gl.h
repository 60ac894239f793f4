// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "widgets/paint/heatmap_painter.h"

#include <QOpenGLShaderProgram>

#include <array>
#include <memory>
#include <vector>

namespace uc {

/// A rectangle of a map that becomes one texture.
struct CellTile {
  qint64 row = 0, col = 0, rows = 0, cols = 0;
};

/// Cuts a map into tiles of at most `limit` cells a side.
std::vector<CellTile> cellTiles(qint64 rows, qint64 cols, qint64 limit);

/// The shown values at which the color changes: color k of ColorScale::table() begins at entry k (entry 0 is
/// never asked). By them the shader finds exactly the color that ColorScale::color() gives, whatever its
/// arithmetic.
std::array<float, 256> colorThresholds(const ColorScale& scale);

/// The cells of heatmaps by OpenGL: values as float textures, color by look-up in the fragment
/// shader. Unattended cells are left out, NaN and Inf get the NaN ground: the same pixels as paintCells().
/// Every function, and the destructor, needs the same current context (OpenGL 3.3 core or OpenGL ES 3.0).
class HeatmapCellsGl {
 public:
  HeatmapCellsGl();
  ~HeatmapCellsGl();
  HeatmapCellsGl(const HeatmapCellsGl&) = delete;
  HeatmapCellsGl& operator=(const HeatmapCellsGl&) = delete;

  /// Takes the contents that are drawn, one over the other, and uploads those that are new. `tileLimit` 0: as
  /// the context allows.
  void setContents(const HeatmapTiles& contents, qint64 tileLimit = 0);
  /// Draws into the current framebuffer, whose size is `pixels`.
  void draw(const HeatmapLayout& layout, const Theme& theme, const QSize& pixels, double pixelRatio);

 private:
  struct Texture;
  struct Tile;
  struct Colors;
  struct Picture;
  Picture uploaded(const std::shared_ptr<const HeatmapContent>& content);
  std::shared_ptr<const Colors> colorsOf(const ColorScale& scale, const std::vector<Picture>& others);
  void drawPicture(const Picture& picture, const HeatmapLayout& layout, const QSize& pixels,
                   double pixelRatio);

  std::vector<Picture> m_pictures;
  QOpenGLShaderProgram m_program;
  GLuint m_vertexArray = 0;
  qint64 m_tileLimit = 0;
};

}  // namespace uc
