// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/split_pattern.h"

#include "core/io/unicode.h"

#include <algorithm>
#include <iterator>

namespace uc {

namespace {

enum class Class { End, Space, Letter, Number, Other };

/// Walks over scalars and their classes as the patterns see them.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : m_text(text) {}

  size_t size() const { return m_text.size(); }
  char32_t scalar(size_t at) const { return at < m_text.size() ? scalarAt(m_text, at).value : U'\0'; }
  size_t next(size_t at) const { return at + scalarAt(m_text, at).size; }
  bool isNewline(size_t at) const { return at < m_text.size() && (m_text[at] == '\r' || m_text[at] == '\n'); }
  bool isSpaceBar(size_t at) const { return at < m_text.size() && m_text[at] == ' '; }

  Class classAt(size_t at) const {
    if (at >= m_text.size()) return Class::End;
    const char32_t value = scalarAt(m_text, at).value;
    if (isLetter(value)) return Class::Letter;
    if (isNumber(value)) return Class::Number;
    return isWhiteSpace(value) ? Class::Space : Class::Other;
  }

  /// The end of the run of one class, of at most `limit` scalars, that begins at `at`.
  size_t runEnd(size_t at, Class kind, size_t limit = std::string_view::npos) const {
    while (limit-- > 0 && classAt(at) == kind) at = next(at);
    return at;
  }

  /// The end of `'s` and its like at an apostrophe, or `at`.
  size_t contractionEnd(size_t at, bool anyCase) const {
    if (at >= m_text.size() || m_text[at] != '\'') return at;
    for (std::string_view ending : {"s", "t", "re", "ve", "m", "ll", "d"}) {
      size_t end = at + 1;
      bool isEqual = true;
      for (const char letter : ending) {
        isEqual = isEqual && end < m_text.size() && equals(scalar(end), letter, anyCase);
        if (isEqual) end = next(end);
      }
      if (isEqual) return end;
    }
    return at;
  }

  /// White space: all of it at the text's end, else all but the last scalar, which goes with what follows.
  size_t spacesEnd(size_t at) const {
    size_t last = at;
    size_t end = at;
    for (; classAt(end) == Class::Space; end = next(end)) last = end;
    return end == m_text.size() || last == at ? end : last;
  }

 private:
  /// ſ is the one letter outside ASCII that equals one of the contractions' letters in another case.
  static bool equals(char32_t scalar, char letter, bool anyCase) {
    const auto wanted = static_cast<char32_t>(letter);
    if (scalar == wanted) return true;
    return anyCase && (scalar == wanted - 0x20 || (letter == 's' && scalar == 0x17F));
  }

  std::string_view m_text;
};

size_t gpt2End(const Scanner& scan, size_t at) {
  if (const size_t end = scan.contractionEnd(at, false); end > at) return end;
  const size_t begin = scan.isSpaceBar(at) ? at + 1 : at;
  const Class kind = scan.classAt(begin);
  if (kind == Class::Letter || kind == Class::Number || kind == Class::Other) return scan.runEnd(begin, kind);
  return scan.spacesEnd(at);
}

/// (?i:'s|…)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,digits}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
size_t llama3End(const Scanner& scan, size_t at, size_t digits) {
  if (const size_t end = scan.contractionEnd(at, true); end > at) return end;
  const Class kind = scan.classAt(at);
  if (kind == Class::Letter) return scan.runEnd(at, Class::Letter);
  if (kind != Class::Number && !scan.isNewline(at) && scan.classAt(scan.next(at)) == Class::Letter) {
    return scan.runEnd(scan.next(at), Class::Letter);
  }
  if (kind == Class::Number) return scan.runEnd(at, Class::Number, digits);
  const size_t begin = scan.isSpaceBar(at) ? at + 1 : at;
  if (scan.classAt(begin) == Class::Other) {
    size_t end = scan.runEnd(begin, Class::Other);
    while (scan.isNewline(end)) ++end;
    return end;
  }
  size_t lineEnd = at;
  for (size_t end = at; scan.classAt(end) == Class::Space; end = scan.next(end)) {
    if (scan.isNewline(end)) lineEnd = end + 1;
  }
  return lineEnd > at ? lineEnd : scan.spacesEnd(at);
}

size_t threeDigitsEnd(std::string_view text, size_t at) {
  const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
  const std::string_view three = text.substr(at, 3);
  return three.size() == 3 && std::all_of(three.begin(), three.end(), isDigit) ? at + 3 : at;
}

/// The end of the match that begins at `at`, or `at` where none does.
size_t matchEnd(SplitPattern pattern, const Scanner& scan, std::string_view text, size_t at) {
  switch (pattern) {
    case SplitPattern::Gpt2:
      return gpt2End(scan, at);
    case SplitPattern::Llama3:
      return llama3End(scan, at, 3);
    case SplitPattern::Qwen2:
      return llama3End(scan, at, 1);
    case SplitPattern::UpToThree:
      return scan.runEnd(at, Class::Number, 3);
    case SplitPattern::ThreeDigits:
      return threeDigitsEnd(text, at);
  }
  return at;
}

struct Spelling {
  std::string_view regex;
  SplitPattern pattern;
};

constexpr Spelling kSpellings[] = {
    {R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)", SplitPattern::Gpt2},
    {R"('(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)", SplitPattern::Gpt2},
    {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     SplitPattern::Llama3},
    {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     SplitPattern::Qwen2},
    {R"(\p{N}{1,3})", SplitPattern::UpToThree},
    {R"([0-9][0-9][0-9])", SplitPattern::ThreeDigits},
};

}  // namespace

std::optional<SplitPattern> splitPatternSpelled(std::string_view regex) {
  const auto* found = std::find_if(std::begin(kSpellings), std::end(kSpellings),
                                   [&](const Spelling& spelling) { return spelling.regex == regex; });
  if (found == std::end(kSpellings)) return std::nullopt;
  return found->pattern;
}

std::vector<Stretch> findStretches(SplitPattern pattern, std::string_view text) {
  std::vector<Stretch> result;
  const Scanner scan(text);
  size_t gap = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t end = matchEnd(pattern, scan, text, at);
    if (end == at) {
      at = scan.next(at);
      continue;
    }
    if (gap < at) result.push_back({gap, at, false});
    result.push_back({at, end, true});
    gap = at = end;
  }
  if (gap < text.size()) result.push_back({gap, text.size(), false});
  return result;
}

}  // namespace uc
