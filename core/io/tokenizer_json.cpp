// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/tokenizer_json.h"

#include "core/io/unicode.h"
#include "core/values/error.h"

#include <fmt/format.h>

namespace uc {

namespace {

/// A pattern that is searched for naively: its length bounds the time a hostile text can cost.
constexpr size_t kLongestPattern = 256;

}  // namespace

void failTokenizer(const std::string& what, const std::string& where) {
  fail(what, where, "Give the input as ids, or use the model's original tokenizer.json.");
}

void failUnknown(std::string_view kind, std::string_view name, const std::string& where) {
  failTokenizer(fmt::format("The {} {} is not supported.", kind, printable(std::string(name), 120)), where);
}

const Json* member(const Json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

std::string componentType(const Json& json, std::string_view kind, const std::string& where) {
  if (!json.is_object()) failTokenizer(fmt::format("The {} is not an object.", kind), where);
  const Json* type = member(json, "type");
  if (!type || !type->is_string()) failTokenizer(fmt::format("The {} has no type.", kind), where);
  return type->get<std::string>();
}

const Json& componentList(const Json& json, const char* key, const std::string& where) {
  const Json* list = member(json, key);
  if (!list || !list->is_array()) failTokenizer(fmt::format("The field {} is not a list.", key), where);
  return *list;
}

std::string stringField(const Json& json, const char* key, const std::string& where) {
  const Json* value = member(json, key);
  if (!value || !value->is_string()) failTokenizer(fmt::format("The field {} is not a text.", key), where);
  return value->get<std::string>();
}

bool boolField(const Json& json, const char* key, bool otherwise, const std::string& where) {
  const Json* value = member(json, key);
  if (!value) return otherwise;
  if (!value->is_boolean()) failTokenizer(fmt::format("The field {} is neither true nor false.", key), where);
  return value->get<bool>();
}

int64_t idField(const Json& json, const char* key, const std::string& where) {
  const Json* value = member(json, key);
  if (!value || !value->is_number_integer()) {
    failTokenizer(fmt::format("The field {} is not a whole number.", key), where);
  }
  if (value->is_number_unsigned() && value->get<uint64_t>() > INT64_MAX) return INT64_MAX;
  return value->get<int64_t>();
}

std::string scalarField(const Json& json, const char* key, const std::string& where) {
  const std::string text = stringField(json, key, where);
  if (text.empty() || scalarAt(text, 0).size != text.size()) {
    failTokenizer(fmt::format("The field {} is not one character.", key), where);
  }
  return text;
}

std::string stringPattern(const Json& json, const std::string& where) {
  const Json* pattern = member(json, "pattern");
  if (!pattern || !pattern->is_object()) failTokenizer("The field pattern is not an object.", where);
  if (const Json* regex = member(*pattern, "Regex"); regex && regex->is_string()) {
    failUnknown("pattern", regex->get<std::string>(), where);
  }
  const std::string text = stringField(*pattern, "String", where);
  if (text.empty()) failTokenizer("A pattern is empty.", where);
  if (text.size() > kLongestPattern) {
    failTokenizer(fmt::format("A pattern has {} bytes, more than {}.", text.size(), kLongestPattern), where);
  }
  return text;
}

}  // namespace uc
