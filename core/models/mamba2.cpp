// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/mamba2.h"

#include "core/models/blocks.h"
#include "core/models/device_scan.h"
#include "core/models/families.h"
#include "core/models/scan.h"
#include "core/models/text_model.h"

#include <cassert>
#include <optional>
#include <tuple>

namespace uc {

namespace {

constexpr int64_t kPiece = 256;  // tokens a thread works on at a time

// A block's weights in the compute type, as its work wants them; undefined where a block has none.
struct LoadedLayer {
  at::Tensor norm, normBias;              // [E]
  at::Tensor zProj, channelProj, dtProj;  // [D, E], [C, E], [H, E]: parts of the input projection
  at::Tensor zBias, channelBias, dtBias;  // [D], [C], [H]
  at::Tensor tapRows, convBias;           // [K, C], [C]
  at::Tensor stepBias, rate;              // [H]
  at::Tensor skip;                        // [D]
  at::Tensor mixerNorm;                   // [D]
  at::Tensor outProj, outBias;            // [E, D], [E]
};

// What a mixer makes of some tokens, up to its output projection.
struct Mixed {
  at::Tensor padded;      // [K − 1 + L, C]  the convolution's input: x, B, C
  at::Tensor gate;        // [L, D]  G: silu(z), and the norm's scale
  at::Tensor step;        // [L, H]
  at::Tensor channels;    // [L, C]  silu of the convolution
  at::Tensor activation;  // [L, D]  σ(c) of the part of x, only when wanted
  at::Tensor y;           // [L, D]
};

class Mamba2 : public TextModel {
 public:
  explicit Mamba2(Weights weights);

 protected:
  struct LayerState : BlockState {
    at::Tensor history;  // [K − 1, C], the convolution's last inputs
    at::Tensor hidden;   // [D, N]
  };

  std::unique_ptr<BlockState> freshState(int64_t layer) const override;
  std::optional<int64_t> reachOf(int64_t /*layer*/, const FactorNeeds& needs) const override {
    if (needs.hasScales && m_model.hasMixerNorm) return std::nullopt;
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
  LoadedLayer load(const Mamba2Layer& layer) const;
  Mixed mix(const LoadedLayer& layer, const at::Tensor& stream, LayerState& state, bool wantsActivation,
            const Feedback& feedback) const;
  void project(const LoadedLayer& layer, const at::Tensor& stream, Mixed& mixed,
               const Feedback& feedback) const;
  void scan(const LoadedLayer& layer, Mixed& mixed, at::Tensor& hidden, const Feedback& feedback) const;
  void finish(const LoadedLayer& layer, Mixed& mixed, const Feedback& feedback) const;

  Mamba2Tensors m_model;
};

Mamba2::Mamba2(Weights weights) : TextModel(std::move(weights)), m_model(claimMamba2(m_weights)) {
  m_info.name = m_weights.checkpoint().name();
  m_info.path = m_weights.checkpoint().folder().string();
  m_info.family = "mamba2";
  m_info.layers = m_model.stack.layers;
  m_info.kinds.assign(m_model.layers.size(), "mamba2");
  m_info.lanes = m_model.D;
  m_info.heads = m_model.H;
  m_info.state = m_model.N;
  m_info.width = m_model.stack.E;
  m_info.vocabulary = m_model.stack.V;
  m_info.factors = {Factor::Gate,        Factor::Scan, Factor::Activation,
                    Factor::Convolution, Factor::Skip, Factor::NoStep};
  if (m_model.isGroupAssumed)
    m_info.notices.emplace_back("The config does not say `n_groups`: one group of B and C is assumed.");
  m_weights.describe(m_info);
}

std::unique_ptr<TextModel::BlockState> Mamba2::freshState(int64_t /*layer*/) const {
  auto state = std::make_unique<LayerState>();
  state->history = at::zeros({m_model.K - 1, m_model.channels()}, m_weights.options());
  state->hidden = at::zeros({m_model.D, m_model.N}, m_weights.options());
  return state;
}

at::Tensor Mamba2::embed(const std::vector<int64_t>& ids) const {
  return m_weights.gather(*m_model.stack.embedding, ids);
}

LoadedLayer Mamba2::load(const Mamba2Layer& layer) const {
  const int64_t D = m_model.D, C = m_model.channels(), H = m_model.H;
  const at::Tensor inProj = m_weights.get(layer.inProj), inBias = m_weights.get(layer.inBias);
  const auto part = [](const at::Tensor& whole, int64_t first, int64_t count) {
    return whole.defined() ? whole.slice(0, first, first + count) : at::Tensor();
  };
  LoadedLayer loaded;
  loaded.norm = m_weights.get(layer.norm);
  loaded.normBias = m_weights.get(layer.normBias);
  loaded.zProj = part(inProj, 0, D);
  loaded.zBias = part(inBias, 0, D);
  loaded.channelProj = part(inProj, D, C);
  loaded.channelBias = part(inBias, D, C);
  loaded.dtProj = part(inProj, D + C, H);
  loaded.dtBias = part(inBias, D + C, H);
  loaded.tapRows = m_weights.get(layer.conv).view({C, m_model.K}).t().contiguous();
  loaded.convBias = m_weights.get(layer.convBias);
  loaded.stepBias = m_weights.get(layer.dtBias);
  loaded.rate = m_weights.get(layer.aLog).exp().neg();
  loaded.skip = m_weights.get(layer.skip);
  if (!m_model.isSkipOfLanes) loaded.skip = loaded.skip.repeat_interleave(D / H);
  loaded.mixerNorm = m_weights.get(layer.mixerNorm);
  loaded.outProj = m_weights.get(layer.outProj);
  loaded.outBias = m_weights.get(layer.outBias);
  return loaded;
}

// The input projection: the convolution's input, silu(z) and the step.
void Mamba2::project(const LoadedLayer& layer, const at::Tensor& stream, Mixed& mixed,
                     const Feedback& feedback) const {
  const int64_t before = m_model.K - 1;
  inPieces(stream.size(0), kPiece, feedback, [&](int64_t first, int64_t last) {
    const at::Tensor input =
        mambaNorm(m_model.stack, stream.slice(0, first, last), layer.norm, layer.normBias);
    linear(mixed.padded.slice(0, before + first, before + last), input, layer.channelProj, layer.channelBias);
    at::Tensor gate = mixed.gate.slice(0, first, last);
    linear(gate, input, layer.zProj, layer.zBias);
    siluInPlace(gate);
    at::Tensor step = mixed.step.slice(0, first, last);
    linear(step, input, layer.dtProj, layer.dtBias);
    step.add_(layer.stepBias);
    softplusInPlace(step);
    step.clamp_(m_model.leastStep, m_model.mostStep);
  });
}

template <typename T>
HeadScan<T> headScan(const Mamba2Tensors& model, const at::Tensor& rate, const Mixed& mixed,
                     const at::Tensor& hidden) {
  HeadScan<T> scan;
  scan.tokens = mixed.y.size(0);
  scan.heads = model.H;
  scan.lanesAHead = model.D / model.H;
  scan.groups = model.G;
  scan.state = model.N;
  scan.step = mixed.step.data_ptr<T>();
  scan.input = mixed.channels.data_ptr<T>();
  scan.key = scan.input + model.D;
  scan.query = scan.key + model.G * model.N;
  scan.stride = model.channels();
  scan.rate = rate.data_ptr<T>();
  scan.hidden = hidden.data_ptr<T>();
  scan.output = mixed.y.data_ptr<T>();
  return scan;
}

void Mamba2::scan(const LoadedLayer& layer, Mixed& mixed, at::Tensor& hidden,
                  const Feedback& feedback) const {
  constexpr int64_t kLanesAPiece = 64;
  if (isOnDevice(mixed.y)) {
    const int64_t D = m_model.D, size = m_model.G * m_model.N;
    const auto part = [&](int64_t first, int64_t columns) {
      return mixed.channels.slice(1, first, first + columns).contiguous();
    };
    const at::Tensor input = part(0, D), key = part(D, size), query = part(D + size, size);
    const at::Tensor rate = layer.rate.unsqueeze(1).repeat({1, m_model.N});
    return selectiveScanOnDevice(mixed.y, mixed.step, input, key, query, rate, hidden);
  }
  const int64_t piece = mixed.y.size(0) == 1 ? m_model.D : kLanesAPiece;
  const auto run = [&](const auto& scan) {
    inPieces(m_model.D, piece, feedback, [&](int64_t first, int64_t last) { scanHeads(scan, first, last); });
  };
  if (m_weights.type() == at::kDouble) {
    run(headScan<double>(m_model, layer.rate, mixed, hidden));
  } else {
    run(headScan<float>(m_model, layer.rate, mixed, hidden));
  }
}

// The skip, and the gated norm over the lanes of each group (RMSNormGated of mamba_ssm) as a factor of every
// row: gate becomes silu(z) · ρ · w.
void Mamba2::finish(const LoadedLayer& layer, Mixed& mixed, const Feedback& feedback) const {
  const int64_t D = m_model.D, G = m_model.G;
  inPieces(mixed.y.size(0), kPiece, feedback, [&](int64_t first, int64_t last) {
    at::Tensor y = mixed.y.slice(0, first, last), gate = mixed.gate.slice(0, first, last);
    y.addcmul_(mixed.channels.slice(0, first, last).slice(1, 0, D), layer.skip);
    if (layer.mixerNorm.defined()) {
      const at::Tensor normed = (m_model.isNormBeforeGate ? y : y * gate).view({last - first, G, D / G});
      const at::Tensor scale = at::rsqrt(normed.square().mean(-1, true) + m_model.stack.epsilon);
      gate.view({last - first, G, D / G}).mul_(scale);
      gate.mul_(layer.mixerNorm);
    }
    y.mul_(gate);
  });
}

Mixed Mamba2::mix(const LoadedLayer& layer, const at::Tensor& stream, LayerState& state, bool wantsActivation,
                  const Feedback& feedback) const {
  const auto [D, C, H] = std::tuple(m_model.D, m_model.channels(), m_model.H);
  const int64_t L = stream.size(0), before = m_model.K - 1;
  const auto empty = [&](int64_t rows, int64_t columns) {
    return at::empty({rows, columns}, m_weights.options());
  };
  Mixed mixed;
  mixed.padded = empty(before + L, C);
  mixed.padded.slice(0, 0, before).copy_(state.history);
  mixed.gate = empty(L, D);
  mixed.step = empty(L, H);
  project(layer, stream, mixed, feedback);
  state.history = mixed.padded.slice(0, L).clone();

  mixed.channels = empty(L, C);
  if (wantsActivation) mixed.activation = empty(L, D);
  inPieces(L, kPiece, feedback, [&](int64_t first, int64_t last) {
    at::Tensor channels = mixed.channels.slice(0, first, last);
    causalConvolution(channels, mixed.padded.slice(0, first, last + before), layer.tapRows, layer.convBias);
    if (wantsActivation) {
      at::Tensor activation = mixed.activation.slice(0, first, last);
      at::sigmoid_out(activation, channels.slice(1, 0, D));
    }
    siluInPlace(channels);
  });

  mixed.y = empty(L, D);
  scan(layer, mixed, state.hidden, feedback);
  finish(layer, mixed, feedback);
  return mixed;
}

// next = stream + the mixer's output.
void Mamba2::block(int64_t layer, const at::Tensor& stream, at::Tensor next, BlockState& state,
                   at::Tensor& /*shared*/, const Feedback& feedback) const {
  const LoadedLayer loaded = load(m_model.layers[static_cast<size_t>(layer)]);
  const at::Tensor y = mix(loaded, stream, static_cast<LayerState&>(state), false, feedback).y;
  projectBack(next, stream, y, loaded.outProj, loaded.outBias, kPiece, feedback);
}

LayerFactors Mamba2::blockFactors(int64_t layer, const at::Tensor& stream, BlockState& state,
                                  at::Tensor& /*shared*/, const FactorNeeds& /*needs*/,
                                  const Feedback& feedback) const {
  const LoadedLayer loaded = load(m_model.layers[static_cast<size_t>(layer)]);
  const Mixed mixed = mix(loaded, stream, static_cast<LayerState&>(state), true, feedback);
  const auto [D, G, N] = std::tuple(m_model.D, m_model.G, m_model.N);
  const auto ofGroups = [&](int64_t first) {
    return mixed.channels.slice(1, first, first + G * N).contiguous().view({stream.size(0), G, N});
  };
  LayerFactors result;
  result.tokens = stream.size(0);
  result.lanes = D;
  result.scans = m_model.H;
  result.state = N;
  result.available = m_info.factors;
  result.key = ofGroups(D);
  result.query = ofGroups(D + G * N);
  result.step = mixed.step;
  result.rate = loaded.rate.unsqueeze(1).expand({m_model.H, N}).contiguous();
  result.rowScale = mixed.gate;
  result.columnScale = mixed.activation;
  result.taps = loaded.tapRows.slice(1, 0, D).t().contiguous();
  if (loaded.convBias.defined()) result.convBias = loaded.convBias.slice(0, 0, D);
  result.skip = loaded.skip;
  result.x = mixed.padded.slice(0, m_model.K - 1).slice(1, 0, D).contiguous();
  result.y = mixed.y;
  return result;
}

at::Tensor Mamba2::headInput(const at::Tensor& stream) const {
  const MambaStack& stack = m_model.stack;
  return mambaNorm(stack, stream, m_weights.get(stack.norm), m_weights.get(stack.normBias));
}

}  // namespace

std::unique_ptr<Model> openMamba2(Weights weights) { return std::make_unique<Mamba2>(std::move(weights)); }

}  // namespace uc
