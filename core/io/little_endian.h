// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <bit>
#include <cstddef>
#include <cstring>
#include <string_view>

namespace uc {

static_assert(std::endian::native == std::endian::little, "files of weights are little-endian");

/// The number of type T at byte `at` of `bytes`, at any alignment. Precondition: it lies inside.
template <typename T>
T littleEndian(std::string_view bytes, size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof(T));
  return value;
}

}  // namespace uc
