// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "gpu/arithmetic.h"

#include <cstdint>

/// Device code; included by kernel sources only.
namespace uc::gpu {

/// The two sides of α of some scans that decay, in blocks of 64 tokens (mathematics.md §3.1): with r the
/// first token of a block of rows and e the last of a block of columns, U[t,n] = q[t,n] Π_{[r,t]} a and
/// V[s,n] = k[s,n] Π_{(s,e]} a; what lies between the two blocks is a difference of `sums`. A token that
/// reads before its own decay has the product over [r, t). No exponent is positive.
template <typename T>
struct BlockFactors {
  int64_t scan0 = 0, scans = 0;
  int64_t rowBlock0 = 0, rowBlocks = 0;
  int64_t colBlock0 = 0, colBlocks = 0;
  T* u = nullptr;            // [scans, row blocks, N, 64]
  T* v = nullptr;            // [scans, column blocks, N, 64]
  DecaySum* sums = nullptr;  // [blocks + 1, scans, N]: of the blocks from the first block of columns on

  UC_DEVICE int64_t blocks() const { return rowBlock0 + rowBlocks - colBlock0; }
  UC_DEVICE T* uOf(int64_t scan, int64_t block, int64_t state) const {
    return u + ((scan - scan0) * rowBlocks + block - rowBlock0) * state * kBlock;
  }
  UC_DEVICE T* vOf(int64_t scan, int64_t block, int64_t state) const {
    return v + ((scan - scan0) * colBlocks + block - colBlock0) * state * kBlock;
  }
  /// The sums before `block` begins.
  UC_DEVICE DecaySum* sumsAt(int64_t scan, int64_t block, int64_t state) const {
    return sums + ((block - colBlock0) * scans + scan - scan0) * state;
  }
};

/// The bytes that one scan takes in it.
template <typename T>
int64_t blockFactorBytes(const BlockFactors<T>& shape, int64_t state) {
  const auto value = static_cast<int64_t>(sizeof(T));
  return state * ((shape.rowBlocks + shape.colBlocks) * kBlock * value +
                  (shape.blocks() + 1) * static_cast<int64_t>(sizeof(DecaySum)));
}

/// Queues the kernels that fill `factors`, whose pointers and ranges are set.
template <typename T>
void fillBlockFactors(const Layer<T>& layer, const BlockFactors<T>& factors, Stream& stream);

}  // namespace uc::gpu
