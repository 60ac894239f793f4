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
  int64_t groups = 1;     // of queries and keys
  int64_t scans = 0;      // 0: one for each lane
  int64_t keyGroups = 0;  // 0: as many as of queries
};
std::ostream& operator<<(std::ostream& out, const Shape& shape);

/// The ways in which α can come about: ScanKind with its variants.
enum class Recipe {
  Step,            // Mamba: step · rate, and the step in the key
  StepOutsideKey,  // the same without the step in the key
  LogDecay,        // RG-LRU: a decay for each token and state
  ConstantDecay,   // RWKV-5: one decay for all tokens, read before it
  ReadsBefore,     // RWKV-6: a decay for each token, read before it
  LogSum,          // RWKV-4
  DeltaRule,       // RWKV-7
  Softmax,
};
std::ostream& operator<<(std::ostream& out, Recipe recipe);
const std::vector<Recipe>& everyRecipe();

inline constexpr Factors kScanOnly = {Factor::Scan};
inline constexpr Factors kUnified = {Factor::Gate, Factor::Scan, Factor::Activation, Factor::Convolution};
inline constexpr Factors kExact = {Factor::Gate, Factor::Scan, Factor::Activation, Factor::Convolution,
                                   Factor::Skip};

/// All tensors of a layer.
inline constexpr at::Tensor LayerFactors::*kTensors[] = {
    &LayerFactors::query,       &LayerFactors::key,      &LayerFactors::step,
    &LayerFactors::rate,        &LayerFactors::logDecay, &LayerFactors::removeKey,
    &LayerFactors::removeWrite, &LayerFactors::logKey,   &LayerFactors::logNormalizer,
    &LayerFactors::diagonal,    &LayerFactors::rowScale, &LayerFactors::columnScale,
    &LayerFactors::taps,        &LayerFactors::convBias, &LayerFactors::skip,
    &LayerFactors::additive,    &LayerFactors::x,        &LayerFactors::y};

/// Every set of factors that makes a map: Scan or Skip is in it, NoStep only together with Scan.
std::vector<Factors> everyFactors();

/// Random factors of a layer like Mamba's, the same for the same shape and seed; `y` is the output of the
/// step-by-step recurrence in double.
LayerFactors randomLayer(const Shape& shape, at::ScalarType type = at::kFloat, uint64_t seed = 1);

/// The same with α of another recipe and an additive term. G, Z, M and S are there whatever the recipe
/// (softmax attention must not look at them); N is 1 for LogSum, and the window of softmax attention is 20.
LayerFactors randomLayer(Recipe recipe, const Shape& shape, at::ScalarType type = at::kFloat,
                         uint64_t seed = 1);

/// The two layers as the directions of one, each with the share ½: `y` is that of both.
LayerFactors bidirectional(LayerFactors forward, LayerFactors backward);

/// log R of softmax attention or RWKV-4 from the other factors, in double.
at::Tensor logNormalizer(const LayerFactors& layer);

/// The same numbers in another dtype.
LayerFactors widened(const LayerFactors& layer, at::ScalarType type);

/// What a mixer computes, step by step as a model would: convolution, x · σ-like factor, state, skip, gate,
/// and both directions. [L, D] double.
at::Tensor stepByStep(const LayerFactors& layer);

}  // namespace uc::test
