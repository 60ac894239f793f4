// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT
//
// Rows, columns and products with vectors: forward scans and their adjoints, tokens outside, lanes inside.
// States are kept in double: a product of thousands of decays near 1 loses its digits in float.

#include "core/attention/factor_view.h"
#include "core/attention/kernels.h"
#include "core/attention/operators.h"
#include "core/attention/parallel.h"

#include <algorithm>
#include <cassert>

namespace uc {
namespace {

constexpr int64_t kSlabLanes = 16;    // a cache line of the [L, D] factors
constexpr int64_t kCheckTokens = 64;  // between two looks at whether to stop

int64_t slabCount(int64_t lanes) { return (lanes + kSlabLanes - 1) / kSlabLanes; }

/// The recurrences of the lanes [first, last), with the factors' switches inside.
template <typename T>
class SlabScan {
 public:
  SlabScan(const FactorView<T>& view, int64_t first, int64_t last)
      : m_view(view),
        m_first(first),
        m_h(static_cast<size_t>((last - first) * view.state)),
        m_decays(static_cast<size_t>(view.state)) {}

  /// Feeds c = M x + b of one token and lane; returns y. `decays` is false for the first token: the state is
  /// empty.
  double forward(int64_t t, int64_t d, double c, bool decays) {
    const double gate = m_view.gateAt(t, d);
    const double u = c * static_cast<double>(m_view.activationAt(t, d));
    const double path = m_view.skip ? static_cast<double>(m_view.skip[d]) * u : 0.0;
    if (!m_view.hasScan) return gate * path;
    const double step = m_view.stepAt(t, d);
    const double inject = m_view.hasStepInKey ? step * u : u;
    return gate * (path + m_kernels.forward(decaysOf(d, decays ? step : 0.0), m_view.keyAt(t, d), inject,
                                            m_view.queryAt(t, d), m_view.state, stateOf(d)));
  }

  /// The same when nothing is fed any more.
  double fade(int64_t t, int64_t d) {
    if (!m_view.hasScan) return 0.0;
    return static_cast<double>(m_view.gateAt(t, d)) * m_kernels.forward(decaysOf(d, m_view.stepAt(t, d)),
                                                                        nullptr, 0.0, m_view.queryAt(t, d),
                                                                        m_view.state, stateOf(d));
  }

  /// Takes v of one token and lane; returns the weight of column t before the convolution.
  double backward(int64_t t, int64_t d, double v) {
    const double value = v * static_cast<double>(m_view.gateAt(t, d));
    const double path = m_view.skip ? static_cast<double>(m_view.skip[d]) * value : 0.0;
    return spread(t, d, m_view.hasScan ? m_view.queryAt(t, d) : nullptr, value, path);
  }

  /// The same when nothing is taken any more.
  double recede(int64_t t, int64_t d) { return spread(t, d, nullptr, 0.0, 0.0); }

 private:
  double spread(int64_t t, int64_t d, const T* query, double value, double path) {
    const double activation = m_view.activationAt(t, d);
    if (!m_view.hasScan) return path * activation;
    const double step = m_view.stepAt(t, d);
    const double sum =
        m_kernels.backward(decaysOf(d, step), m_view.keyAt(t, d), query, value, m_view.state, stateOf(d));
    return ((m_view.hasStepInKey ? step * sum : sum) + path) * activation;
  }

  const double* decaysOf(int64_t d, double step) {
    m_kernels.decays(m_view.rateOf(d), step, m_view.state, m_decays.data());
    return m_decays.data();
  }

  double* stateOf(int64_t d) { return m_h.data() + (d - m_first) * m_view.state; }

  const FactorView<T>& m_view;
  const Kernels<T>& m_kernels = kernels<T>();
  const int64_t m_first;
  std::vector<double> m_h;       // [lanes, N]
  std::vector<double> m_decays;  // [N]
};

/// Calls body(first, last) for the slabs of [begin, end).
template <typename Body>
void forSlabs(int64_t begin, int64_t end, const Body& body, const Feedback& feedback) {
  feedback.checkpoint();
  parallelFor(
      slabCount(end - begin),
      [&](int64_t slab, int64_t) {
        const int64_t first = begin + slab * kSlabLanes;
        body(first, std::min(first + kSlabLanes, end));
      },
      {}, feedback);
}

/// (M x + b) at token t, b where it is wanted.
template <typename T>
double convolved(const FactorView<T>& view, const T* x, int64_t t, int64_t d, bool withBias) {
  double sum = withBias && view.convBias ? static_cast<double>(view.convBias[d]) : 0.0;
  for (int64_t j = 0; j < std::min(view.taps, t + 1); ++j) {
    sum += static_cast<double>(view.weight(d, j)) * static_cast<double>(x[(t - j) * view.lanes + d]);
  }
  return sum;
}

/// The transposed convolution in place: values[s] ← Σ_j w_j · values[s + j] over s + j < count. Column s only
/// reads what has not been written yet.
template <typename T>
void convolveTransposed(const FactorView<T>& view, int64_t d, int64_t count, T* values, int64_t stride) {
  for (int64_t s = 0; s < count; ++s) {
    double sum = 0.0;
    for (int64_t j = 0; j < std::min(view.taps, count - s); ++j) {
      sum += static_cast<double>(view.weight(d, j)) * static_cast<double>(values[(s + j) * stride]);
    }
    values[s * stride] = static_cast<T>(sum);
  }
}

template <typename T>
at::Tensor applyTyped(const LayerFactors& layer, const MapTerms& terms, const at::Tensor& input,
                      bool withAdditive, const Feedback& feedback) {
  const FactorView<T> view(layer, terms.factors);
  const at::Tensor source = input.contiguous();
  at::Tensor result = at::empty_like(source);
  const T* x = source.data_ptr<T>();
  T* out = result.data_ptr<T>();
  forSlabs(
      0, view.lanes,
      [&](int64_t first, int64_t last) {
        SlabScan<T> scan(view, first, last);
        for (int64_t t = 0; t < view.tokens; ++t) {
          if (t % kCheckTokens == 0) feedback.checkpoint();
          for (int64_t d = first; d < last; ++d) {
            out[t * view.lanes + d] =
                static_cast<T>(scan.forward(t, d, convolved(view, x, t, d, withAdditive), t > 0));
          }
        }
      },
      feedback);
  return result;
}

template <typename T>
at::Tensor applyTransposedTyped(const LayerFactors& layer, const MapTerms& terms, const at::Tensor& input,
                                const Feedback& feedback) {
  const FactorView<T> view(layer, terms.factors);
  const at::Tensor source = input.contiguous();
  at::Tensor result = at::empty_like(source);
  const T* v = source.data_ptr<T>();
  T* out = result.data_ptr<T>();
  forSlabs(
      0, view.lanes,
      [&](int64_t first, int64_t last) {
        SlabScan<T> scan(view, first, last);
        for (int64_t t = view.tokens - 1; t >= 0; --t) {
          if (t % kCheckTokens == 0) feedback.checkpoint();
          for (int64_t d = first; d < last; ++d) {
            const int64_t i = t * view.lanes + d;
            out[i] = static_cast<T>(scan.backward(t, d, static_cast<double>(v[i])));
          }
        }
        for (int64_t d = first; d < last; ++d) {
          convolveTransposed(view, d, view.tokens, out + d, view.lanes);
        }
      },
      feedback);
  return result;
}

}  // namespace

template <typename T>
MatrixOf<T> rows(const LayerFactors& layer, const MapTerms& terms, const LaneSpan& lanes, int64_t t,
                 const Feedback& feedback) {
  assert(0 <= t && t < layer.tokens && 0 <= lanes.first && lanes.first < lanes.last &&
         lanes.last <= layer.lanes);
  const FactorView<T> view(layer, terms.factors);
  MatrixOf<T> result(lanes.count(), view.tokens);
  forSlabs(
      lanes.first, lanes.last,
      [&](int64_t first, int64_t last) {
        SlabScan<T> scan(view, first, last);
        for (int64_t s = t; s >= 0; --s) {
          if (s % kCheckTokens == 0) feedback.checkpoint();
          for (int64_t d = first; d < last; ++d) {
            result.at(d - lanes.first, s) =
                static_cast<T>(s == t ? scan.backward(s, d, 1.0) : scan.recede(s, d));
          }
        }
        for (int64_t d = first; d < last; ++d) {
          convolveTransposed(view, d, t + 1, result.row(d - lanes.first), 1);
        }
      },
      feedback);
  return result;
}

template <typename T>
MatrixOf<T> columns(const LayerFactors& layer, const MapTerms& terms, const LaneSpan& lanes, int64_t s,
                    const Feedback& feedback) {
  assert(0 <= s && s < layer.tokens && 0 <= lanes.first && lanes.first < lanes.last &&
         lanes.last <= layer.lanes);
  const FactorView<T> view(layer, terms.factors);
  MatrixOf<T> result(lanes.count(), view.tokens);
  forSlabs(
      lanes.first, lanes.last,
      [&](int64_t first, int64_t last) {
        SlabScan<T> scan(view, first, last);
        for (int64_t t = s; t < view.tokens; ++t) {
          if (t % kCheckTokens == 0) feedback.checkpoint();
          for (int64_t d = first; d < last; ++d) {
            const int64_t j = t - s;
            const double y = j < view.taps ? scan.forward(t, d, static_cast<double>(view.weight(d, j)), j > 0)
                                           : scan.fade(t, d);
            result.at(d - lanes.first, t) = static_cast<T>(y);
          }
        }
      },
      feedback);
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
