// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace uc {

/// What a lane seems to be for; the rules are docs/roles.md and core/attention/roles.h.
enum class Role : uint8_t {
  PreviousToken = 1,
  Window = 2,
  FirstTokenSink = 4,
  Delimiter = 8,
  Periodic = 16,
  InductionLike = 32,
  Dead = 64,
};

/// A set of roles. Compares equal by value.
class Roles {
 public:
  constexpr Roles() = default;
  constexpr bool has(Role role) const { return (m_bits & static_cast<uint8_t>(role)) != 0; }
  constexpr Roles with(Role role) const {
    Roles more = *this;
    more.m_bits = static_cast<uint8_t>(m_bits | static_cast<uint8_t>(role));
    return more;
  }
  constexpr bool operator==(const Roles&) const = default;

 private:
  uint8_t m_bits = 0;
};

std::string_view name(Role role);   // "previous-token", "window", "first-token-sink" …
std::string roleList(Roles roles);  // "window+delimiter"; empty: none
const std::vector<Role>& allRoles();

/// The fingerprint of one lane (conventions.md 15): H = unified, both directions, w = |H|, 0/0 = 0. Of a
/// softmax layer a lane is a head.
struct LaneStatistics {
  int64_t layer = 0, lane = 0;
  double meanDistance = 0.0;     // Σ w·|t−s| / Σ w
  double entropy = 0.0;          // bits; mean over rows with Σ w > 0 of −Σ p log2 p
  double diagonalShare = 0.0;    // Σ w_tt / Σ w
  double firstTokenShare = 0.0;  // Σ_t w_t0 / Σ w
  double signBalance = 0.0;      // Σ H / Σ w
  double halfLife = 0.0;         // tokens: ln 2 / mean of −log a; may be infinite
  double outputShare = 0.0;      // Σ_t y_c² / Σ_{t,c} y²
  int64_t rows = 0;              // rows of the map that were looked at

  double deadShare = 0.0;       // of the rows: those with Σ w below 1e-6 of the layer's median row
  double previousShare = 0.0;   // Σ w at |t−s| = 1, over Σ w
  double windowShare = 0.0;     // at |t−s| < 8
  double delimiterShare = 0.0;  // on punctuation, line breaks and special tokens
  double periodicity = 0.0;  // of w over |t−s|: height of the best peak of its autocorrelation, in [0, 1]
  double inductionShare = 0.0;  // on tokens that follow an earlier occurrence of the row's token
  double inductionLift = 0.0;   // that, over what the lane's distances alone would put there
  Roles roles;
};

/// The measures that files hold, in their order, between `layer,lane` and `rows,roles` (conventions.md 15).
struct StatisticsColumn {
  const char* name;
  double LaneStatistics::*value;
};
const std::vector<StatisticsColumn>& statisticsColumns();

}  // namespace uc
