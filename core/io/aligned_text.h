// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace uc {

/// A part of a text on its way to tokens: not yet tokenized, or the place of an added token.
struct Piece {
  size_t begin = 0;
  size_t end = 0;
  int64_t id = -1;  // of an added token; −1: still to be tokenized
};

/// A text that has been rewritten (normalized, prefixed …) and still knows where each byte came from. The
/// pieces follow one another; what lies between them has been dropped.
struct AlignedText {
  std::string text;
  std::vector<size_t> ends;  // [text.size()], where in the original text each byte ends; rises within a piece
  std::vector<Piece> pieces;

  AlignedText() = default;
  explicit AlignedText(std::string_view original);

  std::string_view view(const Piece& piece) const {
    return std::string_view(text).substr(piece.begin, piece.end - piece.begin);
  }
  /// Where in the original text the byte at `at` begins; `at` may be the text's length.
  size_t originOf(size_t at) const { return at == 0 ? 0 : ends[at - 1]; }
};

/// Makes a rewritten text from another, piece by piece.
class Rewriter {
 public:
  explicit Rewriter(const AlignedText& from);

  void beginPiece() { m_pieceBegin = m_to.text.size(); }
  /// Ends a piece; an empty one is dropped.
  void endPiece(int64_t id = -1);

  void keep(size_t begin, size_t end);  // bytes [begin, end) as they are
  /// `by` stands for the bytes [begin, end): byte for byte as far as both go, the last byte for all the rest.
  /// With begin = end it is put in front of what follows.
  void replace(size_t begin, size_t end, std::string_view by);

  AlignedText take() { return std::move(m_to); }

 private:
  const AlignedText& m_from;
  AlignedText m_to;
  size_t m_pieceBegin = 0;
};

}  // namespace uc
