// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <string>
#include <vector>

/// CUDA devices behind plain C++: no torch, no Qt, no CUDA header here. gpu.cpp is built with a CUDA Toolkit,
/// gpu_none.cpp without, so callers never ask which. All functions may be called from any thread.
namespace uc::gpu {

struct Device {
  std::string name;
  int64_t memoryBytes = 0;
  int computeMajor = 0;
  int computeMinor = 0;
};

/// The devices that can be used now; empty without CUDA, without a driver or without a device. Never throws.
std::vector<Device> devices();

/// "13.0" of the runtime this was built with, "none" without CUDA.
std::string runtimeVersion();

}  // namespace uc::gpu
