// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>

namespace uc::statistics_kernels {

/// Sums over entries of one row of a map, w = |h|.
struct RowSums {
  double mass = 0.0;        // Σ w
  double signedMass = 0.0;  // Σ h
  double massLog2 = 0.0;    // Σ w log2 w, of w > 0
};

/// Adds `count` neighboring entries of a row to `sums`, to the mass of each distance and to that of each
/// column; `distances` is that of the first entry's, and runs against or with the columns as the caller has
/// laid it. Vector code for the processor at hand.
template <typename T>
void addEntries(const T* h, int64_t count, double* distances, double* columns, RowSums& sums);

}  // namespace uc::statistics_kernels
