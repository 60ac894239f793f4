// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/cli_arguments.h"

#include <algorithm>
#include <charconv>
#include <filesystem>

namespace uc {
namespace {

[[noreturn]] void wrong(const std::string& message) { throw UsageError{message, {}}; }

std::string quoted(const std::string& text) { return "\"" + printable(text, 80) + "\""; }

std::optional<int64_t> wholeNumber(std::string_view text) {
  int64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Splits at commas; empty pieces are kept.
std::vector<std::string> pieces(const std::string& text) {
  std::vector<std::string> result(1);
  for (char c : text) {
    if (c == ',') {
      result.emplace_back();
    } else {
      result.back() += c;
    }
  }
  return result;
}

std::string trimmed(const std::string& text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

}  // namespace

std::vector<int64_t> parseIds(const std::string& text, const std::string& option) {
  std::vector<int64_t> result;
  if (trimmed(text).empty()) return result;
  for (const std::string& piece : pieces(text)) {
    const std::optional<int64_t> id = wholeNumber(trimmed(piece));
    if (!id) wrong(option + " takes whole numbers parted by commas, not " + quoted(text) + ".");
    result.push_back(*id);
  }
  return result;
}

TokenRange parseRange(const std::string& text, const std::string& option) {
  const size_t colon = text.find(':');
  if (colon == std::string::npos) wrong(option + " takes a range A:B, not " + quoted(text) + ".");
  const auto begin = wholeNumber(std::string_view(text).substr(0, colon));
  const auto end = wholeNumber(std::string_view(text).substr(colon + 1));
  if (!begin || !end || *begin < 0)
    wrong(option + " takes a range A:B of token numbers, not " + quoted(text) + ".");
  if (*begin >= *end) wrong(option + " " + text + " is empty: A must be below B.");
  return {*begin, *end};
}

LayerChoice parseLayers(const std::string& text) {
  LayerChoice result;
  if (text == "all") {
    result.isAll = result.isList = true;
    return result;
  }
  result.isList = text.find_first_of(",:") != std::string::npos;
  for (const std::string& piece : pieces(text)) {
    if (piece.find(':') != std::string::npos) {
      const TokenRange range = parseRange(piece, "--layer");
      result.ranges.push_back({range.begin, range.end});
      continue;
    }
    const std::optional<int64_t> layer = wholeNumber(piece);
    if (!layer) wrong("--layer takes a number, a list such as 3,5,8:12, or all, not " + quoted(text) + ".");
    result.ranges.push_back({*layer, *layer + 1});
  }
  return result;
}

std::vector<int64_t> LayerChoice::resolve(int64_t layers) const {
  std::vector<int64_t> result;
  if (isAll) {
    for (int64_t layer = 0; layer < layers; ++layer) result.push_back(layer);
    return result;
  }
  for (const Range& range : ranges) {
    if (range.begin < 0 || range.end > layers) {
      const int64_t bad = range.begin < 0 || range.begin >= layers ? range.begin : layers;
      fail("Layer " + std::to_string(bad) + " does not exist.", "--layer",
           "This model has layers 0 … " + std::to_string(layers - 1) + ".");
    }
    for (int64_t layer = range.begin; layer < range.end; ++layer)
      if (std::find(result.begin(), result.end(), layer) == result.end()) result.push_back(layer);
  }
  return result;
}

Factors parseFactors(const std::string& text) {
  Factors result;
  for (const std::string& piece : pieces(text)) {
    const std::optional<Factor> factor = factorNamed(piece);
    if (!factor)
      wrong("--factors takes gate, scan, activation, convolution, skip, no-step, not " + quoted(piece) + ".");
    if (result.has(*factor)) wrong("--factors names " + piece + " twice.");
    result = result.with(*factor);
  }
  return result;
}

std::string checkedEnding(const std::string& path, const std::vector<std::string>& allowed) {
  std::string ending = std::filesystem::path(path).extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  if (std::find(allowed.begin(), allowed.end(), ending) == allowed.end() || path.starts_with("/dev/")) {
    std::string list;
    for (const std::string& known : allowed) list += (list.empty() ? "" : " ") + known;
    wrong("-o takes a file that ends in one of " + list + ", not " + quoted(path) + ".");
  }
  return ending;
}

}  // namespace uc
