// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/io/byte_trie.h"
#include "core/io/sentencepiece_model.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace uc {

/// How a SentencePiece model rewrites a text before it is cut: its precompiled rules, spaces written as ▁,
/// one perhaps put in front. Immutable.
class SentencePieceNormalizer {
 public:
  /// `userDefined` finds the pieces that are never rewritten. Throws Failure when the rules are malformed.
  /// Keeps references: both must outlive this.
  SentencePieceNormalizer(const SentencePieceModel& model, const ByteTrie& userDefined,
                          const std::string& where);

  struct Result {
    std::string text;
    std::vector<size_t>
        origins;  // [text.size() + 1]: how many bytes of the original were used up before each
  };
  /// `text` is valid UTF-8, and so is the result.
  Result apply(std::string_view text) const;

 private:
  struct Prefix {
    std::string_view by;
    size_t size = 0;  // bytes of the text that `by` stands for
  };
  Prefix prefix(std::string_view text, size_t at) const;
  Prefix ruleAt(std::string_view text, size_t at) const;
  void readRules(const std::string& where);
  size_t withoutSpacesAhead(std::string_view text) const;

  const SentencePieceModel& m_model;
  const ByteTrie& m_userDefined;
  std::vector<uint32_t> m_units;    // a double-array trie of what is replaced
  std::string_view m_replacements;  // texts, each ended by NUL
};

}  // namespace uc
