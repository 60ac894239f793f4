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

/// RWKV's World tokenizer from the content of a vocabulary file (world_vocabulary.h): from the left, always
/// the longest token that the text's bytes begin with. It puts nothing around the text and takes any bytes.
/// `rows` is the embedding's height. Throws Failure.
std::unique_ptr<const Tokenizer> worldTokenizer(std::string_view file, const std::string& where,
                                                int64_t rows);

/// The World tokenizer of a model's folder: the vocabulary file there (rwkv_vocab_v20230424.txt, else the
/// only *vocab*.txt), else the one built into the program; none when the embedding is too small for that one.
/// Throws Failure: several vocabularies, or a broken one.
std::unique_ptr<const Tokenizer> openWorldTokenizer(const std::filesystem::path& folder, int64_t rows);

}  // namespace uc
