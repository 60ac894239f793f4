// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/pieces.h"
#include "widgets/paint/figure.h"

#include <functional>
#include <optional>
#include <vector>

namespace uc {

/// The input's text in pieces, each on one ground.
struct StripText {
  QStringList tokens;
  std::vector<Piece> pieces;  // that cover all tokens; empty: every token is one

  qint64 pieceCount() const;
  Piece piece(qint64 index) const;
  /// The piece that holds the token, which exists.
  qint64 pieceAt(qint64 token) const;
};

/// One shown value a piece, in a scale's colors; not finite: the ground and cross of NaN; not attended:
/// hatched.
struct StripValue {
  double shown = 0.0;
  bool isAttended = false;
};

/// The whole text once, colored by one map.
struct StripRow {
  QString letter, name;  // of the pane, at the left; both empty: none
  /// Asked only for pieces that are painted: a book has many. Empty: no ground anywhere.
  std::function<StripValue(qint64 piece)> valueOf;
  ColorScale scale;
  QString legend;     // figures: the convention's full name
  ValueRange extent;  // figures: of the values, for the ends of the colorbar
};

/// Tokens; each stands for its piece.
struct StripMarks {
  std::optional<qint64> subject;  // whose row or column is shown
  std::optional<qint64> partner;  // its partner in the locked cell
  std::optional<qint64> cursor;
};

/// What the tokens' texts measure, without margins; does not change with the width, so that it is measured
/// once.
std::vector<double> stripWidths(const QStringList& tokens, const HeatmapStyle& style);

/// Where the tokens of the first row are; the others are the same, `pitch` further down each.
struct StripLayout {
  double scale = 1.0;  // painter units per pixel of the look
  double left = 0.0;   // where letters begin
  double begin = 0.0;  // and lines of text
  double height = 0.0;
  double pitch = 0.0;  // from row to row
  qint64 rows = 1;
  std::vector<QRectF> places;  // in reading order

  /// The token at a point of any row.
  std::optional<qint64> tokenAt(const QPointF& point) const;
};

/// Running text from the area's top left on, broken between tokens, but not within a short piece. The tokens
/// of a piece follow each other without a gap. Without `withPlaces` only the height is found.
StripLayout layoutStrip(const StripText& text, const std::vector<double>& widths,
                        const std::vector<StripRow>& rows, const QRectF& area, const HeatmapStyle& style,
                        bool withPlaces = true);

/// Paints what touches `clip`.
void paintStrip(QPainter& painter, const StripText& text, const std::vector<StripRow>& rows,
                const StripLayout& layout, const StripMarks& marks, const HeatmapStyle& style,
                const QRectF& clip);

/// Everything that a strip in a figure shows. A value.
struct StripContent {
  StripText text;
  std::vector<StripRow> rows;
  StripMarks marks;
  QString title, caption;
};

/// Title, rows, a colorbar for each scale of them with its legend, and caption.
class StripFigure : public Figure {
 public:
  explicit StripFigure(std::shared_ptr<const StripContent> content) : m_content(std::move(content)) {}
  double heightFor(double width, const HeatmapStyle& style) const override;
  void paint(QPainter& painter, const QRectF& area, const HeatmapStyle& style) const override;

 private:
  std::shared_ptr<const StripContent> m_content;
};

}  // namespace uc
