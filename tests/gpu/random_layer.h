// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "gpu/buffer.h"
#include "gpu/layer.h"

#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <vector>

/// Layers for the self-test: no LibTorch, no GoogleTest, so that it can be carried to any machine.
namespace uc::gpu::selftest {

/// How α comes about, with its variants.
enum class Recipe { Step, LogDecay, ReadsBefore, LogSum, Softmax };

struct Shape {
  int64_t tokens = 130, lanes = 4, scans = 4, state = 5, groups = 1, taps = 4;
};

/// Random factors on the host and on the device, the same for the same shape and seed.
template <typename T>
class RandomLayer {
 public:
  RandomLayer(Recipe recipe, const Shape& shape, Stream& stream, uint64_t seed = 1)
      : m_stream(stream), m_random(seed) {
    const int64_t l = host.tokens = shape.tokens, d = host.lanes = shape.lanes, c = host.scans = shape.scans;
    const int64_t n = host.state = recipe == Recipe::LogSum ? 1 : shape.state;
    host.queryGroups = host.keyGroups = shape.groups;
    host.taps = shape.taps;
    host.window = l;
    host.hasScan = true;
    const auto uniform = [this] { return std::uniform_real_distribution<double>()(m_random); };
    const auto normal = [this] { return std::normal_distribution<double>()(m_random); };
    if (recipe != Recipe::LogSum) {
      host.query = fill(l * shape.groups * n, normal);
      host.key = fill(l * shape.groups * n, normal);
    }
    if (recipe == Recipe::Step) {
      host.hasStepInKey = true;
      host.step = fill(l * c, [&] { return 0.3 * uniform(); });
      host.rate = fill(c * n, [&] { return -0.01 - static_cast<double>(n) * uniform(); });
    } else if (recipe == Recipe::LogDecay || recipe == Recipe::ReadsBefore) {
      host.logDecay = fill(l * c * n, [&] { return -0.5 * uniform(); });
      host.logDecayStride = c * n;
      host.readsBeforeDecay = recipe == Recipe::ReadsBefore;
      if (host.readsBeforeDecay) host.diagonal = fill(l * c, normal);
    } else if (recipe == Recipe::LogSum) {
      host.kind = Kind::LogSum;
      host.readsBeforeDecay = true;
      host.rate = fill(c, [&] { return -0.3 * uniform(); });
      host.logKey = fill(l * c, normal);
      host.diagonal = fill(l * c, normal);
      host.logNormalizer = fillNormalizers(l * c);
    } else {
      host.kind = Kind::Softmax;
      host.window = l < 20 ? l : 20;
      host.logNormalizer = fillNormalizers(l * c);
    }
    if (recipe != Recipe::Softmax) {
      host.rowScale = fill(l * d, normal);
      host.columnScale = fill(l * d, uniform);
      host.tapWeights = fill(d * shape.taps, normal);
      host.skip = fill(d, normal);
    } else {
      host.taps = 1;
    }
    input = fill(l * d, normal);
  }

  /// The same layer with pointers into the device's memory.
  Layer<T> device() {
    Layer<T> layer = host;
    for (const T* Layer<T>::*pointer :
         {&Layer<T>::query, &Layer<T>::key, &Layer<T>::step, &Layer<T>::rate, &Layer<T>::logDecay,
          &Layer<T>::logKey, &Layer<T>::diagonal, &Layer<T>::rowScale, &Layer<T>::columnScale,
          &Layer<T>::tapWeights, &Layer<T>::skip}) {
      layer.*pointer = onDevice(layer.*pointer);
    }
    if (m_deviceNormalizers) layer.logNormalizer = m_deviceNormalizers->data();
    return layer;
  }

  const T* onDevice(const T* values) const {
    for (size_t i = 0; i < m_values.size(); ++i) {
      if (m_values[i].data() == values) return m_buffers[i].data();
    }
    return nullptr;
  }

  Layer<T> host;
  const T* input = nullptr;  // [L, D]

 private:
  template <typename Draw>
  const T* fill(int64_t count, const Draw& draw) {
    std::vector<T>& values = m_values.emplace_back(static_cast<size_t>(count));
    for (T& value : values) value = static_cast<T>(draw());
    m_stream.upload(m_buffers.emplace_back(m_stream, count).data(), values.data(), values.size() * sizeof(T));
    return values.data();
  }

  /// Any: rows need not sum to 1 here.
  const double* fillNormalizers(int64_t count) {
    m_normalizers.assign(static_cast<size_t>(count), 3.0);
    m_deviceNormalizers.emplace(m_stream, count);
    m_stream.upload(m_deviceNormalizers->data(), m_normalizers.data(), m_normalizers.size() * sizeof(double));
    return m_normalizers.data();
  }

  Stream& m_stream;
  std::mt19937_64 m_random;
  std::vector<std::vector<T>> m_values;
  std::vector<Buffer<T>> m_buffers;
  std::vector<double> m_normalizers;
  std::optional<Buffer<double>> m_deviceNormalizers;
};

/// α[t,s] of one scan in long double, from the definition.
template <typename T>
long double alphaOf(const Layer<T>& layer, int64_t c, int64_t t, int64_t s) {
  using Real = long double;
  if (layer.kind == Kind::LogSum && s < t) {
    const Real age = static_cast<Real>(t - 1 - s) * layer.rate[c];
    return std::exp(Real(layer.perScan(layer.logKey, s, c)) + age - layer.perScan(layer.logNormalizer, t, c));
  }
  if (layer.kind == Kind::LogSum) {
    return std::exp(Real(layer.perScan(layer.diagonal, t, c)) - layer.perScan(layer.logNormalizer, t, c));
  }
  if (layer.kind == Kind::Softmax && s + layer.window <= t) return 0;
  if (layer.readsBeforeDecay && s == t) return layer.perScan(layer.diagonal, t, c);
  Real sum = 0;
  for (int64_t n = 0; n < layer.state; ++n) {
    Real decay = 0;
    const int64_t late = layer.readsBeforeDecay ? 1 : 0;
    for (int64_t r = s + 1; r <= t - late && layer.kind == Kind::Decay; ++r) {
      decay += layer.logDecay ? Real(layer.logDecay[r * layer.logDecayStride + c * layer.state + n])
                              : Real(layer.step[r * layer.scans + c]) * layer.rate[c * layer.state + n];
    }
    sum += Real(layer.queryAt(t, c)[n]) * std::exp(decay) * layer.keyAt(s, c)[n];
  }
  if (layer.kind == Kind::Softmax) return std::exp(sum - layer.perScan(layer.logNormalizer, t, c));
  return sum * layer.keyScaleAt(s, c);
}

/// The map G (α + S) Z M of one lane, times x where `input` is given: [L, L].
template <typename T>
std::vector<double> mapOf(const Layer<T>& layer, int64_t lane, const T* input) {
  const int64_t l = layer.tokens, c = lane / layer.scanLanes();
  std::vector<long double> before(static_cast<size_t>(l * l));
  for (int64_t t = 0; t < l; ++t) {
    for (int64_t s = 0; s <= t; ++s) {
      const long double skip = s == t ? layer.skipOf(lane) : T(0);
      before[static_cast<size_t>(t * l + s)] = (alphaOf(layer, c, t, s) + skip) * layer.activationAt(s, lane);
    }
  }
  std::vector<double> map(static_cast<size_t>(l * l));
  for (int64_t t = 0; t < l; ++t) {
    for (int64_t s = 0; s <= t; ++s) {
      long double sum = 0;
      for (int64_t j = 0; j < layer.taps && s + j <= t; ++j) {
        sum += before[static_cast<size_t>(t * l + s + j)] * layer.weight(lane, j);
      }
      sum *= layer.gateAt(t, lane);
      if (input != nullptr) sum *= input[s * layer.lanes + lane];
      map[static_cast<size_t>(t * l + s)] = static_cast<double>(sum);
    }
  }
  return map;
}

}  // namespace uc::gpu::selftest
