// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/heatmap_view.h"

#include "widgets/chart_role.h"
#include "widgets/gl_choice.h"
#include "widgets/heatmap_view_private.h"

#include <QElapsedTimer>
#include <QResizeEvent>

#include <algorithm>
#include <cmath>

namespace uc {
namespace {

constexpr double kStaleOpacity = 0.45;

bool wantsGl(HeatmapView::Canvas canvas) {
  if (canvas == HeatmapView::Canvas::Automatic) {
    const QByteArray word = qgetenv("UNDERCURRENT_CANVAS").toLower();
    if (word == "opengl") canvas = HeatmapView::Canvas::OpenGl;
    if (word == "raster") canvas = HeatmapView::Canvas::Raster;
  }
  switch (canvas) {
    case HeatmapView::Canvas::Raster:
      return false;
    case HeatmapView::Canvas::OpenGl:
      return glSupport() != GlSupport::None;
    case HeatmapView::Canvas::Automatic:
      return glSupport() == GlSupport::Hardware;
  }
  return false;
}

bool isInside(const Cell& cell, const Viewport& bounds) {
  const auto row = static_cast<double>(cell.row), col = static_cast<double>(cell.col);
  return row >= bounds.top && row < bounds.top + bounds.height && col >= bounds.left &&
         col < bounds.left + bounds.width;
}

QRectF scaled(const QRectF& rect, double factor) { return {rect.topLeft() * factor, rect.size() * factor}; }

// Laid out in device pixels, so that cells are whole numbers of them on screens of any density.
HeatmapLayout deviceLayout(const HeatmapContent& content, const QRect& area, const Viewport& viewport,
                           const HeatmapStyle& style, double pixelRatio) {
  HeatmapStyle fine = style;
  for (double HeatmapStyle::*size : {&HeatmapStyle::title, &HeatmapStyle::axis, &HeatmapStyle::tick,
                                     &HeatmapStyle::token, &HeatmapStyle::line, &HeatmapStyle::hatchStep}) {
    fine.*size *= pixelRatio;
  }
  HeatmapLayout layout = layoutHeatmap(content, scaled(area, pixelRatio), viewport, fine, true);
  for (QRectF HeatmapLayout::*rect : {&HeatmapLayout::area, &HeatmapLayout::cells, &HeatmapLayout::colorbar,
                                      &HeatmapLayout::title, &HeatmapLayout::caption}) {
    layout.*rect = scaled(layout.*rect, 1.0 / pixelRatio);
  }
  for (double HeatmapLayout::*size :
       {&HeatmapLayout::scale, &HeatmapLayout::labelWidth, &HeatmapLayout::labelHeight}) {
    layout.*size /= pixelRatio;
  }
  return layout;
}

}  // namespace

HeatmapView::Private::Private(HeatmapView& owner, Canvas canvas) : view(owner) {
  style.isFigure = false;
  style.showTitle = false;
  style.showCaption = false;
  glide.setStartValue(0.0);
  glide.setEndValue(1.0);
  glide.setEasingCurve(QEasingCurve::OutCubic);
  if (!wantsGl(canvas)) return;
  glCanvas = std::make_unique<HeatmapCanvasGl>(
      HeatmapCanvasGl::Source{[this] { return scene(); }, [this] { return overlayState(); },
                              [this](const ImguiOverlay::Edits& edits) { applyEdits(edits); }},
      &view);
}

HeatmapView::Private::~Private() = default;

HeatmapView::HeatmapView(QWidget* parent, Canvas canvas)
    : QWidget(parent), m_d(std::make_unique<Private>(*this, canvas)) {
  giveChartRole<HeatmapView>();
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  setAttribute(Qt::WA_OpaquePaintEvent);
  setAccessibleName(tr("Heatmap"));
  connect(&m_d->glide, &QVariantAnimation::valueChanged, this, [this](const QVariant& value) {
    if (!m_d->onWay) return;
    const Viewport bounds = m_d->bounds();
    const Viewport now =
        between(spelledOut(m_d->glideStart, bounds), spelledOut(m_d->wanted, bounds), value.toDouble());
    m_d->onWay = value.toDouble() < 1.0 ? std::optional(now) : std::nullopt;
    m_d->pictureChanged();
  });
}

HeatmapView::~HeatmapView() = default;

void HeatmapView::setContent(std::shared_ptr<const HeatmapContent> content) {
  if (content == m_d->content) return;
  m_d->content = std::move(content);
  m_d->tiles.clear();
  m_d->tilePool = 0;
  m_d->isCovered = false;
  m_d->frame = m_d->content;
  const Viewport bounds = m_d->bounds();
  if (m_d->hovered && !isInside(*m_d->hovered, bounds)) m_d->hovered.reset();
  if (m_d->locked && !isInside(*m_d->locked, bounds)) m_d->locked.reset();
  m_d->pictureChanged();
  m_d->tellPlot();
  m_d->markedCellChanged();
}

std::shared_ptr<const HeatmapContent> HeatmapView::content() const { return m_d->content; }

void HeatmapView::setTiles(HeatmapTiles tiles, qint64 pool, bool isCovered) {
  if (m_d->content == nullptr) return;
  if (pool != m_d->tilePool) m_d->frame = pool > 0 ? tileFrame(*m_d->content, pool) : m_d->content;
  m_d->tiles = std::move(tiles);
  m_d->tilePool = pool;
  m_d->isCovered = isCovered;
  m_d->covered = m_d->wanted;
  m_d->update();
}

void HeatmapView::setTheme(const Theme& theme) {
  m_d->style.theme = theme;
  m_d->pictureChanged();
}

void HeatmapView::setViewport(const Viewport& viewport) {
  if (viewport == m_d->wanted && !m_d->onWay) return;
  m_d->stopGliding();
  m_d->wanted = viewport;
  m_d->pictureChanged();
}

Viewport HeatmapView::viewport() const { return m_d->wanted; }

void HeatmapView::setLocked(std::optional<Cell> cell) {
  if (cell == m_d->locked) return;
  m_d->locked = cell;
  m_d->markedCellChanged();
}

void HeatmapView::setHovered(std::optional<Cell> cell) {
  if (cell == m_d->hovered) return;
  m_d->hovered = cell;
  m_d->markedCellChanged();
}

void HeatmapView::setReadOut(const QString& spoken, std::vector<ReadOutLine> lines) {
  m_d->spoken = spoken;
  m_d->lines = std::move(lines);
  m_d->speak();
  m_d->marksChanged();
}

void HeatmapView::setOverlay(const QString& detail, const QString& timing) {
  if (detail == m_d->detail && timing == m_d->timing) return;
  m_d->detail = detail;
  m_d->timing = timing;
  m_d->marksChanged();
}

void HeatmapView::setOverlayVisible(bool isVisible) {
  m_d->isOverlayVisible = isVisible;
  m_d->marksChanged();
}

void HeatmapView::setStale(bool isStale) {
  if (isStale == m_d->isStale) return;
  m_d->isStale = isStale;
  m_d->marksChanged();
}

double HeatmapView::drawMs() const {
  return m_d->glCanvas != nullptr ? m_d->glCanvas->drawMs() : m_d->drawMs;
}

bool HeatmapView::isOpenGl() const { return m_d->glCanvas != nullptr; }

HeatmapLayout HeatmapView::layout() const { return m_d->currentLayout(); }

void HeatmapView::zoomBy(double factor, const QPointF& about) {
  if (m_d->content == nullptr) return;
  const HeatmapLayout now = m_d->currentLayout();
  m_d->stopGliding();
  m_d->moveTo(zoomed(now, m_d->bounds(), factor, about));
}

void HeatmapView::resetView() { m_d->glideTo({}); }

QSize HeatmapView::sizeHint() const { return {640, 560}; }

QSize HeatmapView::minimumSizeHint() const { return {160, 120}; }

void HeatmapView::paintEvent(QPaintEvent*) {
  if (m_d->glCanvas != nullptr) return;
  QElapsedTimer clock;
  clock.start();
  {
    QPainter painter(this);
    m_d->rasterCanvas.paint(painter, m_d->scene(), size(), devicePixelRatioF());
  }
  m_d->drawMs = static_cast<double>(clock.nsecsElapsed()) * 1e-6;
}

void HeatmapView::resizeEvent(QResizeEvent*) {
  if (m_d->glCanvas != nullptr) m_d->glCanvas->setGeometry(rect());
  m_d->pictureChanged();
  m_d->tellPlot();
}

HeatmapScene HeatmapView::Private::scene() {
  // The tiles were chosen for one viewport; on its way to somewhere the view crosses others.
  const bool isAllTiles = isCovered && !onWay && wanted == covered;
  return {content,
          tiles,
          frame,
          isAllTiles,
          currentLayout(),
          style,
          {locked, hovered},
          isStale ? kStaleOpacity : 1.0};
}

void HeatmapView::Private::tellPlot() {
  const HeatmapLayout& now = currentLayout();
  if (now.cells.isEmpty()) return;
  const double perToken = now.cells.width() * layoutRatio / now.viewport.width;
  const double pixels = perToken * std::max(now.viewport.width, now.viewport.height);
  if (std::abs(pixels - plotPixels) < 0.5) return;
  plotPixels = pixels;
  Q_EMIT view.plotResized(pixels);
}

Viewport HeatmapView::Private::bounds() const {
  return content == nullptr ? Viewport{} : boundsOf(content->grid);
}

const HeatmapLayout& HeatmapView::Private::currentLayout() {
  // The ratio changes without a resize when the window moves to another screen.
  const double ratio = view.devicePixelRatioF();
  if (isLayoutCurrent && ratio == layoutRatio) return layout;
  isLayoutCurrent = true;
  layoutRatio = ratio;
  layout = {};
  if (content == nullptr) return layout;
  const Viewport shown = keptInside(onWay.value_or(wanted), bounds());
  layout = deviceLayout(*content, view.rect(), shown, style, ratio);
  return layout;
}

std::optional<Cell> HeatmapView::Private::cellUnder(const QPointF& point) {
  if (content == nullptr) return std::nullopt;
  return cellAt(*frame, currentLayout(), point);
}

const HeatmapContent& HeatmapView::Private::shownAt(const Cell& cell) const {
  const auto holds = [&cell](const std::shared_ptr<const HeatmapContent>& tile) {
    return isInside(cell, boundsOf(tile->grid));
  };
  const auto tile = std::find_if(tiles.rbegin(), tiles.rend(), holds);
  return tile == tiles.rend() ? *content : **tile;
}

std::optional<OverlayState> HeatmapView::Private::overlayState() const {
  if (!isOverlayVisible || content == nullptr) return std::nullopt;
  OverlayState state;
  if (const auto cell = markedCell()) {
    state.query = tokenAt(*content, cell->row);
    state.key = tokenAt(*content, cell->col);
    state.lines = lines.empty() ? readOutLines(shownAt(*cell), *cell) : lines;
  }
  state.detail = detail;
  state.timing = timing;
  state.scale = content->scale;
  state.extent = content->shown.extent;
  return state;
}

void HeatmapView::Private::pictureChanged() {
  isLayoutCurrent = false;
  update();
}

void HeatmapView::Private::marksChanged() { update(); }

void HeatmapView::Private::markedCellChanged() {
  spoken.clear();
  lines.clear();
  speak();
  update();
}

void HeatmapView::Private::speak() {
  const auto cell = markedCell();
  QString text = spoken;
  if (text.isEmpty() && cell && content != nullptr)
    text = spokenReadOut(*content, *cell, valueAt(shownAt(*cell), *cell));
  view.setAccessibleDescription(text);
}

void HeatmapView::Private::update() {
  if (glCanvas != nullptr) {
    glCanvas->update();
  } else {
    view.update();
  }
}

void HeatmapView::Private::applyEdits(const ImguiOverlay::Edits& edits) {
  if (edits.range) Q_EMIT view.rangeEdited(*edits.range);
  if (edits.gamma) Q_EMIT view.gammaEdited(*edits.gamma);
  update();
}

}  // namespace uc
