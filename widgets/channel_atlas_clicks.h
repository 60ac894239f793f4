// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "widgets/gestures.h"
#include "widgets/paint/atlas_content.h"

#include <QPointF>

#include <optional>
#include <utility>

namespace uc {

/// Tells clicks on lanes from drags, and gives back with a double-click the lock that its first click
/// changed.
class LaneClicks {
 public:
  using Lock = std::optional<LaneRef>;

  void press(const QPointF& point) {
    m_point = point;
    m_isClicked = m_isSecond = false;
  }
  /// Whether the pointer is still where it was pressed.
  bool isNear(const QPointF& point) const { return !isDrag(m_point, point); }
  const QPointF& point() const { return m_point; }

  /// The wanted lock, where this release ends a click on a lane.
  std::optional<Lock> release(const QPointF& point, const Lock& lane, const Lock& locked) {
    if (std::exchange(m_isSecond, false) || !isNear(point) || !lane) return std::nullopt;
    m_isClicked = true;
    m_before = locked;
    return lane == locked ? Lock() : lane;
  }
  /// The second press of a double-click: the lock to give back, where the first changed it.
  std::optional<Lock> pressAgain(const QPointF& point, const Lock& locked) {
    const bool isChanged = m_isClicked && locked != m_before;
    press(point);
    m_isSecond = true;
    return isChanged ? std::optional(m_before) : std::nullopt;
  }

 private:
  QPointF m_point;
  bool m_isClicked = false;  // by the last press; m_before is then valid
  bool m_isSecond = false;
  Lock m_before;
};

}  // namespace uc
