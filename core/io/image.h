// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/picture.h"

#include <filesystem>

namespace uc {

/// Reads PNG, JPEG, WebP, BMP or TIFF (conventions 26): alpha is dropped, not blended; gray is repeated; 16
/// bits are scaled to 8, v · 255 / 65,535 rounded; the EXIF orientation is applied. The size is checked in
/// the header before anything is decoded (image_header.h). Throws Failure. Any thread.
Picture readPicture(const std::filesystem::path& path);

}  // namespace uc
