// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <string>
#include <vector>

/// CUDA devices behind plain C++: no torch, no Qt, no CUDA header here. Built with a CUDA Toolkit, the
/// sources
/// *.cu and runtime.cpp do the work; without, gpu_none.cpp does, so callers never ask which; a third build,
/// emulation/, runs the same kernels on the host for tests. Functions of this header may be called from any
/// thread.
namespace uc::gpu {

struct Device {
  std::string name;
  int64_t memoryBytes = 0;
  int computeMajor = 0;
  int computeMinor = 0;
};

/// The devices that can be used now; empty without CUDA, without a driver or without a device. Never throws.
std::vector<Device> devices();

/// What can still be allocated on a device of that list, in bytes; 0 when it cannot be asked. Never throws.
int64_t freeMemory(int device);

/// Whether these devices compute in the host's own memory, so that pointers to it are theirs: only an
/// emulated one that a test has told to.
bool hasHostMemory();

/// "13.0" of the runtime this was built with, "none" without CUDA.
std::string runtimeVersion();

}  // namespace uc::gpu
