// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/roles.h"

#include <algorithm>
#include <cctype>
#include <unordered_map>
#include <utility>

namespace uc {

TokenFacts tokenFacts(const std::vector<int64_t>& ids, std::vector<uint8_t> isDelimiter) {
  TokenFacts facts;
  facts.isDelimiter = std::move(isDelimiter);
  facts.repeats.resize(ids.size());
  std::unordered_map<int64_t, std::vector<int64_t>> seen;
  for (size_t t = 0; t < ids.size(); ++t) {
    std::vector<int64_t>& places = seen[ids[t]];
    const size_t first = places.size() > TokenFacts::kRepeats ? places.size() - TokenFacts::kRepeats : 0;
    for (size_t i = first; i < places.size(); ++i) {
      if (places[i] + 1 < static_cast<int64_t>(t)) facts.repeats[t].push_back(places[i] + 1);
    }
    places.push_back(static_cast<int64_t>(t));
  }
  return facts;
}

bool isDelimiterText(const std::string& text) {
  if (text.size() > 2 && text.front() == '<' && text.back() == '>') return true;
  bool hasMark = false;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 || std::isalnum(byte) != 0) return false;
    hasMark = hasMark || c == '\n' || std::ispunct(byte) != 0;
  }
  return hasMark;
}

double periodicityOf(const std::vector<double>& profile) {
  constexpr size_t kShortest = 16;
  const size_t size = profile.size();
  if (size < kShortest) return 0.0;
  double mean = 0.0;
  for (const double value : profile) mean += value / static_cast<double>(size);
  std::vector<double> x;
  for (const double value : profile) x.push_back(value - mean);
  const auto correlation = [&](size_t lag) {
    double sum = 0.0;
    for (size_t d = 0; d + lag < size; ++d) sum += x[d] * x[d + lag];
    return sum;
  };
  const double energy = correlation(0);
  if (!(energy > 0.0)) return 0.0;
  double best = 0.0;
  bool hasFallen = false;
  for (size_t lag = 1; lag <= size / 2; ++lag) {
    const double value = correlation(lag) / energy;
    hasFallen = hasFallen || value < 0.0;
    if (hasFallen) best = std::max(best, value);
  }
  return best;
}

Roles rolesOf(const LaneStatistics& lane, int64_t tokens, int64_t delimiters) {
  using namespace role_rules;
  if (lane.deadShare >= kDeadShare) return Roles().with(Role::Dead);
  const auto length = static_cast<double>(tokens);
  const double chance = static_cast<double>(delimiters) / length;
  Roles roles;
  if (lane.previousShare >= kPrevious) roles = roles.with(Role::PreviousToken);
  if (lane.windowShare >= kWindowShare && tokens >= 4 * kWindow) roles = roles.with(Role::Window);
  if (lane.firstTokenShare >= kFirstToken && tokens >= 8) roles = roles.with(Role::FirstTokenSink);
  if (lane.delimiterShare >= kDelimiter && lane.delimiterShare >= kDelimiterLift * chance) {
    roles = roles.with(Role::Delimiter);
  }
  if (lane.periodicity >= kPeriodicity) roles = roles.with(Role::Periodic);
  if (lane.inductionShare >= kInduction && lane.inductionLift >= kInductionLift) {
    roles = roles.with(Role::InductionLike);
  }
  return roles;
}

}  // namespace uc
