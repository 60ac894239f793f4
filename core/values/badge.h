// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace uc {

/// What the badge says about a shown map (interface.md): whether it, plus its additive terms, rebuilds the
/// layer's output.
struct BadgeResult {
  enum class State { Exact, Part, NotExact };
  State state = State::Exact;
  double relative = 0.0;  // of the layer's own (exact) check over the lanes spoken for
  double share = 1.0;     // r² of the shown factors' output
  int64_t lanes = 1;      // how many lanes it speaks for
  std::vector<std::string> notices;
};

}  // namespace uc
