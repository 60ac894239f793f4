// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/attention/factors.h"

#include <cstdint>

namespace uc::bench {

/// Random factors of one layer with the shapes and, as far as they decide speed, the statistics of trained
/// models: decays that live long beside others that die at once. The same at every call. Without y: nothing
/// is checked against it.

/// Mamba-130m: N 16, four taps; steps log-uniform in 0.001 … 0.1, rates −1 … −16. With `isScanOnly` without
/// gate, activation, convolution, skip and x.
LayerFactors mambaLayer(int64_t tokens, int64_t lanes, bool isScanOnly);

LayerFactors rwkv4Layer(int64_t tokens);   // 169m: D 768
LayerFactors rgLruLayer(int64_t tokens);   // RecurrentGemma 2b: W 2,560, four taps
LayerFactors mamba2Layer(int64_t tokens);  // 130m: D 1,536, H 24, N 128, four taps

}  // namespace uc::bench
