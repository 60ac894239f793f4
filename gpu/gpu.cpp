// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "gpu/gpu.h"

#include <cuda_runtime_api.h>

namespace uc::gpu {

std::vector<Device> devices() {
  int count = 0;
  if (cudaGetDeviceCount(&count) != cudaSuccess) return {};  // no driver (error 35) or no device
  std::vector<Device> result;
  for (int i = 0; i < count; ++i) {
    cudaDeviceProp properties{};
    if (cudaGetDeviceProperties(&properties, i) != cudaSuccess) continue;
    result.push_back({properties.name, static_cast<int64_t>(properties.totalGlobalMem), properties.major,
                      properties.minor});
  }
  return result;
}

std::string runtimeVersion() {
  return std::to_string(CUDART_VERSION / 1000) + "." + std::to_string(CUDART_VERSION % 1000 / 10);
}

}  // namespace uc::gpu
