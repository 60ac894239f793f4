// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/device_scan.h"

#include "core/models/gradient_support.h"
#include "gpu/forward_scan.h"
#include "gpu/gpu.h"
#include "gpu/scan_gradient.h"

#include <ATen/ATen.h>

#include <cassert>

namespace uc {
namespace {

gpu::Stream streamOf(const at::Tensor& tensor) {
  return gpu::Stream(tensor.is_cuda() ? static_cast<int>(tensor.get_device()) : 0,
                     gpu::Stream::Order::Default);
}

/// A layer of that many scans and states, but for what makes them; the rows of `input` are its tokens.
template <typename T>
gpu::Layer<T> layerOf(const at::Tensor& input, int64_t scans, int64_t state) {
  gpu::Layer<T> layer;
  layer.tokens = input.size(0);
  layer.lanes = input.numel() / layer.tokens;
  layer.scans = scans;
  layer.state = state;
  layer.hasScan = true;
  return layer;
}

template <typename T>
void advance(const gpu::Layer<T>& layer, const at::Tensor& input, at::Tensor& hidden, at::Tensor& out) {
  assert(input.is_contiguous() && out.is_contiguous() && hidden.is_contiguous());
  gpu::Stream stream = streamOf(input);
  gpu::advance(layer, at0<T>(input), hidden.data_ptr<T>(), out.data_ptr<T>(), stream);
}

}  // namespace

bool isOnDevice(const at::Tensor& tensor) { return tensor.is_cuda() || gpu::hasHostMemory(); }

bool attemptOnDevice(const std::function<void()>& work) {
  try {
    work();
    return true;
  } catch (const gpu::Error&) {
    return false;
  } catch (const c10::Error&) {  // what LibTorch says of a device, memory or else
    return false;
  }
}

void selectiveScanOnDevice(at::Tensor out, const at::Tensor& step, const at::Tensor& input,
                           const at::Tensor& key, const at::Tensor& query, const at::Tensor& rate,
                           at::Tensor hidden) {
  forTypeOf(input, [&]<typename T>(T) {
    gpu::Layer<T> layer = layerOf<T>(input, rate.size(0), rate.size(1));
    layer.queryGroups = layer.keyGroups = key.numel() / layer.tokens / layer.state;
    layer.hasStepInKey = true;
    layer.step = at0<T>(step);
    layer.rate = at0<T>(rate);
    layer.key = at0<T>(key);
    layer.query = at0<T>(query);
    advance(layer, input, hidden, out);
  });
}

void selectiveGradientOnDevice(const std::vector<at::Tensor>& saved, const at::Tensor& gradient,
                               const std::vector<at::Tensor>& results) {
  static_assert(kAdjointChunk == gpu::kGradientChunk);
  forTypeOf(gradient, [&]<typename T>(T) {
    gpu::SelectiveGradient<T> run;
    run.layer = layerOf<T>(gradient, saved[4].size(0), saved[4].size(1));
    run.layer.hasStepInKey = true;
    run.layer.step = at0<T>(saved[0]);
    run.layer.key = at0<T>(saved[2]);
    run.layer.query = at0<T>(saved[3]);
    run.layer.rate = at0<T>(saved[4]);
    run.input = at0<T>(saved[1]);
    run.starts = at0<T>(saved[5]);
    run.gradient = at0<T>(gradient);
    run.toStep = at0<T>(results[0]);
    run.toInput = at0<T>(results[1]);
    run.toKey = at0<T>(results[2]);
    run.toQuery = at0<T>(results[3]);
    run.toRate = at0<T>(results[4]);
    run.toStart = at0<T>(results[5]);
    gpu::Stream stream = streamOf(gradient);
    gpu::reverse(run, stream);
  });
}

void gatedScanOnDevice(at::Tensor out, const at::Tensor& step, const at::Tensor& key, const at::Tensor& input,
                       at::Tensor hidden) {
  const at::Tensor rate = at::full({input.size(1), 1}, -1, input.options());
  const at::Tensor query = at::ones({input.size(0), 1}, input.options());
  forTypeOf(input, [&]<typename T>(T) {
    gpu::Layer<T> layer = layerOf<T>(input, input.size(1), 1);
    layer.keyGroups = layer.scans;
    layer.step = at0<T>(step);
    layer.rate = at0<T>(rate);
    layer.key = at0<T>(key);
    layer.query = at0<T>(query);
    advance(layer, input, hidden, out);
  });
}

void matrixScanOnDevice(at::Tensor out, const MatrixScanTensors& scan, at::Tensor hidden) {
  at::Tensor states = hidden.transpose(1, 2).contiguous();  // [H, value, key]
  at::Tensor diagonal;
  if (scan.bonus.defined()) diagonal = (scan.receptance * scan.key * scan.bonus).sum(2);
  forTypeOf(out, [&]<typename T>(T) {
    gpu::Layer<T> layer = layerOf<T>(scan.value, out.size(1), out.size(2));
    layer.queryGroups = layer.keyGroups = layer.scans;
    layer.query = at0<T>(scan.receptance);
    layer.key = at0<T>(scan.key);
    layer.logDecay = at0<T>(scan.logDecay);
    layer.logDecayStride = scan.logDecay.size(0) == 1 ? 0 : layer.lanes;
    layer.readsBeforeDecay = scan.bonus.defined();
    layer.diagonal = at0<T>(diagonal);
    if (scan.removeKey.defined()) layer.kind = gpu::Kind::DeltaRule;
    layer.removeKey = at0<T>(scan.removeKey);
    layer.removeWrite = at0<T>(scan.removeWrite);
    advance(layer, scan.value, states, out);
  });
  hidden.copy_(states.transpose(1, 2));
}

void logSumScanOnDevice(at::Tensor out, at::Tensor logNormalizer, const at::Tensor& key,
                        const at::Tensor& value, const at::Tensor& rate, const at::Tensor& bonus,
                        at::Tensor state) {
  forTypeOf(out, [&]<typename T>(T) {
    gpu::LogSumRun<T> run;
    run.tokens = key.size(0);
    run.lanes = key.size(1);
    run.key = at0<T>(key);
    run.value = at0<T>(value);
    run.rate = at0<T>(rate);
    run.bonus = at0<T>(bonus);
    run.state = state.data_ptr<double>();
    run.output = out.data_ptr<T>();
    run.logNormalizer = logNormalizer.defined() ? logNormalizer.data_ptr<double>() : nullptr;
    gpu::Stream stream = streamOf(out);
    gpu::advance(run, stream);
  });
}

}  // namespace uc
