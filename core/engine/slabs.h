// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/attention/operators.h"
#include "core/engine/opened.h"

#include <functional>

namespace uc {

/// An operator that makes a map, or a part or a row of one, from the factors of some lanes.
using Cut =
    std::function<AnyMatrix(const LayerFactors& layer, const MapQuery& query, const Feedback& feedback)>;

/// What `cut` makes of `query`, whose lanes count from the layer's first, when the factors of all of them may
/// be more than fits in memory: then slab after slab of lanes is cut, merged by itself, and the merged values
/// are joined in double. `window` is what the cut pools: means over lanes and pixels can be put together from
/// slabs, so can the largest of both; where slabs do not do, a Failure says so.
AnyMatrix cutLanes(const OpenedModel& opened, const TracedRun& run, int64_t layer, const MapQuery& query,
                   const Window& window, const Feedback& feedback, const Cut& cut);

/// The arrays that a map of this query reads.
FactorNeeds needsOf(const ModelInfo& info, int64_t layer, const MapQuery& query);

/// The query as it is for the slab's lanes.
MapQuery within(const LaneSlab& slab, MapQuery query);

}  // namespace uc
