// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/attention/factors.h"

#include <ATen/ATen.h>

#include <ostream>
#include <string>
#include <vector>

namespace uc::test {

struct Shape {
  int64_t tokens = 37;
  int64_t lanes = 3;
  int64_t state = 5;
  int64_t taps = 4;
  int64_t groups = 1;
};
std::ostream& operator<<(std::ostream& out, const Shape& shape);

inline constexpr Factors kScanOnly = {Factor::Scan};
inline constexpr Factors kUnified = {Factor::Gate, Factor::Scan, Factor::Activation, Factor::Convolution};
inline constexpr Factors kExact = {Factor::Gate, Factor::Scan, Factor::Activation, Factor::Convolution,
                                   Factor::Skip};

/// Every set of factors that makes a map: Scan or Skip is in it, NoStep only together with Scan.
std::vector<Factors> everyFactors();

/// Random factors of a layer like Mamba's, the same for the same shape and seed; `y` is the output of the
/// step-by-step recurrence in double.
LayerFactors randomLayer(const Shape& shape, at::ScalarType type = at::kFloat, uint64_t seed = 1);

/// The same numbers in another dtype.
LayerFactors widened(const LayerFactors& layer, at::ScalarType type);

/// What a mixer computes, step by step as a model would: convolution, x · σ-like factor, state, skip, gate.
/// [L, D] double.
at::Tensor stepByStep(const LayerFactors& layer);

}  // namespace uc::test
