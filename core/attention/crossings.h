// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/attention/factor_view.h"
#include "core/values/feedback.h"

#include <cstdint>
#include <vector>

namespace uc {

/// Tokens are cut into blocks of this many, at multiples of it: inside a block exponents stay near zero,
/// between blocks there is one decay (or one matrix) for each state.
inline constexpr int64_t kBlockTokens = 64;
inline constexpr int64_t kLeafTokens = 8;  // where halving a block ends

/// exp of the log decays of token t of scan c, in double: out [N].
template <typename T>
void decaysAt(const FactorView<T>& view, int64_t t, int64_t c, double* out);

/// How wide a sum of log decays is: 1 for step · rate, whose sums are those of the step, else N.
template <typename T>
int64_t sumWidth(const FactorView<T>& view) {
  return view.logDecay ? view.state : 1;
}

/// Adds token t of scan c to `sums` [sumWidth].
template <typename T>
void addLogDecay(const FactorView<T>& view, int64_t t, int64_t c, double* sums) {
  if (!view.logDecay) {
    sums[0] += view.stepAt(t, c);
    return;
  }
  const T* logDecay = view.logDecayAt(t, c);
  for (int64_t n = 0; n < view.state; ++n) sums[n] += static_cast<double>(logDecay[n]);
}

/// What a state meets on its way across whole blocks of tokens: the sums of log decays of each block, or for
/// the delta rule the product of its matrices. Made once a call of an operator, for a range of scans and
/// tokens, and then read by all threads. O(L N) a scan. `view` must outlive it.
template <typename T>
class Crossings {
 public:
  /// For the scans [scan0, scan1) and the blocks that hold tokens [token0, token1). `rows`: how many rows of
  /// a map will be asked for; few rows are taken across a matrix product token by token with less work.
  Crossings(const FactorView<T>& view, int64_t scan0, int64_t scan1, int64_t token0, int64_t token1,
            int64_t rows, const Feedback& feedback);

  /// Σ of log decays over a block: [sumWidth]. Those of the scans after it follow.
  const double* logDecay(int64_t scan, int64_t block) const {
    return m_sums.data() + ((block - m_block0) * (m_scan1 - m_scan0) + scan - m_scan0) * sumWidth(m_view);
  }

  /// The delta rule: takes `rows` vectors u [rows, N] from the end of block `from` − 1 back to the beginning
  /// of block `to`: u_i ← T_first … T_last u_i. `scratch` is at least as large as u plus N · N.
  void advance(int64_t scan, int64_t from, int64_t to, int64_t rows, double* u, double* scratch) const;

 private:
  void sumBlock(int64_t block);
  void multiplyBlocks(int64_t scan);

  const FactorView<T>& m_view;
  const int64_t m_scan0, m_scan1, m_block0, m_block1;
  bool m_hasMatrices = false;
  std::vector<double> m_sums;  // [blocks, scans, sumWidth]
  // [scans][level][blocks >> level, N, N]: row i is T_first … T_last e_i over 2^level blocks at multiples of
  // it.
  std::vector<std::vector<std::vector<T>>> m_matrices;
};

}  // namespace uc
