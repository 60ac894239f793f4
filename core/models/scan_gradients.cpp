// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/scan_gradients.h"

#include "core/attention/parallel.h"
#include "core/models/blocks.h"
#include "core/models/device_scan.h"
#include "core/models/gradient_support.h"
#include "core/models/scan.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <vector>

namespace uc {

std::vector<at::Tensor> zerosLike(const std::vector<at::Tensor>& inputs, size_t count) {
  std::vector<at::Tensor> zeros;
  for (size_t i = 0; i < count; ++i) zeros.push_back(at::zeros_like(inputs[i]));
  return zeros;
}

at::Tensor startsOfChunks(int64_t tokens, const at::Tensor& state,
                          const std::function<void(int64_t first, int64_t last)>& run) {
  std::vector<int64_t> sizes = state.sizes().vec();
  sizes.insert(sizes.begin(), (tokens + kAdjointChunk - 1) / kAdjointChunk);
  at::Tensor starts = at::empty(sizes, state.options());
  for (int64_t t = 0; t < tokens; t += kAdjointChunk) {
    starts[t / kAdjointChunk].copy_(state);
    run(t, std::min(tokens, t + kAdjointChunk));
  }
  return starts;
}

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int64_t kLanesAPiece = 64;

// Runs work(item, toKey, toQuery) for every item, each with zeros [L, N] of its own, and adds these up in the
// order of items at toKey, toQuery + placeOf(item), rows `stride` apart.
template <typename T>
void reverseAll(int64_t items, int64_t tokens, int64_t state,
                const std::function<void(int64_t, T*, T*)>& work,
                const std::function<int64_t(int64_t)>& placeOf, int64_t stride, T* toKey, T* toQuery) {
  const int64_t size = tokens * state;
  std::vector<T> scratch(static_cast<size_t>(2 * size * workersFor(items)));
  const auto own = [&](int64_t worker) { return scratch.data() + 2 * size * worker; };
  const auto add = [&](const T* from, T* to) {
    for (int64_t t = 0; t < tokens; ++t) {
      for (int64_t n = 0; n < state; ++n) to[t * stride + n] += from[t * state + n];
    }
  };
  parallelInOrder(
      items,
      [&](int64_t item, int64_t worker) {
        std::fill_n(own(worker), 2 * size, T(0));
        work(item, own(worker), own(worker) + size);
      },
      [&](int64_t item, int64_t worker) {
        add(own(worker), toKey + placeOf(item));
        add(own(worker) + size, toQuery + placeOf(item));
      },
      "", {});
}

struct SelectiveFunction : torch::autograd::Function<SelectiveFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& step, const at::Tensor& input,
                            const at::Tensor& key, const at::Tensor& query, const at::Tensor& rate,
                            const at::Tensor& start, const Feedback& feedback) {
    at::Tensor output = at::empty_like(input), state = start.clone();
    const at::Tensor starts = startsOfChunks(input.size(0), state, [&](int64_t first, int64_t last) {
      const auto part = [&](const at::Tensor& rows) { return rows.slice(0, first, last); };
      selectiveScan(part(output), part(step), part(input), part(key), part(query), rate, state, feedback);
    });
    context->save_for_backward({step, input, key, query, rate, starts});
    return output;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor gradient = gradients[0].contiguous();
    variable_list result = zerosLike(saved, 5);
    result.push_back(at::zeros_like(saved[4]));  // start
    result.emplace_back();                       // feedback
    if (isOnDevice(gradient)) {
      selectiveGradientOnDevice(saved, gradient, result);
      return result;
    }
    forTypeOf(gradient, [&]<typename T>(T) { reverse<T>(saved, gradient, result); });
    return result;
  }

 private:
  template <typename T>
  static void reverse(const variable_list& saved, const at::Tensor& gradient, const variable_list& result) {
    const int64_t L = gradient.size(0), D = gradient.size(1), N = saved[4].size(1);
    const auto work = [&](int64_t item, T* toKey, T* toQuery) {
      const int64_t d = item * kLanesAPiece;
      SelectiveAdjoint<T> adjoint;
      adjoint.tokens = L;
      adjoint.lanes = std::min(kLanesAPiece, D - d);
      adjoint.state = N;
      adjoint.step = at0<T>(saved[0]) + d;
      adjoint.input = at0<T>(saved[1]) + d;
      adjoint.key = at0<T>(saved[2]);
      adjoint.query = at0<T>(saved[3]);
      adjoint.rate = at0<T>(saved[4]) + d * N;
      adjoint.starts = at0<T>(saved[5]) + d * N;
      adjoint.gradient = at0<T>(gradient) + d;
      adjoint.stepStride = adjoint.stride = D;
      adjoint.keyStride = N;
      adjoint.startStride = D * N;
      adjoint.toStep = at0<T>(result[0]) + d;
      adjoint.toInput = at0<T>(result[1]) + d;
      adjoint.toKey = toKey;
      adjoint.toQuery = toQuery;
      adjoint.toRate = at0<T>(result[4]) + d * N;
      adjoint.toHidden = at0<T>(result[5]) + d * N;
      reverseLanes(adjoint);
    };
    reverseAll<T>((D + kLanesAPiece - 1) / kLanesAPiece, L, N, work, [](int64_t) { return 0; }, N,
                  at0<T>(result[2]), at0<T>(result[3]));
  }
};

struct HeadFunction : torch::autograd::Function<HeadFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& step, const at::Tensor& input,
                            const at::Tensor& key, const at::Tensor& query, const at::Tensor& rate,
                            const Feedback& feedback) {
    const int64_t L = input.size(0), D = input.size(1), G = key.size(1), N = key.size(2);
    // the kernel takes all three from one row, as the convolution leaves them
    const at::Tensor rows = at::cat({input, key.reshape({L, G * N}), query.reshape({L, G * N})}, 1);
    at::Tensor output = at::empty_like(input), state = at::zeros({D, N}, input.options()), starts;
    forTypeOf(input, [&]<typename T>(T) {
      HeadScan<T> scan;
      scan.heads = rate.size(0);
      scan.lanesAHead = D / scan.heads;
      scan.groups = G;
      scan.state = N;
      scan.stride = rows.size(1);
      scan.rate = at0<T>(rate);
      scan.hidden = at0<T>(state);
      starts = startsOfChunks(L, state, [&](int64_t first, int64_t last) {
        scan.tokens = last - first;
        scan.step = at0<T>(step) + first * scan.heads;
        scan.input = at0<T>(rows) + first * scan.stride;
        scan.key = scan.input + D;
        scan.query = scan.key + G * N;
        scan.output = at0<T>(output) + first * D;
        inPieces(D, kLanesAPiece, feedback, [&](int64_t from, int64_t to) { scanHeads(scan, from, to); });
      });
    });
    context->save_for_backward({step, input, key, query, rate, starts});
    return output;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor gradient = gradients[0].contiguous();
    variable_list result = zerosLike(saved, 5);
    result.emplace_back();
    forTypeOf(gradient, [&]<typename T>(T) { reverse<T>(saved, gradient, result); });
    return result;
  }

 private:
  template <typename T>
  static void reverse(const variable_list& saved, const at::Tensor& gradient, const variable_list& result) {
    const int64_t L = gradient.size(0), D = gradient.size(1), H = saved[4].size(0), P = D / H;
    const int64_t G = saved[2].size(1), N = saved[2].size(2);
    const auto groupOf = [&](int64_t head) { return head * G / H * N; };
    const auto work = [&](int64_t head, T* toKey, T* toQuery) {
      const int64_t d = head * P;
      SelectiveAdjoint<T> adjoint;
      adjoint.tokens = L;
      adjoint.lanes = P;
      adjoint.state = N;
      adjoint.isShared = true;
      adjoint.step = at0<T>(saved[0]) + head;
      adjoint.input = at0<T>(saved[1]) + d;
      adjoint.key = at0<T>(saved[2]) + groupOf(head);
      adjoint.query = at0<T>(saved[3]) + groupOf(head);
      adjoint.rate = at0<T>(saved[4]) + head;
      adjoint.starts = at0<T>(saved[5]) + d * N;
      adjoint.gradient = at0<T>(gradient) + d;
      adjoint.stepStride = H;
      adjoint.stride = D;
      adjoint.keyStride = G * N;
      adjoint.startStride = D * N;
      adjoint.toStep = at0<T>(result[0]) + head;
      adjoint.toInput = at0<T>(result[1]) + d;
      adjoint.toKey = toKey;
      adjoint.toQuery = toQuery;
      adjoint.toRate = at0<T>(result[4]) + head;
      reverseLanes(adjoint);
    };
    reverseAll<T>(H, L, N, work, groupOf, G * N, at0<T>(result[2]), at0<T>(result[3]));
  }
};

}  // namespace

at::Tensor selectiveScanWithGradient(const at::Tensor& step, const at::Tensor& input, const at::Tensor& key,
                                     const at::Tensor& query, const at::Tensor& rate, const at::Tensor& start,
                                     const Feedback& feedback) {
  const at::Tensor first = start.defined() ? start.contiguous() : at::zeros_like(rate);
  return SelectiveFunction::apply(step.contiguous(), input.contiguous(), key.contiguous(), query.contiguous(),
                                  rate.contiguous(), first, feedback);
}

at::Tensor headScanWithGradient(const at::Tensor& step, const at::Tensor& input, const at::Tensor& key,
                                const at::Tensor& query, const at::Tensor& rate, const Feedback& feedback) {
  return HeadFunction::apply(step.contiguous(), input.contiguous(), key.contiguous(), query.contiguous(),
                             rate.contiguous(), feedback);
}

}  // namespace uc
