// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/attention/operators.h"
#include "core/values/matrix.h"

namespace uc::test {

/// The map of one lane from the definition (mathematics.md, eq. 1): dense matrices α, S, Z, M and G,
/// multiplied, with every decay product as the exponential of a sum of logarithms, every product of the delta
/// rule's matrices multiplied out, and both directions with their shares, in long double. Shares no code with
/// the operators.
Matrix64 closedForm(const LayerFactors& layer, const MapTerms& terms, int64_t lane);

/// The closed form of one entry of R⁻¹α alone, forward.
double closedFormAlpha(const LayerFactors& layer, int64_t lane, int64_t t, int64_t s);

/// G (R⁻¹α + S) Z b + e of one lane: [1, L].
Matrix64 closedFormAdditive(const LayerFactors& layer, const MapTerms& terms, int64_t lane);

/// The largest magnitude of any entry.
double largest(const Matrix64& values);

}  // namespace uc::test
