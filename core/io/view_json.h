// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/view_state.h"

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
};

/// The `view` object of data files and figures, JSON text with the keys of conventions.md 14 (model, layer,
/// lane|head|merge, map|factors, direction, pool, dtype, version), then input, part and look.
/// `layers`, when not empty, are a list that stands in place of the view's one layer.
std::string viewJson(const ViewOrigin& origin, const ViewState& view,
                     const std::vector<int64_t>& layers = {});

/// What a figure embeds: the session that shows it (conventions.md 17), of one input and one pane, which is
/// viewJson()'s object: {"undercurrent":1,"model":{"path"},"inputs":[…],"panes":[view]}.
std::string figureSession(const ViewOrigin& origin, const ViewState& view);

struct ParsedView {
  ViewOrigin origin;
  ViewState view;
};
/// Reads what viewJson wrote, or the first pane of a session; unknown keys are ignored, missing ones keep
/// their defaults. Throws Failure when the text is not such a view.
ParsedView parseView(const std::string& json, const std::string& where);

/// The command line that reproduces the view: `undercurrent-cli map MODEL --text … --layer 3 … -o FILE`,
/// quoted for sh.
std::string viewCommand(const ViewOrigin& origin, const ViewState& view, const std::string& outputFile);

}  // namespace uc
