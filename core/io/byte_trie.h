// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace uc {

/// Texts by their bytes, to find those that a text goes on with. Immutable; keeps no views of what it was
/// made from.
class ByteTrie {
 public:
  ByteTrie() = default;
  /// Of texts with their ids (≥ 0): none empty, no two equal.
  explicit ByteTrie(std::vector<std::pair<std::string_view, int32_t>> entries);

  struct Match {
    int32_t id = -1;  // −1: none
    size_t size = 0;
  };
  /// The longest entry that the text has at byte `at`.
  Match longest(std::string_view text, size_t at) const {
    Match result;
    forEach(text, at, [&](Match match) { result = match; });
    return result;
  }
  /// Calls `use` for every entry that the text has at byte `at`, shortest first.
  template <typename Use>
  void forEach(std::string_view text, size_t at, Use use) const {
    int32_t node = m_nodes.empty() ? -1 : 0;
    for (size_t end = at; end < text.size(); ++end) {
      node = child(node, static_cast<unsigned char>(text[end]));
      if (node < 0) return;
      if (const int32_t id = m_nodes[static_cast<size_t>(node)].id; id >= 0) use(Match{id, end + 1 - at});
    }
  }

 private:
  struct Node {
    int32_t firstChild = 0;  // children follow one another, by rising label
    int32_t children = 0;
    int32_t id = -1;
  };
  int32_t child(int32_t node, unsigned char label) const;

  std::vector<Node> m_nodes;
  std::vector<unsigned char> m_labels;  // of the edge that leads to each node
};

}  // namespace uc
