// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/viewport.h"

#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace uc {
namespace {

// A millionth of a token is far below a pixel; without the slack, rounding would keep a map that fills its
// pane from being called whole.
constexpr double kSlack = 1e-6;

double shiftedInside(double begin, double length, double boundBegin, double boundLength) {
  if (length >= boundLength) return boundBegin + (boundLength - length) / 2.0;
  return std::clamp(begin, boundBegin, boundBegin + boundLength - length);
}

// The smallest shift that brings [begin, end) into a window, keeping its begin visible when it is larger.
double revealed(double windowBegin, double windowLength, double begin, double end) {
  if (begin < windowBegin) return begin;
  if (end > windowBegin + windowLength) return std::min(begin, end - windowLength);
  return windowBegin;
}

}  // namespace

Viewport boundsOf(const MapGrid& grid) {
  return {static_cast<double>(grid.col0), static_cast<double>(grid.row0),
          static_cast<double>(grid.col1 - grid.col0), static_cast<double>(grid.row1 - grid.row0)};
}

Viewport spelledOut(const Viewport& viewport, const Viewport& bounds) {
  return viewport.isWhole() ? bounds : viewport;
}

Viewport keptInside(const Viewport& viewport, const Viewport& bounds) {
  if (viewport.isWhole()) return {};
  if (viewport.width >= bounds.width - kSlack && viewport.height >= bounds.height - kSlack) return {};
  Viewport result = viewport;
  result.left = shiftedInside(viewport.left, viewport.width, bounds.left, bounds.width);
  result.top = shiftedInside(viewport.top, viewport.height, bounds.top, bounds.height);
  return result;
}

Viewport zoomed(const HeatmapLayout& layout, const Viewport& bounds, double factor, const QPointF& about) {
  const Viewport& now = layout.viewport;
  if (layout.cells.isEmpty() || now.isWhole() || !(factor > 0.0)) return now;
  const double cell = std::max(layout.cells.width() / now.width, layout.cells.height() / now.height);
  // A picture that is already larger than allowed (a small map in a large pane) is not made smaller by
  // zooming in.
  const double limited = std::min(factor, std::max(1.0, kMaxCellPixels / cell));
  const double x = std::clamp((about.x() - layout.cells.left()) / layout.cells.width(), 0.0, 1.0);
  const double y = std::clamp((about.y() - layout.cells.top()) / layout.cells.height(), 0.0, 1.0);
  Viewport result;
  result.width = now.width / limited;
  result.height = now.height / limited;
  result.left = now.left + x * (now.width - result.width);
  result.top = now.top + y * (now.height - result.height);
  return keptInside(result, bounds);
}

Viewport panned(const HeatmapLayout& layout, const Viewport& bounds, const QPointF& delta) {
  Viewport result = layout.viewport;
  if (layout.cells.isEmpty() || result.isWhole()) return result;
  result.left -= delta.x() * result.width / layout.cells.width();
  result.top -= delta.y() * result.height / layout.cells.height();
  return keptInside(result, bounds);
}

Viewport revealing(const Viewport& viewport, const Viewport& bounds, const Cell& cell, double pool) {
  if (viewport.isWhole()) return {};
  Viewport result = viewport;
  const double col = static_cast<double>(cell.col);
  const double row = static_cast<double>(cell.row);
  // Without room for the neighbors the cell alone has to do.
  const double marginX = viewport.width >= 3.0 * pool ? pool : 0.0;
  const double marginY = viewport.height >= 3.0 * pool ? pool : 0.0;
  result.left = revealed(viewport.left, viewport.width, col - marginX, col + pool + marginX);
  result.top = revealed(viewport.top, viewport.height, row - marginY, row + pool + marginY);
  return keptInside(result, bounds);
}

Viewport between(const Viewport& from, const Viewport& to, double t) {
  Viewport result;
  result.width = from.width * std::pow(to.width / from.width, t);
  result.height = from.height * std::pow(to.height / from.height, t);
  // Left and top run with the width and height, so that the point that both viewports share stays in place.
  const auto share = [t](double start, double end, double now) {
    return std::abs(end - start) < kSlack ? t : (now - start) / (end - start);
  };
  result.left = from.left + (to.left - from.left) * share(from.width, to.width, result.width);
  result.top = from.top + (to.top - from.top) * share(from.height, to.height, result.height);
  return result;
}

double wheelFactor(double angleUnits) { return std::pow(1.2, angleUnits / 120.0); }

double wheelFactor(const QWheelEvent& event) {
  constexpr double kPixelsPerNotch = 60.0;
  return event.hasPixelDelta() && event.phase() != Qt::NoScrollPhase
             ? wheelFactor(event.pixelDelta().y() * 120.0 / kPixelsPerNotch)
             : wheelFactor(event.angleDelta().y());
}

}  // namespace uc
