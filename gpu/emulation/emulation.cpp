// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "gpu/emulation/emulation.h"

#include <boost/context/fiber.hpp>
#include <boost/context/pooled_fixedsize_stack.hpp>

#include <algorithm>
#include <array>
#include <exception>
#include <memory>
#include <numeric>
#include <random>
#include <stdexcept>

namespace uc::gpu::emulation {
namespace {

namespace ctx = boost::context;

constexpr size_t kStackBytes = size_t{64} << 10;

enum class Wait { None, Warp, Block, Ended };

struct Fiber {
  ctx::fiber self;     // while it rests
  ctx::fiber outside;  // while it runs
  Wait wait = Wait::None;
  size_t sharedUsed = 0;
  std::array<uint64_t, 2> slots{};  // what it hands to its warp, in turns
  unsigned turn = 0;
};

/// One block at a time; the threads of the next one reuse the fibers' stacks.
class Block {
 public:
  Block(unsigned threads, uint64_t seed) : m_fibers(threads), m_order(threads), m_random(seed) {
    std::iota(m_order.begin(), m_order.end(), 0U);
  }

  void run(const std::function<void()>& thread) {
    std::memset(m_shared.data(), 0xFF, m_shared.size());  // every float and double in it is NaN
    for (Fiber& fiber : m_fibers) {
      fiber.wait = Wait::None;
      fiber.sharedUsed = 0;
      fiber.self = ctx::fiber(std::allocator_arg, m_stacks, [this, &fiber, &thread](ctx::fiber&& outside) {
        fiber.outside = std::move(outside);
        try {
          thread();
        } catch (const std::exception&) {
          m_error = std::current_exception();
        }
        fiber.wait = Wait::Ended;
        return std::move(fiber.outside);
      });
    }
    do {
      std::shuffle(m_order.begin(), m_order.end(), m_random);
      for (const unsigned i : m_order) {
        if (m_fibers[i].wait == Wait::None) resume(i);
      }
    } while (releases());
  }

  void rest(Wait wait) {
    Fiber& fiber = m_fibers[m_current];
    fiber.wait = wait;
    fiber.outside = std::move(fiber.outside).resume();
  }

  void* shared(size_t bytes, size_t alignment) {
    size_t& used = m_fibers[m_current].sharedUsed;
    const size_t begin = (used + alignment - 1) / alignment * alignment;
    used = begin + bytes;
    if (used > m_shared.size()) throw std::logic_error("a block has 48 KB of shared memory");
    return m_shared.data() + begin;
  }

  uint64_t exchange(uint64_t value, unsigned from) {
    Fiber& fiber = m_fibers[m_current];
    const unsigned turn = fiber.turn ^= 1U;  // the others may still read the last turn's
    fiber.slots[turn] = value;
    const unsigned other = m_current / kWarp * kWarp + from;
    rest(Wait::Warp);
    return m_fibers.at(other).slots[turn];
  }

  unsigned current() const { return m_current; }

 private:
  void resume(unsigned i) {
    m_current = i;
    threadIdx = dim3(i);
    Fiber& fiber = m_fibers[i];
    fiber.self = std::move(fiber.self).resume();
    if (m_error) std::rethrow_exception(m_error);
  }

  /// Lets those go on who all have met; false when all have ended.
  bool releases() {
    const auto isWaiting = [](Wait wait) { return [wait](const Fiber& f) { return f.wait == wait; }; };
    if (std::all_of(m_fibers.begin(), m_fibers.end(), isWaiting(Wait::Ended))) return false;
    bool isAny = release(m_fibers.begin(), m_fibers.end(), Wait::Block);
    for (size_t begin = 0; begin < m_fibers.size(); begin += kWarp) {
      const auto first = m_fibers.begin() + static_cast<std::ptrdiff_t>(begin);
      const auto last =
          m_fibers.begin() + static_cast<std::ptrdiff_t>(std::min(begin + kWarp, m_fibers.size()));
      isAny |= release(first, last, Wait::Warp);
    }
    if (!isAny) throw std::logic_error("a barrier that not all threads reach");
    return true;
  }

  using Iterator = std::vector<Fiber>::iterator;
  static bool release(Iterator first, Iterator last, Wait wait) {
    if (!std::all_of(first, last, [wait](const Fiber& f) { return f.wait == wait; })) return false;
    std::for_each(first, last, [](Fiber& f) { f.wait = Wait::None; });
    return true;
  }

  ctx::pooled_fixedsize_stack m_stacks{kStackBytes};
  std::vector<Fiber> m_fibers;
  std::vector<unsigned> m_order;
  std::mt19937_64 m_random;
  unsigned m_current = 0;
  std::exception_ptr m_error;
  alignas(16) std::array<unsigned char, kSharedBytes> m_shared{};
};

thread_local Block* block = nullptr;  // the one that runs
uint64_t theSeed = 1;
int64_t theLaunches = 0;
int64_t failingLaunch = -1;

}  // namespace

void setSeed(uint64_t seed) { theSeed = seed; }
void failLaunchAfter(int64_t count) { failingLaunch = theLaunches + count; }
int64_t launches() { return theLaunches; }

void run(dim3 grid, unsigned threads, const std::function<void()>& thread) {
  if (theLaunches++ == failingLaunch) throw Error("launching: the emulation was told to fail", false);
  if (grid.x == 0 || grid.y == 0 || grid.z == 0 || grid.y > 65535 || grid.z > 65535 || threads > 1024) {
    throw Error("launching: invalid configuration", false);
  }
  const auto owner = std::make_unique<Block>(threads, theSeed);
  block = owner.get();
  gridDim = grid;
  blockDim = dim3(threads);
  for (unsigned z = 0; z < grid.z; ++z) {
    for (unsigned y = 0; y < grid.y; ++y) {
      for (unsigned x = 0; x < grid.x; ++x) {
        blockIdx = dim3(x, y, z);
        block->run(thread);
      }
    }
  }
  block = nullptr;
}

void syncThreads() { block->rest(Wait::Block); }
void* sharedMemory(size_t bytes, size_t alignment) { return block->shared(bytes, alignment); }
uint64_t exchange(uint64_t value, unsigned from) { return block->exchange(value, from); }
unsigned laneOfWarp() { return block->current() % kWarp; }

}  // namespace uc::gpu::emulation
