// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "widgets/paint/atlas_content.h"

namespace uc {

/// Made-up statistics that look like a language model's: most lanes near, some far, a few dead, some with an
/// infinite half-life.
std::vector<LaneStatistics> madeUpLanes(int64_t layers, int64_t lanesEach);

std::shared_ptr<const AtlasContent> madeUpAtlas(int64_t layers, int64_t lanesEach,
                                                const AtlasChoice& choice = {});

}  // namespace uc
