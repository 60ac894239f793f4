// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/attention/factors.h"
#include "core/values/feedback.h"

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace uc::bench {

/// What the published implementations of Mamba's implicit attention compute (arXiv 2403.01590), as baselines:
/// our own code from the formula, with their amount of work. `layer`: a scan by steps with a rate of its own
/// for every lane, N 16, the step in the key, float32.

/// α of one lane, [L, L], as the published loop has it: for every t and s ≤ t the product of the decays
/// exp(Δ_r A_n) over r in (s, t] is multiplied anew, L³/6 · N products. One thread, as there. The upper
/// triangle of `out` is left as it is.
void publishedMap(const LayerFactors& layer, int64_t lane, float* out, const Feedback& feedback);

/// The last row of α of all lanes, [D, columns]: the published vector code, operation by operation with
/// LibTorch: for every key s one product of all lanes' decays after the other, L²/2 · D · N products. Of the
/// keys, `columns` evenly spaced ones (all of them: L).
at::Tensor publishedLastRow(const LayerFactors& layer, const at::Tensor& decays, int64_t columns,
                            const Feedback& feedback);

/// exp(Δ_t A) of all tokens, [L, D, N]: the published vector code holds it.
at::Tensor publishedDecays(const LayerFactors& layer);

}  // namespace uc::bench
