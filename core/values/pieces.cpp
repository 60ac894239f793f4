// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/values/pieces.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace uc {

namespace {

constexpr char32_t kInvalid = 0xFFFD;

enum class Sign : uint8_t { Letter, Ideograph, White, NewLine, Mark };

struct Character {
  char32_t code = 0;
  Sign sign = Sign::Letter;
  size_t begin = 0;  // byte of the text
};

/// One code point from `at` on and how many bytes it has; a byte that is not UTF-8 stands for itself.
std::pair<char32_t, size_t> decoded(std::string_view text, size_t at) {
  const auto byte = [text](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(at);
  if (lead < 0x80) return {lead, 1};
  const size_t length = lead >= 0xF0 && lead < 0xF8 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 0;
  if (length == 0 || lead >= 0xF8 || at + length > text.size()) return {kInvalid, 1};
  char32_t code = lead & (0x7FU >> length);
  for (size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0U) != 0x80U) return {kInvalid, 1};
    code = code << 6U | (byte(at + i) & 0x3FU);
  }
  return {code, length};
}

template <size_t count>
bool isIn(char32_t code, const std::array<std::pair<char32_t, char32_t>, count>& ranges) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [code](const auto& range) { return code >= range.first && code <= range.second; });
}

/// Coarse classes of Unicode, enough to tell where words begin: no tables of properties here.
Sign signOf(char32_t code) {
  static constexpr std::array<std::pair<char32_t, char32_t>, 6> kWhite{{{0x00A0, 0x00A0},
                                                                        {0x1680, 0x1680},
                                                                        {0x2000, 0x200A},
                                                                        {0x202F, 0x202F},
                                                                        {0x205F, 0x205F},
                                                                        {0x3000, 0x3000}}};
  static constexpr std::array<std::pair<char32_t, char32_t>, 15> kMarks{{{0x00A1, 0x00A9},
                                                                         {0x00AB, 0x00B4},
                                                                         {0x00B6, 0x00B9},
                                                                         {0x00BB, 0x00BF},
                                                                         {0x00D7, 0x00D7},
                                                                         {0x00F7, 0x00F7},
                                                                         {0x2010, 0x2027},
                                                                         {0x2030, 0x205E},
                                                                         {0x2190, 0x2BFF},
                                                                         {0x3001, 0x3004},
                                                                         {0x3008, 0x3020},
                                                                         {0xFF01, 0xFF0F},
                                                                         {0xFF1A, 0xFF20},
                                                                         {0xFF3B, 0xFF40},
                                                                         {0xFF5B, 0xFF65}}};
  static constexpr std::array<std::pair<char32_t, char32_t>, 4> kIdeographs{
      {{0x3041, 0x3096}, {0x3400, 0x9FFF}, {0xF900, 0xFAFF}, {0x20000, 0x3FFFF}}};
  if (code == U'\n' || code == U'\r' || code == 0x85 || code == 0x2028 || code == 0x2029)
    return Sign::NewLine;
  if (code == U' ' || code == U'\t' || code == 0x0B || code == 0x0C) return Sign::White;
  if (code < 0x80) {
    const bool isLetter = (code >= U'0' && code <= U'9') || (code >= U'A' && code <= U'Z') ||
                          (code >= U'a' && code <= U'z') || code == U'_' || code < 0x20 || code == 0x7F;
    return isLetter ? Sign::Letter : Sign::Mark;
  }
  if (isIn(code, kWhite)) return Sign::White;
  if (isIn(code, kMarks)) return Sign::Mark;
  return isIn(code, kIdeographs) ? Sign::Ideograph : Sign::Letter;
}

std::vector<Character> charactersOf(std::string_view text) {
  std::vector<Character> result;
  result.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const auto [code, length] = decoded(text, at);
    result.push_back({code, signOf(code), at});
    at += length;
  }
  return result;
}

bool isWhite(const Character& character) {
  return character.sign == Sign::White || character.sign == Sign::NewLine;
}

/// An apostrophe in a word, a point or comma in a number.
bool joins(const Character& before, const Character& mark, const Character& after) {
  if (before.sign != Sign::Letter || after.sign != Sign::Letter) return false;
  if (mark.code == U'\'' || mark.code == 0x2019) return true;
  const auto isDigit = [](const Character& c) { return c.code >= U'0' && c.code <= U'9'; };
  return (mark.code == U'.' || mark.code == U',') && isDigit(before) && isDigit(after);
}

/// Whether a word begins with character `i`, which is no white space.
bool beginsWord(const std::vector<Character>& text, size_t i) {
  if (i == 0 || isWhite(text[i - 1])) return true;
  const Character &before = text[i - 1], &now = text[i];
  if (now.sign == Sign::Ideograph || before.sign == Sign::Ideograph) return true;
  if (now.sign == Sign::Mark) {
    if (i + 1 < text.size() && joins(before, now, text[i + 1])) return false;
    return before.sign != Sign::Mark || before.code != now.code;
  }
  return before.sign == Sign::Mark && !(i >= 2 && joins(text[i - 2], before, now));
}

bool isIn(char32_t code, std::u32string_view signs) { return signs.find(code) != std::u32string_view::npos; }

/// Whether a sentence begins with character `i`, which is no white space: after a new line; after a full stop
/// and white space; after a full stop of Chinese or Japanese. Quotes and brackets that close belong to it.
bool beginsSentence(const std::vector<Character>& text, size_t i) {
  constexpr std::u32string_view kStops = U".!?\u2026\u061F\u06D4\u0964";
  constexpr std::u32string_view kWideStops = U"\u3002\uFF01\uFF1F\uFF61";
  constexpr std::u32string_view kClosing = U"\"')]}\u00BB\u2019\u201D\u300D\u300F\uFF09\u3011";
  size_t at = i;
  bool isSpaced = false;
  for (; at > 0 && isWhite(text[at - 1]); --at) {
    if (text[at - 1].sign == Sign::NewLine) return true;
    isSpaced = true;
  }
  if (at == 0) return true;
  if (isIn(text[i].code, kClosing) && !isSpaced) return false;
  while (at > 0 && isIn(text[at - 1].code, kClosing)) --at;
  if (at == 0) return false;
  const char32_t last = text[at - 1].code;
  if (isIn(text[i].code, kWideStops) && !isSpaced) return false;
  return isIn(last, kWideStops) || (isSpaced && isIn(last, kStops));
}

/// Where a piece of the text begins: its first character, and the white space before it.
struct Start {
  size_t white = 0;
  size_t first = 0;
};

std::vector<Start> startsOf(std::string_view text, Granularity granularity) {
  const std::vector<Character> characters = charactersOf(text);
  std::vector<Start> starts;
  size_t white = 0;
  for (size_t i = 0; i < characters.size(); ++i) {
    if (isWhite(characters[i])) continue;
    const bool begins =
        granularity == Granularity::Word ? beginsWord(characters, i) : beginsSentence(characters, i);
    white = i;
    while (begins && white > 0 && isWhite(characters[white - 1])) --white;
    if (begins) starts.push_back({characters[white].begin, characters[i].begin});
  }
  return starts;
}

}  // namespace

std::vector<Piece> pieces(const Tokens& tokens, Granularity granularity) {
  std::vector<Start> starts;
  if (granularity != Granularity::Token) starts = startsOf(tokens.text, granularity);
  // The start that a byte lies in, counted from 1; 0: inside a word.
  const auto startAt = [&starts](size_t byte) -> size_t {
    const auto next = std::partition_point(starts.begin(), starts.end(),
                                           [byte](const Start& start) { return start.white <= byte; });
    if (next == starts.begin() || std::prev(next)->first < byte) return 0;
    return static_cast<size_t>(next - starts.begin());
  };
  std::vector<Piece> result;
  size_t last = 0;  // the start that the previous token lies in
  bool isAlone = true;
  for (int64_t i = 0; i < tokens.size(); ++i) {
    const Token& token = tokens.list[static_cast<size_t>(i)];
    const bool hasText = token.end > 0 && token.end <= tokens.text.size();
    const size_t start = hasText ? startAt(token.begin) : 0;
    const bool begins = starts.empty() || isAlone || !hasText || (start != 0 && start != last);
    if (begins) {
      result.push_back({i, i + 1});
    } else {
      result.back().end = i + 1;
    }
    isAlone = !hasText;
    last = start;
  }
  return result;
}

std::optional<int64_t> pieceOf(const std::vector<Piece>& pieces, int64_t token) {
  const auto found = std::partition_point(pieces.begin(), pieces.end(),
                                          [token](const Piece& piece) { return piece.end <= token; });
  if (found == pieces.end() || token < found->begin) return std::nullopt;
  return found - pieces.begin();
}

std::string textOf(const Tokens& tokens, const Piece& piece) {
  const auto first = tokens.list.begin() + piece.begin, end = tokens.list.begin() + piece.end;
  const auto last = std::prev(end);
  if (first->begin < last->end && last->end <= tokens.text.size())
    return tokens.text.substr(first->begin, last->end - first->begin);
  std::string text;
  for (auto token = first; token != end; ++token) text += token->text.value_or(std::string());
  return text;
}

PieceValue pieceValue(const Piece& queries, const Piece& keys, const EntryOf& entry) {
  PieceValue result;
  for (int64_t query = queries.begin; query < queries.end; ++query) {
    for (int64_t key = keys.begin; key < keys.end; ++key) {
      const std::optional<double> value = entry(query, key);
      if (!value) continue;
      result.value += *value;
      result.isAttended = true;
    }
  }
  result.value /= static_cast<double>(queries.end - queries.begin);
  return result;
}

std::vector<PieceValue> pieceValues(const std::vector<Piece>& pieces, const Piece& subject, bool isColumn,
                                    const EntryOf& entry) {
  std::vector<PieceValue> result;
  result.reserve(pieces.size());
  for (const Piece& piece : pieces)
    result.push_back(isColumn ? pieceValue(piece, subject, entry) : pieceValue(subject, piece, entry));
  return result;
}

}  // namespace uc
