// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/attention/operators.h"

namespace uc {

/// Pooled maps of some rows and columns of each pixel, where all of them would take too long: `kept`
/// neighboring ones in its middle. The entries between kept tokens are exact, since decays in between are
/// summed beforehand; what lies elsewhere is not seen.

/// Whether a map can be sampled: it is pooled, and states decay each by itself in one direction.
bool canSample(const LayerFactors& layer, const Window& window);

/// How many rows and columns of each pixel can be kept in about `entries` entries: at least 1; the pool when
/// they are all of them.
int64_t keptTokens(const LayerFactors& layer, const Window& window, double entries);

/// The map from kept < pool tokens of each pixel. Precondition: canSample.
template <typename T>
MatrixOf<T> sampledTile(const LayerFactors& layer, const MapQuery& query, const Window& window, int64_t kept,
                        const Feedback& feedback);

}  // namespace uc
