// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/operators_gpu.h"

#include "core/attention/factor_view.h"
#include "gpu/gpu.h"
#include "gpu/pooled.h"
#include "gpu/scan.h"
#include "gpu/tile.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstddef>
#include <unordered_map>
#include <utility>
#include <vector>

namespace uc {
namespace {

/// What kernels read.
constexpr at::Tensor LayerFactors::*kTensors[] = {&LayerFactors::query,         &LayerFactors::key,
                                                  &LayerFactors::step,          &LayerFactors::rate,
                                                  &LayerFactors::logDecay,      &LayerFactors::logKey,
                                                  &LayerFactors::diagonal,      &LayerFactors::removeKey,
                                                  &LayerFactors::removeWrite,   &LayerFactors::rowScale,
                                                  &LayerFactors::taps,          &LayerFactors::columnScale,
                                                  &LayerFactors::logNormalizer, &LayerFactors::convBias,
                                                  &LayerFactors::skip,          &LayerFactors::x};

/// A layer that the kernels do not know.
struct Unknown {
  const char* why;
};

gpu::Merge mergeOf(const std::optional<Merge>& merge) {
  if (!merge) return gpu::Merge::One;
  switch (*merge) {
    case Merge::Mean:
      return gpu::Merge::Mean;
    case Merge::MeanAbs:
      return gpu::Merge::MeanAbs;
    case Merge::MaxAbs:
      return gpu::Merge::MaxAbs;
    case Merge::L2:
      return gpu::Merge::L2;
    case Merge::PositiveMean:
      return gpu::Merge::PositiveMean;
  }
  return gpu::Merge::One;
}

gpu::Kind kindOf(ScanKind kind) {
  switch (kind) {
    case ScanKind::Decay:
      return gpu::Kind::Decay;
    case ScanKind::LogSum:
      return gpu::Kind::LogSum;
    case ScanKind::DeltaRule:
      return gpu::Kind::DeltaRule;
    case ScanKind::Softmax:
      return gpu::Kind::Softmax;
  }
  return gpu::Kind::Decay;
}

}  // namespace

/// A stream and the tensors of one layer on its device, both directions.
class GpuOperators::Held {
 public:
  Held(int device, const LayerFactors& layer) : m_stream(device), m_layer(layer) {
    int64_t bytes = gpu::kTileScratchBytes;
    forTensors(layer, [&](const at::Tensor& tensor) { bytes += static_cast<int64_t>(tensor.nbytes()); });
    if (bytes > gpu::freeMemory(device)) throw gpu::Error("the layer's factors", true);
    forTensors(layer, [&](const at::Tensor& tensor) {
      if (tensor.numel() == 0) return;
      m_buffers.emplace_back(m_stream, static_cast<int64_t>(tensor.nbytes()));
      m_stream.upload(m_buffers.back().data(), tensor.data_ptr(), tensor.nbytes());
      m_places[tensor.data_ptr()] = m_buffers.back().data();
    });
  }

  bool isOf(const LayerFactors& layer) const {
    const bool isSame = areSame(layer, m_layer) && !layer.backward == !m_layer.backward;
    return isSame && (!layer.backward || areSame(*layer.backward, *m_layer.backward));
  }

  gpu::Stream& stream() { return m_stream; }

  /// Where a tensor of the layer is on the device.
  template <typename T>
  const T* place(const T* host) const {
    return host == nullptr ? nullptr : static_cast<const T*>(m_places.at(host));
  }
  template <typename T>
  const T* place(const at::Tensor& tensor) const {
    return place(static_cast<const T*>(tensor.data_ptr<T>()));
  }

 private:
  template <typename Body>
  static void forTensors(const LayerFactors& layer, const Body& body) {
    for (const auto tensor : kTensors) {
      if ((layer.*tensor).defined()) body(layer.*tensor);
    }
    if (layer.backward) forTensors(*layer.backward, body);
  }

  static bool areSame(const LayerFactors& a, const LayerFactors& b) {
    return std::all_of(std::begin(kTensors), std::end(kTensors),
                       [&](const auto tensor) { return (a.*tensor).is_same(b.*tensor); });
  }

  gpu::Stream m_stream;
  const LayerFactors m_layer;  // keeps the tensors, so that no other can have their places
  std::vector<gpu::Buffer<std::byte>> m_buffers;
  std::unordered_map<const void*, const void*> m_places;
};

namespace {

template <typename T, typename Held>
gpu::Layer<T> onDevice(const DirectedView<T>& direction, const Held& held) {
  const auto place = [&](const auto* host) { return held.place(host); };
  const FactorView<T>& view = direction.view;
  gpu::Layer<T> layer;
  layer.kind = kindOf(view.kind);
  layer.tokens = view.tokens;
  layer.lanes = view.lanes;
  layer.scans = view.scans;
  layer.state = view.state;
  layer.queryGroups = view.queryGroups;
  layer.keyGroups = view.keyGroups;
  layer.taps = view.taps;
  layer.window = view.window;
  layer.hasScan = view.hasScan;
  layer.hasStepInKey = view.hasStepInKey;
  layer.readsBeforeDecay = view.readsBeforeDecay;
  layer.isReversed = direction.isReversed;
  layer.share = view.share;
  layer.query = place(view.query);
  layer.key = place(view.key);
  layer.step = place(view.step);
  layer.rate = place(view.rate);
  layer.logDecay = place(view.logDecay);
  layer.logDecayStride = view.logDecayStride;
  layer.removeKey = place(view.removeKey);
  layer.removeWrite = place(view.removeWrite);
  layer.logKey = place(view.logKey);
  layer.logNormalizer = place(view.logNormalizer);
  layer.diagonal = place(view.diagonal);
  layer.rowScale = place(view.rowScale);
  layer.columnScale = place(view.columnScale);
  layer.tapWeights = place(view.tapWeights);
  layer.skip = place(view.skip);
  return layer;
}

template <typename T, typename Held>
std::vector<gpu::Layer<T>> onDevice(const LayerFactors& layer, const MapTerms& terms, const Held& held) {
  std::vector<gpu::Layer<T>> directions;
  for (const DirectedView<T>& direction : directionsOf<T>(layer, terms)) {
    directions.push_back(onDevice(direction, held));
  }
  return directions;
}

}  // namespace

GpuOperators::GpuOperators(int device) : m_device(device) {}
GpuOperators::~GpuOperators() = default;

template <typename Function>
auto GpuOperators::attempt(const LayerFactors& layer, const Function& compute)
    -> std::optional<decltype(compute(std::declval<Held&>()))> {
  m_notice.clear();
  try {
    if (m_held && !m_held->isOf(layer)) m_held.reset();
    if (!m_held) m_held = std::make_unique<Held>(m_device, layer);
    return compute(*m_held);
  } catch (const Unknown& unknown) {
    m_notice = std::string("This layer was computed on the CPU: on the device ") + unknown.why + ".";
  } catch (const gpu::Error& error) {
    m_held.reset();  // what is on the device after an error is not to be trusted
    m_notice = error.isOutOfMemory()
                   ? "This layer was computed on the CPU: the device has too little free memory."
                   : "This layer was computed on the CPU: the device reported an error.";
  }
  return std::nullopt;
}

template <typename T>
std::optional<MatrixOf<T>> GpuOperators::tile(const LayerFactors& layer, const MapQuery& query,
                                              const Window& window, const Feedback& feedback) {
  return attempt(layer, [&](Held& held) {
    gpu::TileRequest<T> request;
    request.directions = onDevice<T>(layer, query.terms, held);
    for (const gpu::Layer<T>& direction : request.directions) {
      if (direction.taps > gpu::kMaxTaps) throw Unknown{"its convolution is too wide"};
      if (!gpu::canTile(direction)) throw Unknown{"its kind is not known there"};
    }
    request.lane0 = query.lanes.first;
    request.lane1 = query.lanes.last;
    request.merge = mergeOf(query.lanes.merge);
    request.input = query.timesInput ? held.place<T>(layer.x) : nullptr;
    request.row0 = window.row0;
    request.row1 = window.row1;
    request.col0 = window.col0;
    request.col1 = window.col1;
    request.pool = window.pool;
    request.isLargestPooled = window.pooling == Pooling::MaxAbs;
    MatrixOf<T> result(pooledSize(window.row1 - window.row0, window.pool),
                       pooledSize(window.col1 - window.col0, window.pool));
    feedback.report(0.0, "Computing the map on the device");
    const gpu::Checkpoint checkpoint = [&] { feedback.checkpoint(); };
    if (gpu::canPool(request)) {
      gpu::pooledTile(request, result.values.data(), held.stream(), checkpoint);
    } else {
      gpu::tile(request, result.values.data(), held.stream(), checkpoint);
    }
    return result;
  });
}

namespace {

/// What scans read and write: a tensor [L, D] there, another one back.
template <typename T>
class Product {
 public:
  Product(gpu::Stream& stream, const at::Tensor& input)
      : m_stream(stream),
        m_source(input.contiguous()),
        m_in(stream, input.numel()),
        m_out(stream, input.numel()) {
    stream.upload(m_in.data(), m_source.data_ptr<T>(), m_in.bytes());
  }

  const T* in() const { return m_in.data(); }
  T* out() const { return m_out.data(); }
  at::Tensor result() const {
    at::Tensor values = at::empty_like(m_source);
    m_stream.download(values.data_ptr<T>(), m_out.data(), m_out.bytes());
    return values;
  }

 private:
  gpu::Stream& m_stream;
  const at::Tensor m_source;
  const gpu::Buffer<T> m_in, m_out;
};

template <typename T>
void requireScans(const std::vector<gpu::Layer<T>>& directions) {
  for (const gpu::Layer<T>& direction : directions) {
    if (!gpu::canScan(direction)) throw Unknown{"its kind has no scan"};
  }
}

/// The terms that do not depend on the input, as they are.
template <typename T>
void addAdditive(const LayerFactors& layer, const MapTerms& terms, at::Tensor& out) {
  for (const DirectedView<T>& direction : directionsOf<T>(layer, terms)) {
    const at::Tensor& additive = direction.isReversed ? layer.backward->additive : layer.additive;
    if (!additive.defined()) continue;
    out.add_(direction.isReversed ? additive.flip(0) : additive, static_cast<double>(direction.view.share));
  }
}

}  // namespace

template <typename T>
std::optional<at::Tensor> GpuOperators::applyTyped(const LayerFactors& layer, const MapTerms& terms,
                                                   const at::Tensor& input, bool withAdditive,
                                                   const Feedback& feedback) {
  return attempt(layer, [&](Held& held) {
    const std::vector<gpu::Layer<T>> directions = onDevice<T>(layer, terms, held);
    requireScans(directions);
    std::vector<const T*> bias;
    for (const DirectedView<T>& direction : directionsOf<T>(layer, terms)) {
      bias.push_back(withAdditive ? held.place(direction.view.convBias) : nullptr);
    }
    const Product<T> product(held.stream(), input);
    gpu::apply(directions, bias, product.in(), product.out(), held.stream(), [&] { feedback.checkpoint(); });
    at::Tensor result = product.result();
    if (withAdditive) addAdditive<T>(layer, terms, result);
    return result;
  });
}

template <typename T>
std::optional<at::Tensor> GpuOperators::applyTransposedTyped(const LayerFactors& layer, const MapTerms& terms,
                                                             const at::Tensor& input,
                                                             const Feedback& feedback) {
  return attempt(layer, [&](Held& held) {
    const std::vector<gpu::Layer<T>> directions = onDevice<T>(layer, terms, held);
    requireScans(directions);
    const Product<T> product(held.stream(), input);
    gpu::applyTransposed(directions, product.in(), product.out(), held.stream(),
                         [&] { feedback.checkpoint(); });
    return product.result();
  });
}

std::optional<at::Tensor> GpuOperators::apply(const LayerFactors& layer, const MapTerms& terms,
                                              const at::Tensor& input, bool withAdditive,
                                              const Feedback& feedback) {
  return input.scalar_type() == at::kDouble ? applyTyped<double>(layer, terms, input, withAdditive, feedback)
                                            : applyTyped<float>(layer, terms, input, withAdditive, feedback);
}

std::optional<at::Tensor> GpuOperators::applyTransposed(const LayerFactors& layer, const MapTerms& terms,
                                                        const at::Tensor& input, const Feedback& feedback) {
  return input.scalar_type() == at::kDouble ? applyTransposedTyped<double>(layer, terms, input, feedback)
                                            : applyTransposedTyped<float>(layer, terms, input, feedback);
}

template std::optional<Matrix> GpuOperators::tile(const LayerFactors&, const MapQuery&, const Window&,
                                                  const Feedback&);
template std::optional<Matrix64> GpuOperators::tile(const LayerFactors&, const MapQuery&, const Window&,
                                                    const Feedback&);

}  // namespace uc
