// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "gpu/scan_kernel.h"

#include <algorithm>

namespace uc::gpu {
namespace {

constexpr int64_t kTokensOfALaunch = 4096;
constexpr int kFlatThreads = 256;

/// Tokens [t0, t1) forward: out += G (R⁻¹α + S) Z (M x + b).
template <typename T>
__global__ void __launch_bounds__(kScanThreads, 1)
    scanForward(Layer<T> layer, int groupSize, const T* bias, const T* x, int64_t t0, int64_t t1,
                double* states, T* out) {
  const Group group = groupOf(layer, groupSize);
  const int64_t d = group.lane;
  ScanState<T, double> state;
  state.load(states + d * (layer.state + 1), group, layer, t0 == 0);
  for (int64_t t = t0; t < t1; ++t) {
    double sum = bias ? static_cast<double>(bias[d]) : 0.0;
    for (int64_t j = 0; j < layer.taps && j <= t; ++j) {
      sum += static_cast<double>(layer.weight(d, j)) *
             static_cast<double>(x[layer.picture(t - j) * layer.lanes + d]);
    }
    const double u = sum * static_cast<double>(layer.activationAt(t, d));
    double y = static_cast<double>(layer.skipOf(d)) * u;
    if (layer.hasScan) y += state.forward(layer, group, t, u, t == 0);
    if (group.isLane && group.member == 0) {
      out[layer.picture(t) * layer.lanes + d] += static_cast<T>(static_cast<double>(layer.gateAt(t, d)) * y);
    }
  }
  state.store(states + d * (layer.state + 1), group, layer);
}

/// Tokens [t0, t1) backward: before ← vᵀ G (R⁻¹α + S) Z.
template <typename T>
__global__ void __launch_bounds__(kScanThreads, 1)
    scanBackward(Layer<T> layer, int groupSize, const T* v, int64_t t0, int64_t t1, double* states,
                 double* before) {
  const Group group = groupOf(layer, groupSize);
  const int64_t d = group.lane;
  ScanState<T, double> state;
  state.load(states + d * (layer.state + 1), group, layer, t1 == layer.tokens);
  for (int64_t t = t1 - 1; t >= t0; --t) {
    const double value =
        static_cast<double>(v[layer.picture(t) * layer.lanes + d]) * static_cast<double>(layer.gateAt(t, d));
    double sum = static_cast<double>(layer.skipOf(d)) * value;
    if (layer.hasScan) sum += state.backward(layer, group, t, value, t == layer.tokens - 1);
    if (group.isLane && group.member == 0) {
      before[t * layer.lanes + d] = sum * static_cast<double>(layer.activationAt(t, d));
    }
  }
  state.store(states + d * (layer.state + 1), group, layer);
}

/// out += before M.
template <typename T>
__global__ void __launch_bounds__(kFlatThreads)
    convolveTransposed(Layer<T> layer, const double* before, T* out) {
  const int64_t e = static_cast<int64_t>(blockIdx.x) * kFlatThreads + threadIdx.x;
  if (e >= layer.tokens * layer.lanes) return;
  const int64_t s = e / layer.lanes, d = e % layer.lanes;
  double sum = 0.0;
  for (int64_t j = 0; j < layer.taps && s + j < layer.tokens; ++j) {
    sum += static_cast<double>(layer.weight(d, j)) * before[(s + j) * layer.lanes + d];
  }
  out[layer.picture(s) * layer.lanes + d] += static_cast<T>(sum);
}

}  // namespace

template <typename T>
bool canScan(const Layer<T>& layer) {
  return layer.kind != Kind::Softmax && layer.state <= kMostStates;
}

template <typename T>
void apply(const std::vector<Layer<T>>& directions, const std::vector<const T*>& bias, const T* x, T* out,
           Stream& stream, const Checkpoint& checkpoint) {
  checkpoint();
  const Layer<T>& any = directions.front();
  stream.zero(out, static_cast<size_t>(any.tokens * any.lanes) * sizeof(T));
  for (size_t i = 0; i < directions.size(); ++i) {
    const Layer<T>& layer = directions[i];
    const int size = groupSizeOf(layer);
    const Buffer<double> states(stream, layer.lanes * (layer.state + 1));
    for (int64_t t = 0; t < layer.tokens; t += kTokensOfALaunch) {
      launch(scanForward<T>, dim3(blocksFor(layer.lanes * size, kScanThreads)), kScanThreads, stream, layer,
             size, bias[i], x, t, std::min(t + kTokensOfALaunch, layer.tokens), states.data(), out);
      stream.wait(checkpoint);
    }
  }
}

template <typename T>
void applyTransposed(const std::vector<Layer<T>>& directions, const T* v, T* out, Stream& stream,
                     const Checkpoint& checkpoint) {
  checkpoint();
  const Layer<T>& any = directions.front();
  stream.zero(out, static_cast<size_t>(any.tokens * any.lanes) * sizeof(T));
  const Buffer<double> before(stream, any.tokens * any.lanes);
  for (const Layer<T>& layer : directions) {
    const int size = groupSizeOf(layer);
    const Buffer<double> states(stream, layer.lanes * (layer.state + 1));
    for (int64_t t = layer.tokens; t > 0; t -= std::min(t, kTokensOfALaunch)) {
      launch(scanBackward<T>, dim3(blocksFor(layer.lanes * size, kScanThreads)), kScanThreads, stream, layer,
             size, v, t - std::min(t, kTokensOfALaunch), t, states.data(), before.data());
      stream.wait(checkpoint);
    }
    launch(convolveTransposed<T>, dim3(blocksFor(before.size(), kFlatThreads)), kFlatThreads, stream, layer,
           static_cast<const double*>(before.data()), out);
  }
  stream.wait(checkpoint);
}

#define UC_INSTANTIATE(T)                                                                                \
  template bool canScan(const Layer<T>&);                                                                \
  template void apply(const std::vector<Layer<T>>&, const std::vector<const T*>&, const T*, T*, Stream&, \
                      const Checkpoint&);                                                                \
  template void applyTransposed(const std::vector<Layer<T>>&, const T*, T*, Stream&, const Checkpoint&);
UC_INSTANTIATE(float)
UC_INSTANTIATE(double)
#undef UC_INSTANTIATE

}  // namespace uc::gpu
