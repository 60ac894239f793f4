// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "gpu/tile.h"

namespace uc::gpu {

/// Whether the means of a request's entries are exact without the entries (mathematics.md §3.3): one lane or
/// the signed mean, scans that decay.
template <typename T>
bool canPool(const TileRequest<T>& request);

/// As `tile`, for requests that canPool: L · lanes · N steps and P² · lanes · N multiplications for P² pooled
/// entries, whatever L is. Entries within 1e-6 of the largest pooled one. Between two looks at `checkpoint` a
/// walk over all tokens of some lanes may pass.
template <typename T>
void pooledTile(const TileRequest<T>& request, T* out, Stream& stream, const Checkpoint& checkpoint);

}  // namespace uc::gpu
