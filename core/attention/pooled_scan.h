// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/attention/factor_view.h"
#include "core/attention/pooled_lanes.h"
#include "core/attention/pooled_layout.h"

#include <cstdint>
#include <memory>

namespace uc {

/// The tokens of a stretch as what they do to the states of a slab. `transfer` is what a state becomes on its
/// way across: log decays, or matrices; `read` is U: Σ over rows of what they read of a state from before;
/// `state` is V: what the columns leave at the end.
template <typename A>
struct StretchFactors {
  A* transfer;
  A* read;
  A* state;
};

/// R⁻¹α of a slab of lanes, pooled; one implementation for each way in which states go on. A is the type in
/// which it computes. States and reads are rows of `elements` values. One thread.
template <typename A>
class PooledScan {
 public:
  virtual ~PooledScan() = default;

  /// The states [first, last) of the lanes come next.
  virtual void setStates(int64_t first, int64_t last) = 0;
  virtual int64_t elements() const = 0;
  virtual int64_t transferSize() const = 0;

  /// The factors of a stretch for the pixel of columns [col0, col1); an empty one feeds nothing. Returns what
  /// its rows read of its own columns, summed.
  virtual double fill(const Stretch& stretch, int64_t col0, int64_t col1, const StretchFactors<A>& out) = 0;

  /// Takes states on across a stretch, or reads back across it: `rows` rows of them.
  virtual void carryStates(const A* transfer, int64_t rows, A* states) = 0;
  virtual void carryReads(const A* transfer, int64_t rows, A* reads) = 0;

  /// Two transfers, one after the other, as one: into the first.
  virtual void joinTransfers(A* first, const A* second) = 0;
};

/// For the view's lanes in `lanes`; both must outlive it. Decay and LogSum compute in T, the delta rule in
/// double, whose matrices may stretch.
template <typename T>
std::unique_ptr<PooledScan<T>> makePooledDecay(const FactorView<T>& view, PooledLanes<T>& lanes);
template <typename T>
std::unique_ptr<PooledScan<double>> makePooledDelta(const FactorView<T>& view, PooledLanes<T>& lanes);

}  // namespace uc
