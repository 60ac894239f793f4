// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/map_id.h"

#include <cmath>

namespace uc {

/// From what the lanes' entries joined to (a sum, a sum of squares, the entry of largest magnitude) to the
/// merged entry over `count` lanes (conventions.md 8).
double finishMerge(Merge merge, double joined, double count);

/// The larger of two, NaN when one is: an error that is not a number must not look like none.
inline double larger(double a, double b) { return a > b || std::isnan(a) ? a : b; }

}  // namespace uc
