// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/leaf_kernels.h"

#include "core/simd/dispatch.h"

#include <algorithm>
#include <cmath>

// The order of these is Highway's.
// clang-format off
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/attention/leaf_kernels.cpp"
#include <hwy/foreach_target.h>
#include "core/attention/join-inl.h"
#include "core/simd/exp-inl.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace uc {
namespace HWY_NAMESPACE {
namespace {

constexpr int kChunk = 8;  // states at a time

template <typename T>
void LeafDecays(const T* rate, const T* HWY_RESTRICT step, int64_t state, T* HWY_RESTRICT out) {
  const Tag<T> d;
  for (int64_t l = 0; l < kGroupLanes; l += static_cast<int64_t>(hn::Lanes(d))) {
    const auto steps = hn::LoadU(d, step + l);
    for (int64_t n = 0; n < state; ++n) {
      T* decay = out + n * kGroupLanes + l;
      const auto exponent =
          rate ? hn::Mul(hn::LoadU(d, rate + n * kGroupLanes + l), steps) : hn::LoadU(d, decay);
      hn::StoreU(DecayExp(d, exponent), d, decay);
    }
  }
}

template <typename T>
void Outer(const T* HWY_RESTRICT values, const T* HWY_RESTRICT scale, int64_t state, T* HWY_RESTRICT out) {
  const Tag<T> d;
  for (int64_t l = 0; l < kGroupLanes; l += static_cast<int64_t>(hn::Lanes(d))) {
    const auto scales = hn::LoadU(d, scale + l);
    for (int64_t n = 0; n < state; ++n) {
      hn::StoreU(hn::Mul(hn::Set(d, values[n]), scales), d, out + n * kGroupLanes + l);
    }
  }
}

/// The column s of a leaf for `kStates` states from n0 on and one vector of lanes: the state of the column
/// goes through the tokens, and what a query sees of it is added to `values`.
template <int kStates, typename T>
HWY_INLINE void LeafColumn(const Leaf<T>& leaf, int64_t s, int64_t n0, int64_t l, T* HWY_RESTRICT values) {
  const Tag<T> d;
  using V = hn::Vec<Tag<T>>;
  const auto at = [&](const T* factor, int64_t t, int n)
                      HWY_ATTR { return hn::LoadU(d, factor + (t * leaf.state + n0 + n) * kGroupLanes + l); };
  const auto see = [&](const V* h, int64_t t) HWY_ATTR {
    V sum = hn::Zero(d);
#pragma GCC unroll 8
    for (int n = 0; n < kStates; ++n) sum = hn::MulAdd(at(leaf.query, t, n), h[n], sum);
    T* value = values + (t * leaf.columns + s) * kGroupLanes + l;
    hn::StoreU(n0 == 0 ? sum : hn::Add(sum, hn::LoadU(d, value)), d, value);
  };
  V h[kStates];
  const V first = hn::LoadU(d, leaf.weights + l);
#pragma GCC unroll 8
  for (int n = 0; n < kStates; ++n) h[n] = hn::Mul(first, at(leaf.key, s, n));
  if (!leaf.readsBeforeDecay && s >= leaf.firstRow) see(h, s);
  for (int64_t t = s + 1; t < leaf.tokens; ++t) {
    if (leaf.readsBeforeDecay && t >= leaf.firstRow) see(h, t);
#pragma GCC unroll 8
    for (int n = 0; n < kStates; ++n) h[n] = hn::Mul(h[n], at(leaf.decays, t, n));
    if (t - s < leaf.taps) {
      const V weight = hn::LoadU(d, leaf.weights + (t - s) * kGroupLanes + l);
#pragma GCC unroll 8
      for (int n = 0; n < kStates; ++n) h[n] = hn::MulAdd(weight, at(leaf.key, t, n), h[n]);
    }
    if (!leaf.readsBeforeDecay && t >= leaf.firstRow) see(h, t);
  }
}

/// The lanes of an entry joined with each other.
template <Join kJoin, typename T>
HWY_INLINE T LanesJoined(const T* HWY_RESTRICT values) {
  const Tag<T> d;
  constexpr auto kWidth = static_cast<int64_t>(hn::MaxLanes(Tag<T>()));
  if constexpr (kJoin == Join::MaxAbs) {
    T best = T(0);
    for (int64_t l = 0; l < kGroupLanes; l += kWidth) {
      const auto value = hn::LoadU(d, values + l);
      const auto isNan = hn::IsNaN(value);
      const auto size = hn::Abs(value);
      const auto most = hn::MaxOfLanes(d, hn::IfThenZeroElse(isNan, size));
      const auto first =
          hn::AllFalse(d, isNan) ? hn::FindFirstTrue(d, hn::Eq(size, most)) : hn::FindFirstTrue(d, isNan);
      const T found = values[l + first];
      if (!(std::abs(found) <= std::abs(best) || best != best)) best = found;
    }
    return best;
  } else {
    auto sum = hn::Zero(d);
    for (int64_t l = 0; l < kGroupLanes; l += kWidth) {
      sum = Joined<kJoin>(d, sum, hn::LoadU(d, values + l));
    }
    return hn::GetLane(hn::SumOfLanes(d, sum));
  }
}

template <Join kJoin, typename T>
void JoinLeaf(const Leaf<T>& leaf, T* HWY_RESTRICT values, T* HWY_RESTRICT out) {
  const Tag<T> d;
  for (int64_t t = leaf.firstRow; t < leaf.tokens; ++t) {
    for (int64_t s = 0; s <= std::min(t, leaf.columns - 1); ++s) {
      T* value = values + (t * leaf.columns + s) * kGroupLanes;
      const bool isReached = leaf.skip && t - s < leaf.taps;
      for (int64_t l = 0; l < kGroupLanes; l += static_cast<int64_t>(hn::Lanes(d))) {
        auto entry = hn::LoadU(d, value + l);
        if (isReached) {
          entry = hn::MulAdd(hn::LoadU(d, leaf.weights + (t - s) * kGroupLanes + l),
                             hn::LoadU(d, leaf.skip + t * kGroupLanes + l), entry);
        }
        if (leaf.columnScale) {
          entry = hn::Mul(entry, hn::LoadU(d, leaf.columnScale + s * kGroupLanes + l));
        }
        hn::StoreU(entry, d, value + l);
      }
      out[t * leaf.columns + s] = LanesJoined<kJoin>(value);
    }
  }
}

template <typename T>
void LeafEntries(const Leaf<T>& leaf, Join join, T* values, T* out) {
  const Tag<T> d;
  for (int64_t t = leaf.firstRow; t < std::min(leaf.tokens, leaf.columns); ++t) {
    std::fill_n(values + (t * leaf.columns + t) * kGroupLanes, kGroupLanes, T(0));
  }
  int64_t n = 0;
  const auto pass = [&](auto states) HWY_ATTR {
    constexpr int kStates = decltype(states)::value;
    for (; n + kStates <= leaf.state; n += kStates) {
      for (int64_t l = 0; l < kGroupLanes; l += static_cast<int64_t>(hn::Lanes(d))) {
        for (int64_t s = 0; s < leaf.columns; ++s) LeafColumn<kStates>(leaf, s, n, l, values);
      }
    }
  };
  pass(std::integral_constant<int, kChunk>());
  pass(std::integral_constant<int, 1>());
  if (join == Join::One) join = Join::Sum;  // of one lane and zeros
  WithJoin(join, [&](auto kind) HWY_ATTR { JoinLeaf<decltype(kind)::value>(leaf, values, out); });
}

template <typename T>
const LeafKernels<T>* Table() {
  static constexpr LeafKernels<T> kTable = {LeafDecays<T>, Outer<T>, LeafEntries<T>};
  return &kTable;
}

UC_TABLES_OF_BOTH(LeafKernels)

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace uc
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace uc {

UC_DISPATCH_TABLES(leafKernels, LeafKernels)

}  // namespace uc
#endif  // HWY_ONCE
