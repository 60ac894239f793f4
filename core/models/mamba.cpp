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

constexpr int64_t kChunk = 1024;          // tokens a block works on at a time: bounds what it holds
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
  at::Tensor normalized(const at::Tensor& stream, const TensorInfo* weight, const TensorInfo* bias) const;
  at::Tensor mix(const MambaLayer& layer, const at::Tensor& stream, LayerState& state, LayerFactors* record,
                 const Feedback& feedback) const;
  at::Tensor block(const MambaLayer& layer, const at::Tensor& stream, LayerState& state,
                   const Feedback& feedback) const;
  at::Tensor head(const at::Tensor& stream) const;

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

at::Tensor Mamba::normalized(const at::Tensor& stream, const TensorInfo* weight,
                             const TensorInfo* bias) const {
  if (!m_model.isLayerNorm) return rmsNorm(stream, m_weights.get(weight), m_model.epsilon);
  return at::layer_norm(stream, {m_model.E}, m_weights.get(weight), m_weights.get(bias), m_model.epsilon);
}

// The mixer up to its output projection (arXiv 2312.00752, section 3.4): y [L, D]. `record` receives the
// factors.
at::Tensor Mamba::mix(const MambaLayer& layer, const at::Tensor& stream, LayerState& state,
                      LayerFactors* record, const Feedback& feedback) const {
  const auto [D, N, R] = std::tuple(m_model.D, m_model.N, m_model.R);
  const at::Tensor input = normalized(stream, layer.norm, layer.normBias);  // [L, E]
  const at::Tensor inProj = m_weights.get(layer.inProj);
  const at::Tensor inBias = m_weights.get(layer.inBias);
  const auto project = [&](int64_t first) {
    return at::linear(
        input, inProj.slice(0, first, first + D),
        inBias.defined() ? c10::optional<at::Tensor>(inBias.slice(0, first, first + D)) : c10::nullopt);
  };
  const at::Tensor x = project(0);  // [L, D]
  const at::Tensor taps = m_weights.get(layer.conv).view({D, m_model.K});
  const at::Tensor convBias = m_weights.get(layer.convBias);
  const at::Tensor convolved = causalConvolution(x, taps, convBias, state.history, feedback);
  const at::Tensor activation = convolved.sigmoid();
  const at::Tensor a = convolved * activation;

  const at::Tensor selected = at::linear(a, m_weights.get(layer.xProj));  // [L, R + 2N]
  const at::Tensor step = at::softplus(at::linear(selected.slice(1, 0, R), m_weights.get(layer.dtProj),
                                                  m_weights.get(layer.dtBias)));  // [L, D]
  const at::Tensor key = selected.slice(1, R, R + N).contiguous();                // [L, N]
  const at::Tensor query = selected.slice(1, R + N, R + 2 * N).contiguous();      // [L, N]
  const at::Tensor rate = m_weights.get(layer.aLog).exp().neg();                  // [D, N]
  const at::Tensor skip = m_weights.get(layer.skip);                              // [D]

  at::Tensor y = selectiveScan(step, a, key, query, rate, state.hidden, feedback);
  const at::Tensor gate = at::silu(project(D));  // [L, D]
  y.addcmul_(a, skip).mul_(gate);
  if (record != nullptr) {
    record->query = query.unsqueeze(1);
    record->key = key.unsqueeze(1);
    record->step = step;
    record->rate = rate;
    record->rowScale = gate;
    record->columnScale = activation;
    record->taps = taps;
    record->convBias = convBias;
    record->skip = skip;
    record->x = x;
    record->y = y;
  }
  return y;
}

at::Tensor Mamba::block(const MambaLayer& layer, const at::Tensor& stream, LayerState& state,
                        const Feedback& feedback) const {
  const at::Tensor y = mix(layer, stream, state, nullptr, feedback);
  at::Tensor out = at::linear(y, m_weights.get(layer.outProj));
  if (layer.outBias != nullptr) out += m_weights.get(layer.outBias);
  return out.add_(stream);
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
      next.slice(0, t, end).copy_(block(m_model.layers[i], stream.slice(0, t, end), state, feedback));
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
  LayerFactors result;
  result.tokens = static_cast<int64_t>(trace.ids.size());
  result.lanes = m_model.D;
  result.state = m_model.N;
  result.available = m_info.factors;
  m_weights.setKeeping(result.tokens < kFewTokens);
  LayerState state = freshState();
  const auto index = static_cast<size_t>(layer);
  mix(m_model.layers[index], trace.hidden[index], state, &result, feedback);
  return result;
}

at::Tensor Mamba::head(const at::Tensor& stream) const {
  const at::Tensor input = normalized(stream, m_model.norm, m_model.normBias);
  at::Tensor result = at::empty({input.size(0), m_model.V}, m_weights.type());
  const int64_t rowBytes = m_model.E * static_cast<int64_t>(c10::elementSize(m_weights.type()));
  const int64_t blockRows = std::max<int64_t>(1, kHeadBytes / rowBytes);
  for (int64_t v = 0; v < m_model.V; v += blockRows) {
    const int64_t count = std::min(blockRows, m_model.V - v);
    result.slice(1, v, v + count).copy_(at::linear(input, m_weights.rows(*m_model.head, v, count)));
  }
  return result;
}

at::Tensor Mamba::logits(const Trace& trace, int64_t first, int64_t last) const {
  m_weights.setKeeping(static_cast<int64_t>(trace.ids.size()) < kFewTokens);
  return head(trace.hidden.back().slice(0, first, last));
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
      stream = block(m_model.layers[i], stream, layers[i], feedback);
    }
  }
  return head(stream.slice(0, stream.size(0) - 1)).squeeze(0);
}

}  // namespace

std::unique_ptr<Model> openMamba(Weights weights) { return std::make_unique<Mamba>(std::move(weights)); }

}  // namespace uc
