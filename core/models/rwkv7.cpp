// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/blocks.h"
#include "core/models/families.h"
#include "core/models/rwkv_heads.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace uc {

namespace {

enum Use { kReceptance, kDecay, kKey, kValue, kRate, kGate, kUses };
constexpr std::string_view kLetters = "rwkvag";

// down [C, R], then up [R, C], then bias [C]; the gate has no bias.
struct LowRank {
  RwkvTensor down, up, bias;
};

// The tensors of one mixer.
struct Rwkv7Layer {
  std::array<RwkvTensor, kUses> mix;  // [C] each; or, in older files of fla:
  RwkvTensor mixTogether;             // [6, C]
  LowRank decay, rate, gate;
  LowRank value;                            // how much of layer 0's values is taken over; none in layer 0
  RwkvTensor removeScale, rateInKey;        // [C], k_k and k_a
  RwkvTensor bonus;                         // [H, N], r_k
  RwkvTensor key, valueWeight, receptance;  // [C, C]
};

// RWKV-7 (arXiv 2503.14456, section 4): the generalized delta rule.
class Rwkv7 : public RwkvHeads {
 public:
  explicit Rwkv7(Weights weights);

 protected:
  Projected project(int64_t layer, const at::Tensor& shifted, at::Tensor& shared,
                    const Feedback& feedback) const override;
  bool hasShared() const override { return true; }
  at::Tensor sharedOf(const at::Tensor& stream, BlockState& first, const Feedback& feedback) const override;

 private:
  struct Factors {
    at::Tensor down, up, bias;
    // f(x · down) · up + bias
    template <typename Between>
    at::Tensor apply(const at::Tensor& x, Between between) const {
      at::Tensor low = at::mm(x, down);
      between(low);
      return bias.defined() ? at::addmm(bias, low, up) : at::mm(low, up);
    }
  };
  struct Loaded {
    std::array<at::Tensor, kUses> mix;
    Factors decay, rate, gate, value;
    at::Tensor removeScale, rateInKey, bonus, key, valueWeight, receptance;
  };
  LowRank claimLowRank(int64_t number, char letter, int64_t rank);
  Rwkv7Layer claimLayer(int64_t number);
  void knowUnusedValues();
  int64_t rank(char letter, const char* key) const;
  Factors load(const LowRank& factors) const;
  using RwkvModel::load;
  Loaded loadLayer(const Rwkv7Layer& layer) const;
  void projectPiece(const Loaded& own, const at::Tensor& shifted, const at::Tensor& firstValues,
                    int64_t first, int64_t last, Projected& result) const;

  std::vector<Rwkv7Layer> m_layers;
  int64_t m_decayRank = 0, m_rateRank = 0, m_gateRank = 0, m_valueRank = 0;
};

Rwkv7::Rwkv7(Weights weights) : RwkvHeads(std::move(weights), 7) {
  m_claims.setHeads(m_claims.most("att.r_k", 0), "att.r_k");
  m_decayRank = rank('w', "decay_low_rank_dim");
  m_rateRank = rank('a', "a_low_rank_dim");
  m_gateRank = rank('g', "gate_low_rank_dim");
  m_valueRank = rank('v', "v_low_rank_dim");
  for (int64_t i = 0; i < m_claims.layers; ++i) {
    m_layers.push_back(claimLayer(i));
    m_heads.push_back(claimHead(i));
  }
  knowUnusedValues();
  describe(m_claims.H, m_claims.N);
}

// Of the pair of matrices, by most layers; flash-linear-attention's config names it too.
int64_t Rwkv7::rank(char letter, const char* key) const {
  const std::string down = fmt::format("att.{}1", letter);
  const size_t axis = m_claims.style() == RwkvNames::Style::Fla ? 0 : 1;
  const int64_t found = m_claims.most(down, axis);
  const int64_t layer = letter == 'v' ? 1 : 0;
  if (m_claims.style() == RwkvNames::Style::Fla && layer < m_claims.layers &&
      m_weights.checkpoint().config()) {
    requireSize(m_claims.need(layer, down), axis, found, configSize(*m_weights.checkpoint().config(), key));
  }
  return found;
}

// Layer 0 has no earlier values to take over, but BlinkDL's files hold the tensors for it.
void Rwkv7::knowUnusedValues() {
  for (const char* tail : {"att.v0", "att.v1", "att.v2"}) {
    if (m_claims.find(0, tail) != nullptr) m_claims.claimAsIs(0, tail);
  }
}

LowRank Rwkv7::claimLowRank(int64_t number, char letter, int64_t rank) {
  const int64_t C = m_claims.C;
  LowRank result;
  result.down = m_claims.claimFactor(number, fmt::format("att.{}1", letter), C, rank);
  result.up = m_claims.claimFactor(number, fmt::format("att.{}2", letter), rank, C);
  if (letter != 'g') result.bias = m_claims.claim(number, fmt::format("att.{}0", letter), {C});
  return result;
}

Rwkv7Layer Rwkv7::claimLayer(int64_t number) {
  const int64_t C = m_claims.C;
  Rwkv7Layer layer;
  if (m_claims.find(number, "att.x_x") != nullptr) {
    layer.mixTogether = m_claims.claim(number, "att.x_x", {kUses, C});
  } else {
    for (size_t use = 0; use < kUses; ++use) {
      layer.mix[use] = m_claims.claim(number, fmt::format("att.x_{}", kLetters[use]), {C});
    }
  }
  layer.decay = claimLowRank(number, 'w', m_decayRank);
  layer.rate = claimLowRank(number, 'a', m_rateRank);
  layer.gate = claimLowRank(number, 'g', m_gateRank);
  if (number > 0) layer.value = claimLowRank(number, 'v', m_valueRank);
  layer.removeScale = m_claims.claim(number, "att.k_k", {C});
  layer.rateInKey = m_claims.claim(number, "att.k_a", {C});
  layer.bonus = m_claims.claim(number, "att.r_k", {m_claims.H, m_claims.N});
  layer.key = m_claims.claim(number, "att.key.weight", {C, C});
  layer.valueWeight = m_claims.claim(number, "att.value.weight", {C, C});
  layer.receptance = m_claims.claim(number, "att.receptance.weight", {C, C});
  return layer;
}

Rwkv7::Factors Rwkv7::load(const LowRank& factors) const {
  return {load(factors.down), load(factors.up), load(factors.bias)};
}

Rwkv7::Loaded Rwkv7::loadLayer(const Rwkv7Layer& layer) const {
  Loaded result;
  const at::Tensor together = load(layer.mixTogether);
  for (size_t use = 0; use < kUses; ++use) {
    result.mix[use] = together.defined() ? together[static_cast<int64_t>(use)] : load(layer.mix[use]);
  }
  result.decay = load(layer.decay);
  result.rate = load(layer.rate);
  result.gate = load(layer.gate);
  result.value = load(layer.value);
  result.removeScale = load(layer.removeScale);
  result.rateInKey = load(layer.rateInKey);
  result.bonus = load(layer.bonus);
  result.key = load(layer.key);
  result.valueWeight = load(layer.valueWeight);
  result.receptance = load(layer.receptance);
  return result;
}

void Rwkv7::projectPiece(const Loaded& own, const at::Tensor& shifted, const at::Tensor& firstValues,
                         int64_t first, int64_t last, Projected& result) const {
  const auto none = [](at::Tensor&) {};
  const auto input = [&](Use use) { return mixed(shifted, first, last, own.mix[use]); };
  const auto rows = [&](const at::Tensor& all) { return all.slice(0, first, last); };
  const auto perHead = [&](const at::Tensor& lanes) {
    return lanes.view({last - first, m_claims.H, m_claims.N});
  };
  linear(rows(result.receptance), input(kReceptance), own.receptance, {});
  at::Tensor value = rows(result.value);
  const at::Tensor valueInput = input(kValue);
  linear(value, valueInput, own.valueWeight, {});
  if (firstValues.defined()) {
    const at::Tensor share = own.value.apply(valueInput, none).sigmoid_();
    value.addcmul_(rows(firstValues) - value, share);
  }
  const double scale = -std::exp(-0.5);
  const at::Tensor decay = own.decay.apply(input(kDecay), [](at::Tensor& low) { low.tanh_(); });
  rows(result.logDecay).copy_(decay.sigmoid().mul_(scale));
  rows(result.gate).copy_(own.gate.apply(input(kGate), [](at::Tensor& low) { low.sigmoid_(); }));
  const at::Tensor rate = own.rate.apply(input(kRate), none).sigmoid_();

  at::Tensor key = rows(result.key);
  linear(key, input(kKey), own.key, {});
  const at::Tensor removed = perHead(key * own.removeScale);
  const at::Tensor length = removed.square().sum(2, true).sqrt_().clamp_min_(1e-12);
  at::Tensor removeKey = rows(result.removeKey);
  perHead(removeKey).copy_(removed / length);
  rows(result.removeWrite).copy_(removeKey * rate);
  key.mul_((rate - 1).mul_(own.rateInKey).add_(1));
  rows(result.bonus).copy_((perHead(rows(result.receptance)) * perHead(key) * own.bonus).sum(2));
}

RwkvHeads::Projected Rwkv7::project(int64_t layer, const at::Tensor& shifted, at::Tensor& shared,
                                    const Feedback& feedback) const {
  const Loaded own = loadLayer(m_layers[static_cast<size_t>(layer)]);
  const int64_t L = shifted.size(0) - 1;
  const auto empty = [&](int64_t columns) { return at::empty({L, columns}, m_weights.options()); };
  Projected result;
  for (at::Tensor* lanes : {&result.receptance, &result.key, &result.value, &result.logDecay, &result.gate,
                            &result.removeKey, &result.removeWrite}) {
    *lanes = empty(m_claims.A);
  }
  result.bonus = empty(m_claims.H);
  const at::Tensor firstValues = layer == 0 ? at::Tensor() : shared;
  inPieces(L, kPiece, feedback, [&](int64_t first, int64_t last) {
    projectPiece(own, shifted, firstValues, first, last, result);
  });
  if (layer == 0) shared = result.value;
  return result;
}

at::Tensor Rwkv7::sharedOf(const at::Tensor& stream, BlockState& first, const Feedback& feedback) const {
  const at::Tensor shifted = shiftedInput(0, stream, static_cast<LayerState&>(first), feedback);
  const Rwkv7Layer& own = m_layers.front();
  const at::Tensor together = load(own.mixTogether);
  const at::Tensor mix = together.defined() ? together[kValue] : load(own.mix[kValue]);
  const at::Tensor weight = load(own.valueWeight);
  const int64_t L = stream.size(0);
  at::Tensor values = at::empty({L, m_claims.A}, m_weights.options());
  inPieces(L, kPiece, feedback, [&](int64_t begin, int64_t end) {
    linear(values.slice(0, begin, end), mixed(shifted, begin, end, mix), weight, {});
  });
  return values;
}

}  // namespace

bool isRwkv7(const Checkpoint& checkpoint) { return isRwkv(checkpoint, 7); }

std::unique_ptr<Model> openRwkv7(Weights weights) { return std::make_unique<Rwkv7>(std::move(weights)); }

}  // namespace uc
