// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/byte_trie.h"

#include <algorithm>

namespace uc {

ByteTrie::ByteTrie(std::vector<std::pair<std::string_view, int32_t>> entries) {
  std::sort(entries.begin(), entries.end());
  struct Range {
    size_t begin;
    size_t end;
    size_t depth;
  };
  std::vector<Range> ranges = {{0, entries.size(), 0}};  // of each node: the entries that lie below it
  m_nodes.emplace_back();
  m_labels.push_back(0);
  for (size_t node = 0; node < m_nodes.size(); ++node) {
    auto [begin, end, depth] = ranges[node];
    if (begin < end && entries[begin].first.size() == depth) m_nodes[node].id = entries[begin++].second;
    m_nodes[node].firstChild = static_cast<int32_t>(m_nodes.size());
    while (begin < end) {
      const char label = entries[begin].first[depth];
      size_t next = begin + 1;
      while (next < end && entries[next].first[depth] == label) ++next;
      ranges.push_back({begin, next, depth + 1});
      m_nodes.emplace_back();
      m_labels.push_back(static_cast<unsigned char>(label));
      ++m_nodes[node].children;
      begin = next;
    }
  }
}

int32_t ByteTrie::child(int32_t node, unsigned char label) const {
  if (node < 0) return -1;
  const Node& parent = m_nodes[static_cast<size_t>(node)];
  const auto first = m_labels.begin() + parent.firstChild;
  const auto last = first + parent.children;
  const auto found = std::lower_bound(first, last, label);
  return found != last && *found == label ? static_cast<int32_t>(found - m_labels.begin()) : -1;
}

}  // namespace uc
