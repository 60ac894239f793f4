// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/blocks.h"
#include "core/models/gradient_support.h"
#include "core/models/griffin_scan.h"
#include "core/models/rwkv_scan.h"
#include "core/models/scan_gradients.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

namespace uc {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int64_t kLanesAPiece = 64;

struct LogSumFunction : torch::autograd::Function<LogSumFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& key, const at::Tensor& value,
                            const at::Tensor& rate, const at::Tensor& bonus, const Feedback& feedback) {
    const int64_t L = key.size(0), D = key.size(1);
    const at::Tensor output = at::empty_like(key), logNormalizer = at::empty({L, D}, at::kDouble);
    const at::Tensor state = at::zeros({3, D}, at::kDouble);
    state[2].fill_(kLogSumStart);
    at::Tensor starts;
    forTypeOf(key, [&]<typename T>(T) {
      LogSumScan<T> scan;
      scan.lanes = D;
      scan.rate = at0<T>(rate);
      scan.bonus = at0<T>(bonus);
      scan.state = at0<double>(state);
      starts = startsOfChunks(L, state, [&](int64_t first, int64_t last) {
        scan.tokens = last - first;
        scan.key = at0<T>(key) + first * D;
        scan.value = at0<T>(value) + first * D;
        scan.output = at0<T>(output) + first * D;
        scan.logNormalizer = at0<double>(logNormalizer) + first * D;
        inPieces(D, kLanesAPiece, feedback, [&](int64_t from, int64_t to) { scanLanes(scan, from, to); });
      });
    });
    context->save_for_backward({key, value, rate, bonus, logNormalizer, starts, output});
    return output;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor gradient = gradients[0].contiguous();
    variable_list result = zerosLike(saved, 4);
    result.emplace_back();  // feedback
    forTypeOf(gradient, [&]<typename T>(T) {
      LogSumAdjoint<T> adjoint;
      adjoint.tokens = gradient.size(0);
      adjoint.lanes = gradient.size(1);
      adjoint.key = at0<T>(saved[0]);
      adjoint.value = at0<T>(saved[1]);
      adjoint.rate = at0<T>(saved[2]);
      adjoint.bonus = at0<T>(saved[3]);
      adjoint.logNormalizer = at0<double>(saved[4]);
      adjoint.starts = at0<double>(saved[5]);
      adjoint.output = at0<T>(saved[6]);
      adjoint.gradient = at0<T>(gradient);
      adjoint.toKey = at0<T>(result[0]);
      adjoint.toValue = at0<T>(result[1]);
      adjoint.toRate = at0<T>(result[2]);
      adjoint.toBonus = at0<T>(result[3]);
      inPieces(adjoint.lanes, kLanesAPiece, {},
               [&](int64_t first, int64_t last) { reverseLanes(adjoint, first, last); });
    });
    return result;
  }
};

struct MatrixFunction : torch::autograd::Function<MatrixFunction> {
  static constexpr size_t kInputs = 7;
  using Optional = c10::optional<at::Tensor>;  // a function's inputs are defined tensors, or none

  static at::Tensor forward(AutogradContext* context, const at::Tensor& receptance, const at::Tensor& key,
                            const at::Tensor& value, const at::Tensor& decay, const Optional& givenBonus,
                            const Optional& givenRemoveKey, const Optional& givenRemoveWrite,
                            const Feedback& feedback) {
    const at::Tensor bonus = givenBonus.value_or(at::Tensor()),
                     removeKey = givenRemoveKey.value_or(at::Tensor()),
                     removeWrite = givenRemoveWrite.value_or(at::Tensor());
    const int64_t L = value.size(0), H = value.size(1), N = value.size(2);
    at::Tensor output = at::empty_like(value), state = at::zeros({H, N, N}, value.options()), starts;
    forTypeOf(value, [&]<typename T>(T) {
      const auto rows = [&](const at::Tensor& tensor, int64_t first) {
        return tensor.defined() ? at0<T>(tensor) + first * H * N : nullptr;
      };
      MatrixScan<T> scan;
      scan.heads = H;
      scan.state = N;
      scan.decayStride = H * N;
      scan.bonus = at0<T>(bonus);
      scan.hidden = at0<T>(state);
      starts = startsOfChunks(L, state, [&](int64_t first, int64_t last) {
        scan.tokens = last - first;
        scan.receptance = rows(receptance, first);
        scan.key = rows(key, first);
        scan.value = rows(value, first);
        scan.decay = rows(decay, first);
        scan.removeKey = rows(removeKey, first);
        scan.removeWrite = rows(removeWrite, first);
        scan.output = rows(output, first);
        inPieces(scan.slices(), 1, feedback, [&](int64_t from, int64_t to) { scanSlices(scan, from, to); });
      });
    });
    context->save_for_backward({receptance, key, value, decay, bonus, removeKey, removeWrite, starts});
    return output;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor gradient = gradients[0].contiguous();
    variable_list result;
    for (size_t i = 0; i < kInputs; ++i)
      result.push_back(saved[i].defined() ? at::zeros_like(saved[i]) : at::Tensor());
    result.emplace_back();  // feedback
    forTypeOf(gradient, [&]<typename T>(T) {
      MatrixAdjoint<T> adjoint;
      adjoint.tokens = gradient.size(0);
      adjoint.heads = gradient.size(1);
      adjoint.state = gradient.size(2);
      const T** const sources[kInputs] = {&adjoint.receptance, &adjoint.key,   &adjoint.value,
                                          &adjoint.decay,      &adjoint.bonus, &adjoint.removeKey,
                                          &adjoint.removeWrite};
      T** const targets[kInputs] = {&adjoint.toReceptance, &adjoint.toKey,   &adjoint.toValue,
                                    &adjoint.toDecay,      &adjoint.toBonus, &adjoint.toRemoveKey,
                                    &adjoint.toRemoveWrite};
      for (size_t i = 0; i < kInputs; ++i) {
        *sources[i] = at0<T>(saved[i]);
        *targets[i] = at0<T>(result[i]);
      }
      adjoint.starts = at0<T>(saved[kInputs]);
      adjoint.gradient = at0<T>(gradient);
      inPieces(adjoint.heads, 1, {},
               [&](int64_t first, int64_t last) { reverseHeads(adjoint, first, last); });
    });
    return result;
  }
};

struct GatedFunction : torch::autograd::Function<GatedFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& decay, const at::Tensor& write,
                            const Feedback& feedback) {
    const at::Tensor output = decay.clone(), hidden = at::zeros({decay.size(1)}, decay.options());
    const at::Tensor one = at::ones_like(write);
    forTypeOf(write, [&]<typename T>(T) {
      GatedScan<T> scan;
      scan.tokens = output.size(0);
      scan.lanes = output.size(1);
      scan.key = at0<T>(one);
      scan.input = at0<T>(write);
      scan.values = at0<T>(output);
      scan.hidden = at0<T>(hidden);
      inPieces(scan.lanes, kLanesAPiece, feedback,
               [&](int64_t first, int64_t last) { scanLanes(scan, first, last); });
    });
    context->save_for_backward({decay, output});
    return output;
  }

  // The gradient of every output is a scan of its own: the same one from the last token to the first.
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor gradient = gradients[0].contiguous(), decay = saved[0], output = saved[1];
    at::Tensor toDecay = at::zeros_like(decay), toWrite = at::empty_like(decay);
    forTypeOf(gradient, [&]<typename T>(T) {
      const int64_t L = decay.size(0), W = decay.size(1);
      const auto reverse = [&](int64_t first, int64_t last) {
        for (int64_t t = L - 1; t >= 0; --t) {
          const T *later = at0<T>(toWrite) + (t + 1) * W, *kept = at0<T>(decay) + (t + 1) * W;
          const T *own = at0<T>(gradient) + t * W, *before = at0<T>(output) + std::max<int64_t>(t - 1, 0) * W;
          T *write = at0<T>(toWrite) + t * W, *decayed = at0<T>(toDecay) + t * W;
          for (int64_t w = first; w < last; ++w) write[w] = own[w] + (t + 1 < L ? kept[w] * later[w] : T(0));
          for (int64_t w = first; t > 0 && w < last; ++w) decayed[w] = write[w] * before[w];
        }
      };
      inPieces(W, kLanesAPiece, {}, reverse);
    });
    return {toDecay, toWrite, at::Tensor()};
  }
};

MatrixFunction::Optional given(const at::Tensor& tensor) {
  return tensor.defined() ? MatrixFunction::Optional(tensor.contiguous()) : c10::nullopt;
}

}  // namespace

at::Tensor logSumScanWithGradient(const at::Tensor& key, const at::Tensor& value, const at::Tensor& rate,
                                  const at::Tensor& bonus, const Feedback& feedback) {
  return LogSumFunction::apply(key.contiguous(), value.contiguous(), rate.contiguous(), bonus.contiguous(),
                               feedback);
}

at::Tensor matrixScanWithGradient(const MatrixScanInputs& inputs, const Feedback& feedback) {
  return MatrixFunction::apply(inputs.receptance.contiguous(), inputs.key.contiguous(),
                               inputs.value.contiguous(), inputs.decay.contiguous(), given(inputs.bonus),
                               given(inputs.removeKey), given(inputs.removeWrite), feedback);
}

at::Tensor gatedScanWithGradient(const at::Tensor& decay, const at::Tensor& write, const Feedback& feedback) {
  return GatedFunction::apply(decay.contiguous(), write.contiguous(), feedback);
}

}  // namespace uc
