// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/bench/rates.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/bench/exponentials.cpp"
// Once a target, and before what is compiled for it.
// clang-format off
#include <hwy/foreach_target.h>
#include "core/simd/exp-inl.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace uc::bench::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

void DecayExponentials(const float* in, int64_t count, float* out) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes)
    hn::StoreU(uc::HWY_NAMESPACE::DecayExp(d, hn::LoadU(d, in + i)), d, out + i);
  const hn::CappedTag<float, 1> one;
  for (; i < count; ++i) hn::StoreU(uc::HWY_NAMESPACE::DecayExp(one, hn::LoadU(one, in + i)), one, out + i);
}

}  // namespace uc::bench::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace uc::bench {

HWY_EXPORT(DecayExponentials);

void decayExponentials(const float* in, int64_t count, float* out) {
  HWY_DYNAMIC_DISPATCH(DecayExponentials)(in, count, out);
}

}  // namespace uc::bench
#endif
