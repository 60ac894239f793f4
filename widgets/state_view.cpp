// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/state_view.h"

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
#include <utility>

namespace uc {
namespace {}  // namespace

StateView::StateView(QWidget* parent) : QWidget(parent) {
  giveChartRole<StateView>();
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  setAttribute(Qt::WA_OpaquePaintEvent);
  setProperty("largeFocus", true);
  setAccessibleName(tr("State"));
}

void StateView::setContent(std::shared_ptr<const StateContent> content) {
  if (content == m_content) return;
  const int64_t before = m_content == nullptr ? 0 : m_content->curves.tokens;
  m_content = std::move(content);
  const int64_t tokens = m_content == nullptr ? 0 : m_content->curves.tokens;
  if (tokens != before) m_viewport = {};
  if (m_hovered && *m_hovered >= tokens) m_hovered.reset();
  if (m_locked && *m_locked >= tokens) m_locked.reset();
  describe();
  curvesChanged();
}

void StateView::setLocked(std::optional<int64_t> token) {
  if (token == m_locked) return;
  m_locked = token;
  describe();
  update();
}

void StateView::setHovered(std::optional<int64_t> token) {
  if (token == m_hovered) return;
  m_hovered = token;
  describe();
  update();
}

void StateView::setViewport(const Viewport& viewport) {
  if (viewport == m_viewport) return;
  m_viewport = viewport;
  curvesChanged();
}

HeatmapStyle StateView::style() const {
  HeatmapStyle style;
  style.theme = themeOf(*this);
  style.showTitle = style.showCaption = false;
  return style;
}

const StateLayout& StateView::layout() const {
  if (m_layoutSize != size()) {
    m_layout = m_content == nullptr ? StateLayout{} : layoutState(*m_content, rect(), m_viewport, style());
    m_layoutSize = size();
  }
  return m_layout;
}

void StateView::curvesChanged() {
  m_areCurvesStale = true;
  m_layoutSize = {};
  update();
}

Viewport StateView::bounds() const { return {0.0, 0.0, static_cast<double>(m_content->curves.tokens), 1.0}; }

void StateView::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  if (m_content == nullptr) {
    painter.fillRect(rect(), themeOf(*this).canvas);
    return;
  }
  const StateLayout& now = layout();
  const double ratio = devicePixelRatioF();
  const QSize pixels = (QSizeF(size()) * ratio).toSize();
  if (m_areCurvesStale || m_curves.size() != pixels) {
    m_curves = QPixmap(pixels);
    m_curves.setDevicePixelRatio(ratio);
    m_curves.fill(themeOf(*this).canvas);
    QPainter curves(&m_curves);
    paintStateCurves(curves, *m_content, now, style());
    m_areCurvesStale = false;
  }
  painter.drawPixmap(0, 0, m_curves);
  paintStateMarks(painter, *m_content, now, style(), m_locked, m_hovered);
}

void StateView::changeEvent(QEvent* event) {
  if (event->type() == QEvent::PaletteChange) curvesChanged();
  QWidget::changeEvent(event);
}

void StateView::describe() {
  const auto token = m_hovered ? m_hovered : m_locked;
  if (m_content == nullptr || !token) {
    setAccessibleDescription(m_content == nullptr ? tr("No curves")
                                                  : tr("%1 tokens").arg(countText(m_content->curves.tokens)));
    return;
  }
  QString text =
      tr("token %1 %2").arg(countText(*token), m_content->tokens.value(*token).trimmed()).trimmed();
  for (const auto& [label, value] : stateReadOut(*m_content, *token))
    text += QStringLiteral(", %1 %2").arg(label, value);
  setAccessibleDescription(text);
}

void StateView::hover(std::optional<int64_t> token) {
  if (token == m_hovered) return;
  setHovered(token);
  Q_EMIT tokenHovered(token);
}

void StateView::moveTo(const Viewport& viewport) {
  if (viewport == m_viewport) return;
  setViewport(viewport);
  Q_EMIT viewportChanged(viewport);
}

void StateView::zoomBy(double factor, const QPointF& about) {
  if (m_content == nullptr) return;
  const HeatmapLayout& axis = layout().axis;
  // As a map one token high that is zoomed in width alone.
  Viewport next = axis.viewport;
  const double all = bounds().width, least = std::min(all, axis.cells.width() / kMaxCellPixels);
  next.width = std::clamp(next.width / factor, least, all);
  const double share = std::clamp((about.x() - axis.cells.left()) / axis.cells.width(), 0.0, 1.0);
  next.left += share * (axis.viewport.width - next.width);
  moveTo(keptInside(next, bounds()));
}

void StateView::stepToken(int64_t step) {
  if (m_content == nullptr || m_content->curves.tokens == 0) return;
  const auto marked = m_locked ? m_locked : m_hovered;
  const auto middle = static_cast<int64_t>(m_viewport.left + spelledOut(m_viewport, bounds()).width / 2.0);
  const int64_t token =
      std::clamp(marked ? *marked + step : middle, int64_t{0}, m_content->curves.tokens - 1);
  moveTo(revealing(m_viewport, bounds(), Cell{0, token}, 1.0));
  if (!m_locked) {
    hover(token);
  } else if (token != *m_locked) {
    Q_EMIT tokenClicked(token);
  }
}

void StateView::updateCursor() {
  Qt::CursorShape shape = Qt::ArrowCursor;
  if (m_drag == Drag::Panning) {
    shape = Qt::ClosedHandCursor;
  } else if (m_isSpaceDown) {
    shape = Qt::OpenHandCursor;
  } else if (m_content != nullptr && stateTokenAt(*m_content, layout(), m_pointer)) {
    shape = Qt::CrossCursor;
  }
  if (cursor().shape() != shape) setCursor(shape);
}

bool StateView::event(QEvent* event) {
  if (const auto* gesture = pinch(*event)) {
    zoomBy(1.0 + gesture->value(), gesture->position());
    return true;
  }
  // These keys are ours before they are a shortcut of the window.
  if (event->type() == QEvent::ShortcutOverride) {
    const auto* key = static_cast<QKeyEvent*>(event);
    const bool isStep =
        (key->modifiers() & Qt::AltModifier) && (key->key() == Qt::Key_Left || key->key() == Qt::Key_Right);
    if (isStep || key->key() == Qt::Key_Space || (key->key() == Qt::Key_Escape && m_drag == Drag::Panning)) {
      event->accept();
      return true;
    }
  }
  return QWidget::event(event);
}

void StateView::mousePressEvent(QMouseEvent* event) {
  m_pointer = m_pressPoint = event->position();
  if (event->button() != Qt::LeftButton || m_content == nullptr) {
    QWidget::mousePressEvent(event);
    return;
  }
  m_pressAxis = layout().axis;
  m_pressViewport = m_viewport;
  m_drag = m_isSpaceDown ? Drag::Panning : Drag::Pressed;
  updateCursor();
}

void StateView::mouseMoveEvent(QMouseEvent* event) {
  m_pointer = event->position();
  const QPointF way = m_pointer - m_pressPoint;
  if (m_drag == Drag::Pressed && isDrag(m_pressPoint, m_pointer)) m_drag = Drag::Panning;
  if (m_drag == Drag::Panning) moveTo(panned(m_pressAxis, bounds(), QPointF(way.x(), 0.0)));
  if (m_drag == Drag::None && m_content != nullptr) hover(stateTokenAt(*m_content, layout(), m_pointer));
  updateCursor();
}

void StateView::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) {
    QWidget::mouseReleaseEvent(event);
    return;
  }
  const Drag was = std::exchange(m_drag, Drag::None);
  if (was == Drag::None || m_content == nullptr) return;
  const auto token = stateTokenAt(*m_content, layout(), event->position());
  if (was == Drag::Pressed && token) Q_EMIT tokenClicked(token == m_locked ? std::nullopt : token);
  if (was == Drag::Panning) hover(token);
  updateCursor();
}

void StateView::wheelEvent(QWheelEvent* event) {
  if (m_drag != Drag::None || m_content == nullptr) return;
  const double factor = wheelFactor(*event);
  if (factor != 1.0) zoomBy(factor, event->position());
  hover(stateTokenAt(*m_content, layout(), event->position()));
  event->accept();
}

void StateView::leaveEvent(QEvent*) {
  if (m_drag == Drag::None) hover(std::nullopt);
}

void StateView::keyPressEvent(QKeyEvent* event) {
  const bool isZoomIn = event->key() == Qt::Key_Plus || event->key() == Qt::Key_Equal;
  const bool isAlt = event->modifiers() & Qt::AltModifier;
  if (isAlt && (event->key() == Qt::Key_Left || event->key() == Qt::Key_Right)) {
    stepToken(event->key() == Qt::Key_Left ? -1 : 1);
  } else if (event->key() == Qt::Key_Space) {
    m_isSpaceDown = true;
    updateCursor();
  } else if ((isZoomIn || event->key() == Qt::Key_Minus) && m_content != nullptr) {
    const QRectF cells = layout().axis.cells;
    const bool isOver = underMouse() && m_pointer.x() > cells.left() && m_pointer.x() < cells.right();
    zoomBy(isZoomIn ? kKeyZoom : 1.0 / kKeyZoom, isOver ? m_pointer : cells.center());
  } else if (event->key() == Qt::Key_Escape && m_drag == Drag::Panning) {
    m_drag = Drag::None;
    moveTo(m_pressViewport);
    updateCursor();
  } else {
    QWidget::keyPressEvent(event);
  }
}

void StateView::keyReleaseEvent(QKeyEvent* event) {
  if (event->key() != Qt::Key_Space || event->isAutoRepeat()) {
    QWidget::keyReleaseEvent(event);
    return;
  }
  m_isSpaceDown = false;
  updateCursor();
}

void StateView::focusOutEvent(QFocusEvent*) {
  m_isSpaceDown = false;
  updateCursor();
}

}  // namespace uc
