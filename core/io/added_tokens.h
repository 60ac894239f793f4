// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/io/aligned_text.h"
#include "core/io/json.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace uc {

/// A token that is recognized in the text before the model sees it.
struct AddedToken {
  int64_t id = 0;
  std::string content;
  std::string pattern;  // what is searched for: the content, normalized where the token is
  bool isSpecial = false;
  bool isNormalized = false;  // searched for in the normalized text
  bool isSingleWord = false;
  bool stripsLeft = false;   // takes the white space before it
  bool stripsRight = false;  // and after it
};

/// The `added_tokens` of a tokenizer.json; `pattern` is left equal to `content`. Throws Failure.
std::vector<AddedToken> addedTokensFromJson(const Json& json, const std::string& where);

/// Finds added tokens in texts, leftmost first and longest at each place, in time linear in the text.
class AddedTokenFinder {
 public:
  AddedTokenFinder() = default;
  /// No two patterns may be equal.
  explicit AddedTokenFinder(std::vector<AddedToken> tokens);

  /// Cuts the pieces that are still to be tokenized at the tokens found in them. Where one token has stripped
  /// white space that holds another, both are kept and their pieces overlap, as in the reference library.
  void split(AlignedText& text) const;

 private:
  struct Node {
    int32_t failure = 0;
    int32_t token = -1;  // the longest token whose reversed pattern ends here
  };
  int32_t step(int32_t node, unsigned char byte) const;
  int32_t child(int32_t node, unsigned char byte) const;
  std::vector<int32_t> longestAt(std::string_view text) const;
  void splitPiece(const AlignedText& text, const Piece& piece, std::vector<Piece>& out) const;

  std::vector<AddedToken> m_tokens;
  std::vector<Node> m_nodes;  // of the automaton of the reversed patterns
  std::unordered_map<int64_t, int32_t> m_children;
};

}  // namespace uc
