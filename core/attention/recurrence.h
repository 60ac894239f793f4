// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/attention/factor_view.h"

#include <cstdint>
#include <memory>

namespace uc {

/// R⁻¹α of some lanes as a recurrence, token by token: forward in time for products with vectors and for
/// columns, or backward in time, its adjoint, for rows. One direction of time in the life of an object.
/// States are kept in double, one a lane: a product of thousands of decays near 1 loses its digits in float.
/// What the lanes of a scan share is computed once a token, when they are asked for one after the other. One
/// thread.
template <typename T>
class Recurrence {
 public:
  virtual ~Recurrence() = default;

  /// Feeds u of token t to lane d; returns (R⁻¹α u)[t]. `isFirst`: the state is still empty.
  virtual double forward(int64_t t, int64_t d, double u, bool isFirst) = 0;

  /// The same when nothing is fed any more (not even 0, which a NaN would turn into another).
  virtual double fade(int64_t t, int64_t d) = 0;

  /// Takes v of row t; returns (vᵀ R⁻¹α)[t]. `isFirst`: no row has been taken yet.
  virtual double backward(int64_t t, int64_t d, double v, bool isFirst) = 0;

  /// The same when nothing is taken any more.
  virtual double recede(int64_t t, int64_t d) = 0;
};

/// For lanes [first, last) of a view that has a scan and is not softmax attention. `view` must outlive it.
template <typename T>
std::unique_ptr<Recurrence<T>> makeRecurrence(const FactorView<T>& view, int64_t first, int64_t last);

}  // namespace uc
