// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/error.h"
#include "core/values/feedback.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace uc {

/// One worker thread and a mailbox; free of Qt. A job's `work` runs on the worker; what it returns, its
/// failure and its progress come back as messages that the owner's thread runs in deliver(). Stop is
/// requested on the owner's thread and messages are delivered there too, so a cancelled job never calls back.
/// request_stop never waits; only the destructor joins, after stopping everything. All members but the
/// constructor's `wake` are called on the owner's thread; `wake` is called on the worker, at most once
/// between two deliveries.
class JobQueue {
 public:
  /// The messages of one job on the owner's side. `done` receives what `work` put into its result by capture.
  struct Job {
    std::function<void(const Feedback&)> work;                          // worker; may throw
    std::function<void()> done;                                         // owner
    std::function<void(const Error&)> failed;                           // owner
    std::function<void(double fraction, const std::string&)> progress;  // owner, latest only; may be empty
  };

  explicit JobQueue(std::function<void()> wake);
  ~JobQueue();
  JobQueue(const JobQueue&) = delete;
  JobQueue& operator=(const JobQueue&) = delete;

  /// Queues a job. The returned source cancels it: waiting or running, it will not call back any more.
  std::stop_source start(Job job);

  /// Runs the waiting messages of jobs that were not cancelled. Returns how many callbacks ran. Callbacks may
  /// start and cancel jobs, but not call deliver() or destroy the queue.
  int deliver();

  /// True while a job that was not cancelled waits, runs, or has messages that were not delivered.
  bool isBusy() const;

 private:
  struct Entry {
    Job job;
    std::stop_source stop;
  };
  struct Message {
    std::shared_ptr<Entry> entry;
    std::function<void(const Job&)> call;
    bool isProgress = false;
  };
  void loop(const std::stop_token& quit);
  std::function<void(const Job&)> outcome(const std::shared_ptr<Entry>& entry);
  void reportProgress(const std::shared_ptr<Entry>& entry, double fraction, std::string_view stage);
  void wake();

  std::function<void()> m_wake;
  mutable std::mutex m_mutex;
  std::condition_variable_any m_arrived;
  std::deque<std::shared_ptr<Entry>> m_waiting;
  std::shared_ptr<Entry> m_running;
  std::vector<Message> m_mail;
  bool m_isWakePending = false;
  std::jthread m_worker;  // last: stops and joins first
};

/// "Latest wins" for one caller (a pane, a field): starting another job, or destroying this, cancels the one
/// before.
class LatestJob {
 public:
  LatestJob() = default;
  ~LatestJob() { cancel(); }
  LatestJob(const LatestJob&) = delete;
  LatestJob& operator=(const LatestJob&) = delete;

  void start(JobQueue& queue, JobQueue::Job job) {
    cancel();
    m_stop = queue.start(std::move(job));
  }
  void cancel() { m_stop.request_stop(); }

 private:
  std::stop_source m_stop{std::nostopstate};
};

}  // namespace uc
