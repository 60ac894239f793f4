// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/display.h"
#include "core/values/map_id.h"
#include "core/values/views.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace uc {

/// A cell of a map by token indexes.
struct Cell {
  int64_t row = 0;  // query t
  int64_t col = 0;  // key s
  bool operator==(const Cell&) const = default;
};

/// The rectangle of the map that the pane shows, in tokens, not clipped to the map; empty means "all of it".
struct Viewport {
  double left = 0.0;
  double top = 0.0;
  double width = 0.0;
  double height = 0.0;
  bool isWhole() const { return width <= 0.0; }
  bool operator==(const Viewport&) const = default;
};

/// Everything that a user has chosen about one pane. One value: undo step, figure metadata and command-line
/// arguments.
struct ViewState {
  View view = View::Heatmap;
  MapId map;
  MapPart part;
  Display display;
  Viewport viewport;
  std::optional<Cell> locked;
  bool showGrid = false;
  std::vector<Intervention> interventions;  // in the order of their making
  GraphChoice graph;
  StripChoice strip;
  OverlayChoice overlay;
  AtlasChoice atlas;
  StateChoice state;
  bool operator==(const ViewState&) const = default;
};

}  // namespace uc
