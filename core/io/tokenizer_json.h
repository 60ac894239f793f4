// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/io/json.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace uc {

/// Reads fields of tokenizer.json with messages of one form. `where` names the file; all throw Failure.

/// Refuses a tokenizer: "The tokenizer has …", and says that ids still work.
[[noreturn]] void failTokenizer(const std::string& what, const std::string& where);
/// "The pre-tokenizer Metaspace is not supported."
[[noreturn]] void failUnknown(std::string_view kind, std::string_view name, const std::string& where);

/// The member `key` of an object, or nullptr where it is missing or null.
const Json* member(const Json& object, const char* key);
/// The `type` of a component, which must be an object. `kind` is what the message calls it.
std::string componentType(const Json& json, std::string_view kind, const std::string& where);
const Json& componentList(const Json& json, const char* key, const std::string& where);
std::string stringField(const Json& json, const char* key, const std::string& where);
bool boolField(const Json& json, const char* key, bool otherwise, const std::string& where);
int64_t idField(const Json& json, const char* key, const std::string& where);
/// A text of exactly one scalar.
std::string scalarField(const Json& json, const char* key, const std::string& where);
/// The text of `"pattern": {"String": text}`; a regular expression is refused by name.
std::string stringPattern(const Json& json, const std::string& where);

}  // namespace uc
