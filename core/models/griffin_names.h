// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/io/checkpoint.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace uc {

/// The two ways to spell the tensors of a Griffin model: Hugging Face's and that of DeepMind's .pt files.
/// Names begin at the block, or, where a comment says so, at the mixer.
struct GriffinSpelling {
  const char* norm;                       // the end of a norm's name
  const char *recurrent, *attention;      // the mixer
  const char *conv, *convBias, *decay;    // of a recurrent mixer
  const char *inputGate, *inputGateBias;  // of a recurrent mixer
  const char *recurrentGate, *recurrentGateBias;
  const char *q, *k, *v, *out;  // of attention, up to "weight" or "bias"
  const char *gate, *gateBias;
  const char *up, *upBias;         // null where they are stored with gate's
  const char* down;                // up to "weight" or "bias"
  size_t tapsAxis, convLanesAxis;  // of conv
  size_t feedAxis, widthAxis;      // of gate
};

/// Where the tensors of one checkpoint are.
struct GriffinNames {
  const GriffinSpelling* spelling = nullptr;
  bool isDeepMind = false;
  const TensorInfo* embedding = nullptr;  // null: the checkpoint has none of the names
  std::string prefix;                     // "model.", or nothing
  std::string blocks;                     // "model.layers."

  /// Looks for the embedding: Hugging Face's name, the same without the prefix, as a model saved without its
  /// head has it, or DeepMind's.
  explicit GriffinNames(const Checkpoint& checkpoint);

  std::string block(int64_t layer) const { return blocks + std::to_string(layer) + "."; }
  std::string recurrent(int64_t layer, const char* name) const {
    return block(layer) + spelling->recurrent + name;
  }
  std::string attention(int64_t layer, const char* name, const char* end = "weight") const {
    return block(layer) + spelling->attention + name + end;
  }
  std::string mixerNorm(int64_t layer) const { return block(layer) + "temporal_pre_norm" + spelling->norm; }
  std::string feedNorm(int64_t layer) const { return block(layer) + "channel_pre_norm" + spelling->norm; }
  std::string lastNorm() const { return prefix + "final_norm" + spelling->norm; }
};

}  // namespace uc
