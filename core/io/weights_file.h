// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/io/byte_source.h"
#include "core/io/checkpoint.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace uc {

/// One file of weights in whatever container. Owns its descriptor. Immutable; may be read from any thread.
class WeightsFile {
 public:
  virtual ~WeightsFile() = default;
  const std::vector<TensorInfo>& tensors() const { return m_tensors; }
  const std::optional<Json>& arguments() const { return m_arguments; }

  /// Copies elements of tensor `index` as they are stored, in row-major order, from element `first` on.
  /// Precondition: its dtype has elementSize(), `out` is a whole number of elements, and they exist. Throws
  /// Failure.
  virtual void read(size_t index, uint64_t first, std::span<std::byte> out) const = 0;

  /// Whether reading the tensor in small parts costs no more than reading it at once.
  virtual bool isCheapInParts(size_t index) const = 0;

 protected:
  std::vector<TensorInfo> m_tensors;  // in the order of the file
  std::optional<Json> m_arguments;
};

/// Whether a file's ending is one that openWeights() reads: .safetensors, .bin, .pth, .pt.
bool hasWeightsEnding(const std::filesystem::path& path);

/// Opens a file with such an ending. Throws Failure by the rules of quality.md.
std::unique_ptr<WeightsFile> openWeights(const std::filesystem::path& path);

/// The container of torch.save since PyTorch 1.6: .bin, .pth, .pt. Also from `source`, which it takes.
std::unique_ptr<WeightsFile> openTorchFile(const std::filesystem::path& path);
std::unique_ptr<WeightsFile> openTorchFile(std::unique_ptr<const ByteSource> source);

}  // namespace uc
