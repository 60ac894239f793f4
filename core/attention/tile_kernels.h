// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/attention/kernels.h"

#include <cstdint>

namespace uc {

/// How many neighboring lanes a GroupTile takes at a time: the innermost index of what "by lane" arrays hold.
inline constexpr int64_t kGroupLanes = 16;

/// The column side of one lane: where TileKernels::columns takes it from. Everything that has a token may be
/// read up to kGroupLanes values past the end.
template <typename T>
struct ColumnSide {
  const T* rate = nullptr;  // [N]; null: 1
  const T* sums = nullptr;  // [N or 1, tokens]  Σ of log decays from a token to the reference
  int64_t sumStride = 0;    // 0: one row for all states
  const T* key = nullptr;   // [N, tokens]
  int64_t keyStride = 0;
  const T* scale = nullptr;        // [tokens]  the step in the key times Z
  const T* weights = nullptr;      // [K]       of token s + j in column s
  const T* columnScale = nullptr;  // [columns] x; null: 1
  int64_t state = 0;               // N
  int64_t taps = 1;                // K: there are `columns` + K − 1 tokens
  int64_t columns = 0;             // at most kMostColumns
  static constexpr int64_t kMostColumns = 64;
};

/// The row side of a group of lanes.
template <typename T>
struct RowSide {
  const T* rate = nullptr;   // [lanes, N]; null: 1
  const T* sums = nullptr;   // [rows, lanes or lanes · N]  Σ of log decays from the reference to a row
  const T* query = nullptr;  // of row 0
  int64_t queryStride = 0;   // from a row's to the next row's
  const int64_t* offsets = nullptr;  // [lanes]  where a lane's query begins
  const T* gate = nullptr;           // [rows, kGroupLanes]
  int64_t lanes = 0;
  int64_t state = 0;  // N
  int64_t rows = 0;
};

/// Finished rows of α for a lane that shares it: entry [t, s] is gate[t] Σ_j base[t, s+j] factors[j, s].
template <typename T>
struct SharedRows {
  const T* base = nullptr;  // [rows, columns + K − 1]
  int64_t baseStride = 0;
  const T* factors = nullptr;  // [K, columns]
  int64_t factorStride = 0;
  const T* gate = nullptr;  // of row 0
  int64_t gateStride = 0;   // from a row's to the next row's
  int64_t taps = 1;         // K
  int64_t rows = 0;
  int64_t columns = 0;
};

/// The inner loops of GroupTile and LaneTile, compiled for several processors and chosen at run time.
template <typename T>
struct TileKernels {
  /// acc [rows, accStride] joined with u [rows, inner] · v [inner, vStride], the first `cols` columns, and no
  /// other entry is touched. Join::One stores.
  void (*multiply)(Join join, const T* u, int64_t uStride, const T* v, int64_t vStride, int64_t rows,
                   int64_t cols, int64_t inner, T* acc, int64_t accStride);

  /// acc [rows, accStride] += the products u[:, i] · v[i, :] of the `count` indices i listed in `which`.
  void (*addSome)(const int32_t* which, int64_t count, const T* u, int64_t uStride, const T* v,
                  int64_t vStride, int64_t rows, int64_t cols, T* acc, int64_t accStride);

  /// out[n, s] = x_s Σ_j w_j exp(rate[n] sums[n, s+j]) key[n, s+j] scale[s+j]; up to a vector past the last
  /// column is overwritten. bounds[n] = Σ_s |out[n, s]|, NaN when one is.
  void (*columns)(const ColumnSide<T>& side, T* out, int64_t outStride, T* bounds);

  /// out[t, l, n] = exp(rate[l, n] sums[t, l or l n]) query[t, l, n] gate[t, l]. With one state a
  /// lane, rows have kGroupLanes lanes, those that are not there any values. bounds[l, n] = Σ_t |out|.
  void (*rows)(const RowSide<T>& side, T* out, int64_t outStride, T* bounds);

  /// acc [rows, accStride] joined with the lane's entries; no other entry is touched. Join::One stores.
  void (*joinShared)(Join join, const SharedRows<T>& lane, T* acc, int64_t accStride);

  /// acc[t, s] += a[t, s] b[t, s], the first `cols` columns.
  void (*addProduct)(const T* a, int64_t aStride, const T* b, int64_t bStride, int64_t rows, int64_t cols,
                     T* acc, int64_t accStride);

  /// sums joined with values, in double.
  void (*addTo)(Join join, const T* values, int64_t count, double* sums);

  /// exp of `count` exponents, in place.
  void (*decays)(T* exponents, int64_t count);

  /// Every row of u times `factor` [width] into out, in whole vectors: both rows and `factor` are padded.
  void (*scale)(const T* u, int64_t uStride, const T* factor, int64_t rows, int64_t width, T* out,
                int64_t outStride);
};

/// The kernels for this processor. Asked for anew by every call of an operator, so that tests may narrow the
/// choice.
template <typename T>
const TileKernels<T>& tileKernels();

}  // namespace uc
