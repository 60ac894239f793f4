// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/python_literal.h"

#include "core/io/unicode.h"
#include "core/values/error.h"

#include <fmt/format.h>

#include <charconv>

namespace uc {

namespace {

[[noreturn]] void failLiteral(std::string what) { throw PythonLiteralError{std::move(what)}; }

/// Takes the hexadecimal digits of an escape from the front of `rest`.
char32_t takeHex(std::string_view& rest, size_t digits) {
  const std::string_view text = rest.substr(0, digits);
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (text.size() < digits || error != std::errc() || end != text.data() + digits) {
    failLiteral(fmt::format("An escape has not {} hexadecimal digits.", digits));
  }
  rest.remove_prefix(digits);
  return value;
}

void appendScalar(std::string& out, char32_t value) {
  if (value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) {
    failLiteral(fmt::format("The escape U+{:04X} is no character.", static_cast<uint32_t>(value)));
  }
  appendUtf8(out, value);
}

/// Takes an escape, its backslash taken already.
void takeEscape(std::string_view& rest, bool isBytes, std::string& out) {
  const char kind = rest.front();
  rest.remove_prefix(1);
  switch (kind) {
    case 'n':
      return out.push_back('\n');
    case 'r':
      return out.push_back('\r');
    case 't':
      return out.push_back('\t');
    case '\\':
    case '\'':
    case '"':
      return out.push_back(kind);
    case 'x': {
      const char32_t value = takeHex(rest, 2);
      return isBytes ? out.push_back(static_cast<char>(value)) : appendUtf8(out, value);
    }
    case 'u':
    case 'U':
      if (!isBytes) return appendScalar(out, takeHex(rest, kind == 'u' ? 4 : 8));
      break;
    default:
      break;
  }
  failLiteral(fmt::format("The escape \\{} is not known.", printable(std::string(1, kind))));
}

}  // namespace

std::string pythonLiteral(std::string_view literal) {
  std::string_view rest = literal;
  const bool isBytes = rest.starts_with('b');
  if (isBytes) rest.remove_prefix(1);
  if (rest.empty() || (rest.front() != '\'' && rest.front() != '"')) {
    failLiteral("The text does not begin with a quotation mark.");
  }
  const char quote = rest.front();
  rest.remove_prefix(1);
  std::string result;
  while (!rest.empty() && rest.front() != quote) {
    const char next = rest.front();
    rest.remove_prefix(1);
    if (next == '\\' && !rest.empty()) {
      takeEscape(rest, isBytes, result);
    } else if (isBytes && static_cast<unsigned char>(next) >= 0x80) {
      failLiteral("A literal of bytes holds a character outside ASCII.");
    } else {
      result.push_back(next);
    }
  }
  if (rest.empty()) failLiteral("The text has no closing quotation mark.");
  if (rest.size() > 1) failLiteral("The text goes on after its closing quotation mark.");
  return result;
}

}  // namespace uc
