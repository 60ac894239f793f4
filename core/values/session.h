// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/view_state.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace uc {

/// Where a view's numbers came from: with the ViewState, all that reproduces a picture or a data file.
struct ViewOrigin {
  std::string model;  // as given to open: path, demo:NAME or owner/name
  std::string dtype = "float32";
  std::optional<std::string> text;  // the input: a text, or ids
  std::vector<int64_t> ids;
  std::optional<std::string> image = std::nullopt;  // or a picture's file
  std::string preprocess = "official";
  bool operator==(const ViewOrigin&) const = default;
};

/// One pane: a view of one of the session's sources.
struct PaneState {
  int64_t id = 0;      // tells panes apart while the program runs; files do not hold it
  int64_t source = 0;  // index into the session's
  ViewState view;
  bool operator==(const PaneState&) const = default;
};

/// What panes share while one looks at any of them.
struct PaneLinks {
  bool position = true;   // what part of the map is seen
  bool crosshair = true;  // hovered and locked tokens
  bool range = true;      // of colors
  bool operator==(const PaneLinks&) const = default;
};

/// What is open side by side. One value: undo step and part of a session.
struct Panes {
  std::vector<PaneState> list;                     // one to four
  int64_t active = 0;                              // whose keys act
  std::array<std::optional<PaneState>, 2> pinned;  // A and B, as they were when they were pinned
  bool hasDifference = false;                      // a further pane shows the second less the first
  PaneLinks links;
  bool operator==(const Panes&) const = default;
};

/// Everything that a session file restores (conventions.md 17, docs/session.md).
struct Session {
  struct Origin {
    ViewOrigin origin;
    std::string sha256;  // of the model's header, see ModelInfo; empty when unknown
    bool operator==(const Origin&) const = default;
  };
  std::vector<Origin> sources;
  Panes panes;
  std::string layout;   // of the window's docks, opaque
  std::string unknown;  // JSON object of what a newer version wrote: kept
  bool operator==(const Session&) const = default;
};

}  // namespace uc
