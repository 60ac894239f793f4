// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/blocks.h"

#include "core/attention/parallel.h"
#include "core/models/scan.h"

#include <algorithm>

namespace uc {

namespace {

// Pieces large enough to be worth a thread: a single token's work stays on the calling one.
constexpr int64_t kLanesAPiece = 64;
constexpr int64_t kTokensAPiece = 128;

void inPieces(int64_t size, int64_t piece, const Feedback& feedback,
              const std::function<void(int64_t first, int64_t last)>& work) {
  const int64_t count = (size + piece - 1) / piece;
  if (count == 1) return work(0, size);
  parallelFor(
      count, [&](int64_t item, int64_t) { work(item * piece, std::min(size, (item + 1) * piece)); }, "",
      feedback);
}

template <typename T>
void convolve(const at::Tensor& padded, const at::Tensor& taps, const at::Tensor& bias, at::Tensor& result,
              const Feedback& feedback) {
  CausalConvolution<T> convolution;
  convolution.tokens = result.size(0);
  convolution.lanes = result.size(1);
  convolution.taps = taps.size(0);
  convolution.input = padded.data_ptr<T>();
  convolution.weight = taps.data_ptr<T>();
  convolution.bias = bias.defined() ? bias.data_ptr<T>() : nullptr;
  convolution.output = result.data_ptr<T>();
  inPieces(convolution.tokens, kTokensAPiece, feedback,
           [&](int64_t first, int64_t last) { convolveTokens(convolution, first, last); });
}

template <typename T>
void scanAll(const at::Tensor& step, const at::Tensor& input, const at::Tensor& key, const at::Tensor& query,
             const at::Tensor& rate, at::Tensor& hidden, at::Tensor& result, const Feedback& feedback) {
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
  scan.output = result.data_ptr<T>();
  const int64_t piece = scan.tokens == 1 ? scan.lanes : kLanesAPiece;
  inPieces(scan.lanes, piece, feedback, [&](int64_t first, int64_t last) { scanLanes(scan, first, last); });
}

}  // namespace

at::Tensor rmsNorm(const at::Tensor& x, const at::Tensor& weight, double epsilon) {
  return x * at::rsqrt(x.square().mean(-1, true) + epsilon) * weight;
}

at::Tensor causalConvolution(const at::Tensor& x, const at::Tensor& taps, const at::Tensor& bias,
                             at::Tensor& history, const Feedback& feedback) {
  const at::Tensor padded = at::cat({history, x});   // [K − 1 + L, D]
  const at::Tensor tapRows = taps.t().contiguous();  // [K, D]
  history = padded.slice(0, x.size(0)).clone();      // [K − 1, D]
  at::Tensor result = at::empty_like(x);
  if (x.scalar_type() == at::kDouble) {
    convolve<double>(padded, tapRows, bias, result, feedback);
  } else {
    convolve<float>(padded, tapRows, bias, result, feedback);
  }
  return result;
}

at::Tensor selectiveScan(const at::Tensor& step, const at::Tensor& input, const at::Tensor& key,
                         const at::Tensor& query, const at::Tensor& rate, at::Tensor& hidden,
                         const Feedback& feedback) {
  at::Tensor result = at::empty_like(step);
  if (step.scalar_type() == at::kDouble) {
    scanAll<double>(step, input, key, query, rate, hidden, result, feedback);
  } else {
    scanAll<float>(step, input, key, query, rate, hidden, result, feedback);
  }
  return result;
}

}  // namespace uc
