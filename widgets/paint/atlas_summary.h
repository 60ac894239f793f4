// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "widgets/paint/atlas_content.h"

#include <QStringList>

#include <array>
#include <optional>
#include <vector>

namespace uc {

/// A statistic of one lane beside those of all lanes; places are along the statistic's axis, 0 … 1.
struct StatisticBand {
  QString label, value;             // "Mean distance", "3.9 tokens"
  double lower = 0.0, upper = 0.0;  // the middle half of all lanes
  double place = 0.0;               // of the lane; NaN: it has no number
  bool operator==(const StatisticBand&) const = default;
};

/// Whether a lane has a role, and the number that decided.
struct RoleNote {
  QString role, note;  // "First-token sink", "no, 12.6 %"
  bool isOn = false;
  bool operator==(const RoleNote&) const = default;
};

/// What the inspector says of one lane.
struct LaneSummary {
  QString name;                           // "L12 C345"
  std::vector<StatisticBand> statistics;  // all columns
  std::vector<RoleNote> roles;            // all roles
};
/// Nothing where the lane is not in the atlas.
std::optional<LaneSummary> laneSummary(const AtlasContent& content, const LaneRef& lane);

/// What the inspector says of the lanes in the brush.
struct SelectionSummary {
  qint64 count = 0, of = 0;  // of the lanes that are shown
  struct Row {
    QString label, value;  // "Mean distance", "3.2 … 4.5 tokens"
  };
  std::vector<Row> rows;
  QString line;  // for the status bar: "atlas: 2,078 of 36,864 lanes in the brush"
};
SelectionSummary selectionSummary(const AtlasContent& content);

/// A layer in six bars: the middle lane's mean distance, entropy, diagonal and first-token share, sign
/// balance and half-life, each along its axis over all layers, 0 … 1.
struct LayerFingerprint {
  std::array<double, 6> bars{};
  QString words;  // "mean distance 4.1 tokens, entropy 2.4 bits …"
  bool operator==(const LayerFingerprint&) const = default;
};
/// One a layer, from 0; nothing for a layer without lanes.
std::vector<std::optional<LayerFingerprint>> layerFingerprints(const AtlasLanes& lanes);

}  // namespace uc
