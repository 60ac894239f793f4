// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/gestures.h"
#include "widgets/heatmap_view_private.h"

#include <QContextMenuEvent>
#include <QNativeGestureEvent>
#include <QStyle>

#include <algorithm>

namespace uc {
namespace {

constexpr int kGlideMs = 120;

std::optional<std::pair<int, int>> cursorStep(const QKeyEvent& event) {
  if (!(event.modifiers() & Qt::AltModifier)) return std::nullopt;
  return arrowStep(event);
}

}  // namespace

void HeatmapView::Private::moveTo(const Viewport& viewport) {
  if (viewport == wanted) return;
  wanted = viewport;
  pictureChanged();
  Q_EMIT view.viewportChanged(viewport);
}

void HeatmapView::Private::glideTo(const Viewport& viewport) {
  // The style knows whether the user wants less motion.
  const int allowed = view.style()->styleHint(QStyle::SH_Widget_Animation_Duration, nullptr, &view);
  const Viewport from = onWay.value_or(wanted);
  stopGliding();
  if (content != nullptr && allowed > 0 && view.isVisible() && !(viewport == wanted)) {
    onWay = glideStart = keptInside(from, bounds());
    glide.setDuration(std::min(allowed, kGlideMs));
    wanted = viewport;
    glide.start();
    Q_EMIT view.viewportChanged(viewport);
    return;
  }
  moveTo(viewport);
}

void HeatmapView::Private::stopGliding() {
  glide.stop();
  if (!onWay) return;
  onWay.reset();
  pictureChanged();
}

void HeatmapView::Private::hover(std::optional<Cell> cell) {
  if (cell == hovered) return;
  hovered = cell;
  markedCellChanged();
  Q_EMIT view.cellHovered(cell);
}

void HeatmapView::Private::moveCursorCell(int rows, int cols) {
  if (content == nullptr) return;
  const Viewport all = bounds();
  const HeatmapLayout& now = currentLayout();
  const auto pool = frame->grid.pool;
  const auto marked = locked ? locked : hovered;
  Cell cell;
  if (marked) {
    cell = {marked->row + rows * pool, marked->col + cols * pool};
  } else if (const auto middle = cellUnder(now.cells.center())) {
    cell = *middle;
  }
  cell.row =
      std::clamp(cell.row, static_cast<int64_t>(all.top), static_cast<int64_t>(all.top + all.height) - 1);
  cell.col =
      std::clamp(cell.col, static_cast<int64_t>(all.left), static_cast<int64_t>(all.left + all.width) - 1);
  moveTo(revealing(wanted, all, cell, static_cast<double>(pool)));
  if (!locked) {
    hover(cell);
  } else if (!(cell == *locked)) {
    Q_EMIT view.cellClicked(cell);
  }
}

ImguiOverlay* HeatmapView::Private::overlayAt(const QPointF& point) const {
  ImguiOverlay* overlay = glCanvas == nullptr || !isOverlayVisible ? nullptr : glCanvas->overlay();
  return overlay != nullptr && overlay->wantsPointer(point) ? overlay : nullptr;
}

void HeatmapView::Private::pressed(const QPointF& point) {
  stopGliding();
  drag = Drag::Pressed;
  isClicked = false;
  pressPoint = point;
  pressLayout = currentLayout();
  pressViewport = wanted;
  if (isSpaceDown) drag = Drag::Panning;
  updateCursor();
}

void HeatmapView::Private::dragged(const QPointF& point) {
  const QPointF way = point - pressPoint;
  if (drag == Drag::Pressed && isDrag(pressPoint, point)) {
    drag = Drag::Panning;
    updateCursor();
  }
  // From where the drag began: steps would add up their rounding, and stick at the map's edges.
  if (drag == Drag::Panning) moveTo(panned(pressLayout, bounds(), way));
}

void HeatmapView::Private::released(const QPointF& point) {
  const Drag was = std::exchange(drag, Drag::None);
  updateCursor();
  if (was == Drag::Panning) hover(cellUnder(point));
  if (was != Drag::Pressed || std::exchange(isSecondClick, false)) return;
  const auto cell = cellUnder(point);
  if (!cell) return;
  isClicked = true;
  lockBeforeClick = locked;
  Q_EMIT view.cellClicked(cell == locked ? std::nullopt : cell);
}

void HeatmapView::Private::cancelDrag() {
  drag = Drag::None;
  moveTo(pressViewport);
  updateCursor();
}

void HeatmapView::Private::updateCursor() {
  Qt::CursorShape shape = Qt::ArrowCursor;
  if (drag == Drag::Panning) {
    shape = Qt::ClosedHandCursor;
  } else if (isSpaceDown) {
    shape = Qt::OpenHandCursor;
  } else if (overlayAt(pointer) == nullptr && content != nullptr && currentLayout().cells.contains(pointer)) {
    shape = Qt::CrossCursor;
  }
  if (view.cursor().shape() != shape) view.setCursor(shape);
}

bool HeatmapView::event(QEvent* event) {
  if (const auto* gesture = pinch(*event)) {
    zoomBy(1.0 + gesture->value(), gesture->position());
    return true;
  }
  // These keys are ours before they are a shortcut of the window: Esc only while there is a drag to take
  // back.
  if (event->type() == QEvent::ShortcutOverride) {
    const auto* key = static_cast<QKeyEvent*>(event);
    const bool isOurs = cursorStep(*key) || key->key() == Qt::Key_Space ||
                        (key->key() == Qt::Key_Escape && m_d->drag == Private::Drag::Panning);
    if (isOurs) {
      event->accept();
      return true;
    }
  }
  return QWidget::event(event);
}

void HeatmapView::mousePressEvent(QMouseEvent* event) {
  m_d->pointer = event->position();
  if (event->button() != Qt::LeftButton) {
    QWidget::mousePressEvent(event);
    return;
  }
  if (auto* overlay = m_d->isSpaceDown ? nullptr : m_d->overlayAt(event->position())) {
    overlay->pointerPressed(event->position());
    m_d->update();
    return;
  }
  m_d->isSecondClick = false;
  m_d->pressed(event->position());
}

void HeatmapView::mouseMoveEvent(QMouseEvent* event) {
  m_d->pointer = event->position();
  if (m_d->drag != Private::Drag::None) {
    m_d->dragged(event->position());
    return;
  }
  if (auto* overlay = m_d->overlayAt(event->position())) {
    overlay->pointerMoved(event->position());
    m_d->update();
  } else {
    m_d->hover(m_d->cellUnder(event->position()));
  }
  m_d->updateCursor();
}

void HeatmapView::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) {
    QWidget::mouseReleaseEvent(event);
    return;
  }
  if (m_d->drag == Private::Drag::None) {
    if (auto* overlay = m_d->overlayAt(event->position())) {
      overlay->pointerReleased(event->position());
      m_d->update();
    }
    return;
  }
  m_d->released(event->position());
}

void HeatmapView::mouseDoubleClickEvent(QMouseEvent* event) {
  const bool isAfterClick = m_d->isClicked;
  // The second press of a slider or a pan is a press like another.
  mousePressEvent(event);
  if (m_d->drag != Private::Drag::Pressed) return;
  const auto cell = m_d->cellUnder(event->position());
  if (!cell) return;
  m_d->isSecondClick = true;
  if (isAfterClick && !(m_d->locked == m_d->lockBeforeClick)) Q_EMIT cellClicked(m_d->lockBeforeClick);
  Q_EMIT cellDoubleClicked(cell);
}

void HeatmapView::wheelEvent(QWheelEvent* event) {
  if (m_d->drag != Private::Drag::None || m_d->overlayAt(event->position()) != nullptr) return;
  const double factor = wheelFactor(*event);
  if (factor != 1.0) zoomBy(factor, event->position());
  m_d->hover(m_d->cellUnder(event->position()));
  event->accept();
}

void HeatmapView::leaveEvent(QEvent*) {
  if (m_d->glCanvas != nullptr && m_d->glCanvas->overlay() != nullptr)
    m_d->glCanvas->overlay()->pointerLeft();
  if (m_d->drag == Private::Drag::None) m_d->hover(std::nullopt);
}

void HeatmapView::keyPressEvent(QKeyEvent* event) {
  const auto& layout = m_d->currentLayout();
  const bool isOnCells = layout.cells.contains(m_d->pointer) && underMouse();
  const QPointF about = isOnCells ? m_d->pointer : layout.cells.center();
  if (const auto step = cursorStep(*event)) {
    m_d->moveCursorCell(step->first, step->second);
  } else if (event->key() == Qt::Key_Space) {
    m_d->isSpaceDown = true;
    m_d->updateCursor();
  } else if (event->key() == Qt::Key_Plus || event->key() == Qt::Key_Equal) {
    m_d->glideTo(zoomed(layout, m_d->bounds(), kKeyZoom, about));
  } else if (event->key() == Qt::Key_Minus) {
    m_d->glideTo(zoomed(layout, m_d->bounds(), 1.0 / kKeyZoom, about));
  } else if (event->key() == Qt::Key_Escape && m_d->drag == Private::Drag::Panning) {
    m_d->cancelDrag();
  } else {
    QWidget::keyPressEvent(event);
  }
}

void HeatmapView::keyReleaseEvent(QKeyEvent* event) {
  if (event->key() != Qt::Key_Space || event->isAutoRepeat()) {
    QWidget::keyReleaseEvent(event);
    return;
  }
  m_d->isSpaceDown = false;
  m_d->updateCursor();
}

void HeatmapView::focusOutEvent(QFocusEvent*) {
  m_d->isSpaceDown = false;
  m_d->updateCursor();
}

void HeatmapView::contextMenuEvent(QContextMenuEvent* event) {
  auto cell = m_d->cellUnder(event->pos());
  QPoint place = event->globalPos();
  if (event->reason() == QContextMenuEvent::Keyboard) {
    cell = m_d->locked ? m_d->locked : m_d->hovered;
    const HeatmapLayout& layout = m_d->currentLayout();
    QPointF point = layout.cells.center();
    if (cell)
      point = layout.toPoint(static_cast<double>(cell->col) + 0.5, static_cast<double>(cell->row) + 0.5);
    place = mapToGlobal(point.toPoint());
  }
  Q_EMIT contextMenuWanted(place, cell);
  event->accept();
}

}  // namespace uc
