// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/values/display.h"

#include <array>

namespace uc {
namespace {

struct NormalizationNames {
  Normalization value;
  std::string_view name, title;
};

constexpr std::array<NormalizationNames, 10> kNormalizations{{
    {Normalization::Raw, "raw", "raw signed"},
    {Normalization::Abs, "abs", "|α|"},
    {Normalization::MinMax, "minmax", "min–max of |α|"},
    {Normalization::Softmax, "softmax", "softmax over row"},
    {Normalization::RowL1, "row-l1", "row L1"},
    {Normalization::RowMax, "row-max", "row max"},
    {Normalization::Log10, "log10", "log10 |α|"},
    {Normalization::SignedLog, "signed-log", "signed log"},
    {Normalization::Percentile, "percentile", "percentile clip"},
    {Normalization::Contribution, "contribution", "contribution |α·x|"},
}};

constexpr std::array<std::pair<ColorMap, std::string_view>, 9> kColorMaps{{
    {ColorMap::Viridis, "viridis"},
    {ColorMap::Cividis, "cividis"},
    {ColorMap::Magma, "magma"},
    {ColorMap::Inferno, "inferno"},
    {ColorMap::Gray, "gray"},
    {ColorMap::RdBu, "RdBu"},
    {ColorMap::PuOr, "PuOr"},
    {ColorMap::Vik, "vik"},
    {ColorMap::Jet, "jet"},
}};

}  // namespace

std::string_view name(Normalization normalization) {
  for (const auto& entry : kNormalizations)
    if (entry.value == normalization) return entry.name;
  return {};
}

std::string_view title(Normalization normalization) {
  for (const auto& entry : kNormalizations)
    if (entry.value == normalization) return entry.title;
  return {};
}

std::string_view name(ColorMap map) {
  for (const auto& [value, text] : kColorMaps)
    if (value == map) return text;
  return {};
}

std::optional<Normalization> normalizationNamed(std::string_view text) {
  for (const auto& entry : kNormalizations)
    if (entry.name == text) return entry.value;
  return std::nullopt;
}

std::optional<ColorMap> colorMapNamed(std::string_view text) {
  for (const auto& [value, known] : kColorMaps)
    if (known == text) return value;
  return std::nullopt;
}

const std::vector<Normalization>& allNormalizations() {
  static const std::vector<Normalization> all = [] {
    std::vector<Normalization> result;
    for (const auto& entry : kNormalizations) result.push_back(entry.value);
    return result;
  }();
  return all;
}

const std::vector<ColorMap>& allColorMaps() {
  static const std::vector<ColorMap> all = [] {
    std::vector<ColorMap> result;
    for (const auto& entry : kColorMaps) result.push_back(entry.first);
    return result;
  }();
  return all;
}

bool isDiverging(ColorMap map) {
  return map == ColorMap::RdBu || map == ColorMap::PuOr || map == ColorMap::Vik;
}

}  // namespace uc
