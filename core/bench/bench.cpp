// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/bench/bench.h"

#include "core/bench/peak_memory.h"
#include "core/bench/rates.h"
#include "core/bench/supplies.h"
#include "core/engine/device.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace uc::bench {
namespace {

constexpr int kRepetitions = 3;
// Shorter work is repeated within a repetition, for so many seconds.
constexpr double kShortest = 0.05;

/// The seconds of each repetition.
class Collector : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context& /*context*/) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.run_type == Run::RT_Iteration && !run.error_occurred)
        m_seconds.push_back(run.real_accumulated_time / static_cast<double>(run.iterations));
    }
  }
  const std::vector<double>& seconds() const { return m_seconds; }

 private:
  std::vector<double> m_seconds;
};

/// Exceptions do not cross Google Benchmark: the first one ends the loops and is thrown again after them.
double secondsOf(const Row& row, const Timed& work, const Feedback& feedback) {
  std::exception_ptr failure;
  const auto loop = [&](benchmark::State& state) {
    for (auto _ : state) {
      try {
        if (!failure) {
          feedback.checkpoint();
          feedback.report(0.0, row.name);
          state.SetIterationTime(work(feedback.silent()));
        }
      } catch (...) {
        failure = std::current_exception();
      }
      if (!failure) continue;
      state.SkipWithError("stopped");
      break;
    }
  };
  benchmark::ClearRegisteredBenchmarks();
  auto* const registered =
      benchmark::RegisterBenchmark(row.name.c_str(), loop)->UseManualTime()->Repetitions(kRepetitions);
  if (row.isOnce) {
    registered->Iterations(1);
  } else {
    registered->MinTime(kShortest);
  }
  Collector collector;
  benchmark::RunSpecifiedBenchmarks(&collector, ".");
  benchmark::ClearRegisteredBenchmarks();
  if (failure) std::rethrow_exception(failure);
  const auto [least, most] = std::minmax_element(collector.seconds().begin(), collector.seconds().end());
  return row.isWorst ? *most : *least;
}

Result measureRow(const Row& row, Supplies& supplies, Rates& rates, const Feedback& feedback) {
  Result result;
  result.name = row.name;
  result.title = row.title;
  result.limit = row.limit;
  {
    const Timed ours = row.ours(supplies, feedback.silent());
    const PeakMemory memory;
    result.seconds = secondsOf(row, ours, feedback);
    result.memoryMb = memory.growthMb();
  }
  if (row.baselineWork) {
    const Timed baseline = row.baselineWork(supplies, feedback.silent());
    result.baselineSeconds = secondsOf(row, baseline, feedback);
    result.ratio = *result.baselineSeconds / result.seconds;
    result.baseline = row.baseline;
    if (!supplies.isFull() && !row.baselinePart.empty())
      result.baseline += fmt::format(" ({}, scaled)", row.baselinePart);
  }
  rates.measure(row.limit, feedback);
  return result;
}

std::string compilerName() {
#if defined(__clang__)
  return std::string("Clang ") + __clang_version__;
#elif defined(__GNUC__)
  return std::string("GCC ") + __VERSION__;
#else
  return "unknown";
#endif
}

}  // namespace

std::string_view name(Limit limit) {
  switch (limit) {
    case Limit::None:
      return "";
    case Limit::MatrixProduct:
      return "sgemm";
    case Limit::MemoryStream:
      return "memory";
    case Limit::Exponentials:
      return "exp";
  }
  return "";
}

std::vector<Row> chosenRows(const std::string& only, bool isFull) {
  const std::vector<Row>& all = allRows();
  std::vector<Row> chosen;
  const auto take = [&](auto&& isWanted) {
    std::copy_if(all.begin(), all.end(), std::back_inserter(chosen), isWanted);
  };
  take([&](const Row& row) { return only.empty() ? isFull || !row.isLong : row.name == only; });
  if (chosen.empty()) take([&](const Row& row) { return row.name.starts_with(only); });
  return chosen;
}

std::string rowBeginnings() {
  std::string words;
  std::string last;
  for (const Row& row : allRows()) {
    const std::string word = row.name.substr(0, row.name.find('-'));
    if (word != std::exchange(last, word)) words += (words.empty() ? "" : ", ") + word;
  }
  return words;
}

std::string rowHelp() {
  std::string lines = "Rows (* only with --full or by name):";
  for (const Row& row : allRows())
    lines += fmt::format("\n  {}{}: {}", row.name, row.isLong ? "*" : "", row.title);
  return lines;
}

Report measure(const std::vector<Row>& rows, bool isFull, const Feedback& feedback) {
  prepareThreads();
  Supplies supplies(isFull);
  Rates rates;
  Report report;
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto at = [&](size_t row) { return static_cast<double>(row) / static_cast<double>(rows.size()); };
    report.results.push_back(measureRow(rows[i], supplies, rates, feedback.part(at(i), at(i))));
  }
  feedback.report(1.0, "Measured");
  // At the end: the best that was seen of the limit counts.
  for (size_t i = 0; i < rows.size(); ++i) {
    if (const double rate = rates.of(rows[i].limit); rate > 0.0)
      report.results[i].limitShare = rows[i].amount / rate / report.results[i].seconds;
  }
  report.machine = versions();
  report.machine.emplace_back("compiler", compilerName());
  report.threads = threads();
  report.matrixGflops = rates.of(Limit::MatrixProduct) * 1e-9;
  report.memoryGbPerSecond = rates.of(Limit::MemoryStream) * 1e-9;
  report.exponentialsGPerSecond = rates.of(Limit::Exponentials) * 1e-9;
  return report;
}

}  // namespace uc::bench
