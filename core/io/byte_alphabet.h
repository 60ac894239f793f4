// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace uc {

/// The printable letter that stands for a byte in byte-level vocabularies: itself for 33–126, 161–172 and
/// 174–255, else U+0100 and up in the bytes' order.
char32_t letterOfByte(unsigned char byte);

/// The same in UTF-8.
std::string_view letterTextOfByte(unsigned char byte);

/// The bytes that a token's letters stand for; nothing when one of them is no such letter.
std::optional<std::string> bytesOfLetters(std::string_view token);

}  // namespace uc
