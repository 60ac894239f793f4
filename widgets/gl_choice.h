// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <QSurfaceFormat>

namespace uc {

/// What OpenGL is good for here. Asked once, by making a context that draws nothing; needs a
/// QGuiApplication.
enum class GlSupport {
  None,      // no context, or a platform on which QOpenGLWidget cannot live (`offscreen`, `minimal`)
  Software,  // llvmpipe and the like: the same picture, slower than the raster canvas
  Hardware
};
GlSupport glSupport();

/// The context that the heatmap asks for: OpenGL 3.3 core.
QSurfaceFormat heatmapGlFormat();

}  // namespace uc
