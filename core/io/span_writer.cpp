// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/span_writer.h"

#include "core/io/tokenizer.h"

#include <algorithm>

namespace uc {

void SpanWriter::putInFront(int64_t id, const std::string& name) {
  m_tokens.list.push_back({id, tokenText(name), 0, 0});
}

void SpanWriter::putBehind(int64_t id, const std::string& name) {
  const size_t end = m_tokens.text.size();
  m_tokens.list.push_back({id, tokenText(name), end, end});
}

void SpanWriter::put(int64_t id, size_t end) {
  end = std::max(m_end, end);
  m_tokens.list.push_back(
      {id, tokenText(std::string_view(m_tokens.text).substr(m_end, end - m_end)), m_end, end});
  m_end = end;
  m_hasText = true;
}

void SpanWriter::finishText() {
  if (!m_hasText || m_end == m_tokens.text.size()) return;
  const Token last = m_tokens.list.back();
  m_tokens.list.pop_back();
  m_end = last.begin;
  put(last.id, m_tokens.text.size());
}

}  // namespace uc
