// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/attention/operators.h"
#include "core/engine/opened.h"

#include <functional>

namespace uc {

/// An operator that makes a map, or a part or a row of one, from the factors of some lanes and tokens.
/// `query` and `window` count from their first.
using Cut = std::function<AnyMatrix(const LaneSlab& slab, const MapQuery& query, const Window& window,
                                    const Feedback& feedback)>;

/// What `cut` makes of `query`, whose lanes count from the layer's first, when the factors of all of them may
/// be more than fits in memory: then slab after slab of lanes is cut, merged by itself, and the merged values
/// are joined in double. Where pooled values of slabs do not tell those of all lanes (a mean of roots, the
/// largest of a mean), entries are joined first, in bands of rows that fit in memory, and pooled afterwards:
/// every band goes through all slabs.
AnyMatrix cutLanes(const OpenedModel& opened, const TracedRun& run, int64_t layer, const MapQuery& query,
                   const Window& window, const Feedback& feedback, const Cut& cut);

/// Whether that takes bands of rows.
bool isCutInBands(const OpenedModel& opened, const TracedRun& run, int64_t layer, const MapQuery& query,
                  const Window& window);

/// What a window of a map of this query reads.
FactorNeeds needsOf(const ModelInfo& info, int64_t layer, const MapQuery& query, const Window& window);

/// The query as it is for the slab's lanes, the window for its tokens.
MapQuery within(const LaneSlab& slab, MapQuery query);
Window within(const LaneSlab& slab, Window window);

}  // namespace uc
