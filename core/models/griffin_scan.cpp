// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/griffin_scan.h"

#include "core/simd/dispatch.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/models/griffin_scan.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace uc {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

template <class D, typename T>
HWY_INLINE void Advance(D d, const GatedScan<T>& scan, int64_t row, int64_t lane) {
  const auto write = hn::Mul(hn::LoadU(d, scan.key + row + lane), hn::LoadU(d, scan.input + row + lane));
  const auto h = hn::MulAdd(hn::LoadU(d, scan.values + row + lane), hn::LoadU(d, scan.hidden + lane), write);
  hn::StoreU(h, d, scan.hidden + lane);
  hn::StoreU(h, d, scan.values + row + lane);
}

template <typename T>
HWY_INLINE void Scan(const GatedScan<T>& scan, int64_t firstLane, int64_t lastLane) {
  const hn::ScalableTag<T> d;
  const auto width = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t t = 0; t < scan.tokens; ++t) {
    int64_t lane = firstLane;
    for (; lane + width <= lastLane; lane += width) Advance(d, scan, t * scan.lanes, lane);
    for (; lane < lastLane; ++lane) Advance(hn::CappedTag<T, 1>(), scan, t * scan.lanes, lane);
  }
}

UC_KERNELS_OF_BOTH(Scan, GatedScan)

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace uc
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace uc {

UC_DISPATCH_BOTH(scanLanes, Scan, GatedScan)

}  // namespace uc
#endif
