// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/models/rwkv_model.h"

#include <cstdint>
#include <string_view>

namespace uc {

/// What RWKV-5, 6 and 7 share: heads with an N × N state, group norm over every head (conventions.md 10) and
/// a gate: y = g ⊙ (GroupNorm(o) + bonus · v). A version derives from it and says what goes into the scan.
class RwkvHeads : public RwkvModel {
 protected:
  using RwkvModel::RwkvModel;

  /// What goes into the scan of some tokens, A = H · N.
  struct Projected {
    at::Tensor receptance, key, value;  // [L, A]
    at::Tensor logDecay;                // [L, A] ≤ 0; [1, A] when it is the same for every token
    at::Tensor gate;                    // [L, A]; undefined: 1
    at::Tensor first;                   // [H, N], what the current token's key is weighed with; RWKV-5, 6
    at::Tensor removeKey, removeWrite;  // [L, A]; RWKV-7
    at::Tensor bonus;                   // [L, H], of v past the norm; RWKV-7
  };
  virtual Projected project(int64_t layer, const at::Tensor& shifted, at::Tensor& shared,
                            const Feedback& feedback) const = 0;

  struct Head {
    RwkvTensor norm, normBias;  // [A], ln_x
    RwkvTensor startState;      // [H, N, N], of head, value, key; a tuned first state, or none
  };
  Head claimHead(int64_t layer);
  std::vector<Head> m_heads;

  at::Tensor freshWkv(int64_t layer) const override;
  at::Tensor mixerOutput(int64_t layer, const at::Tensor& shifted, at::Tensor& wkv, at::Tensor& shared,
                         const Feedback& feedback) const override;
  LayerFactors blockFactors(int64_t layer, const at::Tensor& stream, BlockState& state, at::Tensor& shared,
                            const FactorNeeds& needs, const Feedback& feedback) const override;

 private:
  at::Tensor scanned(const Projected& projected, at::Tensor& wkv, const Feedback& feedback) const;
  at::Tensor finished(int64_t layer, const Projected& projected, const at::Tensor& scanned,
                      const Feedback& feedback) const;
  at::Tensor perHead(const at::Tensor& lanes) const;  // [L, A] → [L, H, N]
};

}  // namespace uc
