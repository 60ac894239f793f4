// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/merge.h"
#include "core/attention/operators.h"

#include <algorithm>
#include <cmath>

namespace uc {
namespace {

/// What a reconstruction is measured by, gathered from any of its values.
struct Comparison {
  double error = 0.0, scale = 0.0;
  double dot = 0.0, real = 0.0, rebuilt = 0.0;  // Σ y ŷ, Σ y², Σ ŷ²

  void add(double y, double yHat) {
    error = larger(error, std::abs(yHat - y));
    scale = larger(scale, std::abs(y));
    dot += y * yHat;
    real += y * y;
    rebuilt += yHat * yHat;
  }

  Reconstruction result() const {
    const double relative = error == 0.0 ? 0.0 : error / scale;
    const double norms = real * rebuilt;
    return {error, scale, relative, norms == 0.0 ? (real == rebuilt ? 1.0 : 0.0) : dot * dot / norms};
  }
};

template <typename T>
Reconstruction compare(const LayerFactors& layer, const at::Tensor& rebuilt, const LaneSpan& lanes) {
  const T* y = layer.y.data_ptr<T>();
  const T* yHat = rebuilt.data_ptr<T>();
  Comparison comparison;
  for (int64_t t = 0; t < layer.tokens; ++t) {
    for (int64_t d = lanes.first; d < lanes.last; ++d) {
      comparison.add(y[t * layer.lanes + d], yHat[t * layer.lanes + d]);
    }
  }
  return comparison.result();
}

}  // namespace

MapTerms exactTerms() {
  const Factors all = {Factor::Gate, Factor::Scan, Factor::Activation, Factor::Convolution, Factor::Skip};
  return {all, Direction::Both, true};
}

Reconstruction reconstruct(const LayerFactors& layer, const MapTerms& terms, const LaneSpan& lanes,
                           const Feedback& feedback) {
  const at::Tensor rebuilt = apply(layer, terms, layer.x, true, feedback);
  return layer.x.scalar_type() == at::kDouble ? compare<double>(layer, rebuilt, lanes)
                                              : compare<float>(layer, rebuilt, lanes);
}

std::vector<double> decayProducts(const LayerFactors& layer, int64_t lane, int64_t t) {
  if (layer.kind == ScanKind::Softmax) return {};
  const int64_t scan = lane * layer.scans / layer.lanes;
  // log a of one token: step · rate, or [N] of its own
  const auto ofScan = [&](const at::Tensor& tensor, int64_t dimension) {
    return tensor.defined() ? tensor.select(dimension, scan).to(at::kDouble).contiguous() : at::Tensor();
  };
  const at::Tensor logDecay = ofScan(layer.logDecay, 1), step = ofScan(layer.step, 1);
  const at::Tensor rate = ofScan(layer.rate, 0);
  std::vector<double> products(static_cast<size_t>(t + 1));
  std::vector<double> sums(static_cast<size_t>(layer.state));
  for (int64_t s = t; s >= 0; --s) {
    double best = 0.0;
    for (const double sum : sums) best = larger(best, std::exp(sum));
    products[static_cast<size_t>(s)] = best;
    const double length = step.defined() ? step.data_ptr<double>()[s] : 1.0;
    for (int64_t n = 0; n < layer.state; ++n) {
      const int64_t row = logDecay.defined() && logDecay.size(0) > 1 ? s : 0;
      sums[static_cast<size_t>(n)] += logDecay.defined() ? logDecay.data_ptr<double>()[row * layer.state + n]
                                                         : length * rate.data_ptr<double>()[n];
    }
  }
  return products;
}

}  // namespace uc
