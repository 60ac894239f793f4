// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/io/json.h"
#include "core/values/error.h"
#include "core/values/map_id.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace uc {

/// Reads members of one object; a missing one leaves the value as it is, one of another type is an error.
class Members {
 public:
  Members(const Json& json, std::string where) : m_json(json), m_where(std::move(where)) {}

  [[noreturn]] void failField(const char* key) const {
    fail(fmt::format("The field {} cannot be read.", key), m_where, "Save the view or the session anew.");
  }

  const Json* find(const char* key) const {
    const auto found = m_json.find(key);
    return found == m_json.end() || found->is_null() ? nullptr : &*found;
  }

  void read(const char* key, std::string& value) const {
    if (const Json* json = find(key)) value = text(key, *json);
  }
  void read(const char* key, int64_t& value) const {
    if (const Json* json = find(key)) value = whole(key, *json);
  }
  void read(const char* key, double& value) const {
    if (const Json* json = find(key)) value = number(key, *json);
  }
  void read(const char* key, bool& value) const {
    const Json* json = find(key);
    if (!json) return;
    if (!json->is_boolean()) failField(key);
    value = json->get<bool>();
  }
  void read(const char* key, std::optional<int64_t>& value) const {
    if (const Json* json = find(key)) value = whole(key, *json);
  }
  template <typename T, typename Named>
  void read(const char* key, T& value, Named named) const {
    const Json* json = find(key);
    if (!json) return;
    const auto found = named(text(key, *json));
    if (!found) failField(key);
    value = *found;
  }
  void read(const char* key, TokenRange& range) const {
    const auto list = wholes(key, 2);
    if (!list.empty()) range = {list[0], list[1]};
  }

  /// A list of `count` whole numbers (any number when 0), or an empty one where there is none.
  std::vector<int64_t> wholes(const char* key, size_t count) const {
    std::vector<int64_t> result;
    for (const Json& entry : list(key, count)) result.push_back(whole(key, entry));
    return result;
  }
  std::vector<double> numbers(const char* key, size_t count) const {
    std::vector<double> result;
    for (const Json& entry : list(key, count)) result.push_back(number(key, entry));
    return result;
  }
  std::vector<std::string> texts(const char* key) const {
    std::vector<std::string> result;
    for (const Json& entry : list(key, 0)) result.push_back(text(key, entry));
    return result;
  }
  /// The objects of a list; they stay readable as long as what this one was made of.
  std::vector<Members> objects(const char* key) const {
    std::vector<Members> result;
    for (const Json& entry : list(key, 0)) {
      if (!entry.is_object()) failField(key);
      result.push_back({entry, m_where});
    }
    return result;
  }
  Members inner(const char* key) const {
    static const Json empty = Json::object();
    const Json* json = find(key);
    if (json && !json->is_object()) failField(key);
    return {json ? *json : empty, m_where};
  }

 private:
  std::string text(const char* key, const Json& json) const {
    if (!json.is_string()) failField(key);
    return json.get<std::string>();
  }
  int64_t whole(const char* key, const Json& json) const {
    if (!json.is_number_integer()) failField(key);
    if (json.is_number_unsigned() && json.get<uint64_t>() > INT64_MAX) failField(key);
    return json.get<int64_t>();
  }
  double number(const char* key, const Json& json) const {
    if (!json.is_number() || !std::isfinite(json.get<double>())) failField(key);
    return json.get<double>();
  }
  const Json& list(const char* key, size_t count) const {
    static const Json empty = Json::array();
    const Json* json = find(key);
    if (!json) return empty;
    if (!json->is_array() || (count > 0 && json->size() != count)) failField(key);
    return *json;
  }

  const Json& m_json;
  std::string m_where;
};

}  // namespace uc
