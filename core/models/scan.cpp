// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/scan.h"

#include "core/simd/dispatch.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/models/scan.cpp"
// clang-format off
#include <hwy/foreach_target.h>
#include "core/simd/exp-inl.h"
#include "core/simd/lanes-inl.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace uc {
namespace HWY_NAMESPACE {
namespace {

// What a block of lanes keeps from token to token, [N, kLaneBlock] each.
template <typename T>
struct SelectiveBlock {
  T *rate, *hidden;
};

// One token: `step` and `input` of the block's lanes, which are overwritten with the output.
template <typename T>
HWY_INLINE void ScanToken(const SelectiveScan<T>& scan, int64_t t, const SelectiveBlock<T>& block,
                          const T* step, T* lanes) {
  const LaneTag<T> d;
  const T *key = scan.key + t * scan.keyStride, *query = scan.query + t * scan.keyStride;
  for (int64_t w = 0; w < kLaneBlock; w += Width(d)) {
    const auto steps = hn::Load(d, step + w);
    const auto write = hn::Mul(steps, hn::Load(d, lanes + w));
    auto sum = hn::Zero(d);
    for (int64_t n = 0; n < scan.state; ++n) {
      T* hidden = block.hidden + n * kLaneBlock + w;
      const auto decay = DecayExp(d, hn::Mul(steps, hn::Load(d, block.rate + n * kLaneBlock + w)));
      const auto value = hn::MulAdd(decay, hn::Load(d, hidden), hn::Mul(write, hn::Set(d, key[n])));
      hn::Store(value, d, hidden);
      sum = hn::MulAdd(hn::Set(d, query[n]), value, sum);
    }
    hn::Store(sum, d, lanes + w);
  }
}

template <typename T>
HWY_INLINE void ScanLanes(const SelectiveScan<T>& scan, int64_t firstLane, int64_t lastLane) {
  const int64_t N = scan.state, size = N * kLaneBlock;
  AlignedValues<T> scratch((2 * N + 2 * kRowsAhead) * kLaneBlock);
  const SelectiveBlock<T> block{scratch.data(), scratch.data() + size};
  T *step = scratch.data() + 2 * size, *lanes = step + kRowsAhead * kLaneBlock;
  for (int64_t first = firstLane; first < lastLane; first += kLaneBlock) {
    const int64_t count = std::min(kLaneBlock, lastLane - first);
    GatherStates(scan.rate + first * N, N, count, block.rate);
    GatherStates(scan.hidden + first * N, N, count, block.hidden);
    for (int64_t t = 0; t < scan.tokens; t += kRowsAhead) {
      const int64_t row = t * scan.lanes + first, rows = std::min(kRowsAhead, scan.tokens - t);
      LoadRows(scan.step + row, scan.lanes, rows, count, step);
      LoadRows(scan.input + row, scan.lanes, rows, count, lanes);
      for (int64_t i = 0; i < rows; ++i) {
        ScanToken(scan, t + i, block, step + i * kLaneBlock, lanes + i * kLaneBlock);
      }
      StoreRows(lanes, rows, count, scan.output + row, scan.lanes);
    }
    ScatterStates(block.hidden, N, count, scan.hidden + first * N);
  }
}

// Tokens that a state of Mamba-2 meets in one pass over it. Within them, as matrices (arXiv 2405.21060,
// section 6): the state is read and written once, and a token costs two multiply-adds an entry.
constexpr int64_t kTogether = 4;

// What kTogether tokens of one head do to any of its lanes.
template <typename T>
struct HeadTokens {
  T decay[kTogether];           // from before the first to token i
  T mix[kTogether][kTogether];  // of the write at j in the output at i ≥ j
  T remain[kTogether];          // of the write at j in the state after the last
  const T* key[kTogether];      // [N]
  const T* query[kTogether];    // [N]
};

template <typename T>
HWY_INLINE HeadTokens<T> PlanTokens(const HeadScan<T>& scan, int64_t head, int64_t t, int64_t count) {
  HeadTokens<T> plan = {};
  const int64_t offset = head * scan.groups / scan.heads * scan.state;
  for (int64_t i = 0; i < kTogether; ++i) {
    const int64_t row = (t + std::min(i, count - 1)) * scan.stride + offset;
    plan.key[i] = scan.key + row;
    plan.query[i] = scan.query + row;
  }
  T carried[kTogether] = {};  // of the write at j in the state after i
  T decay = T(1);
  for (int64_t i = 0; i < count; ++i) {
    const T step = scan.step[(t + i) * scan.heads + head];
    const T kept = DecayExpOf(step * scan.rate[head]);
    decay *= kept;
    plan.decay[i] = decay;
    for (int64_t j = 0; j < i; ++j) carried[j] *= kept;
    carried[i] = step;
    for (int64_t j = 0; j <= i; ++j) {
      plan.mix[i][j] = carried[j] * DotProduct(plan.query[i], plan.key[j], scan.state);
    }
  }
  std::copy_n(carried, kTogether, plan.remain);
  return plan;
}

// `lanes` [kTogether, kLaneBlock]: inputs, then outputs. What follows the last token has a `remain` of 0.
template <typename T>
HWY_INLINE void ScanTokens(const HeadTokens<T>& plan, int64_t N, T decay, T* HWY_RESTRICT hidden,
                           T* HWY_RESTRICT lanes) {
  const LaneTag<T> d;
  const auto all = hn::Set(d, decay);
  for (int64_t w = 0; w < kLaneBlock; w += Width(d)) {
    using V = hn::Vec<LaneTag<T>>;
    const V in0 = hn::Load(d, lanes + w), in1 = hn::Load(d, lanes + kLaneBlock + w),
            in2 = hn::Load(d, lanes + 2 * kLaneBlock + w), in3 = hn::Load(d, lanes + 3 * kLaneBlock + w);
    const V write0 = hn::Mul(in0, hn::Set(d, plan.remain[0])),
            write1 = hn::Mul(in1, hn::Set(d, plan.remain[1])),
            write2 = hn::Mul(in2, hn::Set(d, plan.remain[2])),
            write3 = hn::Mul(in3, hn::Set(d, plan.remain[3]));
    V sum0 = hn::Zero(d), sum1 = sum0, sum2 = sum0, sum3 = sum0;
    for (int64_t n = 0; n < N; ++n) {
      T* place = hidden + n * kLaneBlock + w;
      const V before = hn::Load(d, place);
      sum0 = hn::MulAdd(before, hn::Set(d, plan.query[0][n]), sum0);
      sum1 = hn::MulAdd(before, hn::Set(d, plan.query[1][n]), sum1);
      sum2 = hn::MulAdd(before, hn::Set(d, plan.query[2][n]), sum2);
      sum3 = hn::MulAdd(before, hn::Set(d, plan.query[3][n]), sum3);
      V after = hn::MulAdd(write0, hn::Set(d, plan.key[0][n]), hn::Mul(before, all));
      after = hn::MulAdd(write1, hn::Set(d, plan.key[1][n]), after);
      after = hn::MulAdd(write2, hn::Set(d, plan.key[2][n]), after);
      after = hn::MulAdd(write3, hn::Set(d, plan.key[3][n]), after);
      hn::Store(after, d, place);
    }
    const V sums[kTogether] = {sum0, sum1, sum2, sum3}, ins[kTogether] = {in0, in1, in2, in3};
    for (int64_t i = 0; i < kTogether; ++i) {
      V out = hn::Mul(sums[i], hn::Set(d, plan.decay[i]));
      for (int64_t j = 0; j <= i; ++j) out = hn::MulAdd(ins[j], hn::Set(d, plan.mix[i][j]), out);
      hn::Store(out, d, lanes + i * kLaneBlock + w);
    }
  }
}

template <typename T>
HWY_INLINE void ScanHeads(const HeadScan<T>& scan, int64_t firstLane, int64_t lastLane) {
  const int64_t N = scan.state, lanesInAll = scan.heads * scan.lanesAHead;
  AlignedValues<T> scratch((N + kRowsAhead) * kLaneBlock);
  T *hidden = scratch.data(), *lanes = hidden + N * kLaneBlock;
  for (int64_t first = firstLane, end = first; first < lastLane; first = end) {
    const int64_t head = first / scan.lanesAHead;
    end = std::min({first + kLaneBlock, lastLane, (head + 1) * scan.lanesAHead});
    const int64_t width = end - first;
    GatherStates(scan.hidden + first * N, N, width, hidden);
    for (int64_t t = 0; t < scan.tokens; t += kRowsAhead) {
      const int64_t rows = std::min(kRowsAhead, scan.tokens - t);
      LoadRows(scan.input + t * scan.stride + first, scan.stride, rows, width, lanes);
      for (int64_t i = 0; i < rows; i += kTogether) {
        const int64_t count = std::min(kTogether, rows - i);
        const HeadTokens<T> plan = PlanTokens(scan, head, t + i, count);
        ScanTokens(plan, N, plan.decay[count - 1], hidden, lanes + i * kLaneBlock);
      }
      StoreRows(lanes, rows, width, scan.output + t * lanesInAll + first, lanesInAll);
    }
    ScatterStates(hidden, N, width, scan.hidden + first * N);
  }
}

template <typename T>
HWY_INLINE void ConvolveTokens(const CausalConvolution<T>& c, int64_t firstToken, int64_t lastToken) {
  const hn::ScalableTag<T> d;
  const int64_t whole = c.lanes - c.lanes % Width(d);
  const auto at = [&](auto tag, int64_t t, int64_t lane) HWY_ATTR {
    auto sum = c.bias != nullptr ? hn::LoadU(tag, c.bias + lane) : hn::Zero(tag);
    for (int64_t j = 0; j < c.taps; ++j) {
      const auto input = hn::LoadU(tag, c.input + (t + j) * c.lanes + lane);
      sum = hn::MulAdd(input, hn::LoadU(tag, c.weight + j * c.lanes + lane), sum);
    }
    hn::StoreU(sum, tag, c.output + t * c.lanes + lane);
  };
  for (int64_t t = firstToken; t < lastToken; ++t) {
    for (int64_t lane = 0; lane < whole; lane += Width(d)) at(d, t, lane);
    for (int64_t lane = whole; lane < c.lanes; ++lane) at(hn::CappedTag<T, 1>(), t, lane);
  }
}

UC_KERNELS_OF_BOTH(ScanLanes, SelectiveScan)
UC_KERNELS_OF_BOTH(ScanHeads, HeadScan)
UC_KERNELS_OF_BOTH(ConvolveTokens, CausalConvolution)

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace uc
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace uc {

UC_DISPATCH_BOTH(scanLanes, ScanLanes, SelectiveScan)
UC_DISPATCH_BOTH(scanHeads, ScanHeads, HeadScan)
UC_DISPATCH_BOTH(convolveTokens, ConvolveTokens, CausalConvolution)

}  // namespace uc
#endif
