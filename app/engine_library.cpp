// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/engine_library.h"

#include "core/values/error.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QLibrary>

namespace uc {

EngineFunctions loadEngine() {
  const QDir program(QCoreApplication::applicationDirPath());
  const QString name = QStringLiteral("libundercurrent-engine.so");
  const QStringList places{
      program.filePath(name),
      program.filePath(QStringLiteral(UNDERCURRENT_LIBRARY_PATH "/undercurrent/") + name)};
  for (const QString& place : places) {
    if (!QFileInfo::exists(place)) continue;
    QLibrary library(place);
    // the engine's objects outlive this function: no unloading; lazily bound: LibTorch has very many symbols
    library.setLoadHints(QLibrary::PreventUnloadHint);
    using Fill = void (*)(EngineFunctions*);
    const Fill fill = reinterpret_cast<Fill>(library.resolve("undercurrentEngine"));
    if (!fill)
      fail("The engine's library does not load.", library.errorString().toStdString(),
           "Install the program again.");
    EngineFunctions functions;
    fill(&functions);
    return functions;
  }
  fail("The engine's library was not found.", places.first().toStdString(), "Install the program again.");
}

}  // namespace uc
