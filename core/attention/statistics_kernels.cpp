// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/statistics_kernels.h"

#include <cmath>

// The order of these is Highway's.
// clang-format off
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/attention/statistics_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace uc::statistics_kernels {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

template <typename T>
void AddMasses(const T* HWY_RESTRICT h, int64_t count, double* HWY_RESTRICT masses) {
  for (int64_t i = 0; i < count; ++i) masses[i] += std::fabs(static_cast<double>(h[i]));
}

/// A piece short enough for sums in T.
template <typename T>
void AddPiece(const T* HWY_RESTRICT h, int64_t count, RowSums& sums) {
  const hn::ScalableTag<T> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  auto mass = hn::Zero(d), signedMass = hn::Zero(d), massLog2 = hn::Zero(d);
  int64_t i = 0;
  const auto add = [&](hn::Vec<decltype(d)> value) {
    const auto w = hn::Abs(value);
    mass = hn::Add(mass, w);
    signedMass = hn::Add(signedMass, value);
    massLog2 = hn::Add(massLog2, hn::IfThenZeroElse(hn::Eq(w, hn::Zero(d)), hn::Mul(w, hn::Log2(d, w))));
  };
  for (; i + lanes <= count; i += lanes) add(hn::LoadU(d, h + i));
  if (i < count) {
    HWY_ALIGN T rest[HWY_MAX_BYTES / sizeof(T)] = {};
    for (int64_t j = i; j < count; ++j) rest[j - i] = h[j];
    add(hn::Load(d, rest));
  }
  sums.mass += static_cast<double>(hn::GetLane(hn::SumOfLanes(d, mass)));
  sums.signedMass += static_cast<double>(hn::GetLane(hn::SumOfLanes(d, signedMass)));
  sums.massLog2 += static_cast<double>(hn::GetLane(hn::SumOfLanes(d, massLog2)));
}

template <typename T>
void AddEntries(const T* h, int64_t count, double* distances, double* columns, RowSums& sums) {
  constexpr int64_t kPiece = 256;
  AddMasses(h, count, distances);
  AddMasses(h, count, columns);
  for (int64_t i = 0; i < count; i += kPiece) AddPiece(h + i, count - i < kPiece ? count - i : kPiece, sums);
}

// HWY_EXPORT names functions, not instances of templates.
void AddEntriesFloat(const float* h, int64_t count, double* distances, double* columns, RowSums& sums) {
  AddEntries(h, count, distances, columns, sums);
}
void AddEntriesDouble(const double* h, int64_t count, double* distances, double* columns, RowSums& sums) {
  AddEntries(h, count, distances, columns, sums);
}

}  // namespace HWY_NAMESPACE
}  // namespace uc::statistics_kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace uc::statistics_kernels {

HWY_EXPORT(AddEntriesFloat);
HWY_EXPORT(AddEntriesDouble);

template <>
void addEntries(const float* h, int64_t count, double* distances, double* columns, RowSums& sums) {
  HWY_DYNAMIC_DISPATCH(AddEntriesFloat)(h, count, distances, columns, sums);
}
template <>
void addEntries(const double* h, int64_t count, double* distances, double* columns, RowSums& sums) {
  HWY_DYNAMIC_DISPATCH(AddEntriesDouble)(h, count, distances, columns, sums);
}

}  // namespace uc::statistics_kernels
#endif
