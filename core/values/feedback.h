// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/error.h"

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

namespace uc {

/// The last argument of every function that can take long: lets it be cancelled and lets it say how far it
/// is. A default-made one is never cancelled and silent. Callbacks run on the thread that does the work.
class Feedback {
 public:
  using Report = std::function<void(double fraction, std::string_view stage)>;

  Feedback() = default;
  explicit Feedback(std::stop_token stop, Report report = {})
      : m_stop(std::move(stop)), m_report(std::move(report)) {}

  /// Throws Cancelled when a stop was requested. Call at least once a layer, a tile, a step of a loop over
  /// inputs.
  void checkpoint() const {
    if (m_stop.stop_requested()) throw Cancelled{};
  }
  bool isCancelled() const { return m_stop.stop_requested(); }

  /// `fraction` of the whole in [0, 1]; `stage` in words ("Running layer 3").
  void report(double fraction, std::string_view stage) const {
    if (m_report) m_report(fraction, stage);
  }

  /// A Feedback whose fractions fill [from, to] of this one.
  Feedback part(double from, double to) const {
    if (!m_report) return Feedback(m_stop);
    return Feedback(m_stop, [report = m_report, from, to](double fraction, std::string_view stage) {
      report(from + (to - from) * fraction, stage);
    });
  }

  /// The same stop, and no reports: for work on several threads, which callbacks are not made for.
  Feedback silent() const { return Feedback(m_stop); }

 private:
  std::stop_token m_stop;
  Report m_report;
};

}  // namespace uc
