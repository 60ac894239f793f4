// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/normalizer.h"

#include "core/io/normal_form.h"
#include "core/io/tokenizer_json.h"
#include "core/io/unicode.h"

#include <utf8proc.h>

namespace uc {

namespace {

void applyForm(NormalForm form, const AlignedText& text, const Piece& piece, Rewriter& out) {
  form.apply(
      text.view(piece), [&](size_t begin, size_t end) { out.keep(piece.begin + begin, piece.begin + end); },
      [&](size_t begin, size_t end, std::string_view by) {
        out.replace(piece.begin + begin, piece.begin + end, by);
      });
}

/// The lower case of one scalar on its own. İ is the only one whose lower case has two scalars.
void lowercase(const AlignedText& text, const Piece& piece, Rewriter& out) {
  for (size_t at = piece.begin; at < piece.end;) {
    const Scalar scalar = scalarAt(text.text, at);
    const auto lower = static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(scalar.value)));
    if (scalar.value == 0x130) {
      out.replace(at, at + scalar.size, "i\u0307");
    } else if (lower == scalar.value) {
      out.keep(at, at + scalar.size);
    } else {
      std::string by;
      appendUtf8(by, lower);
      out.replace(at, at + scalar.size, by);
    }
    at += scalar.size;
  }
}

void replaceAll(const std::string& pattern, const std::string& content, const AlignedText& text,
                const Piece& piece, Rewriter& out) {
  const std::string_view view = text.view(piece);
  size_t at = 0;
  for (size_t found = view.find(pattern); found != std::string_view::npos; found = view.find(pattern, at)) {
    out.keep(piece.begin + at, piece.begin + found);
    at = found + pattern.size();
    out.replace(piece.begin + found, piece.begin + at, content);
  }
  out.keep(piece.begin + at, piece.end);
}

}  // namespace

Normalizer::Normalizer(const Json& json, const std::string& where) { add(json, where); }

void Normalizer::add(const Json& json, const std::string& where) {
  if (json.is_null()) return;
  const std::string type = componentType(json, "normalizer", where);
  if (type == "Sequence") {
    for (const Json& step : componentList(json, "normalizers", where)) add(step, where);
  } else {
    addStep(type, json, where);
  }
}

void Normalizer::addStep(const std::string& type, const Json& json, const std::string& where) {
  if (type == "NFC") {
    m_steps.push_back({Kind::Nfc, {}, {}});
  } else if (type == "NFD") {
    m_steps.push_back({Kind::Nfd, {}, {}});
  } else if (type == "NFKC") {
    m_steps.push_back({Kind::Nfkc, {}, {}});
  } else if (type == "NFKD") {
    m_steps.push_back({Kind::Nfkd, {}, {}});
  } else if (type == "Lowercase") {
    m_steps.push_back({Kind::Lowercase, {}, {}});
  } else if (type == "Prepend") {
    m_steps.push_back({Kind::Prepend, {}, stringField(json, "prepend", where)});
  } else if (type == "Replace") {
    m_steps.push_back({Kind::Replace, stringPattern(json, where), stringField(json, "content", where)});
  } else {
    failUnknown("normalizer", type, where);
  }
}

void Normalizer::run(const Step& step, const AlignedText& text, const Piece& piece, Rewriter& out) {
  switch (step.kind) {
    case Kind::Nfc:
      return applyForm(NormalForm(true, false), text, piece, out);
    case Kind::Nfd:
      return applyForm(NormalForm(false, false), text, piece, out);
    case Kind::Nfkc:
      return applyForm(NormalForm(true, true), text, piece, out);
    case Kind::Nfkd:
      return applyForm(NormalForm(false, true), text, piece, out);
    case Kind::Lowercase:
      return lowercase(text, piece, out);
    case Kind::Replace:
      return replaceAll(step.pattern, step.content, text, piece, out);
    case Kind::Prepend:
      out.replace(piece.begin, piece.begin, step.content);
      return out.keep(piece.begin, piece.end);
  }
}

AlignedText Normalizer::apply(AlignedText text) const {
  for (const Step& step : m_steps) {
    Rewriter out(text);
    for (const Piece& piece : text.pieces) {
      out.beginPiece();
      if (piece.id >= 0) {
        out.keep(piece.begin, piece.end);
      } else {
        run(step, text, piece, out);
      }
      out.endPiece(piece.id);
    }
    text = out.take();
  }
  return text;
}

bool Normalizer::onlyMarksSpaces() const {
  return m_steps.size() == 1 && m_steps[0].kind == Kind::Replace && m_steps[0].pattern == " " &&
         m_steps[0].content == "▁";
}

std::string Normalizer::apply(std::string_view text) const { return apply(AlignedText(text)).text; }

}  // namespace uc
