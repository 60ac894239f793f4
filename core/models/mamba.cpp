// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/mamba.h"

#include "core/models/blocks.h"
#include "core/models/families.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

namespace uc {

namespace {

constexpr int64_t kChunk = 2048;          // tokens a block works on at a time: bounds what it holds
constexpr int64_t kPiece = 256;           // of these, tokens a thread works on at a time
constexpr int64_t kFewTokens = 64;        // below: reading weights would take longer than using them
constexpr int64_t kHeadBytes = 32 << 20;  // of a block of the head's rows

// The state of one block between two tokens.
struct LayerState {
  at::Tensor history;  // [K − 1, D], the convolution's last inputs
  at::Tensor hidden;   // [D, N]
};

class MambaState : public Model::State {
 public:
  std::vector<LayerState> layers;
};

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

class Mamba : public Model {
 public:
  explicit Mamba(Weights weights);

  const ModelInfo& info() const override { return m_info; }
  Trace run(const std::vector<int64_t>& ids, const Feedback& feedback) const override;
  LayerFactors factors(const Trace& trace, int64_t layer, const Feedback& feedback) const override;
  at::Tensor logits(const Trace& trace, int64_t first, int64_t last) const override;
  std::unique_ptr<State> start() const override;
  at::Tensor step(State& state, const std::vector<int64_t>& ids, const Feedback& feedback) const override;

 private:
  LayerState freshState() const;
  at::Tensor normalized(const at::Tensor& stream, const at::Tensor& weight, const at::Tensor& bias) const;
  LoadedLayer load(const MambaLayer& layer) const;
  Mixed mix(const LoadedLayer& layer, const at::Tensor& stream, LayerState& state,
            const Feedback& feedback) const;
  void block(const MambaLayer& layer, const at::Tensor& stream, at::Tensor next, LayerState& state,
             const Feedback& feedback) const;
  at::Tensor head(const at::Tensor& stream, const Feedback& feedback) const;

  mutable Weights m_weights;  // reads on demand and keeps
  MambaTensors m_model;
  ModelInfo m_info;
};

Mamba::Mamba(Weights weights) : m_weights(std::move(weights)), m_model(claimMamba(m_weights)) {
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

LayerState Mamba::freshState() const {
  return {at::zeros({m_model.K - 1, m_model.D}, m_weights.type()),
          at::zeros({m_model.D, m_model.N}, m_weights.type())};
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
void Mamba::block(const MambaLayer& layer, const at::Tensor& stream, at::Tensor next, LayerState& state,
                  const Feedback& feedback) const {
  const LoadedLayer loaded = load(layer);
  const at::Tensor y = mix(loaded, stream, state, feedback).y;
  inPieces(stream.size(0), kPiece, feedback, [&](int64_t first, int64_t last) {
    at::Tensor out = next.slice(0, first, last);
    linear(out, y.slice(0, first, last), loaded.outProj, loaded.outBias);
    out.add_(stream.slice(0, first, last));
  });
}

Trace Mamba::run(const std::vector<int64_t>& ids, const Feedback& feedback) const {
  assert(!ids.empty());
  const auto L = static_cast<int64_t>(ids.size());
  m_weights.setKeeping(L < kFewTokens);
  Trace trace;
  trace.ids = ids;
  trace.hidden.push_back(m_weights.gather(*m_model.embedding, ids));
  int64_t firstBroken = -1;
  for (size_t i = 0; i < m_model.layers.size(); ++i) {
    const at::Tensor stream = trace.hidden.back();
    at::Tensor next = at::empty_like(stream);
    LayerState state = freshState();
    for (int64_t t = 0; t < L; t += kChunk) {
      feedback.checkpoint();
      const double done = (static_cast<double>(i) + static_cast<double>(t) / static_cast<double>(L)) /
                          static_cast<double>(m_model.layers.size());
      feedback.report(done, fmt::format("Running layer {}", i));
      const int64_t end = std::min(L, t + kChunk);
      block(m_model.layers[i], stream.slice(0, t, end), next.slice(0, t, end), state, feedback);
    }
    if (firstBroken < 0 && !isAllFinite(next)) firstBroken = static_cast<int64_t>(i);
    trace.hidden.push_back(next);
  }
  trace.notices = m_weights.notices();
  if (firstBroken >= 0) {
    trace.notices.push_back(
        fmt::format("Activations contain NaN or infinity from layer {} on.", firstBroken));
  }
  return trace;
}

LayerFactors Mamba::factors(const Trace& trace, int64_t layer, const Feedback& feedback) const {
  assert(layer >= 0 && layer < m_info.layers);
  feedback.checkpoint();
  m_weights.setKeeping(static_cast<int64_t>(trace.ids.size()) < kFewTokens);
  const auto index = static_cast<size_t>(layer);
  const LoadedLayer loaded = load(m_model.layers[index]);
  LayerState state = freshState();
  const Mixed mixed = mix(loaded, trace.hidden[index], state, feedback);
  LayerFactors result;
  result.tokens = static_cast<int64_t>(trace.ids.size());
  result.lanes = m_model.D;
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

at::Tensor Mamba::head(const at::Tensor& stream, const Feedback& feedback) const {
  constexpr int64_t kPieceRows = 1024;
  const at::Tensor input = normalized(stream, m_weights.get(m_model.norm), m_weights.get(m_model.normBias));
  at::Tensor result = at::empty({input.size(0), m_model.V}, m_weights.type());
  const int64_t rowBytes = m_model.E * static_cast<int64_t>(c10::elementSize(m_weights.type()));
  const int64_t blockRows = std::max<int64_t>(1, kHeadBytes / rowBytes);
  for (int64_t v = 0; v < m_model.V; v += blockRows) {
    feedback.checkpoint();
    const int64_t count = std::min(blockRows, m_model.V - v);
    const at::Tensor rows = m_weights.rows(*m_model.head, v, count);
    inPieces(count, kPieceRows, feedback, [&](int64_t first, int64_t last) {
      result.slice(1, v + first, v + last).copy_(at::mm(input, rows.slice(0, first, last).t()));
    });
  }
  return result;
}

at::Tensor Mamba::logits(const Trace& trace, int64_t first, int64_t last) const {
  m_weights.setKeeping(static_cast<int64_t>(trace.ids.size()) < kFewTokens);
  return head(trace.hidden.back().slice(0, first, last), {});
}

std::unique_ptr<Model::State> Mamba::start() const {
  auto state = std::make_unique<MambaState>();
  for (size_t i = 0; i < m_model.layers.size(); ++i) state->layers.push_back(freshState());
  return state;
}

at::Tensor Mamba::step(State& state, const std::vector<int64_t>& ids, const Feedback& feedback) const {
  assert(!ids.empty());
  auto& layers = static_cast<MambaState&>(state).layers;
  m_weights.setKeeping(true);  // the next step is of one token
  at::Tensor stream;           // [l, E]
  for (size_t t = 0; t < ids.size(); t += kChunk) {
    const size_t end = std::min(ids.size(), t + static_cast<size_t>(kChunk));
    stream = m_weights.gather(
        *m_model.embedding, {ids.begin() + static_cast<int64_t>(t), ids.begin() + static_cast<int64_t>(end)});
    for (size_t i = 0; i < m_model.layers.size(); ++i) {
      feedback.checkpoint();
      at::Tensor next = at::empty_like(stream);
      block(m_model.layers[i], stream, next, layers[i], feedback);
      stream = next;
    }
  }
  return head(stream.slice(0, stream.size(0) - 1), feedback).squeeze(0);
}

}  // namespace

std::unique_ptr<Model> openMamba(Weights weights) { return std::make_unique<Mamba>(std::move(weights)); }

}  // namespace uc
