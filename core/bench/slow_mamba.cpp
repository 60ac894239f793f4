// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/bench/slow_mamba.h"

#include <ATen/ATen.h>

#include <span>
#include <string>

namespace uc::bench {
namespace {

constexpr double kEpsilon = 1e-5;

at::Tensor normed(const at::Tensor& stream, const at::Tensor& weight) {
  return weight * (stream * at::rsqrt(stream.pow(2).mean(-1, true) + kEpsilon));
}

}  // namespace

SlowMamba::SlowMamba(std::shared_ptr<const Checkpoint> checkpoint, int64_t layers)
    : m_checkpoint(std::move(checkpoint)) {
  m_embedding = read("backbone.embeddings.weight");
  m_norm = read("backbone.norm_f.weight");
  for (int64_t i = 0; i < layers; ++i) {
    const std::string block = "backbone.layers." + std::to_string(i) + ".", mixer = block + "mixer.";
    m_layers.push_back({read(block + "norm.weight"), read(mixer + "in_proj.weight"),
                        read(mixer + "conv1d.weight"), read(mixer + "conv1d.bias"),
                        read(mixer + "x_proj.weight"), read(mixer + "dt_proj.weight"),
                        read(mixer + "dt_proj.bias"), read(mixer + "A_log"), read(mixer + "D"),
                        read(mixer + "out_proj.weight")});
  }
}

at::Tensor SlowMamba::read(const std::string& name) const {
  const TensorInfo* info = m_checkpoint->find(name);
  if (info == nullptr) fail("A tensor is missing.", name, "The bench needs Hugging Face's names.");
  const at::Tensor value = at::empty(info->shape, at::kFloat);
  m_checkpoint->read(*info, std::span(value.data_ptr<float>(), static_cast<size_t>(value.numel())));
  return value;
}

at::Tensor SlowMamba::embed(const std::vector<int64_t>& ids) const {
  return m_embedding.index_select(0, at::tensor(ids, at::kLong));
}

at::Tensor SlowMamba::blocks(at::Tensor stream, const Feedback& feedback) const {
  for (const Layer& layer : m_layers) stream = stream + mixer(layer, normed(stream, layer.norm), feedback);
  return stream;
}

at::Tensor SlowMamba::logits(const at::Tensor& stream) const {
  return at::linear(normed(stream, m_norm), m_embedding);
}

at::Tensor SlowMamba::mixer(const Layer& layer, const at::Tensor& input, const Feedback& feedback) {
  const int64_t L = input.size(0), D = layer.skip.size(0), N = layer.rateLog.size(1);
  const int64_t K = layer.conv.size(2), R = layer.stepProj.size(1);
  const std::vector<at::Tensor> halves = at::linear(input, layer.inProj).t().chunk(2, 0);  // [D, L] twice
  const at::Tensor wide = at::conv1d(halves[0].unsqueeze(0), layer.conv, layer.convBias, 1, K - 1, 1, D);
  const at::Tensor x = at::silu(wide[0].slice(1, 0, L));       // [D, L]
  const at::Tensor selected = at::linear(x.t(), layer.xProj);  // [L, R + 2N]
  const at::Tensor key = selected.slice(1, R, R + N), query = selected.slice(1, R + N, R + 2 * N);
  const at::Tensor step =
      at::softplus(at::linear(selected.slice(1, 0, R), layer.stepProj, layer.stepBias)).t();  // [D, L]
  const at::Tensor rate = -at::exp(layer.rateLog);
  const at::Tensor decays = at::exp(rate.unsqueeze(1) * step.unsqueeze(2));        // [D, L, N]
  const at::Tensor added = step.unsqueeze(2) * key.unsqueeze(0) * x.unsqueeze(2);  // [D, L, N]
  at::Tensor state = at::zeros({D, N});
  std::vector<at::Tensor> outputs;
  for (int64_t t = 0; t < L; ++t) {
    if (t % 64 == 0) feedback.checkpoint();
    state = decays.select(1, t) * state + added.select(1, t);
    outputs.push_back(at::matmul(state, query[t].unsqueeze(1)).select(1, 0));
  }
  at::Tensor y = at::stack(outputs, 1);  // [D, L]
  y = (y + x * layer.skip.unsqueeze(1)) * at::silu(halves[1]);
  return at::linear(y.t(), layer.outProj);
}

}  // namespace uc::bench
