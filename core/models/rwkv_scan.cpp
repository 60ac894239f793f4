// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/rwkv_scan.h"

#include "core/models/vectorized.h"

#include <algorithm>
#include <vector>

namespace uc {

namespace {

constexpr int64_t kBlock = 32;  // lanes side by side

// What a block of lanes carries from token to token.
template <typename T>
struct LogSumBlock {
  T numerator[kBlock] = {}, denominator[kBlock] = {}, top[kBlock] = {}, rate[kBlock] = {}, bonus[kBlock] = {};
};

// Of two exponents one is the maximum: its factor is 1, so that each sum needs one exponential.
template <typename T>
UC_INLINE void logSumToken(LogSumBlock<T>& block, const T* keys, const T* values, T* output, T* normalizer) {
  for (int64_t w = 0; w < kBlock; ++w) {
    const T key = keys[w], value = values[w], top = block.top[w];
    const T own = block.bonus[w] + key;
    const T above = own - top;
    const T factor = decay(above > T(0) ? -above : above);
    const T past = above > T(0) ? factor : T(1), now = above > T(0) ? T(1) : factor;
    const T sum = past * block.denominator[w] + now;
    output[w] = (past * block.numerator[w] + now * value) / sum;
    normalizer[w] = sum;

    const T decayed = top + block.rate[w];
    const T gain = key - decayed;
    const T next = decay(gain > T(0) ? -gain : gain);
    const T keep = gain > T(0) ? next : T(1), add = gain > T(0) ? T(1) : next;
    block.numerator[w] = keep * block.numerator[w] + add * value;
    block.denominator[w] = keep * block.denominator[w] + add;
    block.top[w] = gain > T(0) ? key : decayed;
  }
}

template <typename T>
UC_INLINE void logSumBlock(const LogSumScan<T>& scan, int64_t first, int64_t count) {
  LogSumBlock<T> block;
  T* state[3] = {scan.state + first, scan.state + scan.lanes + first, scan.state + 2 * scan.lanes + first};
  std::copy_n(state[0], count, block.numerator);
  std::copy_n(state[1], count, block.denominator);
  std::copy_n(state[2], count, block.top);
  std::copy_n(scan.rate + first, count, block.rate);
  std::copy_n(scan.bonus + first, count, block.bonus);
  T keys[kBlock] = {}, values[kBlock] = {}, output[kBlock], normalizer[kBlock], before[kBlock];
  for (int64_t t = 0; t < scan.tokens; ++t) {
    const int64_t row = t * scan.lanes + first;
    std::copy_n(scan.key + row, count, keys);
    std::copy_n(scan.value + row, count, values);
    for (int64_t w = 0; w < kBlock; ++w) before[w] = block.top[w];
    logSumToken(block, keys, values, output, normalizer);
    std::copy_n(output, count, scan.output + row);
    if (scan.logNormalizer == nullptr) continue;
    for (int64_t w = 0; w < count; ++w) {
      scan.logNormalizer[row + w] = std::log(normalizer[w]) + std::max(before[w], block.bonus[w] + keys[w]);
    }
  }
  std::copy_n(block.numerator, count, state[0]);
  std::copy_n(block.denominator, count, state[1]);
  std::copy_n(block.top, count, state[2]);
}

// One token of one slice: r, k, w (and for RWKV-7 κ and κ ⊙ a) of the head's N keys, `value` and `sum` of the
// slice's values; S in rows of kSlice values.
template <typename T, bool kRemoves>
UC_INLINE void headToken(const HeadScan<T>& scan, int64_t row, int64_t decayRow, int64_t head, const T* value,
                         T* S, T* sum) {
  constexpr int64_t kSlice = HeadScan<T>::kSlice;
  const int64_t N = scan.state;
  const T *r = scan.receptance + row, *k = scan.key + row, *decays = scan.decay + decayRow;
  for (int64_t p = 0; p < kSlice; ++p) sum[p] = T(0);
  if constexpr (kRemoves) {
    const T *removeKey = scan.removeKey + row, *removeWrite = scan.removeWrite + row;
    T removed[kSlice];
    for (int64_t p = 0; p < kSlice; ++p) removed[p] = T(0);
    for (int64_t n = 0; n < N; ++n) {
      for (int64_t p = 0; p < kSlice; ++p) removed[p] += removeKey[n] * S[n * kSlice + p];
    }
    for (int64_t n = 0; n < N; ++n) {
      for (int64_t p = 0; p < kSlice; ++p) {
        const T next = decays[n] * S[n * kSlice + p] - removeWrite[n] * removed[p] + k[n] * value[p];
        S[n * kSlice + p] = next;
        sum[p] += r[n] * next;
      }
    }
  } else {
    const T* bonus = scan.bonus + head * N;
    T own = T(0);
    for (int64_t n = 0; n < N; ++n) {
      own += r[n] * bonus[n] * k[n];
      for (int64_t p = 0; p < kSlice; ++p) {
        const T before = S[n * kSlice + p];
        sum[p] += r[n] * before;
        S[n * kSlice + p] = decays[n] * before + k[n] * value[p];
      }
    }
    for (int64_t p = 0; p < kSlice; ++p) sum[p] += own * value[p];
  }
}

template <typename T, bool kRemoves>
UC_INLINE void headSlice(const HeadScan<T>& scan, int64_t head, int64_t first, int64_t count, T* S) {
  constexpr int64_t kSlice = HeadScan<T>::kSlice;
  const int64_t N = scan.state, lanes = scan.heads * N;
  T* hidden = scan.hidden + head * N * N + first;
  for (int64_t n = 0; n < N; ++n) {
    std::fill_n(S + n * kSlice, kSlice, T(0));
    std::copy_n(hidden + n * N, count, S + n * kSlice);
  }
  T value[kSlice] = {}, sum[kSlice];
  for (int64_t t = 0; t < scan.tokens; ++t) {
    const int64_t row = t * lanes + head * N;
    std::copy_n(scan.value + row + first, count, value);
    headToken<T, kRemoves>(scan, row, t * scan.decayStride + head * N, head, value, S, sum);
    std::copy_n(sum, count, scan.output + row + first);
  }
  for (int64_t n = 0; n < N; ++n) std::copy_n(S + n * kSlice, count, hidden + n * N);
}

template <typename T>
UC_INLINE void headSliceOf(const HeadScan<T>& scan, int64_t head, int64_t first, int64_t count, T* S) {
  if (scan.removeKey != nullptr) {
    headSlice<T, true>(scan, head, first, count, S);
  } else {
    headSlice<T, false>(scan, head, first, count, S);
  }
}

#ifdef UC_HAS_AVX2
template <typename T>
UC_AVX2 void logSumBlockAvx2(const LogSumScan<T>& scan, int64_t first, int64_t count) {
  logSumBlock(scan, first, count);
}
template <typename T>
UC_AVX2 void headSliceAvx2(const HeadScan<T>& scan, int64_t head, int64_t first, int64_t count, T* S) {
  headSliceOf(scan, head, first, count, S);
}
#endif

}  // namespace

template <typename T>
void scanLanes(const LogSumScan<T>& scan, int64_t firstLane, int64_t lastLane) {
  for (int64_t d = firstLane; d < lastLane; d += kBlock) {
    const int64_t count = std::min(kBlock, lastLane - d);
#ifdef UC_HAS_AVX2
    if (hasAvx2()) {
      logSumBlockAvx2(scan, d, count);
      continue;
    }
#endif
    logSumBlock(scan, d, count);
  }
}

template <typename T>
void scanSlices(const HeadScan<T>& scan, int64_t firstSlice, int64_t lastSlice) {
  constexpr int64_t kSlice = HeadScan<T>::kSlice;
  std::vector<T> scratch(static_cast<size_t>(scan.state * kSlice));
  for (int64_t slice = firstSlice; slice < lastSlice; ++slice) {
    const int64_t head = slice / scan.slicesAHead();
    const int64_t first = slice % scan.slicesAHead() * kSlice;
    const int64_t count = std::min(kSlice, scan.state - first);
#ifdef UC_HAS_AVX2
    if (hasAvx2()) {
      headSliceAvx2(scan, head, first, count, scratch.data());
      continue;
    }
#endif
    headSliceOf(scan, head, first, count, scratch.data());
  }
}

template void scanLanes(const LogSumScan<float>&, int64_t, int64_t);
template void scanLanes(const LogSumScan<double>&, int64_t, int64_t);
template void scanSlices(const HeadScan<float>&, int64_t, int64_t);
template void scanSlices(const HeadScan<double>&, int64_t, int64_t);

}  // namespace uc
