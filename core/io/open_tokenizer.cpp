// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/sentencepiece.h"
#include "core/io/tokenizer.h"
#include "core/io/world.h"

namespace uc {

std::unique_ptr<const Tokenizer> openTokenizer(const std::filesystem::path& folder, int64_t rows,
                                               OtherwiseReads otherwise) {
  std::error_code error;
  if (const auto path = folder / "tokenizer.json"; std::filesystem::exists(path, error)) {
    return tokenizerFromJson(readJson(path), path.string(), rows);
  }
  if (const auto path = folder / "tokenizer.model"; std::filesystem::exists(path, error)) {
    return openSentencePiece(path, rows);
  }
  return otherwise == OtherwiseReads::World ? openWorldTokenizer(folder, rows) : nullptr;
}

}  // namespace uc
