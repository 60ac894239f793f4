// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/blocks.h"
#include "core/models/families.h"
#include "core/models/rwkv_heads.h"

namespace uc {

namespace {

// The tensors of one mixer.
struct Rwkv5Layer {
  RwkvTensor decay;                            // [H], or [H, N] from 5.2 on
  RwkvTensor first;                            // [H] or [H, N]
  RwkvTensor mixKey, mixValue, mixReceptance;  // [C]
  RwkvTensor mixGate;                          // [C]; none in 5.0
  RwkvTensor key, value, receptance;           // [A, C]
  RwkvTensor gate;                             // [A, C]; none in 5.0
};

// RWKV-5.0, 5.1 and 5.2 (arXiv 2404.05892, section 4.1).
class Rwkv5 : public RwkvHeads {
 public:
  explicit Rwkv5(Weights weights);

 protected:
  Projected project(int64_t layer, const at::Tensor& shifted, at::Tensor& shared,
                    const Feedback& feedback) const override;

 private:
  RwkvTensor claimDecay(int64_t layer, std::string_view tail);
  at::Tensor expanded(const RwkvTensor& tensor) const;

  std::vector<Rwkv5Layer> m_layers;
  bool m_hasLogFirst = false;  // time_first is a logarithm, the later time_faaaa is not
};

// One number a head or one a lane.
RwkvTensor Rwkv5::claimDecay(int64_t layer, std::string_view tail) {
  std::vector<int64_t> shape = m_claims.need(layer, tail).shape;
  while (shape.size() > 1 && shape.back() == 1) shape.pop_back();
  if (shape.size() > 1) return m_claims.claim(layer, tail, {m_claims.H, m_claims.N});
  return m_claims.claim(layer, tail, {m_claims.H});
}

Rwkv5::Rwkv5(Weights weights) : RwkvHeads(std::move(weights), 5) {
  const int64_t C = m_claims.C, A = m_claims.A;
  m_claims.setHeads(m_claims.most("att.time_decay", 0), "att.time_decay");
  const bool hasGate = m_claims.has("att.gate.weight") || m_claims.has("att.time_mix_g");
  m_hasLogFirst = !m_claims.has("att.time_faaaa");
  for (int64_t i = 0; i < m_claims.layers; ++i) {
    Rwkv5Layer layer;
    layer.decay = claimDecay(i, "att.time_decay");
    layer.first = claimDecay(i, m_hasLogFirst ? "att.time_first" : "att.time_faaaa");
    layer.mixKey = m_claims.claim(i, "att.time_mix_k", {C});
    layer.mixValue = m_claims.claim(i, "att.time_mix_v", {C});
    layer.mixReceptance = m_claims.claim(i, "att.time_mix_r", {C});
    layer.key = m_claims.claim(i, "att.key.weight", {A, C});
    layer.value = m_claims.claim(i, "att.value.weight", {A, C});
    layer.receptance = m_claims.claim(i, "att.receptance.weight", {A, C});
    if (hasGate) {
      layer.mixGate = m_claims.claim(i, "att.time_mix_g", {C});
      layer.gate = m_claims.claim(i, "att.gate.weight", {A, C});
    }
    m_layers.push_back(std::move(layer));
    m_heads.push_back(claimHead(i));
  }
  describe(m_claims.H, m_claims.N);
}

at::Tensor Rwkv5::expanded(const RwkvTensor& tensor) const {
  return load(tensor).view({m_claims.H, -1}).expand({m_claims.H, m_claims.N}).contiguous();
}

RwkvHeads::Projected Rwkv5::project(int64_t layer, const at::Tensor& shifted, at::Tensor& /*shared*/,
                                    const Feedback& feedback) const {
  const Rwkv5Layer& own = m_layers[static_cast<size_t>(layer)];
  const int64_t L = shifted.size(0) - 1, A = m_claims.A;
  const auto empty = [&] { return at::empty({L, A}, m_weights.options()); };
  Projected result;
  result.receptance = empty();
  result.key = empty();
  result.value = empty();
  if (own.gate.info != nullptr) result.gate = empty();
  result.logDecay = expanded(own.decay).exp().neg().view({1, A});
  result.first = expanded(own.first);
  if (m_hasLogFirst) result.first = result.first.exp();

  struct Part {
    at::Tensor out, weight, mix;
  };
  std::vector<Part> parts = {{result.receptance, load(own.receptance), 1 - load(own.mixReceptance)},
                             {result.key, load(own.key), 1 - load(own.mixKey)},
                             {result.value, load(own.value), 1 - load(own.mixValue)}};
  if (result.gate.defined()) parts.push_back({result.gate, load(own.gate), 1 - load(own.mixGate)});
  inPieces(L, kPiece, feedback, [&](int64_t first, int64_t last) {
    for (const Part& part : parts) {
      linear(part.out.slice(0, first, last), mixed(shifted, first, last, part.mix), part.weight, {});
    }
    if (result.gate.defined()) siluInPlace(result.gate.slice(0, first, last));
  });
  return result;
}

}  // namespace

bool isRwkv5(const Checkpoint& checkpoint) { return isRwkv(checkpoint, 5); }

std::unique_ptr<Model> openRwkv5(Weights weights) { return std::make_unique<Rwkv5>(std::move(weights)); }

}  // namespace uc
