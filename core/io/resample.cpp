// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/resample.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <vector>

namespace uc {

namespace {

constexpr int kBits = 22;  // 32 less 8 of a pixel, 1 for weights over 1 and 1 for the sign

double bilinear(double x) {
  x = std::abs(x);
  return x < 1.0 ? 1.0 - x : 0.0;
}

// R. G. Keys, Cubic convolution interpolation for digital image processing, 1981.
double bicubic(double x) {
  constexpr double a = -0.5;
  x = std::abs(x);
  if (x < 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0;
  if (x < 2.0) return (((x - 5.0) * x + 8.0) * x - 4.0) * a;
  return 0.0;
}

// The weights of one output pixel: those of the input pixels from `first` on.
struct Taps {
  int64_t first = 0;
  std::vector<int32_t> weights;
};

std::vector<Taps> tapsFor(int64_t inSize, int64_t outSize, int64_t first, int64_t count,
                          ResampleFilter kind) {
  const bool isCubic = kind == ResampleFilter::Bicubic;
  const double scale = static_cast<double>(inSize) / static_cast<double>(outSize);
  const double filterScale = std::max(scale, 1.0);
  const double support = (isCubic ? 2.0 : 1.0) * filterScale;
  std::vector<Taps> result;
  std::vector<double> weights;
  for (int64_t out = first; out < first + count; ++out) {
    const double center = (static_cast<double>(out) + 0.5) * scale;
    const auto low = std::max<int64_t>(0, static_cast<int64_t>(center - support + 0.5));
    const auto high = std::min<int64_t>(inSize, static_cast<int64_t>(center + support + 0.5));
    const double step = 1.0 / filterScale;
    weights.clear();
    double sum = 0.0;
    for (int64_t in = low; in < high; ++in) {
      const double x = (static_cast<double>(in) - center + 0.5) * step;
      weights.push_back(isCubic ? bicubic(x) : bilinear(x));
      sum += weights.back();
    }
    Taps taps{low, {}};
    for (double weight : weights) {
      if (sum != 0.0) weight /= sum;
      const double fixed = weight * (1 << kBits);
      taps.weights.push_back(static_cast<int32_t>(weight < 0.0 ? fixed - 0.5 : fixed + 0.5));
    }
    result.push_back(std::move(taps));
  }
  return result;
}

uint8_t rounded(int32_t sum) { return static_cast<uint8_t>(std::clamp(sum >> kBits, 0, 255)); }

// One output pixel: weighted input pixels that lie `stride` bytes apart.
void weigh(const Taps& taps, const uint8_t* from, int64_t stride, uint8_t* to) {
  int32_t sums[3] = {1 << (kBits - 1), 1 << (kBits - 1), 1 << (kBits - 1)};
  for (const int32_t weight : taps.weights) {
    for (int c = 0; c < 3; ++c) sums[c] += from[c] * weight;
    from += stride;
  }
  for (int c = 0; c < 3; ++c) to[c] = rounded(sums[c]);
}

// What one pass does along its axis: weighted sums, or nothing where the size stays.
class Axis {
 public:
  Axis(int64_t inSize, int64_t outSize, int64_t first, int64_t count, ResampleFilter filter)
      : m_first(first), m_count(count) {
    if (inSize != outSize) m_taps = tapsFor(inSize, outSize, first, count, filter);
  }
  int64_t count() const { return m_count; }
  /// The input pixels that are needed: [begin, end).
  int64_t begin() const { return m_taps.empty() ? m_first : m_taps.front().first; }
  int64_t end() const {
    if (m_taps.empty()) return m_first + m_count;
    return m_taps.back().first + static_cast<int64_t>(m_taps.back().weights.size());
  }
  /// Output pixel `out` of the part from input pixels `stride` bytes apart, the first of which is number
  /// `origin`.
  void apply(int64_t out, const uint8_t* base, int64_t origin, int64_t stride, uint8_t* to) const {
    if (m_taps.empty()) {
      std::copy_n(base + (m_first + out - origin) * stride, 3, to);
    } else {
      const Taps& taps = m_taps[static_cast<size_t>(out)];
      weigh(taps, base + (taps.first - origin) * stride, stride, to);
    }
  }

 private:
  int64_t m_first, m_count;
  std::vector<Taps> m_taps;
};

// `origin` is where the picture's first pixel lies in the whole one.
Picture alongRows(const Picture& picture, const Axis& axis, int64_t origin, int64_t firstRow,
                  int64_t lastRow) {
  Picture result(axis.count(), lastRow - firstRow);
  for (int64_t y = firstRow; y < lastRow; ++y) {
    const uint8_t* base = picture.pixel(0, y);
    for (int64_t x = 0; x < axis.count(); ++x) axis.apply(x, base, origin, 3, result.pixel(x, y - firstRow));
  }
  return result;
}

Picture alongColumns(const Picture& picture, const Axis& axis, int64_t origin, int64_t firstColumn,
                     int64_t lastColumn) {
  Picture result(lastColumn - firstColumn, axis.count());
  for (int64_t y = 0; y < axis.count(); ++y) {
    for (int64_t x = firstColumn; x < lastColumn; ++x) {
      axis.apply(y, picture.pixel(x, 0), origin, picture.width * 3, result.pixel(x - firstColumn, y));
    }
  }
  return result;
}

}  // namespace

Picture resizedPart(const Picture& picture, int64_t width, int64_t height, const PixelBox& box,
                    ResampleFilter filter) {
  assert(box.x >= 0 && box.y >= 0 && box.width > 0 && box.height > 0);
  assert(box.x + box.width <= width && box.y + box.height <= height);
  const Axis columns(picture.width, width, box.x, box.width, filter);
  const Axis rows(picture.height, height, box.y, box.height, filter);
  const int64_t lessRows = picture.height - height, lessColumns = picture.width - width;
  if (lessRows > 0 && lessRows > 2 * lessColumns) {
    const Picture flat = alongColumns(picture, rows, 0, columns.begin(), columns.end());
    return alongRows(flat, columns, columns.begin(), 0, box.height);
  }
  const Picture narrow = alongRows(picture, columns, 0, rows.begin(), rows.end());
  return alongColumns(narrow, rows, rows.begin(), 0, box.width);
}

}  // namespace uc
