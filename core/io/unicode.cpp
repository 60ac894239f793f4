// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/unicode.h"

#include <utf8proc.h>

#include <cstdint>

namespace uc {

namespace {

utf8proc_category_t categoryOf(char32_t scalar) {
  return utf8proc_category(static_cast<utf8proc_int32_t>(scalar));
}

bool isContinuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

bool isBetween(char32_t scalar, char32_t first, char32_t last) { return scalar >= first && scalar <= last; }

/// Length of the sequence that a lead byte begins and the range of its second byte (Unicode, table 3-7).
struct Sequence {
  size_t size = 0;  // 0: not a lead byte
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
};

Sequence sequenceOf(unsigned char lead) {
  if (lead < 0x80) return {1};
  if (lead < 0xC2) return {0};
  if (lead < 0xE0) return {2};
  if (lead == 0xE0) return {3, 0xA0, 0xBF};
  if (lead == 0xED) return {3, 0x80, 0x9F};
  if (lead < 0xF0) return {3};
  if (lead == 0xF0) return {4, 0x90, 0xBF};
  if (lead < 0xF4) return {4};
  if (lead == 0xF4) return {4, 0x80, 0x8F};
  return {0};
}

/// How many bytes at `at` are the beginning of one valid sequence, and whether that is all of it.
struct Prefix {
  size_t size = 0;
  bool isWhole = false;
};

Prefix prefixAt(std::string_view text, size_t at) {
  const Sequence sequence = sequenceOf(static_cast<unsigned char>(text[at]));
  if (sequence.size == 0) return {1, false};
  for (size_t n = 1; n < sequence.size; ++n) {
    if (at + n >= text.size()) return {n, false};
    const auto byte = static_cast<unsigned char>(text[at + n]);
    const bool isGood = n == 1 ? byte >= sequence.low && byte <= sequence.high : isContinuation(text[at + n]);
    if (!isGood) return {n, false};
  }
  return {sequence.size, true};
}

}  // namespace

Scalar scalarAt(std::string_view text, size_t at) {
  const auto byte = [&](size_t n) { return static_cast<uint32_t>(static_cast<unsigned char>(text[at + n])); };
  const uint32_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  if (lead < 0xE0) return {(lead & 0x1F) << 6 | (byte(1) & 0x3F), 2};
  if (lead < 0xF0) return {(lead & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F), 3};
  return {(lead & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F), 4};
}

Scalar scalarBefore(std::string_view text, size_t end) {
  size_t at = end - 1;
  while (at > 0 && isContinuation(text[at])) --at;
  return scalarAt(text, at);
}

void appendUtf8(std::string& text, char32_t scalar) {
  utf8proc_uint8_t bytes[4];
  const auto size = utf8proc_encode_char(static_cast<utf8proc_int32_t>(scalar), bytes);
  text.append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(size));
}

size_t firstInvalidUtf8(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const Prefix prefix = prefixAt(text, at);
    if (!prefix.isWhole) return at;
    at += prefix.size;
  }
  return std::string_view::npos;
}

std::string lossyUtf8(std::string_view bytes) {
  std::string result;
  result.reserve(bytes.size());
  for (size_t at = 0; at < bytes.size();) {
    const Prefix prefix = prefixAt(bytes, at);
    if (prefix.isWhole) {
      result.append(bytes, at, prefix.size);
    } else {
      result += "\xEF\xBF\xBD";
    }
    at += prefix.size;
  }
  return result;
}

bool isWhiteSpace(char32_t c) {
  return c == 0x20 || isBetween(c, 0x09, 0x0D) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         isBetween(c, 0x2000, 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

bool isLetter(char32_t c) {
  if (c < 0x80) return isBetween(c | 0x20, 'a', 'z');
  const auto category = categoryOf(c);
  return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
}

bool isNumber(char32_t c) {
  if (c < 0x80) return isBetween(c, '0', '9');
  const auto category = categoryOf(c);
  return category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO;
}

bool isPunctuation(char32_t c) {
  if (c < 0x80) return isBetween(c, 0x21, 0x7E) && !isLetter(c) && !isNumber(c);
  const auto category = categoryOf(c);
  return category >= UTF8PROC_CATEGORY_PC && category <= UTF8PROC_CATEGORY_PO;
}

bool isWordCharacter(char32_t c) {
  if (c < 0x80) return isLetter(c) || isNumber(c) || c == '_';
  const auto category = categoryOf(c);
  if (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NL) return true;  // L, M, Nd, Nl
  if (category == UTF8PROC_CATEGORY_PC) return true;
  // Join_Control, and the symbols that have the Alphabetic property: utf8proc does not know these properties.
  return c == 0x200C || c == 0x200D || isBetween(c, 0x24B6, 0x24E9) || isBetween(c, 0x1F130, 0x1F149) ||
         isBetween(c, 0x1F150, 0x1F169) || isBetween(c, 0x1F170, 0x1F189);
}

}  // namespace uc
