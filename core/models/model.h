// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/attention/factors.h"
#include "core/io/checkpoint.h"
#include "core/values/feedback.h"
#include "core/values/model_info.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <initializer_list>
#include <memory>
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

/// One forward pass over one input, kept so that the factors of any layer can be had afterwards: the residual
/// stream before every block and after the last, nothing of size D × L × N. Immutable once made.
struct Trace {
  std::vector<int64_t> ids;          // [L]; empty for a picture
  std::vector<at::Tensor> hidden;    // layers + 1 tensors [L, E]; hidden[i] enters block i
  std::vector<std::string> notices;  // numbers that are not finite, in weights or activations
  int64_t tokens() const { return hidden.front().size(0); }
};

/// A model family's side of the program: reads its config and tensors, runs, and announces its factors. One
/// worker thread uses it at a time. Weights are read from the file when a layer is first needed.
class Model {
 public:
  virtual ~Model() = default;

  virtual const ModelInfo& info() const = 0;

  /// Runs all blocks. Precondition: ids non-empty and below info().vocabulary; pixels of info().vision's
  /// size.
  virtual Trace run(const ModelInput& input, const Feedback& feedback) const = 0;

  /// The factors of one layer, recomputed from the trace in the time of one block. 0 ≤ layer < info().layers.
  virtual LayerFactors factors(const Trace& trace, int64_t layer, const Feedback& feedback) const = 0;

  /// Logits of rows [first, last): [last − first, V] in the compute dtype. A vision model has one row of
  /// classes whatever the rows: [1, classes].
  virtual at::Tensor logits(const Trace& trace, int64_t first, int64_t last) const = 0;

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

/// Chooses the family from config.json or the tensors' names and opens it. Throws Failure.
std::unique_ptr<Model> openModel(std::shared_ptr<const Checkpoint> checkpoint, ComputeType type,
                                 int64_t memoryBudget);

}  // namespace uc
