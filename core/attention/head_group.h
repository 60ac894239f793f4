// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/attention/crossings.h"
#include "core/attention/factor_view.h"
#include "core/attention/joined_tile.h"
#include "core/attention/tile_kernels.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace uc {

/// Whether HeadGroup can compute the maps of this view's lanes, joined so: few lanes share a scan, and all
/// states of a scan one rate.
template <typename T>
bool isHeadGroup(const FactorView<T>& view, Join join);

/// The summed map of Mamba-2's lanes. Where all states of a head decay alike, α[t,r] is q_t·k_r, which all
/// heads of a group share, times the head's decay, which is a product of one number of the row and one of the
/// token (mathematics.md §3.1). With gate, step, activation and taps, entry (t, s) is
///
///   Σ_j (q_t·k_{s+j}) Σ_d U[t,d] V_j[d,s],  V_j[d,s] = w_dj Z_{s+j,d} Δ_{s+j} x_sd · decay to the reference:
///
/// a product over lanes for each tap, whose entries are multiplied by q·k. Columns are taken K − 1 tokens
/// early as in GroupTile. At the diagonal the decays between tokens are made one by one, each from its own
/// sum.
template <typename T>
class HeadGroup final : public JoinedTile<T> {
 public:
  /// Entries of column s are multiplied by x[s] of their lane unless `x` is null; `x` is in the order of the
  /// picture, which `isReversed` says to be the opposite one. All must outlive the tile; `crossings` covers
  /// every scan and token that will be asked for.
  HeadGroup(const FactorView<T>& view, const Crossings<T>& crossings, const T* x, bool isReversed);

  void setUnit(int64_t row0, int64_t row1, int64_t col0, int64_t col1) override;
  void joinLanes(Join join, int64_t lane0, int64_t lane1, const Feedback& feedback) override;
  void copyRow(int64_t t, T* out) const override;

 private:
  using JoinedTile<T>::blockOf;
  using JoinedTile<T>::m_row0;
  using JoinedTile<T>::m_row1;
  using JoinedTile<T>::m_col0;
  using JoinedTile<T>::m_colEnd;
  int64_t tileBegin(int64_t tile) const { return std::max(m_col0, tile * kBlockTokens - m_reach); }
  int64_t tileEnd(int64_t tile) const { return std::min(m_colEnd, (tile + 1) * kBlockTokens - m_reach); }
  T* entry(int64_t t, int64_t s) { return m_entries.data() + (t - m_row0) * m_stride + s - m_col0; }
  T* statesAt(int64_t t, int64_t s) { return m_states.data() + (t - m_row0) * m_tokenStride + s - m_col0; }
  T* vOf(int64_t tap, int64_t s) { return m_v.data() + tap * m_lanes * m_tokenStride + s - m_col0; }
  T& statesBound(int64_t block, int64_t tile) {
    return m_statesBounds[static_cast<size_t>((block - blockOf(m_row0)) * m_tiles + tile - m_tile0)];
  }

  void setLanes(int64_t head, int64_t lane0, int64_t lane1);
  void multiplyStates();
  void gatherColumns();
  void fillColumns(int64_t begin, int64_t end, const T* rate, T* bounds);
  void fillTile(int64_t tile);
  void fillRows(int64_t row0, int64_t row1);
  void decayRows(int64_t block, int64_t row0, int64_t row1);
  void joinBlocks(int64_t block, int64_t row0, int64_t row1);
  void joinTile(int64_t block, int64_t tile, int64_t row0, int64_t row1, T between, T& largest);
  void weighStates(int64_t left, int64_t row0, int64_t row1);
  void joinDiagonal(int64_t block, int64_t row0, int64_t row1);
  void addSkip(int64_t row0, int64_t row1);

  const FactorView<T>& m_view;
  const Crossings<T>& m_crossings;
  const T* const m_x;
  const bool m_isReversed;
  const TileKernels<T>& m_kernels;
  const int64_t m_reach;  // K − 1

  int64_t m_stride = 0;              // of the entries
  int64_t m_tokenStride = 0;         // of everything else that has a column for each token
  int64_t m_tile0 = 0, m_tiles = 0;  // its blocks of columns, K − 1 columns early
  int64_t m_head = 0;
  int64_t m_lane0 = 0, m_lanes = 0;
  int64_t m_uStride = 0;                       // lanes, in whole vectors
  int64_t m_queryGroup = -1, m_keyGroup = -1;  // of m_states; −1: not made for this unit

  std::vector<T> m_entries;       // [unit rows, stride]
  std::vector<T> m_keys;          // [N, token stride]
  std::vector<T> m_states;        // [unit rows, token stride]  q·k up to each row's block of the diagonal
  std::vector<T> m_statesBounds;  // [row blocks, tiles]        Σ of their magnitudes
  std::vector<T> m_scales;        // [token stride]             step in the key
  std::vector<T> m_activations;   // [lanes, token stride]      Z
  std::vector<T> m_inputs;        // [lanes, token stride]      x
  std::vector<T> m_sums;          // [64 + K − 1]               Σ of steps from a token to the reference
  std::vector<T> m_v;             // [K, lanes, token stride]
  std::vector<T> m_vBounds;       // [tiles, lanes]
  std::vector<T> m_u;             // [64, lanes]
  std::vector<T> m_uBounds;       // [lanes]
  std::vector<T> m_scaledU;       // [64, lanes]
  std::vector<T> m_between;       // [lanes]
  std::vector<T> m_decays;        // [64]
  std::vector<T> m_products;      // [64, 64 + K − 1]           U V of one tap
  std::vector<T> m_weights;       // [64, 64 + K − 1]           q·k times decays, at the diagonal
};

}  // namespace uc
