// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "tests/widgets/atlas_fixture.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

namespace uc {

std::vector<LaneStatistics> madeUpLanes(int64_t layers, int64_t lanesEach) {
  std::mt19937 random(11);
  const auto uniform = [&random] { return (static_cast<double>(random()) + 0.5) / 4294967296.0; };
  const auto normal = [&] { return std::sqrt(-2.0 * std::log(uniform())) * std::cos(6.2831853 * uniform()); };
  std::vector<LaneStatistics> lanes;
  for (int64_t layer = 0; layer < layers; ++layer) {
    double sum = 0.0;
    const size_t first = lanes.size();
    const double depth = static_cast<double>(layer) / static_cast<double>(std::max<int64_t>(1, layers - 1));
    for (int64_t c = 0; c < lanesEach; ++c) {
      LaneStatistics lane;
      lane.layer = layer;
      lane.lane = c;
      const bool isNear = uniform() < 0.3;
      lane.meanDistance =
          isNear ? std::exp(-0.4 + 0.45 * normal()) : std::exp(1.1 + 0.6 * depth + 0.75 * normal());
      lane.meanDistance = std::min(lane.meanDistance, 20.0 * uniform() + 15.0);
      lane.entropy =
          std::max(0.0, (isNear ? 1.2 : 1.0 + 1.1 * std::log1p(lane.meanDistance)) + 0.42 * normal());
      lane.diagonalShare = 1.0 / (1.0 + lane.meanDistance);
      lane.firstTokenShare = std::min(1.0, 0.12 * -std::log(uniform()));
      lane.signBalance = std::clamp(0.3 + 0.4 * normal(), -1.0, 1.0);
      lane.halfLife = uniform() < 0.01 ? std::numeric_limits<double>::infinity() : lane.meanDistance * 0.7;
      lane.outputShare = std::pow(-std::log(uniform()), 2.0);
      lane.rows = 28;
      lane.previousShare = isNear ? 0.7 * uniform() : 0.2 * uniform();
      lane.windowShare = 1.0 / (1.0 + 0.06 * lane.meanDistance);
      if (lane.previousShare >= 0.5) lane.roles = lane.roles.with(Role::PreviousToken);
      if (lane.windowShare >= 0.96) lane.roles = lane.roles.with(Role::Window);
      if (lane.firstTokenShare >= 0.3) lane.roles = lane.roles.with(Role::FirstTokenSink);
      if (uniform() < 0.004) {
        lane = LaneStatistics();
        lane.layer = layer;
        lane.lane = c;
        lane.rows = 28;
        lane.deadShare = 1.0;
        lane.roles = Roles().with(Role::Dead);
      }
      sum += lane.outputShare;
      lanes.push_back(lane);
    }
    for (size_t i = first; i < lanes.size(); ++i) lanes[i].outputShare /= std::max(sum, 1e-30);
  }
  return lanes;
}

std::shared_ptr<const AtlasContent> madeUpAtlas(int64_t layers, int64_t lanesEach,
                                                const AtlasChoice& choice) {
  return std::make_shared<const AtlasContent>(
      atlasContent(atlasLanes(madeUpLanes(layers, lanesEach)), choice));
}

}  // namespace uc
