// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT
//
// Devices and streams by the CUDA runtime.

#include "gpu/buffer.h"
#include "gpu/gpu.h"

#include <cuda_runtime_api.h>

#include <chrono>
#include <thread>

namespace uc::gpu {
namespace {

void check(cudaError_t status, const char* what) {
  if (status == cudaSuccess) return;
  throw Error(std::string(what) + ": " + cudaGetErrorString(status), status == cudaErrorMemoryAllocation);
}

}  // namespace

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

int64_t freeMemory(int device) {
  size_t available = 0, total = 0;
  if (cudaSetDevice(device) != cudaSuccess || cudaMemGetInfo(&available, &total) != cudaSuccess) return 0;
  return static_cast<int64_t>(available);
}

bool hasHostMemory() { return false; }

std::string runtimeVersion() {
  return std::to_string(CUDART_VERSION / 1000) + "." + std::to_string(CUDART_VERSION % 1000 / 10);
}

struct Stream::State {
  cudaStream_t stream = nullptr;
  cudaEvent_t event = nullptr;
};

Stream::Stream(int device, Order order) : m_device(device), m_state(std::make_unique<State>()) {
  check(cudaSetDevice(device), "choosing the device");
  if (order == Order::Default) return;
  check(cudaStreamCreateWithFlags(&m_state->stream, cudaStreamNonBlocking), "making a stream");
}

Stream::~Stream() {
  cudaSetDevice(m_device);
  if (m_state->event != nullptr) cudaEventDestroy(m_state->event);
  if (m_state->stream != nullptr) cudaStreamDestroy(m_state->stream);
}

void* Stream::handle() const {
  check(cudaSetDevice(m_device), "choosing the device");  // a thread's current device is its own
  return m_state->stream;
}

void* Stream::allocate(size_t bytes) {
  void* memory = nullptr;
  check(cudaSetDevice(m_device), "choosing the device");
  const cudaError_t status = cudaMalloc(&memory, bytes);
  if (status != cudaSuccess) cudaGetLastError();  // this error is not to be found by the next launch
  check(status, "allocating memory");
  return memory;
}

void Stream::release(void* memory) noexcept {
  cudaSetDevice(m_device);
  cudaStreamSynchronize(m_state->stream);
  cudaFree(memory);
}

void Stream::zero(void* memory, size_t bytes) {
  check(cudaMemsetAsync(memory, 0, bytes, m_state->stream), "clearing memory");
}

void Stream::upload(void* to, const void* from, size_t bytes) {
  check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, m_state->stream), "copying to the device");
}

void Stream::download(void* to, const void* from, size_t bytes) {
  check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, m_state->stream), "copying from the device");
  check(cudaStreamSynchronize(m_state->stream), "copying from the device");
}

void Stream::wait(const Checkpoint& checkpoint) {
  if (m_state->event == nullptr)
    check(cudaEventCreateWithFlags(&m_state->event, cudaEventDisableTiming), "making an event");
  check(cudaEventRecord(m_state->event, m_state->stream), "recording an event");
  while (true) {
    checkpoint();
    const cudaError_t status = cudaEventQuery(m_state->event);
    if (status == cudaSuccess) return;
    if (status != cudaErrorNotReady) check(status, "computing on the device");
    std::this_thread::sleep_for(std::chrono::microseconds(100));
  }
}

}  // namespace uc::gpu
