// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT
//
// One device whose memory is the host's. Fresh memory is NaN.

#include "gpu/buffer.h"
#include "gpu/emulation/emulation.h"
#include "gpu/gpu.h"

#include <cstdlib>
#include <unordered_map>

namespace uc::gpu {
namespace {

int64_t memoryLeft = int64_t{4} << 30;
bool isHostTheDevice = false;

}  // namespace

namespace emulation {
void setMemory(int64_t bytes) { memoryLeft = bytes; }
void setHostMemory(bool isDevices) { isHostTheDevice = isDevices; }
}  // namespace emulation

std::vector<Device> devices() { return {{"emulated on the host", memoryLeft, 0, 0}}; }
int64_t freeMemory(int /*device*/) { return memoryLeft; }
bool hasHostMemory() { return isHostTheDevice; }
std::string runtimeVersion() { return "0.0"; }

struct Stream::State {
  std::unordered_map<void*, size_t> sizes;
};

Stream::Stream(int device, Order /*order*/) : m_device(device), m_state(std::make_unique<State>()) {
  if (device != 0) throw Error("choosing the device: there is one", false);
}
Stream::~Stream() = default;

void* Stream::handle() const { return nullptr; }

void* Stream::allocate(size_t bytes) {
  if (static_cast<int64_t>(bytes) > memoryLeft) throw Error("allocating memory: none is left", true);
  void* memory = std::malloc(bytes);
  if (memory == nullptr) throw Error("allocating memory", true);
  std::memset(memory, 0xFF, bytes);
  m_state->sizes[memory] = bytes;
  memoryLeft -= static_cast<int64_t>(bytes);
  return memory;
}

void Stream::release(void* memory) noexcept {
  const auto found = m_state->sizes.find(memory);
  memoryLeft += static_cast<int64_t>(found->second);
  m_state->sizes.erase(found);
  std::free(memory);
}

void Stream::zero(void* memory, size_t bytes) { std::memset(memory, 0, bytes); }
void Stream::upload(void* to, const void* from, size_t bytes) { std::memcpy(to, from, bytes); }
void Stream::download(void* to, const void* from, size_t bytes) { std::memcpy(to, from, bytes); }
void Stream::wait(const Checkpoint& checkpoint) { checkpoint(); }

}  // namespace uc::gpu
