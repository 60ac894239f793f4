// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <QElapsedTimer>
#include <QString>

#include <functional>

namespace uc {

/// How far the job that its owner started last is, what it does and since when. Must outlive the owner's
/// jobs. GUI thread.
class JobProgress {
 public:
  /// Begins anew. The result is for a job's `progress`; `changed` is called now and at each report.
  std::function<void(double, const QString&)> begin(std::function<void()> changed);
  void report(double fraction, const QString& stage);

  double fraction() const { return m_fraction; }  // 0 … 1
  const QString& stage() const { return m_stage; }
  qint64 elapsedMs() const { return m_time.isValid() ? m_time.elapsed() : 0; }
  /// "cancelled at 62 %", or "cancelled" where the job had not come that far.
  QString cancelledWords() const;

 private:
  double m_fraction = 0.0;
  QString m_stage;
  QElapsedTimer m_time;
};

}  // namespace uc
