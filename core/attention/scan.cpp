// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT
//
// Rows, columns and products with vectors: forward scans and their adjoints, tokens outside, lanes inside,
// one direction after the other.

#include "core/attention/factor_view.h"
#include "core/attention/operators.h"
#include "core/attention/parallel.h"
#include "core/attention/recurrence.h"
#include "core/attention/softmax_scan.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cassert>
#include <vector>

namespace uc {
namespace {

constexpr int64_t kSlabLanes = 16;    // a cache line of the [L, D] factors
constexpr int64_t kCheckTokens = 64;  // between two looks at whether to stop

/// (G (R⁻¹α + S) Z) of the lanes [first, last) as a recurrence, with the factors' switches inside.
template <typename T>
class SlabScan {
 public:
  SlabScan(const FactorView<T>& view, int64_t first, int64_t last)
      : m_view(view), m_recurrence(view.hasScan ? makeRecurrence(view, first, last) : nullptr) {}

  /// Feeds c = M x + b of one token and lane; returns y. `isFirst`: the state is empty.
  double forward(int64_t t, int64_t d, double c, bool isFirst) {
    const double u = c * static_cast<double>(m_view.activationAt(t, d));
    double sum = m_view.skip ? static_cast<double>(m_view.skip[d]) * u : 0.0;
    if (m_recurrence) sum += m_recurrence->forward(t, d, u, isFirst);
    return static_cast<double>(m_view.gateAt(t, d)) * sum;
  }

  /// The same when nothing is fed any more.
  double fade(int64_t t, int64_t d) {
    return m_recurrence ? static_cast<double>(m_view.gateAt(t, d)) * m_recurrence->fade(t, d) : 0.0;
  }

  /// Takes v of one token and lane; returns the weight of column t before the convolution.
  double backward(int64_t t, int64_t d, double v, bool isFirst) {
    const double value = v * static_cast<double>(m_view.gateAt(t, d));
    double sum = m_view.skip ? static_cast<double>(m_view.skip[d]) * value : 0.0;
    if (m_recurrence) sum += m_recurrence->backward(t, d, value, isFirst);
    return sum * static_cast<double>(m_view.activationAt(t, d));
  }

  /// The same when nothing is taken any more.
  double recede(int64_t t, int64_t d) {
    return m_recurrence ? m_recurrence->recede(t, d) * static_cast<double>(m_view.activationAt(t, d)) : 0.0;
  }

 private:
  const FactorView<T>& m_view;
  const std::unique_ptr<Recurrence<T>> m_recurrence;
};

/// Calls body(first, last) for slabs of [begin, end): whole scans, so that their lanes share the decays.
template <typename T, typename Body>
void forSlabs(const FactorView<T>& view, int64_t begin, int64_t end, const Body& body,
              const Feedback& feedback) {
  const int64_t scan = view.lanesPerScan();
  const int64_t width = scan > kSlabLanes ? scan : kSlabLanes / scan * scan;
  const int64_t base = begin / width;
  feedback.checkpoint();
  parallelFor((end - 1) / width + 1 - base,
              [&](int64_t slab, int64_t) {
                const int64_t first = (base + slab) * width;
                body(std::max(first, begin), std::min(first + width, end));
              },
              {}, feedback);
}

/// (M x + b) at token t, b where it is wanted.
template <typename T>
double convolved(const DirectedView<T>& direction, const T* x, int64_t t, int64_t d, bool withBias) {
  const FactorView<T>& view = direction.view;
  double sum = withBias && view.convBias ? static_cast<double>(view.convBias[d]) : 0.0;
  for (int64_t j = 0; j < std::min(view.taps, t + 1); ++j) {
    sum += static_cast<double>(view.weight(d, j)) *
           static_cast<double>(x[direction.picture(t - j) * view.lanes + d]);
  }
  return sum;
}

/// The transposed convolution in place: values[s] ← Σ_j w_j · values[s + j] over s + j < count. Column s only
/// reads what has not been written yet.
template <typename T>
void convolveTransposed(const FactorView<T>& view, int64_t d, int64_t count, double* values, int64_t stride) {
  if (!view.tapWeights) return;
  for (int64_t s = 0; s < count; ++s) {
    double sum = 0.0;
    for (int64_t j = 0; j < std::min(view.taps, count - s); ++j) {
      sum += static_cast<double>(view.weight(d, j)) * values[(s + j) * stride];
    }
    values[s * stride] = sum;
  }
}

template <typename T>
void addProduct(const DirectedView<T>& direction, const T* x, bool withBias, T* out,
                const Feedback& feedback) {
  const FactorView<T>& view = direction.view;
  forSlabs(
      view, 0, view.lanes,
      [&](int64_t first, int64_t last) {
        SlabScan<T> scan(view, first, last);
        for (int64_t t = 0; t < view.tokens; ++t) {
          if (t % kCheckTokens == 0) feedback.checkpoint();
          T* y = out + direction.picture(t) * view.lanes;
          for (int64_t d = first; d < last; ++d) {
            y[d] += static_cast<T>(scan.forward(t, d, convolved(direction, x, t, d, withBias), t == 0));
          }
        }
      },
      feedback);
}

template <typename T>
at::Tensor applyTyped(const LayerFactors& layer, const MapTerms& terms, const at::Tensor& input,
                      bool withAdditive, const Feedback& feedback) {
  const at::Tensor source = input.contiguous();
  at::Tensor result = at::zeros_like(source);
  const T* x = source.data_ptr<T>();
  T* out = result.data_ptr<T>();
  for (const DirectedView<T>& direction : directionsOf<T>(layer, terms)) {
    const FactorView<T>& view = direction.view;
    if (view.kind == ScanKind::Softmax) {
      addSoftmaxProduct(direction, x, out, feedback);
    } else {
      addProduct(direction, x, withAdditive, out, feedback);
    }
    for (int64_t t = 0; t < view.tokens && withAdditive && view.additive; ++t) {
      T* y = out + direction.picture(t) * view.lanes;
      for (int64_t d = 0; d < view.lanes; ++d) y[d] += view.share * view.additive[t * view.lanes + d];
    }
  }
  return result;
}

/// Adjoint scan of lanes [first, last) from row t down: values [t + 1, lanes]. `v` gives a row's value; only
/// the last row has one when `isRow`.
template <typename T, typename Value>
std::vector<double> adjoint(const FactorView<T>& view, int64_t first, int64_t last, int64_t t, bool isRow,
                            const Value& v, const Feedback& feedback) {
  const int64_t width = last - first;
  std::vector<double> values(static_cast<size_t>((t + 1) * width));
  SlabScan<T> scan(view, first, last);
  for (int64_t s = t; s >= 0; --s) {
    if (s % kCheckTokens == 0) feedback.checkpoint();
    for (int64_t d = first; d < last; ++d) {
      const bool takes = !isRow || s == t;
      values[s * width + d - first] = takes ? scan.backward(s, d, v(s, d), s == t) : scan.recede(s, d);
    }
  }
  for (int64_t d = first; d < last; ++d) {
    convolveTransposed(view, d, t + 1, values.data() + (d - first), width);
  }
  return values;
}

template <typename T>
at::Tensor applyTransposedTyped(const LayerFactors& layer, const MapTerms& terms, const at::Tensor& input,
                                const Feedback& feedback) {
  const at::Tensor source = input.contiguous();
  at::Tensor result = at::zeros_like(source);
  const T* v = source.data_ptr<T>();
  T* out = result.data_ptr<T>();
  for (const DirectedView<T>& direction : directionsOf<T>(layer, terms)) {
    const FactorView<T>& view = direction.view;
    if (view.kind == ScanKind::Softmax) {
      addSoftmaxTransposed(direction, v, out, feedback);
      continue;
    }
    const auto taken = [&](int64_t t, int64_t d) {
      return static_cast<double>(v[direction.picture(t) * view.lanes + d]);
    };
    forSlabs(
        view, 0, view.lanes,
        [&](int64_t first, int64_t last) {
          const std::vector<double> values =
              adjoint(view, first, last, view.tokens - 1, false, taken, feedback);
          for (int64_t t = 0; t < view.tokens; ++t) {
            for (int64_t d = first; d < last; ++d) {
              out[direction.picture(t) * view.lanes + d] +=
                  static_cast<T>(values[t * (last - first) + d - first]);
            }
          }
        },
        feedback);
  }
  return result;
}

template <typename T>
void addColumn(const DirectedView<T>& direction, const LaneSpan& lanes, int64_t s, MatrixOf<T>& result,
               const Feedback& feedback) {
  const FactorView<T>& view = direction.view;
  forSlabs(
      view, lanes.first, lanes.last,
      [&](int64_t first, int64_t last) {
        SlabScan<T> scan(view, first, last);
        for (int64_t t = s; t < view.tokens; ++t) {
          if (t % kCheckTokens == 0) feedback.checkpoint();
          for (int64_t d = first; d < last; ++d) {
            const int64_t j = t - s;
            const double y = j < view.taps
                                 ? scan.forward(t, d, static_cast<double>(view.weight(d, j)), j == 0)
                                 : scan.fade(t, d);
            result.at(d - lanes.first, direction.picture(t)) += static_cast<T>(y);
          }
        }
      },
      feedback);
}

}  // namespace

template <typename T>
MatrixOf<T> rows(const LayerFactors& layer, const MapTerms& terms, const LaneSpan& lanes, int64_t t,
                 const Feedback& feedback) {
  assert(0 <= t && t < layer.tokens && 0 <= lanes.first && lanes.first < lanes.last &&
         lanes.last <= layer.lanes);
  MatrixOf<T> result(lanes.count(), layer.tokens);
  for (const DirectedView<T>& direction : directionsOf<T>(layer, terms)) {
    const int64_t token = direction.picture(t);
    if (direction.view.kind == ScanKind::Softmax) {
      addSoftmaxRow(direction, lanes, token, result, feedback);
      continue;
    }
    forSlabs(
        direction.view, lanes.first, lanes.last,
        [&](int64_t first, int64_t last) {
          const std::vector<double> values = adjoint(
              direction.view, first, last, token, true, [](int64_t, int64_t) { return 1.0; }, feedback);
          for (int64_t s = 0; s <= token; ++s) {
            for (int64_t d = first; d < last; ++d) {
              result.at(d - lanes.first, direction.picture(s)) +=
                  static_cast<T>(values[s * (last - first) + d - first]);
            }
          }
        },
        feedback);
  }
  return result;
}

template <typename T>
MatrixOf<T> columns(const LayerFactors& layer, const MapTerms& terms, const LaneSpan& lanes, int64_t s,
                    const Feedback& feedback) {
  assert(0 <= s && s < layer.tokens && 0 <= lanes.first && lanes.first < lanes.last &&
         lanes.last <= layer.lanes);
  MatrixOf<T> result(lanes.count(), layer.tokens);
  for (const DirectedView<T>& direction : directionsOf<T>(layer, terms)) {
    const int64_t token = direction.picture(s);
    if (direction.view.kind == ScanKind::Softmax) {
      addSoftmaxColumn(direction, lanes, token, result, feedback);
    } else {
      addColumn(direction, lanes, token, result, feedback);
    }
  }
  return result;
}

at::Tensor apply(const LayerFactors& layer, const MapTerms& terms, const at::Tensor& input, bool withAdditive,
                 const Feedback& feedback) {
  assert(input.dim() == 2 && input.size(0) == layer.tokens && input.size(1) == layer.lanes);
  return input.scalar_type() == at::kDouble ? applyTyped<double>(layer, terms, input, withAdditive, feedback)
                                            : applyTyped<float>(layer, terms, input, withAdditive, feedback);
}

at::Tensor applyTransposed(const LayerFactors& layer, const MapTerms& terms, const at::Tensor& input,
                           const Feedback& feedback) {
  assert(input.dim() == 2 && input.size(0) == layer.tokens && input.size(1) == layer.lanes);
  return input.scalar_type() == at::kDouble ? applyTransposedTyped<double>(layer, terms, input, feedback)
                                            : applyTransposedTyped<float>(layer, terms, input, feedback);
}

template Matrix rows(const LayerFactors&, const MapTerms&, const LaneSpan&, int64_t, const Feedback&);
template Matrix64 rows(const LayerFactors&, const MapTerms&, const LaneSpan&, int64_t, const Feedback&);
template Matrix columns(const LayerFactors&, const MapTerms&, const LaneSpan&, int64_t, const Feedback&);
template Matrix64 columns(const LayerFactors&, const MapTerms&, const LaneSpan&, int64_t, const Feedback&);

}  // namespace uc
