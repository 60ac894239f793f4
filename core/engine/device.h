// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace uc {

/// One place to compute on.
struct Device {
  std::string name;  // "AMD EPYC 9R14, 2 threads"
  std::string kind;  // "cpu" or "cuda"
  int64_t memoryMb = 0;
  double matrixGflops = 0.0;    // measured now: float32 matrix product of 1024³; 0: not measured
  std::string matrixLibrary{};  // what computed it, as in versions()
};

/// The devices of this machine, the CPU first. Takes about a tenth of a second: the matrix product is
/// measured.
std::vector<Device> devices();

/// Sets how many threads our loops use, and that LibTorch and its BLAS leave threads to them; 0: as many as
/// the machine has cores; prepares BLAS (blas.h). Call once, before work.
void setThreads(int count);
/// How many threads LibTorch and its BLAS take of their own; setThreads leaves them one.
void setLibraryThreads(int count);
/// setThreads(0) unless it was called. Opening a model does this.
void prepareThreads();
int threads();

/// The machine's memory in bytes.
int64_t machineMemory();

/// The number among gpu::devices() of a device of that name ("cuda", "cuda:1"), nothing for "cpu". Throws
/// Failure when it is absent.
std::optional<int> requireDevice(const std::string& device);

/// Where a model can run on a device of that number.
struct ModelDevice {
  std::string name;  // LibTorch's
  int64_t freeBytes = 0;
};
/// Nothing when this LibTorch has no CUDA: Debian's has none.
std::optional<ModelDevice> modelDevice(int device);

/// Program, LibTorch, CUDA, CPU and BLAS, a line each: `--version` and Help > Copy diagnostics.
std::vector<std::pair<std::string, std::string>> versions();

}  // namespace uc
