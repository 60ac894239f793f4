// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT
//
// How entries join, for kernels that Highway compiles once for each processor. Included after
// <hwy/foreach_target.h>, in every round of it: no #pragma once.

#if defined(UC_CORE_ATTENTION_JOIN_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef UC_CORE_ATTENTION_JOIN_INL_H
#undef UC_CORE_ATTENTION_JOIN_INL_H
#else
#define UC_CORE_ATTENTION_JOIN_INL_H
#endif

#include "core/attention/tile_kernels.h"

#include <hwy/highway.h>

#include <cstdint>
#include <type_traits>

HWY_BEFORE_NAMESPACE();
namespace uc {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// Vectors of at most as many lanes as a group has.
template <typename T>
using Tag = hn::CappedTag<T, static_cast<size_t>(kGroupLanes)>;

/// The first `count` values of a vector, and zeros; the others are not touched. Highway's masked load wants
/// whole and aligned vectors on older processors.
template <class D, typename T = hn::TFromD<D>>
HWY_INLINE hn::Vec<D> LoadFirst(D d, int64_t count, const T* from) {
#if HWY_TARGET <= HWY_AVX2
  return hn::MaskedLoad(hn::FirstN(d, static_cast<size_t>(count)), d, from);
#else
  HWY_ALIGN T values[hn::MaxLanes(D())] = {};
  for (int64_t i = 0; i < count && i < static_cast<int64_t>(hn::MaxLanes(D())); ++i) values[i] = from[i];
  return hn::Load(d, values);
#endif
}

template <class D, typename T = hn::TFromD<D>>
HWY_INLINE void StoreFirst(hn::Vec<D> value, D d, int64_t count, T* into) {
#if HWY_TARGET <= HWY_AVX2
  hn::BlendedStore(value, hn::FirstN(d, static_cast<size_t>(count)), d, into);
#else
  HWY_ALIGN T values[hn::MaxLanes(D())];
  hn::Store(value, d, values);
  for (int64_t i = 0; i < count && i < static_cast<int64_t>(hn::MaxLanes(D())); ++i) into[i] = values[i];
#endif
}

/// `sum` joined with `value`, or `value` for One. NaN stays NaN; of equal magnitudes the earlier stays.
template <Join kJoin, class D, class V = hn::Vec<D>>
HWY_INLINE V Joined(D d, V sum, V value) {
  if constexpr (kJoin == Join::One) return value;
  if constexpr (kJoin == Join::SumAbs) return hn::Add(sum, hn::Abs(value));
  if constexpr (kJoin == Join::SumSquares) return hn::MulAdd(value, value, sum);
  if constexpr (kJoin == Join::SumPositive) {  // NaN is not below 0
    return hn::Add(sum, hn::IfThenZeroElse(hn::Lt(value, hn::Zero(d)), value));
  }
  if constexpr (kJoin == Join::MaxAbs) {  // not "greater": NaN replaces a number; one already there stays
    const auto isKept = hn::Or(hn::Le(hn::Abs(value), hn::Abs(sum)), hn::IsNaN(sum));
    return hn::IfThenElse(isKept, sum, value);
  }
  return hn::Add(sum, value);
}

/// `run` with the join as a constant.
template <class Run>
HWY_INLINE void WithJoin(Join join, const Run& run) {
  switch (join) {
    case Join::One:
      return run(std::integral_constant<Join, Join::One>());
    case Join::Sum:
      return run(std::integral_constant<Join, Join::Sum>());
    case Join::SumAbs:
      return run(std::integral_constant<Join, Join::SumAbs>());
    case Join::MaxAbs:
      return run(std::integral_constant<Join, Join::MaxAbs>());
    case Join::SumSquares:
      return run(std::integral_constant<Join, Join::SumSquares>());
    case Join::SumPositive:
      return run(std::integral_constant<Join, Join::SumPositive>());
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace uc
HWY_AFTER_NAMESPACE();

#endif
