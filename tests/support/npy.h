// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace uc::test {

/// An .npy array read by a reader of its own, so that writer and reader cannot agree on a mistake.
struct Array {
  std::string dtype;  // "<f4", "<f8", "<i8", "|u1"
  std::vector<int64_t> shape;
  std::vector<double> values;  // row-major
};

/// Throws std::runtime_error when the bytes are not a version 1.0 .npy in C order.
Array parseNpy(const std::string& bytes);
Array readNpy(const std::string& path);

}  // namespace uc::test
