// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <nlohmann/json.hpp>

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace uc {

using Json = nlohmann::ordered_json;

struct JsonLimits {
  size_t bytes = 64u << 20;
  int depth = 64;
};

/// Parses strictly: valid UTF-8, no duplicate keys at any level, nothing after the value but white space,
/// depth and size limited. `where` names the file in messages. Infinity, -Infinity and NaN literals are
/// accepted as Python writes them.
Json parseJson(std::string_view text, const std::string& where, const JsonLimits& limits = {});

/// Reads a regular file of at most limits.bytes and parses it.
Json readJson(const std::filesystem::path& path, const JsonLimits& limits = {});

/// The whole of a regular file ("not a regular file" for folders, pipes, devices), at most `limit` bytes.
std::string readFile(const std::filesystem::path& path, size_t limit);

}  // namespace uc
