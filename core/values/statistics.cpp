// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/values/statistics.h"

namespace uc {

std::string_view name(Role role) {
  switch (role) {
    case Role::PreviousToken:
      return "previous-token";
    case Role::Window:
      return "window";
    case Role::FirstTokenSink:
      return "first-token-sink";
    case Role::Delimiter:
      return "delimiter";
    case Role::Periodic:
      return "periodic";
    case Role::InductionLike:
      return "induction-like";
    case Role::Dead:
      return "dead";
  }
  return {};
}

const std::vector<Role>& allRoles() {
  static const std::vector<Role> roles = {Role::PreviousToken, Role::Window,   Role::FirstTokenSink,
                                          Role::Delimiter,     Role::Periodic, Role::InductionLike,
                                          Role::Dead};
  return roles;
}

const std::vector<StatisticsColumn>& statisticsColumns() {
  static const std::vector<StatisticsColumn> columns = {
      {"mean_distance", &LaneStatistics::meanDistance},
      {"entropy", &LaneStatistics::entropy},
      {"diagonal_share", &LaneStatistics::diagonalShare},
      {"first_token_share", &LaneStatistics::firstTokenShare},
      {"sign_balance", &LaneStatistics::signBalance},
      {"half_life", &LaneStatistics::halfLife},
      {"output_share", &LaneStatistics::outputShare}};
  return columns;
}

std::string roleList(Roles roles) {
  std::string list;
  for (const Role role : allRoles()) {
    if (roles.has(role)) list += (list.empty() ? "" : "+") + std::string(name(role));
  }
  return list;
}

}  // namespace uc
