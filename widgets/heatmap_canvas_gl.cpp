// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/heatmap_canvas_gl.h"

#include "widgets/gl_choice.h"

#include <QElapsedTimer>
#include <QOpenGLContext>
#include <QOpenGLFunctions>
#include <QOpenGLPaintDevice>

namespace uc {
namespace {

constexpr QSizeF kLeastPlot{320.0, 260.0};

}  // namespace

HeatmapCanvasGl::HeatmapCanvasGl(Source source, QWidget* parent)
    : QOpenGLWidget(parent), m_source(std::move(source)) {
  setFormat(heatmapGlFormat());
  setAttribute(Qt::WA_TransparentForMouseEvents);
  setFocusPolicy(Qt::NoFocus);
}

HeatmapCanvasGl::~HeatmapCanvasGl() {
  if (context() == nullptr) return;
  // Not through the signal: by the time QOpenGLWidget's own destructor sends it, this object is gone.
  QObject::disconnect(context(), nullptr, this, nullptr);
  makeCurrent();
  releaseGl();
  doneCurrent();
}

void HeatmapCanvasGl::initializeGL() {
  // A pane that moves to another window gets another context.
  QObject::connect(context(), &QOpenGLContext::aboutToBeDestroyed, this, [this] {
    makeCurrent();
    releaseGl();
    doneCurrent();
  });
  m_cells = std::make_unique<HeatmapCellsGl>();
  // The loader inside ImGui's back end knows desktop OpenGL only.
  if (m_overlay == nullptr && !context()->isOpenGLES()) m_overlay = std::make_unique<ImguiOverlay>();
}

void HeatmapCanvasGl::releaseGl() {
  m_cells.reset();
  if (m_overlay != nullptr) m_overlay->releaseGl();
}

void HeatmapCanvasGl::paintGL() {
  QElapsedTimer clock;
  clock.start();
  const HeatmapScene scene = m_source.scene();
  const double ratio = devicePixelRatioF();
  const QSize pixels = (QSizeF(size()) * ratio).toSize();
  drawCells(scene, pixels, ratio);
  {
    // Not on `this`: while a window is grabbed, that would paint on the grabbed picture, under the cells.
    QOpenGLPaintDevice device(pixels);
    device.setDevicePixelRatio(ratio);
    QPainter painter(&device);
    painter.drawImage(QPointF(), m_painted.picture(scene, size(), ratio));
    paintFading(painter, scene, size());
  }
  m_drawMs = static_cast<double>(clock.nsecsElapsed()) * 1e-6;
  drawOverlay(scene);
}

void HeatmapCanvasGl::drawCells(const HeatmapScene& scene, const QSize& pixels, double pixelRatio) {
  const Theme& theme = scene.style.theme;
  auto& gl = *context()->functions();
  gl.glClearColor(theme.canvas.redF(), theme.canvas.greenF(), theme.canvas.blueF(), 1.0F);
  gl.glClear(GL_COLOR_BUFFER_BIT);
  if (scene.content == nullptr || scene.layout.cells.isEmpty()) return;
  HeatmapTiles contents{scene.content};
  contents.insert(contents.end(), scene.tiles.begin(), scene.tiles.end());
  m_cells->setContents(contents);
  m_cells->draw(scene.layout, theme, pixels, pixelRatio);
}

void HeatmapCanvasGl::drawOverlay(const HeatmapScene& scene) {
  if (m_overlay == nullptr) return;
  auto state = m_source.overlay();
  // In a small pane it would cover what it speaks about; the inspector has it all.
  const QSizeF plot = scene.layout.cells.size();
  if (!state || plot.width() < kLeastPlot.width() || plot.height() < kLeastPlot.height()) {
    m_overlay->hide();
    return;
  }
  state->drawing = tr("draw %1 ms").arg(m_drawMs, 0, 'f', 1);
  // In the corner that is hatched: above the diagonal of forward maps, below that of backward ones.
  const MapGrid& grid = scene.content->grid;
  const ImguiOverlay::Place place{scene.layout.cells, grid.isCausal && grid.isBackward};
  const auto edits = m_overlay->draw(*state, scene.style.theme, place, size(), devicePixelRatioF());
  if (!edits.range && !edits.gamma && !edits.isMoving) return;
  // Whoever is told changes the scene: not in the middle of a paint.
  QMetaObject::invokeMethod(
      this, [this, edits] { m_source.edited(edits); }, Qt::QueuedConnection);
}

}  // namespace uc
