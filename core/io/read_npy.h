// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace uc {

/// The numbers of an .npy (versions 1 to 3) of little-endian float32 in C order with exactly that shape.
/// Throws Failure naming what the file has instead.
std::vector<float> readNpyFloats(const std::filesystem::path& path, const std::vector<int64_t>& shape);

}  // namespace uc
