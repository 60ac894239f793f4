// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/engine/slabs.h"

#include "core/attention/merge.h"
#include "core/values/error.h"

#include <fmt/format.h>

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
    for (size_t i = 0; i < m_joined.size(); ++i) {
      const auto value = static_cast<double>(part.values[i]);
      double& joined = m_joined[i];
      if (m_merge != Merge::MaxAbs) {
        joined += lanes * (m_merge == Merge::L2 ? value * value : value);
      } else if (!(std::abs(value) <= std::abs(joined) || std::isnan(joined))) {
        joined = value;
      }
    }
  }

  Merge m_merge;
  int64_t m_lanes = 0;
  std::vector<double> m_joined;
};

bool isJoinedFromSlabs(Merge merge, const Window& window) {
  if (window.pool == 1) return true;
  if (window.pooling == Pooling::MaxAbs) return merge == Merge::MaxAbs;
  return merge != Merge::MaxAbs && merge != Merge::L2;
}

}  // namespace

FactorNeeds needsOf(const ModelInfo& info, int64_t layer, const MapQuery& query) {
  FactorNeeds needs = needsOf(info, layer, query.lanes);
  const Factors& factors = query.terms.factors;
  needs.hasScales = factors.has(Factor::Gate) || factors.has(Factor::Activation);
  needs.hasInput = query.timesInput;
  needs.hasOutput = false;
  return needs;
}

MapQuery within(const LaneSlab& slab, MapQuery query) {
  query.lanes.first -= slab.has.firstLane;
  query.lanes.last -= slab.has.firstLane;
  return query;
}

AnyMatrix cutLanes(const OpenedModel& opened, const TracedRun& run, int64_t layer, const MapQuery& query,
                   const Window& window, const Feedback& feedback, const Cut& cut) {
  const FactorNeeds needs = needsOf(opened.info, layer, query);
  AnyMatrix last;
  std::optional<MergedSlabs> merged;
  run.forSlabs(
      opened, layer, needs, feedback,
      [&](const LaneSlab& slab, const FactorNeeds& part, const Feedback& partly) {
        MapQuery own = query;
        own.lanes.first = std::max(query.lanes.first, part.firstLane);
        own.lanes.last = std::min(query.lanes.last, part.lastLane);
        const bool isWhole = own.lanes.count() == query.lanes.count();
        if (!isWhole && !isJoinedFromSlabs(*query.lanes.merge, window)) {
          fail("The lanes do not fit in memory together, which this merge needs when it is pooled.",
               fmt::format("layer {}", layer),
               "Choose mean, mean-abs or positive-mean, a part without pooling, or raise the memory limit.");
        }
        last = cut(*slab.factors, within(slab, own), partly);
        if (isWhole) return;
        if (!merged) merged.emplace(*query.lanes.merge);
        merged->add(last, own.lanes.count());
      });
  return merged ? merged->take(std::move(last)) : last;
}

}  // namespace uc
