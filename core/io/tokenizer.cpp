// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/tokenizer.h"

#include "core/io/added_tokens.h"
#include "core/io/bpe.h"
#include "core/io/byte_alphabet.h"
#include "core/io/normalizer.h"
#include "core/io/pretokenizer.h"
#include "core/io/span_writer.h"
#include "core/io/token_decoder.h"
#include "core/io/token_template.h"
#include "core/io/tokenizer_json.h"
#include "core/io/unicode.h"
#include "core/values/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace uc {

namespace {

const Json kNone;  // null

const Json& component(const Json& json, const char* key) {
  const Json* found = member(json, key);
  return found ? *found : kNone;
}

const Json& modelOf(const Json& json, const std::string& where) {
  if (!json.is_object()) failTokenizer("The tokenizer is not an object.", where);
  if (const Json* version = member(json, "version"); version && *version != "1.0") {
    failTokenizer("The tokenizer's version is not 1.0.", where);
  }
  const Json* model = member(json, "model");
  if (!model || !model->is_object()) failTokenizer("The tokenizer has no model.", where);
  const std::string type = member(*model, "type") ? stringField(*model, "type", where) : "BPE";
  if (type != "BPE") failUnknown("tokenizer model", type, where);
  return *model;
}

class BpeTokenizer : public Tokenizer {
 public:
  BpeTokenizer(const Json& json, const std::string& where, int64_t rows)
      : m_bpe(modelOf(json, where), where + ", model", rows),
        m_normalizer(component(json, "normalizer"), where + ", normalizer"),
        m_preTokenizer(component(json, "pre_tokenizer"), where + ", pre_tokenizer"),
        m_template(tokenTemplateFromJson(component(json, "post_processor"), where + ", post_processor")),
        m_decoder(component(json, "decoder"), where + ", decoder") {
    if (const Json* added = member(json, "added_tokens")) readAdded(*added, where + ", added_tokens", rows);
    checkIds(where);
  }

  std::string kind() const override;
  int64_t size() const override { return m_size; }
  Tokens encode(std::string_view text) const override;
  std::string decode(const std::vector<int64_t>& ids, bool skipSpecial) const override;
  std::optional<std::string> bytes(int64_t id) const override;

 private:
  void readAdded(const Json& json, const std::string& where, int64_t rows);
  void checkAdded(const AddedToken& token, const std::string& where, int64_t rows) const;
  void checkIds(const std::string& where);

  Bpe m_bpe;
  Normalizer m_normalizer;
  PreTokenizer m_preTokenizer;
  TokenTemplate m_template;
  TokenDecoder m_decoder;
  std::unordered_map<int64_t, AddedToken> m_added;
  AddedTokenFinder m_rawFinder;
  AddedTokenFinder m_normalizedFinder;
  int64_t m_size = 0;
};

/// Gemma's shape: spaces become ▁ and nothing else is done, and what is not in the vocabulary becomes bytes.
std::string BpeTokenizer::kind() const {
  return m_normalizer.onlyMarksSpaces() && m_bpe.fallsBackToBytes() ? "gemma" : "bpe";
}

void BpeTokenizer::checkAdded(const AddedToken& token, const std::string& where, int64_t rows) const {
  const std::string name = printable(token.content, 80);
  if (token.id < 0) failTokenizer(fmt::format("The id of the added token {} is negative.", name), where);
  if (token.id >= rows) {
    failTokenizer(
        fmt::format("The added token {} has the id {}, but the embedding has {} rows.", name, token.id, rows),
        where);
  }
  if (const auto id = m_bpe.idOf(token.content)) {
    if (*id == token.id) return;
    failTokenizer(
        fmt::format("The added token {} has the id {}, but {} in the vocabulary.", name, token.id, *id),
        where);
  }
  if (const auto other = m_bpe.tokens().find(token.id); other != m_bpe.tokens().end()) {
    failTokenizer(fmt::format("The added token {} and the token {} have the same id {}.", name,
                              printable(other->second, 80), token.id),
                  where);
  }
}

void BpeTokenizer::readAdded(const Json& json, const std::string& where, int64_t rows) {
  std::vector<AddedToken> raw;
  std::vector<AddedToken> normalized;
  std::unordered_map<std::string, int64_t> patterns[2];
  for (AddedToken& token : addedTokensFromJson(json, where)) {
    checkAdded(token, where, rows);
    if (token.isNormalized) token.pattern = m_normalizer.apply(token.content);
    if (!m_added.emplace(token.id, token).second) {
      failTokenizer(fmt::format("The id {} is that of two added tokens.", token.id), where);
    }
    const auto [other, isNew] = patterns[token.isNormalized].emplace(token.pattern, token.id);
    if (!isNew) {
      failTokenizer(fmt::format("The added tokens {} and {} are the same text.", other->second, token.id),
                    where);
    }
    if (!token.pattern.empty()) (token.isNormalized ? normalized : raw).push_back(std::move(token));
  }
  m_rawFinder = AddedTokenFinder(std::move(raw));
  m_normalizedFinder = AddedTokenFinder(std::move(normalized));
}

/// Ids must leave no gap: with one, the reference library would number the added tokens differently.
void BpeTokenizer::checkIds(const std::string& where) {
  std::vector<int64_t> ids;
  ids.reserve(m_bpe.tokens().size() + m_added.size());
  for (const auto& entry : m_bpe.tokens()) ids.push_back(entry.first);
  for (const auto& entry : m_added) ids.push_back(entry.first);
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  for (size_t n = 0; n < ids.size(); ++n) {
    if (ids[n] != static_cast<int64_t>(n)) failTokenizer(fmt::format("No token has the id {}.", n), where);
  }
  m_size = static_cast<int64_t>(ids.size());
  for (const auto* side : {&m_template.before, &m_template.after}) {
    for (const int64_t id : *side) {
      if (id < 0 || id >= m_size) {
        failTokenizer(fmt::format("The template puts in the id {}, which no token has.", id),
                      where + ", post_processor");
      }
    }
  }
}

Tokens BpeTokenizer::encode(std::string_view text) const {
  requireUtf8(text);
  SpanWriter out(text);
  for (const int64_t id : m_template.before) out.putInFront(id, bytes(id).value_or(""));
  AlignedText aligned(text);
  m_rawFinder.split(aligned);
  aligned = m_normalizer.apply(std::move(aligned));
  m_normalizedFinder.split(aligned);
  aligned = m_preTokenizer.apply(std::move(aligned));
  std::vector<Bpe::Part> parts;
  for (const Piece& piece : aligned.pieces) {
    if (piece.id >= 0) {
      out.put(piece.id, aligned.originOf(piece.end));
      continue;
    }
    parts.clear();
    m_bpe.encode(aligned.view(piece), parts);
    size_t at = piece.begin;
    for (const Bpe::Part& part : parts) out.put(part.id, aligned.originOf(at += part.size));
  }
  out.finishText();
  for (const int64_t id : m_template.after) out.putBehind(id, bytes(id).value_or(""));
  return out.take();
}

std::string BpeTokenizer::decode(const std::vector<int64_t>& ids, bool skipSpecial) const {
  std::vector<std::string> tokens;
  for (const int64_t id : ids) {
    const auto added = m_added.find(id);
    const auto known = m_bpe.tokens().find(id);
    if (added == m_added.end() && known == m_bpe.tokens().end()) continue;
    if (skipSpecial && added != m_added.end() && added->second.isSpecial) continue;
    tokens.push_back(added != m_added.end() ? added->second.pattern : known->second);
  }
  return m_decoder.text(std::move(tokens));
}

std::optional<std::string> BpeTokenizer::bytes(int64_t id) const {
  if (const auto added = m_added.find(id); added != m_added.end()) return added->second.content;
  const auto known = m_bpe.tokens().find(id);
  if (known == m_bpe.tokens().end()) return std::nullopt;
  if (!m_preTokenizer.isByteLevel() || m_decoder.isByteLevel()) return m_decoder.bytes(known->second);
  return bytesOfLetters(known->second).value_or(known->second);
}

}  // namespace

void requireUtf8(std::string_view text) {
  if (const size_t bad = firstInvalidUtf8(text); bad != std::string_view::npos) {
    fail("The text is not valid UTF-8.", fmt::format("byte {}", bad), "Save the text as UTF-8.");
  }
}

std::string tokenText(std::string_view piece) {
  if (firstInvalidUtf8(piece) == std::string_view::npos) return std::string(piece);
  std::string result;
  for (const char byte : piece) result += fmt::format("⟨{:02X}⟩", static_cast<unsigned char>(byte));
  return result;
}

std::unique_ptr<const Tokenizer> tokenizerFromJson(const Json& json, const std::string& where, int64_t rows) {
  return std::make_unique<BpeTokenizer>(json, where, rows);
}

}  // namespace uc
