// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/attention/crossings.h"
#include "core/attention/factor_view.h"
#include "core/attention/kernels.h"
#include "core/attention/scan_tile.h"
#include "core/attention/tile_kernels.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace uc {

/// Dense rows of the maps of a scan's lanes over a panel of columns, in one direction: R⁻¹α comes from a
/// ScanTile, once for all lanes that share it; Z, S, M and G of each lane act on finished rows.
///
/// Scratch space that is used again and again: setPanel, then setScan, then setRows, then row, in this
/// nesting. One thread. Tokens are counted in the direction's own order.
template <typename T>
class LaneTile {
 public:
  /// Both must outlive it; `crossings` covers every scan and token that will be asked for.
  LaneTile(const FactorView<T>& view, const Crossings<T>& crossings);

  /// Columns [col0, col1) come next; rows up to `rowEnd` will be asked for.
  void setPanel(int64_t col0, int64_t col1, int64_t rowEnd);

  /// Of the scan's lanes, [lane0, lane1) will be asked for.
  void setScan(int64_t scan, int64_t lane0, int64_t lane1);

  /// For joinRows: what each lane's columns are multiplied with, x included: [lanes, stride] from the panel's
  /// first column on, or null.
  void setInputs(const T* inputs, int64_t stride);

  /// Computes rows [row0, row1): at most kBlockTokens of them.
  void setRows(int64_t row0, int64_t row1);

  /// One of the scan's lanes, for `row`.
  void setLane(int64_t lane);

  /// Joins the entries of lanes [lane0, lane1) in the rows set with out [rows, outStride]. Several lanes at a
  /// time, since rows of α then stay in the first-level cache.
  void joinRows(Join join, int64_t lane0, int64_t lane1, T* out, int64_t outStride);

  /// How many entries of row t lie in the panel and on or below the diagonal.
  int64_t attended(int64_t t) const;

  /// Those entries of row t of the lane's H, t in the rows set: `attended(t)` values.
  void row(int64_t t, T* out);

 private:
  void fillRow(int64_t t, int64_t from, T* out);
  void convolve(const T* in, int64_t from, int64_t filled, int64_t count, T* out) const;
  void addSkip(int64_t t, int64_t from, T* out) const;
  void joinPiece(Join join, int64_t lane, int64_t from, int64_t count, T* out, int64_t outStride);
  void sumPiece(int64_t lane0, int64_t lane1, int64_t from, int64_t count, T* out, int64_t outStride);
  void joinEdge(Join join, int64_t lane, int64_t from, T* out, int64_t outStride);

  const FactorView<T>& m_view;
  const Kernels<T>& m_kernels;
  const TileKernels<T>& m_tileKernels;
  std::unique_ptr<ScanTile<T>> m_scanTile;
  const bool m_folds;  // S and Z are already in the ScanTile's rows

  int64_t m_col0 = 0, m_col1 = 0;  // the panel
  int64_t m_baseEnd = 0;           // columns of α that it needs: K − 1 more, while there are tokens
  int64_t m_stride = 0;            // of everything that has a column for each token of the panel
  int64_t m_lane0 = 0;
  int64_t m_lane = 0;
  int64_t m_lane1 = 0;
  int64_t m_row0 = 0, m_row1 = 0;
  const T* m_inputs = nullptr;
  int64_t m_inputStride = 0;
  int64_t m_gateLane = 0;  // the first of m_gates

  std::vector<T> m_activations;  // [lanes, stride]  Z
  std::vector<T> m_base;         // [64, stride]     α of the rows set, or (α + S) Z where it folds
  std::vector<T> m_scaled;       // [stride]         a row of it times Z
  std::vector<T> m_weights;      // [K]  a lane's taps, of token s + j in column s
  std::vector<T> m_gated;        // [K]              a lane's taps times a row's gate
  std::vector<T> m_factors;      // [lanes, K, stride]  what multiplies α[t, s + j] in column s, but for G
  std::vector<T> m_gates;        // [64, lanes]
  std::vector<T> m_sums;         // [64, 64]         Σ over lanes of G times a tap's factors
  std::vector<T> m_edge;         // [stride]         the end of a row
};

}  // namespace uc
