// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/image.h"

#include "core/io/image_header.h"
#include "core/io/json.h"
#include "core/values/error.h"

#include <fmt/format.h>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgcodecs.hpp>

#include <new>
#include <string>
#include <type_traits>

namespace uc {

namespace {

constexpr size_t kMaxFileBytes = size_t{1} << 30;

[[noreturn]] void failToDecode(const std::string& path) {
  fail("The picture cannot be decoded.", printable(path), "Restore the file or save it as PNG.");
}

// The decoder turns a TIFF by its orientation in part only, and multiplies colors with an alpha that is not
// yet multiplied in. Told that the picture is upright and its colors multiplied, it hands out what is stored.
void neutralize(std::string& bytes, const ImageHeader& header) {
  const auto write = [&](size_t at) {
    if (at == 0) return;
    bytes[at + (header.isBigEndian ? 1 : 0)] = '\1';
    bytes[at + (header.isBigEndian ? 0 : 1)] = '\0';
  };
  write(header.orientationAt);
  write(header.alphaAt);
}

cv::Mat decode(const std::string& bytes, const std::string& path) {
  // Its own lines on stderr would add to our one.
  cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
  const cv::_InputArray input(reinterpret_cast<const uchar*>(bytes.data()), static_cast<int>(bytes.size()));
  try {
    return cv::imdecode(input, cv::IMREAD_UNCHANGED | cv::IMREAD_IGNORE_ORIENTATION);
  } catch (const cv::Exception& error) {
    if (error.code == cv::Error::StsNoMem) throw std::bad_alloc();
    failToDecode(path);
  }
}

uint8_t eightBits(uint8_t value) { return value; }
uint8_t eightBits(uint16_t value) { return static_cast<uint8_t>((value * 255u + 32'767u) / 65'535u); }

// Where the pixel at (x, y) of the stored picture goes in the upright one (EXIF 2.32, tag 274).
struct Place {
  int64_t x, y;
};
Place upright(int orientation, int64_t x, int64_t y, int64_t width, int64_t height) {
  const int64_t right = width - 1 - x, below = height - 1 - y;
  switch (orientation) {
    case 2:
      return {right, y};
    case 3:
      return {right, below};
    case 4:
      return {x, below};
    case 5:
      return {y, x};
    case 6:
      return {below, x};
    case 7:
      return {below, right};
    case 8:
      return {y, right};
    default:
      return {x, y};
  }
}

template <typename T>
Picture toPicture(const cv::Mat& stored, int orientation) {
  const int channels = stored.channels();
  const bool isTurned = orientation >= 5;
  Picture picture(isTurned ? stored.rows : stored.cols, isTurned ? stored.cols : stored.rows);
  for (int y = 0; y < stored.rows; ++y) {
    const T* from = stored.ptr<T>(y);
    for (int x = 0; x < stored.cols; ++x, from += channels) {
      const Place place = upright(orientation, x, y, stored.cols, stored.rows);
      uint8_t* to = picture.pixel(place.x, place.y);
      for (int c = 0; c < 3; ++c) to[c] = eightBits(channels < 3 ? from[0] : from[2 - c]);
    }
  }
  return picture;
}

}  // namespace

Picture readPicture(const std::filesystem::path& path) {
  const std::string name = path.string();
  std::string bytes = readFile(path, kMaxFileBytes);
  const ImageHeader header = readImageHeader(bytes, name);
  neutralize(bytes, header);
  const cv::Mat stored = decode(bytes, name);
  // Another size than the header's would be another picture than the one that was checked.
  if (stored.empty() || stored.cols != header.width || stored.rows != header.height) failToDecode(name);
  if (stored.depth() == CV_8U) return toPicture<uint8_t>(stored, header.orientation);
  if (stored.depth() == CV_16U) return toPicture<uint16_t>(stored, header.orientation);
  fail("The picture's numbers are neither 8 nor 16 bits wide.", printable(name), "Save it as PNG.");
}

}  // namespace uc
