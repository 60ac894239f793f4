// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "gpu/buffer.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>

/// CUDA's words as ordinary C++: a kernel is a function, a thread of a block a fiber, a barrier a switch to
/// the next fiber. Blocks run one after the other on the calling thread. Between two barriers fibers run in a
/// shuffled order and shared memory starts as NaN, so that a missing barrier shows. A barrier that not all
/// threads of the block (a shuffle: of the warp) reach throws std::logic_error. There is no memory model and
/// no speed here: only the arithmetic, the indices and the barriers.
#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __launch_bounds__(...)
#define UC_UNROLL
#define UC_ROLLED
#define UC_SHARED(type, name) type& name = ::uc::gpu::emulation::shared<type>()

struct dim3 {
  unsigned x, y, z;
  constexpr dim3(unsigned ofX = 1, unsigned ofY = 1, unsigned ofZ = 1) : x(ofX), y(ofY), z(ofZ) {}
};

inline thread_local dim3 threadIdx, blockIdx, blockDim, gridDim;

namespace uc::gpu::emulation {

inline constexpr unsigned kWarp = 32;
inline constexpr size_t kSharedBytes = size_t{48} << 10;

/// Which order fibers run in.
void setSeed(uint64_t seed);
/// What freeMemory answers, and what allocations may take together.
void setMemory(int64_t bytes);
/// What hasHostMemory answers: whether a model's forward pass takes the way of a device too.
void setHostMemory(bool isDevices);
/// The launch after `count` further ones throws Error, once.
void failLaunchAfter(int64_t count);
/// How many kernels were launched so far.
int64_t launches();

/// Runs `thread` for all threads of all blocks.
void run(dim3 grid, unsigned threads, const std::function<void()>& thread);

void syncThreads();
/// The next piece of the block's shared memory: the same for all its threads, which ask in the same order.
void* sharedMemory(size_t bytes, size_t alignment);
/// Every thread of the warp hands in 8 bytes and takes those of thread `from` of it.
uint64_t exchange(uint64_t value, unsigned from);
unsigned laneOfWarp();

template <typename T>
T& shared() {
  return *static_cast<T*>(sharedMemory(sizeof(T), alignof(T)));
}

template <typename T>
T shuffled(T value, unsigned from) {
  static_assert(sizeof(T) <= sizeof(uint64_t));
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(T));
  bits = exchange(bits, from);
  std::memcpy(&value, &bits, sizeof(T));
  return value;
}

}  // namespace uc::gpu::emulation

// NOLINTBEGIN(bugprone-reserved-identifier): CUDA's own names
inline void __syncthreads() { uc::gpu::emulation::syncThreads(); }

template <typename T>
T __shfl_xor_sync(unsigned /*mask*/, T value, unsigned flips) {
  return uc::gpu::emulation::shuffled(value, uc::gpu::emulation::laneOfWarp() ^ flips);
}
// NOLINTEND(bugprone-reserved-identifier)

namespace uc::gpu {

template <typename... Parameters, typename... Arguments>
void launch(void (*kernel)(Parameters...), dim3 grid, unsigned threads, Stream& /*stream*/,
            const Arguments&... arguments) {
  emulation::run(grid, threads, [&] { kernel(arguments...); });
}

}  // namespace uc::gpu
