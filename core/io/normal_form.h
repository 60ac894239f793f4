// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace uc {

/// One of Unicode's normalization forms, applied stretch by stretch so that a caller can keep track of
/// offsets.
class NormalForm {
 public:
  NormalForm(bool isComposed, bool isCompatible) : m_isComposed(isComposed), m_isCompatible(isCompatible) {}

  using Kept = std::function<void(size_t begin, size_t end)>;
  using Changed = std::function<void(size_t begin, size_t end, std::string_view by)>;

  /// Cuts valid UTF-8 into stretches, in order: those that stay as they are, and short ones that become
  /// something else. Time is O(n log n) for any text.
  void apply(std::string_view text, const Kept& kept, const Changed& changed) const;

 private:
  bool isBoundary(char32_t scalar) const;
  std::string normalize(std::string_view segment) const;
  void decompose(char32_t scalar, std::vector<int32_t>& out) const;

  bool m_isComposed;
  bool m_isCompatible;
};

}  // namespace uc
