// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/normal_form.h"

#include "core/io/unicode.h"

#include <utf8proc.h>

#include <algorithm>
#include <string>

namespace uc {

namespace {

int combiningClass(int32_t scalar) { return utf8proc_get_property(scalar)->combining_class; }

/// Puts the marks behind each base into canonical order. utf8proc does this by insertion, which takes
/// quadratic time on a long run of marks.
void orderMarks(std::vector<int32_t>& scalars) {
  for (auto at = scalars.begin(); at != scalars.end();) {
    if (combiningClass(*at) == 0) {
      ++at;
      continue;
    }
    const auto end =
        std::find_if(at, scalars.end(), [](int32_t scalar) { return combiningClass(scalar) == 0; });
    std::stable_sort(at, end, [](int32_t a, int32_t b) { return combiningClass(a) < combiningClass(b); });
    at = end;
  }
}

/// Scalars that can join what stands before them although they are no marks: Hangul vowels and finals, and
/// the letters of Kirat Rai. U+11A7 joins nothing, but utf8proc would let a syllable before it swallow it.
bool isJoiningLetter(int32_t scalar) {
  const bool isHangul = scalar >= 0x1161 && scalar <= 0x11C2 && scalar != 0x11A7;
  return isHangul || (scalar >= 0x16D63 && scalar <= 0x16D6A);
}

}  // namespace

void NormalForm::decompose(char32_t scalar, std::vector<int32_t>& out) const {
  const int options = UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | (m_isCompatible ? UTF8PROC_COMPAT : 0);
  int32_t buffer[32];  // the longest decomposition has 18 scalars
  int unused = 0;
  const auto size = utf8proc_decompose_char(static_cast<int32_t>(scalar), buffer, 32,
                                            static_cast<utf8proc_option_t>(options), &unused);
  if (size < 0 || size > 32) {
    out.push_back(static_cast<int32_t>(scalar));
  } else {
    out.insert(out.end(), buffer, buffer + size);
  }
}

/// True when nothing before the scalar can change because of it, and it not because of what is before it.
bool NormalForm::isBoundary(char32_t scalar) const {
  if (scalar < 0x300) return true;
  thread_local std::vector<int32_t> buffer;
  buffer.clear();
  decompose(scalar, buffer);
  const auto* property = utf8proc_get_property(buffer.front());
  const bool isMark =
      property->category >= UTF8PROC_CATEGORY_MN && property->category <= UTF8PROC_CATEGORY_ME;
  return property->combining_class == 0 && !isMark && !isJoiningLetter(buffer.front());
}

std::string NormalForm::normalize(std::string_view segment) const {
  std::vector<int32_t> scalars;
  scalars.reserve(segment.size());
  for (size_t at = 0; at < segment.size();) {
    const Scalar scalar = scalarAt(segment, at);
    decompose(scalar.value, scalars);
    at += scalar.size;
  }
  orderMarks(scalars);
  auto size = static_cast<utf8proc_ssize_t>(scalars.size());
  if (m_isComposed) {
    size = utf8proc_normalize_utf32(scalars.data(), size,
                                    static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  }
  std::string result;
  for (utf8proc_ssize_t n = 0; n < size; ++n)
    appendUtf8(result, static_cast<char32_t>(scalars[static_cast<size_t>(n)]));
  return result;
}

void NormalForm::apply(std::string_view text, const Kept& kept, const Changed& changed) const {
  size_t keptFrom = 0;
  for (size_t at = 0; at < text.size();) {
    const Scalar first = scalarAt(text, at);
    size_t end = at + first.size;
    bool isSimple = first.value < 0x80;  // ASCII never changes on its own
    while (end < text.size()) {
      const Scalar next = scalarAt(text, end);
      if (isBoundary(next.value)) break;
      isSimple = false;
      end += next.size;
    }
    if (!isSimple) {
      const std::string_view segment = text.substr(at, end - at);
      const std::string normal = normalize(segment);
      if (normal != segment) {
        if (keptFrom < at) kept(keptFrom, at);
        changed(at, end, normal);
        keptFrom = end;
      }
    }
    at = end;
  }
  if (keptFrom < text.size()) kept(keptFrom, text.size());
}

}  // namespace uc
