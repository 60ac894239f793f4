// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/mamba.h"

#include "core/models/blocks.h"
#include "core/models/families.h"
#include "core/models/text_model.h"

#include <optional>

namespace uc {

namespace {

constexpr int64_t kPiece = 256;  // tokens a thread works on at a time

// A block's weights up to its output projection, in the compute type, as its work wants them; undefined where
// a block has none.
struct LoadedLayer {
  at::Tensor norm, normBias;  // [E]
  at::Tensor xProj, zProj;    // [D, E], the two halves of the input projection
  at::Tensor xBias, zBias;    // [D]
  MambaMixer mixer;
};

class Mamba : public TextModel {
 public:
  explicit Mamba(Weights weights);

 protected:
  struct LayerState : BlockState {
    MambaMixerState mixer;
  };

  std::unique_ptr<BlockState> freshState(int64_t layer) const override;
  std::optional<int64_t> reachOf(int64_t /*layer*/, const FactorNeeds& /*needs*/) const override {
    return m_model.K - 1;
  }
  at::Tensor embed(const std::vector<int64_t>& ids) const override;
  void block(int64_t layer, const at::Tensor& stream, at::Tensor next, BlockState& state, at::Tensor& shared,
             const Feedback& feedback) const override;
  LayerFactors blockFactors(int64_t layer, const at::Tensor& stream, BlockState& state, at::Tensor& shared,
                            const FactorNeeds& needs, const Feedback& feedback) const override;
  at::Tensor headInput(const at::Tensor& stream) const override;
  const TensorInfo& headWeight() const override { return *m_model.stack.head; }

 private:
  LoadedLayer load(const MambaLayer& layer) const;
  MambaMixed mix(const LoadedLayer& layer, const at::Tensor& stream, const FactorNeeds& needs,
                 LayerState& state, const Feedback& feedback) const;

  MambaTensors m_model;
};

Mamba::Mamba(Weights weights) : TextModel(std::move(weights)), m_model(claimMamba(m_weights)) {
  m_info.name = m_weights.checkpoint().name();
  m_info.path = m_weights.checkpoint().folder().string();
  m_info.family = m_model.selectionEpsilon ? "falcon-mamba" : "mamba";
  m_info.layers = static_cast<int64_t>(m_model.layers.size());
  m_info.kinds.assign(m_model.layers.size(), "mamba");
  m_info.lanes = m_model.D;
  m_info.state = m_model.N;
  m_info.width = m_model.stack.E;
  m_info.vocabulary = m_model.stack.V;
  m_info.factors = {Factor::Gate,        Factor::Scan, Factor::Activation,
                    Factor::Convolution, Factor::Skip, Factor::NoStep};
  m_weights.describe(m_info);
}

std::unique_ptr<TextModel::BlockState> Mamba::freshState(int64_t /*layer*/) const {
  auto state = std::make_unique<LayerState>();
  state->mixer = freshMambaMixerState(m_model.D, m_model.N, m_model.K, m_weights.options());
  return state;
}

at::Tensor Mamba::embed(const std::vector<int64_t>& ids) const {
  return m_weights.gather(*m_model.stack.embedding, ids);
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
  loaded.mixer = loadMambaMixer(m_weights, layer.mixer);
  loaded.mixer.selectionEpsilon = m_model.selectionEpsilon;
  return loaded;
}

// The input projection, and what mamba_mixer.h makes of it.
MambaMixed Mamba::mix(const LoadedLayer& layer, const at::Tensor& stream, const FactorNeeds& needs,
                      LayerState& state, const Feedback& feedback) const {
  const int64_t L = stream.size(0);
  const at::Tensor padded = withHistory(state.mixer, L);
  const at::Tensor x = padded.slice(0, m_model.K - 1);
  const auto own = [&](const at::Tensor& all) {
    return all.defined() ? all.slice(0, needs.firstLane, needs.lastLane) : all;
  };
  const at::Tensor zProj = own(layer.zProj), zBias = own(layer.zBias);
  at::Tensor gate;
  if (needs.hasScales || needs.hasOutput) gate = at::empty({L, needs.lanes()}, m_weights.options());
  inPieces(L, kPiece, feedback, [&](int64_t first, int64_t last) {
    const at::Tensor input =
        mambaNorm(m_model.stack, stream.slice(0, first, last), layer.norm, layer.normBias);
    linear(x.slice(0, first, last), input, layer.xProj, layer.xBias, feedback);
    if (!gate.defined()) return;
    at::Tensor rows = gate.slice(0, first, last);
    linear(rows, input, zProj, zBias, feedback);
    siluInPlace(rows);
  });
  return mixSelective(layer.mixer, padded, gate, needs, state.mixer, feedback);
}

// next = stream + the mixer's output.
void Mamba::block(int64_t layer, const at::Tensor& stream, at::Tensor next, BlockState& state,
                  at::Tensor& /*shared*/, const Feedback& feedback) const {
  const MambaLayer& tensors = m_model.layers[static_cast<size_t>(layer)];
  const at::Tensor y =
      mix(load(tensors), stream, {0, m_model.D}, static_cast<LayerState&>(state), feedback).y;
  projectBack(next, stream, y, m_weights.get(tensors.outProj), m_weights.get(tensors.outBias), kPiece,
              feedback);
}

LayerFactors Mamba::blockFactors(int64_t layer, const at::Tensor& stream, BlockState& state,
                                 at::Tensor& /*shared*/, const FactorNeeds& needs,
                                 const Feedback& feedback) const {
  const LoadedLayer loaded = load(m_model.layers[static_cast<size_t>(layer)]);
  LayerFactors result = selectiveFactors(
      loaded.mixer, mix(loaded, stream, needs, static_cast<LayerState&>(state), feedback), needs);
  result.available = m_info.factors;
  return result;
}

at::Tensor Mamba::headInput(const at::Tensor& stream) const {
  const MambaStack& stack = m_model.stack;
  return mambaNorm(stack, stream, m_weights.get(stack.norm), m_weights.get(stack.normBias));
}

}  // namespace

std::unique_ptr<Model> openMamba(Weights weights) { return std::make_unique<Mamba>(std::move(weights)); }

}  // namespace uc
