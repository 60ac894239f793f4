// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

// For plain loops that the compiler vectorizes, in two copies in one program: the compiler's baseline and
// AVX2, chosen by the processor. A body is UC_INLINE, so that each copy is compiled for its own instructions;
// the AVX2 copy is a function marked UC_AVX2 that calls it.
#if defined(__x86_64__) && defined(__GNUC__)
#define UC_HAS_AVX2 1
#define UC_AVX2 __attribute__((target("avx2,fma")))
#endif
#define UC_INLINE inline __attribute__((always_inline))

namespace uc {

#ifdef UC_HAS_AVX2
inline bool hasAvx2() {
  static const bool result = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  return result;
}
#endif

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

}  // namespace uc
