// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT
//
// The exponential of decays, for kernels that Highway compiles once for each processor. Included after
// <hwy/foreach_target.h>, in every round of it: no #pragma once.

#if defined(UC_CORE_SIMD_EXP_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef UC_CORE_SIMD_EXP_INL_H
#undef UC_CORE_SIMD_EXP_INL_H
#else
#define UC_CORE_SIMD_EXP_INL_H
#endif

#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include <cstdint>

HWY_BEFORE_NAMESPACE();
namespace uc {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// exp(x) for x ≤ 0 in float, within 1.5 units in the last place: three times as fast as Highway's own. Below
/// −87.7 the result is 0; the thread should flush denormal results (parallel.h) for those just above. NaN
/// stays NaN. Polynomial of Cephes' expf.
template <class D, class V = hn::Vec<D>>
requires(sizeof(hn::TFromD<D>) == 4) HWY_INLINE V DecayExp(D d, V x) {
  // 1.5 · 2^23: adding it rounds to an integer and leaves that in the low bits, here with the exponent's bias
  const V magic = hn::Set(d, 12582912.0F + 127.0F);
  const V least = hn::Set(d, -88.0F);
  const V clamped = hn::IfThenElse(hn::Lt(x, least), least, x);  // written so that NaN stays
  const V shifted = hn::MulAdd(clamped, hn::Set(d, 1.44269504F), magic);
  const V k = hn::Sub(shifted, magic);
  V r = hn::NegMulAdd(k, hn::Set(d, 0.693359375F), clamped);
  r = hn::NegMulAdd(k, hn::Set(d, -2.12194440e-4F), r);
  V p = hn::Set(d, 1.9875691500e-4F);
  p = hn::MulAdd(p, r, hn::Set(d, 1.3981999507e-3F));
  p = hn::MulAdd(p, r, hn::Set(d, 8.3334519073e-3F));
  p = hn::MulAdd(p, r, hn::Set(d, 4.1665795894e-2F));
  p = hn::MulAdd(p, r, hn::Set(d, 1.6666665459e-1F));
  p = hn::MulAdd(p, r, hn::Set(d, 5.0000001201e-1F));
  p = hn::MulAdd(p, hn::Mul(r, r), hn::Add(r, hn::Set(d, 1.0F)));
  const hn::Rebind<int32_t, D> di;
  return hn::Mul(p, hn::BitCast(d, hn::ShiftLeft<23>(hn::BitCast(di, shifted))));
}

/// The same in double, by Highway's exponential (an ulp). Below −708 the result is 0.
template <class D, class V = hn::Vec<D>>
requires(sizeof(hn::TFromD<D>) == 8) HWY_INLINE V DecayExp(D d, V x) {
  const V result = hn::Exp(d, hn::Max(x, hn::Set(d, -709.0)));
  const V kept = hn::IfThenElse(hn::Lt(x, hn::Set(d, -708.0)), hn::Zero(d), result);
  return hn::IfThenElse(hn::IsNaN(x), x, kept);
}

}  // namespace HWY_NAMESPACE
}  // namespace uc
HWY_AFTER_NAMESPACE();

#endif
