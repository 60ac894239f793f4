// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/map_id.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace uc {

/// What a vision model takes and how it cuts pictures (conventions.md 25).
struct VisionInfo {
  int64_t height = 0, width = 0;  // of the picture the model is fed, in pixels
  int64_t patch = 0, stride = 0;
  int64_t gridRows = 0, gridCols = 0;
  std::optional<int64_t> classToken;  // its place among the tokens; none: logits from the mean over tokens
  std::vector<std::string> labels;    // of the classes; empty when unknown
  int64_t tokens() const { return gridRows * gridCols + (classToken ? 1 : 0); }
  /// The patch that a token is, counted by rows of the grid; nothing for the class token.
  std::optional<int64_t> patchOf(int64_t token) const {
    if (!classToken || token < *classToken) return token;
    return token == *classToken ? std::nullopt : std::optional<int64_t>(token - 1);
  }
};

/// What a model is, as `info` prints it and the outline shows it (conventions.md 5).
struct ModelInfo {
  std::string name;  // of the folder or file, or "demo:mamba"
  std::string path;  // absolute
  std::string
      sha256;  // of the first weights file's header (safetensors) or pickle: names the model's version
  std::string family;  // "mamba" …
  int64_t layers = 0;
  std::vector<std::string> kinds;        // [layers], the mixer of each
  int64_t lanes = 0;                     // D
  std::optional<int64_t> heads;          // groups of lanes that share a scan; griffin: attention heads
  int64_t attentionLanes = 0;            // of the softmax layers: outputs of all heads
  int64_t state = 0;                     // N
  int64_t width = 0;                     // E
  int64_t vocabulary = 0;                // embedding rows; 0 for a vision model
  int64_t classes = 0;                   // of a vision model
  int64_t parameters = 0;                // distinct stored values, tied once
  int64_t bytes = 0;                     // of the weights on disk
  std::string dtype;                     // that of most bytes: "float32" …
  std::optional<std::string> tokenizer;  // "bpe" …
  std::optional<VisionInfo> vision;      // of a model that takes pictures, which take no text
  bool isBidirectional = false;
  Factors factors;                   // which the family has
  std::vector<std::string> notices;  // sentences for the user: unclaimed tensors, a missing tokenizer …

  /// Layers may differ (griffin): what holds in one of them. 0 ≤ layer < layers.
  bool isSoftmax(int64_t layer) const { return kinds[static_cast<size_t>(layer)] == "attention"; }
  int64_t lanesOf(int64_t layer) const { return isSoftmax(layer) ? attentionLanes : lanes; }
  std::optional<int64_t> headsOf(int64_t layer) const {
    return attentionLanes == 0 || isSoftmax(layer) ? heads : std::nullopt;
  }
  Factors factorsOf(int64_t layer) const { return isSoftmax(layer) ? Factors{Factor::Scan} : factors; }
};

}  // namespace uc
