// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/statistics.h"

#include <cstdint>
#include <vector>

namespace uc {

/// The rules by which a lane gets its roles; docs/roles.md says the same in words. Each asks for a share of
/// all of the lane's mass Σ |H|.
namespace role_rules {
inline constexpr double kDeadShare = 0.99;   // of the rows dead: no other role then
inline constexpr double kDeadRow = 1e-6;     // a row is, below this much of the layer's median row
inline constexpr double kPrevious = 0.5;     // at distance 1
inline constexpr int64_t kWindow = 8;        // tokens, the row's own among them
inline constexpr double kWindowShare = 0.9;  // at distances below that, of inputs four times as long
inline constexpr double kFirstToken = 0.3;   // in column 0, of inputs of 8 tokens and more
inline constexpr double kDelimiter = 0.4;    // on delimiters, and twice their share of the tokens
inline constexpr double kDelimiterLift = 2.0;
inline constexpr double kPeriodicity = 0.3;    // see periodicityOf
inline constexpr double kInduction = 0.1;      // on tokens after an earlier occurrence of the row's
inline constexpr double kInductionLift = 2.0;  // and over what the lane's distances would put there
}  // namespace role_rules

/// What tokens must be known for: delimiters and repetitions. Without tokens (a picture) both are empty.
struct TokenFacts {
  std::vector<uint8_t> isDelimiter;           // [L]
  std::vector<std::vector<int64_t>> repeats;  // [L]: columns right after an earlier occurrence of the row's
                                              // token, of at most the kRepeats latest
  static constexpr size_t kRepeats = 8;
};

/// Ids [L] tell repetitions, `isDelimiter` [L] or empty.
TokenFacts tokenFacts(const std::vector<int64_t>& ids, std::vector<uint8_t> isDelimiter);

/// Whether a token's text is punctuation, a line break or a special token such as <bos>: no letter or digit,
/// and not merely spaces.
bool isDelimiterText(const std::string& text);

/// Height of the highest peak of the autocorrelation of a profile (the mean of w at distances 1, 2 …, its own
/// mean taken out), after the correlation has first fallen below 0: 0 for a profile that only falls.
double periodicityOf(const std::vector<double>& profile);

/// From finished statistics of a layer of `tokens` tokens, of which `delimiters` are delimiters.
Roles rolesOf(const LaneStatistics& lane, int64_t tokens, int64_t delimiters);

}  // namespace uc
