// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <vector>

namespace uc {

/// The scans of a forward pass whose tensors are on a CUDA device, by the kernels of gpu/forward_scan.h, in
/// order with what LibTorch does there. Tensors are contiguous, all float32 or all float64, L tokens. States
/// are carried over, in place.

/// Whether that is where this tensor is, so that no loop of ours can read it.
bool isOnDevice(const at::Tensor& tensor);

/// Runs `work`; false when the device or its memory did not suffice for it.
bool attemptOnDevice(const std::function<void()>& work);

/// Mamba-1 and Mamba-2 (scan.h): step [L, C] and rate [C, N] of C scans, each of D / C neighboring lanes;
/// input and out [L, D]; key and query [L, G, N], or [L, N]; hidden [D, N].
void selectiveScanOnDevice(at::Tensor out, const at::Tensor& step, const at::Tensor& input,
                           const at::Tensor& key, const at::Tensor& query, const at::Tensor& rate,
                           at::Tensor hidden);

/// Its gradient for Mamba-1, as scan_gradients.h has it: `saved` step, input, key, query, rate and the states
/// every kAdjointChunk tokens; `gradient` of out; `results` of step, input, key, query, rate and hidden.
void selectiveGradientOnDevice(const std::vector<at::Tensor>& saved, const at::Tensor& gradient,
                               const std::vector<at::Tensor>& results);

/// RG-LRU (griffin_scan.h): h ← e^{−step[t]} · h + key[t] · input[t]; [L, W] each, hidden [W].
void gatedScanOnDevice(at::Tensor out, const at::Tensor& step, const at::Tensor& key, const at::Tensor& input,
                       at::Tensor hidden);

/// RWKV-5, 6 and 7 (rwkv_scan.h), [L, H, N] each.
struct MatrixScanTensors {
  at::Tensor receptance, key, value;
  at::Tensor logDecay;                // or [1, H, N]
  at::Tensor bonus;                   // [H, N]; RWKV-5, 6
  at::Tensor removeKey, removeWrite;  // RWKV-7
};
/// hidden [H, N, N], of head, key, value; out [L, H, N].
void matrixScanOnDevice(at::Tensor out, const MatrixScanTensors& scan, at::Tensor hidden);

/// RWKV-4 (rwkv_scan.h): key, value, out [L, D], logNormalizer too or undefined; rate, bonus [D]; state [3,
/// D].
void logSumScanOnDevice(at::Tensor out, at::Tensor logNormalizer, const at::Tensor& key,
                        const at::Tensor& value, const at::Tensor& rate, const at::Tensor& bonus,
                        at::Tensor state);

}  // namespace uc
