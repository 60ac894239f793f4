// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/bench/stopwatch.h"
#include "core/bench/supplies.h"
#include "core/bench/works.h"
#include "core/engine/jobs.h"
#include "core/values/error.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

namespace uc::bench {
namespace {

using Clock = std::chrono::steady_clock;

MapRequest laneRequest(int64_t lane) {
  MapRequest request;
  request.id.layer = MambaShape{}.layers / 2;
  request.id.lanes = {LaneChoice::Kind::Lane, lane, Merge::Mean};
  return request;
}

/// A work that asks for one map after the other, all of a layer whose factors are there.
template <typename F>
Prepare asking(F requestOf) {
  return [=](Supplies& supplies, const Feedback& prepare) -> Timed {
    const Engine& engine = supplies.engine(prepare);
    const RunHandle run = supplies.run(prepare);
    engine.map(run, requestOf(0), prepare);
    return [=, &engine, number = int64_t{0}](const Feedback& feedback) mutable {
      const MapRequest request = requestOf(++number);
      return seconds([&] { engine.map(run, request, feedback); });
    };
  };
}

/// Starts the work on a worker, asks it to stop after a while and returns the seconds that it took to end.
double stopSeconds(const std::function<void(const Feedback&)>& work, std::chrono::milliseconds delay) {
  std::atomic<bool> isStarted = false;
  Clock::time_point asked, ended;
  {
    JobQueue queue([] {});
    JobQueue::Job job;
    job.work = [&](const Feedback& feedback) {
      isStarted = true;
      isStarted.notify_all();
      try {
        while (true) work(feedback);
      } catch (...) {
        ended = Clock::now();
        throw;
      }
    };
    std::stop_source source = queue.start(std::move(job));
    isStarted.wait(false);
    std::this_thread::sleep_for(delay);
    asked = Clock::now();
    source.request_stop();
  }  // the queue waits for its worker
  return std::chrono::duration<double>(ended - asked).count();
}

}  // namespace

Prepare forwardPass() {
  return [](Supplies& supplies, const Feedback& prepare) -> Timed {
    const Engine& engine = supplies.engine(prepare);
    return [&engine](const Feedback& feedback) {
      return seconds([&] { engine.predict(engine.run(Supplies::input(), feedback), 1, feedback); });
    };
  };
}

Prepare openModel() {
  return [](Supplies& supplies, const Feedback& prepare) -> Timed {
    const std::string folder = supplies.folder(prepare).string();
    return [=](const Feedback& feedback) { return seconds([&] { Engine::open(folder, {}, feedback); }); };
  };
}

Prepare switchLane() {
  return asking([](int64_t number) { return laneRequest(number * 17 % MambaShape{}.lanes); });
}

Prepare switchLayer(int64_t firstLayer, int64_t pool) {
  return [=](Supplies& supplies, const Feedback& prepare) -> Timed {
    const Engine& engine = supplies.engine(prepare);
    const RunHandle run = supplies.run(prepare);
    return [=, &engine, layer = firstLayer](const Feedback& feedback) mutable {
      MapRequest request;
      request.id.layer = layer++;
      request.part.pool = pool;
      request.maySample = pool > 1;
      if (pool > 1) request.patience = 0.03;  // as the window asks for it
      return seconds([&] { engine.map(run, request, feedback); });
    };
  };
}

Prepare oneEntry() {
  return asking([](int64_t number) {
    constexpr int64_t kRow = 1000;
    MapRequest request = laneRequest(3);
    request.part.rows = {kRow, kRow + 1};
    request.part.cols = {number % kRow, number % kRow + 1};
    return request;
  });
}

Prepare stopping() {
  return [](Supplies& supplies, const Feedback& prepare) -> Timed {
    const Engine& engine = supplies.engine(prepare);
    const RunHandle run = supplies.run(prepare);
    return [=, &engine](const Feedback& feedback) {
      constexpr int kTries = 12;
      const std::function<void(const Feedback&)> works[] = {
          [&](const Feedback& own) { engine.map(run, MapRequest{}, own); },
          [&](const Feedback& own) { engine.run(Supplies::input(), own); }};
      double worst = 0.0;
      for (int i = 0; i < kTries; ++i) {
        feedback.checkpoint();
        worst = std::max(worst, stopSeconds(works[i % 2], std::chrono::milliseconds(20 + 13 * i)));
      }
      return worst;
    };
  };
}

Prepare programStart() {
  return [](Supplies&, const Feedback&) -> Timed {
    return [](const Feedback&) {
      return seconds([] {
        std::string name = "undercurrent-cli", option = "--version";
        char* const arguments[] = {name.data(), option.data(), nullptr};
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
        pid_t child = 0;
        int status = posix_spawn(&child, "/proc/self/exe", &actions, nullptr, arguments, environ);
        posix_spawn_file_actions_destroy(&actions);
        const bool isDone = status == 0 && waitpid(child, &status, 0) == child && status == 0;
        if (!isDone)
          fail("The program could not be started again.", "/proc/self/exe", "Leave out the row start.");
      });
    };
  };
}

}  // namespace uc::bench
