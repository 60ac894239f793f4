// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/softmax_scan.h"

#include "core/attention/parallel.h"
#include "core/attention/scan_tile.h"

#include <algorithm>
#include <memory>
#include <vector>

namespace uc {
namespace {

constexpr int64_t kPanelCols = 512;

/// Calls body(tile, scan) for the scans of lanes [first, last), each with a tile of its own.
template <typename T, typename Body>
void forScans(const FactorView<T>& view, int64_t first, int64_t last, const Body& body,
              const Feedback& feedback) {
  const int64_t begin = view.scanOf(first), end = view.scanOf(last - 1) + 1;
  feedback.checkpoint();
  parallelFor(
      end - begin,
      [&](int64_t i, int64_t) {
        const std::unique_ptr<ScanTile<T>> tile = makeSoftmaxTile(view);
        body(*tile, begin + i);
      },
      {}, feedback);
}

/// The lanes of a scan among those of a span, as rows of a result.
template <typename T, typename Body>
void forLanes(const FactorView<T>& view, int64_t scan, const LaneSpan& lanes, const Body& body) {
  const int64_t width = view.lanesPerScan();
  const int64_t end = std::min((scan + 1) * width, lanes.last);
  for (int64_t d = std::max(scan * width, lanes.first); d < end; ++d) body(d - lanes.first);
}

/// Tokens [begin, end) of the scan's lanes in the direction's order: [tokens, lanes of a scan].
template <typename T>
void gather(const DirectedView<T>& direction, int64_t scan, const T* from, int64_t begin, int64_t end,
            std::vector<double>& into) {
  const int64_t width = direction.view.lanesPerScan();
  into.resize(static_cast<size_t>((end - begin) * width));
  for (int64_t t = begin; t < end; ++t) {
    const T* values = from + direction.picture(t) * direction.view.lanes + scan * width;
    std::copy(values, values + width, into.begin() + (t - begin) * width);
  }
}

/// Sums of the scan's lanes for tokens [begin, …), added to `out` [L, lanes] with the direction's share.
template <typename T>
void addSums(const DirectedView<T>& direction, int64_t scan, const LaneSpan& lanes, int64_t begin,
             const std::vector<double>& sums, T* out) {
  const int64_t width = direction.view.lanesPerScan();
  for (size_t i = 0; i < sums.size(); ++i) {
    const int64_t token = begin + static_cast<int64_t>(i) / width;
    const int64_t lane = scan * width + static_cast<int64_t>(i) % width;
    if (lane < lanes.first || lane >= lanes.last) continue;
    out[direction.picture(token) * lanes.count() + lane - lanes.first] +=
        direction.view.share * static_cast<T>(sums[i]);
  }
}

/// sums[lane] += Σ_i weights[i] · values[i, lane].
void addWeighted(const std::vector<double>& weights, const double* values, int64_t lanes, double* product,
                 double* sums) {
  const auto count = static_cast<int64_t>(weights.size());
  tileKernels<double>().multiply(Join::One, weights.data(), count, values, lanes, 1, lanes, count, product,
                                 lanes);
  for (int64_t d = 0; d < lanes; ++d) sums[d] += product[d];
}

}  // namespace

template <typename T>
void addSoftmaxRow(const DirectedView<T>& direction, const LaneSpan& lanes, int64_t t, MatrixOf<T>& result,
                   const Feedback& feedback) {
  const FactorView<T>& view = direction.view;
  forScans(
      view, lanes.first, lanes.last,
      [&](ScanTile<T>& tile, int64_t scan) {
        std::vector<T> row(kPanelCols);
        for (int64_t col = std::max<int64_t>(t - view.window + 1, 0); col <= t; col += kPanelCols) {
          feedback.checkpoint();
          const int64_t colEnd = std::min(col + kPanelCols, t + 1);
          tile.setPanel({col, colEnd, t + 1});
          tile.setScan(scan, {});
          tile.fill(t, t + 1, row.data());
          forLanes(view, scan, lanes, [&](int64_t lane) {
            for (int64_t s = col; s < colEnd; ++s) {
              result.at(lane, direction.picture(s)) += view.share * row[static_cast<size_t>(s - col)];
            }
          });
        }
      },
      feedback);
}

template <typename T>
void addSoftmaxColumn(const DirectedView<T>& direction, const LaneSpan& lanes, int64_t s, MatrixOf<T>& result,
                      const Feedback& feedback) {
  const FactorView<T>& view = direction.view;
  forScans(
      view, lanes.first, lanes.last,
      [&](ScanTile<T>& tile, int64_t scan) {
        std::vector<T> column(kBlockTokens);
        tile.setPanel({s, s + 1, view.tokens});
        tile.setScan(scan, {});
        const int64_t end = std::min(s + view.window, view.tokens);
        for (int64_t row0 = s; row0 < end;) {
          feedback.checkpoint();
          const int64_t row1 = std::min((row0 / kBlockTokens + 1) * kBlockTokens, end);
          tile.fill(row0, row1, column.data());
          forLanes(view, scan, lanes, [&](int64_t lane) {
            for (int64_t t = row0; t < row1; ++t) {
              result.at(lane, direction.picture(t)) += view.share * column[static_cast<size_t>(t - row0)];
            }
          });
          row0 = row1;
        }
      },
      feedback);
}

template <typename T>
void addSoftmaxProduct(const DirectedView<T>& direction, const LaneSpan& span, const T* x, T* out,
                       const Feedback& feedback) {
  const FactorView<T>& view = direction.view;
  const int64_t lanes = view.lanesPerScan();
  forScans(
      view, span.first, span.last,
      [&](ScanTile<T>& tile, int64_t scan) {
        std::vector<T> map(static_cast<size_t>(kBlockTokens * kPanelCols));
        std::vector<double> inputs, weights, sums, product(static_cast<size_t>(lanes));
        for (int64_t row0 = 0; row0 < view.tokens; row0 += kBlockTokens) {
          const int64_t row1 = std::min(row0 + kBlockTokens, view.tokens);
          sums.assign(static_cast<size_t>((row1 - row0) * lanes), 0.0);
          for (int64_t col = std::max<int64_t>(row0 - view.window + 1, 0); col < row1; col += kPanelCols) {
            feedback.checkpoint();
            const int64_t colEnd = std::min(col + kPanelCols, row1);
            tile.setPanel({col, colEnd, row1});
            tile.setScan(scan, {});
            tile.fill(row0, row1, map.data());
            gather(direction, scan, x, col, colEnd, inputs);
            for (int64_t t = row0; t < row1; ++t) {  // what a row does not see has no part, whatever it is
              const int64_t left = std::max(col, t - view.window + 1), right = std::min(colEnd, t + 1);
              if (left >= right) continue;
              const T* row = map.data() + (t - row0) * (colEnd - col);
              weights.assign(row + (left - col), row + (right - col));
              addWeighted(weights, inputs.data() + (left - col) * lanes, lanes, product.data(),
                          sums.data() + (t - row0) * lanes);
            }
          }
          addSums(direction, scan, span, row0, sums, out);
        }
      },
      feedback);
}

template <typename T>
void addSoftmaxTransposed(const DirectedView<T>& direction, const T* v, T* out, const Feedback& feedback) {
  const FactorView<T>& view = direction.view;
  const int64_t lanes = view.lanesPerScan();
  forScans(
      view, 0, view.lanes,
      [&](ScanTile<T>& tile, int64_t scan) {
        std::vector<T> map(static_cast<size_t>(kBlockTokens * kBlockTokens));
        std::vector<double> inputs, weights, sums, product(static_cast<size_t>(lanes));
        for (int64_t col = 0; col < view.tokens; col += kBlockTokens) {
          const int64_t colEnd = std::min(col + kBlockTokens, view.tokens);
          const int64_t rowEnd = std::min(colEnd - 1 + view.window, view.tokens);
          tile.setPanel({col, colEnd, rowEnd});
          tile.setScan(scan, {});
          sums.assign(static_cast<size_t>((colEnd - col) * lanes), 0.0);
          for (int64_t row0 = col; row0 < rowEnd; row0 += kBlockTokens) {
            feedback.checkpoint();
            const int64_t row1 = std::min(row0 + kBlockTokens, rowEnd);
            tile.fill(row0, row1, map.data());
            gather(direction, scan, v, row0, row1, inputs);
            for (int64_t s = col; s < colEnd; ++s) {
              const int64_t top = std::max(row0, s), bottom = std::min(row1, s + view.window);
              if (top >= bottom) continue;
              weights.clear();
              for (int64_t t = top; t < bottom; ++t) {
                weights.push_back(map[static_cast<size_t>((t - row0) * (colEnd - col) + s - col)]);
              }
              addWeighted(weights, inputs.data() + (top - row0) * lanes, lanes, product.data(),
                          sums.data() + (s - col) * lanes);
            }
          }
          addSums(direction, scan, {0, view.lanes}, col, sums, out);
        }
      },
      feedback);
}

#define UC_INSTANTIATE(T)                                                                                  \
  template void addSoftmaxRow(const DirectedView<T>&, const LaneSpan&, int64_t, MatrixOf<T>&,              \
                              const Feedback&);                                                            \
  template void addSoftmaxColumn(const DirectedView<T>&, const LaneSpan&, int64_t, MatrixOf<T>&,           \
                                 const Feedback&);                                                         \
  template void addSoftmaxProduct(const DirectedView<T>&, const LaneSpan&, const T*, T*, const Feedback&); \
  template void addSoftmaxTransposed(const DirectedView<T>&, const T*, T*, const Feedback&);
UC_INSTANTIATE(float)
UC_INSTANTIATE(double)
#undef UC_INSTANTIATE

}  // namespace uc
