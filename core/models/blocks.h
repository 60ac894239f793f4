// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/models/model.h"
#include "core/values/feedback.h"

#include <cstdint>

namespace uc {

/// Building blocks that families share. Tensors are contiguous, on the CPU, float32 or float64, without a
/// batch dimension.

/// RMSNorm over the last dimension: x · rsqrt(mean x² + epsilon) · weight.
at::Tensor rmsNorm(const at::Tensor& x, const at::Tensor& weight, double epsilon);

/// Causal depthwise convolution, the last tap on the current token: x [L, D], taps [D, K], bias [D] or
/// undefined → [L, D]. `history` [K − 1, D] holds the tokens before x, zeros at the start, and afterwards the
/// last ones of x.
at::Tensor causalConvolution(const at::Tensor& x, const at::Tensor& taps, const at::Tensor& bias,
                             at::Tensor& history, const Feedback& feedback);

/// The selective scan (scan.h): step, input [L, D]; key, query [L, N]; rate [D, N]; `hidden` [D, N] is
/// carried over.
at::Tensor selectiveScan(const at::Tensor& step, const at::Tensor& input, const at::Tensor& key,
                         const at::Tensor& query, const at::Tensor& rate, at::Tensor& hidden,
                         const Feedback& feedback);

}  // namespace uc
