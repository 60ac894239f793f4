// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/map_id.h"

#include <cstdint>

namespace uc {

/// How the entries of one lane join those of the lanes before it (conventions.md 8). One: a single lane,
/// stored as is.
enum class Join { One, Sum, SumAbs, MaxAbs, SumSquares, SumPositive };

Join joinOf(Merge merge);

/// The inner loops, the only code whose speed depends on the processor: a table for the plain build and one
/// for AVX2 with FMA, chosen once by what the processor has. All pointers are to contiguous values, `state`
/// is N. Exponents must not be positive; below −87 (float) or −708 (double) the result is 0, and NaN stays
/// NaN.
template <typename T>
struct Kernels {
  /// out[i] = exp(rate[i] · sum) · query[i], i < state. The query side of a block for one token.
  void (*rowFactors)(const T* rate, T sum, const T* query, int64_t state, T* out);

  /// out[s] = exp(rate · sums[s]) · key[s] · scale[s], s < count. The key side of a block for one state.
  void (*columnFactors)(T rate, const T* sums, const T* key, const T* scale, int64_t count, T* out);

  /// Every row of u [rows, state] times `factor` [state] into out [rows, state].
  void (*scaleRows)(const T* u, const T* factor, int64_t rows, int64_t state, T* out);

  /// out[s] = Σ_j weights[j] · in[s + j], s < count, j < taps.
  void (*convolve)(const T* in, const T* weights, int64_t taps, int64_t count, T* out);

  /// sum[s] joined with values[s], s < count. NaN stays NaN in every join.
  void (*join)(Join join, const T* values, int64_t count, T* sum);

  /// Σ a[i] · b[i] in double, i < count.
  double (*dot)(const T* a, const T* b, int64_t count);

  /// out[n] = exp(rate[n] · step) in double, n < state: the decays of one token.
  void (*decays)(const T* rate, double step, int64_t state, double* out);

  /// A step of the recurrence: h ← decays ⊙ h + key · inject; returns query · h. With key null nothing is
  /// injected (not even 0 · NaN), with decays null nothing decays.
  double (*forward)(const double* decays, const T* key, double inject, const T* query, int64_t state,
                    double* h);

  /// A step of the adjoint: λ ← λ + query · value; returns λ · key; λ ← decays ⊙ λ. With query null nothing
  /// is added, with decays null nothing decays.
  double (*backward)(const double* decays, const T* key, const T* query, double value, int64_t state,
                     double* lambda);

  /// A step of the delta rule: h ← decays ⊙ h − (h · remove) write. With remove and write exchanged, its
  /// adjoint.
  void (*transition)(const double* decays, const T* remove, const T* write, int64_t state, double* h);
};

template <typename T>
const Kernels<T>& kernels();

}  // namespace uc
