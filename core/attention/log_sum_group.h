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

/// Whether LogSumGroup can compute the maps of this view's lanes, joined so.
template <typename T>
bool isLogSumGroup(const FactorView<T>& view, Join join) {
  return view.hasScan && view.kind == ScanKind::LogSum && view.scans == view.lanes && view.taps == 1 &&
         !view.skip && join == Join::Sum;
}

/// The summed map of RWKV-4 lanes. Every lane is a product of a column and a row below its diagonal blocks
/// (log_sum_tile.cpp), so that the lanes of a slab are the inner dimension of one product. Blocks of the
/// diagonal are halved down to a few tokens, which come from the definition.
template <typename T>
class LogSumGroup final : public JoinedTile<T> {
 public:
  /// Entries of column s are multiplied by x[s] of their lane unless `x` is null; `x` is in the order of the
  /// picture, which `isReversed` says to be the opposite one. Both must outlive the tile.
  LogSumGroup(const FactorView<T>& view, const T* x, bool isReversed);

  void setUnit(int64_t row0, int64_t row1, int64_t col0, int64_t col1) override;
  void joinLanes(Join join, int64_t lane0, int64_t lane1, const Feedback& feedback) override;
  void copyRow(int64_t t, T* out) const override;

 private:
  using JoinedTile<T>::blockOf;
  using JoinedTile<T>::m_row0;
  using JoinedTile<T>::m_row1;
  using JoinedTile<T>::m_col0;
  using JoinedTile<T>::m_colEnd;
  int64_t tileBegin(int64_t tile) const { return std::max(m_col0, tile * kBlockTokens); }
  int64_t tileEnd(int64_t tile) const { return std::min(m_colEnd, (tile + 1) * kBlockTokens); }
  T* entry(int64_t t, int64_t s) { return m_entries.data() + (t - m_row0) * m_stride + s - m_col0; }
  const T* logKeys(int64_t s) const { return m_view.logKey + s * m_view.scans + m_lane0; }
  double* largestOf(int64_t tile) { return m_largest.data() + (tile - m_tile0) * m_lanes; }

  void setGroup(int64_t lane0, int64_t lane1);
  void fillColumns(int64_t begin, int64_t end, int64_t reference, T* out, int64_t stride, double* largest);
  void fillRows(int64_t row0, int64_t row1, int64_t reference, const double* largest);
  void scaleColumns(int64_t begin, int64_t count, T* values, int64_t stride) const;
  void scaleRow(int64_t t, T* values) const;
  void joinBlocks(int64_t block, int64_t row0, int64_t row1);
  void joinDiagonal(int64_t begin, int64_t end);
  void joinBelow(int64_t begin, int64_t middle, int64_t end);
  void joinLeaf(int64_t begin, int64_t end);

  const FactorView<T>& m_view;
  const T* const m_x;
  const bool m_isReversed;
  const TileKernels<T>& m_kernels;

  int64_t m_stride = 0;  // of everything that has them
  int64_t m_tile0 = 0;   // its first block of columns
  int64_t m_lane0 = 0, m_lanes = 0;
  int64_t m_uStride = 0;  // lanes, in whole vectors

  std::vector<T> m_entries;       // [unit rows, stride]
  std::vector<double> m_rates;    // [lanes]
  std::vector<T> m_scales;        // [lanes, stride]  Z and x; empty: 1
  std::vector<double> m_largest;  // [tiles, lanes]   the largest term of a tile at its reference
  std::vector<double> m_past;     // [lanes]          the same of all tiles before a block of rows
  std::vector<T> m_v;             // [lanes, stride]
  std::vector<T> m_smallV;        // [lanes, 32]
  std::vector<T> m_u;             // [64, lanes]
  std::vector<T> m_scaledU;       // [64, lanes]
  std::vector<T> m_between;       // [lanes]
  std::vector<T> m_leaf;          // [lanes, columns of a leaf]
};

}  // namespace uc
