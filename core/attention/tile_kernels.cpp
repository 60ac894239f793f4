// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/tile_kernels.h"

#include "core/attention/merge.h"
#include "core/simd/dispatch.h"

#include <algorithm>

// The order of these is Highway's.
// clang-format off
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/attention/tile_kernels.cpp"
#include <hwy/foreach_target.h>
#include "core/attention/join-inl.h"
#include "core/attention/product-inl.h"
#include "core/simd/exp-inl.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace uc {
namespace HWY_NAMESPACE {
namespace {

template <typename T>
void Multiply(Join join, const T* u, int64_t uStride, const T* v, int64_t vStride, int64_t rows, int64_t cols,
              int64_t inner, T* acc, int64_t accStride) {
  const Factors<AllOf, T> factors{{inner}, u, uStride, v, vStride, rows};
  WithJoin(join,
           [&](auto kind) HWY_ATTR { MultiplyInto<decltype(kind)::value>(factors, cols, acc, accStride); });
}

template <typename T>
void AddSome(const int32_t* which, int64_t count, const T* u, int64_t uStride, const T* v, int64_t vStride,
             int64_t rows, int64_t cols, T* acc, int64_t accStride) {
  const Factors<SomeOf, T> factors{{which, count}, u, uStride, v, vStride, rows};
  MultiplyInto<Join::Sum>(factors, cols, acc, accStride);
}

/// One vector of columns of every row; kTaps 0: any number of them.
template <Join kJoin, int kTaps, bool kIsMasked, typename T>
HWY_INLINE void SharedStrip(const SharedRows<T>& lane, int64_t s, T* HWY_RESTRICT acc, int64_t accStride) {
  const Tag<T> d;
  using V = hn::Vec<Tag<T>>;
  const auto load = [&](const T* from) HWY_ATTR {
    return kIsMasked ? LoadFirst(d, lane.columns - s, from) : hn::LoadU(d, from);
  };
  V factors[kTaps > 0 ? kTaps : 1];
#pragma GCC unroll 4
  for (int j = 0; j < kTaps; ++j) factors[j] = load(lane.factors + j * lane.factorStride + s);
  const T* base = lane.base + s;
  for (int64_t t = 0; t < lane.rows; ++t, base += lane.baseStride, acc += accStride) {
    V sum = hn::Zero(d);
    if constexpr (kTaps > 0) {
      sum = hn::Mul(load(base), factors[0]);
#pragma GCC unroll 4
      for (int j = 1; j < kTaps; ++j) sum = hn::MulAdd(load(base + j), factors[j], sum);
    } else {
      for (int64_t j = 0; j < lane.taps; ++j) {
        sum = hn::MulAdd(load(base + j), load(lane.factors + j * lane.factorStride + s), sum);
      }
    }
    sum = Joined<kJoin>(d, load(acc + s), hn::Mul(sum, hn::Set(d, lane.gate[t * lane.gateStride])));
    if constexpr (kIsMasked) {
      StoreFirst(sum, d, lane.columns - s, acc + s);
    } else {
      hn::StoreU(sum, d, acc + s);
    }
  }
}

template <Join kJoin, int kTaps, typename T>
void SharedEntries(const SharedRows<T>& lane, T* acc, int64_t accStride) {
  constexpr auto kWidth = static_cast<int64_t>(hn::MaxLanes(Tag<T>()));
  int64_t s = 0;
  for (; s + kWidth <= lane.columns; s += kWidth) SharedStrip<kJoin, kTaps, false>(lane, s, acc, accStride);
  if (s < lane.columns) SharedStrip<kJoin, kTaps, true>(lane, s, acc, accStride);
}

template <typename T>
void JoinShared(Join join, const SharedRows<T>& lane, T* acc, int64_t accStride) {
  WithJoin(join, [&](auto kind) HWY_ATTR {
    constexpr Join kJoin = decltype(kind)::value;
    if (lane.taps == 1) return SharedEntries<kJoin, 1>(lane, acc, accStride);
    if (lane.taps == 4) return SharedEntries<kJoin, 4>(lane, acc, accStride);
    SharedEntries<kJoin, 0>(lane, acc, accStride);
  });
}

template <typename T>
void AddProduct(const T* a, int64_t aStride, const T* b, int64_t bStride, int64_t rows, int64_t cols,
                T* HWY_RESTRICT acc, int64_t accStride) {
  const Tag<T> d;
  constexpr auto kWidth = static_cast<int64_t>(hn::MaxLanes(Tag<T>()));
  for (int64_t t = 0; t < rows; ++t, a += aStride, b += bStride, acc += accStride) {
    for (int64_t s = 0; s < cols; s += kWidth) {
      const int64_t count = std::min(cols - s, kWidth);
      const auto sum =
          hn::MulAdd(LoadFirst(d, count, a + s), LoadFirst(d, count, b + s), LoadFirst(d, count, acc + s));
      StoreFirst(sum, d, count, acc + s);
    }
  }
}

/// Key times decay of up to kStates states, each with room for K − 1 tokens after its columns. Written for
/// all states before any is read: what was just stored in vectors is slow to read across them.
constexpr int64_t kStates = 16;
template <typename T>
using TokenRows = T[kStates][2 * ColumnSide<T>::kMostColumns + kGroupLanes];

template <typename T>
HWY_INLINE void FillTokens(const ColumnSide<T>& side, int64_t n0, int64_t states, TokenRows<T>& rows) {
  const Tag<T> d;
  using V = hn::Vec<Tag<T>>;
  constexpr auto kWidth = static_cast<int64_t>(hn::MaxLanes(Tag<T>()));
  const int64_t tokens = side.columns + side.taps - 1;
  for (int64_t n = 0; n < states; ++n) {
    const V rate = hn::Set(d, side.rate ? side.rate[n0 + n] : T(1));
    const T* sums = side.sums + (n0 + n) * side.sumStride;
    const T* key = side.key + (n0 + n) * side.keyStride;
    for (int64_t s = 0; s < tokens; s += kWidth) {
      const V scaled = hn::Mul(hn::LoadU(d, key + s), hn::LoadU(d, side.scale + s));
      hn::Store(hn::Mul(DecayExp(d, hn::Mul(rate, hn::LoadU(d, sums + s))), scaled), d, rows[n] + s);
    }
  }
}

/// kTaps 0: any number of them. Returns the sum of magnitudes.
template <int kTaps, typename T>
HWY_INLINE T ConvolveColumns(const ColumnSide<T>& side, const T* HWY_RESTRICT row, T* HWY_RESTRICT out) {
  const Tag<T> d;
  using V = hn::Vec<Tag<T>>;
  constexpr auto kWidth = static_cast<int64_t>(hn::MaxLanes(Tag<T>()));
  V weights[kTaps > 0 ? kTaps : 1];
#pragma GCC unroll 4
  for (int j = 0; j < kTaps; ++j) weights[j] = hn::Set(d, side.weights[j]);
  V bound = hn::Zero(d);
  for (int64_t s = 0; s < side.columns; s += kWidth) {
    V sum = hn::Zero(d);
    if constexpr (kTaps > 0) {
      sum = hn::Mul(weights[0], hn::Load(d, row + s));
#pragma GCC unroll 4
      for (int j = 1; j < kTaps; ++j) sum = hn::MulAdd(weights[j], hn::LoadU(d, row + s + j), sum);
    } else {
      for (int64_t j = 0; j < side.taps; ++j) {
        sum = hn::MulAdd(hn::Set(d, side.weights[j]), hn::LoadU(d, row + s + j), sum);
      }
    }
    if (side.columnScale) sum = hn::Mul(sum, hn::LoadU(d, side.columnScale + s));
    hn::StoreU(sum, d, out + s);
    if (s + kWidth > side.columns) {
      sum = hn::IfThenElseZero(hn::FirstN(d, static_cast<size_t>(side.columns - s)), sum);
    }
    bound = hn::Add(bound, hn::Abs(sum));
  }
  return hn::GetLane(hn::SumOfLanes(d, bound));
}

template <int kTaps, typename T>
HWY_INLINE void ColumnsOf(const ColumnSide<T>& side, T* out, int64_t outStride, T* bounds) {
  HWY_ALIGN TokenRows<T> rows;
  for (int64_t n0 = 0; n0 < side.state; n0 += kStates) {
    const int64_t states = std::min(kStates, side.state - n0);
    FillTokens(side, n0, states, rows);
    for (int64_t n = 0; n < states; ++n) {
      bounds[n0 + n] = ConvolveColumns<kTaps>(side, rows[n], out + (n0 + n) * outStride);
    }
  }
}

template <typename T>
void Columns(const ColumnSide<T>& side, T* out, int64_t outStride, T* bounds) {
  if (side.taps == 1) return ColumnsOf<1>(side, out, outStride, bounds);
  if (side.taps == 4) return ColumnsOf<4>(side, out, outStride, bounds);
  ColumnsOf<0>(side, out, outStride, bounds);
}

/// One state a lane: vectors of lanes.
template <typename T>
void SingleStateRow(const RowSide<T>& side, int64_t t, T* HWY_RESTRICT out, T* HWY_RESTRICT bounds) {
  const Tag<T> d;
  HWY_ALIGN T sums[kGroupLanes] = {}, rates[kGroupLanes] = {}, query[kGroupLanes] = {};
  for (int64_t l = 0; l < side.lanes; ++l) {
    sums[l] = side.sums[t * side.lanes + l];
    rates[l] = side.rate ? side.rate[l] : T(1);
    query[l] = side.query[t * side.queryStride + side.offsets[l]];
  }
  for (int64_t l = 0; l < kGroupLanes; l += static_cast<int64_t>(hn::Lanes(d))) {
    const auto decay = DecayExp(d, hn::Mul(hn::Load(d, rates + l), hn::Load(d, sums + l)));
    const auto gated = hn::Mul(hn::Load(d, query + l), hn::LoadU(d, side.gate + t * kGroupLanes + l));
    const auto value = hn::Mul(decay, gated);
    hn::StoreU(value, d, out + l);
    hn::StoreU(hn::Add(hn::LoadU(d, bounds + l), hn::Abs(value)), d, bounds + l);
  }
}

/// One vector of states of a lane, or the first of its values.
template <bool kIsWhole, typename T>
HWY_INLINE void StateRows(const RowSide<T>& side, int64_t lane, int64_t n, T* HWY_RESTRICT out,
                          int64_t outStride, T* HWY_RESTRICT bounds) {
  const Tag<T> d;
  using V = hn::Vec<Tag<T>>;
  constexpr auto kWidth = static_cast<int64_t>(hn::MaxLanes(Tag<T>()));
  const int64_t count = std::min(side.state - n, kWidth);
  const auto load = [&](const T* from)
                        HWY_ATTR { return kIsWhole ? hn::LoadU(d, from) : LoadFirst(d, count, from); };
  const int64_t at = lane * side.state + n;
  const V rate = side.rate ? load(side.rate + at) : hn::Zero(d);
  const T* query = side.query + side.offsets[lane] + n;
  V bound = hn::Zero(d);
  for (int64_t t = 0; t < side.rows; ++t, query += side.queryStride) {
    const V exponent = side.rate ? hn::Mul(rate, hn::Set(d, side.sums[t * side.lanes + lane]))
                                 : load(side.sums + t * side.lanes * side.state + at);
    const V gated = hn::Mul(load(query), hn::Set(d, side.gate[t * kGroupLanes + lane]));
    const V value = hn::Mul(DecayExp(d, exponent), gated);
    bound = hn::Add(bound, hn::Abs(value));
    if constexpr (kIsWhole) {
      hn::StoreU(value, d, out + t * outStride + at);
    } else {
      StoreFirst(value, d, count, out + t * outStride + at);
    }
  }
  if constexpr (kIsWhole) {
    hn::StoreU(bound, d, bounds + at);
  } else {
    StoreFirst(bound, d, count, bounds + at);
  }
}

template <typename T>
void Rows(const RowSide<T>& side, T* out, int64_t outStride, T* bounds) {
  constexpr auto kWidth = static_cast<int64_t>(hn::MaxLanes(Tag<T>()));
  if (side.state == 1) {
    std::fill_n(bounds, kGroupLanes, T(0));
    for (int64_t t = 0; t < side.rows; ++t) SingleStateRow(side, t, out + t * outStride, bounds);
    return;
  }
  for (int64_t l = 0; l < side.lanes; ++l) {
    int64_t n = 0;
    for (; n + kWidth <= side.state; n += kWidth) StateRows<true>(side, l, n, out, outStride, bounds);
    if (n < side.state) StateRows<false>(side, l, n, out, outStride, bounds);
  }
}

template <typename T>
void AddTo(Join join, const T* HWY_RESTRICT values, int64_t count, double* HWY_RESTRICT sums) {
  using D = hn::CappedTag<double, 8>;
  const D d;
  constexpr auto kWidth = static_cast<int64_t>(hn::MaxLanes(D()));
  const hn::Rebind<T, D> narrow;
  const auto load = [&](int64_t i) HWY_ATTR {
    if constexpr (sizeof(T) == sizeof(double)) {
      return hn::LoadU(d, values + i);
    } else {
      return hn::PromoteTo(d, hn::LoadU(narrow, values + i));
    }
  };
  const int64_t whole = count / kWidth * kWidth;
  if (join == Join::MaxAbs) {
    for (int64_t i = 0; i < whole; i += kWidth) {
      hn::StoreU(Joined<Join::MaxAbs>(d, hn::LoadU(d, sums + i), load(i)), d, sums + i);
    }
  } else {
    for (int64_t i = 0; i < whole; i += kWidth) {
      hn::StoreU(hn::Add(hn::LoadU(d, sums + i), load(i)), d, sums + i);
    }
  }
  for (int64_t i = whole; i < count; ++i) addJoined(join, static_cast<double>(values[i]), sums[i]);
}

template <typename T>
void Decays(T* HWY_RESTRICT exponents, int64_t count) {
  const Tag<T> d;
  constexpr auto kWidth = static_cast<int64_t>(hn::MaxLanes(Tag<T>()));
  for (int64_t i = 0; i < count; i += kWidth) {
    const int64_t left = std::min(count - i, kWidth);
    StoreFirst(DecayExp(d, LoadFirst(d, left, exponents + i)), d, left, exponents + i);
  }
}

template <typename T>
void Scale(const T* HWY_RESTRICT u, int64_t uStride, const T* HWY_RESTRICT factor, int64_t rows,
           int64_t width, T* HWY_RESTRICT out, int64_t outStride) {
  const Tag<T> d;
  constexpr auto kWidth = static_cast<int64_t>(hn::MaxLanes(Tag<T>()));
  for (int64_t i = 0; i < width; i += kWidth) {
    const auto factors = hn::LoadU(d, factor + i);
    for (int64_t t = 0; t < rows; ++t) {
      hn::StoreU(hn::Mul(hn::LoadU(d, u + t * uStride + i), factors), d, out + t * outStride + i);
    }
  }
}

template <typename T>
const TileKernels<T>* Table() {
  static constexpr TileKernels<T> kTable = {Multiply<T>,   AddSome<T>, Columns<T>, Rows<T>, JoinShared<T>,
                                            AddProduct<T>, AddTo<T>,   Decays<T>,  Scale<T>};
  return &kTable;
}

UC_TABLES_OF_BOTH(TileKernels)

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace uc
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace uc {

UC_DISPATCH_TABLES(tileKernels, TileKernels)

}  // namespace uc
#endif  // HWY_ONCE
