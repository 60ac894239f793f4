// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/values/alignment.h"

#include "core/values/error.h"

#include <algorithm>

namespace uc {
namespace {

/// A place between tokens: all before it end at or before `low`, all after it begin at or behind `high`.
struct Border {
  size_t low = 0, high = 0;
  int64_t token = 0;  // the first one behind it
};

int64_t leadingWithoutText(const Tokens& tokens) {
  const auto first = std::find_if(tokens.list.begin(), tokens.list.end(),
                                  [](const Token& token) { return token.begin < token.end; });
  return first - tokens.list.begin();
}

std::vector<Border> bordersOf(const Tokens& tokens) {
  // From behind: where the text of a token and of all that follow it begins.
  const auto count = static_cast<size_t>(tokens.size());
  std::vector<size_t> begins(count + 1, tokens.text.size());
  for (size_t t = count; t-- > 0;) {
    const Token& token = tokens.list[t];
    begins[t] = token.begin < token.end ? std::min(begins[t + 1], token.begin) : begins[t + 1];
  }
  std::vector<Border> borders;
  size_t end = 0;
  for (auto t = static_cast<size_t>(leadingWithoutText(tokens)); t < count; ++t) {
    const Token& token = tokens.list[t];
    if (token.begin >= token.end) continue;
    end = std::max(end, token.end);
    if (end <= begins[t + 1]) borders.push_back({end, begins[t + 1], static_cast<int64_t>(t) + 1});
  }
  return borders;
}

}  // namespace

std::vector<AlignedSegment> alignByCharacters(const Tokens& a, const Tokens& b) {
  if (a.text.empty() || b.text.empty()) {
    fail("Inputs without text cannot be aligned.", a.text.empty() ? "input A" : "input B",
         "Give both as text, or compare inputs of the same tokens.");
  }
  if (a.text != b.text) {
    fail("The inputs are different texts.",
         std::to_string(a.text.size()) + " and " + std::to_string(b.text.size()) + " bytes",
         "Give both panes the same text.");
  }
  std::vector<AlignedSegment> segments;
  int64_t fromA = leadingWithoutText(a), fromB = leadingWithoutText(b);
  if (fromA == fromB) {
    for (int64_t t = 0; t < fromA; ++t) segments.push_back({0, 0, {t, t + 1}, {t, t + 1}});
  }
  const std::vector<Border> bordersA = bordersOf(a), bordersB = bordersOf(b);
  size_t begin = 0;
  for (auto i = bordersA.begin(), j = bordersB.begin(); i != bordersA.end() && j != bordersB.end();) {
    if (i->high < j->low) {
      ++i;
    } else if (j->high < i->low) {
      ++j;
    } else {
      const size_t end = std::max(i->low, j->low);
      segments.push_back({begin, end, {fromA, i->token}, {fromB, j->token}});
      begin = end;
      fromA = i->token;
      fromB = j->token;
      ++i;
      ++j;
    }
  }
  return segments;
}

Matrix alignedMap(const Matrix& map, const std::vector<AlignedSegment>& segments,
                  TokenRange AlignedSegment::*side) {
  const auto count = static_cast<int64_t>(segments.size());
  for (const AlignedSegment& segment : segments) {
    const TokenRange range = segment.*side;
    if (range.begin >= 0 && range.end <= map.rows && range.end <= map.cols) continue;
    fail("The map is not of the aligned input.",
         std::to_string(map.rows) + " × " + std::to_string(map.cols) + " entries, token " +
             std::to_string(range.end - 1) + " is needed",
         "Align whole maps, without pooling.");
  }
  Matrix result(count, count);
  for (int64_t i = 0; i < count; ++i) {
    const TokenRange rows = segments[static_cast<size_t>(i)].*side;
    for (int64_t j = 0; j < count; ++j) {
      const TokenRange cols = segments[static_cast<size_t>(j)].*side;
      double sum = 0.0;
      for (int64_t row = rows.begin; row < rows.end; ++row)
        for (int64_t col = cols.begin; col < cols.end; ++col) sum += static_cast<double>(map.at(row, col));
      result.at(i, j) = static_cast<float>(sum / static_cast<double>(rows.end - rows.begin));
    }
  }
  return result;
}

}  // namespace uc
