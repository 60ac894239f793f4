// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/attention/map_cut.h"
#include "core/attention/merge.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace uc {

/// The result of a window, from merged entries unit by unit: as they are, or pool × pool of them joined: sums
/// that become means at the end, or the entry of largest magnitude. One thread.
template <typename T>
class MapSink {
 public:
  explicit MapSink(const Window& window)
      : m_window(window),
        m_join(window.pooling == Pooling::MaxAbs ? Join::MaxAbs : Join::Sum),
        m_result(pooledSize(window.row1 - window.row0, window.pool),
                 pooledSize(window.col1 - window.col0, window.pool)) {
    if (window.pool > 1) m_sums.resize(m_result.values.size());
  }

  template <typename U>
  void add(const Unit& unit, const U* values) {
    const int64_t pool = m_window.pool, width = unit.col1 - unit.col0;
    for (int64_t t = unit.row0; t < unit.row1; ++t, values += width) {
      const int64_t row = (t - m_window.row0) / pool;
      if (pool == 1) {
        std::transform(values, values + width, m_result.row(row) + (unit.col0 - m_window.col0),
                       [](U value) { return static_cast<T>(value); });
        continue;
      }
      double* sums = m_sums.data() + row * m_result.cols;
      for (int64_t s = unit.col0; s < unit.col1; ++s)
        addJoined(m_join, static_cast<double>(values[s - unit.col0]), sums[(s - m_window.col0) / pool]);
    }
  }

  MatrixOf<T> take() {
    const int64_t pool = m_window.pool;
    for (int64_t row = 0; row < m_result.rows && pool > 1; ++row) {
      const int64_t height = std::min(pool, m_window.row1 - m_window.row0 - row * pool);
      for (int64_t col = 0; col < m_result.cols; ++col) {
        const int64_t width = std::min(pool, m_window.col1 - m_window.col0 - col * pool);
        const double sum = m_sums[static_cast<size_t>(row * m_result.cols + col)];
        m_result.at(row, col) =
            static_cast<T>(m_join == Join::MaxAbs ? sum : sum / static_cast<double>(height * width));
      }
    }
    return std::move(m_result);
  }

 private:
  const Window m_window;
  const Join m_join;  // of the entries under a pooled one
  MatrixOf<T> m_result;
  std::vector<double> m_sums;  // as m_result; empty when nothing is pooled
};

}  // namespace uc
