// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "gpu/kernel.h"
#include "gpu/layer.h"

#include <cmath>
#include <cstdint>

/// What several kernels compute. Device code; included by kernel sources only.
namespace uc::gpu {

inline constexpr int kBlock = 64;  // tokens of a block: inside one, exponents stay near zero

inline unsigned blocksFor(int64_t count, int64_t size) {
  return static_cast<unsigned>((count + size - 1) / size);
}

UC_DEVICE bool isNan(double x) { return x != x; }
UC_DEVICE bool isInfinite(double x) { return x > 0x1.fffffffffffffp1023 || x < -0x1.fffffffffffffp1023; }

template <typename T>
UC_DEVICE T magnitude(T value) {
  return value < T(0) ? -value : value;
}

/// The one of larger magnitude, with its sign. NaN stays NaN; of equal magnitudes the earlier stays.
template <typename T>
UC_DEVICE T larger(T earlier, T value) {
  return magnitude(value) <= magnitude(earlier) || isNan(earlier) ? earlier : value;
}

/// exp of what is not positive. What would be denormal is 0; NaN stays NaN.
UC_DEVICE float decayExp(float x) { return x < -87.0F ? 0.0F : expf(x); }
UC_DEVICE double decayExp(double x) { return x < -708.0 ? 0.0 : exp(x); }

/// exp(x) − 1: what a state loses at a step, however little.
UC_DEVICE float decayLess1(float x) { return expm1f(x); }
UC_DEVICE double decayLess1(double x) { return expm1(x); }

UC_DEVICE float logarithm(float x) { return logf(x); }
UC_DEVICE double logarithm(double x) { return log(x); }

template <typename T>
UC_DEVICE T notANumber() {
  return static_cast<T>(NAN);
}

/// Sums of log decays up to somewhere. Differences of them are what lies between; a sum of infinities has no
/// differences, so what is not finite is counted apart: NaN as 1, an infinity as a small part of it.
struct DecaySum {
  double sum;
  double broken;
};

UC_DEVICE void addDecay(DecaySum& to, double logDecay) {
  if (isNan(logDecay)) {
    to.broken += 1.0;
  } else if (isInfinite(logDecay)) {
    to.broken += 0x1p-40;
  } else {
    to.sum += logDecay;
  }
}

template <typename T>
UC_DEVICE T decayBetween(const DecaySum& from, const DecaySum& to) {
  const double broken = to.broken - from.broken;
  if (broken > 0.0) return broken < 1.0 ? T(0) : notANumber<T>();
  return decayExp(static_cast<T>(to.sum - from.sum));
}

/// α[t,s], s ≤ t, of a kind whose entries need nothing between s and t. Logits and exponents in double: large
/// keys cancel in them.
template <typename T>
UC_DEVICE T entryOf(const Layer<T>& layer, int64_t c, int64_t t, int64_t s) {
  double exponent = -static_cast<double>(layer.perScan(layer.logNormalizer, t, c));
  if (layer.kind == Kind::Softmax) {
    if (s + layer.window <= t) return T(0);
    const T *query = layer.queryAt(t, c), *key = layer.keyAt(s, c);
    for (int64_t n = 0; n < layer.state; ++n) {
      exponent += static_cast<double>(query[n]) * static_cast<double>(key[n]);
    }
  } else if (s == t) {
    exponent += static_cast<double>(layer.perScan(layer.diagonal, t, c));
  } else {
    exponent += static_cast<double>(layer.perScan(layer.logKey, s, c)) +
                static_cast<double>(t - 1 - s) * static_cast<double>(layer.rate[c]);
  }
  return decayExp(static_cast<T>(exponent));
}

/// α[t,t], of any kind.
template <typename T>
UC_DEVICE T diagonalEntry(const Layer<T>& layer, int64_t c, int64_t t) {
  if (layer.kind == Kind::LogSum || layer.kind == Kind::Softmax) return entryOf(layer, c, t, t);
  if (layer.readsBeforeDecay) return layer.perScan(layer.diagonal, t, c);
  const T *query = layer.queryAt(t, c), *key = layer.keyAt(t, c);
  double sum = 0.0;
  for (int64_t n = 0; n < layer.state; ++n)
    sum += static_cast<double>(query[n]) * static_cast<double>(key[n]);
  return static_cast<T>(sum * static_cast<double>(layer.keyScaleAt(t, c)));
}

}  // namespace uc::gpu
