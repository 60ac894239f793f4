// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT
//
// `--device cuda` from opening a model to its maps and rows, on the emulated device.

#include "core/engine/device.h"
#include "core/engine/engine.h"
#include "gpu/emulation/emulation.h"
#include "tests/gpu/host_as_device.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <variant>
#include <vector>

namespace uc {
namespace {

const Input kIds{std::nullopt, {1, 5, 2, 7, 3, 9, 4, 8, 6, 0, 1, 5, 2, 7, 3, 9, 4, 8}, 0};

std::shared_ptr<const Engine> openedOn(const std::string& device, const std::string& dtype = "float32") {
  return Engine::open(std::string(TEST_DATA) + "/mamba/hf-tied", {dtype, device, 0.0}, {});
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
  for (size_t i = 0; i < found.size(); ++i) ASSERT_NEAR(found[i], expected[i], 1e-6 * scale) << i;
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

TEST(EngineOnADevice, TheModelRunsThereWhenLibTorchCan) {
  const auto cpu = openedOn("cpu", "float64");
  const RunHandle cpuRun = cpu->run(kIds, {});
  const MapRequest request{{1, LaneChoice{}, named(Convention::Exact), Direction::Both}};
  const std::vector<double> expected = numbers(cpu->map(cpuRun, request, {}).values);
  const test::HostAsDevice device;
  const auto cuda = openedOn("cuda", "float64");
  EXPECT_TRUE(cuda->info().notices.empty());
  const int64_t launches = gpu::emulation::launches();
  const RunHandle run = cuda->run(kIds, {});
  EXPECT_GE(gpu::emulation::launches(), launches + cuda->info().layers);
  expectClose(numbers(cuda->map(run, request, {}).values), expected);
}

TEST(EngineOnADevice, ChecksAndBadgesOfManyLanesAreMadeThere) {
  const auto cpu = openedOn("cpu"), cuda = openedOn("cuda");
  const RunHandle cpuRun = cpu->run(kIds, {}), run = cuda->run(kIds, {});
  int64_t launches = gpu::emulation::launches();
  const LayerCheck check = cuda->verify(run, 1, {});
  EXPECT_GT(gpu::emulation::launches(), launches);
  EXPECT_LE(check.relative, 1e-5);
  EXPECT_TRUE(check.notices.empty());
  for (const Convention convention : {Convention::Exact, Convention::Unified}) {
    const MapId id{1, LaneChoice{}, named(convention), Direction::Both};
    launches = gpu::emulation::launches();
    const BadgeResult badge = cuda->badge(run, id, {}), expected = cpu->badge(cpuRun, id, {});
    EXPECT_GT(gpu::emulation::launches(), launches);
    EXPECT_EQ(badge.state, expected.state);
    EXPECT_EQ(badge.lanes, expected.lanes);
    EXPECT_NEAR(badge.share, expected.share, 1e-6);
    EXPECT_TRUE(badge.notices.empty());
  }
  launches = gpu::emulation::launches();
  const LaneChoice one{LaneChoice::Kind::Lane, 7, Merge::Mean};
  EXPECT_EQ(cuda->badge(run, {1, one, named(Convention::Exact), Direction::Both}, {}).lanes, 1);
  EXPECT_EQ(gpu::emulation::launches(), launches);  // not worth the copy
}

TEST(EngineOnADevice, WithoutMemoryThereChecksAreTheCpusAndSaySo) {
  const auto cpu = openedOn("cpu"), cuda = openedOn("cuda");
  const RunHandle cpuRun = cpu->run(kIds, {}), run = cuda->run(kIds, {});
  const MapId id{1, LaneChoice{}, named(Convention::Exact), Direction::Both};
  gpu::emulation::setMemory(1000);
  const LayerCheck check = cuda->verify(run, 1, {});
  const BadgeResult badge = cuda->badge(run, id, {});
  gpu::emulation::setMemory(int64_t{4} << 30);
  EXPECT_EQ(check.error, cpu->verify(cpuRun, 1, {}).error);
  EXPECT_EQ(badge.relative, cpu->badge(cpuRun, id, {}).relative);
  for (const std::vector<std::string>& notices : {check.notices, badge.notices}) {
    ASSERT_EQ(notices.size(), 1U);
    EXPECT_NE(notices[0].find("memory"), std::string::npos);
  }
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
