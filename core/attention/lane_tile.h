// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/attention/factor_view.h"
#include "core/attention/kernels.h"

#include <cstdint>
#include <vector>

namespace uc {

/// Tokens are cut into blocks of this many, at multiples of it: inside a block exponents stay near zero,
/// between blocks there is one decay for each state.
inline constexpr int64_t kBlockTokens = 64;
inline constexpr int64_t kLeafTokens = 8;  // where halving a block ends

/// Σ of the step over every block of one lane, in double: the log decay between blocks is rate · Σ.
template <typename T>
std::vector<double> blockSteps(const FactorView<T>& view, int64_t lane, int64_t firstBlock,
                               int64_t lastBlock);

/// Dense rows of one lane's map over a panel of columns. α̂ = R⁻¹α + S with Z on its columns is computed by
/// blocks: below the diagonal block a product U V of inner dimension N, U[t] = q_t Π_{(r,t]} a and V[s] =
/// Π_{(s,e]} a · k_s Z_s with the decay Π_{(e,r]} a between, e ≤ r (mathematics.md §3.1); on the diagonal the
/// same by halves down to a few tokens, which a recurrence in double does. Then G and M act on finished rows.
/// No exponent is positive, and log decays are summed away from their reference, so that a NaN reaches
/// exactly the entries that it belongs to.
///
/// Scratch space that is used again and again: setPanel, then setLane, then row blocks, in this nesting. One
/// thread.
template <typename T>
class LaneTile {
 public:
  explicit LaneTile(const FactorView<T>& view);

  /// Columns [col0, col1) come next; rows up to `rowEnd` will be asked for.
  void setPanel(int64_t col0, int64_t col1, int64_t rowEnd);

  /// `steps` holds blockSteps from block `firstBlock` on; it must cover the panel and all rows asked for.
  void setLane(int64_t lane, const double* steps, int64_t firstBlock);

  /// Computes rows [row0, row1), which lie in one block of tokens.
  void setRows(int64_t row0, int64_t row1);

  /// How many entries of row t lie in the panel and on or below the diagonal.
  int64_t attended(int64_t t) const;

  /// Those entries of row t of H, t in the rows set: `attended(t)` values.
  void row(int64_t t, T* out);

 private:
  void transposeKeys();
  void fillColumnFactors();
  void multiplyBlocks(int64_t row0, int64_t row1);
  void fillDiagonal(int64_t begin, int64_t end, int64_t row0, int64_t row1);
  void fillBelow(int64_t begin, int64_t middle, int64_t end, int64_t row0, int64_t row1);
  void fillLeaf(int64_t begin, int64_t end, int64_t row0, int64_t row1);
  T* base(int64_t t, int64_t s) { return m_base.data() + (t - m_row0) * m_stride + (s - m_col0); }
  double* leafDecays(int64_t t) { return m_leafDecays.data() + t % kLeafTokens * m_state; }
  int64_t blockOf(int64_t token) const { return token / kBlockTokens; }

  const FactorView<T>& m_view;
  const Kernels<T>& m_kernels;
  const int64_t m_state;  // N

  int64_t m_col0 = 0, m_col1 = 0;  // the panel
  int64_t m_baseEnd = 0;           // columns of α̂ that it needs: K − 1 more, while there are tokens
  int64_t m_rowEnd = 0;
  int64_t m_stride = 0;  // of everything that has a column for each token of the panel
  int64_t m_group = -1;  // whose keys are transposed
  int64_t m_lane = -1;
  const double* m_steps = nullptr;
  int64_t m_firstBlock = 0;
  int64_t m_row0 = 0;

  std::vector<T> m_keys;             // [N, stride]
  std::vector<T> m_keyScale;         // [stride]
  std::vector<T> m_sums;             // [stride]   Σ of steps from a column to its reference
  std::vector<double> m_tails;       // [blocks]   Σ of steps from a block's reference to the block's end
  std::vector<T> m_v;                // [N, stride]
  std::vector<T> m_u;                // [64, N]
  std::vector<T> m_scaledU;          // [64, N]
  std::vector<T> m_between;          // [N]
  std::vector<T> m_ones;             // [N]
  std::vector<T> m_smallV;           // [N, 32]
  std::vector<T> m_smallSums;        // [64]
  std::vector<T> m_weights;          // [K]
  std::vector<T> m_gated;            // [K]      the weights times a row's gate
  std::vector<double> m_h;           // [N]
  std::vector<double> m_unit;        // [N]      ones
  std::vector<double> m_leafDecays;  // [8, N]
  std::vector<T> m_base;             // [64, stride]  α̂ Z of the rows set
};

}  // namespace uc
