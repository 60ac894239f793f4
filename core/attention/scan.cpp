// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT
//
// Columns and products with vectors: forward scans and their adjoints, slabs of lanes outside, tokens inside,
// one direction after the other.

#include "core/attention/lane_terms.h"
#include "core/attention/operators.h"
#include "core/attention/parallel.h"
#include "core/attention/softmax_scan.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cassert>
#include <memory>
#include <vector>

namespace uc {
namespace {

/// G (R⁻¹α + S) Z of a slab, forward in time.
template <typename T>
class ForwardScan {
 public:
  ForwardScan(const FactorView<T>& view, const LaneSlab& slab)
      : m_terms(view, slab),
        m_recurrence(view.hasScan ? makeRecurrence(view, slab) : nullptr),
        m_fed(static_cast<size_t>(slab.width())),
        m_read(m_fed.size()),
        m_none(m_fed.size()) {}

  const LaneTerms<T>& terms() const { return m_terms; }

  /// Feeds c = M x + b of token t; adds y to out [lanes]. Null: nothing is fed any more.
  void next(int64_t t, const double* c, T* out) {
    const int64_t width = m_terms.slab().width();
    if (c) scan_kernels::multiply(c, m_terms.activation(t), width, m_fed.data());
    if (m_recurrence) m_recurrence->forward(t, c ? m_fed.data() : nullptr, m_read.data());
    scan_kernels::addGated(m_terms.gate(t), m_read.data(), c ? m_terms.skip() : m_none.data(),
                           c ? m_fed.data() : m_none.data(), m_terms.slab().count(), out);
  }

 private:
  LaneTerms<T> m_terms;
  const std::unique_ptr<Recurrence<T>> m_recurrence;
  std::vector<double> m_fed, m_read, m_none;  // [width]
};

/// Calls body(slab) for lanes [first, last), on several threads.
template <typename T, typename Body>
void forSlabs(const FactorView<T>& view, int64_t first, int64_t last, const Body& body,
              const Feedback& feedback) {
  const std::vector<LaneSlab> slabs = slabsOf(view, first, last);
  feedback.checkpoint();
  parallelFor(
      static_cast<int64_t>(slabs.size()), [&](int64_t i, int64_t) { body(slabs[static_cast<size_t>(i)]); },
      {}, feedback);
}

/// Adds H x of some lanes to out [L, lanes]; x [L, D].
template <typename T>
void addProduct(const DirectedView<T>& direction, const LaneSpan& lanes, const T* x, bool withBias, T* out,
                const Feedback& feedback) {
  const FactorView<T>& view = direction.view;
  forSlabs(
      view, lanes.first, lanes.last,
      [&](const LaneSlab& slab) {
        const int64_t width = slab.width();
        ForwardScan<T> scan(view, slab);
        TapRing<double> inputs(view.taps, width);
        std::vector<double> bias(static_cast<size_t>(width)), convolved(bias.size());
        if (withBias && view.convBias)
          scan_kernels::widen(view.convBias + slab.first, slab.count(), width, bias.data());
        for (int64_t t = 0; t < view.tokens; ++t) {
          if (t % kCheckTokens == 0) feedback.checkpoint();
          const int64_t token = direction.picture(t);
          scan_kernels::widen(x + token * view.lanes + slab.first, slab.count(), width, inputs.push());
          convolved = bias;
          inputs.addWeighted(scan.terms().taps(), convolved.data());
          scan.next(t, convolved.data(), out + token * lanes.count() + slab.first - lanes.first);
        }
      },
      feedback);
}

/// vᵀ H of a slab, backward in time: take(t, v) fills v [width], give(s, values) gets the result of column s,
/// from the last token to the first.
template <typename T, typename Take, typename Give>
void scanBack(const FactorView<T>& view, const LaneSlab& slab, const Take& take, const Give& give,
              const Feedback& feedback) {
  const int64_t width = slab.width();
  LaneTerms<T> terms(view, slab);
  const std::unique_ptr<Recurrence<T>> recurrence = view.hasScan ? makeRecurrence(view, slab) : nullptr;
  TapRing<double> columns(view.taps, width);
  std::vector<double> v(static_cast<size_t>(width)), read(v.size()), result(v.size());
  for (int64_t s = view.tokens - 1; s >= 0; --s) {
    if (s % kCheckTokens == 0) feedback.checkpoint();
    take(s, v.data());
    scan_kernels::multiply(v.data(), terms.gate(s), width, v.data());
    if (recurrence) {
      recurrence->backward(s, v.data(), read.data());
    } else {
      std::fill(read.begin(), read.end(), 0.0);
    }
    for (int64_t i = 0; i < slab.count() && view.skip; ++i) {
      read[static_cast<size_t>(i)] += terms.skip()[i] * v[static_cast<size_t>(i)];
    }
    scan_kernels::multiply(read.data(), terms.activation(s), width, columns.push());
    std::fill(result.begin(), result.end(), 0.0);
    columns.addWeighted(terms.taps(), result.data());
    give(s, result.data());
  }
}

template <typename T>
at::Tensor applyTyped(const LayerFactors& layer, const MapTerms& terms, const LaneSpan& lanes,
                      const at::Tensor& input, bool withAdditive, const Feedback& feedback) {
  const at::Tensor source = input.contiguous();
  at::Tensor result = at::zeros({layer.tokens, lanes.count()}, source.options());
  const T* x = source.data_ptr<T>();
  T* out = result.data_ptr<T>();
  for (const DirectedView<T>& direction : directionsOf<T>(layer, terms)) {
    const FactorView<T>& view = direction.view;
    if (view.kind == ScanKind::Softmax) {
      addSoftmaxProduct(direction, lanes, x, out, feedback);
    } else {
      addProduct(direction, lanes, x, withAdditive, out, feedback);
    }
    for (int64_t t = 0; t < view.tokens && withAdditive && view.additive; ++t) {
      T* y = out + direction.picture(t) * lanes.count();
      const T* additive = view.additive + t * view.lanes + lanes.first;
      for (int64_t d = 0; d < lanes.count(); ++d) y[d] += view.share * additive[d];
    }
  }
  return result;
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
    const auto body = [&](const LaneSlab& slab) {
      const auto at = [&](int64_t t) { return direction.picture(t) * view.lanes + slab.first; };
      const auto take = [&](int64_t t, double* into) {
        scan_kernels::widen(v + at(t), slab.count(), slab.width(), into);
      };
      const auto give = [&](int64_t s, const double* values) {
        T* columns = out + at(s);
        for (int64_t i = 0; i < slab.count(); ++i) columns[i] += static_cast<T>(values[i]);
      };
      scanBack(view, slab, take, give, feedback);
    };
    forSlabs(view, 0, view.lanes, body, feedback);
  }
  return result;
}

/// Of layers that scan: v is the same for all lanes, and slabs are summed in their order.
template <typename T>
void addTransposedSum(const DirectedView<T>& direction, const std::vector<double>& v,
                      std::vector<double>& sums, const Feedback& feedback) {
  const FactorView<T>& view = direction.view;
  const std::vector<LaneSlab> slabs = slabsOf(view, 0, view.lanes);
  const auto count = static_cast<int64_t>(slabs.size());
  std::vector<std::vector<double>> mine(static_cast<size_t>(workersFor(count)));
  feedback.checkpoint();
  parallelInOrder(
      count,
      [&](int64_t i, int64_t w) {
        const LaneSlab& slab = slabs[static_cast<size_t>(i)];
        std::vector<double>& columns = mine[static_cast<size_t>(w)];
        columns.resize(v.size());
        const auto take = [&](int64_t t, double* into) {
          std::fill_n(into, slab.count(), v[static_cast<size_t>(direction.picture(t))]);
        };
        const auto give = [&](int64_t s, const double* values) {
          double& column = columns[static_cast<size_t>(direction.picture(s))];
          column = 0.0;
          scan_kernels::joinLanes<double>(Join::Sum, values, nullptr, 1, slab.width(), &column);
        };
        scanBack(view, slab, take, give, feedback);
      },
      [&](int64_t, int64_t w) {
        const std::vector<double>& columns = mine[static_cast<size_t>(w)];
        for (size_t s = 0; s < sums.size(); ++s) sums[s] += columns[s];
      },
      {}, feedback);
}

template <typename T>
std::vector<double> applyTransposedMeanTyped(const LayerFactors& layer, const MapTerms& terms,
                                             const std::vector<double>& v, const Feedback& feedback) {
  std::vector<double> sums(v.size(), 0.0);
  for (const DirectedView<T>& direction : directionsOf<T>(layer, terms)) {
    addTransposedSum(direction, v, sums, feedback);
  }
  for (double& sum : sums) sum /= static_cast<double>(layer.lanes);
  return sums;
}

template <typename T>
void addColumn(const DirectedView<T>& direction, const LaneSpan& lanes, int64_t s, MatrixOf<T>& result,
               const Feedback& feedback) {
  const FactorView<T>& view = direction.view;
  forSlabs(
      view, lanes.first, lanes.last,
      [&](const LaneSlab& slab) {
        ForwardScan<T> scan(view, slab);
        std::vector<T> y(static_cast<size_t>(slab.count()));
        for (int64_t t = s; t < view.tokens; ++t) {
          if (t % kCheckTokens == 0) feedback.checkpoint();
          const int64_t j = t - s;
          std::fill(y.begin(), y.end(), T(0));
          scan.next(t, j < view.taps ? scan.terms().taps() + j * slab.width() : nullptr, y.data());
          for (int64_t i = 0; i < slab.count(); ++i) {
            result.at(slab.first + i - lanes.first, direction.picture(t)) += y[static_cast<size_t>(i)];
          }
        }
      },
      feedback);
}

}  // namespace

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

at::Tensor applyLanes(const LayerFactors& layer, const MapTerms& terms, const LaneSpan& lanes,
                      const at::Tensor& input, bool withAdditive, const Feedback& feedback) {
  assert(input.dim() == 2 && input.size(0) == layer.tokens && input.size(1) == layer.lanes);
  return input.scalar_type() == at::kDouble
             ? applyTyped<double>(layer, terms, lanes, input, withAdditive, feedback)
             : applyTyped<float>(layer, terms, lanes, input, withAdditive, feedback);
}

at::Tensor apply(const LayerFactors& layer, const MapTerms& terms, const at::Tensor& input, bool withAdditive,
                 const Feedback& feedback) {
  return applyLanes(layer, terms, {0, layer.lanes}, input, withAdditive, feedback);
}

at::Tensor applyTransposed(const LayerFactors& layer, const MapTerms& terms, const at::Tensor& input,
                           const Feedback& feedback) {
  assert(input.dim() == 2 && input.size(0) == layer.tokens && input.size(1) == layer.lanes);
  return input.scalar_type() == at::kDouble ? applyTransposedTyped<double>(layer, terms, input, feedback)
                                            : applyTransposedTyped<float>(layer, terms, input, feedback);
}

std::vector<double> applyTransposedMean(const LayerFactors& layer, const MapTerms& terms,
                                        const std::vector<double>& v, const Feedback& feedback) {
  assert(static_cast<int64_t>(v.size()) == layer.tokens);
  if (layer.kind == ScanKind::Softmax) {  // few layers are: by all lanes
    const at::Tensor input =
        at::tensor(v, layer.x.options()).unsqueeze(1).expand({layer.tokens, layer.lanes});
    const at::Tensor mean =
        applyTransposed(layer, terms, input, feedback).to(at::kDouble).mean(1).contiguous();
    return {mean.data_ptr<double>(), mean.data_ptr<double>() + layer.tokens};
  }
  return layer.x.scalar_type() == at::kDouble ? applyTransposedMeanTyped<double>(layer, terms, v, feedback)
                                              : applyTransposedMeanTyped<float>(layer, terms, v, feedback);
}

template Matrix columns(const LayerFactors&, const MapTerms&, const LaneSpan&, int64_t, const Feedback&);
template Matrix64 columns(const LayerFactors&, const MapTerms&, const LaneSpan&, int64_t, const Feedback&);

}  // namespace uc
