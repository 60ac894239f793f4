// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/reconstruct.h"

#include "core/attention/merge.h"

#include <algorithm>
#include <cmath>

namespace uc {
namespace {

void add(double y, double yHat, Reconstruction& sums) {
  sums.error = larger(sums.error, std::abs(yHat - y));
  sums.scale = larger(sums.scale, std::abs(y));
  sums.product += y * yHat;
  sums.real += y * y;
  sums.rebuilt += yHat * yHat;
}

/// What follows from the sums.
Reconstruction finished(Reconstruction sums) {
  const double norms = sums.real * sums.rebuilt;
  sums.relative = sums.error == 0.0 ? 0.0 : sums.error / sums.scale;
  sums.share = norms == 0.0 ? (sums.real == sums.rebuilt ? 1.0 : 0.0) : sums.product * sums.product / norms;
  return sums;
}

/// `rebuilt` [L, lanes].
template <typename T>
Reconstruction compareTyped(const LayerFactors& layer, const at::Tensor& rebuilt, const LaneSpan& lanes) {
  const T* y = layer.y.data_ptr<T>();
  const T* yHat = rebuilt.data_ptr<T>();
  Reconstruction sums;
  for (int64_t t = 0; t < layer.tokens; ++t) {
    for (int64_t d = 0; d < lanes.count(); ++d) {
      add(y[t * layer.lanes + lanes.first + d], yHat[t * lanes.count() + d], sums);
    }
  }
  return finished(sums);
}

Reconstruction compare(const LayerFactors& layer, const at::Tensor& rebuilt, const LaneSpan& lanes) {
  return layer.x.scalar_type() == at::kDouble ? compareTyped<double>(layer, rebuilt, lanes)
                                              : compareTyped<float>(layer, rebuilt, lanes);
}

}  // namespace

Reconstruction joined(const Reconstruction& a, const Reconstruction& b) {
  Reconstruction sums;
  sums.error = larger(a.error, b.error);
  sums.scale = larger(a.scale, b.scale);
  sums.product = a.product + b.product;
  sums.real = a.real + b.real;
  sums.rebuilt = a.rebuilt + b.rebuilt;
  return finished(sums);
}

MapTerms exactTerms() {
  const Factors all = {Factor::Gate, Factor::Scan, Factor::Activation, Factor::Convolution, Factor::Skip};
  return {all, Direction::Both, true};
}

Reconstruction reconstruct(const LayerFactors& layer, const MapTerms& terms, const LaneSpan& lanes,
                           const Feedback& feedback) {
  return compare(layer, applyLanes(layer, terms, lanes, layer.x, true, feedback), lanes);
}

Reconstruction compareOutput(const LayerFactors& layer, const at::Tensor& rebuilt, const LaneSpan& lanes) {
  return compare(layer, rebuilt.slice(1, lanes.first, lanes.last).contiguous(), lanes);
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
