// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/io/aligned_text.h"
#include "core/io/json.h"

#include <string>
#include <string_view>
#include <vector>

namespace uc {

/// The `normalizer` of a tokenizer.json, one step after the other.
class Normalizer {
 public:
  Normalizer() = default;
  /// Throws Failure naming a step that it does not know. `where` names the file.
  Normalizer(const Json& json, const std::string& where);

  /// Normalizes each piece that is not an added token on its own.
  AlignedText apply(AlignedText text) const;
  std::string apply(std::string_view text) const;

  /// True when all it does is to write spaces as ▁, as Gemma's does.
  bool onlyMarksSpaces() const;

 private:
  enum class Kind { Nfc, Nfd, Nfkc, Nfkd, Lowercase, Replace, Prepend };
  struct Step {
    Kind kind = Kind::Nfc;
    std::string pattern;  // Replace
    std::string content;  // Replace, Prepend
  };
  void add(const Json& json, const std::string& where);
  void addStep(const std::string& type, const Json& json, const std::string& where);
  static void run(const Step& step, const AlignedText& text, const Piece& piece, Rewriter& out);

  std::vector<Step> m_steps;
};

}  // namespace uc
