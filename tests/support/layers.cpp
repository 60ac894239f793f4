// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "tests/support/layers.h"

#include <ATen/CPUGeneratorImpl.h>

#include <cmath>

namespace uc::test {
namespace {

struct Random {
  at::Generator generator;
  at::ScalarType type;
  at::Tensor normal(at::IntArrayRef size) const { return at::randn(size, generator, at::kFloat).to(type); }
  at::Tensor uniform(at::IntArrayRef size) const { return at::rand(size, generator, at::kFloat).to(type); }
};

void fillScan(Recipe recipe, const Random& random, LayerFactors& layer) {
  const int64_t l = layer.tokens, c = layer.scans, n = layer.state;
  switch (recipe) {
    case Recipe::StepOutsideKey:
      layer.isStepInKey = false;
      [[fallthrough]];
    case Recipe::Step:
      layer.step = random.uniform({l, c}) * 0.3;
      layer.rate = -(random.uniform({c, n}) * static_cast<double>(n) + 0.01);
      break;
    case Recipe::LogDecay:
      layer.logDecay = -random.uniform({l, c, n}) * 0.5;
      break;
    case Recipe::ConstantDecay:
      layer.logDecay = -random.uniform({1, c, n}) * 0.5;
      layer.readsBeforeDecay = true;
      layer.diagonal = random.normal({l, c});
      break;
    case Recipe::ReadsBefore:
      layer.logDecay = -random.uniform({l, c, n}) * 0.5;
      layer.readsBeforeDecay = true;
      layer.diagonal = random.normal({l, c});
      break;
    case Recipe::LogSum:
      layer.kind = ScanKind::LogSum;
      layer.readsBeforeDecay = true;
      layer.query = layer.key = at::Tensor();
      layer.rate = -random.uniform({c, 1}) * 0.3;
      layer.logKey = random.normal({l, c});
      layer.diagonal = random.normal({l, c});
      layer.logNormalizer = logNormalizer(layer);
      break;
    case Recipe::DeltaRule:
      layer.kind = ScanKind::DeltaRule;
      layer.logDecay = -random.uniform({l, c, n}) * 0.3;
      layer.removeKey = random.normal({l, c, n});
      layer.removeKey = (layer.removeKey / layer.removeKey.norm(2, {-1}, true)).contiguous();
      layer.removeWrite = layer.removeKey * random.uniform({l, c, n});
      break;
    case Recipe::Softmax:
      layer.kind = ScanKind::Softmax;
      layer.window = 20;
      layer.query = layer.query / std::sqrt(static_cast<double>(n));
      layer.logNormalizer = logNormalizer(layer);
      break;
  }
}

/// The rows of a tensor [groups, N] for `count` users of it: [count, N].
at::Tensor repeated(const at::Tensor& groups, int64_t count) {
  return groups.repeat_interleave(count / groups.size(0), 0);
}

/// One step of α's recurrence for all lanes at once, as the family's paper writes it.
class Stepper {
 public:
  explicit Stepper(const LayerFactors& layer)
      : m_layer(layer), m_state(at::zeros({layer.lanes, layer.state}, at::kDouble)) {}

  /// u [D] of token t in, (R⁻¹α u)[t] out.
  at::Tensor operator()(int64_t t, const at::Tensor& u) {
    switch (m_layer.kind) {
      case ScanKind::Decay:
        return decay(t, u);
      case ScanKind::LogSum:
        return logSum(t, u);
      case ScanKind::DeltaRule:
        return deltaRule(t, u);
      case ScanKind::Softmax:
        return softmax(t, u);
    }
    return {};
  }

 private:
  /// Token t of a tensor [L, C or G, …] for every lane.
  at::Tensor at(const at::Tensor& tensor, int64_t t) const {
    return repeated(tensor[tensor.size(0) > 1 ? t : 0], m_layer.lanes);
  }

  at::Tensor decays(int64_t t) const {
    if (m_layer.logDecay.defined()) return at::exp(at(m_layer.logDecay, t));
    return at::exp(at(m_layer.step, t).unsqueeze(1) * repeated(m_layer.rate, m_layer.lanes));
  }

  at::Tensor decay(int64_t t, const at::Tensor& u) {
    at::Tensor key = at(m_layer.key, t);
    if (m_layer.step.defined() && m_layer.isStepInKey) key = key * at(m_layer.step, t).unsqueeze(1);
    const at::Tensor query = at(m_layer.query, t);
    at::Tensor y;
    if (m_layer.readsBeforeDecay) y = (m_state * query).sum(1) + at(m_layer.diagonal, t) * u;
    m_state = decays(t) * m_state + key * u.unsqueeze(1);
    return m_layer.readsBeforeDecay ? y : (m_state * query).sum(1);
  }

  /// Numerator and denominator under their running maximum, as the RWKV-4 kernel has them.
  at::Tensor logSum(int64_t t, const at::Tensor& u) {
    if (t == 0) {
      m_numerator = at::zeros({m_layer.lanes}, at::kDouble);
      m_denominator = at::zeros({m_layer.lanes}, at::kDouble);
      m_largest = at::full({m_layer.lanes}, -1e38, at::kDouble);
    }
    const auto add = [&](const at::Tensor& exponent, at::Tensor& top, at::Tensor& bottom,
                         at::Tensor& largest) {
      const at::Tensor next = at::maximum(largest, exponent);
      top = at::exp(largest - next) * top + at::exp(exponent - next) * u;
      bottom = at::exp(largest - next) * bottom + at::exp(exponent - next);
      largest = next;
    };
    at::Tensor top = m_numerator, bottom = m_denominator, largest = m_largest;
    add(at(m_layer.diagonal, t), top, bottom, largest);
    m_largest = m_largest + repeated(m_layer.rate, m_layer.lanes).select(1, 0);
    add(at(m_layer.logKey, t), m_numerator, m_denominator, m_largest);
    return top / bottom;
  }

  at::Tensor deltaRule(int64_t t, const at::Tensor& u) {
    const at::Tensor removed = (m_state * at(m_layer.removeKey, t)).sum(1, true);
    m_state =
        m_state * decays(t) - removed * at(m_layer.removeWrite, t) + u.unsqueeze(1) * at(m_layer.key, t);
    return (m_state * at(m_layer.query, t)).sum(1);
  }

  at::Tensor softmax(int64_t t, const at::Tensor& u) {
    m_inputs.push_back(u);
    m_keys.push_back(at(m_layer.key, t));
    const int64_t first = m_layer.window > 0 ? std::max<int64_t>(t + 1 - m_layer.window, 0) : 0;
    const auto seen = [&](const std::vector<at::Tensor>& list) {
      return at::stack(std::vector<at::Tensor>(list.begin() + first, list.end()));
    };
    const at::Tensor logits = (seen(m_keys) * at(m_layer.query, t)).sum(2);  // [keys, D]
    return (at::softmax(logits, 0) * seen(m_inputs)).sum(0);
  }

  const LayerFactors& m_layer;
  at::Tensor m_state;  // [D, N]
  at::Tensor m_numerator, m_denominator, m_largest;
  std::vector<at::Tensor> m_inputs, m_keys;
};

/// One direction without its share; `layer` in double.
at::Tensor oneDirection(const LayerFactors& layer) {
  const bool isSoftmax = layer.kind == ScanKind::Softmax;
  const int64_t taps = layer.taps.defined() && !isSoftmax ? layer.taps.size(1) : 0;
  Stepper scan(layer);
  std::vector<at::Tensor> outputs;
  for (int64_t t = 0; t < layer.tokens; ++t) {
    at::Tensor c = taps > 0 ? at::zeros({layer.lanes}, at::kDouble) : layer.x[t].clone();
    for (int64_t k = 0; k < taps; ++k) {
      const int64_t s = t - (taps - 1 - k);
      if (s >= 0) c = c + layer.taps.select(1, k) * layer.x[s];
    }
    if (layer.convBias.defined() && !isSoftmax) c = c + layer.convBias;
    if (layer.columnScale.defined() && !isSoftmax) c = c * layer.columnScale[t];
    at::Tensor y = scan(t, c);
    if (layer.skip.defined() && !isSoftmax) y = y + layer.skip * c;
    if (layer.rowScale.defined() && !isSoftmax) y = y * layer.rowScale[t];
    if (layer.additive.defined()) y = y + layer.additive[t];
    outputs.push_back(y);
  }
  return at::stack(outputs);
}

LayerFactors makeLayer(Recipe recipe, const Shape& shape, at::ScalarType type, uint64_t seed,
                       bool hasAdditive) {
  const Random random{at::make_generator<at::CPUGeneratorImpl>(seed), type};
  LayerFactors layer;
  const int64_t l = layer.tokens = shape.tokens, d = layer.lanes = shape.lanes;
  const int64_t n = layer.state = recipe == Recipe::LogSum ? 1 : shape.state;
  layer.scans = shape.scans > 0 ? shape.scans : d;
  layer.query = random.normal({l, shape.groups, n});
  layer.key = random.normal({l, shape.keyGroups > 0 ? shape.keyGroups : shape.groups, n});
  fillScan(recipe, random, layer);
  layer.rowScale = random.normal({l, d});
  layer.columnScale = random.uniform({l, d});
  if (shape.taps > 0) {
    layer.taps = random.normal({d, shape.taps});
    layer.convBias = random.normal({d});
  }
  layer.skip = random.normal({d});
  layer.x = random.normal({l, d});
  if (hasAdditive) layer.additive = random.normal({l, d});
  layer.y = stepByStep(layer).to(type);
  layer.available = recipe == Recipe::Step ? kExact.with(Factor::NoStep) : kExact;
  return layer;
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Shape& shape) {
  return out << "L " << shape.tokens << ", D " << shape.lanes << ", N " << shape.state << ", K " << shape.taps
             << ", G " << shape.groups << ", C " << shape.scans << ", key groups " << shape.keyGroups;
}

std::ostream& operator<<(std::ostream& out, Recipe recipe) {
  const char* names[] = {"step",         "step outside key", "log decay",  "constant decay",
                         "reads before", "log-sum",          "delta rule", "softmax"};
  return out << names[static_cast<int>(recipe)];
}

const std::vector<Recipe>& everyRecipe() {
  static const std::vector<Recipe> list = {Recipe::Step,          Recipe::StepOutsideKey, Recipe::LogDecay,
                                           Recipe::ConstantDecay, Recipe::ReadsBefore,    Recipe::LogSum,
                                           Recipe::DeltaRule,     Recipe::Softmax};
  return list;
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
  return makeLayer(Recipe::Step, shape, type, seed, false);
}

LayerFactors randomLayer(Recipe recipe, const Shape& shape, at::ScalarType type, uint64_t seed) {
  return makeLayer(recipe, shape, type, seed, true);
}

LayerFactors bidirectional(LayerFactors forward, LayerFactors backward) {
  backward.x = forward.x.flip(0).contiguous();
  backward.y = at::Tensor();
  forward.backward = std::make_shared<const LayerFactors>(std::move(backward));
  forward.directionShare = 0.5;
  forward.y = stepByStep(forward).to(forward.x.scalar_type());
  return forward;
}

at::Tensor logNormalizer(const LayerFactors& layer) {
  const int64_t l = layer.tokens;
  const auto wide = [](const at::Tensor& tensor) { return tensor.to(at::kDouble); };
  at::Tensor logits;                                                               // [t, s, C]
  const at::Tensor age = at::arange(l).unsqueeze(1) - at::arange(l).unsqueeze(0);  // t − s
  at::Tensor isSeen = age >= 0;
  if (layer.kind == ScanKind::LogSum) {
    logits = wide(layer.logKey).unsqueeze(0) + (age - 1).unsqueeze(2) * wide(layer.rate).select(1, 0);
    logits = at::where((age == 0).unsqueeze(2), wide(layer.diagonal).unsqueeze(0), logits);
  } else {
    const auto ofScans = [&](const at::Tensor& tensor) {
      return wide(tensor).repeat_interleave(layer.scans / tensor.size(1), 1);
    };
    logits = (ofScans(layer.query).unsqueeze(1) * ofScans(layer.key).unsqueeze(0)).sum(3);
    if (layer.window > 0) isSeen = isSeen.logical_and(age < layer.window);
  }
  return at::logsumexp(logits.masked_fill(isSeen.logical_not().unsqueeze(2), -INFINITY), 1);
}

LayerFactors widened(const LayerFactors& layer, at::ScalarType type) {
  LayerFactors copy = layer;
  for (const auto tensor : kTensors) {
    const bool isWide = tensor == &LayerFactors::logNormalizer;
    if ((copy.*tensor).defined() && !isWide) copy.*tensor = (copy.*tensor).to(type).contiguous();
  }
  if (copy.backward) copy.backward = std::make_shared<const LayerFactors>(widened(*copy.backward, type));
  return copy;
}

at::Tensor stepByStep(const LayerFactors& layer) {
  const LayerFactors wide = widened(layer, at::kDouble);
  at::Tensor y = oneDirection(wide);
  if (wide.backward) y = wide.directionShare * (y + oneDirection(*wide.backward).flip(0));
  return y;
}

}  // namespace uc::test
