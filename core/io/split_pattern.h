// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace uc {

/// A stretch of a text that a pattern matches, or one between matches. Stretches cover the text.
struct Stretch {
  size_t begin = 0;
  size_t end = 0;
  bool isMatch = false;
};

/// The regular expressions that published tokenizers split by. Each has a scanner of its own that takes
/// linear time; no expression from a file is ever run.
enum class SplitPattern {
  Gpt2,        // 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
  Llama3,      // contractions in any case, numbers of at most three digits, line ends apart
  Qwen2,       // as Llama3, every digit alone
  UpToThree,   // \p{N}{1,3}
  ThreeDigits  // [0-9][0-9][0-9]
};

/// The pattern with exactly this spelling, or none.
std::optional<SplitPattern> splitPatternSpelled(std::string_view regex);

/// Cuts valid UTF-8 into matches and what lies between them.
std::vector<Stretch> findStretches(SplitPattern pattern, std::string_view text);

}  // namespace uc
