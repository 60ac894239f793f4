// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT
//
// What the emulation is for: a kernel with a mistake in its barriers must not pass.

#include "gpu/emulation/emulation.h"

#include "gpu/kernel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <vector>

namespace uc::gpu {
namespace {

constexpr int kThreads = 64;

struct Reversal {
  float values[kThreads];
};

/// Every block turns its piece around, by way of shared memory.
template <bool kHasBarrier>
__global__ void reverse(float* values) {
  UC_SHARED(Reversal, memory);
  float* piece = values + blockIdx.x * kThreads;
  memory.values[threadIdx.x] = piece[threadIdx.x];
  if (kHasBarrier) __syncthreads();
  piece[threadIdx.x] = memory.values[kThreads - 1 - threadIdx.x];
}

/// A sum over pairs in which the second step overwrites what others may still read.
template <bool kHasBarrier>
__global__ void rotateTwice(float* values) {
  UC_SHARED(Reversal, memory);
  float value = values[threadIdx.x];
  for (int step = 0; step < 2; ++step) {
    memory.values[threadIdx.x] = value;
    __syncthreads();
    value = memory.values[(threadIdx.x + 1) % kThreads];
    if (kHasBarrier) __syncthreads();
  }
  values[threadIdx.x] = value;
}

__global__ void sumOfWarp(float* values) {
  float sum = values[threadIdx.x];
  for (unsigned flips = 16; flips > 0; flips /= 2) sum += __shfl_xor_sync(0xFFFFFFFFU, sum, flips);
  values[threadIdx.x] = sum;
}

__global__ void halfMeets(float* values) {
  if (threadIdx.x < kThreads / 2) __syncthreads();
  values[threadIdx.x] = 0.0F;
}

struct TooMuch {
  char bytes[49 << 10];
};

__global__ void tooMuchShared(float* values) {
  UC_SHARED(TooMuch, memory);
  memory.bytes[0] = 0;
  values[threadIdx.x] = static_cast<float>(memory.bytes[0]);
}

std::vector<float> counted(size_t size) {
  std::vector<float> values(size);
  std::iota(values.begin(), values.end(), 0.0F);
  return values;
}

template <typename Kernel>
std::vector<float> ran(Kernel kernel, unsigned blocks) {
  Stream stream(0);
  std::vector<float> values = counted(blocks * kThreads);
  launch(kernel, dim3(blocks), kThreads, stream, values.data());
  return values;
}

TEST(Emulation, BlocksAndThreadsHaveTheirPlaces) {
  const std::vector<float> values = ran(reverse<true>, 3);
  for (size_t i = 0; i < values.size(); ++i) {
    const size_t block = i / kThreads;
    EXPECT_EQ(values[i], static_cast<float>(block * kThreads + kThreads - 1 - i % kThreads));
  }
}

TEST(Emulation, AMissingBarrierAfterWritingShowsAsNaN) {
  const std::vector<float> values = ran(reverse<false>, 1);
  EXPECT_TRUE(std::any_of(values.begin(), values.end(), [](float value) { return std::isnan(value); }));
}

TEST(Emulation, AMissingBarrierAfterReadingShowsInSomeOrder) {
  EXPECT_EQ(ran(rotateTwice<true>, 1)[0], 2.0F);
  const std::vector<float> right = ran(rotateTwice<true>, 1);
  bool isWrong = false;
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    emulation::setSeed(seed);
    isWrong |= ran(rotateTwice<false>, 1) != right;
  }
  emulation::setSeed(1);
  EXPECT_TRUE(isWrong);
}

TEST(Emulation, AWarpExchangesItsValues) {
  const std::vector<float> values = ran(sumOfWarp, 1);
  for (int i = 0; i < kThreads; ++i) EXPECT_EQ(values[i], i < 32 ? 496.0F : 1520.0F);
}

TEST(Emulation, ABarrierThatSomeThreadsMissIsAnError) { EXPECT_THROW(ran(halfMeets, 1), std::logic_error); }

TEST(Emulation, ABlockHasNoMoreSharedMemoryThanADevice) {
  EXPECT_THROW(ran(tooMuchShared, 1), std::logic_error);
}

TEST(Emulation, MemoryIsFreshAndFinite) {
  Stream stream(0);
  Buffer<float> buffer(stream, 8);
  EXPECT_TRUE(std::isnan(buffer.data()[3]));
  EXPECT_THROW(Buffer<char>(stream, int64_t{1} << 40), Error);
}

}  // namespace
}  // namespace uc::gpu
