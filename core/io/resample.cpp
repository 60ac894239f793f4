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

// Columns [box.x, …) of the rows [firstRow, lastRow) of the picture made `width` wide.
Picture widthPass(const Picture& picture, int64_t width, const PixelBox& box, int64_t firstRow,
                  int64_t lastRow, ResampleFilter filter) {
  Picture result(box.width, lastRow - firstRow);
  if (width == picture.width) {
    for (int64_t y = firstRow; y < lastRow; ++y) {
      std::copy_n(picture.pixel(box.x, y), box.width * 3, result.pixel(0, y - firstRow));
    }
    return result;
  }
  const std::vector<Taps> taps = tapsFor(picture.width, width, box.x, box.width, filter);
  for (int64_t y = firstRow; y < lastRow; ++y) {
    for (int64_t x = 0; x < box.width; ++x) {
      const Taps& here = taps[static_cast<size_t>(x)];
      weigh(here, picture.pixel(here.first, y), 3, result.pixel(x, y - firstRow));
    }
  }
  return result;
}

}  // namespace

Picture resizedPart(const Picture& picture, int64_t width, int64_t height, const PixelBox& box,
                    ResampleFilter filter) {
  assert(box.x >= 0 && box.y >= 0 && box.width > 0 && box.height > 0);
  assert(box.x + box.width <= width && box.y + box.height <= height);
  if (height == picture.height) return widthPass(picture, width, box, box.y, box.y + box.height, filter);
  const std::vector<Taps> taps = tapsFor(picture.height, height, box.y, box.height, filter);
  const int64_t firstRow = taps.front().first;
  const int64_t lastRow = taps.back().first + static_cast<int64_t>(taps.back().weights.size());
  const Picture narrow = widthPass(picture, width, box, firstRow, lastRow, filter);
  Picture result(box.width, box.height);
  for (int64_t y = 0; y < box.height; ++y) {
    const Taps& here = taps[static_cast<size_t>(y)];
    for (int64_t x = 0; x < box.width; ++x) {
      weigh(here, narrow.pixel(x, here.first - firstRow), box.width * 3, result.pixel(x, y));
    }
  }
  return result;
}

}  // namespace uc
