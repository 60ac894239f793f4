// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/models/rwkv_open.h"
#include "core/models/text_model.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace uc {

/// What RWKV-4 to 7 share: x ← x + W_o y(LN1 x), x ← x + FFN(LN2 x), where both halves see the token before
/// through a token shift (arXiv 2404.05892, section 4). A version derives from it and computes y. Used by one
/// thread at a time.
class RwkvModel : public TextModel {
 protected:
  RwkvModel(Weights weights, int64_t version);

  /// Tokens that a thread works on at a time.
  static constexpr int64_t kPiece = 256;

  /// Fills m_info; the last thing that a family's constructor does.
  void describe(int64_t heads, int64_t state);

  struct LayerState : BlockState {
    at::Tensor mixerInput, feedInput;  // [C], both norms' last rows
    at::Tensor wkv;                    // the mixer's own
    at::Tensor startOnly;              // the same as if nothing had been written into a tuned first state
  };

  /// The mixer before the first token.
  virtual at::Tensor freshWkv(int64_t layer) const = 0;

  /// The mixer's output before its output projection, [L, A]. `shifted` [1 + L, C] begins with the row before
  /// the first token; `wkv` and `shared` as in TextModel.
  virtual at::Tensor mixerOutput(int64_t layer, const at::Tensor& shifted, at::Tensor& wkv,
                                 at::Tensor& shared, const Feedback& feedback) const = 0;

  /// What mixerOutput() is given for the next tokens: LN1 of what enters a layer, below the row before, which
  /// the state carries over.
  at::Tensor shiftedInput(int64_t layer, const at::Tensor& stream, LayerState& state,
                          const Feedback& feedback) const;

  /// The factors that all versions fill in the same way.
  LayerFactors commonFactors(int64_t tokens) const;

  /// In the compute type and in the shape that the formulas want; undefined when the model has none.
  at::Tensor load(const RwkvTensor& tensor) const;
  /// Rows [first, last) mixed with those before them: x_t + (x_{t−1} − x_t) ⊙ mix; `mix` [C] or [L, C].
  static at::Tensor mixed(const at::Tensor& shifted, int64_t first, int64_t last, const at::Tensor& mix);

  std::unique_ptr<BlockState> freshState(int64_t layer) const override;
  /// The token shift; RWKV-4's normalizer sums over all tokens before, and G of the others holds a norm.
  std::optional<int64_t> reachOf(int64_t /*layer*/, const FactorNeeds& needs) const override {
    return m_claims.version() == 4 || needs.hasScales ? std::nullopt : std::optional<int64_t>(1);
  }
  at::Tensor embed(const std::vector<int64_t>& ids) const override;
  void block(int64_t layer, const at::Tensor& stream, at::Tensor next, BlockState& state, at::Tensor& shared,
             const Feedback& feedback) const override;
  at::Tensor headInput(const at::Tensor& stream) const override;
  const TensorInfo& headWeight() const override { return *m_claims.head().info; }

  RwkvClaims m_claims;

 private:
  struct Norm {
    at::Tensor weight, bias;  // [C]
  };
  Norm loadNorm(const RwkvNorm& norm) const { return {load(norm.weight), load(norm.bias)}; }
  at::Tensor normalized(const at::Tensor& x, const Norm& norm, double epsilon) const;
  void feedForward(int64_t layer, const at::Tensor& shifted, at::Tensor next, const Feedback& feedback) const;
  double scaleOf(int64_t layer) const;
};

}  // namespace uc
