// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT
//
// The kernels of rows: entries without a recurrence, and lanes joined. Compiled as scan_kernels.cpp is.

#include "core/attention/scan_kernels.h"

#include <cmath>
#include <cstdint>

// The order of these is Highway's.
// clang-format off
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/attention/row_kernels.cpp"
#include <hwy/foreach_target.h>
#include "core/simd/exp-inl.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace uc::scan_kernels {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using uc::HWY_NAMESPACE::DecayExp;

template <typename T>
using Lanes = hn::CappedTag<T, kScanLanes>;

template <typename T>
void AddLogDecays(const T* HWY_RESTRICT from, int64_t count, double* HWY_RESTRICT sums,
                  T* HWY_RESTRICT narrowed) {
  for (int64_t i = 0; i < count; ++i) {
    sums[i] += static_cast<double>(from[i]);
    narrowed[i] = static_cast<T>(sums[i]);
  }
}

/// The exponent of state n for the lanes from i.
template <typename T, class D = Lanes<T>>
HWY_INLINE hn::Vec<D> Exponent(D d, const RowStep<T>& step, int64_t n, int64_t i) {
  if (!step.rate) return hn::LoadU(d, step.sums + n * step.width + i);
  return hn::Mul(hn::LoadU(d, step.rate + n * step.width + i), hn::LoadU(d, step.sums + i));
}

/// Σ weight · value in double of a vector of values in T.
template <typename T>
class WideSum;

template <>
class WideSum<double> {
 public:
  HWY_INLINE WideSum() : m_sum(hn::Zero(Lanes<double>())) {}
  HWY_INLINE void Add(const RowStep<double>& step, int64_t n, int64_t i, hn::Vec<Lanes<double>> value) {
    const Lanes<double> d;
    const auto weight = step.spread == Spread::AllLanes ? hn::Set(d, step.weight[n])
                                                        : hn::LoadU(d, step.weight + n * step.width + i);
    m_sum = hn::MulAdd(weight, value, m_sum);
  }
  HWY_INLINE void Store(double* out) const { hn::StoreU(m_sum, Lanes<double>(), out); }

 private:
  hn::Vec<Lanes<double>> m_sum;
};

template <>
class WideSum<float> {
#if HWY_TARGET == HWY_SCALAR
  using Part = Lanes<float>;
#else
  using Part = hn::Half<Lanes<float>>;
#endif
  using Wide = hn::Rebind<double, Part>;

 public:
  HWY_INLINE WideSum() : m_lower(hn::Zero(Wide())), m_upper(hn::Zero(Wide())) {}
  HWY_INLINE void Add(const RowStep<float>& step, int64_t n, int64_t i, hn::Vec<Lanes<float>> value) {
    const Wide wide;
    const auto part = static_cast<int64_t>(hn::Lanes(wide));
    const double* weight = step.weight + (step.spread == Spread::AllLanes ? n : n * step.width + i);
    const auto at = [&](int64_t offset) {
      return step.spread == Spread::AllLanes ? hn::Set(wide, *weight) : hn::LoadU(wide, weight + offset);
    };
#if HWY_TARGET == HWY_SCALAR
    m_lower = hn::MulAdd(at(0), hn::PromoteTo(wide, value), m_lower);
    static_cast<void>(part);
#else
    m_lower = hn::MulAdd(at(0), hn::PromoteTo(wide, hn::LowerHalf(Part(), value)), m_lower);
    m_upper = hn::MulAdd(at(part), hn::PromoteTo(wide, hn::UpperHalf(Part(), value)), m_upper);
#endif
  }
  HWY_INLINE void Store(float* out) const {
    hn::StoreU(hn::DemoteTo(Part(), m_lower), Part(), out);
#if HWY_TARGET != HWY_SCALAR
    hn::StoreU(hn::DemoteTo(Part(), m_upper), Part(), out + hn::Lanes(Part()));
#endif
  }

 private:
  hn::Vec<Wide> m_lower, m_upper;
};

template <typename T>
void RowEntries(const RowStep<T>& step, T* HWY_RESTRICT out) {
  const Lanes<T> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t i = 0; i < step.width; i += lanes) {
    WideSum<T> sum;
    for (int64_t n = 0; n < step.state; ++n) {
      if (step.isAlive[n]) sum.Add(step, n, i, DecayExp(d, Exponent(d, step, n, i)));
    }
    sum.Store(out + i);
  }
}

template <typename T>
void FindAlive(const RowStep<T>& step, int64_t lanesThere, uint8_t* isAlive) {
  constexpr T kLowest = sizeof(T) == sizeof(float) ? T(-88) : T(-709);
  for (int64_t n = 0; n < step.state; ++n) {
    bool isDead = true;
    for (int64_t i = 0; i < lanesThere; ++i) {  // a NaN is not below anything
      const T sum = step.sums[step.rate ? i : n * step.width + i];
      isDead &= (step.rate ? step.rate[n * step.width + i] * sum : sum) < kLowest;
    }
    isAlive[n] = isDead ? 0 : 1;
  }
}

/// A value as the join takes it.
template <Join kJoin, class D, class V = hn::Vec<D>>
HWY_INLINE V Joined(D d, V value) {
  if constexpr (kJoin == Join::SumAbs) return hn::Abs(value);
  if constexpr (kJoin == Join::SumSquares) return hn::Mul(value, value);
  // not Max, which may turn NaN into 0
  if constexpr (kJoin == Join::SumPositive) return hn::IfThenZeroElse(hn::Lt(value, hn::Zero(d)), value);
  return value;
}

template <Join kJoin, typename T>
void JoinLanesBody(const T* HWY_RESTRICT values, const T* HWY_RESTRICT factors, int64_t count, int64_t width,
                   double* HWY_RESTRICT joined) {
  const Lanes<T> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t s = 0; s < count; ++s, values += width) {
    auto sum = hn::Zero(d);
    for (int64_t i = 0; i < width; i += lanes) {
      auto value = hn::LoadU(d, values + i);
      if (factors) value = hn::Mul(value, hn::LoadU(d, factors + s * width + i));
      sum = hn::Add(sum, Joined<kJoin>(d, value));
    }
    joined[s] += static_cast<double>(hn::GetLane(hn::SumOfLanes(d, sum)));
  }
}

template <typename T>
void JoinLargest(const T* values, const T* factors, int64_t count, int64_t width, double* joined) {
  for (int64_t i = 0; i < count * width; ++i) {
    const auto value = static_cast<double>(factors ? values[i] * factors[i] : values[i]);
    double& best = joined[i / width];
    const bool isKept = std::fabs(value) <= std::fabs(best) || best != best;
    if (!isKept) best = value;
  }
}

template <typename T>
void JoinLanes(Join join, const T* values, const T* factors, int64_t count, int64_t width, double* joined) {
  switch (join) {
    case Join::One:
    case Join::Sum:
      return JoinLanesBody<Join::Sum>(values, factors, count, width, joined);
    case Join::SumAbs:
      return JoinLanesBody<Join::SumAbs>(values, factors, count, width, joined);
    case Join::SumSquares:
      return JoinLanesBody<Join::SumSquares>(values, factors, count, width, joined);
    case Join::SumPositive:
      return JoinLanesBody<Join::SumPositive>(values, factors, count, width, joined);
    case Join::MaxAbs:
      return JoinLargest(values, factors, count, width, joined);
  }
}

// HWY_EXPORT names functions, not instances of templates.
void RowEntriesFloat(const RowStep<float>& step, float* out) { RowEntries(step, out); }
void RowEntriesDouble(const RowStep<double>& step, double* out) { RowEntries(step, out); }
void FindAliveFloat(const RowStep<float>& step, int64_t lanes, uint8_t* isAlive) {
  FindAlive(step, lanes, isAlive);
}
void FindAliveDouble(const RowStep<double>& step, int64_t lanes, uint8_t* isAlive) {
  FindAlive(step, lanes, isAlive);
}
void AddLogDecaysFloat(const float* from, int64_t count, double* sums, float* narrowed) {
  AddLogDecays(from, count, sums, narrowed);
}
void AddLogDecaysDouble(const double* from, int64_t count, double* sums, double* narrowed) {
  AddLogDecays(from, count, sums, narrowed);
}
void JoinLanesFloat(Join join, const float* values, const float* factors, int64_t count, int64_t width,
                    double* joined) {
  JoinLanes(join, values, factors, count, width, joined);
}
void JoinLanesDouble(Join join, const double* values, const double* factors, int64_t count, int64_t width,
                     double* joined) {
  JoinLanes(join, values, factors, count, width, joined);
}

}  // namespace HWY_NAMESPACE
}  // namespace uc::scan_kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace uc::scan_kernels {

HWY_EXPORT(RowEntriesFloat);
HWY_EXPORT(RowEntriesDouble);
HWY_EXPORT(AddLogDecaysFloat);
HWY_EXPORT(AddLogDecaysDouble);
HWY_EXPORT(FindAliveFloat);
HWY_EXPORT(FindAliveDouble);
HWY_EXPORT(JoinLanesFloat);
HWY_EXPORT(JoinLanesDouble);

#define UC_ROW_KERNELS(T, NAME)                                                              \
  template <>                                                                                \
  void rowEntries(const RowStep<T>& step, T* out) {                                          \
    HWY_DYNAMIC_DISPATCH(RowEntries##NAME)(step, out);                                       \
  }                                                                                          \
  template <>                                                                                \
  void addLogDecays(const T* from, int64_t count, double* sums, T* narrowed) {               \
    HWY_DYNAMIC_DISPATCH(AddLogDecays##NAME)(from, count, sums, narrowed);                   \
  }                                                                                          \
  template <>                                                                                \
  void findAlive(const RowStep<T>& step, int64_t lanes, uint8_t* isAlive) {                  \
    HWY_DYNAMIC_DISPATCH(FindAlive##NAME)(step, lanes, isAlive);                             \
  }                                                                                          \
  template <>                                                                                \
  void joinLanes(Join join, const T* values, const T* factors, int64_t count, int64_t width, \
                 double* joined) {                                                           \
    HWY_DYNAMIC_DISPATCH(JoinLanes##NAME)(join, values, factors, count, width, joined);      \
  }
UC_ROW_KERNELS(float, Float)
UC_ROW_KERNELS(double, Double)
#undef UC_ROW_KERNELS

}  // namespace uc::scan_kernels
#endif
