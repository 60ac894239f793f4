// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/mamba_stack.h"

#include "core/models/blocks.h"
#include "core/values/error.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>

namespace uc {

namespace {

std::set<int64_t> layerNumbers(const Checkpoint& checkpoint, const std::string& prefix) {
  constexpr int64_t kMaxLayers = 1'000'000;
  const std::string start = prefix + "layers.";
  std::set<int64_t> result;
  for (const TensorInfo& tensor : checkpoint.tensors()) {
    if (!tensor.name.starts_with(start)) continue;
    const char* end = tensor.name.data() + tensor.name.size();
    int64_t layer = -1;
    const auto parsed = std::from_chars(tensor.name.data() + start.size(), end, layer);
    if (parsed.ec == std::errc() && parsed.ptr != end && *parsed.ptr == '.' && layer >= 0 &&
        layer < kMaxLayers)
      result.insert(layer);
  }
  return result;
}

int64_t roundedUp(int64_t value, int64_t multiple) {
  if (multiple < 2 || value > std::numeric_limits<int64_t>::max() - multiple) return value;
  return (value + multiple - 1) / multiple * multiple;
}

}  // namespace

std::string MambaStack::layerName(int64_t layer) const { return fmt::format("{}layers.{}.", prefix, layer); }

std::string MambaStack::mixerName(int64_t layer) const { return layerName(layer) + "mixer."; }

const TensorInfo* findMambaEmbedding(const Checkpoint& checkpoint) {
  for (const char* name : {"backbone.embeddings.weight", "backbone.embedding.weight", "embeddings.weight"}) {
    if (const TensorInfo* tensor = checkpoint.find(name)) return tensor;
  }
  return nullptr;
}

std::string mambaPrefix(const TensorInfo& embedding) {
  return embedding.name.starts_with("backbone.") ? "backbone." : "";
}

MambaStack findMambaStack(const Weights& weights, const MambaConfig& config) {
  MambaStack stack;
  stack.epsilon = config.epsilon;
  stack.embedding = findMambaEmbedding(weights.checkpoint());
  if (stack.embedding == nullptr) stack.embedding = &weights.need("backbone.embeddings.weight");
  stack.prefix = mambaPrefix(*stack.embedding);
  stack.found = layerNumbers(weights.checkpoint(), stack.prefix);
  stack.layers = stack.found.empty() ? 0 : *stack.found.rbegin() + 1;
  if (config.layers && (config.layers->value != stack.layers || stack.layers == 0)) {
    failConfig(fmt::format("config.json: `{}` {}, the weights have {} layers", config.layers->key,
                           config.layers->value, stack.layers));
  }
  const std::optional<bool> isLayerNorm =
      config.isRmsNorm ? std::optional<bool>(!*config.isRmsNorm) : std::nullopt;
  stack.isLayerNorm = hasOptional(weights, stack.prefix + "norm_f.bias", isLayerNorm);
  return stack;
}

int64_t SizeVote::result() const {
  int64_t best = 0, most = 0;
  for (const auto& [value, count] : m_counts) {
    if (count > most) {
      best = value;
      most = count;
    }
  }
  return best;
}

void requireSize(const TensorInfo& tensor, size_t axis, int64_t found,
                 const std::optional<ConfigSize>& expected) {
  if (!expected || expected->value == found) return;
  std::vector<int64_t> shape = tensor.shape;
  if (axis < shape.size()) shape[axis] = expected->value;
  failShape(tensor, shape, fmt::format("config.json: `{}` {}", expected->key, expected->value));
}

void checkMambaEnds(const MambaStack& stack, const MambaConfig& config) {
  const TensorInfo& embedding = *stack.embedding;
  if (embedding.shape.size() != 2) failShape(embedding, {stack.V, stack.E}, "");
  requireSize(embedding, 1, stack.E, config.width);
  if (config.vocabulary && roundedUp(config.vocabulary->value, config.vocabularyMultiple) != stack.V) {
    requireSize(embedding, 0, stack.V, config.vocabulary);
  }
}

void checkExpand(const MambaStack& stack, const MambaConfig& config, int64_t lanes) {
  if (config.lanes || !config.expand) return;
  if (std::floor(*config.expand * static_cast<double>(stack.E)) == static_cast<double>(lanes)) return;
  failConfig(fmt::format("config.json: `expand` {} of width {}, the weights have {} lanes", *config.expand,
                         stack.E, lanes));
}

void checkMeasured(const MambaStack& stack, const std::vector<int64_t>& sizes) {
  constexpr int64_t kMost = int64_t{1} << 40;
  for (const int64_t size : sizes) {
    if (size >= 1 && size <= kMost) continue;
    fail(size < 1 ? "A tensor has no elements." : "A tensor has a size that cannot be used.",
         printable(stack.embedding->file) + ", sizes of the layers", "Check that the file is complete.");
  }
}

bool hasOptional(const Weights& weights, const std::string& name, const std::optional<bool>& said) {
  const bool isThere = weights.find(name) != nullptr;
  if (said && !*said && isThere) {
    failConfig(fmt::format("by config.json there is no `{}`, but the weights have it", printable(name)));
  }
  return said.value_or(isThere);
}

void claimMambaEnds(Weights& weights, MambaStack& stack, const MambaConfig& config) {
  const std::vector<int64_t> table = {stack.V, stack.E};
  weights.claim(stack.embedding->name, table);
  stack.norm = &weights.claim(stack.prefix + "norm_f.weight", {stack.E});
  if (stack.isLayerNorm) stack.normBias = &weights.claim(stack.prefix + "norm_f.bias", {stack.E});
  const bool isStored = weights.find("lm_head.weight") != nullptr;
  if (config.isTied.value_or(!isStored)) {
    stack.head = stack.embedding;
    if (isStored) weights.ignore("lm_head.weight");
  } else {
    stack.head = &weights.claim("lm_head.weight", table);
  }
}

at::Tensor mambaNorm(const MambaStack& stack, const at::Tensor& stream, const at::Tensor& weight,
                     const at::Tensor& bias) {
  if (!stack.isLayerNorm) return rmsNorm(stream, weight, stack.epsilon);
  return at::layer_norm(stream, {stack.E}, weight, bias, stack.epsilon);
}

}  // namespace uc
