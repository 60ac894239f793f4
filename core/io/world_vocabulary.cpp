// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/world_vocabulary.h"

#include "core/io/python_literal.h"
#include "core/io/unicode.h"
#include "core/values/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace uc {

namespace {

constexpr size_t kLongestToken = 1024;  // bytes; bounds the time a hostile vocabulary can cost
constexpr size_t kMostTokens = size_t{1} << 20;

[[noreturn]] void failVocabulary(const std::string& what, const std::string& where) {
  fail(what, where, "Give the input as ids, or use the original rwkv_vocab_v20230424.txt.");
}

/// A number of digits only, or nothing.
std::optional<int64_t> number(std::string_view digits) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size() || digits.front() == '-') return {};
  return value;
}

class Parser {
 public:
  Parser(std::string_view file, std::string where, int64_t rows)
      : m_rest(file), m_where(std::move(where)), m_rows(rows) {}

  WorldVocabulary parse() {
    if (const size_t bad = firstInvalidUtf8(m_rest); bad != std::string_view::npos) {
      failVocabulary("The vocabulary is not valid UTF-8.", fmt::format("{}, byte {}", m_where, bad));
    }
    if (m_rest.empty()) failVocabulary("The vocabulary is empty.", m_where);
    const bool isNumbered = m_rest.front() != 'b' && m_rest.front() != '\'' && m_rest.front() != '"';
    if (isNumbered) m_tokens.emplace_back("<|endoftext|>");
    for (m_line = 1; !m_rest.empty(); ++m_line) {
      const std::string_view line = takeLine();
      if (isNumbered) {
        numberedLine(line);
      } else {
        put(m_line - 1, literal(line));
      }
    }
    check();
    std::vector<std::string> tokens(m_tokens.size());
    for (size_t n = 0; n < tokens.size(); ++n) tokens[n] = std::move(*m_tokens[n]);
    return {std::move(tokens)};
  }

 private:
  std::string here() const { return fmt::format("{}, line {}", m_where, m_line); }

  std::string_view takeLine() {
    const size_t end = std::min(m_rest.find('\n'), m_rest.size());
    std::string_view line = m_rest.substr(0, end);
    m_rest.remove_prefix(std::min(end + 1, m_rest.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }

  std::string literal(std::string_view text) const {
    try {
      return pythonLiteral(text);
    } catch (const PythonLiteralError& error) {
      failVocabulary(error.what, here());
    }
  }

  void numberedLine(std::string_view line) {
    const size_t first = line.find(' ');
    const size_t last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) {
      failVocabulary("The line is not an id, a text and a length.", here());
    }
    const auto id = number(line.substr(0, first));
    if (!id) failVocabulary("The id is not a whole number.", here());
    if (*id == 0) failVocabulary("The id 0 belongs to the end of a text.", here());
    const auto size = number(line.substr(last + 1));
    if (!size) failVocabulary("The length is not a whole number.", here());
    std::string token = literal(line.substr(first + 1, last - first - 1));
    if (static_cast<int64_t>(token.size()) != *size) {
      failVocabulary(fmt::format("The token has {} bytes, but the line says {}.", token.size(), *size),
                     here());
    }
    put(*id, std::move(token));
  }

  void put(int64_t id, std::string token) {
    if (id >= m_rows) {
      failVocabulary(fmt::format("The token has the id {}, but the embedding has {} rows.", id, m_rows),
                     here());
    }
    const auto index = static_cast<size_t>(id);
    if (index >= kMostTokens)
      failVocabulary(fmt::format("There are more than {} tokens.", kMostTokens), m_where);
    if (token.empty()) failVocabulary("The token is empty.", here());
    if (token.size() > kLongestToken) {
      failVocabulary(fmt::format("The token has {} bytes, more than {}.", token.size(), kLongestToken),
                     here());
    }
    if (index >= m_tokens.size()) m_tokens.resize(index + 1);
    if (m_tokens[index]) failVocabulary(fmt::format("The id {} is there twice.", id), here());
    m_tokens[index] = std::move(token);
  }

  /// Every id, every byte (so that encoding cannot fail), and no text twice.
  void check() const {
    std::vector<std::pair<std::string_view, size_t>> sorted;
    for (size_t id = 1; id < m_tokens.size(); ++id) {
      if (!m_tokens[id]) failVocabulary(fmt::format("No token has the id {}.", id), m_where);
      sorted.emplace_back(*m_tokens[id], id);
    }
    std::sort(sorted.begin(), sorted.end());
    for (size_t n = 1; n < sorted.size(); ++n) {
      if (sorted[n - 1].first != sorted[n].first) continue;
      failVocabulary(fmt::format("The tokens {} and {} are the same text '{}'.", sorted[n - 1].second,
                                 sorted[n].second, printable(std::string(sorted[n].first), 80)),
                     m_where);
    }
    for (int byte = 0; byte < 256; ++byte) {
      const char text = static_cast<char>(byte);
      const auto found =
          std::lower_bound(sorted.begin(), sorted.end(), std::pair(std::string_view(&text, 1), size_t{0}));
      if (found == sorted.end() || found->first != std::string_view(&text, 1)) {
        failVocabulary(fmt::format("No token is the byte {:02X} alone.", byte), m_where);
      }
    }
  }

  std::string_view m_rest;
  std::string m_where;
  int64_t m_rows;
  int64_t m_line = 0;
  std::vector<std::optional<std::string>> m_tokens;
};

}  // namespace

WorldVocabulary parseWorldVocabulary(std::string_view file, const std::string& where, int64_t rows) {
  return Parser(file, where, rows).parse();
}

}  // namespace uc
