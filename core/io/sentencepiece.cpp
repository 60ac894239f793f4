// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/sentencepiece.h"

#include "core/io/added_tokens.h"
#include "core/io/sentencepiece_model.h"
#include "core/io/sentencepiece_normalizer.h"
#include "core/io/sentencepiece_segmenter.h"
#include "core/io/span_writer.h"
#include "core/io/token_decoder.h"
#include "core/io/tokenizer_json.h"
#include "core/io/unicode.h"
#include "core/values/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace uc {

namespace {

using Type = SentencePieceModel::Type;

constexpr size_t kLongestFile = size_t{64} << 20;
constexpr std::string_view kSpaceMark = "▁";

ByteTrie userDefinedOf(const SentencePieceModel& model) {
  std::vector<std::pair<std::string_view, int32_t>> entries;
  for (size_t n = 0; n < model.pieces.size(); ++n) {
    if (model.pieces[n].type != Type::UserDefined) continue;
    entries.emplace_back(model.pieces[n].text, static_cast<int32_t>(n));
  }
  return entries.empty() ? ByteTrie() : ByteTrie(std::move(entries));
}

/// The `added_tokens_decoder` of a tokenizer_config.json as a list of added tokens.
std::vector<AddedToken> addedTokensOf(const Json& config, const std::string& where) {
  const Json* entries = member(config, "added_tokens_decoder");
  if (!entries) return {};
  if (!entries->is_object()) failTokenizer("The field added_tokens_decoder is not an object.", where);
  Json list = Json::array();
  for (const auto& [key, value] : entries->items()) {
    int64_t id = -1;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), id);
    if (error != std::errc() || end != key.data() + key.size() || !value.is_object()) {
      failTokenizer("The field added_tokens_decoder does not name tokens by their ids.", where);
    }
    list.push_back(value);
    list.back()["id"] = id;
  }
  return addedTokensFromJson(list, where + ", added_tokens_decoder");
}

std::string spaced(std::string_view piece) {
  std::string result;
  for (size_t at = 0; at < piece.size();) {
    const bool isSpace = piece.substr(at).starts_with(kSpaceMark);
    result += isSpace ? ' ' : piece[at];
    at += isSpace ? kSpaceMark.size() : 1;
  }
  return result;
}

class SentencePieceTokenizer : public Tokenizer {
 public:
  SentencePieceTokenizer(std::string_view file, const Json& config, const std::string& where, int64_t rows)
      : m_model(parseSentencePieceModel(file, where, rows)),
        m_userDefined(userDefinedOf(m_model)),
        m_normalizer(m_model, m_userDefined, where),
        m_segmenter(m_model, m_userDefined),
        m_size(static_cast<int64_t>(m_model.pieces.size())) {
    readConfig(config, where + ", tokenizer_config.json", rows);
  }
  SentencePieceTokenizer(const SentencePieceTokenizer&) = delete;
  SentencePieceTokenizer& operator=(const SentencePieceTokenizer&) = delete;

  std::string kind() const override { return "sentencepiece"; }
  int64_t size() const override { return m_size; }
  Tokens encode(std::string_view text) const override;
  std::string decode(const std::vector<int64_t>& ids, bool skipSpecial) const override;
  std::optional<std::string> bytes(int64_t id) const override;

 private:
  void readConfig(const Json& config, const std::string& where, int64_t rows);
  void readAdded(std::vector<AddedToken> tokens, const std::string& where, int64_t rows);
  void encodePiece(std::string_view text, size_t begin, SpanWriter& out) const;
  void putBytes(std::string_view unknown, size_t begin, size_t end, SpanWriter& out) const;
  std::string decodeSegment(const std::vector<int32_t>& ids) const;
  const SentencePieceModel::Piece* pieceOf(int64_t id) const {
    const bool isPiece = id >= 0 && id < static_cast<int64_t>(m_model.pieces.size());
    return isPiece ? &m_model.pieces[static_cast<size_t>(id)] : nullptr;
  }

  SentencePieceModel m_model;
  ByteTrie m_userDefined;
  SentencePieceNormalizer m_normalizer;
  SentencePieceSegmenter m_segmenter;
  AddedTokenFinder m_finder;
  std::unordered_map<int64_t, AddedToken> m_added;
  std::vector<int64_t> m_before;
  std::vector<int64_t> m_after;
  int64_t m_size;
};

void SentencePieceTokenizer::readConfig(const Json& config, const std::string& where, int64_t rows) {
  if (!config.is_null() && !config.is_object()) failTokenizer("The configuration is not an object.", where);
  const int32_t begin = m_model.controlId(m_model.beginPiece);
  const int32_t end = m_model.controlId(m_model.endPiece);
  const bool addsBegin = boolField(config, "add_bos_token", begin >= 0, where);
  const bool addsEnd = boolField(config, "add_eos_token", false, where);
  if ((addsBegin && begin < 0) || (addsEnd && end < 0)) {
    failTokenizer("A token is to be put around the text that the model lacks.", where);
  }
  if (addsBegin) m_before.push_back(begin);
  if (addsEnd) m_after.push_back(end);
  readAdded(addedTokensOf(config, where), where, rows);
}

void SentencePieceTokenizer::readAdded(std::vector<AddedToken> tokens, const std::string& where,
                                       int64_t rows) {
  std::unordered_map<std::string, int64_t> texts;
  for (const AddedToken& token : tokens) {
    const std::string name = printable(token.content, 80);
    if (token.id < 0 || token.id >= rows) {
      failTokenizer(fmt::format("The added token {} has the id {}, but the embedding has {} rows.", name,
                                token.id, rows),
                    where);
    }
    if (const auto* piece = pieceOf(token.id); piece && piece->text != token.content) {
      failTokenizer(fmt::format("The added token {} and the piece {} have the same id {}.", name,
                                printable(piece->text, 80), token.id),
                    where);
    }
    if (!texts.emplace(token.content, token.id).second) {
      failTokenizer(fmt::format("The added token {} is there twice.", name), where);
    }
    m_added.emplace(token.id, token);
    m_size = std::max(m_size, token.id + 1);
  }
  m_finder = AddedTokenFinder(std::move(tokens));
}

Tokens SentencePieceTokenizer::encode(std::string_view text) const {
  requireUtf8(text);
  SpanWriter out(text);
  for (const int64_t id : m_before) out.putInFront(id, bytes(id).value_or(""));
  AlignedText aligned(text);
  m_finder.split(aligned);
  for (const Piece& piece : aligned.pieces) {
    if (piece.id >= 0) {
      out.put(piece.id, piece.end);
    } else {
      encodePiece(aligned.view(piece), piece.begin, out);
    }
  }
  out.finishText();
  for (const int64_t id : m_after) out.putBehind(id, bytes(id).value_or(""));
  return out.take();
}

/// Encodes a part of the text that begins at byte `begin` of it.
void SentencePieceTokenizer::encodePiece(std::string_view text, size_t begin, SpanWriter& out) const {
  const SentencePieceNormalizer::Result normal = m_normalizer.apply(text);
  const auto parts = m_segmenter.segments(normal.text);
  size_t at = 0;
  for (size_t n = 0; n < parts.size(); ++n) {
    size_t end = at + parts[n].size;
    if (parts[n].id != m_model.unknown) {
      out.put(parts[n].id, begin + normal.origins[end]);
    } else if (m_model.fallsBackToBytes) {
      putBytes(std::string_view(normal.text).substr(at, end - at), begin + normal.origins[at],
               begin + normal.origins[end], out);
    } else {
      // A run of unknown pieces is one token.
      for (; n + 1 < parts.size() && parts[n + 1].id == m_model.unknown; ++n) end += parts[n + 1].size;
      out.put(m_model.unknown, begin + normal.origins[end]);
    }
    at = end;
  }
}

/// The bytes of a piece that the model lacks, which stands for the text's bytes [begin, end).
void SentencePieceTokenizer::putBytes(std::string_view unknown, size_t begin, size_t end,
                                      SpanWriter& out) const {
  for (size_t n = 0; n < unknown.size(); ++n) {
    const bool isLast = n + 1 == unknown.size();
    out.put(m_model.bytes[static_cast<unsigned char>(unknown[n])],
            isLast ? end : std::min(begin + n + 1, end));
  }
}

/// The text of ids between added and control tokens.
std::string SentencePieceTokenizer::decodeSegment(const std::vector<int32_t>& ids) const {
  const bool dropsSpace = m_model.addsDummyPrefix || m_model.removesExtraSpaces;
  std::string result;
  std::string run;  // bytes not yet put down
  bool isBeginning = true;
  const auto flush = [&] {
    for (std::string_view rest = run; !rest.empty();) {
      size_t size = std::min(firstInvalidUtf8(rest), rest.size());
      result += rest.substr(0, size);
      rest.remove_prefix(size);
      if (rest.empty()) break;
      result += "\uFFFD";  // one a byte
      rest.remove_prefix(1);
    }
    run.clear();
  };
  for (const int32_t id : ids) {
    const SentencePieceModel::Piece& piece = m_model.pieces[static_cast<size_t>(id)];
    if (piece.type == Type::Byte) {
      run += *byteOfToken(piece.text);
      continue;
    }
    flush();
    if (!result.empty()) isBeginning = false;
    if (piece.type == Type::Unknown) {
      result += m_model.unknownSurface;
      continue;
    }
    std::string_view text = piece.text;
    if (isBeginning && dropsSpace && text.starts_with(kSpaceMark)) {
      text.remove_prefix(kSpaceMark.size());
      isBeginning = m_model.removesExtraSpaces;  // then all spaces of the beginning go
    }
    result += spaced(text);
  }
  flush();
  return result;
}

std::string SentencePieceTokenizer::decode(const std::vector<int64_t>& ids, bool skipSpecial) const {
  std::string result;
  std::vector<int32_t> segment;
  const auto flush = [&] {
    result += decodeSegment(segment);
    segment.clear();
  };
  for (const int64_t id : ids) {
    const auto added = m_added.find(id);
    const SentencePieceModel::Piece* piece = pieceOf(id);
    const bool isControl = piece && piece->type == Type::Control;
    if (added != m_added.end() || isControl) {
      const bool isSpecial = isControl || added->second.isSpecial;
      if (skipSpecial && isSpecial) continue;
      flush();
      result += bytes(id).value_or("");
    } else if (piece) {
      segment.push_back(static_cast<int32_t>(id));
    }
  }
  flush();
  return result;
}

std::optional<std::string> SentencePieceTokenizer::bytes(int64_t id) const {
  if (const auto added = m_added.find(id); added != m_added.end()) return added->second.content;
  const SentencePieceModel::Piece* piece = pieceOf(id);
  if (!piece) return std::nullopt;
  if (piece->type == Type::Byte) return std::string(1, *byteOfToken(piece->text));
  return spaced(piece->text);
}

}  // namespace

std::unique_ptr<const Tokenizer> sentencePieceTokenizer(std::string_view file, const Json& config,
                                                        const std::string& where, int64_t rows) {
  return std::make_unique<SentencePieceTokenizer>(file, config, where, rows);
}

std::unique_ptr<const Tokenizer> openSentencePiece(const std::filesystem::path& path, int64_t rows) {
  const std::filesystem::path beside = path.parent_path() / "tokenizer_config.json";
  std::error_code error;
  const Json config = std::filesystem::exists(beside, error) ? readJson(beside) : Json();
  return sentencePieceTokenizer(readFile(path, kLongestFile), config, path.string(), rows);
}

}  // namespace uc
