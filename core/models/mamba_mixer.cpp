// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/mamba_mixer.h"

#include "core/models/blocks.h"

#include <cassert>
#include <tuple>

namespace uc {

namespace {

constexpr int64_t kPiece = 256;  // tokens a thread works on at a time

// x / rms(x) over the last dimension, as FalconMambaMixer of transformers does it.
at::Tensor withoutScale(const at::Tensor& x, const std::optional<double>& epsilon) {
  return epsilon ? x * at::rsqrt(x.square().mean(-1, true) + *epsilon) : x;
}

}  // namespace

MambaMixer loadMambaMixer(Weights& weights, const MambaMixerTensors& tensors) {
  MambaMixer mixer;
  mixer.taps = weights.get(tensors.conv).squeeze(1);
  mixer.convBias = weights.get(tensors.convBias);
  mixer.selection = weights.get(tensors.xProj);
  mixer.stepProj = weights.get(tensors.dtProj);
  mixer.stepBias = weights.get(tensors.dtBias);
  mixer.rate = weights.get(tensors.aLog).exp().neg();
  mixer.skip = weights.get(tensors.skip);
  return mixer;
}

MambaMixerState freshMambaMixerState(int64_t lanes, int64_t state, int64_t taps,
                                     const at::TensorOptions& options) {
  return {at::zeros({taps - 1, lanes}, options), at::zeros({lanes, state}, options)};
}

at::Tensor withHistory(const MambaMixerState& state, int64_t tokens) {
  const int64_t before = state.history.size(0);
  at::Tensor padded = at::empty({before + tokens, state.history.size(1)}, state.history.options());
  padded.slice(0, 0, before).copy_(state.history);
  return padded;
}

// Two passes: up to the scan, the scan. Key, query and step depend on all lanes, the rest on those wanted.
MambaMixed mixSelective(const MambaMixer& mixer, const at::Tensor& padded, const at::Tensor& gate,
                        const FactorNeeds& needs, MambaMixerState& state, const Feedback& feedback) {
  const auto [D, K, N, R] =
      std::tuple(mixer.taps.size(0), mixer.taps.size(1), mixer.rate.size(1), mixer.stepProj.size(1));
  const int64_t before = K - 1, L = padded.size(0) - before, W = needs.lanes();
  assert(state.history.size(0) == before && (!gate.defined() || gate.size(1) == W));
  const auto empty = [&](int64_t columns) { return at::empty({L, columns}, padded.options()); };
  const auto own = [&](const at::Tensor& all, int64_t axis) {
    return all.defined() ? all.slice(axis, needs.firstLane, needs.lastLane) : all;
  };
  const at::Tensor a = empty(D), sigma = empty(D);  // silu(c), σ(c)
  MambaMixed mixed{own(padded.slice(0, before), 1).contiguous(), gate, {}, empty(W), empty(N), empty(N), {}};
  state.history = padded.slice(0, L).clone();

  const at::Tensor tapRows = mixer.taps.t().contiguous();
  inPieces(L, kPiece, feedback, [&](int64_t first, int64_t last) {
    at::Tensor rows = a.slice(0, first, last), sigmaRows = sigma.slice(0, first, last);
    causalConvolution(rows, padded.slice(0, first, last + before), tapRows, mixer.convBias);
    siluInPlace(rows, sigmaRows);
    const at::Tensor selected = at::mm(rows, mixer.selection.t());  // [l, R + 2N]
    const auto part = [&](int64_t from, int64_t to) {
      return withoutScale(selected.slice(1, from, to), mixer.selectionEpsilon);
    };
    at::Tensor step = mixed.step.slice(0, first, last);
    linear(step, part(0, R), own(mixer.stepProj, 0), own(mixer.stepBias, 0));
    softplusInPlace(step);
    mixed.key.slice(0, first, last).copy_(part(R, R + N));
    mixed.query.slice(0, first, last).copy_(part(R + N, R + 2 * N));
  });
  mixed.activation = own(sigma, 1).contiguous();
  if (!needs.hasOutput) return mixed;

  mixed.y = empty(W);
  const at::Tensor input = own(a, 1).contiguous(), skip = own(mixer.skip, 0);
  selectiveScan(mixed.y, mixed.step, input, mixed.key, mixed.query, own(mixer.rate, 0), own(state.hidden, 0),
                feedback);
  inPieces(L, kPiece, feedback, [&](int64_t first, int64_t last) {
    mixed.y.slice(0, first, last)
        .addcmul_(input.slice(0, first, last), skip)
        .mul_(gate.slice(0, first, last));
  });
  return mixed;
}

LayerFactors selectiveFactors(const MambaMixer& mixer, const MambaMixed& mixed, const FactorNeeds& needs) {
  const auto own = [&](const at::Tensor& all) {
    return all.defined() ? all.slice(0, needs.firstLane, needs.lastLane) : all;
  };
  LayerFactors result;
  result.tokens = mixed.x.size(0);
  result.lanes = needs.lanes();
  result.scans = result.lanes;
  result.state = mixer.rate.size(1);
  result.query = mixed.query.unsqueeze(1);
  result.key = mixed.key.unsqueeze(1);
  result.step = mixed.step;
  result.rate = own(mixer.rate);
  result.rowScale = mixed.gate;
  result.columnScale = mixed.activation;
  result.taps = own(mixer.taps);
  result.convBias = own(mixer.convBias);
  result.skip = own(mixer.skip);
  result.x = mixed.x;
  result.y = mixed.y;
  return result;
}

}  // namespace uc
