// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <QPointF>

#include <optional>
#include <utility>

class QEvent;
class QKeyEvent;
class QNativeGestureEvent;

namespace uc {

// What gestures mean in every view (interface.md, Gestures).

/// How much one press of + or − magnifies.
inline constexpr double kKeyZoom = 1.2;
/// Whether the pointer has left the place where it was pressed: farther than a click may move, 4 px.
bool isDrag(const QPointF& pressed, const QPointF& point);
/// The rows and columns that an arrow key steps, whatever its modifiers; nothing for other keys.
std::optional<std::pair<int, int>> arrowStep(const QKeyEvent& event);
/// A zoom by two fingers, whose factor is 1 + value(); null for every other event.
const QNativeGestureEvent* pinch(const QEvent& event);

}  // namespace uc
