// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/start_timings.h"

#include <QEvent>
#include <QFile>
#include <QTimer>

#include <unistd.h>

#include <cstdio>
#include <ctime>

namespace uc {

namespace {

/// Seconds since this process was made, by the kernel's own clock (hundredths).
double secondsSinceStart() {
  QFile file(QStringLiteral("/proc/self/stat"));
  if (!file.open(QIODevice::ReadOnly)) return 0.0;
  const QByteArray line = file.readAll();
  // the name in parentheses may hold spaces; the start time is the 20th field behind it
  const QList<QByteArray> fields = line.mid(line.lastIndexOf(')') + 2).split(' ');
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  const double started = fields.value(19).toDouble() / static_cast<double>(sysconf(_SC_CLK_TCK));
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9 - started;
}

}  // namespace

StartTimings::StartTimings(QWidget* window, QWidget* view, std::function<bool()> isMapShown)
    : QObject(window), m_window(window), m_view(view), m_isMapShown(std::move(isMapShown)) {
  window->installEventFilter(this);
  view->installEventFilter(this);
}

bool StartTimings::eventFilter(QObject* object, QEvent* event) {
  if (event->type() != QEvent::Paint || m_isDone) return false;
  // the event is about to be handled; what is queued now runs right after it
  if (object == m_window && m_painted <= 0.0) {
    m_painted = secondsSinceStart();
    QTimer::singleShot(0, this, [this] {
      m_painted = secondsSinceStart();
      Q_EMIT firstPainted();
    });
  } else if (object == m_view && m_isMapShown()) {
    m_isDone = true;
    QTimer::singleShot(0, this, [this] {
      if (qEnvironmentVariableIsEmpty("UNDERCURRENT_TIMINGS")) return;
      std::fprintf(stderr, "painted %.2f s, map %.2f s since process start\n", m_painted,
                   secondsSinceStart());
    });
  }
  return false;
}

}  // namespace uc
