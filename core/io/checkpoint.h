// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/io/json.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace uc {

/// Element types that a checkpoint's header may name. Only the first eight can be read as numbers; the rest
/// are known so that unused tensors of them do no harm.
enum class Dtype { F64, F32, F16, BF16, I64, I32, U8, Bool, Other };

/// Which stored bytes a tensor reads, so that what two names share is counted once.
struct TensorPlace {
  uint64_t storage = 0;         // 0: one of its own; else the same for all tensors that lie in one storage
  uint64_t begin = 0, end = 0;  // bytes of that storage, from its start
};

struct TensorInfo {
  std::string name;
  std::string dtypeName;  // as the file spells it
  Dtype dtype = Dtype::Other;
  std::vector<int64_t> shape;
  std::string file;    // the file's name, for messages
  uint64_t bytes = 0;  // of its elements
  TensorPlace place{};
  int64_t count() const;  // product of the shape
};

/// What each tensor adds to the ones before it: values and bytes that were not counted yet. Tied tensors, and
/// views of one storage, add what they do not share. [tensors]
struct StoredSize {
  uint64_t values = 0, bytes = 0;
};
std::vector<StoredSize> storedSizes(std::span<const TensorInfo* const> tensors);

/// "[1536, 16]"
std::string shapeText(std::span<const int64_t> shape);

/// A folder or file of weights: config.json (when there is one) and named tensors. Opening reads headers
/// only. Immutable; may be read from any thread. Numbers are copied out and converted, never cast in place
/// (data may be unaligned). A file that shrinks while it is open makes read() fail, not the program.
class Checkpoint {
 public:
  /// `path`: a folder with model.safetensors, model.safetensors.index.json, pytorch_model.bin or
  /// pytorch_model.bin.index.json (the first that is there) or with one other file of weights; a
  /// .safetensors, .bin, .pth or .pt file; an index. config.json beside the weights is used when there is
  /// one; beside a .bin, .pth or .pt file of another name only if that is the folder's only file of weights,
  /// since it could belong to any of them. Throws Failure by the rules of quality.md.
  static std::shared_ptr<const Checkpoint> open(const std::filesystem::path& path);
  virtual ~Checkpoint() = default;

  virtual std::string name() const = 0;                     // of the folder or file, for messages and titles
  virtual const std::filesystem::path& folder() const = 0;  // where tokenizer.json would be
  virtual const std::optional<Json>& config() const = 0;    // an object
  /// Of a training checkpoint: what its "args" say in strings, numbers, booleans, null and lists of these. An
  /// object.
  virtual const std::optional<Json>& arguments() const = 0;
  virtual const std::vector<TensorInfo>& tensors() const = 0;  // in the order of the file
  virtual const TensorInfo* find(std::string_view name) const = 0;

  /// Copies the elements of a tensor of this checkpoint, widening or rounding to nearest; BF16 and F16 widen
  /// exactly, BOOL gives 0 and 1. Precondition: `out` has info.count() elements. Throws Failure naming tensor
  /// and dtype where it cannot be read.
  virtual void read(const TensorInfo& info, std::span<float> out) const = 0;
  virtual void read(const TensorInfo& info, std::span<double> out) const = 0;

  /// The same for `count` rows of the first dimension from `first` on; a tensor without dimensions is one
  /// row. Precondition: the rows exist, and `out` has their elements.
  virtual void readRows(const TensorInfo& info, int64_t first, int64_t count, std::span<float> out) const = 0;
  virtual void readRows(const TensorInfo& info, int64_t first, int64_t count,
                        std::span<double> out) const = 0;
};

}  // namespace uc
