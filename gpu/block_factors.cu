// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "gpu/block_factors.h"

namespace uc::gpu {
namespace {

constexpr unsigned kThreads = 128;

/// A thread walks one state of one scan through one block, forward for U and back for V, and leaves the sum
/// of the block where that of all blocks before the next one will be.
template <typename T>
__global__ void __launch_bounds__(kThreads) walkBlocks(Layer<T> layer, BlockFactors<T> factors) {
  const int64_t i = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  if (i >= factors.scans * layer.state) return;
  const int64_t scan = factors.scan0 + i / layer.state, n = i % layer.state;
  const int64_t block = factors.colBlock0 + blockIdx.y, begin = block * kBlock;
  const int64_t left = layer.tokens - begin;
  const int count = left < kBlock ? static_cast<int>(left) : kBlock;

  const bool isRow = block >= factors.rowBlock0;
  T* u = isRow ? factors.uOf(scan, block, layer.state) + n * kBlock : nullptr;
  T sum = T(0);
  for (int j = 0; j < kBlock; ++j) {
    if (j < count && !layer.readsBeforeDecay) sum += layer.logDecayAt(begin + j, scan, n);
    if (isRow) u[j] = j < count ? layer.queryAt(begin + j, scan)[n] * decayExp(sum) : T(0);
    if (j < count && layer.readsBeforeDecay) sum += layer.logDecayAt(begin + j, scan, n);
  }
  *(factors.sumsAt(scan, block + 1, layer.state) + n) = {static_cast<double>(sum), 0.0};

  if (block >= factors.colBlock0 + factors.colBlocks) return;
  T* v = factors.vOf(scan, block, layer.state) + n * kBlock;
  sum = T(0);
  for (int j = kBlock - 1; j >= 0; --j) {
    if (j >= count) {
      v[j] = T(0);
      continue;
    }
    v[j] = layer.keyAt(begin + j, scan)[n] * layer.keyScaleAt(begin + j, scan) * decayExp(sum);
    sum += layer.logDecayAt(begin + j, scan, n);
  }
}

template <typename T>
__global__ void __launch_bounds__(kThreads) addBlocks(BlockFactors<T> factors, int64_t state) {
  const int64_t i = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  const int64_t width = factors.scans * state;
  if (i >= width) return;
  DecaySum all{0.0, 0.0};
  factors.sums[i] = all;
  for (int64_t block = 1; block <= factors.blocks(); ++block) {
    DecaySum& here = factors.sums[block * width + i];
    addDecay(all, here.sum);
    here = all;
  }
}

}  // namespace

template <typename T>
void fillBlockFactors(const Layer<T>& layer, const BlockFactors<T>& factors, Stream& stream) {
  const unsigned across = blocksFor(factors.scans * layer.state, kThreads);
  launch(walkBlocks<T>, dim3(across, static_cast<unsigned>(factors.blocks())), kThreads, stream, layer,
         factors);
  launch(addBlocks<T>, dim3(across), kThreads, stream, factors, layer.state);
}

template void fillBlockFactors(const Layer<float>&, const BlockFactors<float>&, Stream&);
template void fillBlockFactors(const Layer<double>&, const BlockFactors<double>&, Stream&);

}  // namespace uc::gpu
