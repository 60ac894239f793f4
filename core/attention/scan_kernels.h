// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/attention/kernels.h"

#include <cstdint>

namespace uc {

/// The inner loops of scans, one call a token and slab of lanes: vector code for the processor at hand,
/// chosen at run time. Rows of lanes are `width` values, a multiple of kScanLanes; lanes that are not there
/// hold 0. States are in double whatever the factors are: a float rounds a decay of 1 − 1e-8 to 1, and a
/// product of thousands near 1 loses its digits. A decay is kept as a − 1 for the same reason: that has all
/// its digits however near to 1 a is.
namespace scan_kernels {

inline constexpr int64_t kScanLanes = 16;  // a cache line of floats

/// How a coefficient of the scan lies in memory: one for all lanes of the slab [N], or [N, width].
enum class Spread { AllLanes, EachLane };

/// What one token does to the states h [N, width] of a slab.
struct Step {
  const double* decayLessOne = nullptr;  // a − 1
  Spread decaySpread = Spread::AllLanes;
  const double* in = nullptr;        // what is fed is multiplied by it: the key, or the query of an adjoint
  const double* out = nullptr;       // what is read is multiplied by it: the query, or the key of an adjoint
  Spread spread = Spread::AllLanes;  // of in and out
  bool readsFirst = false;           // before the state has moved on
  int64_t state = 0;                 // N
  int64_t width = 0;
};

/// h ← a h + in · fed, and read = Σ_n out · h. Without `fed` (null) nothing is added: not even 0, which a NaN
/// would turn into another.
void advance(const Step& step, const double* fed, double* h, double* read);

/// The delta rule's step: h ← a h − (h · remove) write, with decayLessOne, remove and write [N]; remove and
/// write exchanged: its adjoint.
void transition(const double* decayLessOne, const double* remove, const double* write, int64_t state,
                int64_t width, double* h);

/// out[n, i] = exp(rate[n, i] · step[i]) − 1, exponents ≤ 0; without `step` (null): exp(rate) − 1. With
/// `isPrecise` to the last digits of a double, else to 1e-9, the digits of float factors.
void decaysLessOne(const double* rate, const double* step, int64_t state, int64_t width, bool isPrecise,
                   double* out);

/// sums[i] += from[i], and the new sum in T: of log decays, or of the step.
template <typename T>
void addLogDecays(const T* from, int64_t count, double* sums, T* narrowed);

/// Entries of a row of α without a recurrence: out[i] = Σ_n weight[n] · exp(exponent), where the exponent ≤ 0
/// is rate[n, i] · sums[i], or without `rate` (null) sums[n, i]. The sums were made in double, so that the
/// result has the error of one exponential in T however far back the row goes; terms may cancel, so they are
/// added in double.
template <typename T>
struct RowStep {
  const T* rate = nullptr;           // [N, width]
  const T* sums = nullptr;           // [width], or [N, width] without a rate
  const double* weight = nullptr;    // [N], or [N, width]: query · key
  const uint8_t* isAlive = nullptr;  // [N]; the others are skipped
  Spread spread = Spread::AllLanes;  // of the weight
  int64_t state = 0;                 // N
  int64_t width = 0;
};
template <typename T>
void rowEntries(const RowStep<T>& step, T* out);

/// Which states have an exponential in one of the first `lanes` lanes that is not 0 in T, and will not be
/// for any longer sum.
template <typename T>
void findAlive(const RowStep<T>& step, int64_t lanes, uint8_t* isAlive);

/// Numbers with large logarithms, kept as sum · exp(largest): adds value · exp(exponent).
void addLogSum(const double* exponent, const double* value, int64_t width, double* sum, double* largest);
/// out = sum · exp(largest + exponent).
void readLogSum(const double* sum, const double* largest, const double* exponent, int64_t width, double* out);
/// out = exp(exponent), of whatever sign; may be in place.
void exponentials(const double* exponent, int64_t width, double* out);

/// out[i] += Σ_j weights[j, i] · rows[j][i], j < count.
template <typename T>
void addWeighted(const T* const* rows, const T* weights, int64_t count, int64_t width, T* out);

/// out[i] = a[i] · b[i]; b null: a. May be in place of a.
void multiply(const double* a, const double* b, int64_t width, double* out);

/// values[i] *= factors[i], i < count.
template <typename T>
void scale(const T* factors, int64_t count, T* values);

/// Values of another type, the rest of the row 0.
template <typename T>
void widen(const T* from, int64_t count, int64_t width, double* out);

/// out[i] += gate[i] · (y[i] + skip[i] · u[i]), i < count.
template <typename T>
void addGated(const double* gate, const double* y, const double* skip, const double* u, int64_t count,
              T* out);

/// Joins the lanes of each of `count` rows [count, width] into one number (conventions.md 8); `factors`
/// [count, width] multiplies the values before, null: 1. Joined is a sum, or the entry of largest magnitude.
template <typename T>
void joinLanes(Join join, const T* values, const T* factors, int64_t count, int64_t width, double* joined);

}  // namespace scan_kernels
}  // namespace uc
