// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/io/json.h"
#include "core/values/tokens.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace uc {

/// Text to ids and back, id for id as the reference library. Immutable; may be used from any thread.
class Tokenizer {
 public:
  virtual ~Tokenizer() = default;
  virtual std::string kind() const = 0;  // "bpe", "gemma", "world", "sentencepiece"
  virtual int64_t size() const = 0;      // largest id + 1
  /// Encodes with the post-processor. Throws Failure only for invalid UTF-8, which the World tokenizer takes
  /// as bytes. Spans tile the text (conventions.md 21).
  virtual Tokens encode(std::string_view text) const = 0;
  virtual std::string decode(const std::vector<int64_t>& ids, bool skipSpecial) const = 0;
  /// The bytes that one id stands for; nothing for an id outside the vocabulary.
  virtual std::optional<std::string> bytes(int64_t id) const = 0;
};

/// `piece` when it is valid UTF-8, else every byte as ⟨E2⟩: the form of Token::text.
std::string tokenText(std::string_view piece);

/// Fails with the place of the first byte that is not valid UTF-8.
void requireUtf8(std::string_view text);

/// From a parsed tokenizer.json. Throws Failure naming what it cannot do (a pattern, a model type). `rows` is
/// the embedding's height: every id must be below it.
std::unique_ptr<const Tokenizer> tokenizerFromJson(const Json& json, const std::string& where, int64_t rows);

/// What a model without tokenizer.json and tokenizer.model reads texts by.
enum class OtherwiseReads { Nothing, World };  // World: RWKV's own vocabulary

/// The tokenizer in a model's folder, or none: tokenizer.json, else tokenizer.model, else what `otherwise`
/// says.
std::unique_ptr<const Tokenizer> openTokenizer(const std::filesystem::path& folder, int64_t rows,
                                               OtherwiseReads otherwise = OtherwiseReads::Nothing);

}  // namespace uc
