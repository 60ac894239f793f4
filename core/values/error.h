// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>

namespace uc {

/// A failure as a value, in the three parts that every message of the program has. It crosses threads and
/// borders.
struct Error {
  std::string what;   // what happened: one sentence with its period
  std::string where;  // to what: file, tensor, field, argument; may be empty
  std::string todo;   // what to do: one sentence with its period
  bool operator==(const Error&) const = default;
};

/// One line for a terminal: the three parts, control characters and invalid UTF-8 escaped, names that are too
/// long cut in the middle so that the whole stays within `limit` bytes.
std::string oneLine(const Error& error, size_t limit = 560);

/// `text` with control characters (C0, DEL, C1, line separators, bidirectional overrides) and invalid UTF-8
/// written as \n, \t, \xHH or \u{HHHH}, and cut in the middle to at most `limit` bytes. For names that come
/// from files.
std::string printable(const std::string& text, size_t limit = 200);

/// "65,536"
std::string grouped(int64_t number);

/// How core and gpu report a failure: thrown, and turned into an Error value once, where a job or the command
/// line ends.
class Failure : public std::exception {
 public:
  explicit Failure(Error error);
  const Error& error() const { return m_error; }
  const char* what() const noexcept override { return m_line.c_str(); }

 private:
  Error m_error;
  std::string m_line;
};

/// Thrown by Feedback::checkpoint() when the caller has asked to stop. Not an error and never shown.
struct Cancelled {};

[[noreturn]] void fail(std::string what, std::string where, std::string todo);

}  // namespace uc
