// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/rwkv_open.h"

#include <fmt/format.h>

#include <algorithm>

namespace uc {

namespace {

std::vector<int64_t> withoutOnes(std::vector<int64_t> shape) {
  std::erase(shape, 1);
  return shape;
}

// The shape as the file would have it: with as many ones in front as are there.
std::vector<int64_t> withOnes(std::vector<int64_t> shape, size_t axes) {
  while (shape.size() < axes) shape.insert(shape.begin(), 1);
  return shape;
}

std::string title(int64_t version) { return fmt::format("RWKV-{}", version); }

// What flash-linear-attention can make and this program has no formulas for.
void refuseVariants(const Json& config) {
  if (const Json* activation = configMember(config, "hidden_act")) {
    if (*activation != "sqrelu") failConfigValue("hidden_act", *activation);
  }
  if (const Json* attention = configMember(config, "attn")) {
    if (!attention->empty()) failConfigValue("attn", *attention);
  }
}

}  // namespace

RwkvClaims::RwkvClaims(Weights& weights, int64_t version)
    : m_weights(weights), m_names(weights.checkpoint()) {
  refuseResearchVariants(weights.checkpoint());
  if (m_names.version() != 0 && m_names.version() != version) {
    failConfig(fmt::format("config.json is of {}, the weights are {} by their names", title(version),
                           title(m_names.version())));
  }
  readConfig();
  measure();
  claimWhole();
  for (int64_t layer = 0; layer < layers; ++layer) m_blocks.push_back(claimBlock(layer));
}

void RwkvClaims::readConfig() {
  if (!m_weights.checkpoint().config()) return;
  const Json& config = *m_weights.checkpoint().config();
  m_config.vocabulary = configSize(config, "vocab_size");
  m_config.width = configSize(config, "hidden_size");
  m_config.lanes = configSize(config, "attention_hidden_size");
  m_config.hidden = configSize(config, "intermediate_size");
  m_config.layers = configSize(config, "num_hidden_layers");
  const bool isFla = style() == RwkvNames::Style::Fla;
  m_config.headSize = configSize(config, isFla ? "head_dim" : "head_size");
  m_config.epsilon = configNumber(config, isFla ? "norm_eps" : "layer_norm_epsilon").value_or(1e-5);
  m_config.isTied = configFlag(config, "tie_word_embeddings").value_or(false);
  if (isFla) {
    m_config.hasNormBias = configFlag(config, "norm_bias").value_or(true);
    refuseVariants(config);
  }
  // transformers halves the stream of RWKV-4 in evaluation, whatever the type; its default is 6.
  if (version() == 4 && style() == RwkvNames::Style::HuggingFace && configMember(config, "model_type")) {
    const std::optional<ConfigSize> every = configSize(config, "rescale_every", true);
    m_config.rescaleEvery = std::max<int64_t>(0, every ? every->value : 6);
  }
}

void RwkvClaims::measure() {
  const Checkpoint& checkpoint = m_weights.checkpoint();
  const std::set<int64_t> found = layerNumbers(checkpoint, m_names.blocksPrefix());
  const int64_t stored = found.empty() ? 0 : *found.rbegin() + 1;
  requireLayerCount(m_config.layers, stored);
  if (stored != static_cast<int64_t>(found.size())) {  // a gap: name the first block that is not there
    int64_t missing = 0;
    while (found.contains(missing)) ++missing;
    m_weights.need(m_names.block(missing, "ln1.weight"));
  }
  layers = stored;
  if (style() == RwkvNames::Style::Fla) refuseWidths();

  const TensorInfo& embedding = m_weights.need(m_names.whole("emb.weight"));
  SizeVote width, lanes, hidden;
  width.add(&embedding, 1);
  for (int64_t layer = 0; layer < layers; ++layer) {
    for (const char* tail : {"att.receptance.weight", "att.key.weight", "att.value.weight"}) {
      width.add(find(layer, tail), 1);
      lanes.add(find(layer, tail), 0);
    }
    width.add(find(layer, "att.output.weight"), 0);
    lanes.add(find(layer, "att.output.weight"), 1);
    hidden.add(find(layer, "ffn.key.weight"), 0);
    hidden.add(find(layer, "ffn.value.weight"), 1);
  }
  V = embedding.shape.empty() ? 0 : embedding.shape[0];
  C = width.result();
  A = lanes.result();
  F = hidden.result();
  if (embedding.shape.size() != 2) failShape(embedding, {V, C}, "");
  requireSize(embedding, 0, V, m_config.vocabulary);
  requireSize(embedding, 1, C, m_config.width);
  requireSize(need(0, "att.key.weight"), 0, A, m_config.lanes);
  requireSize(need(0, "ffn.key.weight"), 0, F, m_config.hidden);
  if (V < 1 || C < 1 || A < 1 || F < 1 || layers < 1) {
    fail("A tensor has no elements.", printable(embedding.file) + ", sizes of the first layer",
         "Check that the file is complete.");
  }
}

// flash-linear-attention makes keys of RWKV-6 half as wide as values, and values of RWKV-7 wider than keys,
// when told to.
void RwkvClaims::refuseWidths() const {
  const int64_t keys = most("att.key.weight", 0), values = most("att.value.weight", 0);
  if (keys == values) return;
  fail(title(version()) + " with keys and values of different widths is not supported.",
       fmt::format("{}: {} and {}", printable(m_weights.checkpoint().name()), keys, values),
       "Open a model whose keys are as wide as its values, as BlinkDL's are.");
}

void RwkvClaims::claimWhole() {
  m_embedding = claimNamed(m_names.whole("emb.weight"), {V, C});
  // BlinkDL's tools and flash-linear-attention can fold the first norm into the embedding.
  const bool mayBeFolded = style() != RwkvNames::Style::HuggingFace;
  const bool isThere = find(0, "ln0.weight") != nullptr || find(0, "ln0.bias") != nullptr;
  if (isThere || !mayBeFolded) m_firstNorm = claimNorm(0, "ln0");
  m_lastNorm.weight = claimNamed(m_names.whole("ln_out.weight"), {C});
  if (m_config.hasNormBias) m_lastNorm.bias = claimNamed(m_names.whole("ln_out.bias"), {C});
  const std::string head = m_names.whole("head.weight");
  if (m_config.isTied) {
    m_head = m_embedding;
    m_weights.ignore(head);
  } else {
    m_head = claimNamed(head, {V, C});
  }
}

RwkvBlock RwkvClaims::claimBlock(int64_t layer) {
  RwkvBlock block;
  block.mixerNorm = claimNorm(layer, "ln1");
  block.feedNorm = claimNorm(layer, "ln2");
  block.output = claim(layer, "att.output.weight", {C, A});
  block.feedKey = claim(layer, "ffn.key.weight", {F, C});
  block.feedValue = claim(layer, "ffn.value.weight", {C, F});
  if (version() == 7) {
    block.feedMixKey = claim(layer, "ffn.x_k", {C});
    return block;
  }
  const std::string mix = version() == 6 ? "ffn.time_maa_" : "ffn.time_mix_";
  block.feedMixKey = claim(layer, mix + "k", {C});
  block.feedMixReceptance = claim(layer, mix + "r", {C});
  block.feedReceptance = claim(layer, "ffn.receptance.weight", {C, C});
  return block;
}

const TensorInfo* RwkvClaims::find(int64_t layer, std::string_view tail) const {
  return m_weights.find(m_names.block(layer, tail));
}

bool RwkvClaims::has(std::string_view tail) const {
  for (int64_t layer = 0; layer < layers; ++layer) {
    if (find(layer, tail) != nullptr) return true;
  }
  return false;
}

const TensorInfo& RwkvClaims::need(int64_t layer, std::string_view tail) const {
  return m_weights.need(m_names.block(layer, tail));
}

RwkvTensor RwkvClaims::claimNamed(const std::string& name, const std::vector<int64_t>& shape) {
  const TensorInfo& found = m_weights.need(name);
  if (found.shape.empty() || withoutOnes(found.shape) != withoutOnes(shape)) {
    failShape(found, withOnes(shape, found.shape.size()), "");
  }
  m_weights.claim(name, found.shape);
  return {&found, shape, false};
}

RwkvTensor RwkvClaims::claim(int64_t layer, std::string_view tail, const std::vector<int64_t>& shape) {
  return claimNamed(m_names.block(layer, tail), shape);
}

RwkvTensor RwkvClaims::claimFactor(int64_t layer, std::string_view tail, int64_t rows, int64_t columns) {
  if (style() != RwkvNames::Style::Fla) return claim(layer, tail, {rows, columns});
  RwkvTensor result = claim(layer, tail, {columns, rows});
  result.isTransposed = true;
  return result;
}

RwkvTensor RwkvClaims::claimAsIs(int64_t layer, std::string_view tail) {
  const TensorInfo& found = need(layer, tail);
  return claim(layer, tail, found.shape);
}

RwkvNorm RwkvClaims::claimNorm(int64_t layer, std::string_view tail) {
  RwkvNorm norm;
  norm.weight = claim(layer, std::string(tail) + ".weight", {C});
  if (m_config.hasNormBias) norm.bias = claim(layer, std::string(tail) + ".bias", {C});
  return norm;
}

int64_t RwkvClaims::most(std::string_view tail, size_t axis, int64_t divisor) const {
  SizeVote vote;
  for (int64_t layer = 0; layer < layers; ++layer) vote.add(find(layer, tail), axis, divisor);
  return vote.result();
}

void RwkvClaims::setHeads(int64_t heads, std::string_view tail) {
  const TensorInfo& tensor = need(0, tail);
  if (heads < 1 || A % heads != 0) {
    fail("The heads do not fit the weights.",
         fmt::format("`{}`: {} heads, {} lanes", printable(tensor.name), heads, A),
         "Check that the file is complete.");
  }
  H = heads;
  N = A / heads;
  if (m_config.headSize && m_config.headSize->value != N) {
    failConfig(fmt::format("config.json: `{}` {}, the weights have heads of {} (`{}`: {})",
                           m_config.headSize->key, m_config.headSize->value, N, printable(tensor.name),
                           shapeText(tensor.shape)));
  }
}

}  // namespace uc
