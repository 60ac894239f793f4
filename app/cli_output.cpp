// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/cli_output.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace uc {
namespace {

size_t characters(const std::string& text) {
  size_t count = 0;
  for (char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return count;
}

}  // namespace

Console::Console(const Arguments& arguments, std::stop_token stop)
    : m_isTerminal(isatty(STDERR_FILENO) != 0),
      m_wantsLines(arguments.wantsProgress),
      m_isQuiet(arguments.isQuiet),
      m_feedback(std::move(stop),
                 [this](double fraction, std::string_view stage) { show(fraction, stage); }) {}

Console::~Console() { clearLine(); }

void Console::show(double fraction, std::string_view stage) {
  if (m_isQuiet || (!m_isTerminal && !m_wantsLines)) return;
  const auto now = std::chrono::steady_clock::now();
  const int percent = static_cast<int>(fraction * 100.0);
  const double elapsed = std::chrono::duration<double>(now - m_start).count();
  if (!m_isTerminal) {
    if (percent / 10 != m_lastPercent / 10)
      std::fputs(fmt::format("{:3} % {}\n", percent, stage).c_str(), stderr);
    m_lastPercent = percent;
    return;
  }
  // Nothing for what is over at once; then at most ten times a second.
  if (elapsed < 0.3 || now - m_lastShown < std::chrono::milliseconds(100)) return;
  m_lastShown = now;
  std::string left;
  if (fraction > 0.05) left = fmt::format(", {:.0f} s left", elapsed * (1.0 - fraction) / fraction);
  const int filled = percent / 5;
  std::fputs(
      fmt::format("\r\x1b[K[{:#<{}}{:.<{}}] {:3} % {}{}", "", filled, "", 20 - filled, percent, stage, left)
          .c_str(),
      stderr);
  std::fflush(stderr);
  m_isLineShown = true;
}

void Console::clearLine() {
  if (!m_isLineShown) return;
  std::fputs("\r\x1b[K", stderr);
  std::fflush(stderr);
  m_isLineShown = false;
}

void Console::notice(const std::string& sentence) {
  if (m_isQuiet || !m_said.insert(sentence).second) return;
  const std::string line = "undercurrent-cli: " + printable(sentence, 560) + "\n";
  if (!m_isTerminal) {
    m_waiting.push_back(line);
    return;
  }
  clearLine();
  std::fputs(line.c_str(), stderr);
}

void Console::finish() {
  clearLine();
  for (const std::string& line : m_waiting) std::fputs(line.c_str(), stderr);
  m_waiting.clear();
}

void Console::notices(const std::vector<std::string>& sentences) {
  for (const std::string& sentence : sentences) notice(sentence);
}

std::string table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], characters(row[i]));
  }
  std::string result;
  for (const auto& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      result += row[i];
      if (i + 1 < row.size()) result.append(widths[i] - characters(row[i]) + 2, ' ');
    }
    result += '\n';
  }
  return result;
}

void print(const std::string& text) {
  const bool isWritten =
      std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (!isWritten)
    fail("The output could not be written.", "stdout", "Check where it goes, and the space there.");
}

void printJson(const Json& json) { print(json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"); }

std::string shown(const std::string& text) { return printable(text, std::string::npos); }

}  // namespace uc
