// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/parallel.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <new>
#include <optional>
#include <system_error>
#include <thread>
#include <vector>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace uc {
namespace {

std::atomic<int> chosenThreads{0};

/// Denormal numbers cost a hundred cycles each on some machines, and decays make many of them.
class DenormalsFlushed {
 public:
#if defined(__SSE2__)
  DenormalsFlushed() : m_before(_mm_getcsr()) { _mm_setcsr(m_before | kFlushToZero | kDenormalsAreZero); }
  ~DenormalsFlushed() { _mm_setcsr(m_before); }
#else
  DenormalsFlushed() = default;
#endif
  DenormalsFlushed(const DenormalsFlushed&) = delete;
  DenormalsFlushed& operator=(const DenormalsFlushed&) = delete;

 private:
#if defined(__SSE2__)
  static constexpr unsigned kFlushToZero = 0x8000, kDenormalsAreZero = 0x0040;
  unsigned m_before;
#endif
};

/// The shared state of one loop. Failures are kept as values: exceptions do not cross threads.
class Crew {
 public:
  Crew(int64_t count, const Work& work, const Work& merge, std::string_view stage, const Feedback& feedback)
      : m_count(count), m_work(work), m_merge(merge), m_stage(stage), m_feedback(feedback) {}

  void loop(int64_t worker) {
    const DenormalsFlushed flushed;
    try {
      for (int64_t item = take(); item < m_count; item = take()) {
        m_work(item, worker);
        if (!waitForTurn(item)) return;
        m_merge(item, worker);
        passTurn();
        if (worker == 0 && !m_stage.empty()) {
          m_feedback.report(static_cast<double>(item + 1) / static_cast<double>(m_count), m_stage);
        }
      }
    } catch (const Cancelled&) {
      stop([this] { m_isCancelled = true; });
    } catch (const Failure& failure) {
      stop([&] { m_error = failure.error(); });
    } catch (const std::bad_alloc&) {
      stop([this] { m_isOutOfMemory = true; });
    } catch (const std::exception& unexpected) {
      stop([&] {
        m_error = Error{"The computation stopped on an internal error.", printable(unexpected.what()),
                        "Please report this with the input that led to it."};
      });
    }
  }

  /// After all workers have ended.
  void rethrow() const {
    if (m_error) throw Failure(*m_error);
    if (m_isOutOfMemory) throw std::bad_alloc();
    if (m_isCancelled) throw Cancelled{};
  }

 private:
  int64_t take() {
    const std::lock_guard lock(m_mutex);
    if (m_isStopped) return m_count;
    if (m_next < m_count) m_feedback.checkpoint();
    return m_next < m_count ? m_next++ : m_count;
  }

  bool waitForTurn(int64_t item) {
    std::unique_lock lock(m_mutex);
    m_turnPassed.wait(lock, [&] { return m_turn == item || m_isStopped; });
    return !m_isStopped;
  }

  void passTurn() {
    const std::lock_guard lock(m_mutex);
    ++m_turn;
    m_turnPassed.notify_all();
  }

  void stop(const std::function<void()>& note) {
    const std::lock_guard lock(m_mutex);
    note();
    m_isStopped = true;
    m_turnPassed.notify_all();
  }

  const int64_t m_count;
  const Work& m_work;
  const Work& m_merge;
  const std::string_view m_stage;
  const Feedback& m_feedback;

  std::mutex m_mutex;
  std::condition_variable m_turnPassed;
  int64_t m_next = 0;  // the first item that nobody has taken
  int64_t m_turn = 0;  // the item whose merge comes next
  bool m_isStopped = false;
  bool m_isCancelled = false;
  bool m_isOutOfMemory = false;
  std::optional<Error> m_error;
};

}  // namespace

void setThreadCount(int count) { chosenThreads = std::max(count, 0); }

int threadCount() {
  const int chosen = chosenThreads;
  return chosen > 0 ? chosen : static_cast<int>(std::max(std::thread::hardware_concurrency(), 1U));
}

int64_t workersFor(int64_t count) { return std::clamp<int64_t>(count, 1, threadCount()); }

void parallelInOrder(int64_t count, const Work& work, const Work& merge, std::string_view stage,
                     const Feedback& feedback) {
  Crew crew(count, work, merge, stage, feedback);
  {
    std::vector<std::jthread> helpers;
    for (int64_t worker = 1; worker < workersFor(count); ++worker) {
      try {
        helpers.emplace_back([&crew, worker] { crew.loop(worker); });
      } catch (const std::system_error&) {
        break;  // no more threads to be had: fewer do the same work
      }
    }
    crew.loop(0);
  }
  crew.rethrow();
}

void parallelFor(int64_t count, const Work& work, std::string_view stage, const Feedback& feedback) {
  parallelInOrder(
      count, work, [](int64_t, int64_t) {}, stage, feedback);
}

}  // namespace uc
