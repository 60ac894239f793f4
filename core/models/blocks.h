// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/models/model.h"
#include "core/values/feedback.h"

#include <cstdint>
#include <functional>

namespace uc {

/// Building blocks that families share. Tensors are contiguous, on the CPU or all on one device
/// (device_scan.h), float32 or float64, without a batch dimension. LibTorch and its BLAS run on one thread
/// (device.h); work is split here, into pieces that each take several steps: on a busy machine, threads that
/// meet after every single operation wait for one another.

/// Runs work(first, last) for pieces of [0, size), on several threads when there is more than one piece.
void inPieces(int64_t size, int64_t piece, const Feedback& feedback,
              const std::function<void(int64_t first, int64_t last)>& work);

/// RMSNorm over the last dimension: x · rsqrt(mean x² + epsilon) · weight.
at::Tensor rmsNorm(const at::Tensor& x, const at::Tensor& weight, double epsilon);

/// out = input · weightᵀ + bias: input [L, E], weight [D, E], bias [D] or undefined, out [L, D]. By blocks of
/// outputs that take a few milliseconds each, between which it stops.
void linear(at::Tensor out, const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias,
            const Feedback& feedback = {});

/// out = stream + input · weightᵀ + bias, by pieces of so many tokens: a mixer's output back on the residual
/// stream. input [L, D], weight [E, D], bias [E] or undefined, stream and out [L, E].
void projectBack(at::Tensor out, const at::Tensor& stream, const at::Tensor& input, const at::Tensor& weight,
                 const at::Tensor& bias, int64_t piece, const Feedback& feedback);

/// Causal depthwise convolution, the last tap on the current token: `padded` [K − 1 + L, D] begins with the
/// tokens before the first; taps [K, D], bias [D] or undefined, out [L, D].
void causalConvolution(at::Tensor out, const at::Tensor& padded, const at::Tensor& taps,
                       const at::Tensor& bias);

/// x ← silu(x), contiguous; σ(x) goes to `gate` where it is defined (activations.h).
void siluInPlace(at::Tensor x, at::Tensor gate = {});
/// x ← GELU(x) in the approximation by tanh, contiguous.
void tanhGeluInPlace(at::Tensor x);
/// x ← log(1 + eˣ), contiguous.
void softplusInPlace(at::Tensor x);

/// The selective scan (scan.h), lanes over threads: step, input [L, D]; key, query [L, N]; rate [D, N];
/// `hidden` [D, N] is carried over; out [L, D].
void selectiveScan(at::Tensor out, const at::Tensor& step, const at::Tensor& input, const at::Tensor& key,
                   const at::Tensor& query, const at::Tensor& rate, at::Tensor hidden,
                   const Feedback& feedback);

}  // namespace uc
