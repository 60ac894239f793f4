// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/mamba.h"

#include "core/models/blocks.h"
#include "core/models/families.h"
#include "core/models/text_model.h"

#include <cassert>

namespace uc {

namespace {

constexpr int64_t kPiece = 256;  // tokens a thread works on at a time

// A block's weights in the compute type, as its work wants them; undefined where a block has none.
struct LoadedLayer {
  at::Tensor norm, normBias;      // [E]
  at::Tensor xProj, zProj;        // [D, E], the two halves of the input projection
  at::Tensor xBias, zBias;        // [D]
  at::Tensor taps, convBias;      // [D, K], [D]
  at::Tensor selection;           // [R + 2N, D]
  at::Tensor stepProj, stepBias;  // [D, R], [D]
  at::Tensor rate, skip;          // [D, N], [D]
  at::Tensor outProj, outBias;    // [E, D], [E]
};

// What a mixer makes of some tokens, up to its output projection.
struct Mixed {
  at::Tensor x;           // [L, D]
  at::Tensor gate;        // [L, D]  silu(z)
  at::Tensor activation;  // [L, D]  σ(c)
  at::Tensor a;           // [L, D]  silu(c)
  at::Tensor step;        // [L, D]
  at::Tensor key, query;  // [L, N]
  at::Tensor y;           // [L, D]
};

class Mamba : public TextModel {
 public:
  explicit Mamba(Weights weights);

  LayerFactors factors(const Trace& trace, int64_t layer, const Feedback& feedback) const override;

 protected:
  struct LayerState : BlockState {
    at::Tensor history;  // [K − 1, D], the convolution's last inputs
    at::Tensor hidden;   // [D, N]
  };

  std::unique_ptr<BlockState> freshState(int64_t layer) const override;
  at::Tensor embed(const std::vector<int64_t>& ids) const override;
  void block(int64_t layer, const at::Tensor& stream, at::Tensor next, BlockState& state, at::Tensor& shared,
             const Feedback& feedback) const override;
  at::Tensor headInput(const at::Tensor& stream) const override;
  const TensorInfo& headWeight() const override { return *m_model.head; }

 private:
  at::Tensor normalized(const at::Tensor& stream, const at::Tensor& weight, const at::Tensor& bias) const;
  LoadedLayer load(const MambaLayer& layer) const;
  Mixed mix(const LoadedLayer& layer, const at::Tensor& stream, LayerState& state,
            const Feedback& feedback) const;

  MambaTensors m_model;
};

Mamba::Mamba(Weights weights) : TextModel(std::move(weights)), m_model(claimMamba(m_weights)) {
  m_info.name = m_weights.checkpoint().name();
  m_info.path = m_weights.checkpoint().folder().string();
  m_info.family = "mamba";
  m_info.layers = static_cast<int64_t>(m_model.layers.size());
  m_info.kinds.assign(m_model.layers.size(), "mamba");
  m_info.lanes = m_model.D;
  m_info.state = m_model.N;
  m_info.width = m_model.E;
  m_info.vocabulary = m_model.V;
  m_info.factors = {Factor::Gate,        Factor::Scan, Factor::Activation,
                    Factor::Convolution, Factor::Skip, Factor::NoStep};
  m_weights.describe(m_info);
}

std::unique_ptr<TextModel::BlockState> Mamba::freshState(int64_t /*layer*/) const {
  auto state = std::make_unique<LayerState>();
  state->history = at::zeros({m_model.K - 1, m_model.D}, m_weights.type());
  state->hidden = at::zeros({m_model.D, m_model.N}, m_weights.type());
  return state;
}

at::Tensor Mamba::embed(const std::vector<int64_t>& ids) const {
  return m_weights.gather(*m_model.embedding, ids);
}

at::Tensor Mamba::normalized(const at::Tensor& stream, const at::Tensor& weight,
                             const at::Tensor& bias) const {
  if (!m_model.isLayerNorm) return rmsNorm(stream, weight, m_model.epsilon);
  return at::layer_norm(stream, {m_model.E}, weight, bias, m_model.epsilon);
}

LoadedLayer Mamba::load(const MambaLayer& layer) const {
  const int64_t D = m_model.D;
  const at::Tensor inProj = m_weights.get(layer.inProj), inBias = m_weights.get(layer.inBias);
  const auto half = [D](const at::Tensor& both, int64_t index) {
    return both.defined() ? both.slice(0, index * D, (index + 1) * D) : at::Tensor();
  };
  LoadedLayer loaded;
  loaded.norm = m_weights.get(layer.norm);
  loaded.normBias = m_weights.get(layer.normBias);
  loaded.xProj = half(inProj, 0);
  loaded.zProj = half(inProj, 1);
  loaded.xBias = half(inBias, 0);
  loaded.zBias = half(inBias, 1);
  loaded.taps = m_weights.get(layer.conv).view({D, m_model.K});
  loaded.convBias = m_weights.get(layer.convBias);
  loaded.selection = m_weights.get(layer.xProj);
  loaded.stepProj = m_weights.get(layer.dtProj);
  loaded.stepBias = m_weights.get(layer.dtBias);
  loaded.rate = m_weights.get(layer.aLog).exp().neg();
  loaded.skip = m_weights.get(layer.skip);
  loaded.outProj = m_weights.get(layer.outProj);
  loaded.outBias = m_weights.get(layer.outBias);
  return loaded;
}

// arXiv 2312.00752, section 3.4. Three passes: up to the convolution's input, up to the scan, the scan.
Mixed Mamba::mix(const LoadedLayer& layer, const at::Tensor& stream, LayerState& state,
                 const Feedback& feedback) const {
  const auto [D, N, R] = std::tuple(m_model.D, m_model.N, m_model.R);
  const int64_t L = stream.size(0), before = m_model.K - 1;
  const auto empty = [&](int64_t columns) { return at::empty({L, columns}, m_weights.type()); };
  const at::Tensor padded = at::empty({before + L, D}, m_weights.type());
  padded.slice(0, 0, before).copy_(state.history);
  Mixed mixed{padded.slice(0, before), empty(D), empty(D), empty(D), empty(D), empty(N), empty(N), empty(D)};
  inPieces(L, kPiece, feedback, [&](int64_t first, int64_t last) {
    const at::Tensor input = normalized(stream.slice(0, first, last), layer.norm, layer.normBias);
    linear(mixed.x.slice(0, first, last), input, layer.xProj, layer.xBias);
    at::Tensor gate = mixed.gate.slice(0, first, last);
    linear(gate, input, layer.zProj, layer.zBias);
    at::silu_(gate);
  });
  state.history = padded.slice(0, L).clone();

  const at::Tensor tapRows = layer.taps.t().contiguous();
  inPieces(L, kPiece, feedback, [&](int64_t first, int64_t last) {
    at::Tensor a = mixed.a.slice(0, first, last), activation = mixed.activation.slice(0, first, last);
    causalConvolution(a, padded.slice(0, first, last + before), tapRows, layer.convBias);
    at::sigmoid_out(activation, a);
    a.mul_(activation);
    const at::Tensor selected = at::mm(a, layer.selection.t());  // [l, R + 2N]
    at::Tensor step = mixed.step.slice(0, first, last);
    linear(step, selected.slice(1, 0, R), layer.stepProj, layer.stepBias);
    at::softplus_out(step, step);
    mixed.key.slice(0, first, last).copy_(selected.slice(1, R, R + N));
    mixed.query.slice(0, first, last).copy_(selected.slice(1, R + N, R + 2 * N));
  });

  selectiveScan(mixed.y, mixed.step, mixed.a, mixed.key, mixed.query, layer.rate, state.hidden, feedback);
  inPieces(L, kPiece, feedback, [&](int64_t first, int64_t last) {
    mixed.y.slice(0, first, last)
        .addcmul_(mixed.a.slice(0, first, last), layer.skip)
        .mul_(mixed.gate.slice(0, first, last));
  });
  return mixed;
}

// next = stream + the mixer's output.
void Mamba::block(int64_t layer, const at::Tensor& stream, at::Tensor next, BlockState& state,
                  at::Tensor& /*shared*/, const Feedback& feedback) const {
  const LoadedLayer loaded = load(m_model.layers[static_cast<size_t>(layer)]);
  const at::Tensor y = mix(loaded, stream, static_cast<LayerState&>(state), feedback).y;
  inPieces(stream.size(0), kPiece, feedback, [&](int64_t first, int64_t last) {
    at::Tensor out = next.slice(0, first, last);
    linear(out, y.slice(0, first, last), loaded.outProj, loaded.outBias);
    out.add_(stream.slice(0, first, last));
  });
}

LayerFactors Mamba::factors(const Trace& trace, int64_t layer, const Feedback& feedback) const {
  assert(layer >= 0 && layer < m_info.layers);
  feedback.checkpoint();
  keepWeightsFor(trace.tokens());
  const auto index = static_cast<size_t>(layer);
  const LoadedLayer loaded = load(m_model.layers[index]);
  const auto state = freshState(layer);
  const Mixed mixed = mix(loaded, trace.hidden[index], static_cast<LayerState&>(*state), feedback);
  LayerFactors result;
  result.tokens = trace.tokens();
  result.lanes = m_model.D;
  result.scans = m_model.D;
  result.state = m_model.N;
  result.available = m_info.factors;
  result.query = mixed.query.unsqueeze(1);
  result.key = mixed.key.unsqueeze(1);
  result.step = mixed.step;
  result.rate = loaded.rate;
  result.rowScale = mixed.gate;
  result.columnScale = mixed.activation;
  result.taps = loaded.taps;
  result.convBias = loaded.convBias;
  result.skip = loaded.skip;
  result.x = mixed.x;
  result.y = mixed.y;
  return result;
}

at::Tensor Mamba::headInput(const at::Tensor& stream) const {
  return normalized(stream, m_weights.get(m_model.norm), m_weights.get(m_model.normBias));
}

}  // namespace

std::unique_ptr<Model> openMamba(Weights weights) { return std::make_unique<Mamba>(std::move(weights)); }

}  // namespace uc
