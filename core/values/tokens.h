// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace uc {

/// One token of an input. `begin` and `end` are UTF-8 byte offsets into the input's text; tokens that the
/// post-processor put in front have begin = end = 0.
struct Token {
  int64_t id = 0;
  std::optional<std::string>
      text;  // its own piece of the input, or its bytes as ⟨E2⟩; none without a tokenizer
  size_t begin = 0;
  size_t end = 0;
  bool operator==(const Token&) const = default;
};

/// An input as the model sees it. `text` is empty when the ids were given directly.
struct Tokens {
  std::string text;
  std::vector<Token> list;

  int64_t size() const { return static_cast<int64_t>(list.size()); }
  std::vector<int64_t> ids() const {
    std::vector<int64_t> result;
    result.reserve(list.size());
    for (const Token& token : list) result.push_back(token.id);
    return result;
  }
  bool operator==(const Tokens&) const = default;
};

}  // namespace uc
