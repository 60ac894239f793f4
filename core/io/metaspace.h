// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/io/json.h"

#include <string>

namespace uc {

/// The `Metaspace` pre-tokenizer and decoder of a tokenizer.json: spaces are written as a visible letter, and
/// one may be put in front.
struct Metaspace {
  enum class Prepend { Always, First, Never };  // First: only in front of the text's beginning
  std::string replacement;                      // one scalar
  Prepend prepend = Prepend::Always;
  bool splits = true;  // in front of every replacement
};

/// Throws Failure naming the field that is wrong. `where` names the file.
Metaspace metaspaceFromJson(const Json& json, const std::string& where);

}  // namespace uc
