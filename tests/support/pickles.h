// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace uc::test::pkl {

/// Pieces of a pickle: each function gives the instructions that leave one value on the stack. Written from
/// Python's pickletools, so that reader and tests cannot agree on a mistake.
std::string none();
std::string boolean(bool value);
std::string integer(int64_t value);
std::string number(double value);
std::string text(const std::string& value);
std::string global(const std::string& module, const std::string& name);
std::string tuple(const std::vector<std::string>& items);
std::string list(const std::vector<std::string>& items);
std::string dict(const std::vector<std::pair<std::string, std::string>>& items);  // keys: strings
std::string ordered(const std::vector<std::pair<std::string, std::string>>& items);
std::string call(const std::string& callee, const std::vector<std::string>& arguments);
std::string reference(const std::string& id);
std::string object(const std::string& callee, const std::string& state);  // NEWOBJ, BUILD

/// A whole pickle of protocol 2 with this root.
std::string file(const std::string& root);

/// A tensor as torch.save writes it. `storage`: "FloatStorage" …
struct Tensor {
  std::string storage = "FloatStorage";
  std::string key = "0";
  int64_t count = 0;  // of the storage
  int64_t first = 0;
  std::vector<int64_t> shape, strides;
};
std::string tensor(const Tensor& tensor);
std::string numbers(const std::vector<int64_t>& values);  // a tuple
std::string storage(const std::string& type, const std::string& key, int64_t count);

}  // namespace uc::test::pkl
