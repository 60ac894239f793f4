// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "widgets/paint/state_curves.h"

#include <cmath>
#include <limits>

namespace uc {

/// Curves of lanes 345, 346 … of layer 3; token 12 is the one whose write is followed.
inline std::shared_ptr<const StateContent> madeUpState(int64_t tokens, int lanes) {
  auto content = std::make_shared<StateContent>();
  content->curves.tokens = tokens;
  content->curves.writtenAt = 12;
  for (int64_t t = 0; t < tokens; ++t) content->tokens.append(QStringLiteral(" w%1").arg(t));
  for (int k = 0; k < lanes; ++k) {
    LaneCurves lane;
    lane.layer = 3;
    lane.lane = 345 + k;
    for (int64_t t = 0; t < tokens; ++t) {
      const auto place = static_cast<float>(t);
      const float halfLife = 10.0F + 3.0F * std::sin(place);
      lane.mean.push_back(halfLife);
      lane.shortest.push_back(halfLife / 4.0F);
      lane.longest.push_back(halfLife * 4.0F);
      lane.write.push_back(0.5F + 0.4F * std::cos(place));
      lane.state.push_back(0.5F + 0.2F * std::sin(place / 3.0F));
      lane.left.push_back(t < 12 ? std::numeric_limits<float>::quiet_NaN()
                                 : std::exp2(-(place - 12.0F) / 10.0F));
    }
    content->curves.lanes.push_back(std::move(lane));
  }
  content->title = QStringLiteral("Layer 3: what the state keeps");
  return content;
}

}  // namespace uc
