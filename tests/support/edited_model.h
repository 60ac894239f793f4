// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/io/json.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace uc::test {

/// A golden model read into memory, to be spoiled or renamed and written somewhere else.
class EditedModel {
 public:
  explicit EditedModel(const std::filesystem::path& folder);

  struct Tensor {
    std::string dtype;
    std::vector<int64_t> shape;
    std::string bytes;
  };

  Json config;  // null: none is written
  std::map<std::string, Tensor> tensors;

  /// Every tensor whose name begins with `from` gets `to` instead.
  void rename(const std::string& from, const std::string& to);
  /// Cuts or fills with zeros a float32 or bfloat16 tensor.
  void reshape(const std::string& name, const std::vector<int64_t>& shape);
  /// Of a float32 tensor.
  void setValue(const std::string& name, size_t index, float value);
  void copy(const std::string& from, const std::string& to) { tensors[to] = tensors.at(from); }

  /// Writes config.json and model.safetensors.
  void save(const std::filesystem::path& folder) const;
};

}  // namespace uc::test
