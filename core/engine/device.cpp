// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/engine/device.h"

#include "core/attention/parallel.h"
#include "core/engine/blas.h"
#include "core/values/error.h"
#include "gpu/gpu.h"
#include "version.h"

#include <ATen/Parallel.h>
#include <torch/cuda.h>
#include <torch/version.h>

#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <fstream>
#include <thread>

namespace uc {

namespace {

bool areThreadsSet = false;

std::string cpuName() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("model name")) continue;
    const size_t begin = line.find_first_not_of(" \t", line.find(':') + 1);
    if (begin != std::string::npos) return printable(line.substr(begin), 100);
  }
  return "CPU";
}

int hardwareThreads() { return std::max(1, static_cast<int>(std::thread::hardware_concurrency())); }

double measuredGflops() {
  setBlasThreads(threads());
  constexpr int64_t kSize = 1024;
  constexpr int kRuns = 3;
  const at::Tensor a = at::ones({kSize, kSize}), b = at::ones({kSize, kSize});
  at::Tensor c = at::mm(a, b);  // the first one also starts the threads
  double best = 1e9;
  for (int i = 0; i < kRuns; ++i) {
    const auto start = std::chrono::steady_clock::now();
    at::mm_out(c, a, b);
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  setBlasThreads(1);
  return 2.0 * kSize * kSize * kSize / std::max(best, 1e-9) * 1e-9;
}

// What a layer gives back the next layer takes: without this, glibc hands blocks of some megabytes back to
// the kernel, which clears every page again before it is used, a tenth of a forward pass.
void keepFreedMemory() {
#if defined(__GLIBC__)
  mallopt(M_MMAP_THRESHOLD, 32 << 20);  // the most that it allows
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
#endif
}

}  // namespace

int64_t machineMemory() {
  return static_cast<int64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<int64_t>(sysconf(_SC_PAGESIZE));
}

std::vector<Device> devices() {
  std::vector<Device> result;
  result.push_back({fmt::format("{}, {} thread{}", cpuName(), threads(), threads() == 1 ? "" : "s"), "cpu",
                    machineMemory() >> 20, measuredGflops(), blasName()});
  for (const gpu::Device& device : gpu::devices()) {
    result.push_back({printable(device.name, 100), "cuda", device.memoryBytes >> 20, 0.0, {}});
  }
  return result;
}

void setThreads(int count) {
  setThreadCount(count > 0 ? count : hardwareThreads());
  // LibTorch and OpenBLAS would each start threads of their own, meet after every operation and wait in a
  // loop: on a machine with other work that took ten times as long. Our loops split the work above them
  // instead.
  setLibraryThreads(1);
  prepareBlas();
  keepFreedMemory();
  areThreadsSet = true;
}

void setLibraryThreads(int count) {
  at::set_num_threads(count);
  setBlasThreads(count);
}

void prepareThreads() {
  if (!areThreadsSet) setThreads(0);
}

int threads() { return threadCount(); }

std::optional<int> requireDevice(const std::string& device) {
  if (device == "cpu") return std::nullopt;
  int64_t index = 0;
  const bool isNumbered = device.starts_with("cuda:");
  if (isNumbered) {
    const char* end = device.data() + device.size();
    const auto parsed = std::from_chars(device.data() + 5, end, index);
    if (parsed.ec != std::errc() || parsed.ptr != end || index < 0) index = -1;
  }
  if ((device != "cuda" && !isNumbered) || index < 0) {
    fail("There is no such kind of device.", printable(device, 80), "Choose cpu, cuda or cuda:N.");
  }
  const std::vector<gpu::Device> found = gpu::devices();
  if (index >= static_cast<int64_t>(found.size())) {
    fail("There is no such device.",
         fmt::format("{}: {} CUDA device{} found", printable(device, 80), found.size(),
                     found.size() == 1 ? "" : "s"),
         "Use --device cpu.");
  }
  return static_cast<int>(index);
}

std::optional<ModelDevice> modelDevice(int device) {
  const int64_t bytes = gpu::freeMemory(device);
  if (gpu::hasHostMemory()) return ModelDevice{"cpu", bytes};
  if (static_cast<size_t>(device) >= torch::cuda::device_count()) return std::nullopt;
  return ModelDevice{fmt::format("cuda:{}", device), bytes};
}

std::vector<std::pair<std::string, std::string>> versions() {
  return {{"program", UNDERCURRENT_VERSION},
          {"LibTorch", TORCH_VERSION},
          {"CUDA", gpu::runtimeVersion()},
          {"CPU", fmt::format("{}, {} threads", cpuName(), hardwareThreads())},
          {"BLAS", fmt::format("{}, each product on one of {} threads", blasName(), threads())}};
}

}  // namespace uc
