// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/channel_atlas_plot.h"

#include <QContextMenuEvent>
#include <QKeyEvent>
#include <QMouseEvent>

#include <algorithm>
#include <cmath>

namespace uc {

namespace {

constexpr double kReach = 6.0;       // px within which a lane is hovered
constexpr double kLeastBrush = 4.0;  // px a side
constexpr qint64 kPage = 10;

bool isArrow(int key) { return key >= Qt::Key_Left && key <= Qt::Key_Down; }

QPointF clampedTo(const QPointF& point, const QRectF& box) {
  return {std::clamp(point.x(), box.left(), box.right()), std::clamp(point.y(), box.top(), box.bottom())};
}

}  // namespace

std::optional<LaneRef> ChannelAtlasPlot::laneAt(const QPointF& point) {
  if (!m_content) return std::nullopt;
  layOut();
  const auto index = m_index.nearest(point, kReach);
  return index ? std::optional(m_content->lanes().refOf(*index)) : std::nullopt;
}

std::optional<QRectF> ChannelAtlasPlot::brushBox() const {
  if (!m_content || !m_content->choice.brush) return std::nullopt;
  return m_layout.toRect(placesOf(*m_content->cloud, *m_content->choice.brush));
}

ChannelAtlasPlot::Grip ChannelAtlasPlot::gripAt(const QPointF& point) const {
  const auto box = brushBox();
  if (!box) return {};
  constexpr std::array<Grip, 8> grips = {Grip{true, true, false, false}, Grip{false, true, false, false},
                                         Grip{false, true, true, false}, Grip{false, false, true, false},
                                         Grip{false, false, true, true}, Grip{false, false, false, true},
                                         Grip{true, false, false, true}, Grip{true, false, false, false}};
  const auto handles = brushHandles(*box, 1.0);
  for (size_t i = 0; i < handles.size(); ++i)
    if (handles[i].adjusted(-2, -2, 2, 2).contains(point)) return grips[i];
  return box->contains(point) ? Grip{true, true, true, true} : Grip{};
}

QRectF ChannelAtlasPlot::draggedBox(const QPointF& to) const {
  const QRectF& frame = m_layout.frame;
  const QPointF end = clampedTo(to, frame);
  if (m_grip.isNew() || !m_pressBox) return QRectF(clampedTo(m_clicks.point(), frame), end).normalized();
  QRectF box = *m_pressBox;
  if (m_grip.isMove()) {
    const QPointF way = to - m_clicks.point();
    return box.translated(std::clamp(way.x(), frame.left() - box.left(), frame.right() - box.right()),
                          std::clamp(way.y(), frame.top() - box.top(), frame.bottom() - box.bottom()));
  }
  if (m_grip.left) box.setLeft(end.x());
  if (m_grip.right) box.setRight(end.x());
  if (m_grip.top) box.setTop(end.y());
  if (m_grip.bottom) box.setBottom(end.y());
  return box.normalized();
}

AtlasChoice::Brush ChannelAtlasPlot::brushOver(const QRectF& box) const {
  const QPointF low = m_layout.toPlaces(box.bottomLeft()), high = m_layout.toPlaces(box.topRight());
  return brushOf(*m_content->cloud, {low.x(), low.y(), high.x(), high.y()});
}

void ChannelAtlasPlot::hover(std::optional<LaneRef> lane) {
  if (lane == m_marks.hovered) return;
  AtlasMarks marks = m_marks;
  marks.hovered = lane;
  setMarks(marks);
  Q_EMIT laneHovered(lane);
}

void ChannelAtlasPlot::startPress(const QMouseEvent& event) {
  layOut();
  m_drag = Drag::Pressed;
  m_pressBox = brushBox();
  m_grip = event.modifiers() & Qt::ShiftModifier ? Grip{} : gripAt(event.position());
}

void ChannelAtlasPlot::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton || !m_content) {
    QWidget::mousePressEvent(event);
    return;
  }
  startPress(*event);
  m_clicks.press(event->position());
}

void ChannelAtlasPlot::mouseMoveEvent(QMouseEvent* event) {
  const QPointF point = event->position();
  const bool canBrush = m_layout.frame.contains(m_clicks.point()) || !m_grip.isNew();
  if (m_drag == Drag::Pressed && canBrush && !m_clicks.isNear(point)) {
    m_drag = Drag::Brush;
    hover(std::nullopt);
  }
  if (m_drag == Drag::Brush && m_content) {
    Q_EMIT brushDragged(brushOver(draggedBox(point)));
  } else if (m_drag == Drag::None) {
    hover(laneAt(point));
    updateCursor(point);
  }
}

void ChannelAtlasPlot::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton || m_drag == Drag::None || !m_content) {
    QWidget::mouseReleaseEvent(event);
    return;
  }
  const Drag was = std::exchange(m_drag, Drag::None);
  const QPointF point = event->position();
  if (was == Drag::Pressed) {
    if (const auto wanted = m_clicks.release(point, laneAt(point), m_marks.locked))
      Q_EMIT laneClicked(*wanted);
    return;
  }
  const QRectF box = draggedBox(point);
  if (std::min(box.width(), box.height()) < kLeastBrush) {
    Q_EMIT brushCanceled();  // too thin to be meant
  } else {
    Q_EMIT brushEdited(brushOver(box));
  }
  updateCursor(point);
}

void ChannelAtlasPlot::mouseDoubleClickEvent(QMouseEvent* event) {
  const auto lane = laneAt(event->position());
  if (event->button() != Qt::LeftButton || !lane) {
    mousePressEvent(event);
    return;
  }
  startPress(*event);
  if (const auto before = m_clicks.pressAgain(event->position(), m_marks.locked)) Q_EMIT laneClicked(*before);
  Q_EMIT laneOpened(*lane);
}

void ChannelAtlasPlot::leaveEvent(QEvent*) {
  if (m_drag == Drag::None) hover(std::nullopt);
}

void ChannelAtlasPlot::updateCursor(const QPointF& point) {
  const Grip grip = gripAt(point);
  Qt::CursorShape shape = m_layout.frame.contains(point) ? Qt::CrossCursor : Qt::ArrowCursor;
  if (!grip.isNew()) {
    const bool isWide = grip.left || grip.right, isTall = grip.top || grip.bottom;
    shape = grip.isMove()           ? (m_marks.hovered ? Qt::CrossCursor : Qt::SizeAllCursor)
            : isWide && !isTall     ? Qt::SizeHorCursor
            : isTall && !isWide     ? Qt::SizeVerCursor
            : grip.left == grip.top ? Qt::SizeFDiagCursor
                                    : Qt::SizeBDiagCursor;
  }
  if (cursor().shape() != shape) setCursor(shape);
}

void ChannelAtlasPlot::go(qint64 steps) {
  if (!m_content || m_content->selected.empty()) return;
  const auto& order = m_content->selected;
  const auto current = m_marks.locked ? m_marks.locked : m_marks.hovered;
  const auto index = current ? m_content->lanes().indexOf(*current) : std::nullopt;
  const auto found = index ? std::find(order.begin(), order.end(), *index) : order.end();
  const auto last = static_cast<qint64>(order.size()) - 1;
  const qint64 at = found == order.end() ? (steps > 0 ? -1 : 1) : found - order.begin();
  const LaneRef next =
      m_content->lanes().refOf(order[static_cast<size_t>(std::clamp<qint64>(at + steps, 0, last))]);
  if (next == current) return;
  if (m_marks.locked) {
    Q_EMIT laneClicked(next);
  } else {
    hover(next);
  }
}

bool ChannelAtlasPlot::editBrushBy(const QKeyEvent& event) {
  if (!m_content) return false;
  layOut();
  const QRectF& plot = m_layout.plot;
  const double dx = plot.width() / 50.0, dy = plot.height() / 50.0;
  auto box = brushBox();
  if (event.key() == Qt::Key_B && event.modifiers() == Qt::NoModifier) {
    const auto lane = m_marks.locked ? m_marks.locked : m_marks.hovered;
    const auto at = lane ? pointOf(*m_content, m_layout, *lane) : std::nullopt;
    box = QRectF(0, 0, 10.0 * dx, 10.0 * dy);
    box->moveCenter(at.value_or(plot.center()));
  } else if (box && isArrow(event.key()) && event.modifiers() & (Qt::ShiftModifier | Qt::ControlModifier)) {
    const double x = event.key() == Qt::Key_Left ? -dx : event.key() == Qt::Key_Right ? dx : 0.0;
    const double y = event.key() == Qt::Key_Up ? -dy : event.key() == Qt::Key_Down ? dy : 0.0;
    if (event.modifiers() & Qt::ShiftModifier) {
      box->translate(x, y);
    } else {
      box->adjust(0.0, y, x, 0.0);  // the right and the upper side
    }
    if (box->width() < kLeastBrush || box->height() < kLeastBrush) return true;
  } else {
    return false;
  }
  Q_EMIT brushEdited(brushOver(box->intersected(m_layout.frame)));
  return true;
}

bool ChannelAtlasPlot::event(QEvent* event) {
  // These keys are ours before they are a shortcut of the window: Esc only while there is a drag to take
  // back.
  if (event->type() == QEvent::ShortcutOverride) {
    const int key = static_cast<QKeyEvent*>(event)->key();
    const bool isOurs = isArrow(key) || key == Qt::Key_Home || key == Qt::Key_End || key == Qt::Key_PageUp ||
                        key == Qt::Key_PageDown || key == Qt::Key_Return || key == Qt::Key_Enter ||
                        key == Qt::Key_B || (key == Qt::Key_Escape && m_drag == Drag::Brush);
    if (isOurs) {
      event->accept();
      return true;
    }
  }
  return QWidget::event(event);
}

void ChannelAtlasPlot::keyPressEvent(QKeyEvent* event) {
  if (editBrushBy(*event)) return;
  const auto all = m_content ? static_cast<qint64>(m_content->selected.size()) : 0;
  const auto current = m_marks.locked ? m_marks.locked : m_marks.hovered;
  switch (event->key()) {
    case Qt::Key_Left:
    case Qt::Key_Up:
      return go(-1);
    case Qt::Key_Right:
    case Qt::Key_Down:
      return go(1);
    case Qt::Key_PageUp:
      return go(-kPage);
    case Qt::Key_PageDown:
      return go(kPage);
    case Qt::Key_Home:
      return go(-all - 1);
    case Qt::Key_End:
      return go(all + 1);
    case Qt::Key_Return:
    case Qt::Key_Enter:
      if (current) Q_EMIT laneOpened(*current);
      return;
    case Qt::Key_Escape:
      if (m_drag == Drag::Brush) {
        m_drag = Drag::None;
        Q_EMIT brushCanceled();
        return;
      }
      [[fallthrough]];
    default:
      QWidget::keyPressEvent(event);
  }
}

void ChannelAtlasPlot::contextMenuEvent(QContextMenuEvent* event) {
  auto lane = laneAt(event->pos());
  QPoint place = event->globalPos();
  if (event->reason() == QContextMenuEvent::Keyboard) {
    lane = m_marks.locked ? m_marks.locked : m_marks.hovered;
    const auto at = lane && m_content ? pointOf(*m_content, m_layout, *lane) : std::nullopt;
    place = mapToGlobal(at.value_or(m_layout.frame.center()).toPoint());
  }
  Q_EMIT contextMenuWanted(place, lane);
  event->accept();
}

}  // namespace uc
