// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "gpu/forward_scan.h"
#include "gpu/scan.h"
#include "gpu/scan_gradient.h"
#include "tests/gpu/random_layer.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <utility>
#include <vector>

/// The scans against their definition in long double: each check gives its error as a share of the largest
/// value.
namespace uc::gpu::selftest {

/// How far what is on the device is from what was expected.
template <typename T>
double errorOf(const Buffer<T>& found, const std::vector<long double>& expected, Stream& stream) {
  std::vector<T> values(expected.size());
  stream.download(values.data(), found.data(), values.size() * sizeof(T));
  long double worst = 0, largest = 0;
  for (size_t i = 0; i < expected.size(); ++i) {
    const long double gap = std::abs(expected[i] - static_cast<long double>(values[i]));
    worst = gap <= worst ? worst : gap;
    largest = std::max(largest, std::abs(expected[i]));
  }
  return static_cast<double>(worst / largest);
}

/// The layer from token `first` on.
template <typename T>
Layer<T> from(Layer<T> layer, int64_t first, int64_t last) {
  const auto shift = [&](const T*& values, int64_t perToken) {
    if (values != nullptr) values += first * perToken;
  };
  shift(layer.query, layer.queryGroups * layer.state);
  shift(layer.key, layer.keyGroups * layer.state);
  shift(layer.step, layer.scans);
  shift(layer.logDecay, layer.logDecayStride);
  shift(layer.diagonal, layer.scans);
  layer.tokens = last - first;
  return layer;
}

/// y = α u, in two calls that hand the states on.
template <typename T>
double forwardError(const RandomLayer<T>& random, const Layer<T>& device, Stream& stream) {
  const Layer<T>& layer = random.host;
  const int64_t L = layer.tokens, D = layer.lanes, half = L / 2;
  std::vector<long double> expected(static_cast<size_t>(L * D));
  for (int64_t t = 0; t < L; ++t) {
    for (int64_t s = 0; s <= t; ++s) {
      for (int64_t d = 0; d < D; ++d) {
        expected[static_cast<size_t>(t * D + d)] +=
            alphaOf(layer, d / layer.scanLanes(), t, s) * random.input[s * D + d];
      }
    }
  }
  Buffer<T> states(stream, D * layer.state), y(stream, L * D);
  states.zero();
  const T* u = random.onDevice(random.input);
  for (const auto& [first, last] : {std::pair(int64_t{0}, half), std::pair(half, L)}) {
    if (first == last) continue;
    advance(from(device, first, last), u + first * D, states.data(), y.data() + first * D, stream);
  }
  return errorOf(y, expected, stream);
}

/// RWKV-4's output, in two calls. The layer's keys and rates, its input as values, its first token's diagonal
/// as bonus.
template <typename T>
double logSumError(const RandomLayer<T>& random, Stream& stream) {
  const Layer<T>& layer = random.host;
  const int64_t L = layer.tokens, D = layer.lanes, half = L / 2;
  std::vector<long double> expected;
  for (int64_t t = 0; t < L; ++t) {
    for (int64_t d = 0; d < D; ++d) {
      long double numerator = 0, denominator = 0;
      for (int64_t s = 0; s <= t; ++s) {
        const long double exponent = s == t ? static_cast<long double>(layer.diagonal[d])
                                            : static_cast<long double>(t - 1 - s) * layer.rate[d];
        const long double weight = std::exp(exponent + layer.logKey[s * D + d]);
        numerator += weight * random.input[s * D + d];
        denominator += weight;
      }
      expected.push_back(numerator / denominator);
    }
  }
  Buffer<double> state(stream, 3 * D);
  Buffer<T> y(stream, L * D);
  std::vector<double> start(static_cast<size_t>(3 * D), 0.0);
  std::fill(start.begin() + 2 * D, start.end(), -1e38);
  stream.upload(state.data(), start.data(), state.bytes());
  LogSumRun<T> run;
  run.lanes = D;
  run.rate = random.onDevice(layer.rate);
  run.bonus = random.onDevice(layer.diagonal);
  run.state = state.data();
  for (const auto& [first, last] : {std::pair(int64_t{0}, half), std::pair(half, L)}) {
    if (first == last) continue;
    run.tokens = last - first;
    run.key = random.onDevice(layer.logKey) + first * D;
    run.value = random.onDevice(random.input) + first * D;
    run.output = y.data() + first * D;
    advance(run, stream);
  }
  return errorOf(y, expected, stream);
}

/// H x and vᵀ H with all factors.
template <typename T>
double productError(const RandomLayer<T>& random, const Layer<T>& device, Stream& stream) {
  const Layer<T>& layer = random.host;
  const int64_t L = layer.tokens, D = layer.lanes;
  std::vector<long double> product(static_cast<size_t>(L * D)), transposed(product.size());
  for (int64_t d = 0; d < D; ++d) {
    const std::vector<double> map = mapOf(layer, d, static_cast<const T*>(nullptr));
    for (int64_t t = 0; t < L; ++t) {
      for (int64_t s = 0; s <= t; ++s) {
        const long double entry = map[static_cast<size_t>(t * L + s)];
        product[static_cast<size_t>(t * D + d)] += entry * random.input[s * D + d];
        transposed[static_cast<size_t>(s * D + d)] += entry * random.input[t * D + d];
      }
    }
  }
  Buffer<T> out(stream, L * D);
  const T* x = random.onDevice(random.input);
  apply<T>({device}, {nullptr}, x, out.data(), stream, [] {});
  const double error = errorOf(out, product, stream);
  applyTransposed<T>({device}, x, out.data(), stream, [] {});
  return std::max(error, errorOf(out, transposed, stream));
}

/// What SelectiveGradient gives, by the recurrence and its adjoint with all states held; the gradient of y is
/// the input turned around.
struct GradientReference {
  std::vector<long double> starts, step, input, key, query, rate, start;

  template <typename T>
  GradientReference(const Layer<T>& layer, const T* u, const T* gradient) {
    const int64_t L = layer.tokens, D = layer.lanes, N = layer.state;
    const auto sized = [](int64_t size) { return std::vector<long double>(static_cast<size_t>(size)); };
    step = input = sized(L * D);
    key = query = sized(L * N);
    rate = start = sized(D * N);
    starts = sized((L + kGradientChunk - 1) / kGradientChunk * D * N);
    std::vector<long double> h(static_cast<size_t>(L + 1));
    for (int64_t dn = 0; dn < D * N; ++dn) {
      const int64_t d = dn / N, n = dn % N;
      for (int64_t t = 0; t < L; ++t) {
        if (t % kGradientChunk == 0) starts[static_cast<size_t>(t / kGradientChunk * D * N + dn)] = h[t];
        const long double delta = layer.step[t * D + d];
        h[t + 1] = std::exp(delta * layer.rate[dn]) * h[t] + delta * u[t * D + d] * layer.key[t * N + n];
      }
      long double g = 0;
      for (int64_t t = L - 1; t >= 0; --t) {
        const long double delta = layer.step[t * D + d], source = gradient[t * D + d];
        query[t * N + n] += source * h[t + 1];
        g += source * layer.query[t * N + n];
        key[t * N + n] += g * delta * u[t * D + d];
        input[t * D + d] += g * delta * layer.key[t * N + n];
        step[t * D + d] += g * u[t * D + d] * layer.key[t * N + n];
        g *= std::exp(delta * layer.rate[dn]);
        step[t * D + d] += g * h[t] * layer.rate[dn];
        rate[dn] += g * h[t] * delta;
      }
      start[dn] = g;
    }
  }
};

template <typename T>
double gradientError(const RandomLayer<T>& random, const Layer<T>& device, Stream& stream) {
  const Layer<T>& layer = random.host;
  const int64_t L = layer.tokens, D = layer.lanes, N = layer.state;
  std::vector<T> turned(random.input, random.input + L * D);
  std::reverse(turned.begin(), turned.end());
  const GradientReference expected(layer, random.input, turned.data());
  const std::vector<T> kept(expected.starts.begin(), expected.starts.end());
  const Buffer<T> gradient(stream, L * D), starts(stream, static_cast<int64_t>(kept.size()));
  stream.upload(gradient.data(), turned.data(), gradient.bytes());
  stream.upload(starts.data(), kept.data(), starts.bytes());
  const Buffer<T> step(stream, L * D), input(stream, L * D), key(stream, L * N), query(stream, L * N),
      rate(stream, D * N), start(stream, D * N);
  reverse<T>({device, random.onDevice(random.input), starts.data(), gradient.data(), step.data(),
              input.data(), key.data(), query.data(), rate.data(), start.data()},
             stream);
  double worst = 0.0;
  const auto add = [&](const Buffer<T>& found, const std::vector<long double>& wanted) {
    worst = std::max(worst, errorOf(found, wanted, stream));
  };
  add(step, expected.step);
  add(input, expected.input);
  add(key, expected.key);
  add(query, expected.query);
  add(rate, expected.rate);
  if (L > 1) add(start, expected.start);
  return worst;
}

}  // namespace uc::gpu::selftest
