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

/// The factors of one lane in one direction as plain numbers, so that dense loops need no tensors.
struct Lane {
  Lane(const LayerFactors& layer, Factors factors, int64_t d)
      : kind(layer.kind), tokens(layer.tokens), state(layer.state), readsBefore(layer.readsBeforeDecay) {
    const bool isSoftmax = kind == ScanKind::Softmax;
    const Factors on = isSoftmax ? Factors{Factor::Scan} : factors;
    hasScan = on.has(Factor::Scan);
    const auto get = [&](Factor factor, const at::Tensor& tensor) {
      return on.has(factor) ? tensor : at::Tensor();
    };
    const auto one = [&](const at::Tensor& tensor) {
      return tensor.defined() ? tensor.unsqueeze(1) : tensor;
    };
    const int64_t scan = d * layer.scans / layer.lanes;
    const auto grouped = [&](const at::Tensor& tensor) {
      const int64_t group = tensor.defined() ? scan * tensor.size(1) / layer.scans : 0;
      return numbers(tensor, 1, group, tokens * state, 0);
    };
    query = grouped(layer.query);
    key = grouped(layer.key);
    rate = numbers(layer.rate, 0, scan, state, 0);
    step = numbers(layer.step, 1, scan, tokens, 1);
    logDecay = numbers(layer.logDecay, 1, scan, 0, 0);
    removeKey = numbers(layer.removeKey, 1, scan, 0, 0);
    removeWrite = numbers(layer.removeWrite, 1, scan, 0, 0);
    logKey = numbers(layer.logKey, 1, scan, 0, 0);
    logNormalizer = numbers(layer.logNormalizer, 1, scan, 0, 0);
    diagonal = numbers(layer.diagonal, 1, scan, tokens, 0);
    window = layer.window > 0 ? layer.window : tokens;
    gate = numbers(get(Factor::Gate, layer.rowScale), 1, d, tokens, 1);
    activation = numbers(get(Factor::Activation, layer.columnScale), 1, d, tokens, 1);
    taps = numbers(get(Factor::Convolution, layer.taps), 0, d, 1, 1);
    skip = numbers(one(get(Factor::Skip, layer.skip)), 0, d, 1, 0).front();
    bias = numbers(one(get(Factor::Convolution, layer.convBias)), 0, d, 1, 0).front();
    additive = numbers(layer.additive, 1, d, tokens, 0);
    const bool hasStep = layer.step.defined() && layer.isStepInKey && !on.has(Factor::NoStep);
    for (int64_t i = 0; i < tokens * state && hasStep; ++i) key[i] *= step[i / state];
  }

  /// log a of one token and state.
  Real logDecayOf(int64_t r, int64_t n) const {
    if (logDecay.empty()) return step[r] * rate[n];
    return logDecay[static_cast<int64_t>(logDecay.size()) == state ? n : r * state + n];
  }

  /// Row t of R⁻¹α from column `first` to t.
  std::vector<Real> alphaRow(int64_t t, int64_t first) const {
    std::vector<Real> row(tokens, 0);
    if (kind == ScanKind::DeltaRule) {
      deltaRow(t, first, row);
      return row;
    }
    std::vector<Real> sums(state, 0);
    for (int64_t s = t; s >= first; --s) {
      if (kind == ScanKind::LogSum) {
        const Real exponent = s == t ? diagonal[t] : logKey[s] + static_cast<Real>(t - 1 - s) * rate[0];
        row[s] = std::exp(exponent - logNormalizer[t]);
      } else if (kind == ScanKind::Softmax) {
        row[s] = s > t - window ? std::exp(product(t, s, sums) - logNormalizer[t]) : Real(0);
      } else {
        row[s] = readsBefore && s == t ? diagonal[t] : product(t, s, sums);
        for (int64_t n = 0; n < state && (s < t || !readsBefore); ++n) sums[n] += logDecayOf(s, n);
      }
    }
    return row;
  }

  /// Σ_n q[t,n] exp(sums[n]) k[s,n].
  Real product(int64_t t, int64_t s, const std::vector<Real>& sums) const {
    Real sum = 0;
    for (int64_t n = 0; n < state; ++n) {
      sum += query[t * state + n] * std::exp(sums[n]) * key[s * state + n];
    }
    return sum;
  }

  /// k_sᵀ T_{s+1} … T_t q_t with each T written out as a matrix.
  void deltaRow(int64_t t, int64_t first, std::vector<Real>& row) const {
    std::vector<Real> u(query.begin() + t * state, query.begin() + (t + 1) * state), next(state);
    for (int64_t s = t; s >= first; --s) {
      for (int64_t n = 0; n < state; ++n) row[s] += key[s * state + n] * u[n];
      for (int64_t i = 0; i < state; ++i) {
        next[i] = 0;
        for (int64_t j = 0; j < state; ++j) {
          const Real kept = i == j ? std::exp(logDecayOf(s, i)) : Real(0);
          next[i] += (kept - removeKey[s * state + i] * removeWrite[s * state + j]) * u[j];
        }
      }
      u = next;
    }
  }

  ScanKind kind;
  int64_t tokens, state, window = 0;
  bool readsBefore, hasScan = false;
  Real skip = 0, bias = 0;
  std::vector<Real> rate, taps, step, gate, activation, query, key, logDecay, removeKey, removeWrite, logKey,
      logNormalizer, diagonal, additive;
};

/// G (R⁻¹α + S) Z.
Dense beforeConvolution(const Lane& lane) {
  Dense dense(lane.tokens, std::vector<Real>(lane.tokens, 0));
  for (int64_t t = 0; t < lane.tokens; ++t) {
    if (lane.hasScan) dense[t] = lane.alphaRow(t, 0);
    dense[t][t] += lane.skip;
    for (int64_t s = 0; s <= t; ++s) dense[t][s] *= lane.gate[t] * lane.activation[s];
  }
  return dense;
}

/// Adds one direction to a map.
void addMap(const Lane& lane, Real share, bool isReversed, Dense& map) {
  const Dense left = beforeConvolution(lane);
  const auto width = static_cast<int64_t>(lane.taps.size());
  const int64_t last = lane.tokens - 1;
  for (int64_t t = 0; t < lane.tokens; ++t) {
    for (int64_t s = 0; s <= t; ++s) {
      Real sum = 0;  // column s of M: row u holds the tap that is u − s steps old
      for (int64_t u = s; u <= t && u - s < width; ++u) sum += left[t][u] * lane.taps[width - 1 - (u - s)];
      (isReversed ? map[last - t][last - s] : map[t][s]) += share * sum;
    }
  }
}

void addAdditive(const Lane& lane, Real share, bool isReversed, std::vector<Real>& values) {
  const Dense left = beforeConvolution(lane);
  for (int64_t t = 0; t < lane.tokens; ++t) {
    Real sum = lane.additive[t];
    for (int64_t s = 0; s <= t; ++s) sum += left[t][s] * lane.bias;
    values[isReversed ? lane.tokens - 1 - t : t] += share * sum;
  }
}

/// Calls body(lane, share, isReversed) for the directions asked for.
template <typename Body>
void forDirections(const LayerFactors& layer, const MapTerms& terms, int64_t lane, const Body& body) {
  const Real share = terms.hasShare ? layer.directionShare : 1.0;
  if (!layer.backward || terms.direction != Direction::Backward) {
    body(Lane(layer, terms.factors, lane), share, false);
  }
  if (layer.backward && terms.direction != Direction::Forward) {
    body(Lane(*layer.backward, terms.factors, lane), share, true);
  }
}

}  // namespace

Matrix64 closedForm(const LayerFactors& layer, const MapTerms& terms, int64_t lane) {
  Dense map(layer.tokens, std::vector<Real>(layer.tokens, 0));
  forDirections(layer, terms, lane,
                [&](const Lane& one, Real share, bool isReversed) { addMap(one, share, isReversed, map); });
  Matrix64 result(layer.tokens, layer.tokens);
  for (int64_t t = 0; t < layer.tokens; ++t) {
    for (int64_t s = 0; s < layer.tokens; ++s) result.at(t, s) = static_cast<double>(map[t][s]);
  }
  return result;
}

double closedFormAlpha(const LayerFactors& layer, int64_t lane, int64_t t, int64_t s) {
  return static_cast<double>(Lane(layer, {Factor::Scan}, lane).alphaRow(t, s)[s]);
}

Matrix64 closedFormAdditive(const LayerFactors& layer, const MapTerms& terms, int64_t lane) {
  std::vector<Real> values(layer.tokens, 0);
  forDirections(layer, terms, lane, [&](const Lane& one, Real share, bool isReversed) {
    addAdditive(one, share, isReversed, values);
  });
  Matrix64 result(1, layer.tokens);
  for (int64_t t = 0; t < layer.tokens; ++t) result.at(0, t) = static_cast<double>(values[t]);
  return result;
}

double largest(const Matrix64& values) {
  double best = 0.0;
  for (const double entry : values.values) best = std::max(best, std::abs(entry));
  return best;
}

}  // namespace uc::test
