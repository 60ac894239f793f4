// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/models/mamba_config.h"
#include "core/models/weights.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace uc {

/// What a Mamba-1 or Mamba-2 checkpoint has around its mixers, and how its sizes are found. Symbols as in
/// docs/mathematics.md: E width, V vocabulary. Hugging Face and mamba_ssm name these tensors alike, but for
/// the embedding.
struct MambaStack {
  int64_t V = 0, E = 0;
  double epsilon = 1e-5;
  bool isLayerNorm = false;               // else RMSNorm
  const TensorInfo* embedding = nullptr;  // [V, E]
  const TensorInfo* head = nullptr;       // [V, E]; the embedding itself when tied
  const TensorInfo* norm = nullptr;       // [E], before the head
  const TensorInfo* normBias = nullptr;   // [E]
  std::string prefix;                     // "backbone.", or nothing
  std::set<int64_t> found;                // the numbers of the layers that the file has tensors of
  int64_t layers = 0;

  std::string layerName(int64_t layer) const;  // "backbone.layers.0."
  std::string mixerName(int64_t layer) const;  // "backbone.layers.0.mixer."
};

/// Looks for the embedding: "backbone.embeddings.weight" of Hugging Face, "backbone.embedding.weight" of
/// mamba_ssm, or the first without its prefix, as a model saved without its head has it. Null: none.
const TensorInfo* findMambaEmbedding(const Checkpoint& checkpoint);
std::string mambaPrefix(const TensorInfo& embedding);

/// Everything but V, E, head and norms, which measuring and claimMambaEnds() fill in. Throws Failure without
/// an embedding, or when the config counts other layers than the file has.
MambaStack findMambaStack(const Weights& weights, const MambaConfig& config);

/// A size as most tensors have it, so that one wrong tensor is the one that is named.
class SizeVote {
 public:
  void add(int64_t value) { ++m_counts[value]; }
  void add(const TensorInfo* tensor, size_t axis, int64_t divisor = 1) {
    if (tensor != nullptr && axis < tensor->shape.size()) add(tensor->shape[axis] / divisor);
  }
  int64_t result() const;  // the smaller among equals, 0 without votes

 private:
  std::map<int64_t, int64_t> m_counts;
};

/// Throws Failure when `expected` says something else than `found`, naming the tensor that has it on `axis`.
void requireSize(const TensorInfo& tensor, size_t axis, int64_t found,
                 const std::optional<ConfigSize>& expected);
/// The embedding against the config.
void checkMambaEnds(const MambaStack& stack, const MambaConfig& config);
/// `lanes` against `expand`, unless the config says the lanes themselves.
void checkExpand(const MambaStack& stack, const MambaConfig& config, int64_t lanes);
/// Sizes found in tensors must be at least 1, and small enough to calculate with.
void checkMeasured(const MambaStack& stack, const std::vector<int64_t>& sizes);

/// A config that says nothing leaves it to the file; one that denies a stored tensor would change the model
/// silently.
bool hasOptional(const Weights& weights, const std::string& name, const std::optional<bool>& said);

/// Claims embedding, last norm and head. Tied models may store the head all the same (mamba_ssm does).
void claimMambaEnds(Weights& weights, MambaStack& stack, const MambaConfig& config);

/// RMSNorm or LayerNorm of a stream [l, E].
at::Tensor mambaNorm(const MambaStack& stack, const at::Tensor& stream, const at::Tensor& weight,
                     const at::Tensor& bias);

}  // namespace uc
