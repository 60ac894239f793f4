// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "gpu/scan_gradient.h"
#include "gpu/scan_kernel.h"

#include <algorithm>

namespace uc::gpu {
namespace {

constexpr int kWarp = 32;
constexpr int kWarps = kScanThreads / kWarp;
constexpr int kAddThreads = 128;

/// What the launches of one run share.
template <typename T>
struct Scratch {
  T* states;              // [chunk, D, N], before each token
  T *toKeys, *toQueries;  // [warps, chunk, N], of the lanes of each warp
};

/// Of the lanes of a warp, each value that the same member of every group has.
template <typename T>
__device__ __forceinline__ T sumOfLanes(const Group& group, T value) {
  for (int flips = group.size; flips < kWarp; flips *= 2) {
    value += __shfl_xor_sync(0xFFFFFFFFU, value, static_cast<unsigned>(flips));
  }
  return value;
}

/// The tokens [t0, t1) of one chunk. With g the gradient of the state after a token: the token's query gets
/// its source times the state, its key g · step · input, the exponent step · rate gets g · decay · (the state
/// before), and the state before g · decay.
template <typename T>
__global__ void __launch_bounds__(kScanThreads, 1)
    reverseChunk(SelectiveGradient<T> run, int groupSize, int64_t t0, int64_t t1, Scratch<T> scratch) {
  const Layer<T>& layer = run.layer;
  const Group group = groupOf(layer, groupSize);
  const int64_t d = group.lane, N = layer.state, D = layer.lanes;
  const int thread = static_cast<int>(threadIdx.x);
  const int64_t warp = static_cast<int64_t>(blockIdx.x) * kWarps + thread / kWarp;
  const bool isFirstGroup = thread % kWarp < group.size;
  ScanState<T, T> state, toState, toRate;
  state.load(run.starts + (t0 / kGradientChunk * D + d) * N, group, layer, false);
  toState.load(run.toStart + d * N, group, layer, !group.isLane);
  toRate.load(run.toRate + d * N, group, layer, !group.isLane);
  for (int64_t t = t0; t < t1; ++t) {
    if (group.isLane) state.store(scratch.states + ((t - t0) * D + d) * N, group, layer);
    state.pass(layer, group, t, nullptr, nullptr);
    state.add(layer.keyAt(t, d), layer.step[t * D + d] * run.input[t * D + d], group, N);
  }
  for (int64_t t = t1 - 1; t >= t0; --t) {
    const T step = layer.step[t * D + d], input = run.input[t * D + d];
    const T source = group.isLane ? run.gradient[t * D + d] : T(0);
    const T *key = layer.keyAt(t, d), *query = layer.queryAt(t, d);
    const T* before = scratch.states + ((t - t0) * D + d) * N;
    T exponents = T(0), writes = T(0);
    UC_UNROLL
    for (int m = 0; m < kStatesOfAThread; ++m) {
      if (m * group.size >= N) continue;  // for all threads alike
      const int64_t n = m * group.size + group.member;
      const bool isState = n < N;
      T toKey = T(0), toQuery = T(0);
      if (isState) {
        const T rate = layer.rate[d * N + n], earlier = group.isLane ? before[n] : T(0);
        const T g = toState.h[m] + source * query[n];
        toQuery = source * state.h[m];
        toKey = g * step * input;
        toState.h[m] = g * decayExp(step * rate);
        const T exponent = toState.h[m] * earlier;
        toRate.h[m] += exponent * step;
        exponents += exponent * rate;
        writes += g * key[n];
        state.h[m] = earlier;
      }
      toKey = sumOfLanes(group, toKey);
      toQuery = sumOfLanes(group, toQuery);
      if (isState && isFirstGroup) {
        scratch.toKeys[(warp * kGradientChunk + t - t0) * N + n] = toKey;
        scratch.toQueries[(warp * kGradientChunk + t - t0) * N + n] = toQuery;
      }
    }
    exponents = sumOfGroup(group, exponents);
    writes = sumOfGroup(group, writes);
    if (!group.isLane || group.member != 0) continue;
    run.toStep[t * D + d] = exponents + writes * input;
    run.toInput[t * D + d] = writes * step;
  }
  toState.store(run.toStart + d * N, group, layer);
  toRate.store(run.toRate + d * N, group, layer);
}

/// The warps' parts of a chunk's keys and queries, in their order, in double.
template <typename T>
__global__ void __launch_bounds__(kAddThreads)
    addWarps(const T* parts, int64_t warps, int64_t stride, int64_t count, T* sums) {
  const int64_t e = static_cast<int64_t>(blockIdx.x) * kAddThreads + threadIdx.x;
  if (e >= count) return;
  double sum = 0.0;
  for (int64_t warp = 0; warp < warps; ++warp) sum += static_cast<double>(parts[warp * stride + e]);
  sums[e] = static_cast<T>(sum);
}

}  // namespace

template <typename T>
void reverse(const SelectiveGradient<T>& run, Stream& stream) {
  const Layer<T>& layer = run.layer;
  const int size = groupSizeOf(layer);
  const int64_t L = layer.tokens, D = layer.lanes, N = layer.state;
  const unsigned blocks = blocksFor(D * size, kScanThreads);
  const int64_t warps = int64_t{blocks} * kWarps, stride = kGradientChunk * N;
  const Buffer<T> states(stream, kGradientChunk * D * N), toKeys(stream, warps * stride),
      toQueries(stream, warps * stride);
  const Scratch<T> scratch{states.data(), toKeys.data(), toQueries.data()};
  stream.zero(run.toStart, static_cast<size_t>(D * N) * sizeof(T));
  stream.zero(run.toRate, static_cast<size_t>(D * N) * sizeof(T));
  for (int64_t t = (L - 1) / kGradientChunk * kGradientChunk; t >= 0; t -= kGradientChunk) {
    const int64_t end = std::min(t + kGradientChunk, L), count = (end - t) * N;
    launch(reverseChunk<T>, dim3(blocks), kScanThreads, stream, run, size, t, end, scratch);
    const auto add = [&](const T* parts, T* to) {
      launch(addWarps<T>, dim3(blocksFor(count, kAddThreads)), kAddThreads, stream, parts, warps, stride,
             count, to + t * N);
    };
    add(toKeys.data(), run.toKey);
    add(toQueries.data(), run.toQuery);
  }
}

template void reverse(const SelectiveGradient<float>&, Stream&);
template void reverse(const SelectiveGradient<double>&, Stream&);

}  // namespace uc::gpu
