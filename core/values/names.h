// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace uc {

/// The names of an enumeration's values as on the command line, in their order. For the .cpp files of
/// core/values: others call name() and …Named().
template <typename E, size_t N>
struct Names {
  std::array<std::pair<E, std::string_view>, N> list;

  std::string_view of(E value) const {
    for (const auto& [key, text] : list)
      if (key == value) return text;
    return {};
  }
  std::optional<E> find(std::string_view wanted) const {
    for (const auto& [key, text] : list)
      if (text == wanted) return key;
    return std::nullopt;
  }
  std::vector<E> keys() const {
    std::vector<E> result;
    for (const auto& entry : list) result.push_back(entry.first);
    return result;
  }
};

}  // namespace uc
