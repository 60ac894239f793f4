// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/rwkv_names.h"

#include "core/models/config_values.h"
#include "core/values/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace uc {

namespace {

using Style = RwkvNames::Style;

// The beginning of a name inside a block, BlinkDL's and the other's. The first that fits is taken.
struct Renaming {
  Style style;
  int64_t version;  // 0: all
  std::string_view from, to;
};

constexpr Renaming kRenamings[] = {
    {Style::HuggingFace, 0, "ln0.", "pre_ln."},
    {Style::HuggingFace, 0, "att.time_mix_k", "attention.time_mix_key"},
    {Style::HuggingFace, 0, "att.time_mix_v", "attention.time_mix_value"},
    {Style::HuggingFace, 0, "att.time_mix_r", "attention.time_mix_receptance"},
    {Style::HuggingFace, 0, "att.time_mix_g", "attention.time_mix_gate"},
    {Style::HuggingFace, 0, "att.", "attention."},
    {Style::HuggingFace, 0, "ffn.time_mix_k", "feed_forward.time_mix_key"},
    {Style::HuggingFace, 0, "ffn.time_mix_r", "feed_forward.time_mix_receptance"},
    {Style::HuggingFace, 0, "ffn.", "feed_forward."},
    {Style::Fla, 0, "ln0.", "pre_norm."},
    {Style::Fla, 0, "ln1.", "attn_norm."},
    {Style::Fla, 0, "ln2.", "ffn_norm."},
    {Style::Fla, 0, "att.ln_x.", "attn.g_norm."},
    {Style::Fla, 0, "att.output.", "attn.o_proj."},
    {Style::Fla, 7, "att.receptance.", "attn.r_proj."},
    {Style::Fla, 7, "att.key.", "attn.k_proj."},
    {Style::Fla, 7, "att.value.", "attn.v_proj."},
    {Style::Fla, 7, "att.w0", "attn.w_lora.lora.2.bias"},
    {Style::Fla, 7, "att.w1", "attn.w_lora.lora.0.weight"},
    {Style::Fla, 7, "att.w2", "attn.w_lora.lora.2.weight"},
    {Style::Fla, 7, "att.a0", "attn.a_lora.lora.2.bias"},
    {Style::Fla, 7, "att.a1", "attn.a_lora.lora.0.weight"},
    {Style::Fla, 7, "att.a2", "attn.a_lora.lora.2.weight"},
    {Style::Fla, 7, "att.v0", "attn.v_lora.lora.2.bias"},
    {Style::Fla, 7, "att.v1", "attn.v_lora.lora.0.weight"},
    {Style::Fla, 7, "att.v2", "attn.v_lora.lora.2.weight"},
    {Style::Fla, 7, "att.g1", "attn.g_lora.lora.0.weight"},
    {Style::Fla, 7, "att.g2", "attn.g_lora.lora.2.weight"},
    {Style::Fla, 6, "att.receptance.", "attn.r_proj.linear."},
    {Style::Fla, 6, "att.key.", "attn.k_proj.linear."},
    {Style::Fla, 6, "att.value.", "attn.v_proj.linear."},
    {Style::Fla, 6, "att.gate.", "attn.g_proj.linear."},
    {Style::Fla, 6, "att.time_maa_x", "attn.x_proj.0.mu"},
    {Style::Fla, 6, "att.time_maa_w1", "attn.x_proj.0.linear.weight"},
    {Style::Fla, 6, "att.time_maa_w2", "attn.x_proj.2.weight"},
    {Style::Fla, 6, "att.time_decay_w1", "attn.w_proj.linear.lora.0.weight"},
    {Style::Fla, 6, "att.time_decay_w2", "attn.w_proj.linear.lora.2.weight"},
    {Style::Fla, 6, "att.time_decay", "attn.w_proj.linear.lora.2.bias"},
    {Style::Fla, 6, "att.time_faaaa", "attn.bonus"},
    {Style::Fla, 6, "ffn.time_maa_k", "ffn.key.mu"},
    {Style::Fla, 6, "ffn.time_maa_r", "ffn.receptance.mu"},
    {Style::Fla, 6, "ffn.key.", "ffn.key.linear."},
    {Style::Fla, 6, "ffn.receptance.", "ffn.receptance.linear."},
    {Style::Fla, 0, "att.", "attn."},
};

std::vector<std::string_view> segments(std::string_view name) {
  std::vector<std::string_view> result;
  while (true) {
    const size_t dot = name.find('.');
    result.push_back(name.substr(0, dot));
    if (dot == std::string_view::npos) return result;
    name.remove_prefix(dot + 1);
  }
}

// What a mixer's tensor betrays of its version; 0: nothing.
int64_t versionOf(std::string_view part) {
  if (part == "r_k") return 7;
  if (part.starts_with("time_maa") || part == "bonus" || part == "x_proj") return 6;
  if (part == "ln_x") return 5;
  return part == "time_decay" ? 4 : 0;
}

}  // namespace

RwkvNames::RwkvNames(const Checkpoint& checkpoint) {
  for (const TensorInfo& tensor : checkpoint.tensors()) look(tensor.name);
}

void RwkvNames::look(std::string_view name) {
  std::string prefix;
  for (const char* candidate : {"rwkv.", "model."}) {
    if (name.starts_with(candidate)) prefix = candidate;
  }
  const std::vector<std::string_view> parts = segments(name.substr(prefix.size()));
  if (parts.size() < 4) return;
  const int64_t version = versionOf(parts[3]);
  if (version <= m_version) return;
  const bool isFla = parts[0] == "layers" && parts[2] == "attn" && prefix != "rwkv.";
  const bool isHuggingFace = parts[0] == "blocks" && parts[2] == "attention" && prefix != "model.";
  const bool isBlinkDl = parts[0] == "blocks" && parts[2] == "att" && prefix.empty();
  if (!isFla && !isHuggingFace && !isBlinkDl) return;
  if (isFla && version < 6) return;
  m_style = isFla ? Style::Fla : isHuggingFace ? Style::HuggingFace : Style::BlinkDl;
  m_prefix = prefix;
  m_version = version;
}

std::string RwkvNames::whole(std::string_view name) const {
  const bool isHead = name == "head.weight";
  if (m_style == Style::BlinkDl) return std::string(name);
  if (isHead) return m_style == Style::Fla ? "lm_head.weight" : "head.weight";
  if (name == "emb.weight") return m_prefix + "embeddings.weight";
  if (m_style == Style::Fla && name.starts_with("ln_out.")) {
    return m_prefix + "norm." + std::string(name.substr(7));
  }
  return m_prefix + std::string(name);
}

std::string RwkvNames::blocksPrefix() const {
  return m_prefix + (m_style == Style::Fla ? "layers." : "blocks.");
}

std::string RwkvNames::block(int64_t layer, std::string_view tail) const {
  for (const Renaming& renaming : kRenamings) {
    if (renaming.style != m_style || !tail.starts_with(renaming.from)) continue;
    if (renaming.version != 0 && renaming.version != m_version) continue;
    return fmt::format("{}{}.{}{}", blocksPrefix(), layer, renaming.to, tail.substr(renaming.from.size()));
  }
  return fmt::format("{}{}.{}", blocksPrefix(), layer, tail);
}

bool isRwkv(const Checkpoint& checkpoint, int64_t version) {
  if (const Json* type = modelType(checkpoint)) {
    return *type == (version == 4 ? "rwkv" : fmt::format("rwkv{}", version));
  }
  return RwkvNames(checkpoint).version() == version;
}

void refuseResearchVariants(const Checkpoint& checkpoint) {
  constexpr std::string_view kExtras[] = {"head_q", "head_k", "copy_mask", "pos_emb_x", "pos_emb_y",
                                          "ffnPre", "qkv",    "s0",        "s1",        "s2"};
  for (const TensorInfo& tensor : checkpoint.tensors()) {
    for (const std::string_view part : segments(tensor.name)) {
      const bool isExtra = std::find(std::begin(kExtras), std::end(kExtras), part) != std::end(kExtras) ||
                           part.starts_with("tiny_") || part.starts_with("s_emb") ||
                           part.starts_with("time_maa_rkvw_w");
      if (!isExtra) continue;
      fail("This research variant of RWKV is not supported.",
           fmt::format("{}, `{}`", printable(checkpoint.name()), printable(tensor.name)),
           "Open a released model of RWKV-4, 5, 6 or 7.");
    }
  }
}

}  // namespace uc
