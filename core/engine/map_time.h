// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/engine/opened.h"

namespace uc {

/// How long maps take, roughly: enough to tell one of seconds from one of minutes. Nothing is run for it.

/// How many rows and columns of each cell are kept of a map that would take longer than `patience` seconds;
/// the pool: all of them. Of the factors only sizes count.
int64_t keptOf(const LayerFactors& layer, const MapQuery& query, const Window& window, double patience);

/// What cutMap would take for this, and whether it would sample: `seconds`, `preparing` and `stride`.
MapResult timeOf(const OpenedModel& opened, const TracedRun& run, const MapRequest& request,
                 const MapQuery& query, const Window& window);

}  // namespace uc
