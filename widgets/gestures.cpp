// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/gestures.h"

#include <QKeyEvent>
#include <QNativeGestureEvent>

#include <cmath>

namespace uc {

bool isDrag(const QPointF& pressed, const QPointF& point) {
  constexpr double kClickRadius = 4.0;
  const QPointF way = point - pressed;
  return std::hypot(way.x(), way.y()) > kClickRadius;
}

std::optional<std::pair<int, int>> arrowStep(const QKeyEvent& event) {
  switch (event.key()) {
    case Qt::Key_Up:
      return std::pair{-1, 0};
    case Qt::Key_Down:
      return std::pair{1, 0};
    case Qt::Key_Left:
      return std::pair{0, -1};
    case Qt::Key_Right:
      return std::pair{0, 1};
    default:
      return std::nullopt;
  }
}

const QNativeGestureEvent* pinch(const QEvent& event) {
  if (event.type() != QEvent::NativeGesture) return nullptr;
  const auto& gesture = static_cast<const QNativeGestureEvent&>(event);
  return gesture.gestureType() == Qt::ZoomNativeGesture ? &gesture : nullptr;
}

}  // namespace uc
