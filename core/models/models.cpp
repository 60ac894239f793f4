// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/families.h"

#include <fmt/format.h>

#include <limits>

namespace uc {

namespace {

constexpr const char* kSupported =
    "Open a Mamba, Mamba-2, Falcon-Mamba, RecurrentGemma, RWKV-4 … 7 or Vision Mamba model.";

// What the file says it is, for the message.
std::string ownDescription(const Checkpoint& checkpoint) {
  const std::optional<Json>& config = checkpoint.config();
  if (!config) return fmt::format("{}, by the names of its tensors", printable(checkpoint.name()));
  const auto type = config->find("model_type");
  if (type != config->end()) {
    return "config.json, `model_type` " + (type->is_string()
                                               ? "\"" + printable(type->get<std::string>(), 80) + "\""
                                               : printable(type->dump(-1, ' ', true), 80));
  }
  const auto kwargs = config->find("ssm_cfg");
  if (kwargs != config->end() && kwargs->is_object() && kwargs->contains("layer")) {
    return "config.json, `ssm_cfg.layer` " + printable((*kwargs)["layer"].dump(-1, ' ', true), 80);
  }
  return "config.json, no `model_type`";
}

}  // namespace

Trace Model::run(const ModelInput& input, const Feedback& feedback) const {
  Trace trace = begin(input, std::numeric_limits<int64_t>::max());
  extend(trace, info().layers, feedback);
  return trace;
}

LayerFactors Model::factors(const Trace& trace, int64_t layer, const Feedback& feedback) const {
  return factors(trace, layer, FactorNeeds{0, info().lanesOf(layer)}, feedback);
}

std::unique_ptr<Model> openModel(std::shared_ptr<const Checkpoint> checkpoint, ComputeType type,
                                 int64_t memoryBudget, std::optional<c10::Device> device) {
  for (const Family& family : kFamilies) {
    if (!family.matches(*checkpoint)) continue;
    // Half for weights: the rest is for activations, factors and maps.
    return family.open(Weights(checkpoint, type, memoryBudget / 2, device));
  }
  fail("This model family is not supported.", ownDescription(*checkpoint), kSupported);
}

}  // namespace uc
