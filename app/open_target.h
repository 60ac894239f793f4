// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/io/view_json.h"

#include <QString>

#include <optional>

namespace uc {

/// What a file or folder is to the window, told without opening the model: for a drop before its release, for
/// the command line and for the recent files.
struct OpenTarget {
  enum class Kind { Model, Text, Picture, Figure, Session, Unknown };
  Kind kind = Kind::Unknown;
  QString path;                    // Model: what to give to the engine
  QString title;                   // "Mamba model, 24 layers, 516 MB"
  QString hint;                    // what a drop would do
  std::optional<ParsedView> view;  // Figure
};

/// Reads no more than a configuration, a header, or a figure's bytes.
OpenTarget recognize(const QString& path);

/// The text of a file, or Failure when it is not UTF-8 or larger than 16 MB.
QString readTextFile(const QString& path);

}  // namespace uc
