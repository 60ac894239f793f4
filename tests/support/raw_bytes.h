// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <cstring>
#include <string>

namespace uc::test {

/// A number as it lies in memory, which is little-endian.
template <typename T>
std::string rawBytes(T value) {
  std::string result(sizeof(T), '\0');
  std::memcpy(result.data(), &value, sizeof(T));
  return result;
}

}  // namespace uc::test
