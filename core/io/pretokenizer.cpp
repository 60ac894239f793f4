// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/pretokenizer.h"

#include "core/io/byte_alphabet.h"
#include "core/io/tokenizer_json.h"
#include "core/io/unicode.h"

#include <algorithm>

namespace uc {

namespace {

SplitBehavior behaviorField(const Json& json, const std::string& where) {
  const std::string name = member(json, "behavior") ? stringField(json, "behavior", where) : "Isolated";
  if (name == "Removed") return SplitBehavior::Removed;
  if (name == "Isolated") return SplitBehavior::Isolated;
  if (name == "MergedWithPrevious") return SplitBehavior::MergedWithPrevious;
  if (name == "MergedWithNext") return SplitBehavior::MergedWithNext;
  if (name == "Contiguous") return SplitBehavior::Contiguous;
  failUnknown("split behavior", name, where);
}

std::vector<Stretch> scalarStretches(std::string_view text, bool (*matches)(char32_t)) {
  std::vector<Stretch> result;
  size_t gap = 0;
  for (size_t at = 0; at < text.size();) {
    const Scalar scalar = scalarAt(text, at);
    if (matches(scalar.value)) {
      if (gap < at) result.push_back({gap, at, false});
      result.push_back({at, at + scalar.size, true});
      gap = at + scalar.size;
    }
    at += scalar.size;
  }
  if (gap < text.size()) result.push_back({gap, text.size(), false});
  return result;
}

std::vector<Stretch> textStretches(std::string_view text, const std::string& pattern) {
  std::vector<Stretch> result;
  size_t at = 0;
  for (size_t found = text.find(pattern); found != std::string_view::npos; found = text.find(pattern, at)) {
    if (at < found) result.push_back({at, found, false});
    at = found + pattern.size();
    result.push_back({found, at, true});
  }
  if (at < text.size()) result.push_back({at, text.size(), false});
  return result;
}

/// Joins stretches as the behavior says; the result's `isMatch` marks what is to be removed.
std::vector<Stretch> joined(std::vector<Stretch> stretches, SplitBehavior behavior) {
  if (behavior == SplitBehavior::Removed) return stretches;
  if (behavior == SplitBehavior::MergedWithNext) std::reverse(stretches.begin(), stretches.end());
  std::vector<Stretch> result;
  bool wasMatch = false;
  for (const Stretch& stretch : stretches) {
    const bool isJoined = behavior == SplitBehavior::Contiguous ? stretch.isMatch == wasMatch
                          : behavior == SplitBehavior::Isolated ? false
                                                                : stretch.isMatch && !wasMatch;
    if (isJoined && !result.empty()) {
      result.back().begin = std::min(result.back().begin, stretch.begin);
      result.back().end = std::max(result.back().end, stretch.end);
    } else {
      result.push_back({stretch.begin, stretch.end, false});
    }
    wasMatch = stretch.isMatch;
  }
  if (behavior == SplitBehavior::MergedWithNext) std::reverse(result.begin(), result.end());
  return result;
}

}  // namespace

PreTokenizer::PreTokenizer(const Json& json, const std::string& where) { add(json, where); }

void PreTokenizer::add(const Json& json, const std::string& where) {
  if (json.is_null()) return;
  const std::string type = componentType(json, "pre-tokenizer", where);
  Step step;
  if (type == "Sequence") {
    for (const Json& part : componentList(json, "pretokenizers", where)) add(part, where);
    return;
  }
  if (type == "Split") return addSplit(json, where);
  if (type == "ByteLevel") {
    step.kind = Kind::ByteLevel;
    step.addPrefixSpace = boolField(json, "add_prefix_space", true, where);
    step.useRegex = boolField(json, "use_regex", true, where);
  } else if (type == "Digits") {
    step.kind = Kind::Digits;
    const bool isEachAlone = boolField(json, "individual_digits", false, where);
    step.behavior = isEachAlone ? SplitBehavior::Isolated : SplitBehavior::Contiguous;
  } else if (type == "Punctuation") {
    step.kind = Kind::Punctuation;
    step.behavior = behaviorField(json, where);
  } else if (type == "Metaspace") {
    step.kind = Kind::Metaspace;
    step.metaspace = metaspaceFromJson(json, where);
    step.text = step.metaspace.replacement;
    step.behavior = SplitBehavior::MergedWithNext;
  } else {
    failUnknown("pre-tokenizer", type, where);
  }
  m_steps.push_back(step);
}

void PreTokenizer::addSplit(const Json& json, const std::string& where) {
  Step step;
  step.behavior = behaviorField(json, where);
  step.isInverted = boolField(json, "invert", false, where);
  const Json* pattern = member(json, "pattern");
  const Json* regex = pattern ? member(*pattern, "Regex") : nullptr;
  if (regex && regex->is_string()) {
    const auto known = splitPatternSpelled(regex->get<std::string>());
    if (!known) failUnknown("pre-tokenizer's pattern", regex->get<std::string>(), where);
    step.kind = Kind::SplitPattern;
    step.pattern = *known;
  } else {
    step.kind = Kind::SplitText;
    step.text = stringPattern(json, where);
  }
  m_steps.push_back(step);
}

bool PreTokenizer::isByteLevel() const {
  return std::any_of(m_steps.begin(), m_steps.end(),
                     [](const Step& step) { return step.kind == Kind::ByteLevel; });
}

std::vector<Stretch> PreTokenizer::stretches(const Step& step, std::string_view text) {
  switch (step.kind) {
    case Kind::ByteLevel:
      return findStretches(uc::SplitPattern::Gpt2, text);
    case Kind::Digits:
      return scalarStretches(text, isNumber);
    case Kind::Punctuation:
      return scalarStretches(text, isPunctuation);
    case Kind::Metaspace:
    case Kind::SplitText:
      return textStretches(text, step.text);
    case Kind::SplitPattern:
      return findStretches(step.pattern, text);
  }
  return {};
}

void PreTokenizer::split(const Step& step, AlignedText& text) {
  std::vector<Piece> pieces;
  pieces.reserve(text.pieces.size());
  for (const Piece& piece : text.pieces) {
    if (piece.id >= 0) {
      pieces.push_back(piece);
      continue;
    }
    std::vector<Stretch> found = stretches(step, text.view(piece));
    if (step.isInverted) {
      for (Stretch& stretch : found) stretch.isMatch = !stretch.isMatch;
    }
    for (const Stretch& stretch : joined(std::move(found), step.behavior)) {
      if (!stretch.isMatch) pieces.push_back({piece.begin + stretch.begin, piece.begin + stretch.end, -1});
    }
  }
  text.pieces = std::move(pieces);
}

/// Puts `space` in front of each piece that does not begin with it, or only of one that begins the text.
AlignedText PreTokenizer::withSpaceInFront(const AlignedText& text, std::string_view space, bool onlyFirst) {
  Rewriter out(text);
  for (const Piece& piece : text.pieces) {
    out.beginPiece();
    const bool isWanted = piece.id < 0 && (!onlyFirst || text.originOf(piece.begin) == 0);
    if (isWanted && !text.view(piece).starts_with(space)) out.replace(piece.begin, piece.begin, space);
    out.keep(piece.begin, piece.end);
    out.endPiece(piece.id);
  }
  return out.take();
}

AlignedText PreTokenizer::markSpaces(const Step& step, const AlignedText& text) {
  Rewriter out(text);
  for (const Piece& piece : text.pieces) {
    out.beginPiece();
    for (size_t at = piece.begin; at < piece.end; ++at) {
      if (piece.id < 0 && text.text[at] == ' ') {
        out.replace(at, at + 1, step.metaspace.replacement);
      } else {
        out.keep(at, at + 1);
      }
    }
    out.endPiece(piece.id);
  }
  const Metaspace::Prepend prepend = step.metaspace.prepend;
  if (prepend == Metaspace::Prepend::Never) return out.take();
  return withSpaceInFront(out.take(), step.metaspace.replacement, prepend == Metaspace::Prepend::First);
}

AlignedText PreTokenizer::toByteAlphabet(const Step& step, const AlignedText& text) {
  AlignedText words = step.addPrefixSpace ? withSpaceInFront(text, " ", false) : text;
  if (step.useRegex) split(step, words);
  Rewriter out(words);
  for (const Piece& piece : words.pieces) {
    out.beginPiece();
    if (piece.id >= 0) {
      out.keep(piece.begin, piece.end);
    } else {
      for (size_t at = piece.begin; at < piece.end; ++at) {
        out.replace(at, at + 1, letterTextOfByte(static_cast<unsigned char>(words.text[at])));
      }
    }
    out.endPiece(piece.id);
  }
  return out.take();
}

AlignedText PreTokenizer::apply(AlignedText text) const {
  for (const Step& step : m_steps) {
    if (step.kind == Kind::ByteLevel) {
      text = toByteAlphabet(step, text);
    } else if (step.kind == Kind::Metaspace) {
      text = markSpaces(step, text);
      if (step.metaspace.splits) split(step, text);
    } else {
      split(step, text);
    }
  }
  return text;
}

}  // namespace uc
