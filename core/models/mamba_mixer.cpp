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

MambaMixerState freshMambaMixerState(int64_t lanes, int64_t state, int64_t taps, at::ScalarType type) {
  return {at::zeros({taps - 1, lanes}, type), at::zeros({lanes, state}, type)};
}

at::Tensor withHistory(const MambaMixerState& state, int64_t tokens) {
  const int64_t before = state.history.size(0);
  at::Tensor padded = at::empty({before + tokens, state.history.size(1)}, state.history.options());
  padded.slice(0, 0, before).copy_(state.history);
  return padded;
}

// Two passes: up to the scan, the scan.
MambaMixed mixSelective(const MambaMixer& mixer, const at::Tensor& padded, const at::Tensor& gate,
                        MambaMixerState& state, const Feedback& feedback) {
  const auto [D, K, N, R] =
      std::tuple(mixer.taps.size(0), mixer.taps.size(1), mixer.rate.size(1), mixer.stepProj.size(1));
  const int64_t before = K - 1, L = padded.size(0) - before;
  assert(gate.size(0) == L && state.history.size(0) == before);
  const auto empty = [&](int64_t columns) { return at::empty({L, columns}, padded.options()); };
  MambaMixed mixed{padded.slice(0, before), gate, empty(D), empty(D), empty(D), empty(N), empty(N), empty(D)};
  state.history = padded.slice(0, L).clone();

  const at::Tensor tapRows = mixer.taps.t().contiguous();
  inPieces(L, kPiece, feedback, [&](int64_t first, int64_t last) {
    at::Tensor a = mixed.a.slice(0, first, last), activation = mixed.activation.slice(0, first, last);
    causalConvolution(a, padded.slice(0, first, last + before), tapRows, mixer.convBias);
    at::sigmoid_out(activation, a);
    a.mul_(activation);
    const at::Tensor selected = at::mm(a, mixer.selection.t());  // [l, R + 2N]
    const auto part = [&](int64_t from, int64_t to) {
      return withoutScale(selected.slice(1, from, to), mixer.selectionEpsilon);
    };
    at::Tensor step = mixed.step.slice(0, first, last);
    linear(step, part(0, R), mixer.stepProj, mixer.stepBias);
    at::softplus_out(step, step);
    mixed.key.slice(0, first, last).copy_(part(R, R + N));
    mixed.query.slice(0, first, last).copy_(part(R + N, R + 2 * N));
  });

  selectiveScan(mixed.y, mixed.step, mixed.a, mixed.key, mixed.query, mixer.rate, state.hidden, feedback);
  inPieces(L, kPiece, feedback, [&](int64_t first, int64_t last) {
    mixed.y.slice(0, first, last)
        .addcmul_(mixed.a.slice(0, first, last), mixer.skip)
        .mul_(gate.slice(0, first, last));
  });
  return mixed;
}

LayerFactors selectiveFactors(const MambaMixer& mixer, const MambaMixed& mixed) {
  LayerFactors result;
  result.tokens = mixed.x.size(0);
  result.lanes = mixer.taps.size(0);
  result.scans = result.lanes;
  result.state = mixer.rate.size(1);
  result.query = mixed.query.unsqueeze(1);
  result.key = mixed.key.unsqueeze(1);
  result.step = mixed.step;
  result.rate = mixer.rate;
  result.rowScale = mixed.gate;
  result.columnScale = mixed.activation;
  result.taps = mixer.taps;
  result.convBias = mixer.convBias;
  result.skip = mixer.skip;
  result.x = mixed.x;
  result.y = mixed.y;
  return result;
}

}  // namespace uc
