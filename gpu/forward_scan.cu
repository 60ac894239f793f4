// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "gpu/forward_scan.h"
#include "gpu/scan_kernel.h"

namespace uc::gpu {
namespace {

template <typename T>
__global__ void __launch_bounds__(kScanThreads, 1)
    advanceLanes(Layer<T> layer, int groupSize, const T* u, T* states, T* y) {
  const Group group = groupOf(layer, groupSize);
  T* own = states + group.lane * layer.state;
  ScanState<T, T> state;
  state.load(own, group, layer, false);
  for (int64_t t = 0; t < layer.tokens; ++t) {
    const int64_t at = t * layer.lanes + group.lane;
    const T value = state.forward(layer, group, t, u[at], false);
    if (group.isLane && group.member == 0) y[at] = value;
  }
  state.store(own, group, layer);
}

/// A thread a lane. Both sums are divided by exp(top); of two exponents one is the largest, so that each sum
/// needs one exponential.
template <typename T>
__global__ void __launch_bounds__(kScanThreads, 1) advanceLogSum(LogSumRun<T> run) {
  const int64_t d = static_cast<int64_t>(blockIdx.x) * kScanThreads + threadIdx.x;
  if (d >= run.lanes) return;
  double numerator = run.state[d], denominator = run.state[run.lanes + d], top = run.state[2 * run.lanes + d];
  const double rate = static_cast<double>(run.rate[d]), bonus = static_cast<double>(run.bonus[d]);
  for (int64_t t = 0; t < run.tokens; ++t) {
    const int64_t at = t * run.lanes + d;
    const double key = static_cast<double>(run.key[at]), value = static_cast<double>(run.value[at]);
    const double above = bonus + key - top;
    const double factor = decayExp(-magnitude(above));
    const double past = above > 0 ? factor : 1, now = above > 0 ? 1 : factor;
    const double sum = past * denominator + now;
    run.output[at] = static_cast<T>((past * numerator + now * value) / sum);
    if (run.logNormalizer) run.logNormalizer[at] = logarithm(sum) + (above > 0 ? bonus + key : top);

    const double gain = key - (top + rate), next = decayExp(-magnitude(gain));
    const double keep = gain > 0 ? next : 1, add = gain > 0 ? 1 : next;
    numerator = keep * numerator + add * value;
    denominator = keep * denominator + add;
    top = gain > 0 ? key : top + rate;
  }
  run.state[d] = numerator;
  run.state[run.lanes + d] = denominator;
  run.state[2 * run.lanes + d] = top;
}

}  // namespace

template <typename T>
void advance(const Layer<T>& layer, const T* u, T* states, T* y, Stream& stream) {
  const int size = groupSizeOf(layer);
  launch(advanceLanes<T>, dim3(blocksFor(layer.lanes * size, kScanThreads)), kScanThreads, stream, layer,
         size, u, states, y);
}

template <typename T>
void advance(const LogSumRun<T>& run, Stream& stream) {
  launch(advanceLogSum<T>, dim3(blocksFor(run.lanes, kScanThreads)), kScanThreads, stream, run);
}

template void advance(const Layer<float>&, const float*, float*, float*, Stream&);
template void advance(const Layer<double>&, const double*, double*, double*, Stream&);
template void advance(const LogSumRun<float>&, Stream&);
template void advance(const LogSumRun<double>&, Stream&);

}  // namespace uc::gpu
