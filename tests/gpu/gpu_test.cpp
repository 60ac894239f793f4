// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "gpu/gpu.h"

#include "gpu/buffer.h"

#include <gtest/gtest.h>

namespace uc {
namespace {

TEST(Gpu, AskingForDevicesNeverThrowsAndNamesEach) {
  const std::vector<gpu::Device> found = gpu::devices();
  for (const gpu::Device& device : found) {
    EXPECT_FALSE(device.name.empty());
    EXPECT_GT(device.memoryBytes, 0);
  }
  EXPECT_EQ(gpu::freeMemory(static_cast<int>(found.size())), 0);
}

TEST(Gpu, ADeviceThatIsNotThereIsRefused) {
  EXPECT_THROW(gpu::Stream(static_cast<int>(gpu::devices().size())), gpu::Error);
}

TEST(Gpu, WithoutCudaThereAreNoDevices) {
  if (gpu::runtimeVersion() == "none") {
    EXPECT_TRUE(gpu::devices().empty());
  } else {
    EXPECT_NE(gpu::runtimeVersion().find('.'), std::string::npos);
  }
}

}  // namespace
}  // namespace uc
