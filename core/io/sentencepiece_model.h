// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace uc {

/// What a SentencePiece model file (tokenizer.model) says, checked: its pieces and how it reads texts. Field
/// names and numbers are those of sentencepiece_model.proto.
struct SentencePieceModel {
  enum class Type { Normal = 1, Unknown = 2, Control = 3, UserDefined = 4, Unused = 5, Byte = 6 };
  struct Piece {
    std::string text;    // UTF-8 without NUL; none empty, no two equal
    float score = 0.0F;  // finite
    Type type = Type::Normal;
  };
  std::vector<Piece> pieces;                          // by id
  std::unordered_map<std::string_view, int32_t> ids;  // views of `pieces`
  int32_t unknown = -1;                               // the one piece of that type
  std::array<int32_t, 256> bytes{};                   // the pieces that stand for bytes; −1: none

  bool isUnigram = true;                    // else byte pair encoding
  bool fallsBackToBytes = false;            // then all 256 bytes are pieces
  bool spaceIsSuffix = false;               // treat_whitespace_as_suffix
  std::string unknownSurface = " \u2047 ";  // how the unknown piece is written in a text
  std::string beginPiece = "<s>";
  std::string endPiece = "</s>";

  bool addsDummyPrefix = true;
  bool removesExtraSpaces = true;
  bool escapesSpaces = true;
  std::string charsmap;  // precompiled rules of normalization; empty: none

  SentencePieceModel() = default;
  SentencePieceModel(SentencePieceModel&&) = default;  // no copies: `ids` views `pieces`
  SentencePieceModel& operator=(SentencePieceModel&&) = default;

  /// The id of a control piece, or −1.
  int32_t controlId(const std::string& name) const;
};

/// Throws Failure, each malformed class with its message. `rows` is the embedding's height: there may be no
/// more pieces; `where` names the file.
SentencePieceModel parseSentencePieceModel(std::string_view file, const std::string& where, int64_t rows);

}  // namespace uc
