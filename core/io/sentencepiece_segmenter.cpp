// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/sentencepiece_segmenter.h"

#include "core/io/unicode.h"

#include <queue>

#include <algorithm>
#include <limits>
#include <unordered_map>

namespace uc {

namespace {

using Type = SentencePieceModel::Type;

/// Pieces that texts are made of; control, unknown and byte pieces never come from the text itself.
bool isOfTexts(Type type) {
  return type == Type::Normal || type == Type::UserDefined || type == Type::Unused;
}

}  // namespace

/// A stretch of the text on its way to a piece; all begin where they began at first.
struct SentencePieceSegmenter::Symbol {
  size_t begin = 0;
  size_t size = 0;  // 0: merged into the one before
  int32_t previous = -1;
  int32_t next = -1;
  bool isFrozen = false;  // a piece defined by the user
};

SentencePieceSegmenter::SentencePieceSegmenter(const SentencePieceModel& model, const ByteTrie& userDefined)
    : m_model(model), m_userDefined(userDefined) {
  // As the reference has it: the highest score begins with the smallest float above 0.
  float lowest = std::numeric_limits<float>::max();
  m_highestScore = std::numeric_limits<float>::min();
  std::vector<std::pair<std::string_view, int32_t>> entries;
  for (size_t n = 0; n < model.pieces.size(); ++n) {
    const SentencePieceModel::Piece& piece = model.pieces[n];
    m_longest = std::max(m_longest, piece.text.size());
    if (isOfTexts(piece.type)) entries.emplace_back(piece.text, static_cast<int32_t>(n));
    if (piece.type != Type::Normal) continue;
    lowest = std::min(lowest, piece.score);
    m_highestScore = std::max(m_highestScore, piece.score);
  }
  m_unknownScore = lowest - 10.0F;
  if (model.isUnigram) m_pieces = ByteTrie(std::move(entries));
}

std::vector<SentencePieceSegmenter::Part> SentencePieceSegmenter::segments(std::string_view text) const {
  return m_model.isUnigram ? mostLikely(text) : pairs(text);
}

/// The piece that two neighbors make, or −1.
int32_t SentencePieceSegmenter::mergedId(std::string_view text) const {
  if (text.size() > m_longest) return -1;
  const auto found = m_model.ids.find(text);
  return found != m_model.ids.end() && isOfTexts(piece(found->second).type) ? found->second : -1;
}

int32_t SentencePieceSegmenter::idOf(std::string_view text) const {
  const auto found = m_model.ids.find(text);
  return found == m_model.ids.end() ? m_model.unknown : found->second;
}

/// One symbol a scalar, or a piece that the user defined.
std::vector<SentencePieceSegmenter::Symbol> SentencePieceSegmenter::symbols(std::string_view text) const {
  std::vector<Symbol> result;
  result.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const ByteTrie::Match match = m_userDefined.longest(text, at);
    Symbol symbol;
    symbol.begin = at;
    symbol.size = match.size > 0 ? match.size : scalarAt(text, at).size;
    symbol.isFrozen = match.size > 0;
    symbol.previous = static_cast<int32_t>(result.size()) - 1;
    at += symbol.size;
    symbol.next = at < text.size() ? static_cast<int32_t>(result.size()) + 1 : -1;
    result.push_back(symbol);
  }
  return result;
}

/// Merges the neighbors whose piece has the highest score, leftmost among equals, until none is left.
/// `splits` gets, for every unused piece that was proposed, how long its left part was.
void SentencePieceSegmenter::mergeAll(std::string_view text, std::vector<Symbol>& symbols,
                                      Splits& splits) const {
  struct Candidate {
    float score;
    int32_t left;
    int32_t right;
    size_t size;
    bool operator<(const Candidate& other) const {
      return score != other.score ? score < other.score : left > other.left;
    }
  };
  std::priority_queue<Candidate> queue;
  const auto at = [&](int32_t position) -> Symbol& { return symbols[static_cast<size_t>(position)]; };
  const auto propose = [&](int32_t left, int32_t right) {
    if (left < 0 || right < 0 || at(left).isFrozen || at(right).isFrozen) return;
    const std::string_view whole = text.substr(at(left).begin, at(left).size + at(right).size);
    const int32_t id = mergedId(whole);
    if (id < 0) return;
    queue.push({piece(id).score, left, right, whole.size()});
    if (piece(id).type == Type::Unused) splits[whole] = at(left).size;
  };
  for (size_t n = 1; n < symbols.size(); ++n) propose(static_cast<int32_t>(n - 1), static_cast<int32_t>(n));
  while (!queue.empty()) {
    const Candidate top = queue.top();
    queue.pop();
    Symbol& left = at(top.left);
    Symbol& right = at(top.right);
    if (left.size == 0 || right.size == 0 || left.size + right.size != top.size) continue;
    left.size = top.size;
    left.next = right.next;
    right.size = 0;
    if (left.next >= 0) at(left.next).previous = top.left;
    propose(left.previous, top.left);
    propose(top.left, left.next);
  }
}

/// Adds a part; an unused piece falls apart into what it was merged from. No deeper than a piece is long.
void SentencePieceSegmenter::putParts(std::string_view text, const Splits& splits,
                                      std::vector<Part>& out) const {
  const int32_t id = idOf(text);
  if (const auto split = splits.find(text); piece(id).type == Type::Unused && split != splits.end()) {
    putParts(text.substr(0, split->second), splits, out);
    putParts(text.substr(split->second), splits, out);
  } else {
    out.push_back({id, text.size()});
  }
}

std::vector<SentencePieceSegmenter::Part> SentencePieceSegmenter::pairs(std::string_view text) const {
  std::vector<Symbol> all = symbols(text);
  Splits splits;
  mergeAll(text, all, splits);
  std::vector<Part> result;
  for (const Symbol& symbol : all) {
    if (symbol.size > 0) putParts(text.substr(symbol.begin, symbol.size), splits, result);
  }
  return result;
}

/// The path of the highest sum of scores (Viterbi). Scores are added in double and kept in float, as in the
/// reference.
std::vector<SentencePieceSegmenter::Part> SentencePieceSegmenter::mostLikely(std::string_view text) const {
  struct Node {
    size_t begin = std::string_view::npos;  // of the best piece that ends here; npos: none does
    int32_t id = -1;
    float score = 0.0F;
  };
  std::vector<Node> ends(text.size() + 1);
  const auto offer = [&](size_t begin, size_t size, int32_t id, double score) {
    Node& end = ends[begin + size];
    const double total = score + static_cast<double>(ends[begin].score);
    if (end.begin != std::string_view::npos && total <= static_cast<double>(end.score)) return;
    end = {begin, id, static_cast<float>(total)};
  };
  for (size_t at = 0; at < text.size();) {
    const size_t scalar = scalarAt(text, at).size;
    bool hasScalar = false;
    m_pieces.forEach(text, at, [&](ByteTrie::Match match) {
      const SentencePieceModel::Piece& candidate = piece(match.id);
      if (candidate.type == Type::Unused) return;
      const double bonus = static_cast<double>(static_cast<float>(match.size) * m_highestScore) - 0.1;
      offer(at, match.size, match.id,
            candidate.type == Type::UserDefined ? bonus : static_cast<double>(candidate.score));
      hasScalar = hasScalar || match.size == scalar;
    });
    if (!hasScalar) offer(at, scalar, m_model.unknown, static_cast<double>(m_unknownScore));
    at += scalar;
  }
  std::vector<Part> result;
  for (size_t end = text.size(); end > 0; end = ends[end].begin) {
    result.push_back({ends[end].id, end - ends[end].begin});
  }
  std::reverse(result.begin(), result.end());
  return result;
}

}  // namespace uc
