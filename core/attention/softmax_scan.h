// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/attention/factor_view.h"
#include "core/attention/operators.h"
#include "core/values/feedback.h"

namespace uc {

/// Softmax attention has no recurrence: rows, columns and products with vectors from dense parts of the map
/// of each head. Each adds one direction to a result in picture order; tokens `t` and `s` are in the
/// direction's own. O(L) memory a lane, O(L² (N + lanes)) time for the products.

/// Row t of every lane: result [lanes, L].
template <typename T>
void addSoftmaxRow(const DirectedView<T>& direction, const LaneSpan& lanes, int64_t t, MatrixOf<T>& result,
                   const Feedback& feedback);

/// Column s of every lane.
template <typename T>
void addSoftmaxColumn(const DirectedView<T>& direction, const LaneSpan& lanes, int64_t s, MatrixOf<T>& result,
                      const Feedback& feedback);

/// H x: x [L, D], out [L, lanes].
template <typename T>
void addSoftmaxProduct(const DirectedView<T>& direction, const LaneSpan& lanes, const T* x, T* out,
                       const Feedback& feedback);

/// vᵀ H: out and v [L, D].
template <typename T>
void addSoftmaxTransposed(const DirectedView<T>& direction, const T* v, T* out, const Feedback& feedback);

}  // namespace uc
