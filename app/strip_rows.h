// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "app/document.h"
#include "core/values/pieces.h"
#include "widgets/paint/strip_painter.h"

#include <optional>
#include <vector>

namespace uc {

/// What a token strip shows of a document: the row or the column of the token under the pointer, else of the
/// one that is chosen or locked, a value for each token, word or sentence.
struct StripRows {
  std::vector<Piece> pieces;
  StripRow row;
  std::optional<int64_t> subject, partner;
  bool isLocked = false;
};
/// `choice` is the view's own, or another pane's. Nothing where no token is meant or the map is not of the
/// tokens. `tokens` of a pooled map have the values of their blocks, and no words are made of them.
std::optional<StripRows> stripRows(const Document& document, const StripChoice& choice);

}  // namespace uc
