// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/griffin.h"

#include "core/models/blocks.h"
#include "core/models/device_scan.h"
#include "core/models/families.h"
#include "core/models/griffin_scan.h"
#include "core/models/text_model.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace uc {

namespace {

constexpr int64_t kPiece = 256;  // tokens a thread works on at a time

struct Linear {
  at::Tensor weight, bias;  // [out, in], [out] or undefined
  void operator()(at::Tensor out, const at::Tensor& input, const Feedback& feedback = {}) const {
    linear(out, input, weight, bias, feedback);
  }
};

// Weights in the compute type, as a block's work wants them.
struct LoadedRecurrent {
  Linear x, y, out;
  at::Tensor taps, convBias;        // [K, W], [W]
  Linear inputGate, recurrentGate;  // [H, W / H, W / H] outputs first, [H, W / H]
  at::Tensor steepness;             // [W]  8 · softplus(Λ)
};

struct LoadedAttention {
  Linear q, k, v, out;
};

struct LoadedFeed {
  at::Tensor norm;  // [E]
  Linear gate, up, down;
};

// What a mixer makes of some tokens, up to its output projection.
struct MixedRecurrent {
  at::Tensor x;     // [L, W]
  at::Tensor gate;  // [L, W]  gelu of the other branch
  at::Tensor step;  // [L, W]  −log a
  at::Tensor key;   // [L, W]  γ ⊙ i
  at::Tensor y;     // [L, W]
};

struct MixedAttention {
  at::Tensor query;          // [L, H·P], rotated and scaled
  at::Tensor keys, values;   // [m + L, keyHeads·P], m tokens from before; keys rotated
  at::Tensor logNormalizer;  // [L, H], float64
  at::Tensor y;              // [L, H·P]
};

template <typename T>
void scanAll(at::Tensor& values, const at::Tensor& key, const at::Tensor& input, at::Tensor& hidden,
             const Feedback& feedback) {
  constexpr int64_t kLanesAPiece = 256;
  GatedScan<T> scan;
  scan.tokens = values.size(0);
  scan.lanes = values.size(1);
  scan.key = key.data_ptr<T>();
  scan.input = input.data_ptr<T>();
  scan.values = values.data_ptr<T>();
  scan.hidden = hidden.data_ptr<T>();
  const int64_t piece = scan.tokens == 1 ? scan.lanes : kLanesAPiece;
  inPieces(scan.lanes, piece, feedback, [&](int64_t first, int64_t last) { scanLanes(scan, first, last); });
}

class Griffin : public TextModel {
 public:
  explicit Griffin(Weights weights);

 protected:
  struct LayerState : BlockState {
    int64_t position = 0;     // of the next token
    at::Tensor history;       // [K − 1, W], the convolution's last inputs
    at::Tensor hidden;        // [W]
    at::Tensor keys, values;  // [at most window − 1, keyHeads·P], of the last tokens
  };

  std::unique_ptr<BlockState> freshState(int64_t layer) const override;
  /// At least one token, since the first of all has a γ of its own.
  std::optional<int64_t> reachOf(int64_t layer, const FactorNeeds& /*needs*/) const override {
    if (m_info.isSoftmax(layer)) return std::nullopt;
    return std::max<int64_t>(m_model.K - 1, 1);
  }
  at::Tensor embed(const std::vector<int64_t>& ids) const override;
  void block(int64_t layer, const at::Tensor& stream, at::Tensor next, BlockState& state, at::Tensor& shared,
             const Feedback& feedback) const override;
  LayerFactors blockFactors(int64_t layer, const at::Tensor& stream, BlockState& state, at::Tensor& shared,
                            const FactorNeeds& needs, const Feedback& feedback) const override;
  at::Tensor headInput(const at::Tensor& stream) const override;
  const TensorInfo& headWeight() const override { return *m_model.head; }
  void finishLogits(at::Tensor& logits) const override;

 private:
  at::Tensor norm(const TensorInfo* tensor) const { return m_weights.get(tensor) + 1; }
  Linear get(const TensorInfo* weight, const TensorInfo* bias) const {
    return {m_weights.get(weight), m_weights.get(bias)};
  }
  at::Tensor empty(int64_t rows, int64_t columns) const {
    return at::empty({rows, columns}, m_weights.options());
  }
  LoadedRecurrent load(const GriffinRecurrent& tensors) const;
  LoadedAttention load(const GriffinAttention& tensors) const;
  LoadedFeed loadFeed(const GriffinLayer& tensors) const;
  void select(MixedRecurrent& mixed, const at::Tensor& convolved, const LoadedRecurrent& layer, int64_t first,
              int64_t last, bool isStart) const;
  MixedRecurrent mix(const LoadedRecurrent& layer, const at::Tensor& norm, const at::Tensor& stream,
                     LayerState& state, const Feedback& feedback) const;
  MixedAttention mix(const LoadedAttention& layer, const at::Tensor& norm, const at::Tensor& stream,
                     LayerState& state, const Feedback& feedback) const;
  void fill(LayerFactors& result, const MixedRecurrent& mixed, const LoadedRecurrent& layer) const;
  void fill(LayerFactors& result, const MixedAttention& mixed) const;

  GriffinTensors m_model;
};

Griffin::Griffin(Weights weights) : TextModel(std::move(weights)), m_model(claimGriffin(m_weights)) {
  m_info.name = m_weights.checkpoint().name();
  m_info.path = m_weights.checkpoint().folder().string();
  m_info.family = "griffin";
  m_info.layers = static_cast<int64_t>(m_model.layers.size());
  m_info.lanes = m_model.W;
  m_info.state = 1;
  m_info.width = m_model.E;
  m_info.vocabulary = m_model.V;
  m_info.factors = {Factor::Gate, Factor::Scan, Factor::Convolution};
  for (const GriffinLayer& layer : m_model.layers) {
    m_info.kinds.emplace_back(layer.isAttention ? "attention" : "rg-lru");
    if (!layer.isAttention) continue;
    m_info.heads = m_model.attention.heads;
    m_info.attentionLanes = m_model.attention.lanes();
  }
  m_weights.describe(m_info);
}

std::unique_ptr<TextModel::BlockState> Griffin::freshState(int64_t layer) const {
  auto state = std::make_unique<LayerState>();
  if (m_model.layers[static_cast<size_t>(layer)].isAttention) {
    state->keys = empty(0, m_model.attention.keyHeads * m_model.attention.headSize);
    state->values = state->keys;
  } else {
    state->history = at::zeros({m_model.K - 1, m_model.W}, m_weights.options());
    state->hidden = at::zeros({m_model.W}, m_weights.options());
  }
  return state;
}

// The factor √E is rounded to bfloat16, as the reference has it whatever the weights' type: 50.5 for 2560.
at::Tensor Griffin::embed(const std::vector<int64_t>& ids) const {
  const auto scale = c10::BFloat16(static_cast<float>(std::sqrt(static_cast<double>(m_model.E))));
  return m_weights.gather(*m_model.embedding, ids).mul_(static_cast<double>(scale));
}

LoadedRecurrent Griffin::load(const GriffinRecurrent& tensors) const {
  LoadedRecurrent loaded;
  loaded.x = get(tensors.x, tensors.xBias);
  loaded.y = get(tensors.y, tensors.yBias);
  loaded.out = get(tensors.out, tensors.outBias);
  const at::Tensor taps = m_weights.get(tensors.conv);
  loaded.taps = m_model.isDeepMind ? taps : taps.view({m_model.W, m_model.K}).t().contiguous();
  loaded.convBias = m_weights.get(tensors.convBias);
  loaded.inputGate = get(tensors.inputGate, tensors.inputGateBias);
  loaded.recurrentGate = get(tensors.recurrentGate, tensors.recurrentGateBias);
  for (Linear* gate : {&loaded.inputGate, &loaded.recurrentGate}) gate->weight = gate->weight.transpose(1, 2);
  loaded.steepness = at::softplus(m_weights.get(tensors.decay)) * 8;
  return loaded;
}

LoadedAttention Griffin::load(const GriffinAttention& tensors) const {
  return {get(tensors.q, tensors.qBias), get(tensors.k, tensors.kBias), get(tensors.v, tensors.vBias),
          get(tensors.out, tensors.outBias)};
}

LoadedFeed Griffin::loadFeed(const GriffinLayer& tensors) const {
  LoadedFeed loaded;
  loaded.norm = norm(tensors.feedNorm);
  loaded.gate = get(tensors.gate, tensors.gateBias);
  loaded.down = get(tensors.down, tensors.downBias);
  if (m_model.isDeepMind) {
    const Linear both = {loaded.gate.weight.transpose(1, 2), loaded.gate.bias.view({2, m_model.F})};
    loaded.gate = {both.weight[0], both.bias[0]};
    loaded.up = {both.weight[1], both.bias[1]};
  } else {
    loaded.up = get(tensors.up, tensors.upBias);
  }
  return loaded;
}

// arXiv 2402.19427, eq. 1 to 4, for the tokens [first, last) of what the convolution made of them: decay, key
// and, in place of y, a. The first token of all finds no state to make room for, so that its γ is 1.
void Griffin::select(MixedRecurrent& mixed, const at::Tensor& convolved, const LoadedRecurrent& layer,
                     int64_t first, int64_t last, bool isStart) const {
  const int64_t blocks = layer.inputGate.weight.size(0), size = m_model.W / blocks;
  at::Tensor key = mixed.key.slice(0, first, last), step = mixed.step.slice(0, first, last);
  for (int64_t h = 0; h < blocks; ++h) {
    const auto part = [&](const at::Tensor& all) { return all.slice(1, h * size, (h + 1) * size); };
    linear(part(key), part(convolved), layer.inputGate.weight[h], layer.inputGate.bias[h]);
    linear(part(step), part(convolved), layer.recurrentGate.weight[h], layer.recurrentGate.bias[h]);
  }
  key.sigmoid_();
  step.sigmoid_().mul_(layer.steepness);
  at::Tensor a = mixed.y.slice(0, first, last);
  at::exp_out(a, step.neg());
  const at::Tensor scale = (step * -2).expm1_().neg_().sqrt_();  // γ = √(1 − a²)
  if (isStart) scale[0].fill_(1);
  key.mul_(scale);
}

MixedRecurrent Griffin::mix(const LoadedRecurrent& layer, const at::Tensor& norm, const at::Tensor& stream,
                            LayerState& state, const Feedback& feedback) const {
  const int64_t L = stream.size(0), W = m_model.W, before = m_model.K - 1;
  const at::Tensor padded = empty(before + L, W), convolved = empty(L, W);
  padded.slice(0, 0, before).copy_(state.history);
  MixedRecurrent mixed{padded.slice(0, before), empty(L, W), empty(L, W), empty(L, W), empty(L, W)};
  inPieces(L, kPiece, feedback, [&](int64_t first, int64_t last) {
    const at::Tensor input = rmsNorm(stream.slice(0, first, last), norm, m_model.epsilon);
    layer.x(mixed.x.slice(0, first, last), input);
    const at::Tensor gate = mixed.gate.slice(0, first, last);
    layer.y(gate, input);
    tanhGeluInPlace(gate);
  });
  state.history = padded.slice(0, L).clone();
  inPieces(L, kPiece, feedback, [&](int64_t first, int64_t last) {
    const at::Tensor some = convolved.slice(0, first, last);
    causalConvolution(some, padded.slice(0, first, last + before), layer.taps, layer.convBias);
    select(mixed, some, layer, first, last, state.position + first == 0);
  });
  if (isOnDevice(mixed.y)) {
    gatedScanOnDevice(mixed.y, mixed.step, mixed.key, convolved, state.hidden);
  } else if (m_weights.type() == at::kDouble) {
    scanAll<double>(mixed.y, mixed.key, convolved, state.hidden, feedback);
  } else {
    scanAll<float>(mixed.y, mixed.key, convolved, state.hidden, feedback);
  }
  mixed.y.mul_(mixed.gate);
  state.position += L;
  return mixed;
}

MixedAttention Griffin::mix(const LoadedAttention& layer, const at::Tensor& norm, const at::Tensor& stream,
                            LayerState& state, const Feedback& feedback) const {
  const WindowAttention& attention = m_model.attention;
  const int64_t L = stream.size(0), before = state.keys.size(0), width = state.keys.size(1);
  MixedAttention mixed{empty(L, attention.lanes()), empty(before + L, width), empty(before + L, width),
                       at::empty({L, attention.heads}, at::kDouble), empty(L, attention.lanes())};
  mixed.keys.slice(0, 0, before).copy_(state.keys);
  mixed.values.slice(0, 0, before).copy_(state.values);
  inPieces(L, kPiece, feedback, [&](int64_t first, int64_t last) {
    const at::Tensor input = rmsNorm(stream.slice(0, first, last), norm, m_model.epsilon);
    const at::Tensor query = mixed.query.slice(0, first, last),
                     keys = mixed.keys.slice(0, before + first, before + last);
    layer.q(query, input);
    layer.k(keys, input);
    layer.v(mixed.values.slice(0, before + first, before + last), input);
    attention.rotate(query, state.position + first);
    attention.rotate(keys, state.position + first);
    query.div_(std::sqrt(static_cast<double>(attention.headSize)));
  });
  attention.run(mixed.y, mixed.logNormalizer, mixed.query, mixed.keys, mixed.values, feedback);
  const int64_t kept = std::min(before + L, attention.window - 1);
  state.keys = mixed.keys.slice(0, before + L - kept).clone();
  state.values = mixed.values.slice(0, before + L - kept).clone();
  state.position += L;
  return mixed;
}

// next = s + the feed-forward of s, s = stream + the mixer's output.
void Griffin::block(int64_t layer, const at::Tensor& stream, at::Tensor next, BlockState& state,
                    at::Tensor& /*shared*/, const Feedback& feedback) const {
  const GriffinLayer& tensors = m_model.layers[static_cast<size_t>(layer)];
  auto& before = static_cast<LayerState&>(state);
  const at::Tensor mixerNorm = norm(tensors.mixerNorm);
  at::Tensor y;
  Linear out;
  if (tensors.isAttention) {
    const LoadedAttention loaded = load(tensors.attention);
    y = mix(loaded, mixerNorm, stream, before, feedback).y;
    out = loaded.out;
  } else {
    const LoadedRecurrent loaded = load(tensors.recurrent);
    y = mix(loaded, mixerNorm, stream, before, feedback).y;
    out = loaded.out;
  }
  const LoadedFeed feed = loadFeed(tensors);
  inPieces(stream.size(0), kPiece, feedback, [&](int64_t first, int64_t last) {
    const at::Tensor mixed = empty(last - first, m_model.E), gate = empty(last - first, m_model.F),
                     up = empty(last - first, m_model.F);
    out(mixed, y.slice(0, first, last));
    mixed.add_(stream.slice(0, first, last));
    const at::Tensor input = rmsNorm(mixed, feed.norm, m_model.epsilon);
    feed.gate(gate, input, feedback);
    feed.up(up, input, feedback);
    at::Tensor result = next.slice(0, first, last);
    tanhGeluInPlace(gate);
    feed.down(result, up.mul_(gate), feedback);
    result.add_(mixed);
  });
}

LayerFactors Griffin::blockFactors(int64_t layer, const at::Tensor& stream, BlockState& state,
                                   at::Tensor& /*shared*/, const FactorNeeds& /*needs*/,
                                   const Feedback& feedback) const {
  const GriffinLayer& tensors = m_model.layers[static_cast<size_t>(layer)];
  auto& own = static_cast<LayerState&>(state);
  const at::Tensor mixerNorm = norm(tensors.mixerNorm);
  LayerFactors result;
  result.tokens = stream.size(0);
  result.available = m_info.factorsOf(layer);
  if (tensors.isAttention) {
    fill(result, mix(load(tensors.attention), mixerNorm, stream, own, feedback));
  } else {
    const LoadedRecurrent loaded = load(tensors.recurrent);
    fill(result, mix(loaded, mixerNorm, stream, own, feedback), loaded);
  }
  return result;
}

void Griffin::fill(LayerFactors& result, const MixedRecurrent& mixed, const LoadedRecurrent& layer) const {
  result.lanes = m_model.W;
  result.scans = m_model.W;
  result.state = 1;
  result.query = at::ones({result.tokens, 1, 1}, m_weights.options());
  result.key = mixed.key.unsqueeze(2);
  result.step = mixed.step;
  result.rate = at::full({m_model.W, 1}, -1, m_weights.options());
  result.isStepInKey = false;
  result.rowScale = mixed.gate;
  result.taps = layer.taps.t().contiguous();
  result.convBias = layer.convBias;
  result.x = mixed.x;
  result.y = mixed.y;
}

void Griffin::fill(LayerFactors& result, const MixedAttention& mixed) const {
  const WindowAttention& attention = m_model.attention;
  const int64_t L = result.tokens, P = attention.headSize;
  result.kind = ScanKind::Softmax;
  result.lanes = attention.lanes();
  result.scans = attention.heads;
  result.state = P;
  result.query = mixed.query.view({L, attention.heads, P});
  const int64_t before = mixed.keys.size(0) - L;  // tokens of earlier chunks
  result.key = mixed.keys.slice(0, before).view({L, attention.keyHeads, P});
  result.logNormalizer = mixed.logNormalizer;
  result.window = attention.window;
  result.x = mixed.values.slice(0, before)
                 .view({L, attention.keyHeads, 1, P})
                 .expand({L, attention.keyHeads, attention.heads / attention.keyHeads, P})
                 .reshape({L, attention.lanes()});
  result.y = mixed.y;
}

at::Tensor Griffin::headInput(const at::Tensor& stream) const {
  return rmsNorm(stream, norm(m_model.norm), m_model.epsilon);
}

void Griffin::finishLogits(at::Tensor& logits) const {
  logits.div_(m_model.softCap).tanh_().mul_(m_model.softCap);
}

}  // namespace

std::unique_ptr<Model> openGriffin(Weights weights) { return std::make_unique<Griffin>(std::move(weights)); }

}  // namespace uc
