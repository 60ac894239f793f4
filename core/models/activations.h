// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>

namespace uc {

/// Elementwise functions between two matrix products on plain arrays, several times as fast as LibTorch's:
/// one exponential and one pass over memory each. In place where the two pointers are the same. Infinities
/// and NaN pass through.

/// out = x · σ(x).
void silu(const float* x, float* out, int64_t size);
void silu(const double* x, double* out, int64_t size);

/// x becomes x · σ(x), `gate` σ(x).
void siluAndSigmoid(float* x, float* gate, int64_t size);
void siluAndSigmoid(double* x, double* gate, int64_t size);

/// out = log(1 + eˣ); x itself above 20, as LibTorch has it.
void softplus(const float* x, float* out, int64_t size);
void softplus(const double* x, double* out, int64_t size);

/// out = x · σ(√(8/π) · (x + 0.044715 x³)): GELU in the approximation by tanh.
void tanhGelu(const float* x, float* out, int64_t size);
void tanhGelu(const double* x, double* out, int64_t size);

}  // namespace uc
