// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/tokens.h"
#include "core/values/views.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace uc {

/// Consecutive tokens that are read as one: [begin, end), never empty.
struct Piece {
  int64_t begin = 0;
  int64_t end = 0;
  bool operator==(const Piece&) const = default;
};

/// The input's tokens as words or sentences, in order, each token in exactly one piece; Granularity::Token
/// gives every token its own. The input's text decides (docs/views.md): a piece begins with the first token
/// that begins where a word or sentence of the text begins, or in the white space before it. Tokens that
/// share a character therefore share a piece. Tokens that are not of the text (end = 0) stand alone. O(text +
/// tokens).
std::vector<Piece> pieces(const Tokens& tokens, Granularity granularity);

/// Which of `pieces` holds the token; nothing outside of all.
std::optional<int64_t> pieceOf(const std::vector<Piece>& pieces, int64_t token);

/// The input's own text of a piece: whole characters where its tokens are bytes of them.
std::string textOf(const Tokens& tokens, const Piece& piece);

struct PieceValue {
  double value = 0.0;       // not finite as soon as one entry is not
  bool isAttended = false;  // no query of the piece attends to any of the keys: `value` means nothing
  bool operator==(const PieceValue&) const = default;
};

/// An entry of the map; nothing where the key is not attended.
using EntryOf = std::function<std::optional<double>(int64_t query, int64_t key)>;

/// The mean over the queries of the sum over the keys: what a token of `queries` takes from all of `keys`.
PieceValue pieceValue(const Piece& queries, const Piece& keys, const EntryOf& entry);

/// One value a piece: with the subject as the queries (a row of the map), or as the keys (a column).
std::vector<PieceValue> pieceValues(const std::vector<Piece>& pieces, const Piece& subject, bool isColumn,
                                    const EntryOf& entry);

}  // namespace uc
