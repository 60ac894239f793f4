// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/json_stream.h"

#include "core/io/unicode.h"
#include "core/values/error.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <iterator>
#include <limits>
#include <utility>
#include <vector>

namespace uc {
namespace {

constexpr int kNumberTooLarge = 406;  // nlohmann's number of "number overflow"

/// Where in the text: "file, tensor a, line 3, byte 17".
std::string position(const std::string& where, const std::string& place, std::string_view text, size_t at) {
  const std::string_view before = text.substr(0, std::min(at, text.size()));
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  return where + (place.empty() ? "" : ", " + place) + ", line " + std::to_string(line) + ", byte " +
         std::to_string(at);
}

[[noreturn]] void reject(const std::string& what, const std::string& where) {
  fail(what, where, "Repair the file or get it again.");
}

/// Reads on as the lexer does and says how far it is, for messages; the parser's callbacks do not.
class Cursor {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  Cursor(const char* at, const char** reached) : m_at(at), m_reached(reached) {}
  reference operator*() const { return *m_at; }
  Cursor& operator++() {
    *m_reached = ++m_at;
    return *this;
  }
  bool operator==(const Cursor& other) const { return m_at == other.m_at; }
  bool operator!=(const Cursor& other) const { return m_at != other.m_at; }

 private:
  const char* m_at;
  const char** m_reached;
};

/// Python's NaN and Infinity, which are no JSON: written over by zeros of the same length, so that offsets
/// stay true, and remembered.
struct Literal {
  size_t end = 0;
  double value = 0.0;
};

bool belongsToWord(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '+' ||
         c == '-' || c == '_';
}

/// Replaces one literal at `at`, if there is one. The minus of -Infinity stays in front of the zeros.
bool replaceLiteral(std::string& text, size_t at, std::vector<Literal>& literals) {
  static constexpr std::string_view kNan = "NaN";
  static constexpr std::string_view kInfinity = "Infinity";
  const bool isNan = text.compare(at, kNan.size(), kNan) == 0;
  if (!isNan && text.compare(at, kInfinity.size(), kInfinity) != 0) return false;
  const size_t end = at + (isNan ? kNan.size() : kInfinity.size());
  if (end < text.size() && belongsToWord(text[end])) return false;
  size_t begin = at;
  if (!isNan && begin > 0 && text[begin - 1] == '-') --begin;
  if (begin > 0 && belongsToWord(text[begin - 1])) return false;
  text.replace(at, end - at, isNan ? "0e0" : "0e000000");
  literals.push_back(
      {end, isNan ? std::numeric_limits<double>::quiet_NaN() : std::numeric_limits<double>::infinity()});
  return true;
}

std::vector<Literal> replaceLiterals(std::string& text) {
  std::vector<Literal> literals;
  bool isString = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      isString = !isString;
    } else if (isString) {
      if (c == '\\') ++i;
    } else if (c == 'N' || c == 'I') {
      if (replaceLiteral(text, i, literals)) i = literals.back().end - 1;
    }
  }
  return literals;
}

/// Stands between nlohmann's parser and a handler and keeps the rules that the parser does not.
class StrictEvents {
 public:
  StrictEvents(std::string_view text, const std::string& where, const JsonLimits& limits,
               const std::vector<Literal>& literals, JsonHandler& handler)
      : m_text(text), m_where(where), m_limits(limits), m_literals(literals), m_handler(handler) {}

  Cursor begin() {
    m_reached = m_text.data();
    return {m_text.data(), &m_reached};
  }
  Cursor end() { return {m_text.data() + m_text.size(), &m_reached}; }

  // NOLINTBEGIN(readability-identifier-naming): the parser gives the names
  bool null() { return tell(nullptr); }
  bool boolean(bool value) { return tell(value); }
  bool number_integer(Json::number_integer_t value) { return tell(value); }
  bool number_unsigned(Json::number_unsigned_t value) { return tell(value); }
  bool number_float(Json::number_float_t value, const std::string&) {
    // The parser is at most one byte past the number, and a literal is longer than that.
    if (m_literal < m_literals.size() && m_literals[m_literal].end <= reached()) {
      value = std::copysign(m_literals[m_literal++].value, value);
    }
    return tell(value);
  }
  bool string(std::string& value) { return tell(std::move(value)); }
  bool binary(Json::binary_t&) { return false; }

  bool start_object(size_t) {
    enter();
    m_keys.emplace_back();
    m_handler.beginObject();
    return true;
  }
  bool key(std::string& name) {
    m_keys.back().push_back({name, reached()});
    m_handler.key(name);
    return true;
  }
  bool end_object() {
    requireDistinct(m_keys.back());
    m_keys.pop_back();
    --m_depth;
    m_handler.endObject();
    return true;
  }
  bool start_array(size_t) {
    enter();
    m_handler.beginArray();
    return true;
  }
  bool end_array() {
    --m_depth;
    m_handler.endArray();
    return true;
  }

  bool parse_error(size_t, const std::string&, const nlohmann::detail::exception& error) {
    if (error.id == kNumberTooLarge) refuse("A number is too large.", reached());
    if (m_isDone && m_depth == 0) refuse("Something follows the JSON value.", reached());
    // The parser tells this in words only.
    const std::string_view words = error.what();
    const bool isEnd = words.find("unexpected end of input") != std::string_view::npos ||
                       words.find("missing closing quote") != std::string_view::npos;
    refuse(isEnd ? "The JSON ends too early." : "The JSON is not well-formed.", reached());
  }
  // NOLINTEND(readability-identifier-naming)

 private:
  struct Key {
    std::string name;
    size_t end = 0;
  };

  size_t reached() const { return static_cast<size_t>(m_reached - m_text.data()); }

  [[noreturn]] void refuse(const std::string& what, size_t at) const {
    reject(what, position(m_where, m_handler.place(), m_text, at));
  }

  bool tell(Json value) {
    m_isDone = true;
    m_handler.scalar(std::move(value));
    return true;
  }

  void enter() {
    m_isDone = true;
    if (++m_depth > m_limits.depth) {
      refuse("The JSON is nested more than " + std::to_string(m_limits.depth) + " levels deep.", reached());
    }
  }

  /// Sorted by hash and, where that is the same, by name: quick for a vocabulary, and no file can make it
  /// slow.
  void requireDistinct(const std::vector<Key>& keys) const {
    if (keys.size() < 2) return;
    std::vector<std::pair<size_t, size_t>> order;  // hash, index
    order.reserve(keys.size());
    for (size_t i = 0; i < keys.size(); ++i) order.emplace_back(std::hash<std::string>()(keys[i].name), i);
    std::sort(order.begin(), order.end(), [&](const auto& a, const auto& b) {
      if (a.first != b.first) return a.first < b.first;
      const int names = keys[a.second].name.compare(keys[b.second].name);
      return names != 0 ? names < 0 : a.second < b.second;
    });
    for (size_t i = 1; i < order.size(); ++i) {
      const Key& key = keys[order[i].second];
      if (order[i].first == order[i - 1].first && key.name == keys[order[i - 1].second].name) {
        refuse("The key \"" + printable(key.name, 80) + "\" appears twice.", key.end);
      }
    }
  }

  std::string_view m_text;
  const std::string& m_where;
  const JsonLimits& m_limits;
  const std::vector<Literal>& m_literals;
  JsonHandler& m_handler;
  const char* m_reached = nullptr;
  std::vector<std::vector<Key>> m_keys;  // of the objects that are open
  size_t m_literal = 0;                  // the next one
  int m_depth = 0;
  bool m_isDone = false;  // a value was begun
};

}  // namespace

void streamJson(std::string_view text, const std::string& where, const JsonLimits& limits,
                JsonHandler& handler) {
  if (text.size() > limits.bytes) {
    reject("The JSON is longer than " + std::to_string(limits.bytes) + " bytes.", where);
  }
  if (text.substr(0, 3) == "\xEF\xBB\xBF") reject("The JSON begins with a byte order mark.", where);
  const size_t invalid = firstInvalidUtf8(text);
  if (invalid != std::string_view::npos)
    reject("The JSON is not valid UTF-8.", position(where, {}, text, invalid));
  // nlohmann's lexer takes a NUL byte for the end and would leave what follows unread.
  const size_t nul = text.find('\0');
  if (nul != std::string_view::npos) reject("The JSON holds a NUL byte.", position(where, {}, text, nul));

  std::string replaced;
  std::vector<Literal> literals;
  if (text.find("NaN") != std::string_view::npos || text.find("Infinity") != std::string_view::npos) {
    replaced = text;
    literals = replaceLiterals(replaced);
    text = replaced;
  }
  StrictEvents events(text, where, limits, literals, handler);
  Json::sax_parse(events.begin(), events.end(), &events);
}

}  // namespace uc
