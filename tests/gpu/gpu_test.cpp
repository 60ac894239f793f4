// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "gpu/gpu.h"

#include <gtest/gtest.h>

namespace uc {
namespace {

TEST(Gpu, AskingForDevicesNeverThrowsAndNamesEach) {
  for (const gpu::Device& device : gpu::devices()) {
    EXPECT_FALSE(device.name.empty());
    EXPECT_GT(device.memoryBytes, 0);
  }
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
