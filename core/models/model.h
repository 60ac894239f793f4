// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/attention/factor_parts.h"
#include "core/attention/factors.h"
#include "core/io/checkpoint.h"
#include "core/values/feedback.h"
#include "core/values/model_info.h"

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace uc {

/// What a model is fed: token ids, or for a vision model a picture, already normalized.
struct ModelInput {
  std::vector<int64_t> ids;  // [L]
  at::Tensor pixels;         // [3, H, W] in the compute dtype
  ModelInput(std::initializer_list<int64_t> tokens) : ids(tokens) {}
  ModelInput(std::vector<int64_t> tokens) : ids(std::move(tokens)) {}  // NOLINT(google-explicit-constructor)
  ModelInput(at::Tensor picture) : pixels(std::move(picture)) {}       // NOLINT(google-explicit-constructor)
};

/// One input's way through a model, as far as it was run: some of what the residual stream was before a
/// block, and nothing of size D × L × N. What is not kept is recomputed from the nearest earlier place that
/// is, or from the ids. Changed by Model::extend alone, but for what Model::factors, which may be the first
/// to run some blocks, finds not to be finite.
struct Trace {
  std::vector<int64_t> ids;        // [L]; empty for a picture
  std::vector<at::Tensor> hidden;  // layers + 1 tensors [L, E]; hidden[i] enters block i; undefined: not kept
  int64_t keptEvery = 1;           // of the places, from the last one down, one in so many is kept; 0: none
  at::Tensor shared;               // [L, any]  what block 0 leaves for later ones, where that is kept
  at::Tensor tail;                 // [some, E]  the last rows of the last place, once run to the end
  mutable int64_t firstBroken = -1;  // the first layer whose output is not finite, of those that were run
  mutable std::vector<std::string> notices;  // numbers that are not finite, in weights or activations

  int64_t tokens() const { return ids.empty() ? hidden.front().size(0) : static_cast<int64_t>(ids.size()); }
  void noteBroken(int64_t layer) const {
    if (layer >= 0 && (firstBroken < 0 || layer < firstBroken)) firstBroken = layer;
  }
  bool keeps(int64_t place) const {
    return keptEvery > 0 && (static_cast<int64_t>(hidden.size()) - 1 - place) % keptEvery == 0;
  }
};

/// Tokens that a block works on at a time: bounds what it holds beside its input and output.
inline constexpr int64_t kChunkTokens = 2048;

/// A model family's side of the program: reads its config and tensors, runs, and announces its factors. One
/// worker thread uses it at a time. Weights are read from the file when a layer is first needed.
class Model {
 public:
  virtual ~Model() = default;

  virtual const ModelInfo& info() const = 0;

  /// Takes an input and runs nothing yet. The trace will keep as many places of the residual stream as fit
  /// into `streamBytes`, the last one first. Precondition: ids non-empty and below info().vocabulary; pixels
  /// of info().vision's size.
  virtual Trace begin(const ModelInput& input, int64_t streamBytes) const = 0;

  /// Runs on to the last place at or before `layer` that the trace keeps; with layer = info().layers to the
  /// end, whose last rows are always kept. Cancelled, it leaves the trace as far as it came.
  virtual void extend(Trace& trace, int64_t layer, const Feedback& feedback) const = 0;

  /// Runs all blocks and keeps every place.
  Trace run(const ModelInput& input, const Feedback& feedback) const;

  /// The factors of one layer, or the part of them that is needed, recomputed from the trace in the time of
  /// one block and of those since the last place kept: up to the last token needed, and from the first one on
  /// where no earlier one matters. Holds the result, and a few arrays of one chunk of tokens. 0 ≤ layer <
  /// info().layers. Of a picture all tokens are needed.
  virtual LayerFactors factors(const Trace& trace, int64_t layer, const FactorNeeds& needs,
                               const Feedback& feedback) const = 0;
  /// All of them.
  LayerFactors factors(const Trace& trace, int64_t layer, const Feedback& feedback) const;

  /// Logits of rows [first, last): [last − first, V] in the compute dtype. Rows that the trace does not keep
  /// cost a forward pass. A vision model has one row of classes whatever the rows: [1, classes].
  virtual at::Tensor logits(const Trace& trace, int64_t first, int64_t last,
                            const Feedback& feedback = {}) const = 0;

  /// Greedy or sampled continuation keeps a recurrent state, so that a step costs one token. Models of text
  /// only.
  class State {
   public:
    virtual ~State() = default;
  };
  virtual std::unique_ptr<State> start() const = 0;
  /// Feeds tokens, one or a whole prompt, and returns the last one's logits [V]. Precondition as for run().
  virtual at::Tensor step(State& state, const std::vector<int64_t>& ids, const Feedback& feedback) const = 0;
};

enum class ComputeType {
  Float32,
  Float64,
  BFloat16
};  // BFloat16: weights rounded once, arithmetic in float32

/// Chooses the family from config.json or the tensors' names and opens it. With a device its blocks run
/// there, as far as that has memory; traces, factors and logits are on the CPU all the same. Throws Failure.
std::unique_ptr<Model> openModel(std::shared_ptr<const Checkpoint> checkpoint, ComputeType type,
                                 int64_t memoryBudget, std::optional<c10::Device> device = std::nullopt);

}  // namespace uc
