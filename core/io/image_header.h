// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace uc {

enum class ImageFormat { Png, Jpeg, WebP, Bmp, Tiff };

/// What a picture's file says about it before anything is decoded.
struct ImageHeader {
  ImageFormat format = ImageFormat::Png;
  int64_t width = 0, height = 0;  // as stored, before the orientation; at least 1, at most kMaxImagePixels
  int orientation = 1;            // EXIF tag 274, 1 … 8
  /// TIFF: where the values of the tags Orientation (274) and ExtraSamples (338) lie; 0: there are none.
  size_t orientationAt = 0, alphaAt = 0;
  bool isBigEndian = false;
};

constexpr int64_t kMaxImagePixels = int64_t{1} << 27;  // 134 million: 1 GiB while 16-bit RGBA is decoded
constexpr int64_t kMaxImageSide = 65'535;

/// Reads sizes and orientation from the whole file's bytes, walking no further than them. PNG: checks every
/// chunk's length and CRC (W3C PNG, 5.3); JPEG: the segments up to the scan, and that the picture ends
/// (ITU T.81, B.1); WebP: the RIFF container (RFC 9649); BMP: the DIB header and the space of the rows; TIFF:
/// the first directory (TIFF 6.0, section 2). Throws Failure: not a picture, cut short, damaged, without
/// pixels, too large.
ImageHeader readImageHeader(std::string_view bytes, const std::string& path);

}  // namespace uc
