// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/gl_choice.h"

#include <QGuiApplication>
#include <QOffscreenSurface>
#include <QOpenGLContext>
#include <QOpenGLFunctions>

namespace uc {
namespace {

GlSupport ask() {
  const QString platform = QGuiApplication::platformName();
  if (platform == QLatin1String("offscreen") || platform.startsWith(QLatin1String("minimal"))) {
    return GlSupport::None;
  }
  QOpenGLContext context;
  context.setFormat(heatmapGlFormat());
  if (!context.create()) return GlSupport::None;
  // The shaders fetch float texels by index: OpenGL 3.3 or OpenGL ES 3.0.
  const auto needed = context.isOpenGLES() ? qMakePair(3, 0) : qMakePair(3, 3);
  if (context.format().version() < needed) return GlSupport::None;
  QOffscreenSurface surface;
  surface.setFormat(context.format());
  surface.create();
  if (!surface.isValid() || !context.makeCurrent(&surface)) return GlSupport::None;
  const auto* text = reinterpret_cast<const char*>(context.functions()->glGetString(GL_RENDERER));
  const QString renderer = QString::fromLatin1(text == nullptr ? "" : text);
  context.doneCurrent();
  for (const char* software : {"llvmpipe", "softpipe", "swiftshader", "software"}) {
    if (renderer.contains(QLatin1String(software), Qt::CaseInsensitive)) return GlSupport::Software;
  }
  return renderer.isEmpty() ? GlSupport::None : GlSupport::Hardware;
}

}  // namespace

GlSupport glSupport() {
  static const GlSupport support = ask();
  return support;
}

QSurfaceFormat heatmapGlFormat() {
  QSurfaceFormat format;
  format.setVersion(3, 3);
  format.setProfile(QSurfaceFormat::CoreProfile);
  format.setDepthBufferSize(0);
  // QPainter draws clip paths through the stencil buffer.
  format.setStencilBufferSize(8);
  return format;
}

}  // namespace uc
