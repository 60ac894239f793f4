// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/vim.h"

#include "core/models/blocks.h"
#include "core/models/families.h"
#include "core/values/error.h"

#include <fmt/format.h>

#include <cassert>

namespace uc {

namespace {

constexpr int64_t kPiece = 128;    // tokens a thread works on at a time
constexpr double kEpsilon = 1e-5;  // of every norm

struct LoadedVimLayer {
  at::Tensor norm;          // [E]
  at::Tensor xProj, zProj;  // [D, E]
  MambaMixer forward, backward;
  at::Tensor outProj;  // [E, D]
};

struct MixedVim {
  MambaMixed forward, backward;  // backward: last token first
  at::Tensor y;                  // [L, D] of both, in the picture's order
};

class Vim : public Model {
 public:
  explicit Vim(Weights weights);

  const ModelInfo& info() const override { return m_info; }
  Trace begin(const ModelInput& input, int64_t streamBytes) const override;
  void extend(Trace& trace, int64_t layer, const Feedback& feedback) const override;
  using Model::factors;
  LayerFactors factors(const Trace& trace, int64_t layer, const FactorNeeds& needs,
                       const Feedback& feedback) const override;
  at::Tensor logits(const Trace& trace, int64_t first, int64_t last, const Feedback& feedback) const override;
  std::unique_ptr<State> start() const override;
  at::Tensor step(State& state, const std::vector<int64_t>& ids, const Feedback& feedback) const override;

 private:
  at::Tensor embed(const at::Tensor& pixels) const;
  LayerFactors factorsHere(const Trace& trace, int64_t layer, const FactorNeeds& needs,
                           const Feedback& feedback) const;
  LoadedVimLayer load(const VimLayer& layer) const;
  MixedVim mix(const LoadedVimLayer& layer, const at::Tensor& stream, const Feedback& feedback) const;
  double share() const { return m_model.isHalved ? 0.5 : 1.0; }

  mutable Weights m_weights;  // reads on demand
  VimTensors m_model;
  ModelInfo m_info;
};

Vim::Vim(Weights weights) : m_weights(std::move(weights)), m_model(claimVim(m_weights)) {
  // A picture is many tokens: reading a layer costs little beside its work, but not copying it to a device.
  m_weights.setKeeping(m_weights.isOnDevice());
  m_info.name = m_weights.checkpoint().name();
  m_info.path = m_weights.checkpoint().folder().string();
  m_info.family = "vim";
  m_info.layers = static_cast<int64_t>(m_model.layers.size());
  m_info.kinds.assign(m_model.layers.size(), "vim");
  m_info.lanes = m_model.D;
  m_info.state = m_model.N;
  m_info.width = m_model.E;
  m_info.classes = m_model.classes;
  m_info.vision = m_model.vision;
  m_info.isBidirectional = true;
  m_info.factors = {Factor::Gate,        Factor::Scan, Factor::Activation,
                    Factor::Convolution, Factor::Skip, Factor::NoStep};
  m_weights.describe(m_info);
}

// Patches by rows of the grid, the class token in its place, then the positions.
at::Tensor Vim::embed(const at::Tensor& pixels) const {
  const VisionInfo& vision = m_model.vision;
  assert(pixels.dim() == 3 && pixels.size(1) == vision.height && pixels.size(2) == vision.width);
  const int64_t P = vision.patch, patches = vision.gridRows * vision.gridCols;
  const at::Tensor cut = m_weights.here(pixels.to(m_weights.type()))
                             .unfold(1, P, vision.stride)
                             .unfold(2, P, vision.stride)  // [3, rows, cols, P, P]
                             .permute({1, 2, 0, 3, 4})
                             .reshape({patches, 3 * P * P});
  const at::Tensor weight = m_weights.get(m_model.patch).view({m_model.E, 3 * P * P});
  const at::Tensor bias = m_weights.get(m_model.patchBias);
  at::Tensor embedded = at::empty({patches, m_model.E}, m_weights.options());
  inPieces(patches, kPiece, {}, [&](int64_t first, int64_t last) {
    linear(embedded.slice(0, first, last), cut.slice(0, first, last), weight, bias);
  });
  at::Tensor stream = embedded;
  if (vision.classToken) {
    const at::Tensor token = m_weights.get(m_model.classToken).view({1, m_model.E});
    stream =
        at::cat({embedded.slice(0, 0, *vision.classToken), token, embedded.slice(0, *vision.classToken)});
  }
  return stream.add_(m_weights.get(m_model.position).squeeze(0));
}

LoadedVimLayer Vim::load(const VimLayer& layer) const {
  const at::Tensor inProj = m_weights.get(layer.inProj);
  LoadedVimLayer loaded;
  loaded.norm = m_weights.get(layer.norm);
  loaded.xProj = inProj.slice(0, 0, m_model.D);
  loaded.zProj = inProj.slice(0, m_model.D);
  loaded.forward = loadMambaMixer(m_weights, layer.forward);
  loaded.backward = loadMambaMixer(m_weights, layer.backward);
  loaded.outProj = m_weights.get(layer.outProj);
  return loaded;
}

// arXiv 2401.09417, algorithm 1, as its authors' code has it: the second scan reads x and z from the last
// token to the first with weights of its own.
MixedVim Vim::mix(const LoadedVimLayer& layer, const at::Tensor& stream, const Feedback& feedback) const {
  const int64_t L = stream.size(0), D = m_model.D, before = m_model.K - 1;
  MambaMixerState forwardState = freshMambaMixerState(D, m_model.N, m_model.K, m_weights.options());
  MambaMixerState backwardState = freshMambaMixerState(D, m_model.N, m_model.K, m_weights.options());
  const at::Tensor padded = withHistory(forwardState, L);  // [K − 1 + L, D]
  const at::Tensor x = padded.slice(0, before);            // [L, D]
  const at::Tensor gate = at::empty({L, D}, m_weights.options());
  inPieces(L, kPiece, feedback, [&](int64_t first, int64_t last) {
    const at::Tensor input = rmsNorm(stream.slice(0, first, last), layer.norm, kEpsilon);
    linear(x.slice(0, first, last), input, layer.xProj, {});
    const at::Tensor z = gate.slice(0, first, last);
    linear(z, input, layer.zProj, {});
    siluInPlace(z);
  });
  const at::Tensor reversed = withHistory(backwardState, L);
  reversed.slice(0, before).copy_(x.flip(0));
  MixedVim mixed;
  const FactorNeeds all{0, D};
  mixed.forward = mixSelective(layer.forward, padded, gate, all, forwardState, feedback);
  mixed.backward = mixSelective(layer.backward, reversed, gate.flip(0), all, backwardState, feedback);
  mixed.y = mixed.backward.y.flip(0).add_(mixed.forward.y).mul_(share());
  return mixed;
}

// A picture has few tokens: every place is kept.
Trace Vim::begin(const ModelInput& input, int64_t /*streamBytes*/) const {
  Trace trace;
  trace.hidden.resize(static_cast<size_t>(m_info.layers) + 1);
  trace.hidden.front() = m_weights.onDeviceOrCpu([&] { return embed(input.pixels).cpu(); });
  return trace;
}

void Vim::extend(Trace& trace, int64_t layer, const Feedback& feedback) const {
  for (int64_t i = 0; i < layer; ++i) {
    feedback.checkpoint();
    at::Tensor& next = trace.hidden[static_cast<size_t>(i) + 1];
    if (next.defined()) continue;
    feedback.report(static_cast<double>(i) / static_cast<double>(layer), fmt::format("Running layer {}", i));
    next = m_weights.onDeviceOrCpu([&] {
      const at::Tensor stream = m_weights.here(trace.hidden[static_cast<size_t>(i)]);
      const LoadedVimLayer loaded = load(m_model.layers[static_cast<size_t>(i)]);
      const at::Tensor y = mix(loaded, stream, feedback).y;
      const at::Tensor out = at::empty_like(stream);
      projectBack(out, stream, y, loaded.outProj, {}, kPiece, feedback);
      return out.cpu();
    });
    if (!isAllFinite(next)) trace.noteBroken(i);
  }
  trace.notices = runNotices(m_weights, trace.firstBroken);
}

LayerFactors Vim::factors(const Trace& trace, int64_t layer, const FactorNeeds& needs,
                          const Feedback& feedback) const {
  assert(layer >= 0 && layer < m_info.layers);
  feedback.checkpoint();
  return m_weights.onDeviceOrCpu([&] { return factorsHere(trace, layer, needs, feedback); });
}

LayerFactors Vim::factorsHere(const Trace& trace, int64_t layer, const FactorNeeds& needs,
                              const Feedback& feedback) const {
  const auto index = static_cast<size_t>(layer);
  const LoadedVimLayer loaded = load(m_model.layers[index]);
  const MixedVim mixed = mix(loaded, m_weights.here(trace.hidden[index]), feedback);
  const FactorNeeds all{0, m_model.D};
  LayerFactors result = selectiveFactors(loaded.forward, mixed.forward, all);
  auto backward = std::make_shared<LayerFactors>(selectiveFactors(loaded.backward, mixed.backward, all));
  result.available = m_info.factors;
  backward->available = m_info.factors;
  backward->y = at::Tensor();
  result.y = mixed.y;
  result.backward = std::move(backward);
  result.directionShare = share();
  return onCpu(partOf(result, needs));
}

// Of the class token's row after the last norm, or of the mean of all rows where there is no such token.
at::Tensor Vim::logits(const Trace& trace, int64_t /*first*/, int64_t /*last*/,
                       const Feedback& /*feedback*/) const {
  return m_weights.onDeviceOrCpu([&] {
    const at::Tensor stream = m_weights.here(trace.hidden.back());
    const at::Tensor norm = m_weights.get(m_model.norm);
    const std::optional<int64_t>& token = m_model.vision.classToken;
    const at::Tensor rows = rmsNorm(token ? stream.slice(0, *token, *token + 1) : stream, norm, kEpsilon);
    at::Tensor result = at::empty({1, m_model.classes}, m_weights.options());
    linear(result, rows.mean(0, true), m_weights.get(m_model.head), m_weights.get(m_model.headBias));
    return result.cpu();
  });
}

[[noreturn]] void failContinuation() {
  fail("A picture cannot be continued.", "a vision model", "Open a language model to continue a text.");
}

std::unique_ptr<Model::State> Vim::start() const { failContinuation(); }

at::Tensor Vim::step(State& /*state*/, const std::vector<int64_t>& /*ids*/,
                     const Feedback& /*feedback*/) const {
  failContinuation();
}

}  // namespace

std::unique_ptr<Model> openVim(Weights weights) { return std::make_unique<Vim>(std::move(weights)); }

}  // namespace uc
