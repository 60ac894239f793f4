// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/rwkv_model.h"

#include "core/models/blocks.h"

#include <fmt/format.h>

#include <cmath>

namespace uc {

RwkvModel::RwkvModel(Weights weights, int64_t version)
    : TextModel(std::move(weights)), m_claims(m_weights, version) {}

void RwkvModel::describe(int64_t heads, int64_t state) {
  m_info.name = m_weights.checkpoint().name();
  m_info.path = m_weights.checkpoint().folder().string();
  m_info.family = fmt::format("rwkv{}", m_claims.version());
  m_info.layers = m_claims.layers;
  m_info.kinds.assign(static_cast<size_t>(m_claims.layers), m_info.family);
  m_info.lanes = m_claims.A;
  if (heads > 0) m_info.heads = heads;
  m_info.state = state;
  m_info.width = m_claims.C;
  m_info.vocabulary = m_claims.V;
  m_info.factors = {Factor::Gate, Factor::Scan};
  m_weights.describe(m_info);
}

at::Tensor RwkvModel::load(const RwkvTensor& tensor) const {
  if (tensor.info == nullptr) return {};
  const at::Tensor value = m_weights.get(tensor.info);
  return tensor.isTransposed ? value.view(tensor.shape).t() : value.view(tensor.shape);
}

at::Tensor RwkvModel::mixed(const at::Tensor& shifted, int64_t first, int64_t last, const at::Tensor& mix) {
  const at::Tensor current = shifted.slice(0, first + 1, last + 1);
  return at::addcmul(current, shifted.slice(0, first, last) - current, mix);
}

at::Tensor RwkvModel::normalized(const at::Tensor& x, const Norm& norm, double epsilon) const {
  return at::layer_norm(x, {m_claims.C}, norm.weight, norm.bias, epsilon);
}

std::unique_ptr<TextModel::BlockState> RwkvModel::freshState(int64_t layer) const {
  auto state = std::make_unique<LayerState>();
  state->mixerInput = at::zeros({m_claims.C}, m_weights.options());
  state->feedInput = at::zeros({m_claims.C}, m_weights.options());
  state->wkv = freshWkv(layer);
  return state;
}

at::Tensor RwkvModel::embed(const std::vector<int64_t>& ids) const {
  const at::Tensor rows = m_weights.gather(*m_claims.embedding().info, ids);
  if (m_claims.firstNorm().weight.info == nullptr) return rows;
  return normalized(rows, loadNorm(m_claims.firstNorm()), m_claims.config().epsilon);
}

at::Tensor RwkvModel::headInput(const at::Tensor& stream) const {
  // Hugging Face's classes have 1e-5 here whatever their config says.
  const bool isFla = m_claims.style() == RwkvNames::Style::Fla;
  const double epsilon = isFla ? m_claims.config().epsilon : 1e-5;
  return normalized(stream, loadNorm(m_claims.lastNorm()), epsilon);
}

at::Tensor RwkvModel::shiftedInput(int64_t layer, const at::Tensor& stream, LayerState& state,
                                   const Feedback& feedback) const {
  const Norm norm = loadNorm(m_claims.blocks()[static_cast<size_t>(layer)].mixerNorm);
  const int64_t L = stream.size(0);
  at::Tensor shifted = at::empty({1 + L, m_claims.C}, m_weights.options());
  shifted.select(0, 0).copy_(state.mixerInput);
  inPieces(L, kPiece, feedback, [&](int64_t first, int64_t last) {
    const at::Tensor rows = normalized(stream.slice(0, first, last), norm, m_claims.config().epsilon);
    shifted.slice(0, first + 1, last + 1).copy_(rows);
  });
  state.mixerInput = shifted[L].clone();
  return shifted;
}

// How much smaller than without rescaling the stream is inside a block: a power of two, so that scaling an
// output is the same as scaling its weights.
double RwkvModel::scaleOf(int64_t layer) const {
  const int64_t every = m_claims.config().rescaleEvery;
  return every > 0 ? std::ldexp(1.0, -static_cast<int>(layer / every)) : 1.0;
}

void RwkvModel::block(int64_t layer, const at::Tensor& stream, at::Tensor next, BlockState& state,
                      at::Tensor& shared, const Feedback& feedback) const {
  auto& own = static_cast<LayerState&>(state);
  const RwkvBlock& claimed = m_claims.blocks()[static_cast<size_t>(layer)];
  const int64_t L = stream.size(0);
  const at::Tensor input = shiftedInput(layer, stream, own, feedback);
  const at::Tensor y = mixerOutput(layer, input, own.wkv, shared, feedback);

  const at::Tensor output = load(claimed.output);
  const Norm norm = loadNorm(claimed.feedNorm);
  const double scale = scaleOf(layer);
  at::Tensor shifted = at::empty({1 + L, m_claims.C}, m_weights.options());
  shifted.select(0, 0).copy_(own.feedInput);
  inPieces(L, kPiece, feedback, [&](int64_t first, int64_t last) {
    at::Tensor out = next.slice(0, first, last);
    linear(out, y.slice(0, first, last), output, {}, feedback);
    out.mul_(scale).add_(stream.slice(0, first, last));
    shifted.slice(0, first + 1, last + 1).copy_(normalized(out, norm, m_claims.config().epsilon));
  });
  own.feedInput = shifted[L].clone();
  feedForward(layer, shifted, next, feedback);
}

// next ← next + σ(W_r x_r) ⊙ W_v relu(W_k x_k)², without the gate in RWKV-7.
void RwkvModel::feedForward(int64_t layer, const at::Tensor& shifted, at::Tensor next,
                            const Feedback& feedback) const {
  const RwkvBlock& claimed = m_claims.blocks()[static_cast<size_t>(layer)];
  const bool hasGate = claimed.feedReceptance.info != nullptr;
  at::Tensor mixKey = load(claimed.feedMixKey), mixReceptance = load(claimed.feedMixReceptance);
  if (m_claims.version() < 6) {  // these weigh the current token, later versions the one before
    mixKey = 1 - mixKey;
    mixReceptance = 1 - mixReceptance;
  }
  const at::Tensor key = load(claimed.feedKey), value = load(claimed.feedValue),
                   receptance = load(claimed.feedReceptance);
  const int64_t every = m_claims.config().rescaleEvery;
  const bool isHalved = every > 0 && (layer + 1) % every == 0;
  inPieces(next.size(0), kPiece, feedback, [&](int64_t first, int64_t last) {
    const auto product = [&](const at::Tensor& input, const at::Tensor& weight) {
      at::Tensor out = at::empty({last - first, weight.size(0)}, weight.options());
      linear(out, input, weight, {}, feedback);
      return out;
    };
    const at::Tensor hidden = product(mixed(shifted, first, last, mixKey), key).relu_().square_();
    at::Tensor out = product(hidden, value);
    if (hasGate) out.mul_(product(mixed(shifted, first, last, mixReceptance), receptance).sigmoid_());
    at::Tensor rows = next.slice(0, first, last);
    rows.add_(out, scaleOf(layer));
    if (isHalved) rows.mul_(0.5);
  });
}

LayerFactors RwkvModel::commonFactors(int64_t tokens) const {
  LayerFactors result;
  result.tokens = tokens;
  result.lanes = m_claims.A;
  result.state = m_info.state;
  result.available = m_info.factors;
  result.isStepInKey = false;
  return result;
}

}  // namespace uc
