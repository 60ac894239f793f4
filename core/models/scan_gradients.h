// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/feedback.h"

#include <ATen/core/Tensor.h>

namespace uc {

/// The scans of the families as functions that LibTorch can differentiate, for attribution. Tensors are on
/// the CPU, or for Mamba-1 all on one device, all float32 or all float64; L tokens; the first state is zero
/// where none is given. A node keeps what the function was given and the scan's states every kAdjointChunk
/// tokens, and computes those between again when it goes back (scan_adjoint.h). Forward passes can be
/// cancelled; the way back through one scan runs to its end. Only the output is differentiated, once: a
/// second derivative throws.

/// Mamba-1 (scan.h): step, input [L, D] → [L, D]; key, query [L, N]; rate [D, N] ≤ 0; start [D, N], or
/// undefined.
at::Tensor selectiveScanWithGradient(const at::Tensor& step, const at::Tensor& input, const at::Tensor& key,
                                     const at::Tensor& query, const at::Tensor& rate, const at::Tensor& start,
                                     const Feedback& feedback);

/// Mamba-2 (scan.h): step [L, H], input [L, D] → [L, D], D = H · P; key, query [L, G, N]; rate [H] ≤ 0.
at::Tensor headScanWithGradient(const at::Tensor& step, const at::Tensor& input, const at::Tensor& key,
                                const at::Tensor& query, const at::Tensor& rate, const Feedback& feedback);

/// RWKV-4 (rwkv_scan.h): key, value [L, D] → [L, D]; rate [D] ≤ 0; bonus [D].
at::Tensor logSumScanWithGradient(const at::Tensor& key, const at::Tensor& value, const at::Tensor& rate,
                                  const at::Tensor& bonus, const Feedback& feedback);

/// What goes into the scans of RWKV-5, 6 and 7 (rwkv_scan.h): [L, H, N] each, bonus [H, N].
struct MatrixScanInputs {
  at::Tensor receptance, key, value, decay;
  at::Tensor bonus;                   // RWKV-5, 6
  at::Tensor removeKey, removeWrite;  // RWKV-7
};

/// → [L, H, N].
at::Tensor matrixScanWithGradient(const MatrixScanInputs& inputs, const Feedback& feedback);

/// RG-LRU (griffin_scan.h): h ← decay[t] · h + write[t], output h; [L, W] each → [L, W].
at::Tensor gatedScanWithGradient(const at::Tensor& decay, const at::Tensor& write, const Feedback& feedback);

}  // namespace uc
