// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/blocks.h"
#include "core/models/device_scan.h"
#include "core/models/families.h"
#include "core/models/rwkv_model.h"
#include "core/models/rwkv_scan.h"

namespace uc {

namespace {

// The tensors of one mixer.
struct Rwkv4Layer {
  RwkvTensor decay, first;               // [A]
  RwkvTensor mixKey, mixValue, mixGate;  // [C]
  RwkvTensor key, value, receptance;     // [A, C]
};

// What a mixer makes of some tokens, up to its output projection.
struct Mixed {
  at::Tensor rate, first;       // [A]
  at::Tensor key, value, gate;  // [L, A]
  at::Tensor logNormalizer;     // [L, A], float64, where it was asked for
  at::Tensor y;                 // [L, A]
};

class Rwkv4 : public RwkvModel {
 public:
  explicit Rwkv4(Weights weights);

 protected:
  at::Tensor freshWkv(int64_t layer) const override;
  at::Tensor mixerOutput(int64_t layer, const at::Tensor& shifted, at::Tensor& wkv, at::Tensor& shared,
                         const Feedback& feedback) const override;
  LayerFactors blockFactors(int64_t layer, const at::Tensor& stream, BlockState& state, at::Tensor& shared,
                            const FactorNeeds& needs, const Feedback& feedback) const override;

 private:
  Mixed mix(int64_t layer, const at::Tensor& shifted, at::Tensor& wkv, bool withNormalizer,
            const Feedback& feedback) const;

  std::vector<Rwkv4Layer> m_layers;
};

template <typename T>
void logSumScan(Mixed& mixed, at::Tensor& wkv, const Feedback& feedback) {
  constexpr int64_t kLanesAPiece = 64;
  LogSumScan<T> scan;
  scan.tokens = mixed.key.size(0);
  scan.lanes = mixed.key.size(1);
  scan.key = mixed.key.data_ptr<T>();
  scan.value = mixed.value.data_ptr<T>();
  scan.rate = mixed.rate.data_ptr<T>();
  scan.bonus = mixed.first.data_ptr<T>();
  scan.state = wkv.data_ptr<double>();
  scan.output = mixed.y.data_ptr<T>();
  scan.logNormalizer = mixed.logNormalizer.defined() ? mixed.logNormalizer.data_ptr<double>() : nullptr;
  const int64_t piece = scan.tokens == 1 ? scan.lanes : kLanesAPiece;
  inPieces(scan.lanes, piece, feedback, [&](int64_t first, int64_t last) { scanLanes(scan, first, last); });
}

Rwkv4::Rwkv4(Weights weights) : RwkvModel(std::move(weights), 4) {
  const int64_t C = m_claims.C, A = m_claims.A;
  for (int64_t i = 0; i < m_claims.layers; ++i) {
    Rwkv4Layer layer;
    layer.decay = m_claims.claim(i, "att.time_decay", {A});
    layer.first = m_claims.claim(i, "att.time_first", {A});
    layer.mixKey = m_claims.claim(i, "att.time_mix_k", {C});
    layer.mixValue = m_claims.claim(i, "att.time_mix_v", {C});
    layer.mixGate = m_claims.claim(i, "att.time_mix_r", {C});
    layer.key = m_claims.claim(i, "att.key.weight", {A, C});
    layer.value = m_claims.claim(i, "att.value.weight", {A, C});
    layer.receptance = m_claims.claim(i, "att.receptance.weight", {A, C});
    m_layers.push_back(std::move(layer));
  }
  describe(0, 1);
}

at::Tensor Rwkv4::freshWkv(int64_t /*layer*/) const {
  at::Tensor wkv = at::zeros({3, m_claims.A}, m_weights.options().dtype(at::kDouble));
  wkv[2].fill_(kLogSumStart);
  return wkv;
}

// arXiv 2305.13048, eq. 11 to 17: y = σ(r) ⊙ wkv.
Mixed Rwkv4::mix(int64_t layer, const at::Tensor& shifted, at::Tensor& wkv, bool withNormalizer,
                 const Feedback& feedback) const {
  const Rwkv4Layer& own = m_layers[static_cast<size_t>(layer)];
  const int64_t L = shifted.size(0) - 1, A = m_claims.A;
  const auto empty = [&] { return at::empty({L, A}, m_weights.options()); };
  Mixed mixer{load(own.decay).exp().neg(), load(own.first), empty(), empty(), empty(), {}, empty()};
  if (withNormalizer) mixer.logNormalizer = at::empty({L, A}, m_weights.options().dtype(at::kDouble));
  const at::Tensor mixKey = 1 - load(own.mixKey), mixValue = 1 - load(own.mixValue),
                   mixGate = 1 - load(own.mixGate);
  const at::Tensor key = load(own.key), value = load(own.value), receptance = load(own.receptance);
  inPieces(L, kPiece, feedback, [&](int64_t first, int64_t last) {
    linear(mixer.key.slice(0, first, last), mixed(shifted, first, last, mixKey), key, {});
    linear(mixer.value.slice(0, first, last), mixed(shifted, first, last, mixValue), value, {});
    at::Tensor gate = mixer.gate.slice(0, first, last);
    linear(gate, mixed(shifted, first, last, mixGate), receptance, {});
    gate.sigmoid_();
  });
  if (isOnDevice(mixer.y)) {
    logSumScanOnDevice(mixer.y, mixer.logNormalizer, mixer.key, mixer.value, mixer.rate, mixer.first, wkv);
  } else if (m_weights.type() == at::kDouble) {
    logSumScan<double>(mixer, wkv, feedback);
  } else {
    logSumScan<float>(mixer, wkv, feedback);
  }
  inPieces(L, kPiece, feedback, [&](int64_t first, int64_t last) {
    mixer.y.slice(0, first, last).mul_(mixer.gate.slice(0, first, last));
  });
  return mixer;
}

at::Tensor Rwkv4::mixerOutput(int64_t layer, const at::Tensor& shifted, at::Tensor& wkv,
                              at::Tensor& /*shared*/, const Feedback& feedback) const {
  return mix(layer, shifted, wkv, false, feedback).y;
}

LayerFactors Rwkv4::blockFactors(int64_t layer, const at::Tensor& stream, BlockState& state,
                                 at::Tensor& /*shared*/, const FactorNeeds& /*needs*/,
                                 const Feedback& feedback) const {
  auto& own = static_cast<LayerState&>(state);
  const Mixed mixer = mix(layer, shiftedInput(layer, stream, own, feedback), own.wkv, true, feedback);
  LayerFactors result = commonFactors(stream.size(0));
  result.kind = ScanKind::LogSum;
  result.scans = m_claims.A;
  result.rate = mixer.rate.unsqueeze(1);
  result.logKey = mixer.key;
  result.logNormalizer = mixer.logNormalizer;
  result.readsBeforeDecay = true;
  result.diagonal = mixer.key + mixer.first;
  result.rowScale = mixer.gate;
  result.x = mixer.value;
  result.y = mixer.y;
  return result;
}

}  // namespace

bool isRwkv4(const Checkpoint& checkpoint) { return isRwkv(checkpoint, 4); }

std::unique_ptr<Model> openRwkv4(Weights weights) { return std::make_unique<Rwkv4>(std::move(weights)); }

}  // namespace uc
