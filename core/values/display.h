// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace uc {

/// How a map's values are brought to what is shown (mathematics.md §4, conventions.md 16).
enum class Normalization {
  Raw,
  Abs,
  MinMax,
  Softmax,
  RowL1,
  RowMax,
  Log10,
  SignedLog,
  Percentile,
  Contribution
};

enum class ColorMap { Viridis, Cividis, Magma, Inferno, Gray, RdBu, PuOr, Vik, Jet };

/// A range of shown values, after normalization. `low` < `high`.
struct ValueRange {
  double low = 0.0;
  double high = 1.0;
  bool operator==(const ValueRange&) const = default;
};

/// From a map's values to color: all that the legend names.
struct Display {
  Normalization normalization = Normalization::Raw;
  std::optional<ColorMap> colorMap;  // none: RdBu for signed, viridis for unsigned values
  bool isReversed = false;           // ends swapped
  std::optional<ValueRange> range;   // none: from the values, symmetric when signed
  double gamma = 1.0;
  bool operator==(const Display&) const = default;
};

std::string_view name(Normalization normalization);   // command line: "raw", "row-l1" …
std::string_view title(Normalization normalization);  // window and legend: "raw signed", "|α|" …
std::string_view name(ColorMap map);
std::optional<Normalization> normalizationNamed(std::string_view text);
std::optional<ColorMap> colorMapNamed(std::string_view text);
const std::vector<Normalization>& allNormalizations();
const std::vector<ColorMap>& allColorMaps();
bool isDiverging(ColorMap map);

}  // namespace uc
