// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT
//
// Blocks of lanes side by side, for kernels that Highway compiles once for each processor. Included after
// exp-inl.h, in every round of <hwy/foreach_target.h>: no #pragma once.

#if defined(UC_CORE_SIMD_LANES_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef UC_CORE_SIMD_LANES_INL_H
#undef UC_CORE_SIMD_LANES_INL_H
#else
#define UC_CORE_SIMD_LANES_INL_H
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <vector>

HWY_BEFORE_NAMESPACE();
namespace uc {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// Lanes that a kernel works on at a time: a whole number of vectors. A block that has fewer is filled up
/// with zeros, which cost time and change nothing.
constexpr int64_t kLaneBlock = 32;

template <typename T>
using LaneTag = hn::CappedTag<T, kLaneBlock>;

template <class D>
HWY_INLINE int64_t Width(D d) {
  return static_cast<int64_t>(hn::Lanes(d));
}

/// Zeros at an address that any vector may be loaded from; `size` is a multiple of kLaneBlock.
template <typename T>
class AlignedValues {
 public:
  explicit AlignedValues(int64_t size) : m_lines(static_cast<size_t>(size / kLaneBlock)) {}
  T* data() { return m_lines.data()->values; }

 private:
  struct alignas(64) Line {
    T values[kLaneBlock] = {};
  };
  std::vector<Line> m_lines;
};

/// lanes[n, w] ← states[w, n] for `count` lanes, N values each; zeros after them.
template <typename T>
HWY_INLINE void GatherStates(const T* states, int64_t N, int64_t count, T* lanes) {
  for (int64_t n = 0; n < N; ++n) {
    for (int64_t w = 0; w < kLaneBlock; ++w) lanes[n * kLaneBlock + w] = w < count ? states[w * N + n] : T(0);
  }
}

/// The way back.
template <typename T>
HWY_INLINE void ScatterStates(const T* lanes, int64_t N, int64_t count, T* states) {
  for (int64_t n = 0; n < N; ++n) {
    for (int64_t w = 0; w < count; ++w) states[w * N + n] = lanes[n * kLaneBlock + w];
  }
}

/// A row of `count` values, then zeros up to kLaneBlock; U may be wider than T.
template <typename T, typename U>
HWY_INLINE void LoadRow(const T* values, int64_t count, U* lanes) {
  if (count == kLaneBlock) {
    for (int64_t w = 0; w < kLaneBlock; ++w) lanes[w] = static_cast<U>(values[w]);
  } else {
    for (int64_t w = 0; w < kLaneBlock; ++w) lanes[w] = w < count ? static_cast<U>(values[w]) : U(0);
  }
}

/// The way back.
template <typename T, typename U>
HWY_INLINE void StoreRow(const T* lanes, int64_t count, U* values) {
  if (count == kLaneBlock) {
    for (int64_t w = 0; w < kLaneBlock; ++w) values[w] = static_cast<U>(lanes[w]);
  } else {
    for (int64_t w = 0; w < count; ++w) values[w] = static_cast<U>(lanes[w]);
  }
}

/// Rows that are loaded at a time: those of a token lie pages apart, and the processor fetches many at once
/// only when no work depends on them yet.
constexpr int64_t kRowsAhead = 32;

/// The same for `rows` rows, `stride` apart: lanes [rows, kLaneBlock].
template <typename T, typename U>
HWY_INLINE void LoadRows(const T* values, int64_t stride, int64_t rows, int64_t count, U* lanes) {
  for (int64_t i = 0; i < rows; ++i) LoadRow(values + i * stride, count, lanes + i * kLaneBlock);
}
template <typename T, typename U>
HWY_INLINE void StoreRows(const T* lanes, int64_t rows, int64_t count, U* values, int64_t stride) {
  for (int64_t i = 0; i < rows; ++i) StoreRow(lanes + i * kLaneBlock, count, values + i * stride);
}

/// A sum over n; any alignment.
template <typename T>
HWY_INLINE T DotProduct(const T* left, const T* right, int64_t size) {
  const hn::ScalableTag<T> d;
  auto sum = hn::Zero(d);
  int64_t i = 0;
  for (; i + Width(d) <= size; i += Width(d))
    sum = hn::MulAdd(hn::LoadU(d, left + i), hn::LoadU(d, right + i), sum);
  T result = hn::GetLane(hn::SumOfLanes(d, sum));
  for (; i < size; ++i) result += left[i] * right[i];
  return result;
}

/// exp(x) of one value, x ≤ 0.
template <typename T>
HWY_INLINE T DecayExpOf(T x) {
  const hn::CappedTag<T, 1> d;
  return hn::GetLane(DecayExp(d, hn::Set(d, x)));
}

}  // namespace HWY_NAMESPACE
}  // namespace uc
HWY_AFTER_NAMESPACE();

#endif
