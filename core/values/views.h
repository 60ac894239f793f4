// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/map_id.h"
#include "core/values/statistics.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace uc {

/// What a pane or a figure makes of a map (interface.md, Views).
enum class View : uint8_t { Heatmap, Graph, Strip, Overlay, Atlas, Compare, State, Attribution };

/// Token graph: which entries become arcs.
struct GraphChoice {
  /// Mass: of each query token the strongest entries that together hold `amount` per cent of its Σ|α|.
  /// Top: its `amount` strongest. Above: those with |α| ≥ `amount`.
  enum class Keep : uint8_t { Mass, Top, Above };
  Keep keep = Keep::Mass;
  double amount = 90.0;
  std::optional<int64_t> token;  // only its arcs, in and out
  bool operator==(const GraphChoice&) const = default;
};

/// What one piece of a token strip is. A word or a sentence has, of a row, the sum of its tokens' values
/// (what the query takes from all of it), and of a column their mean.
enum class Granularity : uint8_t { Token, Word, Sentence };

/// Token strip: a row of the map (what the token reads) or a column (who reads it).
struct StripChoice {
  bool isColumn = false;
  std::optional<int64_t> token;  // none: that of the locked cell
  Granularity granularity = Granularity::Token;
  bool operator==(const StripChoice&) const = default;
};

enum class Interpolation : uint8_t { Nearest, Bilinear };
/// How a map lies on a picture: mixed by opacity; multiplied with it; or the picture seen through it.
enum class Blend : uint8_t { Alpha, Multiply, Mask };

/// Image overlay: one row of the map on the picture.
struct OverlayChoice {
  std::optional<int64_t> query;  // token; none: the class token, else the patch in the middle
  Interpolation interpolation = Interpolation::Nearest;
  Blend blend = Blend::Alpha;
  double opacity = 0.5;  // 0 … 1
  bool showScanPath = false;
  bool showClassToken = true;
  bool operator==(const OverlayChoice&) const = default;
};

/// Channel atlas: every lane as a point, placed by two columns of `statistics`.
struct AtlasChoice {
  std::string x = "mean_distance", y = "entropy";
  std::string color = "layer";        // "layer", "roles" or a column
  std::string sort = "output_share";  // of the lanes in the brush, largest first
  struct Brush {
    double x0 = 0.0, x1 = 0.0, y0 = 0.0, y1 = 0.0;  // in the columns' units
    bool operator==(const Brush&) const = default;
  };
  std::optional<Brush> brush;
  Roles roles;               // only lanes with one of them; empty: all
  int64_t firstLayer = 0;    // only layers from here
  int64_t lastLayer = -1;    // to here; −1: the last
  double leastHalfLife = 0;  // tokens
  bool operator==(const AtlasChoice&) const = default;
};

/// State view: what is drawn along the tokens for the lane.
struct StateChoice {
  bool showHalfLife = true;  // of what is written, by the decay at each token
  bool showDecay = true;     // what is left of the locked token's write at each later one
  bool showWrite = true;     // magnitude of what each token writes
  bool showState = true;     // magnitude of the state
  bool operator==(const StateChoice&) const = default;
};

/// One change to a layer's mixer while the input runs; whatever comes later follows from it.
struct Intervention {
  enum class Kind : uint8_t {
    RemoveWrite,  // token `index` writes nothing into the layer's state, but by the skip path
    MuteLane,     // lane `index` gives nothing to the output projection
    MuteFactor,   // `factor` is replaced by the identity in every lane
  };
  Kind kind = Kind::RemoveWrite;
  int64_t layer = 0;
  int64_t index = 0;
  Factor factor = Factor::Gate;
  bool operator==(const Intervention&) const = default;
};

/// Names as on the command line.
std::string_view name(View view);  // "heatmap", "graph" …
std::string_view name(GraphChoice::Keep keep);
std::string_view name(Granularity granularity);
std::string_view name(Interpolation interpolation);
std::string_view name(Blend blend);
std::string_view name(Intervention::Kind kind);  // "remove-write", "mute-lane", "mute-factor"
std::optional<View> viewNamed(std::string_view text);
std::optional<GraphChoice::Keep> keepNamed(std::string_view text);
std::optional<Granularity> granularityNamed(std::string_view text);
std::optional<Interpolation> interpolationNamed(std::string_view text);
std::optional<Blend> blendNamed(std::string_view text);
std::optional<Intervention::Kind> interventionNamed(std::string_view text);
const std::vector<View>& allViews();

/// "Token graph": what menus and pane headers call it.
std::string_view title(View view);

}  // namespace uc
