// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/attention/factor_view.h"
#include "core/attention/scan_kernels.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace uc {

/// `count` rounded up to what rows of lanes are multiples of.
inline int64_t paddedLanes(int64_t count) {
  return (count + scan_kernels::kScanLanes - 1) / scan_kernels::kScanLanes * scan_kernels::kScanLanes;
}

/// Neighboring lanes [first, last) that are scanned together. Numbers of them lie side by side in rows of
/// `width`, padded with zeros.
struct LaneSlab {
  int64_t first = 0, last = 1;
  int64_t count() const { return last - first; }
  int64_t width() const { return paddedLanes(count()); }
};

/// Lanes [first, last) in slabs: short enough for a slab's states to stay in the nearest cache, and of one
/// scan where the lanes of a scan share its decays or its softmax.
template <typename T>
std::vector<LaneSlab> slabsOf(const FactorView<T>& view, int64_t first, int64_t last);

/// R⁻¹α of a slab as a recurrence, token by token without a gap: forward in time for products with vectors
/// and for columns, or backward in time, its adjoint (mathematics.md §3.4). One direction of time in the life
/// of an object; the state is empty at first. States are kept in double. One thread. Vectors are [width].
template <typename T>
class Recurrence {
 public:
  virtual ~Recurrence() = default;

  /// Feeds u of token t; read = (R⁻¹α u)[t]. `fed` null: nothing is fed any more.
  virtual void forward(int64_t t, const double* fed, double* read) = 0;

  /// Takes v of row s; read = (vᵀ R⁻¹α)[s]. `fed` null: nothing is taken any more.
  virtual void backward(int64_t s, const double* fed, double* read) = 0;
};

/// For a view that has a scan and is not softmax attention. `view` must outlive it.
template <typename T>
std::unique_ptr<Recurrence<T>> makeRecurrence(const FactorView<T>& view, const LaneSlab& slab);

/// Row t of R⁻¹α of a slab, from its diagonal back: cheaper and more exact than an adjoint scan that takes
/// one row, since the decays between row and column have one exponential.
template <typename T>
class RowScan {
 public:
  virtual ~RowScan() = default;

  /// The entries of column t, then t − 1, … of each lane: [width].
  virtual void next(T* entries) = 0;
};

/// As makeRecurrence.
template <typename T>
std::unique_ptr<RowScan<T>> makeRowScan(const FactorView<T>& view, const LaneSlab& slab, int64_t t);

}  // namespace uc
