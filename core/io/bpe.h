// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/io/json.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace uc {

/// The byte pair encoding model of a tokenizer.json: cuts words into tokens by merging neighbors in the order
/// learned.
class Bpe {
 public:
  /// From the `model` object. Throws Failure, each malformed class with its message. `rows` is the
  /// embedding's height.
  Bpe(const Json& model, const std::string& where, int64_t rows);

  /// One token of a word: its id and how many of the word's bytes it stands for.
  struct Part {
    int64_t id = 0;
    size_t size = 0;
  };
  /// Appends the tokens of a word (valid UTF-8); O(n log n).
  void encode(std::string_view word, std::vector<Part>& out) const;

  /// True when a scalar that the vocabulary lacks becomes its bytes.
  bool fallsBackToBytes() const { return m_fallsBackToBytes; }
  std::optional<int64_t> idOf(std::string_view token) const;
  const std::unordered_map<int64_t, std::string>& tokens() const { return m_tokens; }

 private:
  struct Merge {
    int32_t rank = 0;
    int32_t id = 0;
  };
  struct Symbol {
    int32_t id = 0;
    int32_t previous = -1;
    int32_t next = -1;
    size_t size = 0;  // 0: merged into the one before
  };
  struct TextHash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  void readOptions(const Json& model, const std::string& where);
  void readVocabulary(const Json& model, const std::string& where, int64_t rows);
  void readMerges(const Json& model, const std::string& where);
  void addMerge(std::string_view left, std::string_view right, int32_t rank, const std::string& where);
  void readBytes();
  const Merge* mergeOf(int32_t left, int32_t right) const;
  std::vector<Symbol> symbols(std::string_view word) const;
  void mergeAll(std::vector<Symbol>& symbols) const;

  std::unordered_map<std::string, int32_t, TextHash, std::equal_to<>> m_ids;
  std::unordered_map<int64_t, std::string> m_tokens;
  std::unordered_map<uint64_t, Merge> m_merges;  // by the ids of a pair
  std::optional<int32_t> m_unknown;
  std::array<int32_t, 256> m_bytes{};  // of <0x00> … <0xFF>; −1: not in the vocabulary, or no fallback
  bool m_fusesUnknown = false;
  bool m_fallsBackToBytes = false;
  bool m_ignoresMerges = false;  // for words that are tokens themselves
};

}  // namespace uc
