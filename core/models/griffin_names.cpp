// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/griffin_names.h"

namespace uc {

namespace {

constexpr GriffinSpelling kHuggingFace = {
    .norm = ".weight",
    .recurrent = "temporal_block.",
    .attention = "temporal_block.",
    .conv = "conv_1d.weight",
    .convBias = "conv_1d.bias",
    .decay = "rg_lru.recurrent_param",
    .inputGate = "rg_lru.input_gate_weight",
    .inputGateBias = "rg_lru.input_gate_bias",
    .recurrentGate = "rg_lru.recurrent_gate_weight",
    .recurrentGateBias = "rg_lru.recurrent_gate_bias",
    .q = "q_proj.",
    .k = "k_proj.",
    .v = "v_proj.",
    .out = "o_proj.",
    .gate = "mlp_block.gate_proj.weight",
    .gateBias = "mlp_block.gate_proj.bias",
    .up = "mlp_block.up_proj.weight",
    .upBias = "mlp_block.up_proj.bias",
    .down = "mlp_block.down_proj.",
    .tapsAxis = 2,
    .convLanesAxis = 0,
    .feedAxis = 0,
    .widthAxis = 1,
};

constexpr GriffinSpelling kDeepMind = {
    .norm = ".scale",
    .recurrent = "recurrent_block.",
    .attention = "attention_block.",
    .conv = "conv_1d.w",
    .convBias = "conv_1d.b",
    .decay = "rg_lru.a_param",
    .inputGate = "rg_lru.input_gate.w",
    .inputGateBias = "rg_lru.input_gate.b",
    .recurrentGate = "rg_lru.a_gate.w",
    .recurrentGateBias = "rg_lru.a_gate.b",
    .q = "proj_q.",
    .k = "proj_k.",
    .v = "proj_v.",
    .out = "proj_final.",
    .gate = "mlp_block.ffw_up.w",
    .gateBias = "mlp_block.ffw_up.b",
    .up = nullptr,
    .upBias = nullptr,
    .down = "mlp_block.ffw_down.",
    .tapsAxis = 0,
    .convLanesAxis = 1,
    .feedAxis = 2,
    .widthAxis = 1,
};

}  // namespace

GriffinNames::GriffinNames(const Checkpoint& checkpoint) {
  for (const char* name : {"model.embed_tokens.weight", "embed_tokens.weight", "embedder.input_embedding"}) {
    if (embedding == nullptr) embedding = checkpoint.find(name);
  }
  isDeepMind = embedding != nullptr && embedding->name == "embedder.input_embedding";
  spelling = isDeepMind ? &kDeepMind : &kHuggingFace;
  const bool isBare = embedding != nullptr && !embedding->name.starts_with("model.");
  prefix = isBare ? "" : "model.";
  blocks = isDeepMind ? "blocks." : prefix + "layers.";
}

}  // namespace uc
