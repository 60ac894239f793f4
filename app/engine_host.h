// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "app/engine_library.h"
#include "core/engine/jobs.h"

#include <QObject>

#include <functional>
#include <memory>
#include <optional>

namespace uc {

/// The job queue on Qt's event loop: its worker wakes the GUI thread by one queued call, which delivers the
/// messages. Loads the engine on the worker when the first job needs it. GUI thread, but for `functions`.
class EngineHost : public QObject {
  Q_OBJECT

 public:
  explicit EngineHost(std::function<EngineFunctions()> load, QObject* parent = nullptr);

  JobQueue& queue() { return m_queue; }
  bool isBusy() const { return m_queue.isBusy(); }

  /// The engine's functions. Worker only. Throws Failure when the engine does not load (then tries again next
  /// time).
  const EngineFunctions& functions();

  template <typename Result>
  struct Job {
    std::function<Result(const Feedback&)> work;  // worker
    std::function<void(Result)> done;             // GUI thread, as are the others; each but work may be empty
    std::function<void(const Error&)> failed;
    std::function<void(double, const QString&)> progress;  // may be empty
  };

  /// Starts a job in place of the one that `slot` started before.
  template <typename Result>
  void start(LatestJob& slot, Job<Result> job) {
    auto result = std::make_shared<std::optional<Result>>();
    JobQueue::Job raw;
    raw.work = [result, work = std::move(job.work)](const Feedback& feedback) {
      result->emplace(work(feedback));
    };
    raw.done = [this, result, done = std::move(job.done)] {
      if (done) done(std::move(**result));
      Q_EMIT activityChanged();
    };
    raw.failed = [this, failed = std::move(job.failed)](const Error& error) {
      if (failed) failed(error);
      Q_EMIT activityChanged();
    };
    if (job.progress)
      raw.progress = [progress = std::move(job.progress)](double fraction, const std::string& stage) {
        progress(fraction, QString::fromStdString(stage));
      };
    slot.start(m_queue, std::move(raw));
    Q_EMIT activityChanged();
  }

 Q_SIGNALS:
  /// A job started or ended.
  void activityChanged();

 private:
  std::function<EngineFunctions()> m_load;
  std::optional<EngineFunctions> m_functions;  // worker only
  JobQueue m_queue;                            // last: joins before the rest goes
};

}  // namespace uc
