// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/activations.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/models/activations.cpp"
// clang-format off
#include <hwy/foreach_target.h>
#include "core/simd/exp-inl.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace uc {
namespace HWY_NAMESPACE {
namespace {

// body(tag, i) for whole vectors, then for single values.
template <typename T, class Body>
HWY_INLINE void ForVectors(int64_t size, Body body) {
  const hn::ScalableTag<T> d;
  const auto width = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + width <= size; i += width) body(d, i);
  for (; i < size; ++i) body(hn::CappedTag<T, 1>(), i);
}

// σ(x) by the exponential of −|x|, which does not overflow.
template <class D, class V>
HWY_INLINE V Sigmoid(D d, V x) {
  const V one = hn::Set(d, hn::TFromD<D>(1)), e = DecayExp(d, hn::Neg(hn::Abs(x)));
  return hn::Div(hn::IfThenElse(hn::Lt(x, hn::Zero(d)), e, one), hn::Add(one, e));
}

template <typename T>
HWY_INLINE void Silu(const T* x, T* out, int64_t size) {
  ForVectors<T>(size, [&](auto d, int64_t i) HWY_ATTR {
    const auto value = hn::LoadU(d, x + i);
    hn::StoreU(hn::Mul(value, Sigmoid(d, value)), d, out + i);
  });
}

template <typename T>
HWY_INLINE void SiluAndSigmoid(T* x, T* gate, int64_t size) {
  ForVectors<T>(size, [&](auto d, int64_t i) HWY_ATTR {
    const auto value = hn::LoadU(d, x + i), factor = Sigmoid(d, value);
    hn::StoreU(factor, d, gate + i);
    hn::StoreU(hn::Mul(value, factor), d, x + i);
  });
}

template <typename T>
HWY_INLINE void Softplus(const T* x, T* out, int64_t size) {
  ForVectors<T>(size, [&](auto d, int64_t i) HWY_ATTR {
    const auto value = hn::LoadU(d, x + i), zero = hn::Zero(d);
    const auto positive = hn::IfThenElse(hn::Lt(value, zero), zero, value);  // keeps NaN
    const auto sum = hn::Add(positive, hn::Log1p(d, DecayExp(d, hn::Neg(hn::Abs(value)))));
    hn::StoreU(hn::IfThenElse(hn::Gt(value, hn::Set(d, T(20))), value, sum), d, out + i);
  });
}

template <typename T>
HWY_INLINE void TanhGelu(const T* x, T* out, int64_t size) {
  constexpr T kScale = T(1.5957691216057307118), kCube = T(0.044715);
  ForVectors<T>(size, [&](auto d, int64_t i) HWY_ATTR {
    const auto value = hn::LoadU(d, x + i), square = hn::Mul(value, value);
    const auto bent = hn::MulAdd(hn::Mul(square, value), hn::Set(d, kCube), value);
    hn::StoreU(hn::Mul(value, Sigmoid(d, hn::Mul(hn::Set(d, kScale), bent))), d, out + i);
  });
}

void SiluFloat(const float* x, float* out, int64_t size) { Silu(x, out, size); }
void SiluDouble(const double* x, double* out, int64_t size) { Silu(x, out, size); }
void SiluAndSigmoidFloat(float* x, float* gate, int64_t size) { SiluAndSigmoid(x, gate, size); }
void SiluAndSigmoidDouble(double* x, double* gate, int64_t size) { SiluAndSigmoid(x, gate, size); }
void SoftplusFloat(const float* x, float* out, int64_t size) { Softplus(x, out, size); }
void SoftplusDouble(const double* x, double* out, int64_t size) { Softplus(x, out, size); }
void TanhGeluFloat(const float* x, float* out, int64_t size) { TanhGelu(x, out, size); }
void TanhGeluDouble(const double* x, double* out, int64_t size) { TanhGelu(x, out, size); }

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace uc
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace uc {

HWY_EXPORT(SiluFloat);
HWY_EXPORT(SiluDouble);
HWY_EXPORT(SiluAndSigmoidFloat);
HWY_EXPORT(SiluAndSigmoidDouble);
HWY_EXPORT(SoftplusFloat);
HWY_EXPORT(SoftplusDouble);
HWY_EXPORT(TanhGeluFloat);
HWY_EXPORT(TanhGeluDouble);

void silu(const float* x, float* out, int64_t size) { HWY_DYNAMIC_DISPATCH(SiluFloat)(x, out, size); }
void silu(const double* x, double* out, int64_t size) { HWY_DYNAMIC_DISPATCH(SiluDouble)(x, out, size); }
void siluAndSigmoid(float* x, float* gate, int64_t size) {
  HWY_DYNAMIC_DISPATCH(SiluAndSigmoidFloat)(x, gate, size);
}
void siluAndSigmoid(double* x, double* gate, int64_t size) {
  HWY_DYNAMIC_DISPATCH(SiluAndSigmoidDouble)(x, gate, size);
}
void softplus(const float* x, float* out, int64_t size) { HWY_DYNAMIC_DISPATCH(SoftplusFloat)(x, out, size); }
void softplus(const double* x, double* out, int64_t size) {
  HWY_DYNAMIC_DISPATCH(SoftplusDouble)(x, out, size);
}
void tanhGelu(const float* x, float* out, int64_t size) { HWY_DYNAMIC_DISPATCH(TanhGeluFloat)(x, out, size); }
void tanhGelu(const double* x, double* out, int64_t size) {
  HWY_DYNAMIC_DISPATCH(TanhGeluDouble)(x, out, size);
}

}  // namespace uc
#endif
