// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/io/aligned_text.h"
#include "core/io/json.h"
#include "core/io/metaspace.h"
#include "core/io/split_pattern.h"

#include <string>
#include <string_view>
#include <vector>

namespace uc {

/// What becomes of the matches that a text is split by, as the reference library names it.
enum class SplitBehavior { Removed, Isolated, MergedWithPrevious, MergedWithNext, Contiguous };

/// The `pre_tokenizer` of a tokenizer.json: cuts pieces into the words that the model merges within.
class PreTokenizer {
 public:
  PreTokenizer() = default;
  /// Throws Failure naming a step or a pattern that it does not know. `where` names the file.
  PreTokenizer(const Json& json, const std::string& where);

  AlignedText apply(AlignedText text) const;
  /// True when the words it makes are spelled in the byte alphabet.
  bool isByteLevel() const;

 private:
  enum class Kind { ByteLevel, Digits, Punctuation, Metaspace, SplitText, SplitPattern };
  struct Step {
    Kind kind = Kind::ByteLevel;
    bool addPrefixSpace = false;  // ByteLevel
    bool useRegex = false;        // ByteLevel
    SplitBehavior behavior = SplitBehavior::Isolated;
    bool isInverted = false;
    uc::Metaspace metaspace;
    std::string text;  // SplitText; Metaspace: what it splits in front of
    uc::SplitPattern pattern = uc::SplitPattern::Gpt2;
  };
  void add(const Json& json, const std::string& where);
  void addSplit(const Json& json, const std::string& where);
  static std::vector<Stretch> stretches(const Step& step, std::string_view text);
  static void split(const Step& step, AlignedText& text);
  static AlignedText withSpaceInFront(const AlignedText& text, std::string_view space, bool onlyFirst);
  static AlignedText markSpaces(const Step& step, const AlignedText& text);
  static AlignedText toByteAlphabet(const Step& step, const AlignedText& text);

  std::vector<Step> m_steps;
};

}  // namespace uc
