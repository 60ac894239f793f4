// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/rwkv_scan.h"

#include "core/simd/dispatch.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/models/rwkv_scan.cpp"
// clang-format off
#include <hwy/foreach_target.h>
#include "core/simd/exp-inl.h"
#include "core/simd/lanes-inl.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace uc {
namespace HWY_NAMESPACE {
namespace {

// What a block of lanes has at hand, [kLaneBlock] each.
struct LogSumBlock {
  explicit LogSumBlock(double* values)
      : numerator(values),
        denominator(values + kLaneBlock),
        top(values + 2 * kLaneBlock),
        rate(values + 3 * kLaneBlock),
        bonus(values + 4 * kLaneBlock),
        key(values + 5 * kLaneBlock),
        value(values + 6 * kLaneBlock),
        normalizer(values + 7 * kLaneBlock) {}
  static constexpr int64_t kSize = 8 * kLaneBlock;
  double *numerator, *denominator, *top, *rate, *bonus, *key, *value, *normalizer;
};

// One token; `value` becomes the output. Of two exponents one is the maximum: its factor is 1, so that each
// sum needs one exponential.
HWY_INLINE void LogSumToken(const LogSumBlock& block, bool wantsNormalizer) {
  const LaneTag<double> d;
  const auto one = hn::Set(d, 1.0), zero = hn::Zero(d);
  for (int64_t w = 0; w < kLaneBlock; w += Width(d)) {
    const auto key = hn::Load(d, block.key + w), value = hn::Load(d, block.value + w);
    const auto numerator = hn::Load(d, block.numerator + w), denominator = hn::Load(d, block.denominator + w);
    const auto top = hn::Load(d, block.top + w);
    const auto own = hn::Add(hn::Load(d, block.bonus + w), key), above = hn::Sub(own, top);
    const auto isOwnTop = hn::Gt(above, zero);
    const auto factor = DecayExp(d, hn::IfThenElse(isOwnTop, hn::Neg(above), above));
    const auto past = hn::IfThenElse(isOwnTop, factor, one), now = hn::IfThenElse(isOwnTop, one, factor);
    const auto sum = hn::MulAdd(past, denominator, now);
    hn::Store(hn::Div(hn::MulAdd(past, numerator, hn::Mul(now, value)), sum), d, block.value + w);
    if (wantsNormalizer) {
      hn::Store(hn::Add(hn::Log(d, sum), hn::IfThenElse(isOwnTop, own, top)), d, block.normalizer + w);
    }

    const auto decayed = hn::Add(top, hn::Load(d, block.rate + w)), gain = hn::Sub(key, decayed);
    const auto isKeyTop = hn::Gt(gain, zero);
    const auto next = DecayExp(d, hn::IfThenElse(isKeyTop, hn::Neg(gain), gain));
    const auto keep = hn::IfThenElse(isKeyTop, next, one), add = hn::IfThenElse(isKeyTop, one, next);
    hn::Store(hn::MulAdd(keep, numerator, hn::Mul(add, value)), d, block.numerator + w);
    hn::Store(hn::MulAdd(keep, denominator, add), d, block.denominator + w);
    hn::Store(hn::IfThenElse(isKeyTop, key, decayed), d, block.top + w);
  }
}

template <typename T>
HWY_INLINE void ScanLanes(const LogSumScan<T>& scan, int64_t firstLane, int64_t lastLane) {
  AlignedValues<double> values(LogSumBlock::kSize);
  const LogSumBlock block(values.data());
  const bool wantsNormalizer = scan.logNormalizer != nullptr;
  for (int64_t first = firstLane; first < lastLane; first += kLaneBlock) {
    const int64_t count = std::min(kLaneBlock, lastLane - first);
    double* state = scan.state + first;
    LoadRow(state, count, block.numerator);
    LoadRow(state + scan.lanes, count, block.denominator);
    LoadRow(state + 2 * scan.lanes, count, block.top);
    LoadRow(scan.rate + first, count, block.rate);
    LoadRow(scan.bonus + first, count, block.bonus);
    for (int64_t t = 0; t < scan.tokens; ++t) {
      const int64_t row = t * scan.lanes + first;
      LoadRow(scan.key + row, count, block.key);
      LoadRow(scan.value + row, count, block.value);
      LogSumToken(block, wantsNormalizer);
      StoreRow(block.value, count, scan.output + row);
      if (wantsNormalizer) std::copy_n(block.normalizer, count, scan.logNormalizer + row);
    }
    std::copy_n(block.numerator, count, state);
    std::copy_n(block.denominator, count, state + scan.lanes);
    std::copy_n(block.top, count, state + 2 * scan.lanes);
  }
}

// One token of one slice: r, k, w (and for RWKV-7 κ and κ ⊙ a) of the head's N keys; `value` of the slice's
// values, which becomes the output; S in rows of kLaneBlock values.
template <typename T>
HWY_INLINE void HeadToken(const MatrixScan<T>& scan, int64_t row, const T* decay, const T* bonus,
                          T* HWY_RESTRICT S, T* HWY_RESTRICT value) {
  const LaneTag<T> d;
  const T *r = scan.receptance + row, *k = scan.key + row;
  T own = T(0);
  for (int64_t n = 0; n < scan.state; ++n) own += r[n] * bonus[n] * k[n];
  for (int64_t w = 0; w < kLaneBlock; w += Width(d)) {
    const auto input = hn::Load(d, value + w);
    auto sum = hn::Mul(hn::Set(d, own), input);
    for (int64_t n = 0; n < scan.state; ++n) {
      T* place = S + n * kLaneBlock + w;
      const auto before = hn::Load(d, place);
      sum = hn::MulAdd(hn::Set(d, r[n]), before, sum);
      hn::Store(hn::MulAdd(hn::Set(d, decay[n]), before, hn::Mul(hn::Set(d, k[n]), input)), d, place);
    }
    hn::Store(sum, d, value + w);
  }
}

template <typename T>
HWY_INLINE void RemovingToken(const MatrixScan<T>& scan, int64_t row, const T* decay, T* HWY_RESTRICT S,
                              T* HWY_RESTRICT value) {
  const LaneTag<T> d;
  const T *r = scan.receptance + row, *k = scan.key + row;
  const T *removeKey = scan.removeKey + row, *removeWrite = scan.removeWrite + row;
  for (int64_t w = 0; w < kLaneBlock; w += Width(d)) {
    const auto input = hn::Load(d, value + w);
    auto removed = hn::Zero(d), sum = removed;
    for (int64_t n = 0; n < scan.state; ++n) {
      removed = hn::MulAdd(hn::Set(d, removeKey[n]), hn::Load(d, S + n * kLaneBlock + w), removed);
    }
    for (int64_t n = 0; n < scan.state; ++n) {
      T* place = S + n * kLaneBlock + w;
      const auto written =
          hn::NegMulAdd(hn::Set(d, removeWrite[n]), removed, hn::Mul(hn::Set(d, k[n]), input));
      const auto next = hn::MulAdd(hn::Set(d, decay[n]), hn::Load(d, place), written);
      hn::Store(next, d, place);
      sum = hn::MulAdd(hn::Set(d, r[n]), next, sum);
    }
    hn::Store(sum, d, value + w);
  }
}

template <typename T>
HWY_INLINE void ScanSlices(const MatrixScan<T>& scan, int64_t firstSlice, int64_t lastSlice) {
  static_assert(MatrixScan<T>::kSlice == kLaneBlock);
  const int64_t N = scan.state, lanes = scan.heads * N;
  AlignedValues<T> scratch((N + 1) * kLaneBlock);
  T *value = scratch.data(), *S = value + kLaneBlock;
  for (int64_t slice = firstSlice; slice < lastSlice; ++slice) {
    const int64_t head = slice / scan.slicesAHead(), first = slice % scan.slicesAHead() * kLaneBlock;
    const int64_t count = std::min(kLaneBlock, N - first);
    T* hidden = scan.hidden + head * N * N + first;
    for (int64_t n = 0; n < N; ++n) LoadRow(hidden + n * N, count, S + n * kLaneBlock);
    for (int64_t t = 0; t < scan.tokens; ++t) {
      const int64_t row = t * lanes + head * N;
      const T* decay = scan.decay + t * scan.decayStride + head * N;
      LoadRow(scan.value + row + first, count, value);
      if (scan.removeKey != nullptr) {
        RemovingToken(scan, row, decay, S, value);
      } else {
        HeadToken(scan, row, decay, scan.bonus + head * N, S, value);
      }
      StoreRow(value, count, scan.output + row + first);
    }
    for (int64_t n = 0; n < N; ++n) std::copy_n(S + n * kLaneBlock, count, hidden + n * N);
  }
}

UC_KERNELS_OF_BOTH(ScanLanes, LogSumScan)
UC_KERNELS_OF_BOTH(ScanSlices, MatrixScan)

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace uc
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace uc {

UC_DISPATCH_BOTH(scanLanes, ScanLanes, LogSumScan)
UC_DISPATCH_BOTH(scanSlices, ScanSlices, MatrixScan)

}  // namespace uc
#endif
