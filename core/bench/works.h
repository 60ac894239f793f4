// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/attention/operators.h"
#include "core/bench/bench.h"

#include <cstdint>

namespace uc::bench {

/// The works that rows.cpp makes rows of. Each returns what prepares it.

using MakeLayer = LayerFactors (*)();

// Operators on random factors, which are made beforehand.

/// The whole map of all lanes, merged.
Prepare mergedMap(MakeLayer make, const MapTerms& terms, Merge merge);
/// The map of every lane under `scan`, into one buffer that is touched beforehand.
Prepare everyLane(MakeLayer make);
/// The last row of every lane under `scan`.
Prepare lastRow(MakeLayer make);
/// 1,080 × 1,920 entries of the one lane of a layer of 65,536 tokens, under `unified`.
Prepare viewport(int64_t row, int64_t col);
/// The signed mean of 1,536 lanes of 65,536 tokens under `scan`, pooled to 1,024 × 1,024.
Prepare overview();
/// A row through 24 layers: v ← v (I + the mean of α over all lanes).
Prepare rolloutRow(MakeLayer make);

/// The fingerprint of every lane.
Prepare laneStatistics(MakeLayer make);

// Baselines.

/// The published loop (published.h), one map after the other into one buffer; 64 lanes unless full.
Prepare publishedLoop(MakeLayer make);
/// The published vector code; 64 keys unless full.
Prepare publishedRow(MakeLayer make);
/// chunked_torch.h; 192 lanes unless full.
Prepare chunkedTorch(MakeLayer make, bool isAbsolute);
/// slow_mamba.h with the whole head; four layers unless full. LibTorch with one thread and with all by turns.
Prepare slowForward();

// The engine, on a random model of Mamba-130m's shape and 1,024 tokens.

/// The forward pass and the last token's prediction.
Prepare forwardPass();
Prepare openModel();
/// The map of another lane of the same layer.
Prepare switchLane();
/// The mean-abs map of a layer that was not looked at yet, from `firstLayer` on, pooled.
Prepare switchLayer(int64_t firstLayer, int64_t pool);
/// One entry of one lane.
Prepare oneEntry();
/// The longest time from a request to stop to the end of the work: maps and forward passes by turns.
Prepare stopping();
/// This program from its start to its end, with --version.
Prepare programStart();

}  // namespace uc::bench
