// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/bench/chunked_torch.h"

#include "core/attention/parallel.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <vector>

namespace uc::bench {
namespace {

constexpr int64_t kChunk = 64;

/// The two ways to lay out T tokens of D lanes with N states, [T, D, N], for the product of each lane (its
/// magnitude is asked for) or of all together.
class Layout {
 public:
  explicit Layout(bool isAbsolute) : m_isAbsolute(isAbsolute) {}

  /// [D, T, N], or [T, D · N]
  at::Tensor queries(const at::Tensor& side) const {
    return m_isAbsolute ? side.transpose(0, 1).contiguous() : side.flatten(1);
  }
  /// [D, N, T], or [D · N, T]
  at::Tensor keys(const at::Tensor& side) const {
    return m_isAbsolute ? side.permute({1, 2, 0}).contiguous() : side.flatten(1).t();
  }
  /// Of a whole chunk, [D, N], to multiply queries with.
  at::Tensor decay(const at::Tensor& side) const { return m_isAbsolute ? side.unsqueeze(1) : side.flatten(); }

  /// The mean over lanes of query · key, or of its magnitude: [T, T].
  at::Tensor mean(const at::Tensor& queries, const at::Tensor& keys, int64_t lanes) const {
    if (m_isAbsolute) return at::bmm(queries, keys).abs_().mean(0);
    return at::mm(queries, keys).div_(static_cast<double>(lanes));
  }

 private:
  bool m_isAbsolute;
};

/// One chunk of tokens.
struct Chunk {
  int64_t first = 0, last = 0;
  at::Tensor queries;   // decayed from the chunk's start
  at::Tensor keys;      // decayed to the chunk's end
  at::Tensor decay;     // of the whole chunk
  at::Tensor diagonal;  // [T, T], finished
};

Chunk chunkOf(const LayerFactors& layer, int64_t first, int64_t lanes, const Layout& layout) {
  Chunk chunk;
  chunk.first = first;
  chunk.last = std::min(first + kChunk, layer.tokens);
  const at::Tensor step = layer.step.slice(0, first, chunk.last).slice(1, 0, lanes).unsqueeze(2);
  const at::Tensor rate = layer.rate.slice(0, 0, lanes);
  const at::Tensor sums = step.cumsum(0);                               // [T, D, 1]
  const at::Tensor query = layer.query.slice(0, first, chunk.last);     // [T, 1, N]
  const at::Tensor key = layer.key.slice(0, first, chunk.last) * step;  // [T, D, N]
  const at::Tensor end = sums[-1], middle = sums[sums.size(0) / 2];     // [D, 1]
  chunk.queries = layout.queries(at::exp(rate * sums) * query);
  chunk.keys = layout.keys(at::exp(rate * (end - sums)) * key);
  chunk.decay = layout.decay(at::exp(rate * end));
  const at::Tensor early = layout.queries(at::exp(rate * (sums - middle)) * query);
  const at::Tensor late = layout.keys(at::exp(rate * (middle - sums)) * key);
  chunk.diagonal = layout.mean(early, late, lanes).tril_();
  return chunk;
}

}  // namespace

at::Tensor chunkedMean(const LayerFactors& layer, int64_t lanes, bool isAbsolute, const Feedback& feedback) {
  const Layout layout(isAbsolute);
  const int64_t count = (layer.tokens + kChunk - 1) / kChunk;
  std::vector<Chunk> chunks(static_cast<size_t>(count));
  parallelFor(
      count,
      [&](int64_t i, int64_t) { chunks[static_cast<size_t>(i)] = chunkOf(layer, i * kChunk, lanes, layout); },
      {}, feedback);
  at::Tensor map = at::zeros({layer.tokens, layer.tokens});
  parallelFor(
      count,
      [&](int64_t i, int64_t) {
        const int64_t row = count - 1 - i;  // the longest first
        const Chunk& own = chunks[static_cast<size_t>(row)];
        const at::Tensor rows = map.slice(0, own.first, own.last);
        rows.slice(1, own.first, own.last).copy_(own.diagonal);
        at::Tensor queries = own.queries;
        for (int64_t column = row - 1; column >= 0; --column) {
          feedback.checkpoint();
          const Chunk& other = chunks[static_cast<size_t>(column)];
          rows.slice(1, other.first, other.last).copy_(layout.mean(queries, other.keys, lanes));
          queries = queries * other.decay;
        }
      },
      {}, feedback);
  return map;
}

}  // namespace uc::bench
