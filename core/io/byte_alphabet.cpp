// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/byte_alphabet.h"

#include "core/io/unicode.h"

#include <array>
#include <cstdint>

namespace uc {

namespace {

constexpr size_t kLetters = 0x144;  // all letters are below

struct Alphabet {
  std::array<char32_t, 256> letters{};
  std::array<std::string, 256> texts;
  std::array<int16_t, kLetters> bytes{};  // −1: no letter

  Alphabet() {
    bytes.fill(-1);
    char32_t next = 0x100;
    for (unsigned byte = 0; byte < 256; ++byte) {
      const bool isPlain = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
      letters[byte] = isPlain ? byte : next++;
      appendUtf8(texts[byte], letters[byte]);
      bytes[letters[byte]] = static_cast<int16_t>(byte);
    }
  }
};

const Alphabet& alphabet() {
  static const Alphabet instance;
  return instance;
}

}  // namespace

char32_t letterOfByte(unsigned char byte) { return alphabet().letters[byte]; }

std::string_view letterTextOfByte(unsigned char byte) { return alphabet().texts[byte]; }

std::optional<std::string> bytesOfLetters(std::string_view token) {
  std::string result;
  for (size_t at = 0; at < token.size();) {
    const Scalar scalar = scalarAt(token, at);
    if (scalar.value >= kLetters || alphabet().bytes[scalar.value] < 0) return std::nullopt;
    result.push_back(static_cast<char>(alphabet().bytes[scalar.value]));
    at += scalar.size;
  }
  return result;
}

}  // namespace uc
