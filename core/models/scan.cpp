// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/scan.h"

#include "core/models/vectorized.h"

#include <algorithm>
#include <vector>

namespace uc {

namespace {

constexpr int64_t kBlock = 32;  // lanes side by side: four AVX2 vectors of float

template <typename T>
UC_INLINE void scanBlock(const SelectiveScan<T>& scan, int64_t first, int64_t count, T* rate, T* hidden) {
  const int64_t N = scan.state;
  for (int64_t n = 0; n < N; ++n) {
    for (int64_t w = 0; w < kBlock; ++w) {
      const bool isInside = w < count;
      rate[n * kBlock + w] = isInside ? scan.rate[(first + w) * N + n] : T(0);
      hidden[n * kBlock + w] = isInside ? scan.hidden[(first + w) * N + n] : T(0);
    }
  }
  T step[kBlock] = {}, write[kBlock] = {}, sum[kBlock];
  for (int64_t t = 0; t < scan.tokens; ++t) {
    const T* stepRow = scan.step + t * scan.lanes + first;
    const T* inputRow = scan.input + t * scan.lanes + first;
    for (int64_t w = 0; w < count; ++w) {
      step[w] = stepRow[w];
      write[w] = stepRow[w] * inputRow[w];
    }
    for (int64_t w = 0; w < kBlock; ++w) sum[w] = T(0);
    for (int64_t n = 0; n < N; ++n) {
      const T key = scan.key[t * scan.keyStride + n];
      const T query = scan.query[t * scan.keyStride + n];
      const T* rateRow = rate + n * kBlock;
      T* hiddenRow = hidden + n * kBlock;
      for (int64_t w = 0; w < kBlock; ++w) {
        const T value = decay(step[w] * rateRow[w]) * hiddenRow[w] + write[w] * key;
        hiddenRow[w] = value;
        sum[w] += query * value;
      }
    }
    std::copy(sum, sum + count, scan.output + t * scan.lanes + first);
  }
  for (int64_t n = 0; n < N; ++n) {
    for (int64_t w = 0; w < count; ++w) scan.hidden[(first + w) * N + n] = hidden[n * kBlock + w];
  }
}

// Lanes [first, first + count) of one head.
template <typename T>
UC_INLINE void scanHeadBlock(const HeadScan<T>& scan, int64_t first, int64_t count, T* hidden) {
  const int64_t N = scan.state, head = first / scan.lanesAHead, lanes = scan.heads * scan.lanesAHead;
  const int64_t group = head * scan.groups / scan.heads;
  for (int64_t n = 0; n < N; ++n) {
    for (int64_t w = 0; w < kBlock; ++w)
      hidden[n * kBlock + w] = w < count ? scan.hidden[(first + w) * N + n] : T(0);
  }
  T write[kBlock] = {}, sum[kBlock];
  for (int64_t t = 0; t < scan.tokens; ++t) {
    const T step = scan.step[t * scan.heads + head];
    const T kept = decay(step * scan.rate[head]);
    const T* inputRow = scan.input + t * scan.stride + first;
    const T* keyRow = scan.key + t * scan.stride + group * N;
    const T* queryRow = scan.query + t * scan.stride + group * N;
    for (int64_t w = 0; w < count; ++w) write[w] = step * inputRow[w];
    for (int64_t w = 0; w < kBlock; ++w) sum[w] = T(0);
    for (int64_t n = 0; n < N; ++n) {
      const T key = keyRow[n], query = queryRow[n];
      T* hiddenRow = hidden + n * kBlock;
      for (int64_t w = 0; w < kBlock; ++w) {
        const T value = kept * hiddenRow[w] + write[w] * key;
        hiddenRow[w] = value;
        sum[w] += query * value;
      }
    }
    std::copy(sum, sum + count, scan.output + t * lanes + first);
  }
  for (int64_t n = 0; n < N; ++n) {
    for (int64_t w = 0; w < count; ++w) scan.hidden[(first + w) * N + n] = hidden[n * kBlock + w];
  }
}

template <typename T>
UC_INLINE void convolveRow(const CausalConvolution<T>& c, int64_t t) {
  T* output = c.output + t * c.lanes;
  for (int64_t d = 0; d < c.lanes; ++d) output[d] = c.bias != nullptr ? c.bias[d] : T(0);
  for (int64_t j = 0; j < c.taps; ++j) {
    const T* input = c.input + (t + j) * c.lanes;
    const T* weight = c.weight + j * c.lanes;
    for (int64_t d = 0; d < c.lanes; ++d) output[d] += weight[d] * input[d];
  }
}

#ifdef UC_HAS_AVX2
template <typename T>
UC_AVX2 void scanBlockAvx2(const SelectiveScan<T>& scan, int64_t first, int64_t count, T* rate, T* hidden) {
  scanBlock(scan, first, count, rate, hidden);
}
template <typename T>
UC_AVX2 void scanHeadBlockAvx2(const HeadScan<T>& scan, int64_t first, int64_t count, T* hidden) {
  scanHeadBlock(scan, first, count, hidden);
}
template <typename T>
UC_AVX2 void convolveRowAvx2(const CausalConvolution<T>& convolution, int64_t t) {
  convolveRow(convolution, t);
}
#endif

}  // namespace

template <typename T>
void scanLanes(const SelectiveScan<T>& scan, int64_t firstLane, int64_t lastLane) {
  std::vector<T> scratch(static_cast<size_t>(2 * scan.state * kBlock));
  T* rate = scratch.data();
  T* hidden = rate + scan.state * kBlock;
  for (int64_t d = firstLane; d < lastLane; d += kBlock) {
    const int64_t count = std::min(kBlock, lastLane - d);
#ifdef UC_HAS_AVX2
    if (hasAvx2()) {
      scanBlockAvx2(scan, d, count, rate, hidden);
      continue;
    }
#endif
    scanBlock(scan, d, count, rate, hidden);
  }
}

template <typename T>
void scanHeads(const HeadScan<T>& scan, int64_t firstLane, int64_t lastLane) {
  std::vector<T> hidden(static_cast<size_t>(scan.state * kBlock));
  for (int64_t d = firstLane, end = d; d < lastLane; d = end) {
    const int64_t headEnd = (d / scan.lanesAHead + 1) * scan.lanesAHead;
    end = std::min({d + kBlock, lastLane, headEnd});
#ifdef UC_HAS_AVX2
    if (hasAvx2()) {
      scanHeadBlockAvx2(scan, d, end - d, hidden.data());
      continue;
    }
#endif
    scanHeadBlock(scan, d, end - d, hidden.data());
  }
}

template <typename T>
void convolveTokens(const CausalConvolution<T>& convolution, int64_t firstToken, int64_t lastToken) {
  for (int64_t t = firstToken; t < lastToken; ++t) {
#ifdef UC_HAS_AVX2
    if (hasAvx2()) {
      convolveRowAvx2(convolution, t);
      continue;
    }
#endif
    convolveRow(convolution, t);
  }
}

template void scanLanes(const SelectiveScan<float>&, int64_t, int64_t);
template void scanLanes(const SelectiveScan<double>&, int64_t, int64_t);
template void scanHeads(const HeadScan<float>&, int64_t, int64_t);
template void scanHeads(const HeadScan<double>&, int64_t, int64_t);
template void convolveTokens(const CausalConvolution<float>&, int64_t, int64_t);
template void convolveTokens(const CausalConvolution<double>&, int64_t, int64_t);

}  // namespace uc
