// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace uc {

/// A Unicode scalar value and how many bytes it has in UTF-8.
struct Scalar {
  char32_t value = 0;
  size_t size = 0;
};

/// The scalar that begins at byte `at` of valid UTF-8; `at` is less than the text's length.
Scalar scalarAt(std::string_view text, size_t at);

/// The scalar that ends at byte `end` of valid UTF-8; `end` is more than 0.
Scalar scalarBefore(std::string_view text, size_t end);

void appendUtf8(std::string& text, char32_t scalar);

/// Offset of the first byte that is not part of valid UTF-8, or npos. Surrogates and overlong forms are not
/// valid.
size_t firstInvalidUtf8(std::string_view text);

/// Each longest beginning of a sequence that cannot go on becomes one U+FFFD, as Rust and Python do.
std::string lossyUtf8(std::string_view bytes);

bool isWhiteSpace(char32_t scalar);     // the White_Space property, 25 scalars
bool isLetter(char32_t scalar);         // \p{L}
bool isNumber(char32_t scalar);         // \p{N}
bool isPunctuation(char32_t scalar);    // \p{P} and all of ASCII punctuation
bool isWordCharacter(char32_t scalar);  // \w of UTS 18

}  // namespace uc
