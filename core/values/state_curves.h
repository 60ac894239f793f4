// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace uc {

/// What the state of one lane does along the tokens. Each list is [tokens], or empty where the family has no
/// such thing. A half-life is ln 2 / −ln a of the decay a at a token: in tokens, of what is in the state
/// then, were every later decay the same; infinite where nothing decays.
struct LaneCurves {
  int64_t layer = 0, lane = 0;
  std::vector<float> shortest, mean, longest;  // half-life over the lane's states; mean: of −ln a
  std::vector<float> write;                    // magnitude of what the token writes into the state
  std::vector<float> state;                    // magnitude of the state behind the token
  std::vector<float> left;  // share of the write of token `writtenAt` that is left; NaN before it
  bool operator==(const LaneCurves&) const = default;
};

/// The lanes that one picture shows together. A value.
struct StateCurves {
  int64_t tokens = 0;
  std::optional<int64_t> writtenAt;  // the token of `left`
  std::vector<LaneCurves> lanes;
  bool operator==(const StateCurves&) const = default;
};

}  // namespace uc
