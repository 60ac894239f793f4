// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/pooled_layout.h"

#include <algorithm>
#include <iterator>

namespace uc {
namespace {

/// How many of the ascending borders lie at or before `token`.
int64_t countUpTo(const std::vector<int64_t>& borders, int64_t token) {
  return std::upper_bound(borders.begin(), borders.end(), token) - borders.begin();
}

/// Where each pixel of columns closes, ascending.
std::vector<int64_t> closings(const PooledLayout& layout, int64_t taps) {
  std::vector<int64_t> result;
  for (int64_t col = 0; col < layout.cols(); ++col) {
    int64_t end = layout.colEdges[static_cast<size_t>(col) + 1] + taps - 1;
    if (end > layout.rowEdges.front()) {
      const auto edge = std::lower_bound(layout.rowEdges.begin(), layout.rowEdges.end(), end);
      if (edge != layout.rowEdges.end()) end = *edge;
    }
    result.push_back(end);
  }
  return result;
}

}  // namespace

PooledLayout::PooledLayout(std::vector<int64_t> rowBorders, std::vector<int64_t> colBorders, int64_t taps)
    : rowEdges(std::move(rowBorders)), colEdges(std::move(colBorders)) {
  const int64_t begin = colEdges.front(), end = rowEdges.back();
  std::vector<int64_t> cuts;
  const auto cut = [&](int64_t token) {
    if (token >= begin && token <= end) cuts.push_back(token);
  };
  for (const int64_t edge : rowEdges) cut(edge);
  for (const int64_t edge : colEdges) {
    cut(edge);
    cut(edge + taps - 1);
  }
  std::sort(cuts.begin(), cuts.end());
  cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());

  const std::vector<int64_t> closes = closings(*this, taps);
  for (size_t i = 0; i + 1 < cuts.size(); ++i) {
    const int64_t token = cuts[i];
    Stretch stretch{token, cuts[i + 1]};
    stretch.row = std::min(countUpTo(rowEdges, token), rows()) - 1;
    stretch.beginsRow = stretch.row >= 0 && rowEdges[static_cast<size_t>(stretch.row)] == token;
    stretch.fedEnd = std::min(countUpTo(colEdges, token), cols());
    stretch.open = std::min(countUpTo(closes, token), stretch.fedEnd);
    stretch.fed = std::min(countUpTo(colEdges, token - (taps - 1)) - 1, stretch.fedEnd);
    stretch.fed = std::max(stretch.fed, stretch.open);
    stretches.push_back(stretch);
    closedCols.push_back(stretch.open);
    begunRows.push_back(stretch.row + (stretch.beginsRow ? 0 : 1));
  }
  closedCols.push_back(countUpTo(closes, end));
  begunRows.push_back(rows());
}

}  // namespace uc
