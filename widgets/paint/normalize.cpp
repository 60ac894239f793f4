// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/color_scale.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace uc {

namespace {

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

void applyMinMax(ShownMap& shown, const MapGrid& grid) {
  forValues(shown.values, grid, [](float v) { return std::abs(v); });
  const auto [low, high] = finiteExtent(shown, grid);
  const float span = high - low;
  forValues(shown.values, grid, [low = low, span](float v) {
    if (!std::isfinite(v)) return v;
    return span > 0.0F ? (v - low) / span : 0.0F;
  });
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
  if (hasNegative) shown.warning = QStringLiteral("softmax of a map with negative entries");
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

void applyPercentile(ShownMap& shown, const MapGrid& grid) {
  std::vector<float> values;
  forRows(shown.values, grid, [&](const float* begin, const float* end) {
    std::copy_if(begin, end, std::back_inserter(values), [](float v) { return std::isfinite(v); });
  });
  if (values.empty()) return;
  const float low = quantile(values, 0.01), high = quantile(values, 0.99);
  forValues(shown.values, grid,
            [low, high](float v) { return std::isfinite(v) ? std::clamp(v, low, high) : v; });
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

}  // namespace uc
