// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/cli_commands.h"
#include "core/bench/bench.h"
#include "core/engine/device.h"

#include <fmt/format.h>

namespace uc {
namespace {

using bench::Result;

template <typename T>
Json jsonOf(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json jsonOf(const Result& result) {
  const bool hasLimit = result.limitShare.has_value(), hasBaseline = result.baselineSeconds.has_value();
  return {{"name", result.name},
          {"title", result.title},
          {"seconds", result.seconds},
          {"baseline", hasBaseline ? Json(result.baseline) : Json(nullptr)},
          {"baseline_seconds", jsonOf(result.baselineSeconds)},
          {"ratio", jsonOf(result.ratio)},
          {"limit", hasLimit ? Json(bench::name(result.limit)) : Json(nullptr)},
          {"limit_share", jsonOf(result.limitShare)},
          {"memory_mb", result.memoryMb}};
}

Json jsonOf(const bench::Report& report) {
  Json machine = Json::object();
  for (const auto& [name, value] : report.machine) machine[name] = value;
  machine["threads"] = report.threads;
  const auto rate = [&](const char* name, double value) {
    if (value > 0.0) machine[name] = value;
  };
  rate("sgemm_gflops", report.matrixGflops);
  rate("memory_gb_per_s", report.memoryGbPerSecond);
  rate("exp_g_per_s", report.exponentialsGPerSecond);
  Json rows = Json::array();
  for (const Result& result : report.results) rows.push_back(jsonOf(result));
  return {{"machine", machine}, {"rows", rows}};
}

std::string timeText(double seconds) {
  if (seconds >= 1.0) return fmt::format("{:.2f} s", seconds);
  if (seconds >= 1e-3) return fmt::format("{:.2f} ms", seconds * 1e3);
  return fmt::format("{:.1f} µs", seconds * 1e6);
}

std::string ratioText(double ratio) {
  return ratio < 10.0 ? fmt::format("{:.1f} ×", ratio) : fmt::format("{:.0f} ×", ratio);
}

std::string textOf(const bench::Report& report) {
  std::vector<std::vector<std::string>> machine, rows;
  for (const auto& [name, value] : report.machine) machine.push_back({name, shown(value)});
  machine.push_back({"threads", std::to_string(report.threads)});
  const auto rate = [&](const char* name, double value, const char* unit) {
    if (value > 0.0) machine.push_back({name, fmt::format("{:.3g} {}", value, unit)});
  };
  rate("sgemm", report.matrixGflops, "GFLOP/s");
  rate("memory", report.memoryGbPerSecond, "GB/s read and written");
  rate("exp", report.exponentialsGPerSecond, "G/s");
  rows.push_back({"row", "time", "baseline", "ratio", "of the limit", "memory", "what, against what"});
  for (const Result& result : report.results) {
    rows.push_back({result.name, timeText(result.seconds),
                    result.baselineSeconds ? timeText(*result.baselineSeconds) : "",
                    result.ratio ? ratioText(*result.ratio) : "",
                    result.limitShare
                        ? fmt::format("{:.1f} % {}", *result.limitShare * 100.0, bench::name(result.limit))
                        : "",
                    fmt::format("{:.0f} MB", result.memoryMb),
                    result.title + (result.baseline.empty() ? "" : "; " + result.baseline)});
  }
  return table(machine) + "\n" + table(rows);
}

}  // namespace

void runBench(const Arguments& arguments, Console& console) {
  requireDevice(arguments.open.device);
  if (arguments.open.device != "cpu" || arguments.open.dtype != "float32")
    console.notice("Every row is measured in float32 on the CPU.");
  const std::vector<bench::Row> rows = bench::chosenRows(arguments.benchRows, arguments.isFullBench);
  const bench::Report report = bench::measure(rows, arguments.isFullBench, console.feedback());
  if (arguments.isJson) return printJson(jsonOf(report));
  print(textOf(report));
}

}  // namespace uc
