// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/io/byte_trie.h"
#include "core/io/sentencepiece_model.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace uc {

/// Cuts normalized texts into the pieces of a SentencePiece model. Immutable.
class SentencePieceSegmenter {
 public:
  /// `userDefined` finds the pieces that are never cut. Keeps references: both must outlive this.
  SentencePieceSegmenter(const SentencePieceModel& model, const ByteTrie& userDefined);

  struct Part {
    int32_t id = 0;   // the unknown piece where no other fits
    size_t size = 0;  // bytes of the text
  };
  /// The parts of a text (valid UTF-8), in order; they cover it. O(n log n) for BPE, O(n) for Unigram.
  std::vector<Part> segments(std::string_view text) const;

 private:
  struct Symbol;
  using Splits = std::unordered_map<std::string_view, size_t>;
  std::vector<Part> pairs(std::string_view text) const;
  std::vector<Symbol> symbols(std::string_view text) const;
  void mergeAll(std::string_view text, std::vector<Symbol>& symbols, Splits& splits) const;
  void putParts(std::string_view text, const Splits& splits, std::vector<Part>& out) const;
  std::vector<Part> mostLikely(std::string_view text) const;
  const SentencePieceModel::Piece& piece(int32_t id) const { return m_model.pieces[static_cast<size_t>(id)]; }
  int32_t mergedId(std::string_view text) const;
  int32_t idOf(std::string_view text) const;

  const SentencePieceModel& m_model;
  const ByteTrie& m_userDefined;
  ByteTrie m_pieces;            // Unigram: those that texts are made of
  float m_unknownScore = 0.0F;  // Unigram
  float m_highestScore = 0.0F;  // Unigram
  size_t m_longest = 0;         // bytes
};

}  // namespace uc
