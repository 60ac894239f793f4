// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT
//
// Products in registers whose entries join what is there, for kernels that Highway compiles once for each
// processor. Included after <hwy/foreach_target.h>, in every round of it: no #pragma once.

#if defined(UC_CORE_ATTENTION_PRODUCT_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef UC_CORE_ATTENTION_PRODUCT_INL_H
#undef UC_CORE_ATTENTION_PRODUCT_INL_H
#else
#define UC_CORE_ATTENTION_PRODUCT_INL_H
#endif

#include "core/attention/join-inl.h"

#include <cstdint>

HWY_BEFORE_NAMESPACE();
namespace uc {
namespace HWY_NAMESPACE {

constexpr int kCellRows = 4;
#if HWY_TARGET <= HWY_AVX3
constexpr int kCellVectors = 4;  // of 32 registers
#else
constexpr int kCellVectors = 2;  // of 16
#endif

/// The inner indices of a product: all, or those listed.
struct AllOf {
  int64_t count = 0;
  int64_t operator[](int64_t i) const { return i; }
};
struct SomeOf {
  const int32_t* which = nullptr;
  int64_t count = 0;
  int64_t operator[](int64_t i) const { return which[i]; }
};

/// u [rows, inner] and v [inner, columns].
template <class Inner, typename T>
struct Factors {
  Inner inner;
  const T* u = nullptr;
  int64_t uStride = 0;
  const T* v = nullptr;
  int64_t vStride = 0;
  int64_t rows = 0;
};

/// kRows rows from `t` on by kVectors vectors of columns from `s` on in registers; with a mask, one vector
/// whose columns past `cols` stay. `acc` is at its first entry.
template <Join kJoin, int kRows, int kVectors, bool kIsMasked, class Inner, typename T>
HWY_INLINE void Cell(const Factors<Inner, T>& factors, int64_t t, int64_t s, int64_t cols,
                     T* HWY_RESTRICT acc, int64_t accStride) {
  const Tag<T> d;
  using V = hn::Vec<Tag<T>>;
  constexpr auto kWidth = static_cast<int64_t>(hn::MaxLanes(Tag<T>()));
  const T* HWY_RESTRICT u = factors.u + t * factors.uStride;
  const T* HWY_RESTRICT v = factors.v + s;
  V sums[kRows][kVectors];
#pragma GCC unroll 4
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 4
    for (int c = 0; c < kVectors; ++c) sums[r][c] = hn::Zero(d);
  }
  for (int64_t i = 0; i < factors.inner.count; ++i) {
    const int64_t n = factors.inner[i];
    V right[kVectors];
#pragma GCC unroll 4
    for (int c = 0; c < kVectors; ++c) {
      const T* at = v + n * factors.vStride + c * kWidth;
      right[c] = kIsMasked ? LoadFirst(d, cols, at) : hn::LoadU(d, at);
    }
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) {
      const V left = hn::Set(d, u[r * factors.uStride + n]);
#pragma GCC unroll 4
      for (int c = 0; c < kVectors; ++c) sums[r][c] = hn::MulAdd(left, right[c], sums[r][c]);
    }
  }
#pragma GCC unroll 4
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 4
    for (int c = 0; c < kVectors; ++c) {
      T* at = acc + r * accStride + c * kWidth;
      if constexpr (kIsMasked) {
        StoreFirst(Joined<kJoin>(d, LoadFirst(d, cols, at), sums[r][c]), d, cols, at);
      } else {
        hn::StoreU(Joined<kJoin>(d, hn::LoadU(d, at), sums[r][c]), d, at);
      }
    }
  }
}

template <Join kJoin, int kVectors, bool kIsMasked, class Inner, typename T>
HWY_INLINE void Strip(const Factors<Inner, T>& factors, int64_t s, int64_t cols, T* acc, int64_t accStride) {
  int64_t t = 0;
  for (; t + kCellRows <= factors.rows; t += kCellRows) {
    Cell<kJoin, kCellRows, kVectors, kIsMasked>(factors, t, s, cols, acc + t * accStride + s, accStride);
  }
  for (; t < factors.rows; ++t) {
    Cell<kJoin, 1, kVectors, kIsMasked>(factors, t, s, cols, acc + t * accStride + s, accStride);
  }
}

template <Join kJoin, class Inner, typename T>
void MultiplyInto(const Factors<Inner, T>& factors, int64_t cols, T* acc, int64_t accStride) {
  constexpr auto kWidth = static_cast<int64_t>(hn::MaxLanes(Tag<T>()));
  int64_t s = 0;
  for (; s + kCellVectors * kWidth <= cols; s += kCellVectors * kWidth) {
    Strip<kJoin, kCellVectors, false>(factors, s, 0, acc, accStride);
  }
  if (kCellVectors > 2 && s + 2 * kWidth <= cols) {
    Strip<kJoin, 2, false>(factors, s, 0, acc, accStride);
    s += 2 * kWidth;
  }
  for (; s + kWidth <= cols; s += kWidth) Strip<kJoin, 1, false>(factors, s, 0, acc, accStride);
  if (s < cols) Strip<kJoin, 1, true>(factors, s, cols - s, acc, accStride);
}

}  // namespace HWY_NAMESPACE
}  // namespace uc
HWY_AFTER_NAMESPACE();

#endif
