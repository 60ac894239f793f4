// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/bench/published.h"

#include <ATen/ATen.h>

#include <array>
#include <cassert>
#include <cmath>
#include <vector>

namespace uc::bench {
namespace {

constexpr int64_t kState = 16;
using State = std::array<float, kState>;

/// What the loop reads, of one lane.
struct LaneTerms {
  std::vector<State> decays, keys;  // [L]: exp(Δ A), Δ B
};

LaneTerms termsOf(const LayerFactors& layer, int64_t lane) {
  const float* steps = layer.step.data_ptr<float>() + lane;
  const float* rate = layer.rate.data_ptr<float>() + lane * kState;
  const float* key = layer.key.data_ptr<float>();
  LaneTerms terms;
  for (int64_t t = 0; t < layer.tokens; ++t) {
    const float step = steps[t * layer.scans];
    State decay{}, scaled{};
    for (int64_t n = 0; n < kState; ++n) {
      decay[n] = std::exp(step * rate[n]);
      scaled[n] = step * key[t * kState + n];
    }
    terms.decays.push_back(decay);
    terms.keys.push_back(scaled);
  }
  return terms;
}

}  // namespace

void publishedMap(const LayerFactors& layer, int64_t lane, float* out, const Feedback& feedback) {
  assert(layer.state == kState && layer.scans == layer.lanes && layer.step.defined());
  assert(layer.query.size(1) == 1 && layer.key.size(1) == 1);
  const LaneTerms terms = termsOf(layer, lane);
  const float* query = layer.query.data_ptr<float>();
  for (int64_t t = 0; t < layer.tokens; ++t) {
    feedback.checkpoint();
    for (int64_t s = 0; s <= t; ++s) {
      State product;
      product.fill(1.0F);
      for (int64_t r = t; r > s; --r) {
        const State& decay = terms.decays[static_cast<size_t>(r)];
        for (int64_t n = 0; n < kState; ++n) product[n] *= decay[n];
      }
      const State& key = terms.keys[static_cast<size_t>(s)];
      float sum = 0.0F;
      for (int64_t n = 0; n < kState; ++n) sum += query[t * kState + n] * product[n] * key[n];
      out[t * layer.tokens + s] = sum;
    }
  }
}

at::Tensor publishedDecays(const LayerFactors& layer) {
  return at::exp(layer.step.unsqueeze(2) * layer.rate);
}

at::Tensor publishedLastRow(const LayerFactors& layer, const at::Tensor& decays, int64_t columns,
                            const Feedback& feedback) {
  const int64_t last = layer.tokens - 1, stride = layer.tokens / columns;
  const at::Tensor query = layer.query[last];  // [1, N]
  at::Tensor row = at::zeros({layer.lanes, columns});
  for (int64_t column = 0; column < columns; ++column) {
    feedback.checkpoint();
    const int64_t s = column * stride + stride / 2;
    at::Tensor product = at::ones_like(layer.rate);  // [D, N]
    for (int64_t r = last; r > s; --r) product = product * decays[r];
    const at::Tensor key = layer.step[s].unsqueeze(1) * layer.key[s];  // [D, N]
    row.select(1, column).copy_((query * product * key).sum(1));
  }
  return row;
}

}  // namespace uc::bench
