// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/image_overlay_view.h"

#include "widgets/chart_role.h"
#include "widgets/gestures.h"
#include "widgets/viewport.h"
#include "widgets/widget_theme.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QNativeGestureEvent>
#include <QPainter>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>
#include <utility>

namespace uc {
namespace {

std::optional<std::pair<int, int>> stepOf(const QKeyEvent& event) {
  if (event.modifiers() & ~(Qt::AltModifier | Qt::KeypadModifier)) return std::nullopt;
  return arrowStep(event);
}

QString spokenValue(const OverlayContent& content, int64_t token) {
  if (!content.isAttended(token)) return ImageOverlayView::tr("not attended");
  const auto value = static_cast<double>(content.raw[static_cast<size_t>(token)]);
  const QString number = numberText(std::abs(value));
  if (!content.scale.isSigned()) return number;
  return value < 0.0 ? ImageOverlayView::tr("minus %1").arg(number)
                     : ImageOverlayView::tr("plus %1").arg(number);
}

}  // namespace

ImageOverlayView::ImageOverlayView(QWidget* parent) : QWidget(parent) {
  giveChartRole<ImageOverlayView>();
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  setAttribute(Qt::WA_OpaquePaintEvent);
  setProperty("largeFocus", true);
  setAccessibleName(tr("Image overlay"));
}

void ImageOverlayView::setContent(std::shared_ptr<const OverlayContent> content) {
  if (content == m_content) return;
  const bool isSameSize =
      content != nullptr && m_content != nullptr && content->picture.size() == m_content->picture.size();
  m_content = std::move(content);
  if (!isSameSize) {
    m_viewport = {};
    m_drag = Drag::None;
  }
  if (m_hovered && (m_content == nullptr || *m_hovered >= m_content->tokens())) m_hovered.reset();
  describe();
  updateCursor();
  update();
}

void ImageOverlayView::setHovered(std::optional<int64_t> token) {
  if (token == m_hovered) return;
  m_hovered = token;
  describe();
  update();
}

void ImageOverlayView::setViewport(const Viewport& viewport) {
  if (viewport == m_viewport) return;
  m_viewport = viewport;
  update();
}

HeatmapStyle ImageOverlayView::style() const {
  HeatmapStyle style;
  style.theme = themeOf(*this);
  style.showTitle = style.showCaption = false;
  return style;
}

HeatmapLayout ImageOverlayView::layout() const {
  if (m_content == nullptr) return {};
  return layoutOverlay(*m_content, rect(), m_viewport, style(), devicePixelRatioF());
}

Viewport ImageOverlayView::bounds() const {
  const QSizeF size = m_content->picture.size();
  return {0.0, 0.0, size.width(), size.height()};
}

void ImageOverlayView::updateLayers(const HeatmapLayout& layout) {
  const double ratio = devicePixelRatioF();
  const QSize pixels = (layout.cells.size() * ratio).toSize();
  const bool isMoved = pixels != m_layerPixels || !(layout.viewport == m_layerViewport);
  if (isMoved || m_pictureKey != m_content->picture.cacheKey()) {
    m_scaled = scaledPicture(m_content->picture, shownPart(layout), pixels);
    m_blendedContent.reset();
    m_pictureKey = m_content->picture.cacheKey();
  }
  const Theme& theme = themeOf(*this);
  if (m_blendedContent != m_content || m_isBlendedDark != theme.isDark) {
    m_blended = blendedPicture(*m_content, m_scaled, shownPart(layout), style(), ratio);
    m_blended.setDevicePixelRatio(ratio);
    m_blendedContent = m_content;
    m_isBlendedDark = theme.isDark;
  }
  const auto isSamePath = [](const OverlayContent& a, const OverlayContent& b) {
    return a.choice.showScanPath == b.choice.showScanPath && a.showGrid == b.showGrid &&
           a.attended == b.attended && a.picture.size() == b.picture.size() &&
           a.vision.gridRows == b.vision.gridRows && a.vision.gridCols == b.vision.gridCols &&
           a.vision.stride == b.vision.stride && a.vision.patch == b.vision.patch &&
           a.vision.classToken == b.vision.classToken;
  };
  if (isMoved || m_pathContent == nullptr || !isSamePath(*m_pathContent, *m_content)) {
    m_path = QPixmap(pixels);
    m_path.fill(Qt::transparent);
    m_path.setDevicePixelRatio(ratio);
    QPainter painter(&m_path);
    painter.translate(-layout.cells.topLeft());
    paintOverlayPath(painter, *m_content, layout, style());
  }
  m_pathContent = m_content;
  m_layerPixels = pixels;
  m_layerViewport = layout.viewport;
}

void ImageOverlayView::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.fillRect(rect(), themeOf(*this).canvas);
  if (m_content == nullptr || m_content->picture.isNull()) return;
  const HeatmapLayout now = layout();
  updateLayers(now);
  painter.drawImage(now.cells.topLeft(), m_blended);
  if (m_content->choice.showScanPath || m_content->showGrid) painter.drawPixmap(now.cells.topLeft(), m_path);
  paintOverlayMarks(painter, *m_content, now, style(), m_hovered);
  paintOverlayBar(painter, *m_content, now, style());
}

void ImageOverlayView::changeEvent(QEvent* event) {
  if (event->type() == QEvent::PaletteChange) update();
  QWidget::changeEvent(event);
}

std::optional<int64_t> ImageOverlayView::tokenUnder(const QPointF& point) const {
  if (m_content == nullptr) return std::nullopt;
  return tokenAt(*m_content, layout(), point);
}

bool ImageOverlayView::isOnQuery(const QPointF& point) const { return tokenUnder(point) == m_content->query; }

void ImageOverlayView::describe() {
  if (m_content == nullptr) {
    setAccessibleDescription(tr("No picture"));
    return;
  }
  QString text = tr("Query %1").arg(patchName(m_content->vision, m_content->query));
  const auto key = m_hovered ? m_hovered : strongestKey(*m_content);
  if (key) {
    const QString name = patchName(m_content->vision, *key);
    text += (m_hovered ? tr(", key %1, %2") : tr(", strongest key %1, %2"))
                .arg(name, spokenValue(*m_content, *key));
  }
  setAccessibleDescription(text);
}

void ImageOverlayView::hover(std::optional<int64_t> token) {
  if (token == m_hovered) return;
  setHovered(token);
  Q_EMIT patchHovered(token);
}

void ImageOverlayView::moveTo(const Viewport& viewport) {
  if (viewport == m_viewport) return;
  setViewport(viewport);
  Q_EMIT viewportChanged(viewport);
}

void ImageOverlayView::zoomBy(double factor, const QPointF& about) {
  if (m_content != nullptr) moveTo(zoomed(layout(), bounds(), factor, about));
}

void ImageOverlayView::dragQuery(const QPointF& point) {
  const HeatmapLayout now = layout();
  auto token = tokenAt(*m_content, now, point);
  // Beside the picture the nearest patch follows.
  if (!token) {
    const QRectF& cells = now.cells;
    token =
        nearestPatch(m_content->vision, now.toTokens({std::clamp(point.x(), cells.left(), cells.right()),
                                                      std::clamp(point.y(), cells.top(), cells.bottom())}));
  }
  if (*token == m_dragged) return;
  m_dragged = *token;
  Q_EMIT queryDragged(m_dragged);
}

void ImageOverlayView::stepQuery(int rows, int cols) {
  if (m_content == nullptr) return;
  const VisionInfo& vision = m_content->vision;
  const auto patch = vision.patchOf(m_content->query);
  int64_t token = m_content->query;
  if (!patch) {
    // The diamond stands at the right edge, at the row that its place in the scan has.
    const int64_t row =
        std::clamp(token / vision.gridCols + std::min(rows, 0), int64_t{0}, vision.gridRows - 1);
    if (cols <= 0) token = tokenOfPatch(vision, row * vision.gridCols + vision.gridCols - 1);
  } else {
    const int64_t row = *patch / vision.gridCols + rows, col = *patch % vision.gridCols + cols;
    if (col == vision.gridCols && vision.classToken && m_content->choice.showClassToken) {
      token = *vision.classToken;
    } else {
      token = tokenOfPatch(vision, std::clamp(row, int64_t{0}, vision.gridRows - 1) * vision.gridCols +
                                       std::clamp(col, int64_t{0}, vision.gridCols - 1));
    }
  }
  if (token != m_content->query) Q_EMIT queryChosen(token);
}

void ImageOverlayView::cancelDrag() {
  const Drag was = std::exchange(m_drag, Drag::None);
  if (was == Drag::Panning) moveTo(m_pressViewport);
  if (was == Drag::Query && m_dragged != m_pressQuery) Q_EMIT queryDragged(m_pressQuery);
  updateCursor();
}

void ImageOverlayView::updateCursor() {
  Qt::CursorShape shape = Qt::ArrowCursor;
  if (m_drag == Drag::Panning || m_drag == Drag::Query) {
    shape = Qt::ClosedHandCursor;
  } else if (m_isSpaceDown) {
    shape = Qt::OpenHandCursor;
  } else if (const auto token = tokenUnder(m_pointer)) {
    shape = *token == m_content->query ? Qt::SizeAllCursor : Qt::CrossCursor;
  }
  if (cursor().shape() != shape) setCursor(shape);
}

bool ImageOverlayView::event(QEvent* event) {
  if (const auto* gesture = pinch(*event)) {
    zoomBy(1.0 + gesture->value(), gesture->position());
    return true;
  }
  // These keys are ours before they are a shortcut of the window; plain arrows are its own where it has them.
  if (event->type() == QEvent::ShortcutOverride) {
    const auto* key = static_cast<QKeyEvent*>(event);
    const bool isStep = stepOf(*key) && (key->modifiers() & Qt::AltModifier);
    const bool isDragging = m_drag == Drag::Panning || m_drag == Drag::Query;
    if (isStep || key->key() == Qt::Key_Space || (key->key() == Qt::Key_Escape && isDragging)) {
      event->accept();
      return true;
    }
  }
  return QWidget::event(event);
}

void ImageOverlayView::mousePressEvent(QMouseEvent* event) {
  m_pointer = event->position();
  if (event->button() != Qt::LeftButton || m_content == nullptr) {
    QWidget::mousePressEvent(event);
    return;
  }
  m_pressPoint = m_pointer;
  m_pressLayout = layout();
  m_pressViewport = m_viewport;
  m_pressQuery = m_dragged = m_content->query;
  m_drag = m_isSpaceDown ? Drag::Panning : isOnQuery(m_pointer) ? Drag::Query : Drag::Pressed;
  updateCursor();
}

void ImageOverlayView::mouseMoveEvent(QMouseEvent* event) {
  m_pointer = event->position();
  const QPointF way = m_pointer - m_pressPoint;
  if (m_drag == Drag::Pressed && isDrag(m_pressPoint, m_pointer)) m_drag = Drag::Panning;
  if (m_drag == Drag::Query) dragQuery(m_pointer);
  // From where the drag began: steps would add up their rounding, and stick at the edges.
  if (m_drag == Drag::Panning) moveTo(panned(m_pressLayout, bounds(), way));
  if (m_drag == Drag::None) hover(tokenUnder(m_pointer));
  updateCursor();
}

void ImageOverlayView::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) {
    QWidget::mouseReleaseEvent(event);
    return;
  }
  const Drag was = std::exchange(m_drag, Drag::None);
  if (was == Drag::Query && m_dragged != m_pressQuery) Q_EMIT queryChosen(m_dragged);
  if (was == Drag::Pressed) {
    if (const auto token = tokenUnder(m_pressPoint)) Q_EMIT queryChosen(*token);
  }
  if (was != Drag::None) hover(tokenUnder(event->position()));
  updateCursor();
}

void ImageOverlayView::wheelEvent(QWheelEvent* event) {
  if (m_drag != Drag::None || m_content == nullptr) return;
  const double factor = wheelFactor(*event);
  if (factor != 1.0) zoomBy(factor, event->position());
  hover(tokenUnder(event->position()));
  event->accept();
}

void ImageOverlayView::leaveEvent(QEvent*) {
  if (m_drag == Drag::None) hover(std::nullopt);
}

void ImageOverlayView::keyPressEvent(QKeyEvent* event) {
  const bool isZoomIn = event->key() == Qt::Key_Plus || event->key() == Qt::Key_Equal;
  if (const auto step = stepOf(*event)) {
    stepQuery(step->first, step->second);
  } else if (event->key() == Qt::Key_Space) {
    m_isSpaceDown = true;
    updateCursor();
  } else if ((isZoomIn || event->key() == Qt::Key_Minus) && m_content != nullptr) {
    const HeatmapLayout now = layout();
    const QPointF about = underMouse() && now.cells.contains(m_pointer) ? m_pointer : now.cells.center();
    zoomBy(isZoomIn ? kKeyZoom : 1.0 / kKeyZoom, about);
  } else if (event->key() == Qt::Key_Escape && (m_drag == Drag::Panning || m_drag == Drag::Query)) {
    cancelDrag();
  } else {
    QWidget::keyPressEvent(event);
  }
}

void ImageOverlayView::keyReleaseEvent(QKeyEvent* event) {
  if (event->key() != Qt::Key_Space || event->isAutoRepeat()) {
    QWidget::keyReleaseEvent(event);
    return;
  }
  m_isSpaceDown = false;
  updateCursor();
}

void ImageOverlayView::focusOutEvent(QFocusEvent*) {
  m_isSpaceDown = false;
  updateCursor();
}

}  // namespace uc
