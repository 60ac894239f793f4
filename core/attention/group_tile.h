// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/attention/crossings.h"
#include "core/attention/factor_view.h"
#include "core/attention/joined_tile.h"
#include "core/attention/leaf_tile.h"
#include "core/attention/tile_kernels.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace uc {

/// Whether GroupTile can compute the maps of this view's lanes: decays, with a scan for each lane.
template <typename T>
bool isGrouped(const FactorView<T>& view) {
  return view.hasScan && view.kind == ScanKind::Decay && view.scans == view.lanes &&
         view.taps <= ColumnSide<T>::kMostColumns;
}

/// The map of many lanes joined, in one direction: every factor folded into products U V with inner
/// dimension N, whose entries are joined as they leave the registers (mathematics.md §3.1, §3.2). With a
/// convolution a column needs the K − 1 tokens after it. So the columns of a block of tokens are taken K − 1
/// earlier: all they need then lies before their reference, the block's last token, and before the rows of
/// any later block. What is left at the diagonal is halved down to a few tokens, which a recurrence does for
/// kGroupLanes lanes at once.
template <typename T>
class GroupTile final : public JoinedTile<T> {
 public:
  /// Entries of column s are multiplied by x[s] of their lane unless `x` is null; `x` is in the order of the
  /// picture, which `isReversed` says to be the opposite one. All must outlive the tile; `crossings` covers
  /// every scan and token that will be asked for.
  GroupTile(const FactorView<T>& view, const Crossings<T>& crossings, const T* x, bool isReversed);

  void setUnit(int64_t row0, int64_t row1, int64_t col0, int64_t col1) override;
  void joinLanes(Join join, int64_t lane0, int64_t lane1, const Feedback& feedback) override;
  void copyRow(int64_t t, T* out) const override;

 private:
  using JoinedTile<T>::blockOf;
  using JoinedTile<T>::m_row0;
  using JoinedTile<T>::m_row1;
  using JoinedTile<T>::m_col0;
  using JoinedTile<T>::m_colEnd;
  int64_t tileOf(int64_t s) const { return blockOf(s + m_reach); }
  int64_t tileBegin(int64_t tile) const { return std::max(m_col0, tile * kBlockTokens - m_reach); }
  int64_t tileEnd(int64_t tile) const { return std::min(m_colEnd, (tile + 1) * kBlockTokens - m_reach); }
  T* entry(int64_t t, int64_t s) { return m_entries.data() + entryAt(t, s); }
  size_t entryAt(int64_t t, int64_t s) const {
    const int64_t tile = (blockOf(t) - m_rowBlock0) * m_tiles + tileOf(s) - m_tile0;
    return static_cast<size_t>((tile * kBlockTokens + t % kBlockTokens) * kBlockTokens +
                               (s + m_reach) % kBlockTokens);
  }
  /// The end of the tokens up to the last reference of the unit's columns.
  int64_t columnTokensEnd() const { return std::min((m_tile0 + m_tiles) * kBlockTokens, m_row1); }
  /// V of a block of columns from its first that is in the unit on.
  T* vOf(int64_t tile) { return m_v.data() + (tile - m_tile0) * kGroupLanes * m_state * kBlockTokens; }

  void setGroup(int64_t lane0, int64_t lane1);
  void transposeKeys();
  void gatherColumns();
  void gatherRows();
  void fillColumns(int64_t begin, int64_t end, int64_t reference, T* out, T* bounds);
  void fillRows(int64_t begin, int64_t row0, int64_t row1);
  void joinBlocks(Join join, int64_t block, int64_t row0, int64_t row1);
  void joinBlock(Join join, int64_t tile, int64_t row0, int64_t row1);
  void findAlive(int64_t tile);
  void joinDiagonal(Join join, int64_t begin, int64_t end);
  void joinBelow(Join join, int64_t begin, int64_t middle, int64_t end);
  void joinLeaf(Join join, int64_t begin, int64_t end);
  template <typename U>
  void addLeaf(Join join, LeafTile<T, U>& leaf, int64_t begin, int64_t end);

  const FactorView<T>& m_view;
  const Crossings<T>& m_crossings;
  const T* const m_x;
  const bool m_isReversed;
  const TileKernels<T>& m_kernels;
  const int64_t m_state;     // N
  const int64_t m_sumWidth;  // 1 or N
  const int64_t m_reach;     // K − 1

  int64_t m_stride = 0;              // of everything that has a column for each token
  int64_t m_rowBlock0 = 0;           // its first block of rows
  int64_t m_tile0 = 0, m_tiles = 0;  // its blocks of columns, K − 1 columns early
  int64_t m_lane0 = 0, m_lanes = 0;  // the group
  int64_t m_uStride = 0;
  LeafTile<T, T> m_leaf;
  // Few lanes do not average out what a float leaves of entries whose terms cancel.
  LeafTile<T, double> m_fineLeaf;
  bool m_sharesKeys = false;  // one group of keys for all lanes, transposed once a unit

  std::vector<T> m_entries;             // [row blocks, tiles, 64, 64]
  std::vector<T> m_keys;                // [groups of keys, N, stride]
  std::vector<T> m_scales;              // [lanes, stride]  step in the key times Z
  std::vector<T> m_inputs;              // [lanes, stride]  x
  std::vector<T> m_weights;             // [lanes, K]
  std::vector<int64_t> m_queryOffsets;  // [lanes]
  std::vector<double> m_sum;            // [lanes, sum width]
  std::vector<T> m_columnSums;          // [lanes, sum width, tokens of a block]
  std::vector<T> m_v;                   // [tiles, lanes, N, 64]
  std::vector<T> m_vBounds;             // [tiles, lanes, N]
  std::vector<T> m_smallV;              // [lanes, N, 64]
  std::vector<T> m_smallBounds;         // [lanes, N]
  std::vector<T> m_rowSums;             // [64, lanes, sum width]
  std::vector<T> m_gates;               // [rows] by lane
  std::vector<T> m_columnDecays;        // [tokens, lanes, sum width]  log decays
  std::vector<T> m_rowDecays;           // [tokens, lanes, sum width]
  std::vector<T> m_u;                   // [64, lanes, N]
  std::vector<T> m_uBounds;             // [lanes, N]
  std::vector<T> m_scaledU;             // [64, lanes, N]
  std::vector<T> m_between;             // [lanes, N]
  std::vector<T> m_bounds;              // [lanes, N]  of the products of a row block and a tile
  std::vector<T> m_largest;             // [lanes]  of a row block's bounds of all states together
  std::vector<int64_t> m_inner;         // [lanes]  states up to the last that is alive
  std::vector<int32_t> m_alive;         // the states that are, as indices of [lanes, N]
};

}  // namespace uc
