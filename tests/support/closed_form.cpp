// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "tests/support/closed_form.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace uc::test {
namespace {

using Real = long double;
using Dense = std::vector<std::vector<Real>>;

/// Column `d` of a tensor [rows, D] (or its row, for [D, n]) as numbers, or `count` times `missing` without a
/// tensor.
std::vector<Real> numbers(const at::Tensor& tensor, int64_t dimension, int64_t d, int64_t count,
                          Real missing) {
  if (!tensor.defined()) return std::vector<Real>(count, missing);
  const at::Tensor part = tensor.select(dimension, d).to(at::kDouble).contiguous().view({-1});
  const auto* begin = part.data_ptr<double>();
  return std::vector<Real>(begin, begin + part.numel());
}

/// The factors of one lane as plain numbers, so that dense loops need no tensors.
struct Lane {
  Lane(const LayerFactors& layer, Factors on, int64_t d) : tokens(layer.tokens), state(layer.state) {
    const auto get = [&](Factor factor, const at::Tensor& tensor) {
      return on.has(factor) ? tensor : at::Tensor();
    };
    const auto one = [&](const at::Tensor& tensor) {
      return tensor.defined() ? tensor.unsqueeze(1) : tensor;
    };
    const int64_t group = d * layer.query.size(1) / layer.lanes;
    rate = numbers(layer.rate, 0, d, state, 0);
    query = numbers(layer.query, 1, group, tokens * state, 0);
    key = numbers(layer.key, 1, group, tokens * state, 0);
    step = numbers(layer.step, 1, d, tokens, 0);
    gate = numbers(get(Factor::Gate, layer.rowScale), 1, d, tokens, 1);
    activation = numbers(get(Factor::Activation, layer.columnScale), 1, d, tokens, 1);
    taps = numbers(get(Factor::Convolution, layer.taps), 0, d, 1, 1);
    skip = numbers(one(get(Factor::Skip, layer.skip)), 0, d, 1, 0).front();
    bias = numbers(one(get(Factor::Convolution, layer.convBias)), 0, d, 1, 0).front();
    for (int64_t i = 0; i < tokens * state && !on.has(Factor::NoStep); ++i) key[i] *= step[i / state];
  }

  Real alpha(int64_t t, int64_t s) const {
    Real steps = 0;
    for (int64_t r = s + 1; r <= t; ++r) steps += step[r];
    return alpha(t, s, steps);
  }

  /// `steps` = Σ Δ over (s, t].
  Real alpha(int64_t t, int64_t s, Real steps) const {
    Real sum = 0;
    for (int64_t n = 0; n < state; ++n) {
      sum += query[t * state + n] * std::exp(rate[n] * steps) * key[s * state + n];
    }
    return sum;
  }

  int64_t tokens, state;
  Real skip = 0, bias = 0;
  std::vector<Real> rate, taps, step, gate, activation, query, key;
};

/// G (R⁻¹α + S) Z.
Dense beforeConvolution(const Lane& lane, bool hasScan) {
  Dense dense(lane.tokens, std::vector<Real>(lane.tokens, 0));
  for (int64_t t = 0; t < lane.tokens; ++t) {
    Real steps = 0;
    for (int64_t s = t; s >= 0; --s) {
      Real entry = hasScan ? lane.alpha(t, s, steps) : Real(0);
      if (s == t) entry += lane.skip;
      dense[t][s] = lane.gate[t] * entry * lane.activation[s];
      steps += lane.step[s];
    }
  }
  return dense;
}

}  // namespace

Matrix64 closedForm(const LayerFactors& layer, Factors factors, int64_t lane) {
  const Lane one(layer, factors, lane);
  const Dense left = beforeConvolution(one, factors.has(Factor::Scan));
  const auto width = static_cast<int64_t>(one.taps.size());
  Matrix64 result(one.tokens, one.tokens);
  for (int64_t t = 0; t < one.tokens; ++t) {
    for (int64_t s = 0; s <= t; ++s) {
      Real sum = 0;  // column s of M: row u holds the tap that is u − s steps old
      for (int64_t u = s; u <= t && u - s < width; ++u) sum += left[t][u] * one.taps[width - 1 - (u - s)];
      result.at(t, s) = static_cast<double>(sum);
    }
  }
  return result;
}

double closedFormAlpha(const LayerFactors& layer, int64_t lane, int64_t t, int64_t s) {
  return static_cast<double>(Lane(layer, {Factor::Scan}, lane).alpha(t, s));
}

Matrix64 closedFormAdditive(const LayerFactors& layer, Factors factors, int64_t lane) {
  const Lane one(layer, factors, lane);
  const Dense left = beforeConvolution(one, factors.has(Factor::Scan));
  Matrix64 result(1, one.tokens);
  for (int64_t t = 0; t < one.tokens; ++t) {
    Real sum = 0;
    for (int64_t s = 0; s <= t; ++s) sum += left[t][s] * one.bias;
    result.at(0, t) = static_cast<double>(sum);
  }
  return result;
}

double largest(const Matrix64& values) {
  double best = 0.0;
  for (const double entry : values.values) best = std::max(best, std::abs(entry));
  return best;
}

}  // namespace uc::test
