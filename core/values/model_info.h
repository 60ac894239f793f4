// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/map_id.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace uc {

/// What a model is, as `info` prints it and the outline shows it (conventions.md 5).
struct ModelInfo {
  std::string name;    // of the folder or file, or "demo:mamba"
  std::string path;    // absolute
  std::string family;  // "mamba" …
  int64_t layers = 0;
  std::vector<std::string> kinds;        // [layers], the mixer of each
  int64_t lanes = 0;                     // D
  std::optional<int64_t> heads;          // groups of lanes that share a scan
  int64_t state = 0;                     // N
  int64_t width = 0;                     // E
  int64_t vocabulary = 0;                // embedding rows
  int64_t parameters = 0;                // distinct stored values, tied once
  int64_t bytes = 0;                     // of the weights on disk
  std::string dtype;                     // that of most bytes: "float32" …
  std::optional<std::string> tokenizer;  // "bpe" …
  bool isBidirectional = false;
  Factors factors;                   // which the family has
  std::vector<std::string> notices;  // sentences for the user: unclaimed tensors, a missing tokenizer …
};

}  // namespace uc
