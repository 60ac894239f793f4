// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/matrix.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <ostream>
#include <span>
#include <string>
#include <vector>

namespace uc {

/// An array on its way to a NumPy file. It does not own its numbers: `parts` follow one another in C order.
struct NpyArray {
  std::string name;   // in an .npz
  std::string dtype;  // "<f4", "<f8", "<i8", "|u1"
  std::vector<int64_t> shape;
  std::vector<std::span<const std::byte>> parts;
};

NpyArray npyArray(std::string name, std::vector<int64_t> shape, std::span<const float> values);
NpyArray npyArray(std::string name, std::vector<int64_t> shape, std::span<const double> values);
NpyArray npyArray(std::string name, std::vector<int64_t> shape, std::span<const int64_t> values);
NpyArray npyArray(std::string name, std::string_view bytes);  // |u1, one dimension
NpyArray npyArray(std::string name, const AnyMatrix& values);

/// The header of the format's version 1.0, padded so that the numbers begin at a multiple of 64.
std::string npyHeader(const NpyArray& array);

/// An .npy, written at once or not at all.
void saveNpyArray(const std::filesystem::path& path, const NpyArray& array);

/// An .npz with one member an array, stored without compression. Throws Failure.
void saveNpz(const std::filesystem::path& path, const std::vector<NpyArray>& arrays);

}  // namespace uc
