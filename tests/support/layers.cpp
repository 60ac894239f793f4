// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "tests/support/layers.h"

#include <ATen/CPUGeneratorImpl.h>

namespace uc::test {

std::ostream& operator<<(std::ostream& out, const Shape& shape) {
  return out << "L " << shape.tokens << ", D " << shape.lanes << ", N " << shape.state << ", K " << shape.taps
             << ", G " << shape.groups;
}

std::vector<Factors> everyFactors() {
  const Factor list[] = {Factor::Gate,        Factor::Scan, Factor::Activation,
                         Factor::Convolution, Factor::Skip, Factor::NoStep};
  std::vector<Factors> all;
  for (unsigned bits = 0; bits < 64; ++bits) {
    Factors factors;
    for (unsigned i = 0; i < 6; ++i) {
      if ((bits >> i & 1U) != 0) factors = factors.with(list[i]);
    }
    const bool isMap =
        factors.has(Factor::Scan) || (factors.has(Factor::Skip) && !factors.has(Factor::NoStep));
    if (isMap) all.push_back(factors);
  }
  return all;
}

LayerFactors randomLayer(const Shape& shape, at::ScalarType type, uint64_t seed) {
  const at::Generator random = at::make_generator<at::CPUGeneratorImpl>(seed);
  const auto normal = [&](at::IntArrayRef size) { return at::randn(size, random, at::kFloat).to(type); };
  const auto uniform = [&](at::IntArrayRef size) { return at::rand(size, random, at::kFloat).to(type); };
  const int64_t l = shape.tokens, d = shape.lanes, n = shape.state, g = shape.groups;
  LayerFactors layer;
  layer.tokens = l;
  layer.lanes = d;
  layer.scans = d;
  layer.state = n;
  layer.query = normal({l, g, n});
  layer.key = normal({l, g, n});
  layer.step = uniform({l, d}) * 0.3;
  layer.rate = -(uniform({d, n}) * static_cast<double>(n) + 0.01);
  layer.rowScale = normal({l, d});
  layer.columnScale = uniform({l, d});
  if (shape.taps > 0) {
    layer.taps = normal({d, shape.taps});
    layer.convBias = normal({d});
  }
  layer.skip = normal({d});
  layer.x = normal({l, d});
  layer.y = stepByStep(layer).to(type);
  layer.available = kExact.with(Factor::NoStep);
  return layer;
}

LayerFactors widened(const LayerFactors& layer, at::ScalarType type) {
  LayerFactors copy = layer;
  for (at::Tensor LayerFactors::*tensor :
       {&LayerFactors::query, &LayerFactors::key, &LayerFactors::step, &LayerFactors::rate,
        &LayerFactors::rowScale, &LayerFactors::columnScale, &LayerFactors::taps, &LayerFactors::convBias,
        &LayerFactors::skip, &LayerFactors::x, &LayerFactors::y}) {
    if ((copy.*tensor).defined()) copy.*tensor = (copy.*tensor).to(type).contiguous();
  }
  return copy;
}

at::Tensor stepByStep(const LayerFactors& layer) {
  const LayerFactors wide = widened(layer, at::kDouble);
  const int64_t repeat = wide.lanes / wide.query.size(1);
  const int64_t taps = wide.taps.defined() ? wide.taps.size(1) : 1;
  at::Tensor state = at::zeros({wide.lanes, wide.state}, at::kDouble);
  std::vector<at::Tensor> outputs;
  for (int64_t t = 0; t < wide.tokens; ++t) {
    at::Tensor c = wide.taps.defined() ? at::zeros({wide.lanes}, at::kDouble) : wide.x[t].clone();
    for (int64_t k = 0; k < taps && wide.taps.defined(); ++k) {
      const int64_t s = t - (taps - 1 - k);
      if (s >= 0) c = c + wide.taps.select(1, k) * wide.x[s];
    }
    if (wide.convBias.defined()) c = c + wide.convBias;
    if (wide.columnScale.defined()) c = c * wide.columnScale[t];
    const at::Tensor step = wide.step[t].unsqueeze(1);                    // [D, 1]
    const at::Tensor key = wide.key[t].repeat_interleave(repeat, 0);      // [D, N]
    const at::Tensor query = wide.query[t].repeat_interleave(repeat, 0);  // [D, N]
    state = at::exp(step * wide.rate) * state + step * key * c.unsqueeze(1);
    at::Tensor y = (state * query).sum(1);
    if (wide.skip.defined()) y = y + wide.skip * c;
    if (wide.rowScale.defined()) y = y * wide.rowScale[t];
    outputs.push_back(y);
  }
  return at::stack(outputs);
}

}  // namespace uc::test
