// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/preprocess.h"

#include "core/io/read_npy.h"
#include "core/io/resample.h"
#include "core/values/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace uc {

namespace {

constexpr double kCrop = 0.875;  // of the official evaluation: the crop's share of the resized picture

constexpr float kMean[] = {0.485F, 0.456F, 0.406F}, kDeviation[] = {0.229F, 0.224F, 0.225F};

bool isArray(const std::filesystem::path& path) { return path.extension() == ".npy"; }

struct Size {
  int64_t width, height;
};

// The smallest size of the picture's shape that covers `least`; the other side is cut to an integer.
Size covering(const Picture& picture, const Size& least) {
  const int64_t byHeight = least.height * picture.width, byWidth = least.width * picture.height;
  const auto ratio = [](int64_t a, int64_t b) {
    return static_cast<int64_t>(static_cast<double>(a) / static_cast<double>(b));
  };
  if (byHeight >= byWidth) return {ratio(byHeight, picture.height), least.height};
  return {least.width, ratio(byWidth, picture.width)};
}

int64_t offset(int64_t whole, int64_t part) {
  return std::lrint(static_cast<double>(whole - part) / 2.0);  // half to even, the default rounding
}

int64_t enlarged(int64_t side) { return static_cast<int64_t>(static_cast<double>(side) / kCrop); }

}  // namespace

std::optional<Preprocess> preprocessNamed(std::string_view text) {
  if (text == "official") return Preprocess::Official;
  if (text == "notebook") return Preprocess::Notebook;
  if (text == "squash") return Preprocess::Squash;
  return std::nullopt;
}

Picture framed(const Picture& picture, int64_t width, int64_t height, Preprocess preprocess) {
  if (preprocess == Preprocess::Squash) {
    return resizedPart(picture, width, height, {0, 0, width, height}, ResampleFilter::Bilinear);
  }
  const bool isOfficial = preprocess == Preprocess::Official;
  const Size least = isOfficial ? Size{enlarged(width), enlarged(height)} : Size{width, height};
  const Size size = covering(picture, least);
  const PixelBox box{offset(size.width, width), offset(size.height, height), width, height};
  return resizedPart(picture, size.width, size.height, box,
                     isOfficial ? ResampleFilter::Bicubic : ResampleFilter::Bilinear);
}

std::vector<float> normalized(const Picture& picture) {
  const auto count = static_cast<size_t>(picture.width * picture.height);
  std::vector<float> result(3 * count);
  for (size_t c = 0; c < 3; ++c) {
    for (size_t i = 0; i < count; ++i) {
      const float value = static_cast<float>(picture.rgb[3 * i + c]) / 255.0F;
      result[c * count + i] = (value - kMean[c]) / kDeviation[c];
    }
  }
  return result;
}

Picture seenPicture(const std::filesystem::path& path, int64_t width, int64_t height, Preprocess preprocess) {
  if (!isArray(path)) return framed(readPicture(path), width, height, preprocess);
  const std::vector<float> numbers = readNpyFloats(path, {3, height, width});
  Picture picture(width, height);
  const size_t count = numbers.size() / 3;
  for (size_t i = 0; i < numbers.size(); ++i) {
    const size_t c = i / count;
    const float value = numbers[i] * kDeviation[c] + kMean[c];
    const float clipped = std::isnan(value) ? 0.0F : std::clamp(value, 0.0F, 1.0F);
    picture.rgb[i % count * 3 + c] = static_cast<uint8_t>(std::lround(clipped * 255.0F));
  }
  return picture;
}

std::vector<float> readPixels(const std::filesystem::path& path, int64_t width, int64_t height,
                              Preprocess preprocess) {
  if (isArray(path)) return readNpyFloats(path, {3, height, width});
  return normalized(framed(readPicture(path), width, height, preprocess));
}

}  // namespace uc
