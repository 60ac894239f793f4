// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/lane_terms.h"
#include "core/attention/merge.h"
#include "core/attention/operators.h"
#include "core/attention/parallel.h"
#include "core/attention/softmax_scan.h"

#include <algorithm>
#include <cassert>
#include <memory>
#include <vector>

namespace uc {
namespace {

/// Adds row t of H of a slab in one direction to out [L, width], in picture order:
/// H[t, s] = G_t Σ_j (R⁻¹α + S)[t, s + j] Z_{s+j} w_j over s + j ≤ t.
template <typename T>
void addScanRow(const DirectedView<T>& direction, const LaneSlab& slab, int64_t t, T* out,
                const Feedback& feedback) {
  const FactorView<T>& view = direction.view;
  const int64_t width = slab.width();
  const std::unique_ptr<RowScan<T>> scan = view.hasScan ? makeRowScan(view, slab, t) : nullptr;
  std::vector<T> weights(static_cast<size_t>(view.taps * width));
  for (int64_t j = 0; j < view.taps; ++j) {
    for (int64_t i = 0; i < slab.count(); ++i) {
      weights[static_cast<size_t>(j * width + i)] =
          view.gateAt(t, slab.first + i) * view.weight(slab.first + i, j);
    }
  }
  TapRing<T> columns(view.taps, width);
  for (int64_t s = t; s >= 0; --s) {
    if (s % kCheckTokens == 0) feedback.checkpoint();
    T* entries = columns.push();
    if (scan) {
      scan->next(entries);
    } else {
      std::fill(entries, entries + width, T(0));
    }
    for (int64_t i = 0; i < slab.count() && view.skip && s == t; ++i) entries[i] += view.skip[slab.first + i];
    if (view.columnScale) {
      scan_kernels::scale(view.columnScale + s * view.lanes + slab.first, slab.count(), entries);
    }
    columns.addWeighted(weights.data(), out + direction.picture(s) * width);
  }
}

/// The same whatever α is.
template <typename T>
void addSlabRow(const DirectedView<T>& direction, const LaneSlab& slab, int64_t t, T* out,
                const Feedback& feedback) {
  if (direction.view.kind != ScanKind::Softmax) return addScanRow(direction, slab, t, out, feedback);
  const int64_t width = slab.width();
  MatrixOf<T> row(1, direction.view.tokens);
  addSoftmaxRow(direction, {slab.first, slab.first + 1}, t, row, feedback);
  for (int64_t s = 0; s < row.cols; ++s) {
    for (int64_t i = 0; i < slab.count(); ++i) out[s * width + i] += row.at(0, s);
  }
}

/// Row t of the directions asked for: [L, width].
template <typename T>
void fillSlabRow(const std::vector<DirectedView<T>>& directions, const LaneSlab& slab, int64_t t,
                 std::vector<T>& out, const Feedback& feedback) {
  out.assign(static_cast<size_t>(directions.front().view.tokens * slab.width()), T(0));
  for (const DirectedView<T>& direction : directions) {
    addSlabRow(direction, slab, direction.picture(t), out.data(), feedback);
  }
}

template <typename T>
class RowMerge {
 public:
  RowMerge(const LayerFactors& layer, const MapQuery& query)
      : m_join(query.lanes.merge ? joinOf(*query.lanes.merge) : Join::One),
        m_x(layer.x.data_ptr<T>()),
        m_lanes(layer.lanes) {}

  struct Partial {
    std::vector<double> values, weights;  // [L]
    std::vector<T> row, inputs;
  };

  /// Joins the lanes of partial.row.
  void join(const LaneSlab& slab, int64_t tokens, Partial& partial) const {
    const int64_t width = slab.width();
    partial.values.assign(static_cast<size_t>(tokens), 0.0);
    partial.weights.assign(static_cast<size_t>(tokens), 0.0);
    partial.inputs.assign(static_cast<size_t>(kCheckTokens * width), T(0));
    for (int64_t s = 0; s < tokens; s += kCheckTokens) {
      const int64_t count = std::min(kCheckTokens, tokens - s);
      for (int64_t i = 0; i < count; ++i) {
        const T* x = m_x + (s + i) * m_lanes + slab.first;
        std::copy(x, x + slab.count(), partial.inputs.data() + i * width);
      }
      const T* row = partial.row.data() + s * width;
      scan_kernels::joinLanes<T>(m_join, row, nullptr, count, width, partial.values.data() + s);
      scan_kernels::joinLanes<T>(Join::SumAbs, row, partial.inputs.data(), count, width,
                                 partial.weights.data() + s);
    }
  }

  /// In the order of slabs.
  void add(const Partial& partial, MergedRow& result) const {
    const auto count = static_cast<int64_t>(result.values.size());
    kernels<double>().join(m_join == Join::MaxAbs ? Join::MaxAbs : Join::Sum, partial.values.data(), count,
                           result.values.data());
    kernels<double>().join(Join::Sum, partial.weights.data(), count, result.weights.data());
  }

 private:
  const Join m_join;
  const T* m_x;
  const int64_t m_lanes;
};

template <typename T>
MergedRow mergedRowTyped(const LayerFactors& layer, const MapQuery& query, int64_t t,
                         const Feedback& feedback) {
  const std::vector<DirectedView<T>> directions = directionsOf<T>(layer, query.terms);
  const std::vector<LaneSlab> slabs = slabsOf(directions.front().view, query.lanes.first, query.lanes.last);
  const RowMerge<T> merge(layer, query);
  const auto count = static_cast<int64_t>(slabs.size());
  std::vector<typename RowMerge<T>::Partial> partials(static_cast<size_t>(workersFor(count)));
  MergedRow result{std::vector<double>(static_cast<size_t>(layer.tokens)),
                   std::vector<double>(static_cast<size_t>(layer.tokens))};
  feedback.checkpoint();
  parallelInOrder(
      count,
      [&](int64_t i, int64_t w) {
        typename RowMerge<T>::Partial& partial = partials[static_cast<size_t>(w)];
        const LaneSlab& slab = slabs[static_cast<size_t>(i)];
        fillSlabRow(directions, slab, t, partial.row, feedback);
        merge.join(slab, layer.tokens, partial);
      },
      [&](int64_t, int64_t w) { merge.add(partials[static_cast<size_t>(w)], result); }, {}, feedback);
  const auto lanes = static_cast<double>(query.lanes.count());
  for (double& weight : result.weights) weight /= lanes;
  if (!query.lanes.merge) return result;
  for (double& value : result.values) value = finishMerge(*query.lanes.merge, value, lanes);
  return result;
}

}  // namespace

template <typename T>
MatrixOf<T> rows(const LayerFactors& layer, const MapTerms& terms, const LaneSpan& lanes, int64_t t,
                 const Feedback& feedback) {
  assert(0 <= t && t < layer.tokens && 0 <= lanes.first && lanes.first < lanes.last &&
         lanes.last <= layer.lanes);
  const std::vector<DirectedView<T>> directions = directionsOf<T>(layer, terms);
  const std::vector<LaneSlab> slabs = slabsOf(directions.front().view, lanes.first, lanes.last);
  const auto count = static_cast<int64_t>(slabs.size());
  std::vector<std::vector<T>> scratch(static_cast<size_t>(workersFor(count)));
  MatrixOf<T> result(lanes.count(), layer.tokens);
  feedback.checkpoint();
  parallelFor(
      count,
      [&](int64_t i, int64_t w) {
        const LaneSlab& slab = slabs[static_cast<size_t>(i)];
        std::vector<T>& row = scratch[static_cast<size_t>(w)];
        fillSlabRow(directions, slab, t, row, feedback);
        for (int64_t lane = 0; lane < slab.count(); ++lane) {
          T* out = result.row(slab.first + lane - lanes.first);
          for (int64_t s = 0; s < layer.tokens; ++s)
            out[s] = row[static_cast<size_t>(s * slab.width() + lane)];
        }
      },
      {}, feedback);
  return result;
}

MergedRow mergedRow(const LayerFactors& layer, const MapQuery& query, int64_t t, const Feedback& feedback) {
  assert(0 <= t && t < layer.tokens && query.lanes.first < query.lanes.last);
  assert(query.lanes.merge || query.lanes.count() == 1);
  return layer.x.scalar_type() == at::kDouble ? mergedRowTyped<double>(layer, query, t, feedback)
                                              : mergedRowTyped<float>(layer, query, t, feedback);
}

template Matrix rows(const LayerFactors&, const MapTerms&, const LaneSpan&, int64_t, const Feedback&);
template Matrix64 rows(const LayerFactors&, const MapTerms&, const LaneSpan&, int64_t, const Feedback&);

}  // namespace uc
