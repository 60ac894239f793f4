// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/engine/jobs.h"

#include <algorithm>
#include <exception>
#include <new>

namespace uc {

JobQueue::JobQueue(std::function<void()> wake)
    : m_wake(std::move(wake)), m_worker([this](const std::stop_token& quit) { loop(quit); }) {}

JobQueue::~JobQueue() {
  std::vector<std::stop_source> running;
  {
    const std::lock_guard lock(m_mutex);
    m_waiting.clear();
    m_isWakePending = true;  // no more calls to the owner
    if (m_running) running.push_back(m_running->stop);
  }
  // Without the lock: a stop may run callbacks of the work.
  for (std::stop_source& stop : running) stop.request_stop();
  m_worker.request_stop();
}

std::stop_source JobQueue::start(Job job) {
  auto entry = std::make_shared<Entry>();
  entry->job = std::move(job);
  std::stop_source stop = entry->stop;
  {
    const std::lock_guard lock(m_mutex);
    m_waiting.push_back(std::move(entry));
  }
  m_arrived.notify_one();
  return stop;
}

int JobQueue::deliver() {
  std::vector<Message> mail;
  {
    const std::lock_guard lock(m_mutex);
    mail.swap(m_mail);
    m_isWakePending = false;
  }
  int count = 0;
  for (Message& message : mail) {
    // Asked for each: the callback before may have cancelled this job.
    if (message.entry->stop.stop_requested() || !message.call) continue;
    message.call(message.entry->job);
    ++count;
  }
  return count;
}

bool JobQueue::isBusy() const {
  const std::lock_guard lock(m_mutex);
  const auto isLive = [](const std::shared_ptr<Entry>& entry) { return !entry->stop.stop_requested(); };
  return std::any_of(m_waiting.begin(), m_waiting.end(), isLive) || (m_running && isLive(m_running)) ||
         std::any_of(m_mail.begin(), m_mail.end(),
                     [&](const Message& message) { return isLive(message.entry); });
}

void JobQueue::loop(const std::stop_token& quit) {
  for (;;) {
    std::shared_ptr<Entry> entry;
    {
      std::unique_lock lock(m_mutex);
      if (!m_arrived.wait(lock, quit, [this] { return !m_waiting.empty(); }) || quit.stop_requested()) return;
      entry = std::move(m_waiting.front());
      m_waiting.pop_front();
      m_running = entry;
    }
    std::function<void(const Job&)> call = outcome(entry);
    {
      const std::lock_guard lock(m_mutex);
      m_running.reset();
      // A cancelled job sends a message without a callback, so that the owner's thread destroys its
      // functions.
      m_mail.push_back({std::move(entry), std::move(call), false});
    }
    wake();
  }
}

std::function<void(const JobQueue::Job&)> JobQueue::outcome(const std::shared_ptr<Entry>& entry) {
  const auto failed = [](Error error) {
    return [error = std::move(error)](const Job& job) {
      if (job.failed) job.failed(error);
    };
  };
  if (entry->stop.stop_requested()) return {};
  Feedback::Report report;
  if (entry->job.progress) {
    // Refers to the entry instead of holding it: the work may keep a copy of its Feedback.
    report = [this, weak = std::weak_ptr<Entry>(entry)](double fraction, std::string_view stage) {
      if (const std::shared_ptr<Entry> live = weak.lock()) reportProgress(live, fraction, stage);
    };
  }
  try {
    entry->job.work(Feedback(entry->stop.get_token(), std::move(report)));
  } catch (const Cancelled&) {
    return {};
  } catch (const Failure& failure) {
    return failed(failure.error());
  } catch (const std::bad_alloc&) {
    return failed({"There is not enough memory.", "",
                   "Use a shorter input or a smaller part, or close other programs."});
  } catch (const std::exception&) {
    return failed({"The work could not be finished.", "", "Try again; report this when it happens again."});
  }
  return [](const Job& job) {
    if (job.done) job.done();
  };
}

void JobQueue::reportProgress(const std::shared_ptr<Entry>& entry, double fraction, std::string_view stage) {
  {
    const std::lock_guard lock(m_mutex);
    auto call = [fraction, stage = std::string(stage)](const Job& job) { job.progress(fraction, stage); };
    const auto waiting = std::find_if(m_mail.begin(), m_mail.end(), [&](const Message& message) {
      return message.isProgress && message.entry == entry;
    });
    if (waiting != m_mail.end()) {
      waiting->call = std::move(call);  // latest only
      return;
    }
    m_mail.push_back({entry, std::move(call), true});
  }
  wake();
}

void JobQueue::wake() {
  {
    const std::lock_guard lock(m_mutex);
    if (m_isWakePending) return;
    m_isWakePending = true;
  }
  if (m_wake) m_wake();
}

}  // namespace uc
