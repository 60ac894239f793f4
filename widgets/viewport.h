// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/view_state.h"
#include "widgets/paint/heatmap_painter.h"

#include <QPointF>

class QWheelEvent;

namespace uc {

// Pan and zoom as arithmetic on values: what a gesture makes of a viewport. `bounds` is the whole map in
// tokens; a result that shows all of it is the empty viewport. Results never leave the bounds.

/// The most that one token may measure on screen, in device-independent pixels.
inline constexpr double kMaxCellPixels = 400.0;

/// The tokens that a grid covers.
Viewport boundsOf(const MapGrid& grid);

/// The same rectangle, with "all of it" spelled out.
Viewport spelledOut(const Viewport& viewport, const Viewport& bounds);

/// Shifted so that it lies within the bounds, in the middle of them where it is larger; empty when it shows
/// all.
Viewport keptInside(const Viewport& viewport, const Viewport& bounds);

/// `factor` > 1 comes nearer. The token under `about` (the layout's coordinates) stays there, unless an edge
/// of the map or a limit is in the way.
Viewport zoomed(const HeatmapLayout& layout, const Viewport& bounds, double factor, const QPointF& about);

/// The picture follows the pointer by `delta`.
Viewport panned(const HeatmapLayout& layout, const Viewport& bounds, const QPointF& delta);

/// Shifted as little as shows the cell of `pool` × `pool` tokens and one cell around it.
Viewport revealing(const Viewport& viewport, const Viewport& bounds, const Cell& cell, double pool);

/// Between two viewports, neither empty, at `t` in [0, 1]: equal steps of `t` magnify equally.
Viewport between(const Viewport& from, const Viewport& to, double t);

/// Zoom factor of a wheel turn: 1.2 for one notch (120 units), in proportion for finer wheels.
double wheelFactor(double angleUnits);
/// The same of an event: touch pads report pixels, 60 of which move as far as one notch.
double wheelFactor(const QWheelEvent& event);

}  // namespace uc
