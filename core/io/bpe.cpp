// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/bpe.h"

#include "core/io/tokenizer_json.h"
#include "core/io/unicode.h"
#include "core/values/error.h"

#include <queue>

#include <fmt/format.h>

#include <algorithm>

namespace uc {

namespace {

constexpr size_t kMostTokens = size_t{1} << 20;
constexpr size_t kMostMerges = size_t{1} << 22;

uint64_t pairKey(int32_t left, int32_t right) {
  return static_cast<uint64_t>(static_cast<uint32_t>(left)) << 32 | static_cast<uint32_t>(right);
}

std::string inQuotes(std::string_view token) { return "'" + printable(std::string(token), 80) + "'"; }

/// The pair of "a b"; fails unless there is exactly one space.
std::pair<std::string_view, std::string_view> halves(std::string_view merge, size_t index,
                                                     const std::string& where) {
  const size_t space = merge.find(' ');
  if (space == std::string_view::npos || merge.find(' ', space + 1) != std::string_view::npos) {
    failTokenizer(fmt::format("Merge {} is not two tokens with a space between them.", index), where);
  }
  return {merge.substr(0, space), merge.substr(space + 1)};
}

}  // namespace

Bpe::Bpe(const Json& model, const std::string& where, int64_t rows) {
  readOptions(model, where);
  readVocabulary(model, where, rows);
  readMerges(model, where);
  m_bytes.fill(-1);
  if (m_fallsBackToBytes) readBytes();
  if (const Json* unknown = member(model, "unk_token")) {
    if (!unknown->is_string()) failTokenizer("The field unk_token is not a text.", where);
    const auto id = idOf(unknown->get<std::string>());
    if (!id) {
      failTokenizer(
          fmt::format("The unk_token {} is not in the vocabulary.", inQuotes(unknown->get<std::string>())),
          where);
    }
    m_unknown = static_cast<int32_t>(*id);
  }
}

void Bpe::readOptions(const Json& model, const std::string& where) {
  if (const Json* dropout = member(model, "dropout"); dropout && *dropout != 0) {
    failTokenizer("The model drops merges at random (dropout).", where);
  }
  for (const char* key : {"continuing_subword_prefix", "end_of_word_suffix"}) {
    const Json* value = member(model, key);
    if (value && *value != "") failTokenizer(fmt::format("The model's {} is not supported.", key), where);
  }
  m_fusesUnknown = boolField(model, "fuse_unk", false, where);
  m_fallsBackToBytes = boolField(model, "byte_fallback", false, where);
  m_ignoresMerges = boolField(model, "ignore_merges", false, where);
}

void Bpe::readVocabulary(const Json& model, const std::string& where, int64_t rows) {
  const Json* vocabulary = member(model, "vocab");
  if (!vocabulary || !vocabulary->is_object()) failTokenizer("The model has no vocabulary.", where);
  if (vocabulary->size() > kMostTokens) {
    failTokenizer(fmt::format("The vocabulary has {} tokens, more than {}.", vocabulary->size(), kMostTokens),
                  where);
  }
  m_ids.reserve(vocabulary->size());
  m_tokens.reserve(vocabulary->size());
  for (const auto& entry : vocabulary->items()) {
    const Json& value = entry.value();
    if (!value.is_number_integer() || (value.is_number_unsigned() && value.get<uint64_t>() > INT32_MAX)) {
      failTokenizer(fmt::format("The id of the token {} is not a whole number.", inQuotes(entry.key())),
                    where);
    }
    const auto id = value.get<int64_t>();
    if (id < 0)
      failTokenizer(fmt::format("The id of the token {} is negative.", inQuotes(entry.key())), where);
    if (id >= rows) {
      failTokenizer(fmt::format("The token {} has the id {}, but the embedding has {} rows.",
                                inQuotes(entry.key()), id, rows),
                    where);
    }
    const auto [other, isNew] = m_tokens.emplace(id, entry.key());
    if (!isNew) {
      failTokenizer(fmt::format("The tokens {} and {} have the same id {}.", inQuotes(other->second),
                                inQuotes(entry.key()), id),
                    where);
    }
    m_ids.emplace(entry.key(), static_cast<int32_t>(id));
  }
}

void Bpe::readMerges(const Json& model, const std::string& where) {
  const Json* merges = member(model, "merges");
  if (!merges || !merges->is_array()) failTokenizer("The model has no list of merges.", where);
  if (merges->size() > kMostMerges) {
    failTokenizer(fmt::format("The model has {} merges, more than {}.", merges->size(), kMostMerges), where);
  }
  m_merges.reserve(merges->size());
  int32_t rank = 0;
  for (const Json& merge : *merges) {
    if (merge.is_string()) {
      const auto& text = merge.get_ref<const std::string&>();
      if (text.starts_with("#version")) continue;
      const auto [left, right] = halves(text, static_cast<size_t>(rank), where);
      addMerge(left, right, rank, where);
    } else if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string()) {
      addMerge(merge[0].get_ref<const std::string&>(), merge[1].get_ref<const std::string&>(), rank, where);
    } else {
      failTokenizer(fmt::format("Merge {} is neither a text nor a pair of texts.", rank), where);
    }
    ++rank;
  }
}

void Bpe::addMerge(std::string_view left, std::string_view right, int32_t rank, const std::string& where) {
  const auto known = [&](std::string_view token) {
    const auto found = m_ids.find(token);
    if (found == m_ids.end()) {
      failTokenizer(
          fmt::format("Merge {} needs the token {}, which is not in the vocabulary.", rank, inQuotes(token)),
          where);
    }
    return found->second;
  };
  const int32_t leftId = known(left);
  const int32_t rightId = known(right);
  const int32_t whole = known(std::string(left).append(right));
  if (!m_merges.emplace(pairKey(leftId, rightId), Merge{rank, whole}).second) {
    failTokenizer(fmt::format("Merge {} is there twice: {} and {}.", rank, inQuotes(left), inQuotes(right)),
                  where);
  }
}

void Bpe::readBytes() {
  for (size_t byte = 0; byte < m_bytes.size(); ++byte) {
    if (const auto id = idOf(fmt::format("<0x{:02X}>", byte))) m_bytes[byte] = static_cast<int32_t>(*id);
  }
}

std::optional<int64_t> Bpe::idOf(std::string_view token) const {
  const auto found = m_ids.find(token);
  if (found == m_ids.end()) return std::nullopt;
  return found->second;
}

const Bpe::Merge* Bpe::mergeOf(int32_t left, int32_t right) const {
  const auto found = m_merges.find(pairKey(left, right));
  return found == m_merges.end() ? nullptr : &found->second;
}

/// One symbol a scalar. One that the vocabulary lacks becomes its bytes, else the unknown token, else nothing
/// at all; an unknown token is put down only when the next known scalar comes, after any bytes, as in the
/// reference library.
std::vector<Bpe::Symbol> Bpe::symbols(std::string_view word) const {
  std::vector<Symbol> result;
  result.reserve(word.size());
  size_t unknown = 0;  // bytes of the unknown token that waits
  const auto add = [&](int32_t id, size_t size) { result.push_back({id, -1, -1, size}); };
  const auto flush = [&] {
    if (unknown > 0) add(*m_unknown, unknown);
    unknown = 0;
  };
  for (size_t at = 0; at < word.size();) {
    const std::string_view scalar = word.substr(at, scalarAt(word, at).size);
    at += scalar.size();
    if (const auto found = m_ids.find(scalar); found != m_ids.end()) {
      flush();
      add(found->second, scalar.size());
      continue;
    }
    const auto byteId = [&](char byte) { return m_bytes[static_cast<unsigned char>(byte)]; };
    if (std::all_of(scalar.begin(), scalar.end(), [&](char byte) { return byteId(byte) >= 0; })) {
      for (const char byte : scalar) add(byteId(byte), 1);
    } else if (m_unknown) {
      if (!m_fusesUnknown) flush();
      unknown += scalar.size();
    }
  }
  flush();
  for (size_t n = 0; n < result.size(); ++n) {
    result[n].previous = static_cast<int32_t>(n) - 1;
    result[n].next = n + 1 < result.size() ? static_cast<int32_t>(n) + 1 : -1;
  }
  return result;
}

void Bpe::mergeAll(std::vector<Symbol>& symbols) const {
  struct Candidate {
    int32_t rank;
    int32_t position;
    int32_t id;
    bool operator>(const Candidate& other) const {
      return rank != other.rank ? rank > other.rank : position > other.position;
    }
  };
  std::vector<Candidate> storage;
  storage.reserve(symbols.size());
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> queue(std::greater<>{},
                                                                               std::move(storage));
  const auto at = [&](int32_t position) -> Symbol& { return symbols[static_cast<size_t>(position)]; };
  const auto propose = [&](int32_t position) {
    if (position < 0 || at(position).next < 0) return;
    const Merge* merge = mergeOf(at(position).id, at(at(position).next).id);
    if (merge) queue.push({merge->rank, position, merge->id});
  };
  for (size_t n = 0; n + 1 < symbols.size(); ++n) propose(static_cast<int32_t>(n));
  while (!queue.empty()) {
    const Candidate top = queue.top();
    queue.pop();
    Symbol& left = at(top.position);
    if (left.size == 0 || left.next < 0) continue;
    Symbol& right = at(left.next);
    // The neighbors may have changed since. Like the reference, compare only what the merge makes: another
    // pair may make the same token, and then it is merged at this rank.
    const Merge* merge = mergeOf(left.id, right.id);
    if (!merge || merge->id != top.id) continue;
    left.id = top.id;
    left.size += right.size;
    left.next = right.next;
    right.size = 0;
    if (left.next >= 0) at(left.next).previous = top.position;
    propose(left.previous);
    propose(top.position);
  }
}

void Bpe::encode(std::string_view word, std::vector<Part>& out) const {
  if (m_ignoresMerges) {
    if (const auto id = idOf(word)) {
      out.push_back({*id, word.size()});
      return;
    }
  }
  std::vector<Symbol> parts = symbols(word);
  mergeAll(parts);
  for (const Symbol& part : parts) {
    if (part.size > 0) out.push_back({part.id, part.size});
  }
}

}  // namespace uc
