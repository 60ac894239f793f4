// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/scan.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

// Two copies of each loop in one program, chosen by the processor: the baseline of the compiler and AVX2. The
// bodies are always inlined so that each copy is compiled for its own instructions.
#if defined(__x86_64__) && defined(__GNUC__)
#define UC_HAS_AVX2 1
#define UC_AVX2 __attribute__((target("avx2,fma")))
#endif
#define UC_INLINE inline __attribute__((always_inline))

namespace uc {

namespace {

constexpr int64_t kBlock = 32;  // lanes side by side: four AVX2 vectors of float

// exp for x ≤ 0 to 1.5 units in the last place, 5 times as fast as std::exp because the compiler can
// vectorize it. Polynomial of Cephes' expf; results below 1.6e-38 are rounded up to that, which spares
// denormal numbers.
UC_INLINE float decay(float x) {
  constexpr float kRound =
      12582912.0f;              // 1.5 · 2^23: adding it rounds to an integer and leaves that in the low bits
  x = x < -87.0f ? -87.0f : x;  // written so that NaN stays
  const float shifted = x * 1.44269504f + kRound;
  const float n = shifted - kRound;
  const float r = (x - n * 0.693359375f) - n * -2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  const uint32_t exponent = (std::bit_cast<uint32_t>(shifted) - std::bit_cast<uint32_t>(kRound) + 127u) << 23;
  return p * std::bit_cast<float>(exponent);
}

// Double is for checks to 1e-10, not for speed.
UC_INLINE double decay(double x) { return std::exp(x); }

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
bool hasAvx2() {
  static const bool result = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  return result;
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
