// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/lane_tile.h"
#include "core/attention/operators.h"
#include "core/attention/parallel.h"

#include <algorithm>
#include <cmath>

namespace uc {
namespace {

constexpr int64_t kAllRows = 1024;     // up to here every row is rebuilt from a dense row
constexpr int64_t kSampledRows = 256;  // and beyond, this many
constexpr int64_t kPanelCols = 512;

/// The larger of two, NaN when one is: an error that is not a number must not look like none.
double larger(double a, double b) { return a > b || std::isnan(a) ? a : b; }

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

std::vector<int64_t> checkedRows(int64_t tokens) {
  const int64_t count = tokens <= kAllRows ? tokens : kSampledRows;
  std::vector<int64_t> list;
  for (int64_t i = 0; i < count; ++i) list.push_back(count == 1 ? 0 : i * (tokens - 1) / (count - 1));
  return list;
}

/// max |ŷ − y| of one lane at the rows asked for, with ŷ from dense rows of H.
template <typename T>
double denseError(const LayerFactors& layer, const FactorView<T>& view, int64_t lane,
                  const std::vector<int64_t>& list, const T* additive, LaneTile<T>& scratch,
                  const Feedback& feedback) {
  const int64_t blocks = (view.tokens + kBlockTokens - 1) / kBlockTokens;
  const std::vector<double> steps = blockSteps(view, lane, 0, blocks);
  std::vector<double> rebuilt(list.size());
  std::vector<T> row(kPanelCols), x(static_cast<size_t>(view.tokens));
  for (int64_t s = 0; s < view.tokens; ++s) x[static_cast<size_t>(s)] = view.x[s * view.lanes + lane];
  for (int64_t col = 0; col < view.tokens; col += kPanelCols) {
    feedback.checkpoint();
    const int64_t colEnd = std::min(col + kPanelCols, view.tokens);
    scratch.setPanel(col, colEnd, view.tokens);
    scratch.setLane(lane, steps.data(), 0);
    for (size_t i = 0; i < list.size(); ++i) {
      if (list[i] < col) continue;
      const bool startsBlock =
          i == 0 || list[i - 1] < col || list[i] / kBlockTokens != list[i - 1] / kBlockTokens;
      if (startsBlock) {
        size_t end = i;
        while (end < list.size() && list[end] / kBlockTokens == list[i] / kBlockTokens) ++end;
        scratch.setRows(list[i], list[end - 1] + 1);
      }
      scratch.row(list[i], row.data());
      rebuilt[i] += kernels<T>().dot(row.data(), x.data() + col, scratch.attended(list[i]));
    }
  }
  const T* y = layer.y.data_ptr<T>();
  double error = 0.0;
  for (size_t i = 0; i < list.size(); ++i) {
    const int64_t at = list[i] * view.lanes + lane;
    error =
        larger(error, std::abs(rebuilt[i] + static_cast<double>(additive[at]) - static_cast<double>(y[at])));
  }
  return error;
}

template <typename T>
Reconstruction verifyTyped(const LayerFactors& layer, const Feedback& feedback) {
  const LaneSpan all{0, layer.lanes, std::nullopt};
  Reconstruction result = reconstruct(layer, exactTerms(), all, feedback);
  const at::Tensor additive = apply(layer, exactTerms(), at::zeros_like(layer.x), true, feedback);
  const FactorView<T> view(layer, exactTerms().factors);
  const std::vector<int64_t> list = checkedRows(layer.tokens);
  std::vector<LaneTile<T>> scratch;
  for (int64_t w = 0; w < workersFor(layer.lanes); ++w) scratch.emplace_back(view);
  std::vector<double> errors(static_cast<size_t>(layer.lanes));
  parallelFor(
      layer.lanes,
      [&](int64_t lane, int64_t w) {
        errors[static_cast<size_t>(lane)] = denseError(layer, view, lane, list, additive.data_ptr<T>(),
                                                       scratch[static_cast<size_t>(w)], feedback);
      },
      "Checking the layer", feedback);
  for (const double error : errors) result.error = larger(result.error, error);
  result.relative = result.error == 0.0 ? 0.0 : result.error / result.scale;
  return result;
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

Reconstruction verifyLayer(const LayerFactors& layer, const Feedback& feedback) {
  return layer.x.scalar_type() == at::kDouble ? verifyTyped<double>(layer, feedback)
                                              : verifyTyped<float>(layer, feedback);
}

std::vector<double> decayProducts(const LayerFactors& layer, int64_t lane, int64_t t) {
  const at::Tensor step = layer.step.select(1, lane).to(at::kDouble).contiguous();  // [L]
  const at::Tensor rate = layer.rate.select(0, lane).to(at::kDouble).contiguous();  // [N]
  std::vector<double> products(static_cast<size_t>(t + 1));
  double sum = 0.0;
  for (int64_t s = t; s >= 0; --s) {
    double best = 0.0;
    for (int64_t n = 0; n < layer.state; ++n) best = larger(best, std::exp(rate.data_ptr<double>()[n] * sum));
    products[static_cast<size_t>(s)] = best;
    sum += step.data_ptr<double>()[s];
  }
  return products;
}

}  // namespace uc
