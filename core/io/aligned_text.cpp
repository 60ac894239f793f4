// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/aligned_text.h"

#include <algorithm>
#include <numeric>

namespace uc {

AlignedText::AlignedText(std::string_view original) : text(original), ends(original.size()) {
  std::iota(ends.begin(), ends.end(), size_t{1});
  if (!text.empty()) pieces.push_back({0, text.size(), -1});
}

Rewriter::Rewriter(const AlignedText& from) : m_from(from) {
  m_to.text.reserve(from.text.size());
  m_to.ends.reserve(from.text.size());
  m_to.pieces.reserve(from.pieces.size());
}

void Rewriter::endPiece(int64_t id) {
  const size_t end = m_to.text.size();
  if (end > m_pieceBegin) m_to.pieces.push_back({m_pieceBegin, end, id});
}

void Rewriter::keep(size_t begin, size_t end) {
  m_to.text.append(m_from.text, begin, end - begin);
  const auto ends = m_from.ends.begin();
  m_to.ends.insert(m_to.ends.end(), ends + static_cast<ptrdiff_t>(begin), ends + static_cast<ptrdiff_t>(end));
}

void Rewriter::replace(size_t begin, size_t end, std::string_view by) {
  m_to.text.append(by);
  if (begin == end) {
    m_to.ends.insert(m_to.ends.end(), by.size(), m_from.originOf(begin));
    return;
  }
  for (size_t n = 0; n < by.size(); ++n) {
    const size_t source = n + 1 == by.size() ? end - 1 : std::min(begin + n, end - 1);
    m_to.ends.push_back(m_from.ends[source]);
  }
}

}  // namespace uc
