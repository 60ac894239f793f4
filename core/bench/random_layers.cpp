// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/bench/random_layers.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <cmath>

namespace uc::bench {
namespace {

constexpr int64_t kTaps = 4;

class Random {
 public:
  at::Tensor uniform(at::IntArrayRef size) const { return at::rand(size, m_generator, at::kFloat); }
  at::Tensor normal(at::IntArrayRef size) const { return at::randn(size, m_generator, at::kFloat); }
  /// Steps: log-uniform in 0.001 … 0.1.
  at::Tensor steps(at::IntArrayRef size) const {
    return uniform(size).mul_(std::log(100.0)).add_(std::log(1e-3)).exp_();
  }

 private:
  at::Generator m_generator = at::make_generator<at::CPUGeneratorImpl>(uint64_t{1});
};

void addConvolution(const Random& random, LayerFactors& layer) {
  layer.taps = random.normal({layer.lanes, kTaps}).mul_(0.3);
  layer.convBias = random.normal({layer.lanes}).mul_(0.1);
}

/// What Mamba layers have around their scan.
void addSurroundings(const Random& random, LayerFactors& layer) {
  layer.rowScale = random.normal({layer.tokens, layer.lanes});
  layer.columnScale = random.uniform({layer.tokens, layer.lanes});
  addConvolution(random, layer);
  layer.skip = at::ones({layer.lanes});
  layer.x = random.normal({layer.tokens, layer.lanes});
  layer.y = layer.x;  // what is measured reads it, and does not ask what it is
}

LayerFactors sized(int64_t tokens, int64_t lanes, int64_t scans, int64_t state) {
  LayerFactors layer;
  layer.tokens = tokens;
  layer.lanes = lanes;
  layer.scans = scans;
  layer.state = state;
  layer.available = {Factor::Gate, Factor::Scan, Factor::Activation, Factor::Convolution, Factor::Skip};
  return layer;
}

}  // namespace

LayerFactors mambaLayer(int64_t tokens, int64_t lanes, bool isScanOnly) {
  constexpr int64_t kState = 16;
  const Random random;
  LayerFactors layer = sized(tokens, lanes, lanes, kState);
  layer.query = random.normal({tokens, 1, kState});
  layer.key = random.normal({tokens, 1, kState});
  layer.step = random.steps({tokens, lanes});
  layer.rate = at::arange(1, kState + 1, at::kFloat).neg().expand({lanes, kState}).contiguous();
  if (!isScanOnly) addSurroundings(random, layer);
  return layer;
}

LayerFactors rwkv4Layer(int64_t tokens) {
  constexpr int64_t kLanes = 768;
  const Random random;
  LayerFactors layer = sized(tokens, kLanes, kLanes, 1);
  layer.kind = ScanKind::LogSum;
  layer.readsBeforeDecay = true;
  layer.rate = random.steps({kLanes, 1}).mul_(10).neg_();
  layer.logKey = random.normal({tokens, kLanes});
  layer.diagonal = layer.logKey + random.normal({kLanes});
  layer.rowScale = random.normal({tokens, kLanes}).sigmoid_();
  layer.x = random.normal({tokens, kLanes});
  // log R, by its recurrence: keys are small enough here to need no running maximum.
  layer.logNormalizer = at::empty({tokens, kLanes}, at::kDouble);
  const at::Tensor decay = layer.rate.select(1, 0).to(at::kDouble).exp_();
  at::Tensor sum = at::zeros({kLanes}, at::kDouble);
  for (int64_t t = 0; t < tokens; ++t) {
    layer.logNormalizer[t].copy_((sum + layer.diagonal[t].exp()).log());
    sum = sum * decay + layer.logKey[t].exp();
  }
  return layer;
}

LayerFactors rgLruLayer(int64_t tokens) {
  constexpr int64_t kLanes = 2560;
  const Random random;
  LayerFactors layer = sized(tokens, kLanes, kLanes, 1);
  layer.query = at::ones({tokens, 1, 1});
  layer.step = random.steps({tokens, kLanes}).mul_(10);  // −log a
  layer.rate = at::full({kLanes, 1}, -1.0F);
  layer.isStepInKey = false;
  // i · sqrt(1 − a²), the input gate i in (0, 1).
  layer.key = (layer.step.mul(-2).expm1().neg().sqrt() * random.uniform({tokens, kLanes})).unsqueeze(2);
  layer.rowScale = random.normal({tokens, kLanes});
  addConvolution(random, layer);
  layer.x = random.normal({tokens, kLanes});
  return layer;
}

LayerFactors mamba2Layer(int64_t tokens) {
  constexpr int64_t kLanes = 1536, kHeads = 24, kState = 128;
  const Random random;
  LayerFactors layer = sized(tokens, kLanes, kHeads, kState);
  layer.query = random.normal({tokens, 1, kState});
  layer.key = random.normal({tokens, 1, kState});
  layer.step = random.steps({tokens, kHeads});
  const at::Tensor rates = at::arange(1, kHeads + 1, at::kFloat).mul_(16.0 / kHeads).neg_();
  layer.rate = rates.unsqueeze(1).expand({kHeads, kState}).contiguous();
  addSurroundings(random, layer);
  return layer;
}

}  // namespace uc::bench
