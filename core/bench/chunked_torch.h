// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/attention/factors.h"
#include "core/values/feedback.h"

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace uc::bench {

/// The mean over the first `lanes` lanes of α, or of |α|, [L, L], as a good user of LibTorch would write it:
/// chunks of 64 tokens, each block of the map a product of what decays up to its edge and what decays from
/// there (mathematics.md §3.1), tensor operations only; the chunks are shared out among our threads. The
/// honest baseline for tile(). `layer` as in published.h, of any N, with steps that leave exp(32 · Δ · A) a
/// normal number.
at::Tensor chunkedMean(const LayerFactors& layer, int64_t lanes, bool isAbsolute, const Feedback& feedback);

}  // namespace uc::bench
