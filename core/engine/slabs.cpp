// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/engine/slabs.h"

#include "core/attention/map_sink.h"
#include "core/attention/merge.h"

#include <algorithm>
#include <cmath>

namespace uc {

namespace {

// Merged values of lanes, put together from those of slabs of them.
class MergedSlabs {
 public:
  explicit MergedSlabs(Merge merge) : m_merge(merge) {}

  void add(const AnyMatrix& part, int64_t lanes) {
    m_lanes += lanes;
    std::visit([&](const auto& matrix) { addAll(matrix, static_cast<double>(lanes)); }, part);
  }

  /// In the form of any of the parts.
  AnyMatrix take(AnyMatrix form) const {
    std::visit(
        [&](auto& matrix) {
          using Value = std::decay_t<decltype(matrix.values[0])>;
          const auto count = static_cast<double>(m_lanes);
          std::transform(m_joined.begin(), m_joined.end(), matrix.values.begin(), [&](double joined) {
            return static_cast<Value>(finishMerge(m_merge, joined, count));
          });
        },
        form);
    return form;
  }

 private:
  // What finishMerge() made of the slab, undone. Of equal magnitudes the lower lane's stays, and NaN does.
  template <typename T>
  void addAll(const MatrixOf<T>& part, double lanes) {
    m_joined.resize(part.values.size());
    const Join join = m_merge == Merge::MaxAbs ? Join::MaxAbs : Join::Sum;
    for (size_t i = 0; i < m_joined.size(); ++i) {
      const auto value = static_cast<double>(part.values[i]);
      const double summed = lanes * (m_merge == Merge::L2 ? value * value : value);
      addJoined(join, m_merge == Merge::MaxAbs ? value : summed, m_joined[i]);
    }
  }

  Merge m_merge;
  int64_t m_lanes = 0;
  std::vector<double> m_joined;
};

// Whether merged and pooled values of slabs tell those of all lanes.
bool isJoinedFromSlabs(const std::optional<Merge>& merge, const Window& window) {
  if (window.pool == 1 || !merge) return true;
  if (window.pooling == Pooling::MaxAbs) return merge == Merge::MaxAbs;
  return merge != Merge::MaxAbs && merge != Merge::L2;
}

AnyMatrix cutSlabs(const OpenedModel& opened, const TracedRun& run, int64_t layer, const MapQuery& query,
                   const Window& window, const Feedback& feedback, const Cut& cut) {
  AnyMatrix last;
  std::optional<MergedSlabs> merged;
  run.forSlabs(opened, layer, needsOf(opened.info, layer, query, window), feedback,
               [&](const LaneSlab& slab, const FactorNeeds& part, const Feedback& partly) {
                 MapQuery own = query;
                 own.lanes.first = std::max(query.lanes.first, part.firstLane);
                 own.lanes.last = std::min(query.lanes.last, part.lastLane);
                 last = cut(slab, within(slab, own), within(slab, window), partly);
                 if (own.lanes.count() == query.lanes.count()) return;
                 if (!merged) merged.emplace(*query.lanes.merge);
                 merged->add(last, own.lanes.count());
               });
  return merged ? merged->take(std::move(last)) : last;
}

// Entries of all lanes, band after band of rows, then pooled.
template <typename T>
AnyMatrix cutBands(const OpenedModel& opened, const TracedRun& run, int64_t layer, const MapQuery& query,
                   const Window& window, const Feedback& feedback, const Cut& cut) {
  const int64_t rowBytes = (window.col1 - window.col0) * static_cast<int64_t>(sizeof(double) + 2 * sizeof(T));
  const int64_t height = std::max(opened.budget / 8 / rowBytes, int64_t{1});
  MapSink<T> sink(window);
  for (int64_t row = window.row0; row < window.row1; row += height) {
    const int64_t end = std::min(row + height, window.row1);
    const auto share = [&](int64_t at) {
      return static_cast<double>(at - window.row0) / static_cast<double>(window.row1 - window.row0);
    };
    const Window band{row, end, window.col0, window.col1, 1};
    const AnyMatrix entries =
        cutSlabs(opened, run, layer, query, band, feedback.part(share(row), share(end)), cut);
    sink.add({band.row0, band.row1, band.col0, band.col1}, std::get<MatrixOf<T>>(entries).values.data());
  }
  return sink.take();
}

}  // namespace

// Of a causal map α[t, s] is of the tokens from s to t; a corner above the diagonal is taken along.
FactorNeeds needsOf(const ModelInfo& info, int64_t layer, const MapQuery& query, const Window& window) {
  FactorNeeds needs = needsOf(info, layer, query.lanes);
  const Factors& factors = query.terms.factors;
  needs.hasScales = factors.has(Factor::Gate) || factors.has(Factor::Activation);
  needs.hasInput = query.timesInput;
  needs.hasOutput = false;
  if (info.isBidirectional) return needs;
  needs.firstToken = std::min(window.row0, window.col0);
  needs.lastToken = std::max(window.row1, window.col1);
  return needs;
}

MapQuery within(const LaneSlab& slab, MapQuery query) {
  query.lanes.first -= slab.has.firstLane;
  query.lanes.last -= slab.has.firstLane;
  return query;
}

bool isCutInBands(const OpenedModel& opened, const TracedRun& run, int64_t layer, const MapQuery& query,
                  const Window& window) {
  const FactorNeeds needs = needsOf(opened.info, layer, query, window);
  return !isJoinedFromSlabs(query.lanes.merge, window) &&
         run.lanesAtOnce(opened, layer, needs) < needs.lanes();
}

Window within(const LaneSlab& slab, Window window) {
  for (int64_t* token : {&window.row0, &window.row1, &window.col0, &window.col1})
    *token -= slab.has.firstToken;
  return window;
}

AnyMatrix cutLanes(const OpenedModel& opened, const TracedRun& run, int64_t layer, const MapQuery& query,
                   const Window& window, const Feedback& feedback, const Cut& cut) {
  if (!isCutInBands(opened, run, layer, query, window))
    return cutSlabs(opened, run, layer, query, window, feedback, cut);
  return opened.isDouble ? cutBands<double>(opened, run, layer, query, window, feedback, cut)
                         : cutBands<float>(opened, run, layer, query, window, feedback, cut);
}

}  // namespace uc
