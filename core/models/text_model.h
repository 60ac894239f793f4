// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/models/model.h"
#include "core/models/weights.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace uc {

/// What is the same in every language model: embedding, a stack of blocks, a head. A family derives from it,
/// fills m_info in its constructor, and says what one block does and which factors it has, for some tokens
/// after others; running over a text chunk by chunk, continuing it token by token, and the head by blocks of
/// rows are here. Used by one thread at a time.
class TextModel : public Model {
 public:
  const ModelInfo& info() const override { return m_info; }
  Trace begin(const ModelInput& input, int64_t streamBytes) const override;
  void extend(Trace& trace, int64_t layer, const Feedback& feedback) const override;
  using Model::factors;
  LayerFactors factors(const Trace& trace, int64_t layer, const FactorNeeds& needs,
                       const Feedback& feedback) const override;
  at::Tensor logits(const Trace& trace, int64_t first, int64_t last, const Feedback& feedback) const override;
  std::unique_ptr<State> start() const override;
  at::Tensor step(State& state, const std::vector<int64_t>& ids, const Feedback& feedback) const override;

 protected:
  explicit TextModel(Weights weights) : m_weights(std::move(weights)) {}

  /// What one block remembers between two tokens; a family derives its own.
  struct BlockState {
    virtual ~BlockState() = default;
  };

  /// Before the first token.
  virtual std::unique_ptr<BlockState> freshState(int64_t layer) const = 0;

  /// The residual stream that enters block 0: [l, E].
  virtual at::Tensor embed(const std::vector<int64_t>& ids) const = 0;

  /// One block over the next tokens: stream [l, E] into next [l, E]. `shared` is what earlier blocks left for
  /// later ones about the same tokens (RWKV-7's first values); undefined in block 0.
  virtual void block(int64_t layer, const at::Tensor& stream, at::Tensor next, BlockState& state,
                     at::Tensor& shared, const Feedback& feedback) const = 0;

  /// The factors of a block for the next tokens: all that `needs` asks for, of its lanes alone or of all;
  /// arrays that are not asked for may be there or not.
  virtual LayerFactors blockFactors(int64_t layer, const at::Tensor& stream, BlockState& state,
                                    at::Tensor& shared, const FactorNeeds& needs,
                                    const Feedback& feedback) const = 0;

  /// On how many tokens before it the factors of a token in `needs` depend but for y, given what enters the
  /// block; nothing: on all of them, as where G holds a norm of what the scan gives.
  virtual std::optional<int64_t> reachOf(int64_t /*layer*/, const FactorNeeds& /*needs*/) const {
    return std::nullopt;
  }

  /// Whether block 0 leaves something for later ones; and that alone, from what enters block 0, for the next
  /// tokens.
  virtual bool hasShared() const { return false; }
  virtual at::Tensor sharedOf(const at::Tensor& /*stream*/, BlockState& /*first*/,
                              const Feedback& /*feedback*/) const {
    return {};
  }

  /// What the head is multiplied with: the last norm of the stream, [l, E].
  virtual at::Tensor headInput(const at::Tensor& stream) const = 0;
  virtual const TensorInfo& headWeight() const = 0;  // [V, E]
  /// What follows the head (a soft cap), in place.
  virtual void finishLogits(at::Tensor& /*logits*/) const {}

  mutable Weights m_weights;  // reads on demand and keeps
  ModelInfo m_info;

 private:
  class Stream;

  at::Tensor stepHere(State& state, const std::vector<int64_t>& ids, const Feedback& feedback) const;
  void extendHere(Trace& trace, int64_t layer, const Feedback& feedback) const;
  LayerFactors factorsHere(const Trace& trace, int64_t layer, const FactorNeeds& needs,
                           const Feedback& feedback) const;
  /// Below so many tokens, and on a device, reading weights takes longer than using them: they are kept.
  void keepWeightsFor(int64_t tokens) const;
  at::Tensor streamAt(Trace& trace, int64_t place, bool isWhole, const Feedback& feedback) const;
  at::Tensor lastRows(const Trace& trace, int64_t first, int64_t last, const Feedback& feedback) const;
  at::Tensor head(const at::Tensor& stream, const Feedback& feedback) const;
};

}  // namespace uc
