// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/families.h"
#include "core/models/griffin.h"
#include "core/models/griffin_config.h"
#include "core/models/griffin_names.h"

#include <fmt/format.h>

#include <optional>
#include <set>

namespace uc {

namespace {

[[noreturn]] void failSizes(const std::string& where) {
  fail("The sizes of tensors do not fit together.", where, "Check that the file is complete.");
}

// What is not a size of one tensor.
void requireNumber(const char* things, int64_t found, const std::optional<ConfigSize>& expected) {
  if (!expected || expected->value == found) return;
  failConfig(fmt::format("config.json: `{}` {}, the weights have {} {}", expected->key, expected->value,
                         found, things));
}

class Opening {
 public:
  explicit Opening(Weights& weights)
      : m_weights(weights),
        m_config(readGriffinConfig(weights.checkpoint())),
        m_at(weights.checkpoint()),
        m_names(*m_at.spelling) {
    m_model.embedding =
        m_at.embedding != nullptr ? m_at.embedding : &weights.need("model.embed_tokens.weight");
    m_model.isDeepMind = m_at.isDeepMind;
    m_model.epsilon = m_config.epsilon;
    m_model.softCap = m_config.softCap;
    m_model.attention.window = m_config.window;
    m_model.attention.rotaryBase = m_config.rotaryBase;
  }

  GriffinTensors run() {
    decideKinds();
    measure();
    checkSizes();
    if (m_firstAttention >= 0) checkHeads();
    for (size_t i = 0; i < m_kinds.size(); ++i) m_model.layers.push_back(layer(static_cast<int64_t>(i)));
    ends();
    return std::move(m_model);
  }

 private:
  const TensorInfo* find(int64_t layer, const std::string& name) const {
    return m_weights.find(m_at.block(layer) + name);
  }

  // Whether a layer has any tensor of a kind.
  bool hasRecurrent(int64_t layer) const {
    for (const char* name : {"linear_x.weight", "linear_y.weight", m_names.decay, m_names.inputGate})
      if (m_weights.find(m_at.recurrent(layer, name)) != nullptr) return true;
    return false;
  }
  bool hasAttention(int64_t layer) const {
    for (const char* name : {m_names.q, m_names.k, m_names.v, m_names.out})
      if (m_weights.find(m_at.attention(layer, name)) != nullptr) return true;
    return false;
  }

  // As config.json says, or else as the tensors of the layer do.
  void decideKinds() {
    const std::set<int64_t> found = layerNumbers(m_weights.checkpoint(), m_at.blocks);
    const int64_t stored = found.empty() ? 0 : *found.rbegin() + 1;
    requireNumber("layers", stored, m_config.layers);
    if (stored == 0) m_weights.need(m_at.recurrent(0, "linear_x.weight"));
    for (int64_t i = 0; i < stored; ++i) {
      if (!found.contains(i)) m_weights.need(m_at.mixerNorm(i));
      const bool isAttention = hasAttention(i), isRecurrent = hasRecurrent(i);
      bool kind = isAttention && !isRecurrent;
      if (!m_config.isAttention.empty()) {
        const auto place = static_cast<size_t>(i) % m_config.isAttention.size();
        if (isAttention != isRecurrent && kind != m_config.isAttention[place]) {
          failConfig(fmt::format("config.json: `block_types` makes layer {} {}, the weights have {}", i,
                                 kind ? "recurrent" : "attention", kind ? "attention" : "a recurrent block"));
        }
        kind = m_config.isAttention[place];
      }
      m_kinds.push_back(kind);
      int64_t& first = kind ? m_firstAttention : m_firstRecurrent;
      if (first < 0) first = i;
    }
    if (m_firstRecurrent < 0) {
      fail("The model has no recurrent block.", printable(m_weights.checkpoint().name()),
           "Open a model that has recurrent blocks.");
    }
  }

  void measure() {
    SizeVote width, lanes, taps, heads, feed, queryRows, keyRows;
    width.add(m_model.embedding, 1);
    const auto stored = static_cast<int64_t>(m_kinds.size());
    for (int64_t i = 0; i < stored; ++i) {
      const std::string down = std::string(m_names.down) + "weight";
      width.add(find(i, m_names.gate), m_names.widthAxis);
      width.add(find(i, down), 0);
      feed.add(find(i, m_names.gate), m_names.feedAxis);
      if (m_names.up != nullptr) feed.add(find(i, m_names.up), 0);
      feed.add(find(i, down), 1);
      if (m_kinds[static_cast<size_t>(i)]) {
        const auto add = [&](SizeVote& vote, const char* name, size_t axis) {
          vote.add(m_weights.find(m_at.attention(i, name)), axis);
        };
        add(queryRows, m_names.q, 0);
        add(queryRows, m_names.out, 1);
        add(keyRows, m_names.k, 0);
        add(keyRows, m_names.v, 0);
      } else {
        const auto add = [&](SizeVote& vote, const char* name, size_t axis) {
          vote.add(m_weights.find(m_at.recurrent(i, name)), axis);
        };
        add(lanes, "linear_x.weight", 0);
        add(lanes, "linear_y.weight", 0);
        add(lanes, "linear_out.weight", 1);
        add(lanes, m_names.conv, m_names.convLanesAxis);
        add(lanes, m_names.decay, 0);
        add(taps, m_names.conv, m_names.tapsAxis);
        for (const char* gate :
             {m_names.inputGate, m_names.recurrentGate, m_names.inputGateBias, m_names.recurrentGateBias})
          add(heads, gate, 0);
      }
    }
    m_model.V = m_model.embedding->shape.empty() ? 0 : m_model.embedding->shape[0];
    m_model.E = width.result();
    m_model.W = lanes.result();
    m_model.K = taps.result();
    m_model.F = feed.result();
    m_model.attention.heads = heads.result();
    m_queryRows = queryRows.result();
    m_keyRows = keyRows.result();
  }

  // Tensors decide the sizes; a config that says otherwise belongs to another model.
  void checkSizes() const {
    const GriffinTensors& model = m_model;
    const TensorInfo& embedding = *model.embedding;
    if (embedding.shape.size() != 2) failShape(embedding, {model.V, model.E}, "");
    requireSize(embedding, 1, model.E, m_config.width);
    requireSize(embedding, 0, model.V, m_config.vocabulary);
    const auto recurrent = [&](const char* name) -> const TensorInfo& {
      return m_weights.need(m_at.recurrent(m_firstRecurrent, name));
    };
    requireSize(recurrent("linear_x.weight"), 0, model.W, m_config.lanes);
    requireSize(recurrent(m_names.conv), m_names.tapsAxis, model.K, m_config.taps);
    requireSize(recurrent(m_names.inputGate), 0, model.attention.heads, m_config.heads);
    // Each of the two branches has half of what the config calls the width.
    const TensorInfo& gate = m_weights.need(m_at.block(0) + m_names.gate);
    if (m_config.feedWidth && m_config.feedWidth->value / 2 != model.F) {
      std::vector<int64_t> shape = gate.shape;
      if (m_names.feedAxis < shape.size()) shape[m_names.feedAxis] = m_config.feedWidth->value / 2;
      failShape(
          gate, shape,
          fmt::format("config.json: half of `{}` {}", m_config.feedWidth->key, m_config.feedWidth->value));
    }
    if (model.V < 1 || model.E < 1 || model.W < 1 || model.K < 1 || model.F < 1 ||
        model.attention.heads < 1) {
      fail("A tensor has no elements.", printable(embedding.file) + ", sizes of the first layer",
           "Check that the file is complete.");
    }
    if (model.W % model.attention.heads != 0) {
      failSizes(fmt::format("{} lanes, {} blocks in `{}`", model.W, model.attention.heads,
                            printable(recurrent(m_names.inputGate).name)));
    }
  }

  // Gates of the recurrent blocks and attention have the same heads, in both references.
  void checkHeads() {
    WindowAttention& attention = m_model.attention;
    const TensorInfo& query = m_weights.need(m_at.attention(m_firstAttention, m_names.q));
    const TensorInfo& key = m_weights.need(m_at.attention(m_firstAttention, m_names.k));
    attention.headSize = m_queryRows / attention.heads;
    if (attention.headSize < 1 || m_queryRows % attention.heads != 0) {
      failSizes(
          fmt::format("{} rows of `{}`, {} heads", m_queryRows, printable(query.name), attention.heads));
    }
    attention.keyHeads = m_keyRows / attention.headSize;
    if (attention.keyHeads < 1 || m_keyRows % attention.headSize != 0 ||
        attention.heads % attention.keyHeads != 0) {
      failSizes(fmt::format("{} rows of `{}`, {} heads of {}", m_keyRows, printable(key.name),
                            attention.heads, attention.headSize));
    }
    requireNumber("key heads", attention.keyHeads, m_config.keyHeads);
    requireNumber("entries a head", attention.headSize, m_config.headSize);
    attention.rotarySize =
        static_cast<int64_t>(static_cast<double>(attention.headSize) * m_config.rotaryShare);
    if (attention.rotarySize % 2 != 0) {
      failConfig(fmt::format("config.json: `partial_rotary_factor` {} of {} entries a head is odd",
                             m_config.rotaryShare, attention.headSize));
    }
    const char* bias = "bias";
    const std::string name = m_at.attention(m_firstAttention, m_names.q, bias);
    const bool isThere = m_weights.find(name) != nullptr;
    if (isThere && m_config.hasAttentionBias == false)
      failConfig(fmt::format("config.json has no bias, the weights have `{}`", printable(name)));
    m_hasBias = m_config.hasAttentionBias.value_or(isThere);
  }

  const TensorInfo* claim(const std::string& name, const std::vector<int64_t>& shape) {
    return &m_weights.claim(name, shape);
  }

  GriffinLayer layer(int64_t number) {
    const int64_t E = m_model.E, F = m_model.F;
    const std::string block = m_at.block(number);
    GriffinLayer result;
    result.isAttention = m_kinds[static_cast<size_t>(number)];
    result.mixerNorm = claim(m_at.mixerNorm(number), {E});
    if (result.isAttention) {
      result.attention = attention(number);
    } else {
      result.recurrent = recurrent(number);
    }
    result.feedNorm = claim(m_at.feedNorm(number), {E});
    if (m_names.up != nullptr) {
      result.gate = claim(block + m_names.gate, {F, E});
      result.gateBias = claim(block + m_names.gateBias, {F});
      result.up = claim(block + m_names.up, {F, E});
      result.upBias = claim(block + m_names.upBias, {F});
    } else {
      result.gate = claim(block + m_names.gate, {2, E, F});
      result.gateBias = claim(block + m_names.gateBias, {2, 1, 1, F});
    }
    result.down = claim(block + m_names.down + "weight", {E, F});
    result.downBias = claim(block + m_names.down + "bias", {E});
    return result;
  }

  GriffinRecurrent recurrent(int64_t number) {
    const int64_t E = m_model.E, W = m_model.W, K = m_model.K, H = m_model.attention.heads, size = W / H;
    const auto mine = [&](const char* name, const std::vector<int64_t>& shape) {
      return claim(m_at.recurrent(number, name), shape);
    };
    GriffinRecurrent result;
    result.x = mine("linear_x.weight", {W, E});
    result.xBias = mine("linear_x.bias", {W});
    result.y = mine("linear_y.weight", {W, E});
    result.yBias = mine("linear_y.bias", {W});
    result.conv = m_model.isDeepMind ? mine(m_names.conv, {K, W}) : mine(m_names.conv, {W, 1, K});
    result.convBias = mine(m_names.convBias, {W});
    result.decay = mine(m_names.decay, {W});
    result.inputGate = mine(m_names.inputGate, {H, size, size});
    result.inputGateBias = mine(m_names.inputGateBias, {H, size});
    result.recurrentGate = mine(m_names.recurrentGate, {H, size, size});
    result.recurrentGateBias = mine(m_names.recurrentGateBias, {H, size});
    result.out = mine("linear_out.weight", {E, W});
    result.outBias = mine("linear_out.bias", {E});
    return result;
  }

  GriffinAttention attention(int64_t number) {
    const auto mine = [&](const char* name, const char* end, const std::vector<int64_t>& shape) {
      return claim(m_at.attention(number, name, end), shape);
    };
    GriffinAttention result;
    result.q = mine(m_names.q, "weight", {m_queryRows, m_model.E});
    result.k = mine(m_names.k, "weight", {m_keyRows, m_model.E});
    result.v = mine(m_names.v, "weight", {m_keyRows, m_model.E});
    if (m_hasBias) {
      result.qBias = mine(m_names.q, "bias", {m_queryRows});
      result.kBias = mine(m_names.k, "bias", {m_keyRows});
      result.vBias = mine(m_names.v, "bias", {m_keyRows});
    }
    result.out = mine(m_names.out, "weight", {m_model.E, m_queryRows});
    result.outBias = mine(m_names.out, "bias", {m_model.E});
    return result;
  }

  void ends() {
    const int64_t V = m_model.V, E = m_model.E;
    claim(m_model.embedding->name, {V, E});
    m_model.norm = claim(m_at.lastNorm(), {E});
    const bool isStored = m_weights.find("lm_head.weight") != nullptr;
    if (m_config.isTied.value_or(!isStored)) {
      m_model.head = m_model.embedding;
      if (isStored) m_weights.ignore("lm_head.weight");
    } else {
      m_model.head = claim("lm_head.weight", {V, E});
    }
  }

  Weights& m_weights;
  GriffinConfig m_config;
  GriffinTensors m_model;
  GriffinNames m_at;
  const GriffinSpelling& m_names;
  std::vector<bool> m_kinds;  // whether a layer is attention
  int64_t m_firstRecurrent = -1, m_firstAttention = -1;
  int64_t m_queryRows = 0, m_keyRows = 0;
  bool m_hasBias = false;
};

}  // namespace

bool isGriffin(const Checkpoint& checkpoint) {
  if (const Json* type = modelType(checkpoint)) return *type == "recurrent_gemma";
  const GriffinNames names(checkpoint);
  return names.embedding != nullptr && checkpoint.find(names.mixerNorm(0)) != nullptr;
}

GriffinTensors claimGriffin(Weights& weights) { return Opening(weights).run(); }

}  // namespace uc
