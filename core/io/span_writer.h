// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/tokens.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace uc {

/// Builds Tokens whose spans tile the text (conventions.md 21): a token begins where the one before ended.
class SpanWriter {
 public:
  explicit SpanWriter(std::string_view text) { m_tokens.text = text; }

  /// A token that stands in front of the text or behind it, as a template says.
  void putInFront(int64_t id, const std::string& name);
  void putBehind(int64_t id, const std::string& name);
  /// A token of the text that reaches to byte `end`; one that would end before the last one is empty.
  void put(int64_t id, size_t end);
  /// To be called after the last put: bytes of the text's end that became no token (a split that removes, a
  /// scalar that the vocabulary lacks) belong to the last one.
  void finishText();

  Tokens take() { return std::move(m_tokens); }

 private:
  Tokens m_tokens;
  size_t m_end = 0;        // of the text's last token
  bool m_hasText = false;  // whether there is one
};

}  // namespace uc
