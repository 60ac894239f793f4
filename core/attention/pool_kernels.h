// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>

namespace uc {

/// Values of states come in multiples of this many, filled up with zeros: whole vectors on every processor.
inline constexpr int64_t kPoolAlign = 16;
constexpr int64_t poolAligned(int64_t count) { return (count + kPoolAlign - 1) / kPoolAlign * kPoolAlign; }

/// A run of tokens as what it does to decaying states: four rows of `elements` values, one after the other.
template <typename T>
struct PoolNode {
  T* values;
  int64_t elements;
  T* sum() const { return values; }                    // Σ of log decays
  T* read() const { return values + elements; }        // U: what is read of a state before the run
  T* state() const { return values + 2 * elements; }   // V: the state that the run leaves
  T* inside() const { return values + 3 * elements; }  // what the run reads of its own
};

/// One of the numbers that every state has at a token: scale · vector, where each state has a scale of its
/// own and a vector of `state` values from `offset` on.
template <typename T>
struct PoolTerm {
  const T* scales;          // [tokens, count]
  const T* const* vectors;  // [tokens]
  const int64_t* offsets;   // [count]
};

/// A few neighboring tokens as `count` states see them, each of `state` values. With `readsBefore` a token is
/// read before its own decay and before it is fed.
template <typename T>
struct PoolTokens {
  int64_t tokens, count, state;
  bool readsBefore;
  PoolTerm<T> logDecay, feed, read;
};
inline constexpr int64_t kPoolLeafTokens = 8;

/// The inner loops of pooling, compiled once for each kind of processor. `elements` is a multiple of
/// kPoolAlign and rows of that many follow each other; sums of log decays are not positive.
template <typename T>
struct PoolKernels {
  /// Up to kPoolLeafTokens tokens. `scratch` [3, kPoolLeafTokens, elements] holds zeros in what fills up a
  /// row.
  void (*leaf)(const PoolTokens<T>& tokens, T* scratch, const PoolNode<T>& out);

  /// sum += what `leaf` would put there: nothing reads these tokens, and they feed nothing.
  void (*addLogDecays)(const PoolTokens<T>& tokens, T* scratch, int64_t elements, T* sum);

  /// Two runs, one after the other, as one: into the first.
  void (*join)(const PoolNode<T>& first, const PoolNode<T>& second);

  /// sum[i] += Σ over rows of values [rows, elements].
  void (*addRows)(const T* values, int64_t rows, int64_t elements, T* sum);

  /// Every row of `values` [rows, elements] times exp(sum).
  void (*decay)(const T* sum, int64_t rows, int64_t elements, T* values);

  /// out[i · outStride + j] += Σ u[i] v[j] over rows of u and v.
  void (*multiply)(const T* u, int64_t rows, const T* v, int64_t cols, int64_t elements, T* out,
                   int64_t outStride);

  /// RWKV-4 as a gated recurrence (pooled_decay.cpp): of token t, from log k, log R and the logarithm of the
  /// sum of all keys so far, which it brings up to date: the log decay, the share of the key in the new sum,
  /// and what reads the old one. In double, whatever T is.
  void (*normalize)(const double* logKeys, const double* logNormalizers, const double* rates, int64_t count,
                    double* logSums, T* logDecays, T* keys, T* reads);
};

template <typename T>
const PoolKernels<T>& poolKernels();

}  // namespace uc
