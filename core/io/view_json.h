// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/session.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace uc {

/// The `view` object of data files and figures, JSON text with the keys of conventions.md 14 (model, layer,
/// lane|head|merge, map|factors, direction, pool, dtype, version), then input, part and look.
/// `layers`, when not empty, are a list that stands in place of the view's one layer.
std::string viewJson(const ViewOrigin& origin, const ViewState& view,
                     const std::vector<int64_t>& layers = {});

struct ParsedView {
  ViewOrigin origin;
  ViewState view;
};
/// The command line that reproduces the view: `undercurrent-cli map MODEL --text … --layer 3 … -o FILE`,
/// quoted for sh.
std::string viewCommand(const ViewOrigin& origin, const ViewState& view, const std::string& outputFile);

}  // namespace uc
