// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/io/image.h"

#include <cstdint>

namespace uc {

enum class ResampleFilter { Bilinear, Bicubic };  // bicubic with a = −0.5

/// A rectangle of pixels.
struct PixelBox {
  int64_t x = 0, y = 0, width = 0, height = 0;
};

/// The part `box` of the picture resized to width × height, byte for byte what Pillow 13 makes: both filters
/// widen with the reduction (antialias), one axis after the other, each in fixed point with 22 bits and
/// rounded to 8 bits (the method of Pillow's src/libImaging/Resample.c). Along the rows first, but along the
/// columns when the height shrinks by more than twice what the width does; earlier versions always take the
/// rows first, which changes last bits of pictures squashed from tall ones. Only the part is computed.
/// Preconditions: a picture with pixels, width and height at least 1, the box inside them and not empty.
Picture resizedPart(const Picture& picture, int64_t width, int64_t height, const PixelBox& box,
                    ResampleFilter filter);

}  // namespace uc
