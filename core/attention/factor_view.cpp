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

}  // namespace

template <typename T>
FactorView<T>::FactorView(const LayerFactors& layer, Factors factors)
    : tokens(layer.tokens), lanes(layer.lanes), state(layer.state) {
  const int64_t l = tokens, d = lanes, n = state;
  if (factors.has(Factor::Scan) && layer.query.defined()) {
    hasScan = true;
    hasStepInKey = !factors.has(Factor::NoStep);
    groups = layer.query.size(1);
    query = pointer<T>(layer.query, {l, groups, n});
    key = pointer<T>(layer.key, {l, groups, n});
    step = pointer<T>(layer.step, {l, d});
    rate = pointer<T>(layer.rate, {d, n});
  }
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
  x = pointer<T>(layer.x, {l, d});
}

template <typename T>
std::vector<T> FactorView<T>::weights(int64_t d) const {
  std::vector<T> list(static_cast<size_t>(taps));
  for (int64_t j = 0; j < taps; ++j) list[static_cast<size_t>(j)] = weight(d, j);
  return list;
}

template struct FactorView<float>;
template struct FactorView<double>;

}  // namespace uc
