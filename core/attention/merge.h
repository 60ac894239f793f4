// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/attention/kernels.h"
#include "core/values/map_id.h"

#include <cmath>

namespace uc {

/// From what the lanes' entries joined to (a sum, a sum of squares, the entry of largest magnitude) to the
/// merged entry over `count` lanes (conventions.md 8).
double finishMerge(Merge merge, double joined, double count);

/// Joins a value with those before it. NaN stays NaN; of equal magnitudes the earlier stays.
template <typename T>
void addJoined(Join join, T value, T& sum) {
  if (join != Join::MaxAbs) {
    sum += value;
  } else if (!(std::abs(value) <= std::abs(sum) || std::isnan(sum))) {
    sum = value;
  }
}

/// The larger of two, NaN when one is: an error that is not a number must not look like none.
inline double larger(double a, double b) { return a > b || std::isnan(a) ? a : b; }

}  // namespace uc
