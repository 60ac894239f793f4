// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/io/json.h"
#include "core/io/metaspace.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace uc {

/// The byte that a token like <0xE2> stands for, if it is one.
std::optional<char> byteOfToken(std::string_view token);

/// The `decoder` of a tokenizer.json: how the tokens of ids become text again.
class TokenDecoder {
 public:
  /// Without a decoder, tokens are joined by spaces.
  TokenDecoder() = default;
  /// Throws Failure naming a step that it does not know. `where` names the file.
  TokenDecoder(const Json& json, const std::string& where);

  std::string text(std::vector<std::string> tokens) const;
  /// What one token stands for, on its own.
  std::string bytes(const std::string& token) const;
  bool isByteLevel() const;

 private:
  enum class Kind { ByteLevel, Replace, ByteFallback, Fuse, Strip, Metaspace };
  struct Step {
    Kind kind = Kind::Fuse;
    std::string pattern;  // Replace; Strip and Metaspace: one scalar
    std::string content;  // Replace
    size_t left = 0;      // Strip: how many at most
    size_t right = 0;
    bool dropsFirst = false;  // Metaspace: the first token's spaces are no text
  };
  void add(const Json& json, const std::string& where);
  static Step step(const std::string& type, const Json& json, const std::string& where);
  static void run(const Step& step, std::vector<std::string>& tokens);

  std::vector<Step> m_steps;
  bool m_exists = false;
};

}  // namespace uc
