// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/attention/operators.h"

namespace uc {

/// Pooled maps of some of each pixel's entries, where all of them would take too long: of `kept` neighboring
/// rows in its middle, and where states decay each by itself, in one direction, of as many columns: decays in
/// between are then summed beforehand. Other kinds keep all columns of these rows. The entries that are
/// looked at are exact; what lies elsewhere is not seen.

/// Whether columns are left out too.
bool isThinned(const LayerFactors& layer);

/// How many rows of each pixel can be kept, and columns with them where columns are left out, in about
/// `entries` entries: at least 1; the pool when they are all of them. Precondition: window.pool > 1.
int64_t keptTokens(const LayerFactors& layer, const Window& window, double entries);

/// The map from kept < pool tokens of each pixel.
template <typename T>
MatrixOf<T> sampledTile(const LayerFactors& layer, const MapQuery& query, const Window& window, int64_t kept,
                        const Feedback& feedback);

/// The `kept` tokens in the middle of the index-th pixel of [begin, end): their first, and the one after the
/// last.
struct KeptTokens {
  KeptTokens(int64_t begin, int64_t end, int64_t pool, int64_t kept, int64_t pixel);
  int64_t first, last;
};

/// sampledTile with all columns of the rows kept: for every kind of layer. Panel after panel of columns, each
/// a whole number of pixels: a few megabytes a thread, O(kept · P · L · D · N) time for P rows of pixels.
template <typename T>
MatrixOf<T> sampledRows(const LayerFactors& layer, const MapQuery& query, const Window& window, int64_t kept,
                        const Feedback& feedback);

}  // namespace uc
