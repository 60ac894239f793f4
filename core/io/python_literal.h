// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <string>
#include <string_view>

namespace uc {

/// Why a literal cannot be read; the caller knows where it stands.
struct PythonLiteralError {
  std::string what;  // one sentence
};

/// The bytes of a Python literal as repr() writes it: '…' or "…" gives a text in UTF-8, in which \xHH is the
/// code point U+00HH; b'…' or b"…" gives bytes, in which it is one byte. `literal` is valid UTF-8. Throws
/// PythonLiteralError.
std::string pythonLiteral(std::string_view literal);

}  // namespace uc
