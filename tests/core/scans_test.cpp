// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/activations.h"
#include "core/models/griffin_scan.h"
#include "core/models/rwkv_scan.h"
#include "core/models/scan.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace uc {
namespace {

// The kernels against their formulas in double, with sizes that fill no vector, in two calls that carry the
// state over.
template <typename T>
class Scans : public testing::Test {
 protected:
  static constexpr double kTolerance = sizeof(T) == 4 ? 3e-6 : 1e-13;

  std::vector<T> values(int64_t count, double low, double high) {
    std::uniform_real_distribution<double> uniform(low, high);
    std::vector<T> result(static_cast<size_t>(count));
    for (T& value : result) value = static_cast<T>(uniform(m_random));
    return result;
  }

  static void expectNear(const std::vector<T>& found, const std::vector<double>& expected) {
    ASSERT_EQ(found.size(), expected.size());
    double most = 0, error = 0;
    for (size_t i = 0; i < found.size(); ++i) {
      most = std::max(most, std::abs(expected[i]));
      error = std::max(error, std::abs(static_cast<double>(found[i]) - expected[i]));
    }
    EXPECT_LE(error, kTolerance * most);
  }

  static constexpr int64_t kTokens = 71, kCut = 37;
  std::mt19937 m_random{3};
};

using Types = testing::Types<float, double>;
TYPED_TEST_SUITE(Scans, Types);

TYPED_TEST(Scans, OfMambaAreTheRecurrence) {
  constexpr int64_t L = TestFixture::kTokens, cut = TestFixture::kCut, D = 45, N = 5;
  using T = TypeParam;
  const auto step = this->values(L * D, 0, 2), input = this->values(L * D, -1, 1);
  const auto key = this->values(L * N, -1, 1), query = this->values(L * N, -1, 1);
  const auto rate = this->values(D * N, -60, 0);
  std::vector<T> hidden(D * N), output(L * D);
  for (const auto& [first, last] : {std::pair(int64_t{0}, cut), {cut, L}}) {
    SelectiveScan<T> scan;
    scan.tokens = last - first;
    scan.lanes = D;
    scan.state = scan.keyStride = N;
    scan.step = step.data() + first * D;
    scan.input = input.data() + first * D;
    scan.key = key.data() + first * N;
    scan.query = query.data() + first * N;
    scan.rate = rate.data();
    scan.hidden = hidden.data();
    scan.output = output.data() + first * D;
    scanLanes(scan, 0, 33);
    scanLanes(scan, 33, D);
  }
  std::vector<double> state(D * N), expected(L * D);
  for (int64_t t = 0; t < L; ++t) {
    for (int64_t d = 0; d < D; ++d) {
      const double own = step[t * D + d];
      for (int64_t n = 0; n < N; ++n) {
        double& h = state[d * N + n];
        h = std::exp(own * rate[d * N + n]) * h + own * input[t * D + d] * key[t * N + n];
        expected[t * D + d] += query[t * N + n] * h;
      }
    }
  }
  this->expectNear(output, expected);
  this->expectNear(hidden, state);
}

TYPED_TEST(Scans, OfKeysOfAHundredAreWeightedMeans) {
  constexpr int64_t L = TestFixture::kTokens, cut = TestFixture::kCut, D = 45;
  using T = TypeParam;
  const auto key = this->values(L * D, -100, 100), value = this->values(L * D, -1, 1);
  const auto rate = this->values(D, -3, 0), bonus = this->values(D, -5, 5);
  std::vector<T> output(L * D);
  std::vector<double> state(3 * D), normalizer(L * D);
  std::fill(state.begin() + 2 * D, state.end(), kLogSumStart);
  for (const auto& [first, last] : {std::pair(int64_t{0}, cut), {cut, L}}) {
    LogSumScan<T> scan;
    scan.tokens = last - first;
    scan.lanes = D;
    scan.key = key.data() + first * D;
    scan.value = value.data() + first * D;
    scan.rate = rate.data();
    scan.bonus = bonus.data();
    scan.state = state.data();
    scan.output = output.data() + first * D;
    scan.logNormalizer = normalizer.data() + first * D;
    scanLanes(scan, 0, D);
  }
  std::vector<double> expected(L * D), logs(L * D);
  for (int64_t t = 0; t < L; ++t) {
    for (int64_t d = 0; d < D; ++d) {
      double sum = 0, all = 0;
      for (int64_t s = 0; s <= t; ++s) {
        const double exponent =
            (s == t ? static_cast<double>(bonus[d]) : static_cast<double>(t - 1 - s) * rate[d]) +
            key[s * D + d];
        sum += std::exp(exponent) * value[s * D + d];
        all += std::exp(exponent);
      }
      expected[t * D + d] = sum / all;
      logs[t * D + d] = std::log(all);
    }
  }
  for (size_t i = 0; i < output.size(); ++i) {
    EXPECT_NEAR(output[i], expected[i], sizeof(T) == 4 ? 1e-6 : 1e-13);
    EXPECT_NEAR(normalizer[i], logs[i], 1e-13 * 100);
  }
}

TYPED_TEST(Scans, OfMatricesAreTheRecurrence) {
  constexpr int64_t L = TestFixture::kTokens, cut = TestFixture::kCut, H = 2, N = 35, D = H * N;
  using T = TypeParam;
  const auto r = this->values(L * D, -1, 1), k = this->values(L * D, -1, 1), v = this->values(L * D, -1, 1);
  const auto w = this->values(L * D, 0.2, 0.9), u = this->values(D, -1, 1);
  const auto a = this->values(L * D, -0.1, 0.1), b = this->values(L * D, -0.1, 0.1);
  for (const bool removes : {false, true}) {
    std::vector<T> hidden(H * N * N), output(L * D);
    for (const auto& [first, last] : {std::pair(int64_t{0}, cut), {cut, L}}) {
      MatrixScan<T> scan;
      scan.tokens = last - first;
      scan.heads = H;
      scan.state = N;
      scan.receptance = r.data() + first * D;
      scan.key = k.data() + first * D;
      scan.value = v.data() + first * D;
      scan.decay = w.data() + first * D;
      scan.decayStride = D;
      scan.bonus = removes ? nullptr : u.data();
      scan.removeKey = removes ? a.data() + first * D : nullptr;
      scan.removeWrite = removes ? b.data() + first * D : nullptr;
      scan.hidden = hidden.data();
      scan.output = output.data() + first * D;
      scanSlices(scan, 0, scan.slices());
    }
    std::vector<double> state(H * N * N), expected(L * D);
    for (int64_t row = 0; row < L * D; row += N) {
      const int64_t head = row / N % H;
      for (int64_t p = 0; p < N; ++p) {
        double removed = 0, sum = 0;
        for (int64_t n = 0; n < N && removes; ++n) removed += a[row + n] * state[(head * N + n) * N + p];
        for (int64_t n = 0; n < N; ++n) {
          double& S = state[(head * N + n) * N + p];
          const double written = static_cast<double>(k[row + n]) * v[row + p], before = S;
          S = w[row + n] * S - (removes ? b[row + n] * removed : 0.0) + written;
          sum += r[row + n] * (removes ? S : before + u[head * N + n] * written);
        }
        expected[row + p] = sum;
      }
    }
    this->expectNear(output, expected);
    this->expectNear(hidden, state);
  }
}

TYPED_TEST(Scans, OfGatesAndConvolutionsAreTheirFormulas) {
  constexpr int64_t L = TestFixture::kTokens, D = 45, K = 4;
  using T = TypeParam;
  const auto decay = this->values(L * D, 0, 1), key = this->values(L * D, 0, 1);
  const auto input = this->values((L + K - 1) * D, -1, 1), taps = this->values(K * D, -1, 1),
             bias = this->values(D, -1, 1);
  std::vector<T> values = decay, hidden(D), output(L * D);
  GatedScan<T> scan;
  scan.tokens = L;
  scan.lanes = D;
  scan.key = key.data();
  scan.input = input.data();
  scan.values = values.data();
  scan.hidden = hidden.data();
  scanLanes(scan, 0, 17);
  scanLanes(scan, 17, D);
  CausalConvolution<T> convolution{L, D, K, input.data(), taps.data(), bias.data(), output.data()};
  convolveTokens(convolution, 0, L);
  std::vector<double> state(D), expected(L * D), convolved(L * D);
  for (int64_t i = 0; i < L * D; ++i) {
    const int64_t d = i % D;
    expected[i] = state[d] = decay[i] * state[d] + static_cast<double>(key[i]) * input[i];
    convolved[i] = bias[d];
    for (int64_t j = 0; j < K; ++j) convolved[i] += static_cast<double>(taps[j * D + d]) * input[i + j * D];
  }
  this->expectNear(values, expected);
  this->expectNear(hidden, state);
  this->expectNear(output, convolved);
}

TYPED_TEST(Scans, ActivationsAreTheirFormulas) {
  using T = TypeParam;
  const auto x = this->values(1003, -40, 40);
  std::vector<T> silus(x.size()), softpluses(x.size()), gelus(x.size()), both = x, gates(x.size());
  const auto size = static_cast<int64_t>(x.size());
  silu(x.data(), silus.data(), size);
  softplus(x.data(), softpluses.data(), size);
  tanhGelu(x.data(), gelus.data(), size);
  siluAndSigmoid(both.data(), gates.data(), size);
  for (size_t i = 0; i < x.size(); ++i) {
    const double value = x[i], gate = 1 / (1 + std::exp(-value));
    const double plus = value > 20 ? value : std::log1p(std::exp(value));
    const double bent = 0.7978845608028654 * (value + 0.044715 * value * value * value);
    const double near = 4e-7 * (sizeof(T) == 4 ? 1.0 : 1e-8);
    EXPECT_NEAR(silus[i], value * gate, near * (std::abs(value) + 1));
    EXPECT_NEAR(softpluses[i], plus, near * plus);
    EXPECT_NEAR(gelus[i], 0.5 * value * (1 + std::tanh(bent)), near * (std::abs(value) + 1));
    EXPECT_NEAR(gates[i], gate, near);
    EXPECT_EQ(both[i], silus[i]);
  }
}

TYPED_TEST(Scans, NotANumberPassesThrough) {
  using T = TypeParam;
  constexpr T kNan = std::numeric_limits<T>::quiet_NaN(), kInfinity = std::numeric_limits<T>::infinity();
  for (const T bad : {kNan, kInfinity}) {
    std::vector<T> step{1, 1, 1}, input{1, bad, 1}, key{1, 1, 1}, rate{-1}, hidden{0}, output(3), x{bad},
        out{0};
    SelectiveScan<T> scan{3,          1, 1,           step.data(),   input.data(), key.data(),
                          key.data(), 1, rate.data(), hidden.data(), output.data()};
    scanLanes(scan, 0, 1);
    EXPECT_TRUE(std::isfinite(output[0]));
    EXPECT_FALSE(std::isfinite(output[1]) || std::isfinite(output[2]));
    silu(x.data(), out.data(), 1);
    EXPECT_FALSE(std::isfinite(out[0]));
    softplus(x.data(), out.data(), 1);
    EXPECT_FALSE(std::isfinite(out[0]));
  }
}

}  // namespace
}  // namespace uc
