// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace uc {

/// The tokens of a World vocabulary by their ids. Id 0 ends a text and is never found in one.
struct WorldVocabulary {
  std::vector<std::string> tokens;  // tokens[0]: how the end of text is written
};

/// Reads a vocabulary file in either grammar: lines of id, Python literal and length in bytes
/// (rwkv_vocab_v20230424.txt, ids from 1), or lines of one literal each whose index is the id (vocab.txt,
/// line 0 being the end of text). Throws Failure naming the line. `rows` is the embedding's height; `where`
/// names the file.
WorldVocabulary parseWorldVocabulary(std::string_view file, const std::string& where, int64_t rows);

/// The file that is built into the program: rwkv_vocab_v20230424.txt, 65,529 tokens.
std::string builtInWorldVocabulary();

}  // namespace uc
