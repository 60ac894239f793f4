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

// What the mixed inputs are for, in BlinkDL's order and in flash-linear-attention's.
enum Use { kDecay, kKey, kValue, kReceptance, kGate, kUses };
constexpr std::array<int64_t, kUses> kFlaPlaces = {1, 2, 3, 0, 4};
constexpr std::string_view kLetters = "wkvrg";

// The tensors of one mixer. R: rank of the mixing, also of the decay.
struct Rwkv6Layer {
  RwkvTensor mixFirst;                // [C], of the input to the mixing itself
  std::array<RwkvTensor, kUses> mix;  // [C] each; or, fla:
  RwkvTensor mixTogether;             // [5, C]
  RwkvTensor mixDown, mixUp;          // [C, 5R], [5, R, C]; fla: [5R, C], [C, 5R]
  RwkvTensor decay;                   // [A]
  RwkvTensor decayDown, decayUp;      // [C, R], [R, A]
  RwkvTensor first;                   // [H, N]
  RwkvTensor key, value, receptance;  // [A, C]
  RwkvTensor gate;                    // [A, C]; or, 6.0a:
  RwkvTensor gateDown, gateUp;        // [C, R], [R, A]
};

// RWKV-6 (arXiv 2404.05892, section 4.2): decay and token shift depend on the token.
class Rwkv6 : public RwkvHeads {
 public:
  explicit Rwkv6(Weights weights);

 protected:
  Projected project(int64_t layer, const at::Tensor& shifted, at::Tensor& shared,
                    const Feedback& feedback) const override;

 private:
  struct Mixing {
    at::Tensor first;                       // [C]
    at::Tensor down;                        // [C, 5R]
    std::array<at::Tensor, kUses> up, mix;  // [R, C], [C]
  };
  Rwkv6Layer claimLayer(int64_t number);
  void claimMixing(Rwkv6Layer& layer, int64_t number);
  Mixing loadMixing(const Rwkv6Layer& layer) const;
  std::array<at::Tensor, kUses> inputs(const Mixing& mixing, const at::Tensor& shifted, int64_t first,
                                       int64_t last) const;
  bool isFla() const { return m_claims.style() == RwkvNames::Style::Fla; }

  std::vector<Rwkv6Layer> m_layers;
  int64_t m_mixRank = 0, m_decayRank = 0, m_gateRank = 0;
};

Rwkv6::Rwkv6(Weights weights) : RwkvHeads(std::move(weights), 6) {
  m_claims.setHeads(m_claims.most("att.time_faaaa", 0), "att.time_faaaa");
  m_mixRank = m_claims.most("att.time_maa_w1", isFla() ? 0 : 1, kUses);
  m_decayRank = m_claims.most("att.time_decay_w1", isFla() ? 0 : 1);
  m_gateRank = m_claims.most("att.gate_w1", 1);
  for (int64_t i = 0; i < m_claims.layers; ++i) {
    m_layers.push_back(claimLayer(i));
    m_heads.push_back(claimHead(i));
  }
  describe(m_claims.H, m_claims.N);
}

Rwkv6Layer Rwkv6::claimLayer(int64_t number) {
  const int64_t C = m_claims.C, A = m_claims.A, H = m_claims.H, N = m_claims.N;
  Rwkv6Layer layer;
  claimMixing(layer, number);
  const std::vector<int64_t>& decay = m_claims.need(number, "att.time_decay").shape;
  layer.decay = m_claims.claim(number, "att.time_decay",
                               decay == std::vector<int64_t>{H, N} ? decay : std::vector<int64_t>{A});
  layer.decay.shape = {A};
  layer.decayDown = m_claims.claimFactor(number, "att.time_decay_w1", C, m_decayRank);
  layer.decayUp = m_claims.claimFactor(number, "att.time_decay_w2", m_decayRank, A);
  layer.first = m_claims.claim(number, "att.time_faaaa", {H, N});
  layer.key = m_claims.claim(number, "att.key.weight", {A, C});
  layer.value = m_claims.claim(number, "att.value.weight", {A, C});
  layer.receptance = m_claims.claim(number, "att.receptance.weight", {A, C});
  if (m_gateRank > 0) {
    layer.gateDown = m_claims.claim(number, "att.gate_w1", {C, m_gateRank});
    layer.gateUp = m_claims.claim(number, "att.gate_w2", {m_gateRank, A});
  } else {
    layer.gate = m_claims.claim(number, "att.gate.weight", {A, C});
  }
  return layer;
}

void Rwkv6::claimMixing(Rwkv6Layer& layer, int64_t number) {
  const int64_t C = m_claims.C, R = m_mixRank;
  layer.mixFirst = m_claims.claim(number, "att.time_maa_x", {C});
  layer.mixDown = m_claims.claimFactor(number, "att.time_maa_w1", C, kUses * R);
  if (isFla()) {
    layer.mixTogether = m_claims.claim(number, "att.x_bias", {kUses, C});
    layer.mixUp = m_claims.claim(number, "att.time_maa_w2", {C, kUses * R});
    return;
  }
  layer.mixUp = m_claims.claim(number, "att.time_maa_w2", {kUses, R, C});
  for (size_t use = 0; use < kUses; ++use) {
    layer.mix[use] = m_claims.claim(number, fmt::format("att.time_maa_{}", kLetters[use]), {C});
  }
}

Rwkv6::Mixing Rwkv6::loadMixing(const Rwkv6Layer& layer) const {
  const int64_t C = m_claims.C, R = m_mixRank;
  Mixing result;
  result.first = load(layer.mixFirst);
  result.down = load(layer.mixDown);
  const at::Tensor up = load(layer.mixUp);
  if (!isFla()) {
    for (size_t use = 0; use < kUses; ++use) {
      result.up[use] = up[static_cast<int64_t>(use)];
      result.mix[use] = load(layer.mix[use]);
    }
    return result;
  }
  const at::Tensor together = load(layer.mixTogether), ups = up.view({C, kUses, R}).permute({1, 2, 0});
  std::vector<at::Tensor> downs;
  for (size_t use = 0; use < kUses; ++use) {
    const int64_t place = kFlaPlaces[use];
    result.up[use] = ups[place];
    result.mix[use] = together[place];
    downs.push_back(result.down.slice(1, place * R, (place + 1) * R));
  }
  result.down = at::cat(downs, 1);
  return result;
}

// Rows [first, last) mixed with those before them, once for each use: [l, C].
std::array<at::Tensor, kUses> Rwkv6::inputs(const Mixing& mixing, const at::Tensor& shifted, int64_t first,
                                            int64_t last) const {
  const int64_t R = m_mixRank;
  const at::Tensor low = at::mm(mixed(shifted, first, last, mixing.first), mixing.down).tanh_();  // [l, 5R]
  std::array<at::Tensor, kUses> result;
  for (size_t use = 0; use < kUses; ++use) {
    const auto place = static_cast<int64_t>(use);
    const at::Tensor mix =
        at::addmm(mixing.mix[use], low.slice(1, place * R, (place + 1) * R), mixing.up[use]);
    result[use] = mixed(shifted, first, last, mix);
  }
  return result;
}

RwkvHeads::Projected Rwkv6::project(int64_t layer, const at::Tensor& shifted, at::Tensor& /*shared*/,
                                    const Feedback& feedback) const {
  const Rwkv6Layer& own = m_layers[static_cast<size_t>(layer)];
  const int64_t L = shifted.size(0) - 1, A = m_claims.A;
  const auto empty = [&] { return at::empty({L, A}, m_weights.options()); };
  Projected result;
  result.receptance = empty();
  result.key = empty();
  result.value = empty();
  result.gate = empty();
  result.logDecay = empty();
  result.first = load(own.first);
  const Mixing mixing = loadMixing(own);
  const at::Tensor decay = load(own.decay), decayDown = load(own.decayDown), decayUp = load(own.decayUp);
  const at::Tensor key = load(own.key), value = load(own.value), receptance = load(own.receptance);
  const at::Tensor gateWeight = load(own.gate), gateDown = load(own.gateDown), gateUp = load(own.gateUp);
  inPieces(L, kPiece, feedback, [&](int64_t first, int64_t last) {
    const std::array<at::Tensor, kUses> input = inputs(mixing, shifted, first, last);
    linear(result.receptance.slice(0, first, last), input[kReceptance], receptance, {});
    linear(result.key.slice(0, first, last), input[kKey], key, {});
    linear(result.value.slice(0, first, last), input[kValue], value, {});
    at::Tensor gate = result.gate.slice(0, first, last), logDecay = result.logDecay.slice(0, first, last);
    if (gateWeight.defined()) {
      linear(gate, input[kGate], gateWeight, {});
      siluInPlace(gate);
    } else {
      at::mm_out(gate, at::mm(input[kGate], gateDown).tanh_(), gateUp);
    }
    const at::Tensor low = at::mm(input[kDecay], decayDown).tanh_();
    at::addmm_out(logDecay, decay, low, decayUp);
    logDecay.exp_().neg_();
  });
  return result;
}

}  // namespace

bool isRwkv6(const Checkpoint& checkpoint) { return isRwkv(checkpoint, 6); }

std::unique_ptr<Model> openRwkv6(Weights weights) { return std::make_unique<Rwkv6>(std::move(weights)); }

}  // namespace uc
