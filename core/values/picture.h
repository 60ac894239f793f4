// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace uc {

/// A picture as it is looked at: upright, 8 bits a channel, three channels. A plain value.
struct Picture {
  int64_t width = 0, height = 0;
  std::vector<uint8_t> rgb;  // [height, width, 3], rows from the top

  Picture() = default;
  Picture(int64_t columns, int64_t rows)
      : width(columns), height(rows), rgb(static_cast<size_t>(columns * rows * 3)) {}
  bool isEmpty() const { return rgb.empty(); }
  const uint8_t* pixel(int64_t x, int64_t y) const { return rgb.data() + (y * width + x) * 3; }
  uint8_t* pixel(int64_t x, int64_t y) { return rgb.data() + (y * width + x) * 3; }
  bool operator==(const Picture&) const = default;
};

}  // namespace uc
