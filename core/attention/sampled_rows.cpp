// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/lane_rows.h"
#include "core/attention/merge.h"
#include "core/attention/parallel.h"
#include "core/attention/pooled_sample.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

namespace uc {
namespace {

constexpr int64_t kPanelCols = 1024;  // about: a whole number of pixels
constexpr size_t kGroupRows = 256;    // that share what is made of a panel's columns
constexpr int64_t kLanesInT = 64;     // that are summed in T before they are summed in double

/// One panel of columns of the sampled map after another. One thread; `directions` and `crossings` must
/// outlive it.
template <typename T>
class SampledPanel {
 public:
  SampledPanel(const LayerFactors& layer, const MapQuery& query,
               const std::vector<DirectedView<T>>& directions,
               const std::vector<std::unique_ptr<Crossings<T>>>& crossings)
      : m_lanes(query.lanes),
        m_join(query.lanes.merge ? joinOf(*query.lanes.merge) : Join::Sum),
        m_layerLanes(layer.lanes),
        m_scanLanes(layer.lanes / layer.scans),
        m_x(query.timesInput ? layer.x.data_ptr<T>() : nullptr),
        m_rows(directions, crossings) {}

  void setColumns(int64_t col0, int64_t col1) {
    m_col0 = col0;
    m_width = col1 - col0;
    m_scaled.resize(static_cast<size_t>(m_width));
    m_rows.setPanel(col0, col1);
  }

  /// Merged entries of the rows, rising: [rows, width].
  const std::vector<double>& merged(const int64_t* rows, int64_t count, const Feedback& feedback) {
    m_sums.assign(static_cast<size_t>(count * m_width), 0.0);
    m_joined.assign(m_sums.size(), T(0));
    m_lanesJoined = 0;
    for (int64_t scan = m_lanes.first / m_scanLanes; scan * m_scanLanes < m_lanes.last; ++scan) {
      const int64_t lane0 = std::max(scan * m_scanLanes, m_lanes.first);
      const int64_t lane1 = std::min((scan + 1) * m_scanLanes, m_lanes.last);
      feedback.checkpoint();
      m_rows.setScan(scan, lane0, lane1);
      for (int64_t first = lane0; first < lane1; first += kLanesInT)
        joinLanes(first, std::min(first + kLanesInT, lane1), rows, count, feedback);
    }
    flush();
    if (!m_lanes.merge) return m_sums;
    for (double& sum : m_sums) sum = finishMerge(*m_lanes.merge, sum, static_cast<double>(m_lanes.count()));
    return m_sums;
  }

 private:
  void joinLanes(int64_t first, int64_t last, const int64_t* rows, int64_t count, const Feedback& feedback) {
    if (m_lanesJoined + last - first > kLanesInT) flush();
    m_lanesJoined += last - first;
    for (int64_t i = 0; i < count;) {
      feedback.checkpoint();
      int64_t end = i + 1;
      while (end < count && rows[end] == rows[end - 1] + 1 &&
             rows[end] / kBlockTokens == rows[i] / kBlockTokens)
        ++end;
      if (m_rows.attended(rows[end - 1]) > 0) {
        m_rows.setRows(rows[i], rows[end - 1] + 1);
        for (int64_t lane = first; lane < last; ++lane) {
          m_rows.setLane(lane);
          for (int64_t k = i; k < end; ++k) joinRow(lane, rows[k], m_joined.data() + k * m_width);
        }
      }
      i = end;
    }
  }

  void joinRow(int64_t lane, int64_t t, T* joined) {
    const int64_t count = m_rows.attended(t);
    if (count == 0) return;
    const T* row = m_rows.row(t);
    if (m_x) {
      for (int64_t s = 0; s < count; ++s) m_scaled[s] = row[s] * m_x[(m_col0 + s) * m_layerLanes + lane];
      row = m_scaled.data();
    }
    kernels<T>().join(m_join, row, count, joined);
  }

  void flush() {
    if (m_lanesJoined == 0) return;
    tileKernels<T>().addTo(m_join, m_joined.data(), static_cast<int64_t>(m_joined.size()), m_sums.data());
    std::fill(m_joined.begin(), m_joined.end(), T(0));
    m_lanesJoined = 0;
  }

  const LaneSpan m_lanes;
  const Join m_join;
  const int64_t m_layerLanes, m_scanLanes;
  const T* const m_x;  // [L, D]; null when entries are not multiplied by it
  LaneRows<T> m_rows;
  int64_t m_col0 = 0, m_width = 0;
  int64_t m_lanesJoined = 0;
  std::vector<T> m_scaled;     // [width]
  std::vector<T> m_joined;     // [rows, width]  of the last lanes
  std::vector<double> m_sums;  // the same of all before
};

/// The rows kept, rising, and which pixels they are of.
struct KeptRows {
  KeptRows(const Window& window, int64_t kept) {
    for (int64_t pixel = 0; pixel < pooledSize(window.row1 - window.row0, window.pool); ++pixel) {
      const KeptTokens own(window.row0, window.row1, window.pool, kept, pixel);
      for (int64_t t = own.first; t < own.last; ++t) {
        tokens.push_back(t);
        pixels.push_back(pixel);
      }
    }
  }
  std::vector<int64_t> tokens, pixels;
};

}  // namespace

template <typename T>
MatrixOf<T> sampledRows(const LayerFactors& layer, const MapQuery& query, const Window& window, int64_t kept,
                        const Feedback& feedback) {
  feedback.checkpoint();
  const KeptRows rows(window, kept);
  const std::vector<DirectedView<T>> directions = directionsOf<T>(layer, query.terms);
  const auto crossings = crossingsOf(directions, static_cast<int64_t>(rows.tokens.size()), feedback);
  const int64_t pool = std::min(window.pool, window.col1 - window.col0);
  const int64_t pixels = std::max<int64_t>(kPanelCols / pool, 1);  // of a panel
  Matrix64 sums(pooledSize(window.row1 - window.row0, window.pool),
                pooledSize(window.col1 - window.col0, pool));
  const Join join = window.pooling == Pooling::MaxAbs ? Join::MaxAbs : Join::Sum;
  const int64_t panels = pooledSize(sums.cols, pixels);
  std::vector<std::unique_ptr<SampledPanel<T>>> workers(static_cast<size_t>(workersFor(panels)));
  for (auto& mine : workers) mine = std::make_unique<SampledPanel<T>>(layer, query, directions, crossings);
  parallelFor(
      panels,
      [&](int64_t panel, int64_t w) {
        SampledPanel<T>& mine = *workers[static_cast<size_t>(w)];
        const int64_t col0 = window.col0 + panel * pixels * pool;
        const int64_t col1 = std::min(col0 + pixels * pool, window.col1);
        mine.setColumns(col0, col1);
        for (size_t begin = 0; begin < rows.tokens.size(); begin += kGroupRows) {
          const size_t end = std::min(begin + kGroupRows, rows.tokens.size());
          const double* entries =
              mine.merged(rows.tokens.data() + begin, static_cast<int64_t>(end - begin), feedback).data();
          for (size_t i = begin; i < end; ++i, entries += col1 - col0) {
            double* row = sums.row(rows.pixels[i]) + panel * pixels;
            for (int64_t s = 0; s < col1 - col0; ++s) addJoined(join, entries[s], row[s / pool]);
          }
        }
      },
      kMapStage, feedback);
  MatrixOf<T> result(sums.rows, sums.cols);
  for (int64_t row = 0; row < sums.rows; ++row) {
    const KeptTokens own(window.row0, window.row1, window.pool, kept, row);
    for (int64_t col = 0; col < sums.cols; ++col) {
      const int64_t width = std::min(pool, window.col1 - window.col0 - col * pool);
      const auto entries = static_cast<double>((own.last - own.first) * width);
      result.at(row, col) =
          static_cast<T>(join == Join::MaxAbs ? sums.at(row, col) : sums.at(row, col) / entries);
    }
  }
  return result;
}

template Matrix sampledRows(const LayerFactors&, const MapQuery&, const Window&, int64_t, const Feedback&);
template Matrix64 sampledRows(const LayerFactors&, const MapQuery&, const Window&, int64_t, const Feedback&);

}  // namespace uc
