// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/attention/factors.h"
#include "core/values/feedback.h"
#include "core/values/map_id.h"
#include "core/values/matrix.h"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <vector>

namespace uc {

/// The operators on LayerFactors. None holds anything of size L × L per lane, D × L × L or D × L × N: memory
/// is O(L·D) for the factors, O(block) scratch and the result. T is float or double and must be the factors'
/// dtype. `factors` says which terms of eq. 1 are on; a term that the family lacks is the identity.
/// Preconditions (ranges inside the layer, Scan or Skip on, lane in range) are the caller's and are asserted;
/// engine/ turns user input into them.

/// A lane selection resolved to lane numbers [first, last), and how they merge. A merge over a single lane is
/// a merge too (mean-abs is its magnitude); without one, `tile` takes exactly one lane, as it is.
struct LaneSpan {
  int64_t first = 0;
  int64_t last = 1;
  std::optional<Merge> merge = std::nullopt;
  int64_t count() const { return last - first; }
};

/// Which terms of eq. 1 a map has, and of which directions. A layer with one direction has only that one.
struct MapTerms {
  Factors factors;
  Direction direction = Direction::Both;
  bool hasShare = false;  // whether each direction carries its share, as in `exact` (conventions.md 11)
  // NOLINTBEGIN(google-explicit-constructor): factors alone are the usual case
  MapTerms(Factors f) : factors(f) {}
  MapTerms(std::initializer_list<Factor> list) : factors(list) {}
  // NOLINTEND(google-explicit-constructor)
  MapTerms(Factors f, Direction d, bool share) : factors(f), direction(d), hasShare(share) {}
};

/// The terms under which a layer's map, with its additive terms, is its output: all there are.
MapTerms exactTerms();

/// What a map is cut from: lanes, terms, and whether every entry is multiplied by x[s] of its lane before
/// merging (the `contribution` normalization and "share of the row's output").
struct MapQuery {
  LaneSpan lanes;
  MapTerms terms;
  bool timesInput = false;
};

/// A part with its ends resolved: rows [row0, row1), columns [col0, col1), pool ≥ 1.
struct Window {
  int64_t row0 = 0, row1 = 0;
  int64_t col0 = 0, col1 = 0;
  int64_t pool = 1;
  Pooling pooling = Pooling::Mean;
};

/// How many blocks of `pool` cover `size` entries: size ≥ 0, pool ≥ 1, both as large as they like.
inline int64_t pooledSize(int64_t size, int64_t pool) { return size / pool + (size % pool != 0 ? 1 : 0); }

/// Any rectangle of the map, pooled: [ceil((row1−row0)/pool), ceil((col1−col0)/pool)]. The strict upper
/// triangle of a layer with one direction is 0. Directions are summed before lanes are merged.
template <typename T>
MatrixOf<T> tile(const LayerFactors& layer, const MapQuery& query, const Window& window,
                 const Feedback& feedback);

/// Row t of every lane in [lanes.first, lanes.last): [lanes, L], in O(L·N) a lane.
template <typename T>
MatrixOf<T> rows(const LayerFactors& layer, const MapTerms& terms, const LaneSpan& lanes, int64_t t,
                 const Feedback& feedback);

/// Row t of a map, and how much each token has a part in it.
struct MergedRow {
  std::vector<double> values;   // [L] as `tile` merges them
  std::vector<double> weights;  // [L] mean over lanes of |α[t,s]·x[s]|
};

/// Row t without the rows of all lanes in memory: O(L) a thread. query.timesInput is not looked at.
MergedRow mergedRow(const LayerFactors& layer, const MapQuery& query, int64_t t, const Feedback& feedback);

/// Column s of every lane: [lanes, L], by a forward scan.
template <typename T>
MatrixOf<T> columns(const LayerFactors& layer, const MapTerms& terms, const LaneSpan& lanes, int64_t s,
                    const Feedback& feedback);

/// H x for every lane: input [L, D] → [L, D], a forward scan. With `withAdditive` also the terms that do not
/// depend on x under the same factors: G (R⁻¹α + S) Z b + e.
at::Tensor apply(const LayerFactors& layer, const MapTerms& terms, const at::Tensor& input, bool withAdditive,
                 const Feedback& feedback);

/// The same for some lanes: input [L, D] → [L, lanes].
at::Tensor applyLanes(const LayerFactors& layer, const MapTerms& terms, const LaneSpan& lanes,
                      const at::Tensor& input, bool withAdditive, const Feedback& feedback);

/// vᵀ H for every lane: [L, D] → [L, D], an adjoint scan.
at::Tensor applyTransposed(const LayerFactors& layer, const MapTerms& terms, const at::Tensor& input,
                           const Feedback& feedback);

/// vᵀ H̄ with H̄ the mean of H over all lanes: [L] → [L]. Rows of a rollout through layers are
/// v ← v + vᵀ H̄ (mathematics.md §5), without any L × L matrix.
std::vector<double> applyTransposedMean(const LayerFactors& layer, const MapTerms& terms,
                                        const std::vector<double>& v, const Feedback& feedback);

/// max over the lanes' merge of several rows at once; `values` [lanes, n] → n merged values (conventions.md
/// 8).
template <typename T>
std::vector<T> mergeLanes(const MatrixOf<T>& values, Merge merge);

/// How well the map with `factors`, plus its additive terms, rebuilds the lanes' real output y.
struct Reconstruction {
  double error = 0.0;                               // max |ŷ − y|
  double scale = 0.0;                               // max |y|
  double relative = 0.0;                            // error / scale; 0 when both are 0
  double share = 0.0;                               // r² = (y·ŷ)² / (‖y‖² ‖ŷ‖²)
  double product = 0.0, real = 0.0, rebuilt = 0.0;  // y·ŷ, ‖y‖², ‖ŷ‖², of which the share is made
};

/// Of the lanes of both.
Reconstruction joined(const Reconstruction& a, const Reconstruction& b);

/// By `apply` over all rows. [first, last) are the lanes that are spoken for.
Reconstruction reconstruct(const LayerFactors& layer, const MapTerms& terms, const LaneSpan& lanes,
                           const Feedback& feedback);

/// verify's figure (conventions.md 6): y rebuilt with dense rows of `tile` (all rows for L ≤ 1,024, else 256
/// evenly spaced ones with the first and the last) and with `apply` over all rows; the larger error.
Reconstruction verifyLayer(const LayerFactors& layer, const Feedback& feedback);

/// max over n of Π_{r∈(s,t]} a[r,n] for every s ≤ t of one lane, forward: [t+1] values in [0, 1]. RWKV-7: of
/// its logDecay; softmax attention has none: empty.
std::vector<double> decayProducts(const LayerFactors& layer, int64_t lane, int64_t t);

}  // namespace uc
