// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/strip_rows.h"

namespace uc {

namespace {

/// The shown entry of the map, nothing where the query does not attend to the key or the map ends.
std::optional<double> entryOf(const HeatmapContent& content, int64_t row, int64_t col) {
  const MapGrid& grid = content.grid;
  if (row < grid.row0 || row >= grid.row1 || col < grid.col0 || col >= grid.col1) return std::nullopt;
  if (grid.isBackward ? col < row : grid.isCausal && col > row) return std::nullopt;
  return static_cast<double>(
      content.shown.values.at((row - grid.row0) / grid.pool, (col - grid.col0) / grid.pool));
}

}  // namespace

std::optional<StripRows> stripRows(const Document& document, const StripChoice& choice) {
  const auto content = document.content();
  const Tokens* tokens = document.tokens();
  if (!content || !tokens || content->tokens != document.source().tokenTexts()) return std::nullopt;
  const auto locked = document.view().locked;
  const auto cell = document.hovered() ? document.hovered() : locked;
  StripRows result;
  if (cell) {
    result.subject = choice.isColumn ? cell->col : cell->row;
    result.partner = choice.isColumn ? cell->row : cell->col;
    result.isLocked = cell == locked;
  }
  if (choice.token && !document.hovered()) {
    result.subject = choice.token;
    result.partner.reset();
  }
  if (!result.subject || *result.subject >= tokens->size()) return std::nullopt;
  const bool isPooled = content->grid.pool > 1;
  const auto granularity = isPooled ? Granularity::Token : choice.granularity;
  if (granularity != Granularity::Token) result.pieces = pieces(*tokens, granularity);
  const int64_t at = *result.subject;
  const Piece subject = result.pieces.empty()
                            ? Piece{at, at + 1}
                            : result.pieces[static_cast<size_t>(pieceOf(result.pieces, at).value_or(0))];
  result.row.scale = content->scale;
  result.row.legend = content->legend;
  result.row.extent = content->shown.extent;
  result.row.valueOf = [content, subject, all = result.pieces, isColumn = choice.isColumn](qint64 index) {
    const Piece piece = all.empty() ? Piece{index, index + 1} : all[static_cast<size_t>(index)];
    const PieceValue value =
        pieceValue(isColumn ? piece : subject, isColumn ? subject : piece,
                   [&content](int64_t row, int64_t col) { return entryOf(*content, row, col); });
    return StripValue{value.value, value.isAttended};
  };
  return result;
}

}  // namespace uc
