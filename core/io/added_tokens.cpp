// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/added_tokens.h"

#include "core/io/tokenizer_json.h"
#include "core/io/unicode.h"
#include "core/values/error.h"

#include <fmt/format.h>

#include <algorithm>

namespace uc {

namespace {

constexpr size_t kLongestContent = 4096;          // bytes of one added token
constexpr size_t kAllContents = size_t{8} << 20;  // of all: the automaton takes about 50 times as much

int64_t edge(int32_t node, unsigned char byte) { return int64_t{node} << 8 | byte; }

/// Remembers the run of white space that it looked at last, so that many tokens in one long run cost no more
/// than one.
class SpaceRuns {
 public:
  explicit SpaceRuns(std::string_view text) : m_text(text) {}

  size_t endFrom(size_t at) {
    if (at >= m_begin && at <= m_end) return m_end;
    m_begin = m_end = at;
    while (m_end < m_text.size()) {
      const Scalar scalar = scalarAt(m_text, m_end);
      if (!isWhiteSpace(scalar.value)) break;
      m_end += scalar.size;
    }
    return m_end;
  }

  size_t beginBefore(size_t at, size_t floor) const {
    while (at > floor) {
      const Scalar scalar = scalarBefore(m_text, at);
      if (!isWhiteSpace(scalar.value)) break;
      at -= scalar.size;
    }
    return std::max(at, floor);
  }

 private:
  std::string_view m_text;
  size_t m_begin = 1;
  size_t m_end = 0;
};

bool isWithinWord(std::string_view text, size_t begin, size_t end) {
  return (begin > 0 && isWordCharacter(scalarBefore(text, begin).value)) ||
         (end < text.size() && isWordCharacter(scalarAt(text, end).value));
}

}  // namespace

std::vector<AddedToken> addedTokensFromJson(const Json& json, const std::string& where) {
  if (!json.is_array()) failTokenizer("The added tokens are not a list.", where);
  std::vector<AddedToken> result;
  size_t bytes = 0;
  for (const Json& entry : json) {
    if (!entry.is_object()) failTokenizer("An added token is not an object.", where);
    AddedToken token;
    token.id = idField(entry, "id", where);
    token.content = stringField(entry, "content", where);
    token.pattern = token.content;
    token.isSpecial = boolField(entry, "special", false, where);
    token.isNormalized = boolField(entry, "normalized", !token.isSpecial, where);
    token.isSingleWord = boolField(entry, "single_word", false, where);
    token.stripsLeft = boolField(entry, "lstrip", false, where);
    token.stripsRight = boolField(entry, "rstrip", false, where);
    if (token.content.empty()) failTokenizer(fmt::format("The added token {} is empty.", token.id), where);
    if (token.content.size() > kLongestContent) {
      failTokenizer(fmt::format("The added token {} has {} bytes, more than {}.", token.id,
                                token.content.size(), kLongestContent),
                    where);
    }
    bytes += token.content.size();
    if (bytes > kAllContents) {
      failTokenizer(fmt::format("The added tokens have more than {} bytes together.", kAllContents), where);
    }
    result.push_back(std::move(token));
  }
  return result;
}

AddedTokenFinder::AddedTokenFinder(std::vector<AddedToken> tokens) : m_tokens(std::move(tokens)), m_nodes(1) {
  // Read from its end, a text passes through the reversed patterns; where it has just read the beginning of
  // tokens, the automaton (Aho and Corasick) knows the longest of them.
  for (size_t n = 0; n < m_tokens.size(); ++n) {
    int32_t node = 0;
    const std::string& pattern = m_tokens[n].pattern;
    for (auto byte = pattern.rbegin(); byte != pattern.rend(); ++byte) {
      const auto next = static_cast<int32_t>(m_nodes.size());
      const auto [found, isNew] = m_children.try_emplace(edge(node, static_cast<unsigned char>(*byte)), next);
      if (isNew) m_nodes.emplace_back();
      node = found->second;
    }
    m_nodes[static_cast<size_t>(node)].token = static_cast<int32_t>(n);
  }
  // Children are numbered after their parents, but not level by level: go through the levels.
  std::vector<std::vector<std::pair<unsigned char, int32_t>>> children(m_nodes.size());
  for (const auto& [key, node] : m_children) {
    children[static_cast<size_t>(key >> 8)].emplace_back(static_cast<unsigned char>(key & 0xFF), node);
  }
  std::vector<int32_t> order = {0};
  for (size_t n = 0; n < order.size(); ++n) {
    const int32_t parent = order[n];
    for (const auto& [byte, node] : children[static_cast<size_t>(parent)]) {
      Node& entry = m_nodes[static_cast<size_t>(node)];
      entry.failure = parent == 0 ? 0 : step(m_nodes[static_cast<size_t>(parent)].failure, byte);
      if (entry.token < 0) entry.token = m_nodes[static_cast<size_t>(entry.failure)].token;
      order.push_back(node);
    }
  }
}

int32_t AddedTokenFinder::child(int32_t node, unsigned char byte) const {
  const auto found = m_children.find(edge(node, byte));
  return found == m_children.end() ? -1 : found->second;
}

int32_t AddedTokenFinder::step(int32_t node, unsigned char byte) const {
  while (true) {
    if (const int32_t next = child(node, byte); next >= 0) return next;
    if (node == 0) return 0;
    node = m_nodes[static_cast<size_t>(node)].failure;
  }
}

/// For each byte the longest token that begins there, or −1.
std::vector<int32_t> AddedTokenFinder::longestAt(std::string_view text) const {
  std::vector<int32_t> result(text.size());
  int32_t node = 0;
  for (size_t at = text.size(); at-- > 0;) {
    node = step(node, static_cast<unsigned char>(text[at]));
    result[at] = m_nodes[static_cast<size_t>(node)].token;
  }
  return result;
}

void AddedTokenFinder::splitPiece(const AlignedText& text, const Piece& piece,
                                  std::vector<Piece>& out) const {
  const std::string_view view = text.view(piece);
  const std::vector<int32_t> longest = longestAt(view);
  SpaceRuns spaces(view);
  size_t done = 0;
  const auto push = [&](size_t begin, size_t end, int64_t id) {
    out.push_back({piece.begin + begin, piece.begin + end, id});
  };
  for (size_t at = 0; at < view.size();) {
    if (longest[at] < 0) {
      ++at;
      continue;
    }
    const AddedToken& token = m_tokens[static_cast<size_t>(longest[at])];
    size_t begin = at;
    size_t end = at + token.pattern.size();
    at = end;
    if (token.isSingleWord && isWithinWord(view, begin, end)) continue;
    if (token.stripsLeft) begin = std::max(spaces.beginBefore(begin, done), done);
    if (token.stripsRight) end = spaces.endFrom(end);
    if (begin >= end) continue;  // white space all of which the token before has stripped
    if (done < begin) push(done, begin, -1);
    push(begin, end, token.id);
    done = end;
  }
  if (done < view.size()) push(done, view.size(), -1);
}

void AddedTokenFinder::split(AlignedText& text) const {
  if (m_tokens.empty()) return;
  std::vector<Piece> pieces;
  for (const Piece& piece : text.pieces) {
    if (piece.id >= 0) {
      pieces.push_back(piece);
    } else {
      splitPiece(text, piece, pieces);
    }
  }
  text.pieces = std::move(pieces);
}

}  // namespace uc
