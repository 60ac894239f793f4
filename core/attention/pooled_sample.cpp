// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/pooled_sample.h"

#include "core/attention/merge.h"
#include "core/attention/parallel.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <functional>
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
    const auto tokens = static_cast<int64_t>(isIn.size());
    for (int64_t pixel = 0; pixel < pooledSize(end - begin, pool); ++pixel) {
      const KeptTokens own(begin, end, pool, kept, pixel);
      for (int64_t t = own.first; t < std::min(own.last + tail, tokens); ++t) {
        isIn[static_cast<size_t>(t)] = true;
        if (t < own.last) pixelOf[static_cast<size_t>(t)] = pixel;
      }
    }
  }

  std::vector<int64_t> tokens;
  std::vector<int64_t> rowOf, colOf;  // [L]
};

/// Sums of log decays, or of steps, from each token of the thinned layer back to the one before it.
template <typename T>
at::Tensor summed(const at::Tensor& tensor, const std::vector<int64_t>& tokens, const Feedback& feedback) {
  if (!tensor.defined()) return tensor;
  const auto count = static_cast<int64_t>(tokens.size());
  const int64_t width = tensor.numel() / tensor.size(0);
  const bool isConstant = tensor.size(0) == 1;
  std::vector<int64_t> shape = tensor.sizes().vec();
  shape[0] = count;
  const at::Tensor result = at::empty(shape, tensor.options());
  const T* const rows = tensor.data_ptr<T>();
  T* const sums = result.data_ptr<T>();
  parallelFor(
      count,
      [&](int64_t i, int64_t) {
        const int64_t before = i == 0 ? -1 : tokens[static_cast<size_t>(i - 1)];
        T* const sum = sums + i * width;
        std::fill_n(sum, width, T(0));
        for (int64_t t = before + 1; t <= tokens[static_cast<size_t>(i)]; ++t) {
          const T* const row = isConstant ? rows : rows + t * width;
          std::transform(row, row + width, sum, sum, std::plus<T>());
        }
      },
      "", feedback);
  return result;
}

template <typename T>
LayerFactors thinned(const LayerFactors& layer, const std::vector<int64_t>& tokens,
                     const Feedback& feedback) {
  const at::Tensor index = at::tensor(tokens, at::kLong);
  LayerFactors result = layer;
  result.tokens = static_cast<int64_t>(tokens.size());
  for (at::Tensor* tensor :
       {&result.query, &result.key, &result.diagonal, &result.rowScale, &result.columnScale, &result.x}) {
    if (tensor->defined()) *tensor = tensor->index_select(0, index);
  }
  result.step = summed<T>(layer.step, tokens, feedback);
  result.logDecay = summed<T>(layer.logDecay, tokens, feedback);
  result.additive = result.y = at::Tensor();
  return result;
}

}  // namespace

bool isThinned(const LayerFactors& layer) { return layer.kind == ScanKind::Decay && !layer.backward; }

KeptTokens::KeptTokens(int64_t begin, int64_t end, int64_t pool, int64_t kept, int64_t pixel) {
  const int64_t start = begin + pixel * std::min(pool, end - begin);  // the pool may be as large as it likes
  const int64_t size = std::min(pool, end - start);
  first = start + std::max<int64_t>(size - kept, 0) / 2;
  last = first + std::min(kept, size);
}

int64_t keptTokens(const LayerFactors& layer, const Window& window, double entries) {
  const double rows = static_cast<double>(pooledSize(window.row1 - window.row0, window.pool));
  if (!isThinned(layer)) {
    const double share = entries / (rows * static_cast<double>(window.col1 - window.col0));
    const auto most = static_cast<double>(window.pool);
    return static_cast<int64_t>(std::clamp(layer.backward ? share : 2.0 * share, 1.0, most));
  }
  const double cols = static_cast<double>(pooledSize(window.col1 - window.col0, window.pool));
  const double side = std::sqrt(2.0 * entries / (rows * cols));  // half of a map lies above the diagonal
  const auto kept = static_cast<int64_t>(side) - tapsOf(layer);
  // Nearly all of a pixel is as dear as all of it.
  return kept + tapsOf(layer) >= window.pool ? window.pool : std::max<int64_t>(kept, 1);
}

template <typename T>
MatrixOf<T> sampledTile(const LayerFactors& layer, const MapQuery& query, const Window& window, int64_t kept,
                        const Feedback& feedback) {
  assert(1 <= kept && kept < window.pool);
  if (!isThinned(layer)) return sampledRows<T>(layer, query, window, kept, feedback);
  const Thinning thinning(window, kept, tapsOf(layer), layer.tokens);
  const std::vector<int64_t>& tokens = thinning.tokens;
  const LayerFactors thin = thinned<T>(layer, tokens, feedback);
  Matrix64 sums(pooledSize(window.row1 - window.row0, window.pool),
                pooledSize(window.col1 - window.col0, window.pool));
  Matrix64 counts = sums;
  const Join join = window.pooling == Pooling::MaxAbs ? Join::MaxAbs : Join::Sum;
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
        addJoined(join, static_cast<double>(band.at(t - row, s)), sums.at(pixel, col));
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
