// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/io/checkpoint.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace uc {

/// How a file of an RWKV model spells the names of its tensors. The program speaks BlinkDL's, "emb.weight"
/// and "blocks.3.att.key.weight"; this turns them into the file's: Hugging Face's for RWKV-4 to 6 (with
/// "rwkv." in front or, without a head, nothing) or flash-linear-attention's for RWKV-6 and 7 (with "model."
/// or nothing). Which one, and which version of RWKV, is seen from the names alone.
class RwkvNames {
 public:
  enum class Style { BlinkDl, HuggingFace, Fla };

  explicit RwkvNames(const Checkpoint& checkpoint);

  Style style() const { return m_style; }
  int64_t version() const { return m_version; }  // 4 to 7; 0: this is no RWKV

  std::string whole(std::string_view name) const;  // "emb.weight", "ln_out.bias", "head.weight"
  std::string block(int64_t layer, std::string_view tail) const;  // of "att.key.weight"
  std::string blocksPrefix() const;                               // what precedes a block's number

 private:
  void look(std::string_view name);

  Style m_style = Style::BlinkDl;
  std::string m_prefix;  // "rwkv.", "model." or nothing
  int64_t m_version = 0;
};

/// Whether this is RWKV of that version: by config.json's `model_type`, else by the names.
bool isRwkv(const Checkpoint& checkpoint, int64_t version);

/// Throws Failure naming the tensor when the file is one of the research variants whose forward pass is
/// another one.
void refuseResearchVariants(const Checkpoint& checkpoint);

}  // namespace uc
