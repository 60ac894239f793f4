// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/engine/jobs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace uc {
namespace {

/// Something that one thread waits for and another one announces.
class Signal {
 public:
  void set() {
    const std::lock_guard lock(m_mutex);
    ++m_count;
    m_changed.notify_all();
  }
  /// Waits for the next announcement that was not waited for.
  void wait() {
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, [this] { return m_count > 0; });
    --m_count;
  }
  int count() const {
    const std::lock_guard lock(m_mutex);
    return m_count;
  }

 private:
  mutable std::mutex m_mutex;
  std::condition_variable m_changed;
  int m_count = 0;
};

/// Waits until the job is stopped, as long work does.
void workUntilStopped(const Feedback& feedback) {
  for (;;) {
    feedback.checkpoint();
    std::this_thread::yield();
  }
}

struct Owner {
  Signal mail;
  JobQueue queue{[this] { mail.set(); }};

  /// Delivers until `callbacks` callbacks ran.
  void deliver(int callbacks) {
    int ran = queue.deliver();
    while (ran < callbacks) {
      mail.wait();
      ran += queue.deliver();
    }
    EXPECT_EQ(ran, callbacks);
  }
};

TEST(JobQueue, RunsTheWorkOnAnotherThreadAndDeliversOnTheOwners) {
  Owner owner;
  std::thread::id worker, deliverer;
  owner.queue.start({[&](const Feedback&) { worker = std::this_thread::get_id(); },
                     [&] { deliverer = std::this_thread::get_id(); },
                     {},
                     {}});
  owner.deliver(1);
  EXPECT_EQ(deliverer, std::this_thread::get_id());
  EXPECT_NE(worker, deliverer);
}

TEST(JobQueue, AFailureArrivesAsAnError) {
  Owner owner;
  Error received;
  bool isDone = false;
  owner.queue.start({[](const Feedback&) { fail("What.", "where", "Todo."); },
                     [&] { isDone = true; },
                     [&](const Error& error) { received = error; },
                     {}});
  owner.deliver(1);
  EXPECT_EQ(received, (Error{"What.", "where", "Todo."}));
  EXPECT_FALSE(isDone);
}

TEST(JobQueue, AForeignExceptionArrivesWithoutItsText) {
  Owner owner;
  Error received;
  owner.queue.start({[](const Feedback&) { throw std::runtime_error("secret"); },
                     {},
                     [&](const Error& error) { received = error; },
                     {}});
  owner.deliver(1);
  EXPECT_FALSE(received.what.empty());
  EXPECT_EQ(oneLine(received).find("secret"), std::string::npos);
}

TEST(JobQueue, TheLatestJobOfACallerWins) {
  Owner owner;
  LatestJob latest;
  std::vector<int> done;
  for (int i = 0; i < 5; ++i) {
    latest.start(owner.queue, {[](const Feedback&) {}, [&done, i] { done.push_back(i); }, {}, {}});
  }
  owner.deliver(1);
  EXPECT_EQ(done, std::vector<int>{4});
  EXPECT_EQ(owner.queue.deliver(), 0);
}

TEST(JobQueue, ACancelledResultIsNotDeliveredThoughItIsInTheMail) {
  Owner owner;
  bool isDone = false;
  std::stop_source stop = owner.queue.start({[](const Feedback&) {}, [&] { isDone = true; }, {}, {}});
  owner.mail.wait();
  stop.request_stop();
  EXPECT_EQ(owner.queue.deliver(), 0);
  EXPECT_FALSE(isDone);
}

TEST(JobQueue, ACallbackCanCancelAJobWhoseResultIsInTheSameMail) {
  Owner owner;
  std::stop_source second;
  bool isSecondDone = false;
  Signal started, go;
  owner.queue.start({[&](const Feedback&) {
                       started.set();
                       go.wait();
                     },
                     [&] { second.request_stop(); },
                     {},
                     {}});
  Signal isSecondOver;
  started.wait();
  second = owner.queue.start({[](const Feedback&) {}, [&] { isSecondDone = true; }, {}, {}});
  owner.queue.start({[&](const Feedback&) { isSecondOver.set(); }, {}, {}, {}});
  go.set();
  isSecondOver.wait();  // the first two are in the mail now
  owner.queue.deliver();
  EXPECT_FALSE(isSecondDone);
}

TEST(JobQueue, ARunningJobStopsAtItsCheckpointAndSaysNothing) {
  Owner owner;
  Signal started;
  bool isCalled = false;
  std::stop_source stop = owner.queue.start({[&](const Feedback& feedback) {
                                               started.set();
                                               workUntilStopped(feedback);
                                             },
                                             [&] { isCalled = true; },
                                             [&](const Error&) { isCalled = true; },
                                             {}});
  started.wait();
  EXPECT_TRUE(owner.queue.isBusy());
  stop.request_stop();
  EXPECT_FALSE(owner.queue.isBusy());
  owner.queue.start({[](const Feedback&) {}, [] {}, {}, {}});
  owner.deliver(1);  // the one after it
  EXPECT_FALSE(isCalled);
}

TEST(JobQueue, EndsPromptlyWithOneRunningAndFiftyWaiting) {
  int ran = 0;
  {
    Owner owner;
    Signal started;
    owner.queue.start({[&](const Feedback& feedback) {
                         started.set();
                         workUntilStopped(feedback);
                       },
                       {},
                       {},
                       {}});
    for (int i = 0; i < 50; ++i) owner.queue.start({[&](const Feedback&) { ++ran; }, {}, {}, {}});
    started.wait();
  }
  EXPECT_EQ(ran, 0);
}

TEST(JobQueue, ProgressComesInOrderAndTheLatestIsKept) {
  Owner owner;
  std::vector<double> fractions;
  bool isDone = false;
  owner.queue.start({[](const Feedback& feedback) {
                       for (int i = 0; i <= 100; ++i) feedback.report(i / 100.0, "Working");
                     },
                     [&] {
                       isDone = true;
                       EXPECT_FALSE(fractions.empty());
                     },
                     {},
                     [&](double fraction, const std::string& stage) {
                       EXPECT_FALSE(isDone);
                       EXPECT_EQ(stage, "Working");
                       fractions.push_back(fraction);
                     }});
  while (!isDone) {
    owner.mail.wait();
    owner.queue.deliver();
  }
  EXPECT_TRUE(std::is_sorted(fractions.begin(), fractions.end()));
  EXPECT_EQ(fractions.back(), 1.0);
}

TEST(JobQueue, WakesAtMostOnceBetweenTwoDeliveries) {
  Owner owner;
  Signal over;
  for (int i = 0; i < 10; ++i) {
    owner.queue.start({[](const Feedback& feedback) { feedback.report(0.5, "Working"); },
                       [] {},
                       {},
                       [](double, const std::string&) {}});
  }
  owner.queue.start({[&](const Feedback&) { over.set(); }, {}, {}, {}});
  over.wait();
  EXPECT_EQ(owner.mail.count(), 1);
}

TEST(JobQueue, ClosingTheCallerDuringItsJobCancelsIt) {
  Owner owner;
  Signal started;
  bool isCalled = false;
  {
    LatestJob pane;
    pane.start(owner.queue, {[&](const Feedback& feedback) {
                               started.set();
                               workUntilStopped(feedback);
                             },
                             [&] { isCalled = true; },
                             {},
                             {}});
    started.wait();
  }
  EXPECT_FALSE(owner.queue.isBusy());
  owner.queue.start({[](const Feedback&) {}, [] {}, {}, {}});
  owner.deliver(1);
  EXPECT_FALSE(isCalled);
}

TEST(JobQueue, IsBusyUntilTheResultIsDelivered) {
  Owner owner;
  EXPECT_FALSE(owner.queue.isBusy());
  owner.queue.start({[](const Feedback&) {}, [] {}, {}, {}});
  owner.mail.wait();
  EXPECT_TRUE(owner.queue.isBusy());
  EXPECT_EQ(owner.queue.deliver(), 1);
  EXPECT_FALSE(owner.queue.isBusy());
}

/// Remembers the thread that it is destroyed on.
struct Resource {
  explicit Resource(std::vector<std::thread::id>& log) : destroyedOn(log) {}
  ~Resource() { destroyedOn.push_back(std::this_thread::get_id()); }
  std::vector<std::thread::id>& destroyedOn;
};

TEST(JobQueue, WhatAJobHoldsIsDestroyedOnTheOwnersThread) {
  std::vector<std::thread::id> log;
  {
    Owner owner;
    const auto start = [&] {
      auto held = std::make_shared<Resource>(log);
      return owner.queue.start({[](const Feedback&) {}, [held] {}, {}, {}});
    };
    for (int i = 0; i < 20; ++i) {
      std::stop_source stop = start();
      if (i % 2 == 1) {
        stop.request_stop();
        owner.mail.wait();
        EXPECT_EQ(owner.queue.deliver(), 0);
      } else {
        owner.deliver(1);
      }
      while (owner.mail.count() > 0) owner.mail.wait();
    }
  }
  EXPECT_EQ(log, std::vector<std::thread::id>(20, std::this_thread::get_id()));
}

TEST(JobQueue, ACallbackCanStartAnotherJob) {
  Owner owner;
  bool isSecondDone = false;
  owner.queue.start({[](const Feedback&) {},
                     [&] {
                       owner.queue.start({[](const Feedback&) {}, [&] { isSecondDone = true; }, {}, {}});
                     },
                     {},
                     {}});
  owner.deliver(2);
  EXPECT_TRUE(isSecondDone);
}

}  // namespace
}  // namespace uc
