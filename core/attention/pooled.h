// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/attention/operators.h"

namespace uc {

/// Maps whose entries are means over many entries, without the entries (mathematics.md §3.3): off the
/// diagonal α = U V, so that a pixel's mean is mean(U) · mean(V). O(L·N) for each lane and O(P²·N) for P × P
/// pixels, whatever they cover. Memory: the factors, the result, and O(P·N) for a slab of lanes.

/// Whether `pooledTile` gives this map: means of entries, of one lane or of a signed mean over lanes, of any
/// scan but softmax attention.
bool poolsExactly(const LayerFactors& layer, const MapQuery& query, const Window& window);

/// The same as `tile`, by pooled factors. Precondition: poolsExactly.
template <typename T>
MatrixOf<T> pooledTile(const LayerFactors& layer, const MapQuery& query, const Window& window,
                       const Feedback& feedback);

/// Multiply-adds that `cutWindow` takes, roughly; for a merge that is another's signed mean ask about that.
double cutCost(const LayerFactors& layer, const MapQuery& query, const Window& window);

/// Any rectangle of the map, exactly, by the cheaper way: what everyone calls. A map whose merge is another's
/// signed mean (single_signed.h) is cut as that.
template <typename T>
MatrixOf<T> cutWindow(const LayerFactors& layer, const MapQuery& query, const Window& window,
                      const Feedback& feedback);

}  // namespace uc
