// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/values/error.h"

#include <array>
#include <cstdint>
#include <cstdio>

namespace uc {
namespace {

struct Scalar {
  uint32_t code = 0;
  size_t bytes = 0;  // 0: invalid UTF-8 at this byte
};

size_t sequenceLength(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead < 0xE0) return 2;
  if (lead >= 0xE0 && lead < 0xF0) return 3;
  if (lead >= 0xF0 && lead < 0xF5) return 4;
  return 0;
}

Scalar scalarAt(const std::string& text, size_t i) {
  const auto byte = [&](size_t k) { return static_cast<unsigned char>(text[k]); };
  const size_t length = sequenceLength(byte(i));
  if (length == 0 || i + length > text.size()) return {};
  if (length == 1) return {byte(i), 1};
  uint32_t code = byte(i) & (0xFFu >> (length + 1));
  for (size_t k = 1; k < length; ++k) {
    if ((byte(i + k) & 0xC0) != 0x80) return {};
    code = (code << 6) | (byte(i + k) & 0x3Fu);
  }
  static constexpr std::array<uint32_t, 5> kSmallest{0, 0, 0x80, 0x800, 0x10000};
  if (code < kSmallest[length] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return {};
  return {code, length};
}

/// Controls, separators and directional overrides: what could move the cursor or reorder a terminal's line.
bool isUnprintable(uint32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x2028 || code == 0x2029 ||
         (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) || code == 0x200E ||
         code == 0x200F || code == 0xFEFF;
}

std::string escaped(uint32_t code) {
  if (code == '\n') return "\\n";
  if (code == '\t') return "\\t";
  if (code == '\r') return "\\r";
  std::array<char, 16> buffer{};
  std::snprintf(buffer.data(), buffer.size(), code < 0x80 ? "\\x%02X" : "\\u{%X}",
                static_cast<unsigned>(code));
  return buffer.data();
}

bool isContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// At most `limit` bytes of valid UTF-8, the middle replaced by "…" where it is longer.
std::string cutMiddle(const std::string& text, size_t limit) {
  static const std::string ellipsis = "…";
  if (text.size() <= limit) return text;
  if (limit <= ellipsis.size()) return text.substr(0, 0);
  const size_t keep = limit - ellipsis.size();
  size_t head = keep / 2;
  size_t tail = text.size() - (keep - head);
  while (head > 0 && isContinuation(text[head])) --head;
  while (tail < text.size() && isContinuation(text[tail])) ++tail;
  return text.substr(0, head) + ellipsis + text.substr(tail);
}

}  // namespace

std::string printable(const std::string& text, size_t limit) {
  std::string result;
  result.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    const Scalar scalar = scalarAt(text, i);
    if (scalar.bytes == 0) {
      std::array<char, 8> buffer{};
      std::snprintf(buffer.data(), buffer.size(), "\\x%02X", static_cast<unsigned char>(text[i]));
      result += buffer.data();
      ++i;
      continue;
    }
    if (isUnprintable(scalar.code)) {
      result += escaped(scalar.code);
    } else {
      result.append(text, i, scalar.bytes);
    }
    i += scalar.bytes;
  }
  return cutMiddle(result, limit);
}

std::string oneLine(const Error& error, size_t limit) {
  const std::string what = printable(error.what, limit / 2);
  const std::string todo = printable(error.todo, limit / 3);
  std::string line = what;
  if (!error.where.empty()) {
    const size_t used = what.size() + todo.size() + 4;
    line += " " + printable(error.where, limit > used ? limit - used : 0);
    if (!todo.empty()) line += ":";
  }
  if (!todo.empty()) line += " " + todo;
  return cutMiddle(line, limit);
}

std::string grouped(int64_t number) {
  const std::string digits = std::to_string(number);
  const size_t sign = number < 0 ? 1 : 0;
  std::string result;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > sign && (digits.size() - i) % 3 == 0) result += ',';
    result += digits[i];
  }
  return result;
}

Failure::Failure(Error error) : m_error(std::move(error)), m_line(oneLine(m_error)) {}

void fail(std::string what, std::string where, std::string todo) {
  throw Failure({std::move(what), std::move(where), std::move(todo)});
}

}  // namespace uc
