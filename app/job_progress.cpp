// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/job_progress.h"

#include <QCoreApplication>

#include <cmath>
#include <utility>

namespace uc {

std::function<void(double, const QString&)> JobProgress::begin(std::function<void()> changed) {
  report(0.0, {});
  m_time.start();
  changed();
  return [this, changed = std::move(changed)](double fraction, const QString& stage) {
    report(fraction, stage);
    changed();
  };
}

void JobProgress::report(double fraction, const QString& stage) {
  m_fraction = fraction;
  m_stage = stage;
}

QString JobProgress::cancelledWords() const {
  if (m_fraction <= 0.0) return QCoreApplication::translate("JobProgress", "cancelled");
  return QCoreApplication::translate("JobProgress", "cancelled at %1 %").arg(std::lround(m_fraction * 100.0));
}

}  // namespace uc
