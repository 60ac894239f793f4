// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/models/scan_adjoint.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <vector>

namespace uc {

/// What the differentiable scans (scan_gradients.h) share.

/// f(float()) or f(double()).
template <typename F>
void forTypeOf(const at::Tensor& tensor, const F& f) {
  if (tensor.scalar_type() == at::kDouble) {
    f(double());
  } else {
    f(float());
  }
}

/// Null for an undefined tensor.
template <typename T>
T* at0(const at::Tensor& tensor) {
  return tensor.defined() ? tensor.data_ptr<T>() : nullptr;
}

/// Where the gradients of the first `count` inputs of a scan are added up.
std::vector<at::Tensor> zerosLike(const std::vector<at::Tensor>& inputs, size_t count);

/// The states before every chunk of tokens: [chunks, …]. run(first, last) carries `state` over.
at::Tensor startsOfChunks(int64_t tokens, const at::Tensor& state,
                          const std::function<void(int64_t first, int64_t last)>& run);

}  // namespace uc
