// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "gpu/arithmetic.h"

/// Device code; included by kernel sources only.
namespace uc::gpu {

/// A rectangle of α of some scans of the delta rule: α[t,s] = k_sᵀ T_{s+1} … T_t q_t, walked back from each
/// row in O(N) a token, in double, since a row passes through hundreds of matrices.
template <typename T>
struct RuleRows {
  int64_t scan0 = 0, scans = 0;
  int64_t row0 = 0, rows = 0;
  int64_t col0 = 0, cols = 0;
  T* alpha = nullptr;  // [scans, rows, columns], those with s ≤ t

  UC_DEVICE T* at(int64_t scan, int64_t t, int64_t s) const {
    return alpha + ((scan - scan0) * rows + t - row0) * cols + s - col0;
  }
};

/// Queues the kernel that fills it; rows and columns may reach past the last token.
template <typename T>
void fillRuleRows(const Layer<T>& layer, const RuleRows<T>& rows, Stream& stream);

}  // namespace uc::gpu
