// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <QFile>
#include <QLocale>
#include <QTemporaryDir>

#include <gtest/gtest.h>

namespace uc {

inline void failOnWarning(QtMsgType type, const QMessageLogContext&, const QString& message) {
  if (type == QtDebugMsg || type == QtInfoMsg) return;
  // The offscreen platform says these two about every window.
  for (const char* allowed :
       {"This plugin does not support propagateSizeHints()", "This plugin does not support raise()"}) {
    if (message == QLatin1String(allowed)) return;
  }
  ADD_FAILURE() << "Qt warns: " << message.toStdString();
}

/// main() of tests that need an `Application`: on the `offscreen` platform unless QT_QPA_PLATFORM says
/// otherwise, with a runtime folder and a locale of its own, and with every Qt warning a failed test.
template <typename Application>
int runQtTests(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  const QTemporaryDir runtime;
  QFile::setPermissions(runtime.path(), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
  qputenv("XDG_RUNTIME_DIR", runtime.path().toLocal8Bit());
  if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen");
  QLocale::setDefault(QLocale::c());
  qInstallMessageHandler(failOnWarning);
  const Application application(argc, argv);
  return RUN_ALL_TESTS();
}

}  // namespace uc
