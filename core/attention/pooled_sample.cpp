// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/pooled_sample.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <vector>

namespace uc {
namespace {

// Rows of the thinned map that are held at a time.
constexpr int64_t kBandRows = 1024;

int64_t tapsOf(const LayerFactors& layer) { return layer.taps.defined() ? layer.taps.size(1) : 1; }

/// The tokens of a thinned layer, ascending, and which of them are rows and columns of which pixel: −1 for
/// none. Kept columns are followed by the K − 1 tokens that their taps reach; a run of tokens is led by the
/// one before it, which stands for all that were left out.
struct Thinning {
  Thinning(const Window& window, int64_t kept, int64_t taps, int64_t layerTokens)
      : rowOf(static_cast<size_t>(layerTokens), -1), colOf(rowOf) {
    std::vector<bool> isIn(rowOf.size(), false);
    keep(window.row0, window.row1, window.pool, kept, 0, rowOf, isIn);
    keep(window.col0, window.col1, window.pool, kept, taps - 1, colOf, isIn);
    for (int64_t t = 0; t < layerTokens; ++t) {
      const auto at = static_cast<size_t>(t);
      if (isIn[at] || (t + 1 < layerTokens && isIn[at + 1])) tokens.push_back(t);
    }
  }

  static void keep(int64_t begin, int64_t end, int64_t pool, int64_t kept, int64_t tail,
                   std::vector<int64_t>& pixelOf, std::vector<bool>& isIn) {
    const auto last = static_cast<int64_t>(isIn.size());
    pool = std::min(pool, end - begin);  // which may be as large as it likes
    for (int64_t pixel = 0; begin + pixel * pool < end; ++pixel) {
      const int64_t size = std::min(pool, end - (begin + pixel * pool));
      const int64_t first = begin + pixel * pool + std::max<int64_t>(size - kept, 0) / 2;
      for (int64_t t = first; t < std::min(first + std::min(kept, size) + tail, last); ++t) {
        isIn[static_cast<size_t>(t)] = true;
        if (t < first + std::min(kept, size)) pixelOf[static_cast<size_t>(t)] = pixel;
      }
    }
  }

  std::vector<int64_t> tokens;
  std::vector<int64_t> rowOf, colOf;  // [L]
};

/// Sums of log decays, or of steps, from each token of the thinned layer back to the one before it.
at::Tensor summed(const at::Tensor& tensor, const std::vector<int64_t>& tokens) {
  if (!tensor.defined()) return tensor;
  std::vector<at::Tensor> rows;
  int64_t before = -1;
  for (const int64_t token : tokens) {
    rows.push_back(tensor.size(0) == 1 ? tensor[0] * (token - before)
                                       : tensor.slice(0, before + 1, token + 1).sum(0));
    before = token;
  }
  return at::stack(rows).contiguous();
}

LayerFactors thinned(const LayerFactors& layer, const std::vector<int64_t>& tokens) {
  const at::Tensor index = at::tensor(tokens, at::kLong);
  LayerFactors result = layer;
  result.tokens = static_cast<int64_t>(tokens.size());
  for (at::Tensor* tensor :
       {&result.query, &result.key, &result.diagonal, &result.rowScale, &result.columnScale, &result.x}) {
    if (tensor->defined()) *tensor = tensor->index_select(0, index);
  }
  result.step = summed(layer.step, tokens);
  result.logDecay = summed(layer.logDecay, tokens);
  result.additive = result.y = at::Tensor();
  return result;
}

/// Adds an entry to a pixel: to a sum, or in place of a smaller one. NaN stays NaN.
void addEntry(Pooling pooling, double value, double& pixel) {
  if (pooling == Pooling::Mean) {
    pixel += value;
  } else if (!(std::abs(value) <= std::abs(pixel) || std::isnan(pixel))) {
    pixel = value;
  }
}

}  // namespace

bool canSample(const LayerFactors& layer, const Window& window) {
  return window.pool > 1 && layer.kind == ScanKind::Decay && !layer.backward;
}

int64_t keptTokens(const LayerFactors& layer, const Window& window, double entries) {
  const double rows = static_cast<double>(pooledSize(window.row1 - window.row0, window.pool));
  const double cols = static_cast<double>(pooledSize(window.col1 - window.col0, window.pool));
  const double side = std::sqrt(2.0 * entries / (rows * cols));  // half of a map lies above the diagonal
  const auto kept = static_cast<int64_t>(side) - tapsOf(layer);
  // Nearly all of a pixel is as dear as all of it.
  return kept + tapsOf(layer) >= window.pool ? window.pool : std::max<int64_t>(kept, 1);
}

template <typename T>
MatrixOf<T> sampledTile(const LayerFactors& layer, const MapQuery& query, const Window& window, int64_t kept,
                        const Feedback& feedback) {
  assert(canSample(layer, window) && 1 <= kept && kept < window.pool);
  const Thinning thinning(window, kept, tapsOf(layer), layer.tokens);
  const std::vector<int64_t>& tokens = thinning.tokens;
  const LayerFactors thin = thinned(layer, tokens);
  Matrix64 sums(pooledSize(window.row1 - window.row0, window.pool),
                pooledSize(window.col1 - window.col0, window.pool));
  Matrix64 counts = sums;
  for (int64_t row = 0; row < thin.tokens; row += kBandRows) {
    const int64_t end = std::min(row + kBandRows, thin.tokens);
    const auto part = [&](int64_t r) { return static_cast<double>(r) / static_cast<double>(thin.tokens); };
    const MatrixOf<T> band =
        tile<T>(thin, query, {row, end, 0, thin.tokens, 1}, feedback.part(part(row), part(end)));
    for (int64_t t = row; t < end; ++t) {
      const int64_t pixel = thinning.rowOf[static_cast<size_t>(tokens[static_cast<size_t>(t)])];
      for (int64_t s = 0; s < thin.tokens && pixel >= 0; ++s) {
        const int64_t col = thinning.colOf[static_cast<size_t>(tokens[static_cast<size_t>(s)])];
        if (col < 0) continue;
        addEntry(window.pooling, static_cast<double>(band.at(t - row, s)), sums.at(pixel, col));
        counts.at(pixel, col) += 1.0;
      }
    }
  }
  MatrixOf<T> result(sums.rows, sums.cols);
  for (size_t i = 0; i < result.values.size(); ++i) {
    const bool isMean = window.pooling == Pooling::Mean;
    result.values[i] = static_cast<T>(isMean ? sums.values[i] / counts.values[i] : sums.values[i]);
  }
  return result;
}

template Matrix sampledTile(const LayerFactors&, const MapQuery&, const Window&, int64_t, const Feedback&);
template Matrix64 sampledTile(const LayerFactors&, const MapQuery&, const Window&, int64_t, const Feedback&);

}  // namespace uc
