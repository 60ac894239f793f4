// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/scan_adjoint.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/models/scan_adjoint.cpp"
// clang-format off
#include <hwy/foreach_target.h>
#include "core/simd/exp-inl.h"
#include "core/simd/lanes-inl.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace uc {
namespace HWY_NAMESPACE {
namespace {

// Scratch for a block of lanes and a chunk of tokens; a row is kLaneBlock values.
template <typename T>
class SelectiveScratch {
 public:
  explicit SelectiveScratch(int64_t N) : m_values((kRows + N * kStates) * kLaneBlock) {
    T* next = m_values.data();
    const auto take = [&next](int64_t rows) {
      T* const result = next;
      next += rows * kLaneBlock;
      return result;
    };
    steps = take(kAdjointChunk);
    inputs = take(kAdjointChunk);
    gradients = take(kAdjointChunk);
    exponents = take(1);
    writes = take(1);
    states = take((kAdjointChunk + 1) * N);
    decays = take(kAdjointChunk * N);
    rate = take(N);
    toState = take(N);
    toRate = take(N);
  }
  T *steps, *inputs, *gradients;  // [chunk]; inputs and steps become their own gradients
  T *exponents, *writes;  // of one token: Σ_n of the gradient of step · rate, times rate; Σ_n of that of
                          // step · input
  T* states;              // [chunk + 1, N], before every token and after the last
  T* decays;              // [chunk, N]
  T *rate, *toState, *toRate;  // [N]

 private:
  static constexpr int64_t kRows = 3 * kAdjointChunk + 2, kStates = 2 * kAdjointChunk + 1 + 3;
  AlignedValues<T> m_values;
};

// The states of a chunk again, and the decays that they were made with.
template <typename T>
HWY_INLINE void Recompute(const SelectiveAdjoint<T>& adjoint, int64_t t, int64_t rows,
                          SelectiveScratch<T>& at) {
  const LaneTag<T> d;
  const int64_t N = adjoint.state;
  for (int64_t i = 0; i < rows; ++i) {
    const T* key = adjoint.key + (t + i) * adjoint.keyStride;
    const auto shared =
        hn::Set(d, adjoint.isShared ? DecayExpOf(at.steps[i * kLaneBlock] * at.rate[0]) : T(0));
    for (int64_t w = 0; w < kLaneBlock; w += Width(d)) {
      const auto step = hn::Load(d, at.steps + i * kLaneBlock + w);
      const auto write = hn::Mul(step, hn::Load(d, at.inputs + i * kLaneBlock + w));
      for (int64_t n = 0; n < N; ++n) {
        const int64_t place = (i * N + n) * kLaneBlock + w;
        const auto decay =
            adjoint.isShared ? shared : DecayExp(d, hn::Mul(step, hn::Load(d, at.rate + n * kLaneBlock + w)));
        hn::Store(decay, d, at.decays + place);
        const auto next =
            hn::MulAdd(decay, hn::Load(d, at.states + place), hn::Mul(write, hn::Set(d, key[n])));
        hn::Store(next, d, at.states + place + N * kLaneBlock);
      }
    }
  }
}

// One token in reverse. With g the gradient of the state after it: its query gets g's source times the state,
// its key g · step · input, the exponent step · rate gets g · decay · (the state before), and the state
// before g · decay.
template <typename T>
HWY_INLINE void ReverseToken(const SelectiveAdjoint<T>& adjoint, int64_t t, int64_t i,
                             SelectiveScratch<T>& at) {
  const LaneTag<T> d;
  const int64_t N = adjoint.state, row = i * kLaneBlock;
  const T *key = adjoint.key + t * adjoint.keyStride, *query = adjoint.query + t * adjoint.keyStride;
  std::fill_n(at.exponents, kLaneBlock, T(0));
  std::fill_n(at.writes, kLaneBlock, T(0));
  for (int64_t n = 0; n < N; ++n) {
    auto toKey = hn::Zero(d), toQuery = hn::Zero(d);
    const int64_t place = (i * N + n) * kLaneBlock;
    for (int64_t w = 0; w < kLaneBlock; w += Width(d)) {
      const auto step = hn::Load(d, at.steps + row + w), output = hn::Load(d, at.gradients + row + w);
      const auto write = hn::Mul(step, hn::Load(d, at.inputs + row + w));
      T *toState = at.toState + n * kLaneBlock + w, *toRate = at.toRate + n * kLaneBlock + w;
      const auto g = hn::MulAdd(output, hn::Set(d, query[n]), hn::Load(d, toState));
      toQuery = hn::MulAdd(output, hn::Load(d, at.states + place + N * kLaneBlock + w), toQuery);
      toKey = hn::MulAdd(g, write, toKey);
      const auto before = hn::Mul(g, hn::Load(d, at.decays + place + w));
      const auto exponent = hn::Mul(before, hn::Load(d, at.states + place + w));
      hn::Store(before, d, toState);
      hn::Store(hn::MulAdd(exponent, step, hn::Load(d, toRate)), d, toRate);
      const auto rate = hn::Load(d, at.rate + n * kLaneBlock + w);
      hn::Store(hn::MulAdd(exponent, rate, hn::Load(d, at.exponents + w)), d, at.exponents + w);
      hn::Store(hn::MulAdd(g, hn::Set(d, key[n]), hn::Load(d, at.writes + w)), d, at.writes + w);
    }
    adjoint.toKey[t * N + n] += hn::GetLane(hn::SumOfLanes(d, toKey));
    adjoint.toQuery[t * N + n] += hn::GetLane(hn::SumOfLanes(d, toQuery));
  }
  for (int64_t w = 0; w < kLaneBlock; w += Width(d)) {
    const auto step = hn::Load(d, at.steps + row + w), input = hn::Load(d, at.inputs + row + w);
    const auto write = hn::Load(d, at.writes + w);
    hn::Store(hn::MulAdd(write, input, hn::Load(d, at.exponents + w)), d, at.steps + row + w);
    hn::Store(hn::Mul(write, step), d, at.inputs + row + w);
  }
}

template <typename T>
HWY_INLINE void AddRows(const T* lanes, int64_t rows, int64_t count, T* values, int64_t stride) {
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t w = 0; w < count; ++w) values[i * stride + w] += lanes[i * kLaneBlock + w];
  }
}

template <typename T>
HWY_INLINE T SumOfRow(const T* lanes, int64_t count) {
  T sum = T(0);
  for (int64_t w = 0; w < count; ++w) sum += lanes[w];
  return sum;
}

// The chunk [t, t + rows) of the lanes [first, first + count).
template <typename T>
HWY_INLINE void ReverseChunk(const SelectiveAdjoint<T>& adjoint, int64_t t, int64_t rows, int64_t first,
                             int64_t count, SelectiveScratch<T>& at) {
  const int64_t N = adjoint.state, row = t * adjoint.stride + first;
  GatherStates(adjoint.starts + t / kAdjointChunk * adjoint.startStride + first * N, N, count, at.states);
  if (adjoint.isShared) {
    for (int64_t i = 0; i < rows; ++i)
      std::fill_n(at.steps + i * kLaneBlock, kLaneBlock, adjoint.step[(t + i) * adjoint.stepStride]);
  } else {
    LoadRows(adjoint.step + t * adjoint.stepStride + first, adjoint.stepStride, rows, count, at.steps);
  }
  LoadRows(adjoint.input + row, adjoint.stride, rows, count, at.inputs);
  LoadRows(adjoint.gradient + row, adjoint.stride, rows, count, at.gradients);
  Recompute(adjoint, t, rows, at);
  for (int64_t i = rows - 1; i >= 0; --i) ReverseToken(adjoint, t + i, i, at);
  AddRows(at.inputs, rows, count, adjoint.toInput + row, adjoint.stride);
  if (!adjoint.isShared) {
    AddRows(at.steps, rows, count, adjoint.toStep + t * adjoint.stepStride + first, adjoint.stepStride);
    return;
  }
  for (int64_t i = 0; i < rows; ++i)
    adjoint.toStep[(t + i) * adjoint.stepStride] += SumOfRow(at.steps + i * kLaneBlock, count);
}

template <typename T>
HWY_INLINE void Reverse(const SelectiveAdjoint<T>& adjoint) {
  const int64_t N = adjoint.state, size = N * kLaneBlock;
  SelectiveScratch<T> at(N);
  for (int64_t first = 0; first < adjoint.lanes; first += kLaneBlock) {
    const int64_t count = std::min(kLaneBlock, adjoint.lanes - first);
    std::fill_n(at.toState, size, T(0));
    std::fill_n(at.toRate, size, T(0));
    if (adjoint.isShared) {
      std::fill_n(at.rate, size, adjoint.rate[0]);
    } else {
      GatherStates(adjoint.rate + first * N, N, count, at.rate);
    }
    const int64_t chunks = (adjoint.tokens + kAdjointChunk - 1) / kAdjointChunk;
    for (int64_t chunk = chunks - 1; chunk >= 0; --chunk) {
      const int64_t t = chunk * kAdjointChunk;
      ReverseChunk(adjoint, t, std::min(kAdjointChunk, adjoint.tokens - t), first, count, at);
    }
    for (int64_t n = 0; n < N; ++n) {
      for (int64_t w = 0; w < count; ++w) {
        if (adjoint.toHidden != nullptr)
          adjoint.toHidden[(first + w) * N + n] += at.toState[n * kLaneBlock + w];
        adjoint.toRate[adjoint.isShared ? 0 : (first + w) * N + n] += at.toRate[n * kLaneBlock + w];
      }
    }
  }
}

void ReverseFloat(const SelectiveAdjoint<float>& adjoint) { Reverse(adjoint); }
void ReverseDouble(const SelectiveAdjoint<double>& adjoint) { Reverse(adjoint); }

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace uc
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace uc {

HWY_EXPORT(ReverseFloat);
HWY_EXPORT(ReverseDouble);

void reverseLanes(const SelectiveAdjoint<float>& adjoint) { HWY_DYNAMIC_DISPATCH(ReverseFloat)(adjoint); }
void reverseLanes(const SelectiveAdjoint<double>& adjoint) { HWY_DYNAMIC_DISPATCH(ReverseDouble)(adjoint); }

}  // namespace uc
#endif
