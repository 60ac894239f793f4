// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/io/checkpoint.h"
#include "core/io/pickle.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace uc {

/// A tensor of a file that torch.save wrote, and where its elements lie.
struct TorchTensor {
  TensorInfo info;                // dtype Other and no bytes: not to be read, dtypeName says what it is
  std::string storage;            // key of the storage: its record is ROOT/data/KEY
  uint64_t first = 0;             // element of the storage where the tensor begins
  std::vector<uint64_t> strides;  // [dimensions], in elements
  uint64_t itemSize = 0;          // bytes of an element
  bool isContiguous = true;       // row-major without holes
};

/// Bytes of a storage's record, or nothing when there is none.
using StorageSize = std::function<std::optional<uint64_t>(std::string_view key)>;

/// Recognizes tensors among the values of a pickle and checks them by the rules of quality.md: numbers not
/// negative, every element inside the storage, the storage as large as its record.
class TorchTensors {
 public:
  /// References must outlive this. `file` is for messages.
  TorchTensors(const Pickle& pickle, const std::string& file, StorageSize storageSize)
      : m_pickle(pickle), m_file(file), m_storageSize(std::move(storageSize)) {}

  /// Whether the value stands for a tensor, of whatever kind.
  bool isTensor(PickleValue value) const;

  /// Precondition: isTensor(value). A kind that cannot be read (sparse, quantized, unknown) gives a tensor of
  /// dtype Other. Throws Failure naming the tensor where the file is damaged.
  TorchTensor read(PickleValue value, const std::string& name);

 private:
  struct Storage {
    std::string_view type, key;
    uint64_t count = 0;  // elements
    uint64_t itemSize = 0;
    Dtype dtype = Dtype::Other;
    uint64_t number = 0;
  };
  PickleValue unwrapped(PickleValue value) const;
  std::optional<Storage> storage(PickleValue reference, const std::string& where);
  TorchTensor unreadable(const std::string& name, std::string what) const;
  TorchTensor rebuilt(PickleValue call, const std::string& name);
  std::vector<uint64_t> numbers(PickleValue tuple, const char* what, const std::string& where) const;

  const Pickle& m_pickle;
  const std::string& m_file;
  StorageSize m_storageSize;
  std::unordered_map<std::string_view, Storage> m_storages;  // by key
};

}  // namespace uc
