// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/color_scale.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace uc {

namespace {

constexpr const char* kSoftmaxOfNegative = "softmax of a map with negative entries";

/// Applies `change(row, begin, end)` to the attended stretch of every row.
template <typename Change>
void forRows(Matrix& map, const MapGrid& grid, Change change) {
  for (qint64 i = 0; i < map.rows; ++i) {
    const auto [begin, end] = grid.attendedCols(i, map.cols);
    if (begin < end) change(map.row(i) + begin, map.row(i) + end);
  }
}

template <typename Function>
void forValues(Matrix& map, const MapGrid& grid, Function function) {
  forRows(map, grid, [&](float* begin, float* end) {
    for (float* v = begin; v != end; ++v) *v = function(*v);
  });
}

/// Measures the shown values; the comparisons are false for NaN, so one pass without branches on it will do.
void measure(ShownMap& shown, const MapGrid& grid) {
  constexpr float kMax = std::numeric_limits<float>::max();
  float low = std::numeric_limits<float>::infinity(), high = -low;
  forRows(shown.values, grid, [&](const float* begin, const float* end) {
    qint64 nan = 0, inf = 0;
    float rowLow = low, rowHigh = high;
    for (const float* v = begin; v != end; ++v) {
      const float size = std::abs(*v);
      nan += size != size;
      inf += size > kMax;
      rowLow = size <= kMax && *v < rowLow ? *v : rowLow;
      rowHigh = size <= kMax && *v > rowHigh ? *v : rowHigh;
    }
    shown.nanCount += nan;
    shown.infCount += inf;
    low = rowLow;
    high = rowHigh;
  });
  shown.extent = low <= high ? ValueRange{low, high} : ValueRange{0.0, 1.0};
}

/// Smallest and largest finite value of what is attended; {0, 0} when there is none.
std::pair<float, float> finiteExtent(ShownMap& shown, const MapGrid& grid) {
  ShownMap copy;
  copy.values = std::move(shown.values);
  measure(copy, grid);
  shown.values = std::move(copy.values);
  return {static_cast<float>(copy.extent.low), static_cast<float>(copy.extent.high)};
}

/// (|v| − low) / (high − low); 0 where that is 0 / 0.
void scaleMagnitudes(ShownMap& shown, const MapGrid& grid, float low, float high) {
  const float span = high - low;
  forValues(shown.values, grid, [low, span](float v) {
    if (!std::isfinite(v)) return std::abs(v);
    return span > 0.0F ? (std::abs(v) - low) / span : 0.0F;
  });
}

void applyMinMax(ShownMap& shown, const MapGrid& grid) {
  forValues(shown.values, grid, [](float v) { return std::abs(v); });
  const auto [low, high] = finiteExtent(shown, grid);
  scaleMagnitudes(shown, grid, low, high);
}

void applySoftmax(ShownMap& shown, const MapGrid& grid) {
  bool hasNegative = false;
  forRows(shown.values, grid, [&](float* begin, float* end) {
    float top = -std::numeric_limits<float>::infinity();
    for (const float* v = begin; v != end; ++v) {
      hasNegative |= *v < 0.0F;
      if (std::isfinite(*v)) top = std::max(top, *v);
    }
    double sum = 0.0;
    for (float* v = begin; v != end; ++v) {
      if (!std::isfinite(*v)) continue;
      *v = std::exp(*v - top);
      sum += static_cast<double>(*v);
    }
    for (float* v = begin; v != end; ++v) {
      if (std::isfinite(*v)) *v = static_cast<float>(static_cast<double>(*v) / sum);
    }
  });
  if (hasNegative) shown.warning = QLatin1String(kSoftmaxOfNegative);
}

/// Divides each row by the sum or the largest of its finite |values|; rows of zeros stay zeros.
void divideRows(ShownMap& shown, const MapGrid& grid, bool isSum) {
  forRows(shown.values, grid, [&](float* begin, float* end) {
    double total = 0.0;
    for (const float* v = begin; v != end; ++v) {
      const double size = std::abs(static_cast<double>(*v));
      if (!std::isfinite(size)) continue;
      total = isSum ? total + size : std::max(total, size);
    }
    if (total <= 0.0) return;
    for (float* v = begin; v != end; ++v) *v = static_cast<float>(static_cast<double>(*v) / total);
  });
}

/// The value below which `share` of the sorted values lie, between neighbors by linear interpolation.
float quantile(std::vector<float>& values, double share) {
  const double place = share * static_cast<double>(values.size() - 1);
  const auto lower = static_cast<std::ptrdiff_t>(place);
  std::nth_element(values.begin(), values.begin() + lower, values.end());
  const float first = values[static_cast<size_t>(lower)];
  if (static_cast<size_t>(lower) + 1 >= values.size()) return first;
  const float second = *std::min_element(values.begin() + lower + 1, values.end());
  const double part = place - static_cast<double>(lower);
  return static_cast<float>(static_cast<double>(first) * (1.0 - part) + static_cast<double>(second) * part);
}

/// The 1 and 99 % quantiles of the finite attended values; nothing when there are none.
std::optional<std::pair<float, float>> percentiles(Matrix& map, const MapGrid& grid) {
  std::vector<float> values;
  forRows(map, grid, [&](const float* begin, const float* end) {
    std::copy_if(begin, end, std::back_inserter(values), [](float v) { return std::isfinite(v); });
  });
  if (values.empty()) return std::nullopt;
  const float low = quantile(values, 0.01);
  return std::pair(low, quantile(values, 0.99));
}

void clipValues(ShownMap& shown, const MapGrid& grid, float low, float high) {
  forValues(shown.values, grid,
            [low, high](float v) { return std::isfinite(v) ? std::clamp(v, low, high) : v; });
}

void applyPercentile(ShownMap& shown, const MapGrid& grid) {
  if (const auto ends = percentiles(shown.values, grid)) clipValues(shown, grid, ends->first, ends->second);
}

NormalizationBasis::Row basisRow(const float* begin, const float* end) {
  NormalizationBasis::Row row;
  row.top = -std::numeric_limits<double>::infinity();
  for (const float* v = begin; v != end; ++v) {
    if (!std::isfinite(*v)) continue;
    const auto value = static_cast<double>(*v);
    row.sum += std::abs(value);
    row.largest = std::max(row.largest, std::abs(value));
    row.top = std::max(row.top, value);
  }
  for (const float* v = begin; v != end; ++v) {
    if (std::isfinite(*v)) row.powers += std::exp(static_cast<double>(*v) - row.top);
  }
  return row;
}

/// Each row by what the basis knows of it; rows that it knows as zeros stay as they are.
void applyRows(ShownMap& shown, const MapGrid& grid, Normalization normalization,
               const NormalizationBasis& basis) {
  // the picture's cells stand for so many of ours
  const double cells = static_cast<double>(basis.grid.pool) / static_cast<double>(grid.pool);
  for (qint64 i = 0; i < shown.values.rows; ++i) {
    const auto at = (grid.row0 + i * grid.pool - basis.grid.row0) / basis.grid.pool;
    const NormalizationBasis::Row& row = basis.rows[static_cast<size_t>(at)];
    const auto [begin, end] = grid.attendedCols(i, shown.values.cols);
    const bool isSoftmax = normalization == Normalization::Softmax;
    const double total = isSoftmax                               ? row.powers * cells
                         : normalization == Normalization::RowL1 ? row.sum * cells
                                                                 : row.largest;
    if (total <= 0.0) continue;
    for (qint64 j = begin; j < end; ++j) {
      float& v = shown.values.at(i, j);
      if (!std::isfinite(v)) continue;
      const auto value = static_cast<double>(v);
      v = static_cast<float>((isSoftmax ? std::exp(value - row.top) : value) / total);
    }
  }
}

}  // namespace

std::pair<qint64, qint64> MapGrid::attendedCols(qint64 i, qint64 cols) const {
  const qint64 first = row0 + i * pool;
  const qint64 last = std::min(first + pool, std::max(row1, first + 1)) - 1;
  if (isBackward) return {first <= col0 ? 0 : std::min(cols, (first - col0) / pool), cols};
  if (isCausal) return {0, last < col0 ? 0 : std::min(cols, (last - col0) / pool + 1)};
  return {0, cols};
}

bool MapGrid::isAttended(qint64 i, qint64 j) const {
  const auto [begin, end] = attendedCols(i, j + 1);
  return begin <= j && j < end;
}

ShownMap normalize(const Matrix& map, const MapGrid& grid, bool isUnsigned, Normalization normalization) {
  ShownMap shown;
  shown.values = map;
  shown.isSigned = !isUnsigned;
  switch (normalization) {
    case Normalization::Raw:
      break;
    case Normalization::Abs:
    case Normalization::Contribution:
      forValues(shown.values, grid, [](float v) { return std::abs(v); });
      shown.isSigned = false;
      break;
    case Normalization::MinMax:
      applyMinMax(shown, grid);
      shown.isSigned = false;
      break;
    case Normalization::Softmax:
      applySoftmax(shown, grid);
      shown.isSigned = false;
      break;
    case Normalization::RowL1:
      divideRows(shown, grid, true);
      break;
    case Normalization::RowMax:
      divideRows(shown, grid, false);
      break;
    case Normalization::Log10:
      forValues(shown.values, grid, [](float v) { return std::log10(std::abs(v)); });
      shown.isSigned = false;
      break;
    case Normalization::SignedLog:
      forValues(shown.values, grid,
                [](float v) { return std::copysign(std::log10(1.0F + std::abs(v) / 1e-6F), v); });
      break;
    case Normalization::Percentile:
      applyPercentile(shown, grid);
      break;
  }
  measure(shown, grid);
  return shown;
}

ValueRange trimmedExtent(const ShownMap& shown, const MapGrid& grid) {
  std::vector<float> sizes;
  sizes.reserve(shown.values.values.size());
  for (qint64 i = 0; i < shown.values.rows; ++i) {
    const auto [begin, end] = grid.attendedCols(i, shown.values.cols);
    const float* row = shown.values.row(i);
    for (qint64 j = begin; j < end; ++j)
      if (std::isfinite(row[j])) sizes.push_back(std::abs(row[j]));
  }
  if (sizes.empty()) return shown.extent;
  const double largest = std::max(std::abs(shown.extent.low), std::abs(shown.extent.high));
  const double end = std::max(static_cast<double>(quantile(sizes, 0.99)), 0.01 * largest);
  return {std::max(shown.extent.low, -end), std::min(shown.extent.high, end)};
}

bool needsBasis(Normalization normalization) {
  switch (normalization) {
    case Normalization::MinMax:
    case Normalization::Softmax:
    case Normalization::RowL1:
    case Normalization::RowMax:
    case Normalization::Percentile:
      return true;
    case Normalization::Raw:
    case Normalization::Abs:
    case Normalization::Log10:
    case Normalization::SignedLog:
    case Normalization::Contribution:
      return false;
  }
  return false;
}

NormalizationBasis basisOf(const Matrix& map, const MapGrid& grid, Normalization normalization) {
  NormalizationBasis basis;
  basis.grid = grid;
  if (!needsBasis(normalization)) return basis;
  ShownMap copy;
  copy.values = map;
  if (normalization == Normalization::Percentile) {
    const auto ends = percentiles(copy.values, grid);
    if (ends) basis.clip = {static_cast<double>(ends->first), static_cast<double>(ends->second)};
  } else if (normalization == Normalization::MinMax) {
    forValues(copy.values, grid, [](float v) { return std::abs(v); });
    const auto [low, high] = finiteExtent(copy, grid);
    basis.magnitudes = {static_cast<double>(low), static_cast<double>(high)};
  } else {
    for (qint64 i = 0; i < map.rows; ++i) {
      const auto [begin, end] = grid.attendedCols(i, map.cols);
      basis.rows.push_back(basisRow(map.row(i) + begin, map.row(i) + std::max(begin, end)));
    }
  }
  return basis;
}

ShownMap normalizePart(const Matrix& map, const MapGrid& grid, bool isUnsigned, Normalization normalization,
                       const NormalizationBasis& basis) {
  if (!needsBasis(normalization)) return normalize(map, grid, isUnsigned, normalization);
  ShownMap shown;
  shown.values = map;
  shown.isSigned = !isUnsigned;
  if (normalization == Normalization::MinMax) {
    scaleMagnitudes(shown, grid, static_cast<float>(basis.magnitudes.low),
                    static_cast<float>(basis.magnitudes.high));
    shown.isSigned = false;
  } else if (normalization == Normalization::Percentile) {
    clipValues(shown, grid, static_cast<float>(basis.clip.low), static_cast<float>(basis.clip.high));
  } else {
    applyRows(shown, grid, normalization, basis);
    if (normalization == Normalization::Softmax) {
      shown.isSigned = false;
      if (!isUnsigned) shown.warning = QLatin1String(kSoftmaxOfNegative);
    }
  }
  measure(shown, grid);
  return shown;
}

}  // namespace uc
