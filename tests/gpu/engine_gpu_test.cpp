// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT
//
// `--device cuda` from opening a model to its maps and rows, on the emulated device.

#include "core/engine/device.h"
#include "core/engine/engine.h"
#include "gpu/emulation/emulation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <variant>
#include <vector>

namespace uc {
namespace {

const Input kIds{std::nullopt, {1, 5, 2, 7, 3, 9, 4, 8, 6, 0, 1, 5, 2, 7, 3, 9, 4, 8}, 0};

std::shared_ptr<const Engine> openedOn(const std::string& device) {
  return Engine::open(std::string(TEST_DATA) + "/mamba/hf-tied", {"float32", device, 0.0}, {});
}

std::vector<double> numbers(const AnyMatrix& matrix) {
  return std::visit([](const auto& m) { return std::vector<double>(m.values.begin(), m.values.end()); },
                    matrix);
}

void expectClose(const std::vector<double>& found, const std::vector<double>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  double scale = 0.0;
  for (const double value : expected) scale = std::max(scale, std::abs(value));
  ASSERT_GT(scale, 0.0);
  for (size_t i = 0; i < found.size(); ++i) ASSERT_NEAR(found[i], expected[i], 2e-6 * scale) << i;
}

TEST(EngineOnADevice, MapsAndRowsAreThoseOfTheCpu) {
  const auto cpu = openedOn("cpu"), cuda = openedOn("cuda");
  const RunHandle cpuRun = cpu->run(kIds, {}), cudaRun = cuda->run(kIds, {});
  for (const LaneChoice& lanes : {LaneChoice{LaneChoice::Kind::Lane, 7, Merge::Mean}, LaneChoice{}}) {
    for (const int64_t pool : {1, 4}) {
      const MapRequest request{{1, lanes, named(Convention::Exact), Direction::Both}, {{}, {}, pool}};
      const int64_t launches = gpu::emulation::launches();
      const MapResult map = cuda->map(cudaRun, request, {});
      EXPECT_GT(gpu::emulation::launches(), launches);
      EXPECT_TRUE(map.notices.empty());
      expectClose(numbers(map.values), numbers(cpu->map(cpuRun, request, {}).values));
    }
    const MapId id{1, lanes, named(Convention::Unified), Direction::Both};
    expectClose(cuda->row(cudaRun, id, 15, {}).alpha, cpu->row(cpuRun, id, 15, {}).alpha);
    expectClose(cuda->row(cudaRun, id, 15, {}).share, cpu->row(cpuRun, id, 15, {}).share);
  }
}

TEST(EngineOnADevice, WhatRunsWhereIsSaid) {
  EXPECT_EQ(openedOn("cpu")->info().notices, std::vector<std::string>{});
  const std::vector<std::string> notices = openedOn("cuda:0")->info().notices;
  ASSERT_EQ(notices.size(), 1U);
  EXPECT_NE(notices[0].find("CPU"), std::string::npos);
}

TEST(EngineOnADevice, AFailedLaunchGivesTheCpusMapAndANotice) {
  const auto cpu = openedOn("cpu"), cuda = openedOn("cuda");
  const MapRequest request{{0, LaneChoice{}, named(Convention::Exact), Direction::Both}};
  const RunHandle run = cuda->run(kIds, {});
  gpu::emulation::failLaunchAfter(1);
  const MapResult map = cuda->map(run, request, {});
  ASSERT_EQ(map.notices.size(), 1U);
  EXPECT_NE(map.notices[0].find("CPU"), std::string::npos);
  EXPECT_EQ(numbers(map.values), numbers(cpu->map(cpu->run(kIds, {}), request, {}).values));
  EXPECT_TRUE(cuda->map(run, request, {}).notices.empty());
}

TEST(EngineOnADevice, TheFirstDeviceIsThereAndNoSecond) {
  EXPECT_EQ(requireDevice("cuda"), 0);
  EXPECT_EQ(requireDevice("cuda:0"), 0);
  EXPECT_THROW((void)requireDevice("cuda:1"), Failure);
}

}  // namespace
}  // namespace uc
