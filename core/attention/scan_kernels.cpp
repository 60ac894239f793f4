// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT
//
// Compiled with -O3 in every build type: plain loops become vector code of each target too.

#include "core/attention/scan_kernels.h"

#include <algorithm>
#include <cstdint>
#include <limits>

// The order of these is Highway's.
// clang-format off
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/attention/scan_kernels.cpp"
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

/// exp(x) − 1 for −708 ≤ x ≤ 0, relative error 1e-9: a Taylor sum on |r| ≤ ln 2 / 2, whose error falls with
/// r⁸, so that the result for x near 0 has all digits. NaN stays NaN.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V LessOneShort(D d, V x) {
  const hn::Rebind<int64_t, D> di;
  const V magic = hn::Set(d, 6755399441055744.0);  // 1.5 · 2^52: rounds to an integer in the low bits
  const V clamped = hn::Max(hn::Set(d, -708.0), x);
  const V rounded = hn::MulAdd(clamped, hn::Set(d, 1.44269504088896340736), magic);
  const V k = hn::Sub(rounded, magic);
  const V r = hn::NegMulAdd(k, hn::Set(d, 1.90821492927058770002e-10),
                            hn::NegMulAdd(k, hn::Set(d, 6.93147180369123816490e-01), clamped));
  V p = hn::Set(d, 1.0 / 40320);
  p = hn::MulAdd(p, r, hn::Set(d, 1.0 / 5040));
  p = hn::MulAdd(p, r, hn::Set(d, 1.0 / 720));
  p = hn::MulAdd(p, r, hn::Set(d, 1.0 / 120));
  p = hn::MulAdd(p, r, hn::Set(d, 1.0 / 24));
  p = hn::MulAdd(p, r, hn::Set(d, 1.0 / 6));
  p = hn::MulAdd(p, r, hn::Set(d, 0.5));
  p = hn::MulAdd(hn::Mul(p, r), r, r);
  const auto bits = hn::Add(hn::ShiftLeft<52>(hn::BitCast(di, rounded)), hn::Set(di, int64_t{1023} << 52));
  const V power = hn::BitCast(d, bits);
  const V result = hn::MulAdd(power, p, hn::Sub(power, hn::Set(d, 1.0)));
  return hn::IfThenElse(hn::IsNaN(x), x, result);
}

/// The same with the digits of a double.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V LessOnePrecise(D d, V x) {
  const V result = hn::Expm1(d, hn::Max(x, hn::Set(d, -708.0)));
  return hn::IfThenElse(hn::IsNaN(x), x, result);
}

template <bool kIsPrecise>
void DecaysLessOneBody(const double* HWY_RESTRICT rate, const double* HWY_RESTRICT step, int64_t state,
                       int64_t width, double* HWY_RESTRICT out) {
  const Lanes<double> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto one = hn::Set(d, 1.0);
  for (int64_t n = 0; n < state; ++n, rate += width, out += width) {
    for (int64_t i = 0; i < width; i += lanes) {
      const auto x = hn::Mul(hn::LoadU(d, rate + i), step ? hn::LoadU(d, step + i) : one);
      hn::StoreU(kIsPrecise ? LessOnePrecise(d, x) : LessOneShort(d, x), d, out + i);
    }
  }
}

void DecaysLessOne(const double* rate, const double* step, int64_t state, int64_t width, bool isPrecise,
                   double* out) {
  isPrecise ? DecaysLessOneBody<true>(rate, step, state, width, out)
            : DecaysLessOneBody<false>(rate, step, state, width, out);
}

/// Coefficient n of the lanes from i.
template <Spread kSpread, class D>
HWY_INLINE hn::Vec<D> Coefficient(D d, const double* HWY_RESTRICT from, int64_t n, int64_t i, int64_t width) {
  if constexpr (kSpread == Spread::AllLanes) {
    return hn::Set(d, from[n]);
  } else {
    return hn::LoadU(d, from + n * width + i);
  }
}

template <Spread kDecay, Spread kSpread, bool kReadsFirst>
void AdvanceBody(const Step& step, const double* HWY_RESTRICT fed, double* HWY_RESTRICT h,
                 double* HWY_RESTRICT read) {
  const Lanes<double> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const int64_t width = step.width;
  for (int64_t i = 0; i < width; i += lanes) {
    auto sum = hn::Zero(d);
    const auto value = fed ? hn::LoadU(d, fed + i) : hn::Zero(d);
    for (int64_t n = 0; n < step.state; ++n) {
      const auto before = hn::LoadU(d, h + n * width + i);
      auto after = hn::MulAdd(Coefficient<kDecay>(d, step.decayLessOne, n, i, width), before, before);
      if (fed) after = hn::MulAdd(Coefficient<kSpread>(d, step.in, n, i, width), value, after);
      hn::StoreU(after, d, h + n * width + i);
      sum = hn::MulAdd(Coefficient<kSpread>(d, step.out, n, i, width), kReadsFirst ? before : after, sum);
    }
    hn::StoreU(sum, d, read + i);
  }
}

template <Spread kDecay, Spread kSpread>
void AdvanceSpread(const Step& step, const double* fed, double* h, double* read) {
  step.readsFirst ? AdvanceBody<kDecay, kSpread, true>(step, fed, h, read)
                  : AdvanceBody<kDecay, kSpread, false>(step, fed, h, read);
}

void Advance(const Step& step, const double* fed, double* h, double* read) {
  if (step.decaySpread == Spread::AllLanes) {
    step.spread == Spread::AllLanes ? AdvanceSpread<Spread::AllLanes, Spread::AllLanes>(step, fed, h, read)
                                    : AdvanceSpread<Spread::AllLanes, Spread::EachLane>(step, fed, h, read);
  } else {
    step.spread == Spread::AllLanes ? AdvanceSpread<Spread::EachLane, Spread::AllLanes>(step, fed, h, read)
                                    : AdvanceSpread<Spread::EachLane, Spread::EachLane>(step, fed, h, read);
  }
}

void Transition(const double* HWY_RESTRICT decayLessOne, const double* HWY_RESTRICT remove,
                const double* HWY_RESTRICT write, int64_t state, int64_t width, double* HWY_RESTRICT h) {
  const Lanes<double> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t i = 0; i < width; i += lanes) {
    auto removed = hn::Zero(d);
    for (int64_t n = 0; n < state; ++n) {
      removed = hn::MulAdd(hn::Set(d, remove[n]), hn::LoadU(d, h + n * width + i), removed);
    }
    for (int64_t n = 0; n < state; ++n) {
      const auto before = hn::LoadU(d, h + n * width + i);
      const auto kept = hn::MulAdd(hn::Set(d, decayLessOne[n]), before, before);
      hn::StoreU(hn::NegMulAdd(removed, hn::Set(d, write[n]), kept), d, h + n * width + i);
    }
  }
}

void AddLogSum(const double* HWY_RESTRICT exponent, const double* HWY_RESTRICT value, int64_t width,
               double* HWY_RESTRICT sum, double* HWY_RESTRICT largest) {
  const Lanes<double> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t i = 0; i < width; i += lanes) {
    const auto e = hn::LoadU(d, exponent + i), top = hn::LoadU(d, largest + i), old = hn::LoadU(d, sum + i);
    const auto isUnseen = hn::Eq(e, hn::Set(d, -std::numeric_limits<double>::infinity()));
    const auto next = hn::IfThenElse(hn::IsNaN(e), e, hn::Max(top, e));
    const auto kept = hn::Mul(old, DecayExp(d, hn::Sub(top, next)));
    const auto added = hn::MulAdd(hn::LoadU(d, value + i), DecayExp(d, hn::Sub(e, next)), kept);
    hn::StoreU(hn::IfThenElse(isUnseen, old, added), d, sum + i);
    hn::StoreU(hn::IfThenElse(isUnseen, top, next), d, largest + i);
  }
}

void ReadLogSum(const double* HWY_RESTRICT sum, const double* HWY_RESTRICT largest,
                const double* HWY_RESTRICT exponent, int64_t width, double* HWY_RESTRICT out) {
  const Lanes<double> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t i = 0; i < width; i += lanes) {
    const auto e = hn::Add(hn::LoadU(d, largest + i), hn::LoadU(d, exponent + i));
    hn::StoreU(hn::Mul(hn::LoadU(d, sum + i), DecayExp(d, e)), d, out + i);
  }
}

void Exponentials(const double* exponent, int64_t width, double* out) {
  const Lanes<double> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t i = 0; i < width; i += lanes) {
    hn::StoreU(DecayExp(d, hn::LoadU(d, exponent + i)), d, out + i);
  }
}

template <typename T>
void AddWeighted(const T* const* rows, const T* HWY_RESTRICT weights, int64_t count, int64_t width,
                 T* HWY_RESTRICT out) {
  const Lanes<T> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t i = 0; i < width; i += lanes) {
    auto sum = hn::LoadU(d, out + i);
    for (int64_t j = 0; j < count; ++j) {
      sum = hn::MulAdd(hn::LoadU(d, weights + j * width + i), hn::LoadU(d, rows[j] + i), sum);
    }
    hn::StoreU(sum, d, out + i);
  }
}

void Multiply(const double* a, const double* HWY_RESTRICT b, int64_t width, double* out) {
  if (b) {
    for (int64_t i = 0; i < width; ++i) out[i] = a[i] * b[i];
  } else {
    std::copy(a, a + width, out);
  }
}

template <typename T>
void Scale(const T* HWY_RESTRICT factors, int64_t count, T* HWY_RESTRICT values) {
  for (int64_t i = 0; i < count; ++i) values[i] *= factors[i];
}

template <typename T>
void Widen(const T* HWY_RESTRICT from, int64_t count, int64_t width, double* HWY_RESTRICT out) {
  for (int64_t i = 0; i < count; ++i) out[i] = static_cast<double>(from[i]);
  for (int64_t i = count; i < width; ++i) out[i] = 0.0;
}

template <typename T>
void AddGated(const double* HWY_RESTRICT gate, const double* HWY_RESTRICT y, const double* HWY_RESTRICT skip,
              const double* HWY_RESTRICT u, int64_t count, T* HWY_RESTRICT out) {
  for (int64_t i = 0; i < count; ++i) out[i] += static_cast<T>(gate[i] * (y[i] + skip[i] * u[i]));
}

// HWY_EXPORT names functions, not instances of templates.
void AddWeightedFloat(const float* const* rows, const float* weights, int64_t count, int64_t width,
                      float* out) {
  AddWeighted(rows, weights, count, width, out);
}
void AddWeightedDouble(const double* const* rows, const double* weights, int64_t count, int64_t width,
                       double* out) {
  AddWeighted(rows, weights, count, width, out);
}
void ScaleFloat(const float* factors, int64_t count, float* values) { Scale(factors, count, values); }
void ScaleDouble(const double* factors, int64_t count, double* values) { Scale(factors, count, values); }
void WidenFloat(const float* from, int64_t count, int64_t width, double* out) {
  Widen(from, count, width, out);
}
void WidenDouble(const double* from, int64_t count, int64_t width, double* out) {
  Widen(from, count, width, out);
}
void AddGatedFloat(const double* gate, const double* y, const double* skip, const double* u, int64_t count,
                   float* out) {
  AddGated(gate, y, skip, u, count, out);
}
void AddGatedDouble(const double* gate, const double* y, const double* skip, const double* u, int64_t count,
                    double* out) {
  AddGated(gate, y, skip, u, count, out);
}
}  // namespace HWY_NAMESPACE
}  // namespace uc::scan_kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace uc::scan_kernels {

HWY_EXPORT(Advance);
HWY_EXPORT(Transition);
HWY_EXPORT(DecaysLessOne);
HWY_EXPORT(AddLogSum);
HWY_EXPORT(ReadLogSum);
HWY_EXPORT(Exponentials);
HWY_EXPORT(AddWeightedFloat);
HWY_EXPORT(AddWeightedDouble);
HWY_EXPORT(Multiply);
HWY_EXPORT(ScaleFloat);
HWY_EXPORT(ScaleDouble);
HWY_EXPORT(WidenFloat);
HWY_EXPORT(WidenDouble);
HWY_EXPORT(AddGatedFloat);
HWY_EXPORT(AddGatedDouble);

void advance(const Step& step, const double* fed, double* h, double* read) {
  HWY_DYNAMIC_DISPATCH(Advance)(step, fed, h, read);
}
void transition(const double* decayLessOne, const double* remove, const double* write, int64_t state,
                int64_t width, double* h) {
  HWY_DYNAMIC_DISPATCH(Transition)(decayLessOne, remove, write, state, width, h);
}
void decaysLessOne(const double* rate, const double* step, int64_t state, int64_t width, bool isPrecise,
                   double* out) {
  HWY_DYNAMIC_DISPATCH(DecaysLessOne)(rate, step, state, width, isPrecise, out);
}
void addLogSum(const double* exponent, const double* value, int64_t width, double* sum, double* largest) {
  HWY_DYNAMIC_DISPATCH(AddLogSum)(exponent, value, width, sum, largest);
}
void readLogSum(const double* sum, const double* largest, const double* exponent, int64_t width,
                double* out) {
  HWY_DYNAMIC_DISPATCH(ReadLogSum)(sum, largest, exponent, width, out);
}
void exponentials(const double* exponent, int64_t width, double* out) {
  HWY_DYNAMIC_DISPATCH(Exponentials)(exponent, width, out);
}
void multiply(const double* a, const double* b, int64_t width, double* out) {
  HWY_DYNAMIC_DISPATCH(Multiply)(a, b, width, out);
}

#define UC_SCAN_KERNELS(T, NAME)                                                                         \
  template <>                                                                                            \
  void addWeighted(const T* const* rows, const T* weights, int64_t count, int64_t width, T* out) {       \
    HWY_DYNAMIC_DISPATCH(AddWeighted##NAME)(rows, weights, count, width, out);                           \
  }                                                                                                      \
  template <>                                                                                            \
  void scale(const T* factors, int64_t count, T* values) {                                               \
    HWY_DYNAMIC_DISPATCH(Scale##NAME)(factors, count, values);                                           \
  }                                                                                                      \
  template <>                                                                                            \
  void widen(const T* from, int64_t count, int64_t width, double* out) {                                 \
    HWY_DYNAMIC_DISPATCH(Widen##NAME)(from, count, width, out);                                          \
  }                                                                                                      \
  template <>                                                                                            \
  void addGated(const double* gate, const double* y, const double* skip, const double* u, int64_t count, \
                T* out) {                                                                                \
    HWY_DYNAMIC_DISPATCH(AddGated##NAME)(gate, y, skip, u, count, out);                                  \
  }
UC_SCAN_KERNELS(float, Float)
UC_SCAN_KERNELS(double, Double)
#undef UC_SCAN_KERNELS

}  // namespace uc::scan_kernels
#endif
