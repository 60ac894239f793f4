// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/io/tokenizer.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace uc {

/// A SentencePiece model (tokenizer.model: BPE or Unigram), id for id as the SentencePiece library. A reader
/// of our own: the library brings its own copy of Protocol Buffers, which clashes with LibTorch's in one
/// process, and trusts its files.
///
/// `config` is the tokenizer_config.json beside it, or null. `add_bos_token` and `add_eos_token` say whether
/// the begin and end pieces are put around a text; without a word, the begin piece is (as Gemma's and Llama's
/// tokenizers do). Control pieces written in a text are only text, except those that `added_tokens_decoder`
/// lists. Throws Failure. `rows` is the embedding's height.
std::unique_ptr<const Tokenizer> sentencePieceTokenizer(std::string_view file, const Json& config,
                                                        const std::string& where, int64_t rows);

/// The same from a file, with the tokenizer_config.json beside it.
std::unique_ptr<const Tokenizer> openSentencePiece(const std::filesystem::path& path, int64_t rows);

}  // namespace uc
