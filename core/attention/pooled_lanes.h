// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/attention/factor_view.h"
#include "core/attention/operators.h"

#include <cstdint>
#include <vector>

namespace uc {

/// Asks for values [first, first + count) of a row some tokens after t of a tensor [tokens, width]: those of
/// a few lanes lie far apart from token to token, and no processor guesses that far.
template <typename T>
void askAhead(const T* tensor, int64_t t, int64_t tokens, int64_t width, int64_t first, int64_t count) {
  constexpr int64_t kAhead = 24, kLine = 64 / sizeof(T);
  if (t + kAhead >= tokens) return;
  const T* row = tensor + (t + kAhead) * width + first;
  for (int64_t i = 0; i < count; i += kLine) __builtin_prefetch(row + i);
}

/// Neighboring lanes of one scan that share a state: [lane0, lane1).
struct PooledLane {
  int64_t scan = 0;
  int64_t lane0 = 0, lane1 = 0;
};

/// What the lanes of a pooled sum do to a scan's input and output: token u of a pixel of columns feeds
/// Z_u Σ_j w_j x̂_{u−j} over the tokens u − j of the pixel (x̂ is 1, or x), token t is read times G_t.
///
/// Lanes of one scan that all are fed the same, or all are read the same, need one state among them: the sum
/// of G, or that of what they feed, does for all. One thread an object; the view must outlive it.
template <typename T>
class PooledLanes {
 public:
  PooledLanes(const FactorView<T>& view, const LaneSpan& span, bool timesInput);

  /// The states that the sum over all lanes needs.
  const std::vector<PooledLane>& states() const { return m_states; }

  /// The states [first, last) come next.
  void setStates(int64_t first, int64_t last);
  int64_t count() const { return m_last - m_first; }
  int64_t scan(int64_t i) const { return m_states[static_cast<size_t>(m_first + i)].scan; }

  /// Token u of the pixel of columns [col0, col1): what each state is fed, [count].
  void feeds(int64_t u, int64_t col0, int64_t col1, T* out);

  /// Token t: what each state is read times, [count].
  void gates(int64_t t, T* out);

  /// G_t (S + the scan's own diagonal) times what is fed, summed over lanes: of the token last asked for
  /// by both of the above. `diagonals` [count] is null where the scan has none of its own.
  double onDiagonal(const double* diagonals) const;

 private:
  void sumLanes(const std::vector<T>& values, bool areEqual, T* out) const;

  const FactorView<T>& m_view;
  const bool m_timesInput;
  const bool m_feedsDiffer, m_gatesDiffer;  // between the lanes of a scan
  std::vector<PooledLane> m_states;
  int64_t m_first = 0, m_last = 0;
  int64_t m_lane0 = 0;            // of the states set
  std::vector<T> m_feeds;         // [lanes]
  std::vector<T> m_gates;         // [lanes]
  std::vector<T> m_tapWeights;    // [K, lanes]  of token u in column u − j
  std::vector<T> m_wholeWeights;  // [lanes]     their sums
};

}  // namespace uc
