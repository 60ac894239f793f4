// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/rwkv_heads.h"

#include "core/models/blocks.h"
#include "core/models/device_scan.h"
#include "core/models/rwkv_scan.h"

namespace uc {

namespace {

// Of the group norm, whatever the head size: that of the reference, which divides by 8 and has 1e-5.
constexpr double kEpsilon = 64e-5;

template <typename T>
const T* pointer(const at::Tensor& tensor) {
  return tensor.defined() ? tensor.data_ptr<T>() : nullptr;
}

}  // namespace

RwkvHeads::Head RwkvHeads::claimHead(int64_t layer) {
  Head head;
  head.norm = m_claims.claim(layer, "att.ln_x.weight", {m_claims.A});
  head.normBias = m_claims.claim(layer, "att.ln_x.bias", {m_claims.A});
  if (m_claims.version() < 7 && m_claims.find(layer, "att.time_state") != nullptr) {
    head.startState = m_claims.claim(layer, "att.time_state", {m_claims.H, m_claims.N, m_claims.N});
  }
  return head;
}

at::Tensor RwkvHeads::perHead(const at::Tensor& lanes) const {
  return lanes.view({lanes.size(0), m_claims.H, m_claims.N});
}

at::Tensor RwkvHeads::freshWkv(int64_t layer) const {
  const RwkvTensor& start = m_heads[static_cast<size_t>(layer)].startState;
  if (start.info != nullptr) return load(start).transpose(1, 2).clone(at::MemoryFormat::Contiguous);
  return at::zeros({m_claims.H, m_claims.N, m_claims.N}, m_weights.options());
}

// What the heads read from their states: [L, A].
at::Tensor RwkvHeads::scanned(const Projected& projected, at::Tensor& wkv, const Feedback& feedback) const {
  const at::Tensor output = at::empty_like(projected.value);
  if (isOnDevice(output)) {
    const auto heads = [&](const at::Tensor& lanes) { return lanes.defined() ? perHead(lanes) : lanes; };
    matrixScanOnDevice(
        perHead(output),
        {heads(projected.receptance), heads(projected.key), heads(projected.value), heads(projected.logDecay),
         projected.first, heads(projected.removeKey), heads(projected.removeWrite)},
        wkv);
    return output;
  }
  const at::Tensor decay = projected.logDecay.exp();
  const auto run = [&]<typename T>(T) {
    MatrixScan<T> scan;
    scan.tokens = output.size(0);
    scan.heads = m_claims.H;
    scan.state = m_claims.N;
    scan.receptance = pointer<T>(projected.receptance);
    scan.key = pointer<T>(projected.key);
    scan.value = pointer<T>(projected.value);
    scan.decay = pointer<T>(decay);
    scan.decayStride = decay.size(0) == 1 ? 0 : m_claims.A;
    scan.bonus = pointer<T>(projected.first);
    scan.removeKey = pointer<T>(projected.removeKey);
    scan.removeWrite = pointer<T>(projected.removeWrite);
    scan.hidden = wkv.data_ptr<T>();
    scan.output = output.data_ptr<T>();
    const int64_t piece = scan.tokens == 1 ? scan.slices() : 1;
    inPieces(scan.slices(), piece, feedback,
             [&](int64_t first, int64_t last) { scanSlices(scan, first, last); });
  };
  if (m_weights.type() == at::kDouble) {
    run(double());
  } else {
    run(float());
  }
  return output;
}

at::Tensor RwkvHeads::finished(int64_t layer, const Projected& projected, const at::Tensor& scanned,
                               const Feedback& feedback) const {
  const Head& head = m_heads[static_cast<size_t>(layer)];
  const at::Tensor norm = load(head.norm), normBias = load(head.normBias);
  at::Tensor y = at::empty_like(scanned);
  inPieces(y.size(0), kPiece, feedback, [&](int64_t first, int64_t last) {
    at::Tensor rows = y.slice(0, first, last);
    rows.copy_(at::group_norm(scanned.slice(0, first, last), m_claims.H, norm, normBias, kEpsilon));
    if (projected.bonus.defined()) {
      perHead(rows).addcmul_(perHead(projected.value.slice(0, first, last)),
                             projected.bonus.slice(0, first, last).unsqueeze(2));
    }
    if (projected.gate.defined()) rows.mul_(projected.gate.slice(0, first, last));
  });
  return y;
}

at::Tensor RwkvHeads::mixerOutput(int64_t layer, const at::Tensor& shifted, at::Tensor& wkv,
                                  at::Tensor& shared, const Feedback& feedback) const {
  const Projected projected = project(layer, shifted, shared, feedback);
  return finished(layer, projected, scanned(projected, wkv, feedback), feedback);
}

// The group norm as factors (models.md, D.6): it takes out the head's mean, which is the same as taking it
// out of every value, and scales by ρ γ; what is left is additive.
LayerFactors RwkvHeads::blockFactors(int64_t layer, const at::Tensor& stream, BlockState& state,
                                     at::Tensor& shared, const FactorNeeds& /*needs*/,
                                     const Feedback& feedback) const {
  auto& carried = static_cast<LayerState&>(state);
  Projected own = project(layer, shiftedInput(layer, stream, carried, feedback), shared, feedback);
  const Head& head = m_heads[static_cast<size_t>(layer)];
  const auto centered = [&](const at::Tensor& lanes) {
    const at::Tensor heads = perHead(lanes);
    return (heads - heads.mean(2, true)).view_as(lanes);
  };
  const at::Tensor read = scanned(own, carried.wkv, feedback);

  LayerFactors result = commonFactors(stream.size(0));
  result.y = finished(layer, own, read, feedback);
  result.kind = own.removeKey.defined() ? ScanKind::DeltaRule : ScanKind::Decay;
  result.scans = m_claims.H;
  result.query = perHead(own.receptance);
  result.key = perHead(own.key);
  result.logDecay = perHead(own.logDecay);
  if (own.first.defined()) {
    result.readsBeforeDecay = true;
    result.diagonal = (result.query * result.key * own.first).sum(2);
  }
  if (own.removeKey.defined()) {
    result.removeKey = perHead(own.removeKey);
    result.removeWrite = perHead(own.removeWrite);
  }
  const at::Tensor variance = perHead(read).var(2, false, true);
  const at::Tensor scale = at::rsqrt(variance + kEpsilon).expand({-1, -1, m_claims.N}).reshape_as(read);
  const at::Tensor gate = own.gate.defined() ? own.gate : at::ones_like(read);
  result.rowScale = gate * load(head.norm) * scale;
  at::Tensor additive = load(head.normBias).expand_as(read);
  if (own.bonus.defined()) {
    additive = additive + (perHead(own.value) * own.bonus.unsqueeze(2)).view_as(read);
  }
  result.additive = gate * additive;
  result.x = centered(own.value);
  if (head.startState.info != nullptr) {  // what is read from the first state alone
    if (!carried.startOnly.defined()) carried.startOnly = freshWkv(layer);
    own.value = at::zeros_like(own.value);
    result.additive.add_(result.rowScale * centered(scanned(own, carried.startOnly, feedback)));
  }
  return result;
}

}  // namespace uc
