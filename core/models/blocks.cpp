// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/blocks.h"

#include "core/attention/parallel.h"
#include "core/models/activations.h"
#include "core/models/device_scan.h"
#include "core/models/scan.h"

#include <algorithm>
#include <cassert>

namespace uc {

namespace {

template <typename T>
void convolve(at::Tensor& out, const at::Tensor& padded, const at::Tensor& taps, const at::Tensor& bias) {
  CausalConvolution<T> convolution;
  convolution.tokens = out.size(0);
  convolution.lanes = out.size(1);
  convolution.taps = taps.size(0);
  convolution.input = padded.data_ptr<T>();
  convolution.weight = taps.data_ptr<T>();
  convolution.bias = bias.defined() ? bias.data_ptr<T>() : nullptr;
  convolution.output = out.data_ptr<T>();
  convolveTokens(convolution, 0, convolution.tokens);
}

template <typename T>
void scanAll(at::Tensor& out, const at::Tensor& step, const at::Tensor& input, const at::Tensor& key,
             const at::Tensor& query, const at::Tensor& rate, at::Tensor& hidden, const Feedback& feedback) {
  constexpr int64_t kLanesAPiece = 64;
  SelectiveScan<T> scan;
  scan.tokens = step.size(0);
  scan.lanes = step.size(1);
  scan.state = rate.size(1);
  scan.step = step.data_ptr<T>();
  scan.input = input.data_ptr<T>();
  scan.key = key.data_ptr<T>();
  scan.query = query.data_ptr<T>();
  scan.keyStride = scan.state;
  scan.rate = rate.data_ptr<T>();
  scan.hidden = hidden.data_ptr<T>();
  scan.output = out.data_ptr<T>();
  const int64_t piece = scan.tokens == 1 ? scan.lanes : kLanesAPiece;
  inPieces(scan.lanes, piece, feedback, [&](int64_t first, int64_t last) { scanLanes(scan, first, last); });
}

template <typename T>
void siluOf(at::Tensor& x, at::Tensor& gate) {
  T* const values = x.data_ptr<T>();
  if (gate.defined()) {
    siluAndSigmoid(values, gate.data_ptr<T>(), x.numel());
  } else {
    silu(values, values, x.numel());
  }
}

}  // namespace

void inPieces(int64_t size, int64_t piece, const Feedback& feedback,
              const std::function<void(int64_t first, int64_t last)>& work) {
  const int64_t count = (size + piece - 1) / piece;
  if (count == 1) return work(0, size);
  parallelFor(
      count, [&](int64_t item, int64_t) { work(item * piece, std::min(size, (item + 1) * piece)); }, "",
      feedback);
}

at::Tensor rmsNorm(const at::Tensor& x, const at::Tensor& weight, double epsilon) {
  return x * at::rsqrt(x.square().mean(-1, true) + epsilon) * weight;
}

void linear(at::Tensor out, const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias,
            const Feedback& feedback) {
  constexpr int64_t kMultiplyAdds = 320'000'000;
  const int64_t D = weight.size(0), anOutput = std::max<int64_t>(input.numel(), 1);
  const int64_t fitting = std::max<int64_t>(kMultiplyAdds / anOutput / 64, 1) * 64;
  for (int64_t first = 0; first < D; first += fitting) {
    feedback.checkpoint();
    const int64_t last = std::min(first + fitting, D);
    at::Tensor part = out.slice(1, first, last);
    const at::Tensor rows = weight.slice(0, first, last).t();
    if (bias.defined()) {
      at::addmm_out(part, bias.slice(0, first, last), input, rows);
    } else {
      at::mm_out(part, input, rows);
    }
  }
}

void projectBack(at::Tensor out, const at::Tensor& stream, const at::Tensor& input, const at::Tensor& weight,
                 const at::Tensor& bias, int64_t piece, const Feedback& feedback) {
  inPieces(stream.size(0), piece, feedback, [&](int64_t first, int64_t last) {
    at::Tensor rows = out.slice(0, first, last);
    linear(rows, input.slice(0, first, last), weight, bias, feedback);
    rows.add_(stream.slice(0, first, last));
  });
}

void causalConvolution(at::Tensor out, const at::Tensor& padded, const at::Tensor& taps,
                       const at::Tensor& bias) {
  if (isOnDevice(out)) {
    at::mul_out(out, padded.slice(0, 0, out.size(0)), taps[0]);
    for (int64_t j = 1; j < taps.size(0); ++j) out.addcmul_(padded.slice(0, j, j + out.size(0)), taps[j]);
    if (bias.defined()) out.add_(bias);
  } else if (out.scalar_type() == at::kDouble) {
    convolve<double>(out, padded, taps, bias);
  } else {
    convolve<float>(out, padded, taps, bias);
  }
}

void siluInPlace(at::Tensor x, at::Tensor gate) {
  assert(x.is_contiguous() && (!gate.defined() || gate.is_contiguous()));
  if (isOnDevice(x)) {
    const at::Tensor factor = at::sigmoid(x);
    if (gate.defined()) gate.copy_(factor);
    x.mul_(factor);
  } else if (x.scalar_type() == at::kDouble) {
    siluOf<double>(x, gate);
  } else {
    siluOf<float>(x, gate);
  }
}

void tanhGeluInPlace(at::Tensor x) {
  assert(x.is_contiguous());
  if (x.scalar_type() == at::kDouble) {
    tanhGelu(x.data_ptr<double>(), x.data_ptr<double>(), x.numel());
  } else {
    tanhGelu(x.data_ptr<float>(), x.data_ptr<float>(), x.numel());
  }
}

void softplusInPlace(at::Tensor x) {
  assert(x.is_contiguous());
  if (isOnDevice(x)) {
    at::softplus_out(x, x);
  } else if (x.scalar_type() == at::kDouble) {
    softplus(x.data_ptr<double>(), x.data_ptr<double>(), x.numel());
  } else {
    softplus(x.data_ptr<float>(), x.data_ptr<float>(), x.numel());
  }
}

void selectiveScan(at::Tensor out, const at::Tensor& step, const at::Tensor& input, const at::Tensor& key,
                   const at::Tensor& query, const at::Tensor& rate, at::Tensor hidden,
                   const Feedback& feedback) {
  if (isOnDevice(step)) {
    selectiveScanOnDevice(out, step, input, key, query, rate, hidden);
  } else if (step.scalar_type() == at::kDouble) {
    scanAll<double>(out, step, input, key, query, rate, hidden, feedback);
  } else {
    scanAll<float>(out, step, input, key, query, rate, hidden, feedback);
  }
}

}  // namespace uc
