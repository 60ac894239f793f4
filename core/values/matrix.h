// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <variant>
#include <vector>

namespace uc {

/// A row-major matrix of values that owns its storage. A plain value: copying copies the numbers.
/// Rows are queries and columns are keys wherever it holds a map.
template <typename T>
struct MatrixOf {
  int64_t rows = 0;
  int64_t cols = 0;
  std::vector<T> values;  // [rows * cols]

  MatrixOf() = default;
  MatrixOf(int64_t rowCount, int64_t colCount, T fill = T(0))
      : rows(rowCount), cols(colCount), values(static_cast<size_t>(rowCount * colCount), fill) {}

  bool isEmpty() const { return values.empty(); }
  T* row(int64_t r) { return values.data() + r * cols; }
  const T* row(int64_t r) const { return values.data() + r * cols; }
  T& at(int64_t r, int64_t c) { return values[static_cast<size_t>(r * cols + c)]; }
  T at(int64_t r, int64_t c) const { return values[static_cast<size_t>(r * cols + c)]; }
  bool operator==(const MatrixOf&) const = default;
};

using Matrix = MatrixOf<float>;
using Matrix64 = MatrixOf<double>;

/// What an operator returns: float unless the run was asked for in double.
using AnyMatrix = std::variant<Matrix, Matrix64>;

}  // namespace uc
