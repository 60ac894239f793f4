// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/factor_view.h"

#include <cassert>

namespace uc {
namespace {

template <typename T>
const T* pointer(const at::Tensor& tensor, [[maybe_unused]] at::IntArrayRef shape) {
  if (!tensor.defined()) return nullptr;
  assert(tensor.sizes() == shape && tensor.is_contiguous() && tensor.device().is_cpu());
  return tensor.data_ptr<T>();
}

template <typename T>
void setScan(const LayerFactors& layer, Factors factors, FactorView<T>& view) {
  const int64_t l = view.tokens, c = view.scans, n = view.state;
  assert(view.lanes % c == 0);
  view.hasScan = true;
  view.readsBeforeDecay = layer.readsBeforeDecay;
  if (layer.query.defined()) {
    view.queryGroups = layer.query.size(1);
    view.keyGroups = layer.key.size(1);
    assert(c % view.queryGroups == 0 && c % view.keyGroups == 0);
    view.query = pointer<T>(layer.query, {l, view.queryGroups, n});
    view.key = pointer<T>(layer.key, {l, view.keyGroups, n});
  }
  view.step = pointer<T>(layer.step, {l, c});
  view.rate = pointer<T>(layer.rate, {c, n});
  view.hasStepInKey = view.step && layer.isStepInKey && !factors.has(Factor::NoStep);
  if (layer.logDecay.defined()) {
    const int64_t rows = layer.logDecay.size(0);
    assert(rows == l || rows == 1);
    view.logDecay = pointer<T>(layer.logDecay, {rows, c, n});
    view.logDecayStride = rows == 1 ? 0 : c * n;
  }
  view.removeKey = pointer<T>(layer.removeKey, {l, c, n});
  view.removeWrite = pointer<T>(layer.removeWrite, {l, c, n});
  view.logKey = pointer<T>(layer.logKey, {l, c});
  view.logNormalizer = pointer<double>(layer.logNormalizer, {l, c});
  view.diagonal = pointer<T>(layer.diagonal, {l, c});
  view.window = layer.window > 0 && layer.window < l ? layer.window : l;
}

}  // namespace

template <typename T>
FactorView<T>::FactorView(const LayerFactors& layer, Factors factors, double directionShare)
    : kind(layer.kind),
      tokens(layer.tokens),
      lanes(layer.lanes),
      scans(layer.scans),
      state(layer.state),
      scanLanes(layer.lanes / layer.scans),
      share(static_cast<T>(directionShare)) {
  const int64_t l = tokens, d = lanes;
  x = pointer<T>(layer.x, {l, d});
  additive = pointer<T>(layer.additive, {l, d});
  if (factors.has(Factor::Scan) || kind == ScanKind::Softmax) setScan(layer, factors, *this);
  if (kind == ScanKind::Softmax) return;
  if (factors.has(Factor::Gate)) rowScale = pointer<T>(layer.rowScale, {l, d});
  if (factors.has(Factor::Activation)) columnScale = pointer<T>(layer.columnScale, {l, d});
  if (factors.has(Factor::Convolution)) {
    if (layer.taps.defined()) {
      taps = layer.taps.size(1);
      tapWeights = pointer<T>(layer.taps, {d, taps});
    }
    convBias = pointer<T>(layer.convBias, {d});
  }
  if (factors.has(Factor::Skip)) skip = pointer<T>(layer.skip, {d});
}

template <typename T>
std::vector<DirectedView<T>> directionsOf(const LayerFactors& layer, const MapTerms& terms) {
  const double share = terms.hasShare ? layer.directionShare : 1.0;
  std::vector<DirectedView<T>> list;
  if (!layer.backward || terms.direction != Direction::Backward) {
    list.push_back({FactorView<T>(layer, terms.factors, share), false});
  }
  if (reachesLater(layer, terms)) {
    list.push_back({FactorView<T>(*layer.backward, terms.factors, share), true});
  }
  return list;
}

template struct FactorView<float>;
template struct FactorView<double>;
template std::vector<DirectedView<float>> directionsOf(const LayerFactors&, const MapTerms&);
template std::vector<DirectedView<double>> directionsOf(const LayerFactors&, const MapTerms&);

}  // namespace uc
