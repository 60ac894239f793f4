// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "gpu/arithmetic.h"
#include "gpu/scan.h"

/// Device code of the scans; included by scan.cu only. A group of threads, a power of two of them in one
/// warp, has the states of one lane in registers; tokens pass one after the other. All threads of a warp take
/// every step together, those of no lane with states of 0.
namespace uc::gpu {

inline constexpr int kScanThreads = 128;
inline constexpr int kStatesOfAThread = static_cast<int>(kMostStates) / 32;

/// What a group works on.
struct Group {
  int size;      // threads
  int member;    // this one
  int64_t lane;  // clamped, for those of no lane
  int64_t scan;
  bool isLane;
};

/// How many threads a lane has: enough for its states, at most a warp.
template <typename T>
inline int groupSizeOf(const Layer<T>& layer) {
  int size = 1;
  while (size < 32 && size < layer.state && layer.hasScan && layer.kind != Kind::LogSum) size *= 2;
  return size;
}

template <typename T>
__device__ __forceinline__ Group groupOf(const Layer<T>& layer, int size) {
  const int thread = static_cast<int>(blockIdx.x) * kScanThreads + static_cast<int>(threadIdx.x);
  const int64_t lane = thread / size;
  const bool isLane = lane < layer.lanes;
  const int64_t clamped = isLane ? lane : layer.lanes - 1;
  return {size, thread % size, clamped, clamped / layer.scanLanes(), isLane};
}

template <typename S>
__device__ __forceinline__ S sumOfGroup(const Group& group, S value) {
  for (int flips = group.size / 2; flips > 0; flips /= 2) {
    value += __shfl_xor_sync(0xFFFFFFFFU, value, static_cast<unsigned>(flips));
  }
  return value;
}

/// Numbers whose logarithms may be large: sum · exp(largest).
struct LogSumState {
  double sum, largest;

  __device__ __forceinline__ double times(double exponent) const {
    return sum == 0.0 ? 0.0 : sum * exp(largest + exponent);
  }
  __device__ __forceinline__ void add(double exponent, double value) {
    if (isInfinite(exponent) && exponent < 0.0) return;  // a key that nobody can see
    if (exponent > largest || isNan(exponent)) {
      sum = isInfinite(largest) ? 0.0 : sum * exp(largest - exponent);
      largest = exponent;
    }
    sum += value * exp(exponent - largest);
  }
};

/// One lane's states in the type S, forward or, as the adjoint, backward in time.
template <typename T, typename S>
struct ScanState {
  S h[kStatesOfAThread];
  LogSumState logSum;

  /// From the lane's own row, or before anything when it is the first.
  __device__ __forceinline__ void load(const S* own, const Group& group, const Layer<T>& layer,
                                       bool isFirst) {
    UC_UNROLL
    for (int m = 0; m < kStatesOfAThread; ++m) {
      const int64_t n = m * group.size + group.member;
      h[m] = !isFirst && n < layer.state ? own[n] : S(0);
    }
    const bool isLogSum = !isFirst && layer.kind == Kind::LogSum;
    logSum.sum = isLogSum ? static_cast<double>(own[0]) : 0.0;
    logSum.largest = isLogSum ? static_cast<double>(own[1]) : -static_cast<double>(INFINITY);
  }

  __device__ __forceinline__ void store(S* own, const Group& group, const Layer<T>& layer) const {
    if (!group.isLane) return;
    if (layer.kind == Kind::LogSum) {
      own[0] = static_cast<S>(logSum.sum);
      own[1] = static_cast<S>(logSum.largest);
      return;
    }
    UC_UNROLL
    for (int m = 0; m < kStatesOfAThread; ++m) {
      const int64_t n = m * group.size + group.member;
      if (n < layer.state) own[n] = h[m];
    }
  }

  /// Σ_n h[n] · vector[n].
  __device__ __forceinline__ S dot(const T* vector, const Group& group, int64_t state) const {
    S sum = S(0);
    UC_UNROLL
    for (int m = 0; m < kStatesOfAThread; ++m) {
      const int64_t n = m * group.size + group.member;
      if (n < state) sum += h[m] * static_cast<S>(vector[n]);
    }
    return sumOfGroup(group, sum);
  }

  __device__ __forceinline__ void set(const T* vector, const Group& group, int64_t state) {
    UC_UNROLL
    for (int m = 0; m < kStatesOfAThread; ++m) {
      const int64_t n = m * group.size + group.member;
      h[m] = n < state ? static_cast<S>(vector[n]) : S(0);
    }
  }

  __device__ __forceinline__ void add(const T* vector, S factor, const Group& group, int64_t state) {
    UC_UNROLL
    for (int m = 0; m < kStatesOfAThread; ++m) {
      const int64_t n = m * group.size + group.member;
      if (n < state) h[m] += factor * static_cast<S>(vector[n]);
    }
  }

  /// h ← a ⊙ h, or for the delta rule a ⊙ h − (h · remove) write.
  __device__ __forceinline__ void pass(const Layer<T>& layer, const Group& group, int64_t t, const T* remove,
                                       const T* write) {
    const int64_t at = (t * layer.scans + group.scan) * layer.state;
    const S removed = remove ? dot(remove + at, group, layer.state) : S(0);
    UC_UNROLL
    for (int m = 0; m < kStatesOfAThread; ++m) {
      const int64_t n = m * group.size + group.member;
      if (n < layer.state) h[m] += h[m] * static_cast<S>(decayLess1(layer.logDecayAt(t, group.scan, n)));
    }
    if (remove) add(write + at, -removed, group, layer.state);
  }

  /// Feeds u of token t; (R⁻¹α u)[t].
  __device__ __forceinline__ S forward(const Layer<T>& layer, const Group& group, int64_t t, S u,
                                       bool isFirst) {
    if (layer.kind == Kind::LogSum) return static_cast<S>(logSumStep(layer, group.scan, t, u, isFirst, true));
    const T *query = layer.queryAt(t, group.scan), *key = layer.keyAt(t, group.scan);
    const S scale = static_cast<S>(layer.keyScaleAt(t, group.scan)) * u;
    S read = S(0);
    if (layer.readsBeforeDecay) {
      read =
          static_cast<S>(layer.perScan(layer.diagonal, t, group.scan)) * u + dot(query, group, layer.state);
    }
    if (!isFirst) pass(layer, group, t, layer.removeKey, layer.removeWrite);
    add(key, scale, group, layer.state);
    return layer.readsBeforeDecay ? read : dot(query, group, layer.state);
  }

  /// Takes v of row t; (vᵀ R⁻¹α)[t].
  __device__ __forceinline__ S backward(const Layer<T>& layer, const Group& group, int64_t t, S v,
                                        bool isFirst) {
    if (layer.kind == Kind::LogSum)
      return static_cast<S>(logSumStep(layer, group.scan, t, v, isFirst, false));
    const T *query = layer.queryAt(t, group.scan), *key = layer.keyAt(t, group.scan);
    const auto scale = static_cast<S>(layer.keyScaleAt(t, group.scan));
    if (!layer.readsBeforeDecay) add(query, v, group, layer.state);
    S sum = scale * dot(key, group, layer.state);
    pass(layer, group, t, layer.removeWrite, layer.removeKey);
    if (layer.readsBeforeDecay) {
      add(query, v, group, layer.state);
      sum += static_cast<S>(layer.perScan(layer.diagonal, t, group.scan)) * v;
    }
    return sum;
  }

  __device__ __forceinline__ double logSumStep(const Layer<T>& layer, int64_t scan, int64_t t, S value,
                                               bool isFirst, bool isForward) {
    const auto key = static_cast<double>(layer.perScan(layer.logKey, t, scan));
    const auto normalizer = static_cast<double>(layer.perScan(layer.logNormalizer, t, scan));
    const double read = isFirst ? 0.0 : logSum.times(isForward ? -normalizer : key);
    logSum.largest += static_cast<double>(layer.rate[scan]);
    logSum.add(isForward ? key : -normalizer, static_cast<double>(value));
    return read + exp(static_cast<double>(layer.perScan(layer.diagonal, t, scan)) - normalizer) *
                      static_cast<double>(value);
  }
};

}  // namespace uc::gpu
