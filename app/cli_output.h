// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "app/cli_arguments.h"
#include "core/io/json.h"

#include <chrono>
#include <set>
#include <string>
#include <vector>

namespace uc {

/// What the command line says while it works: progress and notices on stderr. One line at a time, erased when
/// done.
class Console {
 public:
  Console(const Arguments& arguments, std::stop_token stop);
  ~Console();
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

  /// Cancelled by Ctrl-C; shows a bar on a terminal, plain lines with --progress.
  const Feedback& feedback() const { return m_feedback; }
  /// Says each sentence once.
  void notice(const std::string& sentence);
  void notices(const std::vector<std::string>& sentences);
  /// The work has succeeded: shows the notices that waited.
  void finish();

 private:
  void show(double fraction, std::string_view stage);
  void clearLine();

  bool m_isTerminal = false;
  bool m_wantsLines = false;
  bool m_isQuiet = false;
  bool m_isLineShown = false;
  std::set<std::string> m_said;
  std::vector<std::string> m_waiting;
  int m_lastPercent = -1;
  std::chrono::steady_clock::time_point m_start = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point m_lastShown;
  Feedback m_feedback;
};

/// Columns of text, padded by characters, two spaces between; the last column is not padded.
std::string table(const std::vector<std::vector<std::string>>& rows);

/// Writes to stdout; a write that fails (full disk, closed file) is a Failure.
void print(const std::string& text);
void printJson(const Json& json);

/// `text` for a terminal: control characters escaped, whatever its length.
std::string shown(const std::string& text);

}  // namespace uc
