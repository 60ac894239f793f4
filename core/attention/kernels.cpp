// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT
//
// Compiled with -O3 in every build type: without optimization these loops are fifty times slower.

#include "core/attention/kernels.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#define UC_INLINE [[gnu::always_inline]] inline

namespace uc {
namespace {

template <typename T>
struct ExpConstants;

template <>
struct ExpConstants<float> {
  using Bits = uint32_t;
  static constexpr int kMantissa = 23;
  static constexpr Bits kBias = 127;
  static constexpr float kMagic = 12582912.0F;  // 1.5 · 2^23: adding it rounds to an integer in the low bits
  static constexpr float kLowest = -87.0F;
  static constexpr float kLn2High = 0.693359375F, kLn2Low = -2.12194440e-4F;
  static constexpr int kTerms = 7;
};

template <>
struct ExpConstants<double> {
  using Bits = uint64_t;
  static constexpr int kMantissa = 52;
  static constexpr Bits kBias = 1023;
  static constexpr double kMagic = 6755399441055744.0;  // 1.5 · 2^52
  static constexpr double kLowest = -708.0;
  static constexpr double kLn2High = 6.93147180369123816490e-01, kLn2Low = 1.90821492927058770002e-10;
  static constexpr int kTerms = 13;
};

/// exp of a number that is not positive, by 2^k times a Taylor sum on |r| ≤ ln 2 / 2. About an ulp, and loops
/// over it become vector code, which a call of std::exp prevents.
template <typename T>
UC_INLINE T decay(T x) {
  using C = ExpConstants<T>;
  using Bits = typename C::Bits;
  constexpr T kLog2E = T(1.44269504088896340736);
  const T rounded = x * kLog2E + C::kMagic;
  const T k = rounded - C::kMagic;
  const T r = (x - k * C::kLn2High) - k * C::kLn2Low;
  T sum = T(1);
#pragma GCC unroll 16
  for (int term = C::kTerms; term > 0; --term) sum = sum * r * (T(1) / static_cast<T>(term)) + T(1);
  const Bits power = (std::bit_cast<Bits>(rounded) << C::kMantissa) + (C::kBias << C::kMantissa);
  return x < C::kLowest ? T(0) : sum * std::bit_cast<T>(power);
}

template <typename T>
UC_INLINE void rowFactorsBody(const T* rate, T sum, const T* query, int64_t state, T* out) {
  for (int64_t n = 0; n < state; ++n) out[n] = decay(rate[n] * sum) * query[n];
}

template <typename T>
UC_INLINE void columnFactorsBody(T rate, const T* sums, const T* key, const T* scale, int64_t count, T* out) {
  for (int64_t s = 0; s < count; ++s) out[s] = decay(rate * sums[s]) * (key[s] * scale[s]);
}

template <typename T>
UC_INLINE void scaleRowsBody(const T* u, const T* factor, int64_t rows, int64_t state, T* out) {
  for (int64_t t = 0; t < rows; ++t) {
    for (int64_t n = 0; n < state; ++n) out[t * state + n] = u[t * state + n] * factor[n];
  }
}

/// Few taps in one pass over memory: `K` of them, on top of what `out` holds when kAdds.
template <typename T, int K, bool kAdds>
UC_INLINE void convolvePass(const T* in, const T* weights, int64_t count, T* out) {
  T w[K];
  for (int j = 0; j < K; ++j) w[j] = weights[j];
  for (int64_t s = 0; s < count; ++s) {
    T sum = kAdds ? out[s] : T(0);
#pragma GCC unroll 4
    for (int j = 0; j < K; ++j) sum += w[j] * in[s + j];
    out[s] = sum;
  }
}

template <typename T>
UC_INLINE void convolveBody(const T* in, const T* weights, int64_t taps, int64_t count, T* out) {
  if (taps == 4) {
    convolvePass<T, 4, false>(in, weights, count, out);
    return;
  }
  convolvePass<T, 1, false>(in, weights, count, out);
  for (int64_t j = 1; j < taps; ++j) convolvePass<T, 1, true>(in + j, weights + j, count, out);
}

template <typename T>
UC_INLINE void joinBody(Join join, const T* values, int64_t count, T* sum) {
  switch (join) {
    case Join::One:
      for (int64_t s = 0; s < count; ++s) sum[s] = values[s];
      break;
    case Join::Sum:
      for (int64_t s = 0; s < count; ++s) sum[s] += values[s];
      break;
    case Join::SumAbs:
      for (int64_t s = 0; s < count; ++s) sum[s] += std::fabs(values[s]);
      break;
    case Join::MaxAbs:  // not "greater", so that NaN replaces a number; a NaN already there stays
      for (int64_t s = 0; s < count; ++s) {
        const T best = sum[s];
        const bool isKept = (std::fabs(values[s]) <= std::fabs(best)) | (best != best);
        sum[s] = isKept ? best : values[s];
      }
      break;
    case Join::SumSquares:
      for (int64_t s = 0; s < count; ++s) sum[s] += values[s] * values[s];
      break;
    case Join::SumPositive:
      for (int64_t s = 0; s < count; ++s) sum[s] += values[s] < T(0) ? T(0) : values[s];
      break;
  }
}

template <typename T>
UC_INLINE double dotBody(const T* a, const T* b, int64_t count) {
  double sum = 0.0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < count; ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}

template <typename T>
UC_INLINE void decaysBody(const T* rate, double step, int64_t state, double* out) {
  for (int64_t n = 0; n < state; ++n) out[n] = decay(static_cast<double>(rate[n]) * step);
}

template <typename T>
UC_INLINE double forwardBody(const double* decays, const T* key, double inject, const T* query, int64_t state,
                             double* h) {
  if (decays) {
#pragma omp simd
    for (int64_t n = 0; n < state; ++n) h[n] *= decays[n];
  }
  if (key) {
#pragma omp simd
    for (int64_t n = 0; n < state; ++n) h[n] += static_cast<double>(key[n]) * inject;
  }
  double sum = 0.0;
#pragma omp simd reduction(+ : sum)
  for (int64_t n = 0; n < state; ++n) sum += static_cast<double>(query[n]) * h[n];
  return sum;
}

template <typename T>
UC_INLINE double backwardBody(const double* decays, const T* key, const T* query, double value, int64_t state,
                              double* lambda) {
  if (query) {
#pragma omp simd
    for (int64_t n = 0; n < state; ++n) lambda[n] += static_cast<double>(query[n]) * value;
  }
  double sum = 0.0;
#pragma omp simd reduction(+ : sum)
  for (int64_t n = 0; n < state; ++n) sum += static_cast<double>(key[n]) * lambda[n];
  if (decays) {
#pragma omp simd
    for (int64_t n = 0; n < state; ++n) lambda[n] *= decays[n];
  }
  return sum;
}

template <typename T>
UC_INLINE void transitionBody(const double* decays, const T* remove, const T* write, int64_t state,
                              double* h) {
  double removed = 0.0;
#pragma omp simd reduction(+ : removed)
  for (int64_t n = 0; n < state; ++n) removed += h[n] * static_cast<double>(remove[n]);
#pragma omp simd
  for (int64_t n = 0; n < state; ++n) h[n] = decays[n] * h[n] - removed * static_cast<double>(write[n]);
}

}  // namespace

// The bodies above, once for each processor: a target attribute belongs to a function, not to what is inlined
// into it.
#define UC_KERNELS(NAME, TARGET)                                                                         \
  namespace {                                                                                            \
  template <typename T>                                                                                  \
  struct NAME {                                                                                          \
    TARGET static void rowFactors(const T* rate, T sum, const T* query, int64_t state, T* out) {         \
      rowFactorsBody(rate, sum, query, state, out);                                                      \
    }                                                                                                    \
    TARGET static void columnFactors(T rate, const T* sums, const T* key, const T* scale, int64_t count, \
                                     T* out) {                                                           \
      columnFactorsBody(rate, sums, key, scale, count, out);                                             \
    }                                                                                                    \
    TARGET static void scaleRows(const T* u, const T* factor, int64_t rows, int64_t state, T* out) {     \
      scaleRowsBody(u, factor, rows, state, out);                                                        \
    }                                                                                                    \
    TARGET static void convolve(const T* in, const T* weights, int64_t taps, int64_t count, T* out) {    \
      convolveBody(in, weights, taps, count, out);                                                       \
    }                                                                                                    \
    TARGET static void join(Join join, const T* values, int64_t count, T* sum) {                         \
      joinBody(join, values, count, sum);                                                                \
    }                                                                                                    \
    TARGET static double dot(const T* a, const T* b, int64_t count) { return dotBody(a, b, count); }     \
    TARGET static void decays(const T* rate, double step, int64_t state, double* out) {                  \
      decaysBody(rate, step, state, out);                                                                \
    }                                                                                                    \
    TARGET static double forward(const double* decays, const T* key, double inject, const T* query,      \
                                 int64_t state, double* h) {                                             \
      return forwardBody(decays, key, inject, query, state, h);                                          \
    }                                                                                                    \
    TARGET static double backward(const double* decays, const T* key, const T* query, double value,      \
                                  int64_t state, double* lambda) {                                       \
      return backwardBody(decays, key, query, value, state, lambda);                                     \
    }                                                                                                    \
    TARGET static void transition(const double* decays, const T* remove, const T* write, int64_t state,  \
                                  double* h) {                                                           \
      transitionBody(decays, remove, write, state, h);                                                   \
    }                                                                                                    \
    static constexpr Kernels<T> kTable = {rowFactors, columnFactors, scaleRows, convolve, join,          \
                                          dot,        decays,        forward,   backward, transition};   \
  };                                                                                                     \
  }

UC_KERNELS(Plain, )
#if defined(__x86_64__)
UC_KERNELS(Avx2, [[gnu::target("avx2,fma")]])
#endif

Join joinOf(Merge merge) {
  switch (merge) {
    case Merge::Mean:
      return Join::Sum;
    case Merge::MeanAbs:
      return Join::SumAbs;
    case Merge::MaxAbs:
      return Join::MaxAbs;
    case Merge::L2:
      return Join::SumSquares;
    case Merge::PositiveMean:
      return Join::SumPositive;
  }
  return Join::Sum;
}

template <typename T>
const Kernels<T>& kernels() {
#if defined(__x86_64__)
  static const bool hasAvx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (hasAvx2) return Avx2<T>::kTable;
#endif
  return Plain<T>::kTable;
}

template const Kernels<float>& kernels<float>();
template const Kernels<double>& kernels<double>();

}  // namespace uc
