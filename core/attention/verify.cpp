// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/lane_tile.h"
#include "core/attention/merge.h"
#include "core/attention/operators.h"
#include "core/attention/parallel.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <memory>

namespace uc {
namespace {

constexpr int64_t kAllRows = 1024;     // up to here every row is rebuilt from a dense row
constexpr int64_t kSampledRows = 256;  // and beyond, this many
constexpr int64_t kPanelCols = 512;

std::vector<int64_t> checkedRows(int64_t tokens) {
  const int64_t count = tokens <= kAllRows ? tokens : kSampledRows;
  std::vector<int64_t> list;
  for (int64_t i = 0; i < count; ++i) list.push_back(count == 1 ? 0 : i * (tokens - 1) / (count - 1));
  return list;
}

/// One direction of a layer, rebuilt from dense rows of H at the rows asked for.
template <typename T>
class DenseRows {
 public:
  /// `rows` in picture order, rising. `direction` must outlive it.
  DenseRows(const DirectedView<T>& direction, std::vector<int64_t> rows, const Feedback& feedback)
      : m_view(direction.view),
        m_rows(std::move(rows)),
        m_crossings(m_view, 0, m_view.scans, 0, m_view.tokens, static_cast<int64_t>(m_rows.size()), feedback),
        m_isReversed(direction.isReversed) {
    for (int64_t& row : m_rows) row = direction.picture(row);
    if (m_isReversed) std::reverse(m_rows.begin(), m_rows.end());
  }

  LaneTile<T> makeTile() const { return LaneTile<T>(m_view, m_crossings); }

  /// Adds H x of the lanes of `scan` to rebuilt [rows, lanes of a scan].
  void addTo(int64_t scan, LaneTile<T>& tile, std::vector<double>& rebuilt, const Feedback& feedback) const {
    const int64_t width = m_view.lanesPerScan(), lane0 = scan * width, lane1 = lane0 + width;
    std::vector<T> row(kPanelCols), x(static_cast<size_t>(width * kPanelCols));
    for (int64_t col = 0; col < m_view.tokens; col += kPanelCols) {
      const int64_t colEnd = std::min(col + kPanelCols, m_view.tokens);
      for (int64_t s = col; s < colEnd; ++s) {
        for (int64_t i = 0; i < width; ++i)
          x[i * kPanelCols + s - col] = m_view.x[s * m_view.lanes + lane0 + i];
      }
      tile.setPanel(col, colEnd, m_view.tokens);
      tile.setScan(scan, lane0, lane1);
      for (size_t i = 0; i < m_rows.size();) {
        feedback.checkpoint();
        const size_t end = blockEnd(i);
        if (m_rows[end - 1] >= col) tile.setRows(m_rows[i], m_rows[end - 1] + 1);
        for (int64_t d = 0; d < width; ++d) {
          tile.setLane(lane0 + d);
          for (size_t k = i; k < end; ++k) {
            const int64_t count = tile.attended(m_rows[k]);
            if (count == 0) continue;
            tile.row(m_rows[k], row.data());
            const size_t at = m_isReversed ? m_rows.size() - 1 - k : k;
            rebuilt[at * width + d] += kernels<T>().dot(row.data(), x.data() + d * kPanelCols, count);
          }
        }
        i = end;
      }
    }
  }

 private:
  /// The end of the rows that follow row i without a gap, in one block of tokens: no row is made that nobody
  /// asked for.
  size_t blockEnd(size_t i) const {
    size_t end = i + 1;
    while (end < m_rows.size() && m_rows[end] == m_rows[end - 1] + 1 &&
           m_rows[end] / kBlockTokens == m_rows[i] / kBlockTokens) {
      ++end;
    }
    return end;
  }

  const FactorView<T>& m_view;
  std::vector<int64_t> m_rows;  // in the direction's own order, rising
  const Crossings<T> m_crossings;
  const bool m_isReversed;
};

template <typename T>
Reconstruction verifyTyped(const LayerFactors& layer, const Feedback& feedback) {
  const LaneSpan all{0, layer.lanes, std::nullopt};
  Reconstruction result = reconstruct(layer, exactTerms(), all, feedback);
  const at::Tensor additive = apply(layer, exactTerms(), at::zeros_like(layer.x), true, feedback);
  const std::vector<DirectedView<T>> directions = directionsOf<T>(layer, exactTerms());
  const std::vector<int64_t> list = checkedRows(layer.tokens);
  std::vector<std::unique_ptr<DenseRows<T>>> dense;
  for (const DirectedView<T>& direction : directions) {
    dense.push_back(std::make_unique<DenseRows<T>>(direction, list, feedback));
  }
  std::vector<std::vector<LaneTile<T>>> tiles(static_cast<size_t>(workersFor(layer.scans)));
  for (auto& mine : tiles) {
    for (const auto& rows : dense) mine.push_back(rows->makeTile());
  }
  const int64_t width = layer.lanes / layer.scans;
  std::vector<double> errors(static_cast<size_t>(layer.scans));
  const T* y = layer.y.data_ptr<T>();
  const T* added = additive.data_ptr<T>();
  parallelFor(
      layer.scans,
      [&](int64_t scan, int64_t w) {
        std::vector<double> rebuilt(list.size() * static_cast<size_t>(width));
        for (size_t i = 0; i < dense.size(); ++i) {
          dense[i]->addTo(scan, tiles[static_cast<size_t>(w)][i], rebuilt, feedback);
        }
        double error = 0.0;
        for (size_t i = 0; i < rebuilt.size(); ++i) {
          const auto row = static_cast<int64_t>(i) / width, lane = static_cast<int64_t>(i) % width;
          const int64_t at = list[static_cast<size_t>(row)] * layer.lanes + scan * width + lane;
          error = larger(error,
                         std::abs(rebuilt[i] + static_cast<double>(added[at]) - static_cast<double>(y[at])));
        }
        errors[static_cast<size_t>(scan)] = error;
      },
      "Checking the layer", feedback);
  for (const double error : errors) result.error = larger(result.error, error);
  result.relative = result.error == 0.0 ? 0.0 : result.error / result.scale;
  return result;
}

}  // namespace

Reconstruction verifyLayer(const LayerFactors& layer, const Feedback& feedback) {
  return layer.x.scalar_type() == at::kDouble ? verifyTyped<double>(layer, feedback)
                                              : verifyTyped<float>(layer, feedback);
}

}  // namespace uc
