// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "widgets/paint/figure.h"

#include <optional>
#include <vector>

namespace uc {

/// One kept entry of a map. Tokens are those of the input; of a pooled map the first of a cell's.
struct GraphArc {
  qint64 query = 0;
  qint64 key = 0;
  float alpha = 0.0F;  // raw
  float share = 0.0F;  // |alpha| over the query's Σ|α|
  bool operator==(const GraphArc&) const = default;
};

/// What a choice keeps of a map. A value.
struct GraphArcs {
  std::vector<GraphArc> arcs;    // the strongest first; equal ones by query, then key
  std::vector<double> received;  // Σ|α| of each column of the map, kept or not
  std::vector<float> own;        // the kept entry of each column's token with itself; 0: none
  qint64 entries = 0;            // attended entries that could have been kept
  qint64 onDiagonal = 0;         // kept ones of a token with itself
  qint64 notFinite = 0;          // NaN and ±∞, which are left out of everything here
};

/// The entries that become arcs. Mass: of each query the fewest strongest that hold `amount` per cent of its
/// Σ|α|, at least one where that is not 0; Top: its `amount` strongest; Above: those with |α| ≥ `amount`. Of
/// equal ones those of lower keys first. An entry of 0 is never kept. `token` has no influence.
/// O(entries) on average.
GraphArcs graphArcs(const Matrix& alpha, const MapGrid& grid, const GraphChoice& choice);

/// Everything that one token graph shows. A value; shared freely between threads.
struct TokenGraphContent {
  GraphArcs kept;
  MapGrid grid;
  bool isUnsigned = false;  // a merge without signs: one kind of arc
  ColorMap colors = ColorMap::RdBu;
  QStringList tokens;  // text of every token of the input; empty text where there is none
  QString title, legend, caption;
  GraphChoice choice;  // its token is the isolated one
  Viewport viewport;   // figures: left and width are the tokens shown; empty: all

  qint64 firstToken() const { return std::min(grid.row0, grid.col0); }
  qint64 endToken() const { return std::max(grid.row1, grid.col1); }
  float largest() const { return kept.arcs.empty() ? 0.0F : std::abs(kept.arcs.front().alpha); }
  /// Whether queries read earlier and whether they read later keys.
  bool readsEarlier() const { return grid.isCausal || !grid.isBackward; }
  bool readsLater() const { return grid.isBackward || !grid.isCausal; }
};

/// The graph of the map that `map` shows; takes its raw values, names and first line of the caption. The
/// map's normalization should be Raw: the legend names it.
TokenGraphContent tokenGraph(const HeatmapContent& map, const GraphChoice& choice);

/// "108 of 406 entries, 23 on the diagonal", and "2 not finite" where there are.
QString entriesText(const GraphArcs& kept);

/// The kept arcs of one token: what it reads and who reads it, each the strongest first. An entry with itself
/// is in both. For a table beside the graph.
struct ArcsOfToken {
  std::vector<GraphArc> in;   // the token is the query
  std::vector<GraphArc> out;  // the token is the key
  double shareIn = 0.0;       // of its Σ|α| that `in` holds
};
ArcsOfToken arcsOf(const TokenGraphContent& content, qint64 token);

}  // namespace uc
