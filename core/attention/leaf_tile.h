// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/attention/factor_view.h"
#include "core/attention/leaf_kernels.h"

#include <cstdint>
#include <vector>

namespace uc {

/// The entries of a few tokens at the diagonal, for a group of lanes at once, by the recurrence: factors in
/// T, computed in U. A convolution injects a token into the states of the K columns that it reaches.
///
/// Scratch space that is used again and again: setLanes, then compute. One thread.
template <typename T, typename U>
class LeafTile {
 public:
  /// `rows`: the most rows of one leaf. `x` [L, D] in the order of the picture, or null.
  LeafTile(const FactorView<T>& view, int64_t rows, const T* x, bool isReversed);

  /// At most kGroupLanes.
  void setLanes(int64_t lane0, int64_t lane1);

  /// Rows [row0, row1) by columns [col0, col1), col0 ≤ row0, col1 ≤ row1, the lanes joined with each other:
  /// entry (t, s) at [(t − col0)(col1 − col0) + s − col0], s ≤ t.
  const U* compute(Join join, int64_t row0, int64_t row1, int64_t col0, int64_t col1);

 private:
  void fillToken(int64_t t, int64_t at, bool isRow);
  void fillFactors(const T* values, const std::vector<int64_t>& offsets, const U* scale, U* out);

  const FactorView<T>& m_view;
  const T* const m_x;
  const bool m_isReversed;
  const LeafKernels<U>& m_kernels;
  const int64_t m_state;  // N
  int64_t m_lane0 = 0, m_lanes = 0;

  std::vector<int64_t> m_queryOffsets;  // [lanes]
  std::vector<int64_t> m_keyOffsets;    // [lanes]
  std::vector<U> m_shared;              // [N]
  // By lane:
  std::vector<U> m_rate;     // [N]
  std::vector<U> m_weights;  // [K]
  std::vector<U> m_decays;   // [tokens, N]
  std::vector<U> m_query;    // [tokens, N]
  std::vector<U> m_key;      // [tokens, N]
  std::vector<U> m_skip;     // [tokens]
  std::vector<U> m_inputs;   // [tokens]
  std::vector<U> m_scratch;  // [tokens, columns]
  std::vector<U> m_entries;  // [tokens, columns], lanes joined
};

}  // namespace uc
