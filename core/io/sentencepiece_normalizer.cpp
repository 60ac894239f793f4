// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/sentencepiece_normalizer.h"

#include "core/io/tokenizer_json.h"
#include "core/io/unicode.h"

#include <fmt/format.h>

#include <algorithm>

namespace uc {

namespace {

constexpr std::string_view kSpaceMark = "▁";
constexpr size_t kLongestReplacement = 256;  // bytes; bounds how much a text can grow
constexpr size_t kLongestRule = 128;         // bytes of a text that one rule can replace

uint32_t littleEndian(std::string_view four) {
  uint32_t value = 0;
  for (size_t n = 4; n-- > 0;) value = value << 8 | static_cast<unsigned char>(four[n]);
  return value;
}

bool isScalarEnd(std::string_view text, size_t at) {
  return at == text.size() || (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;
}

}  // namespace

SentencePieceNormalizer::SentencePieceNormalizer(const SentencePieceModel& model, const ByteTrie& userDefined,
                                                 const std::string& where)
    : m_model(model), m_userDefined(userDefined) {
  if (!model.charsmap.empty()) readRules(where + ", precompiled_charsmap");
}

/// The rules are the size of the trie in bytes, the trie, and the replacements.
void SentencePieceNormalizer::readRules(const std::string& where) {
  const std::string_view blob = m_model.charsmap;
  if (blob.size() < 4) failTokenizer("The rules of normalization are cut off.", where);
  const size_t size = littleEndian(blob);
  if (size > blob.size() - 4 || size % 4 != 0 || size == 0) {
    failTokenizer(fmt::format("The rules' trie has {} bytes, which is impossible in {}.", size, blob.size()),
                  where);
  }
  for (size_t at = 0; at < size; at += 4) m_units.push_back(littleEndian(blob.substr(4 + at)));
  m_replacements = blob.substr(4 + size);
  if (m_replacements.empty() || m_replacements.back() != '\0') {
    failTokenizer("The rules' last replacement has no end.", where);
  }
  if (const size_t bad = firstInvalidUtf8(m_replacements); bad != std::string_view::npos) {
    failTokenizer("The rules' replacements are not valid UTF-8.",
                  fmt::format("{}, byte {}", where, 4 + size + bad));
  }
  for (size_t begin = 0; begin < m_replacements.size();) {
    const size_t end = m_replacements.find('\0', begin);
    if (end - begin > kLongestReplacement) {
      failTokenizer(
          fmt::format("A replacement has {} bytes, more than {}.", end - begin, kLongestReplacement), where);
    }
    begin = end + 1;
  }
}

/// The longest rule that applies at `at`; size 0: none. The trie is Darts-clone's: unit n's children lie at
/// n ^ offset ^ label, its value at n ^ offset. Nothing that it says is trusted.
SentencePieceNormalizer::Prefix SentencePieceNormalizer::ruleAt(std::string_view text, size_t at) const {
  Prefix result;
  if (m_units.empty()) return result;
  const auto offset = [](uint32_t unit) {
    return static_cast<size_t>((unit >> 10) << ((unit & 0x200) >> 6));
  };
  const size_t last = std::min(text.size(), at + kLongestRule);
  size_t node = offset(m_units[0]);
  for (size_t end = at; end < last; ++end) {
    const auto label = static_cast<unsigned char>(text[end]);
    node ^= label;
    if (node >= m_units.size()) break;
    const uint32_t unit = m_units[node];
    if ((unit & 0x800000FF) != label) break;
    node ^= offset(unit);
    if ((unit & 0x100) == 0 || node >= m_units.size() || !isScalarEnd(text, end + 1)) continue;
    const size_t value = m_units[node] & 0x7FFFFFFF;
    if (value >= m_replacements.size() || (value > 0 && m_replacements[value - 1] != '\0')) continue;
    result = {m_replacements.substr(value, m_replacements.find('\0', value) - value), end + 1 - at};
  }
  return result;
}

SentencePieceNormalizer::Prefix SentencePieceNormalizer::prefix(std::string_view text, size_t at) const {
  if (const ByteTrie::Match match = m_userDefined.longest(text, at); match.size > 0) {
    return {text.substr(at, match.size), match.size};
  }
  if (const Prefix rule = ruleAt(text, at); rule.size > 0) return rule;
  const size_t size = scalarAt(text, at).size;
  return {text.substr(at, size), size};
}

size_t SentencePieceNormalizer::withoutSpacesAhead(std::string_view text) const {
  size_t at = 0;
  while (m_model.removesExtraSpaces && at < text.size()) {
    const Prefix next = prefix(text, at);
    if (next.by != " ") break;
    at += next.size;
  }
  return at;
}

SentencePieceNormalizer::Result SentencePieceNormalizer::apply(std::string_view text) const {
  Result result;
  result.text.reserve(text.size() + 3);
  size_t at = withoutSpacesAhead(text);
  const std::string_view space = m_model.escapesSpaces ? kSpaceMark : std::string_view(" ");
  const auto add = [&](std::string_view by) {
    result.text.append(by);
    result.origins.insert(result.origins.end(), by.size(), at);
  };
  if (at == text.size()) {
    result.origins.push_back(at);
    return result;
  }
  if (m_model.addsDummyPrefix && !m_model.spaceIsSuffix) add(space);
  bool isAfterSpace = m_model.removesExtraSpaces;
  while (at < text.size()) {
    const Prefix next = prefix(text, at);
    std::string_view by = next.by;
    while (isAfterSpace && by.starts_with(' ')) by.remove_prefix(1);
    for (const char& byte : by) add(byte == ' ' ? space : std::string_view(&byte, 1));
    if (!by.empty()) isAfterSpace = m_model.removesExtraSpaces && by.ends_with(' ');
    at += next.size;
  }
  if (m_model.removesExtraSpaces) {
    while (result.text.ends_with(space)) {
      at = result.origins[result.text.size() - space.size()];
      result.text.resize(result.text.size() - space.size());
      result.origins.resize(result.text.size());
    }
  }
  if (m_model.addsDummyPrefix && m_model.spaceIsSuffix) add(space);
  result.origins.push_back(at);
  return result;
}

}  // namespace uc
