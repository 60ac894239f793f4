// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/io/image.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace uc {

/// How a picture is brought to a model's size S (conventions 26; models that are not square: the same with
/// the smallest scale that covers both sides).
enum class Preprocess {
  Official,  // shorter side to int(S / 0.875), bicubic; the central S × S
  Notebook,  // shorter side to S, bilinear; the central S × S
  Squash,    // S × S whatever the shape, bilinear
};

std::optional<Preprocess> preprocessNamed(std::string_view text);  // "official", "notebook", "squash"

/// The part of the picture that the model sees, `width` × `height`. The crop's offsets are rounded half to
/// even. Byte for byte what torchvision makes of it with Pillow. Preconditions: sizes at least 1.
Picture framed(const Picture& picture, int64_t width, int64_t height, Preprocess preprocess);

/// (v / 255 − mean) / deviation with ImageNet's mean (0.485, 0.456, 0.406) and deviation (0.229, 0.224,
/// 0.225), in float32: [3, height, width].
std::vector<float> normalized(const Picture& picture);

/// What a model of that size sees of a picture's file. Of an array of normalized numbers: the colors they
/// stand for, clipped. Throws Failure.
Picture seenPicture(const std::filesystem::path& path, int64_t width, int64_t height, Preprocess preprocess);

/// Reads a picture's file for a model that takes width × height: [3, height, width]. A file that ends in .npy
/// is a float32 array of that shape, taken as it is; another shape or type fails. Throws Failure.
std::vector<float> readPixels(const std::filesystem::path& path, int64_t width, int64_t height,
                              Preprocess preprocess);

}  // namespace uc
