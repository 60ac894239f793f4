// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/attention/operators.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace uc {

/// The operators on a CUDA device, with the factors of the layer looked at last in its memory. What the
/// device cannot do is left to the CPU, never an error: then the result is nothing, and `notice` says why.
/// One thread at a time.
class GpuOperators {
 public:
  /// `device`: its number among gpu::devices(), where it must be.
  explicit GpuOperators(int device);
  ~GpuOperators();

  /// As uc::tile, whose preconditions it has.
  template <typename T>
  std::optional<MatrixOf<T>> tile(const LayerFactors& layer, const MapQuery& query, const Window& window,
                                  const Feedback& feedback);

  /// As uc::apply and uc::applyTransposed.
  std::optional<at::Tensor> apply(const LayerFactors& layer, const MapTerms& terms, const at::Tensor& input,
                                  bool withAdditive, const Feedback& feedback);
  std::optional<at::Tensor> applyTransposed(const LayerFactors& layer, const MapTerms& terms,
                                            const at::Tensor& input, const Feedback& feedback);

  /// Why the last call gave nothing: a sentence for the user.
  const std::string& notice() const { return m_notice; }

 private:
  class Held;

  /// What `compute` gives on the device with the layer in its memory; nothing, and the reason, when it
  /// throws.
  template <typename Function>
  auto attempt(const LayerFactors& layer, const Function& compute)
      -> std::optional<decltype(compute(std::declval<Held&>()))>;

  template <typename T>
  std::optional<at::Tensor> applyTyped(const LayerFactors& layer, const MapTerms& terms,
                                       const at::Tensor& input, bool withAdditive, const Feedback& feedback);
  template <typename T>
  std::optional<at::Tensor> applyTransposedTyped(const LayerFactors& layer, const MapTerms& terms,
                                                 const at::Tensor& input, const Feedback& feedback);

  const int m_device;
  std::unique_ptr<Held> m_held;
  std::string m_notice;
};

}  // namespace uc
