// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/bench/rates.h"

#include "core/attention/parallel.h"
#include "core/bench/stopwatch.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstring>
#include <vector>

namespace uc::bench {
namespace {

constexpr int kRuns = 3;

/// The least seconds of some runs; the first one also brings the pages in.
template <typename F>
double leastSeconds(const F& run) {
  double least = seconds(run);
  for (int i = 0; i < kRuns; ++i) least = std::min(least, seconds(run));
  return least;
}

double matrixProductRate(const Feedback& feedback) {
  constexpr int64_t kSize = 1024;
  const at::Tensor a = at::ones({kSize, kSize}), b = at::ones({kSize, kSize});
  at::Tensor c = at::zeros({kSize, kSize});
  const int64_t rows = (kSize + threadCount() - 1) / threadCount();
  const double least = leastSeconds([&] {
    parallelFor((kSize + rows - 1) / rows,
                [&](int64_t piece, int64_t) {
                  const int64_t first = piece * rows, last = std::min(first + rows, kSize);
                  at::Tensor out = c.slice(0, first, last);
                  at::mm_out(out, a.slice(0, first, last), b);
                },
                {}, feedback);
  });
  return 2.0 * kSize * kSize * kSize / least;
}

double memoryStreamRate(const Feedback& feedback) {
  constexpr size_t kBytes = size_t{64} << 20;  // of one thread: more than its caches hold
  const auto count = static_cast<size_t>(threadCount());
  const std::vector<std::vector<char>> from(count, std::vector<char>(kBytes, 1));
  std::vector<std::vector<char>> to = from;
  const double least = leastSeconds([&] {
    parallelFor(
        threadCount(),
        [&](int64_t item, int64_t) {
          const auto i = static_cast<size_t>(item);
          std::memcpy(to[i].data(), from[i].data(), kBytes);
        },
        {}, feedback);
  });
  return 2.0 * static_cast<double>(kBytes * count) / least;
}

double exponentialsRate(const Feedback& feedback) {
  constexpr int64_t kCount = 2048;  // 16 kB with the results
  constexpr int kRounds = 10000;
  const double least = leastSeconds([&] {
    parallelFor(
        threadCount(),
        [&](int64_t, int64_t) {
          std::vector<float> in(kCount), out(kCount);
          for (int64_t i = 0; i < kCount; ++i) in[static_cast<size_t>(i)] = -0.01F * static_cast<float>(i);
          for (int round = 0; round < kRounds; ++round) decayExponentials(in.data(), kCount, out.data());
        },
        {}, feedback);
  });
  return static_cast<double>(kCount) * kRounds * threadCount() / least;
}

}  // namespace

void Rates::measure(Limit limit, const Feedback& feedback) {
  double rate = 0.0;
  if (limit == Limit::MatrixProduct) rate = matrixProductRate(feedback);
  if (limit == Limit::MemoryStream) rate = memoryStreamRate(feedback);
  if (limit == Limit::Exponentials) rate = exponentialsRate(feedback);
  double& best = m_best[limit];
  best = std::max(best, rate);
}

double Rates::of(Limit limit) const {
  const auto found = m_best.find(limit);
  return found == m_best.end() ? 0.0 : found->second;
}

}  // namespace uc::bench
