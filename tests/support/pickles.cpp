// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "tests/support/pickles.h"

#include "tests/support/raw_bytes.h"

#include <algorithm>
#include <cstring>

namespace uc::test::pkl {
namespace {

std::string joined(const std::vector<std::string>& items) {
  std::string result;
  for (const std::string& item : items) result += item;
  return result;
}

std::string pairs(const std::vector<std::pair<std::string, std::string>>& items) {
  std::string result;
  for (const auto& [key, value] : items) result += text(key) + value;
  return "(" + result + "u";
}

}  // namespace

std::string none() { return "N"; }
std::string boolean(bool value) { return value ? "\x88" : "\x89"; }
std::string integer(int64_t value) {
  if (value >= 0 && value < 256) return "K" + rawBytes(static_cast<uint8_t>(value));
  if (value == static_cast<int32_t>(value)) return "J" + rawBytes(static_cast<int32_t>(value));
  return "\x8A\x08" + rawBytes(value);
}
std::string number(double value) {
  std::string big = rawBytes(value);
  std::reverse(big.begin(), big.end());
  return "G" + big;
}
std::string text(const std::string& value) {
  return "X" + rawBytes(static_cast<uint32_t>(value.size())) + value;
}
std::string global(const std::string& module, const std::string& name) {
  return "c" + module + "\n" + name + "\n";
}
std::string tuple(const std::vector<std::string>& items) { return "(" + joined(items) + "t"; }
std::string list(const std::vector<std::string>& items) { return "](" + joined(items) + "e"; }
std::string dict(const std::vector<std::pair<std::string, std::string>>& items) { return "}" + pairs(items); }
std::string ordered(const std::vector<std::pair<std::string, std::string>>& items) {
  return call(global("collections", "OrderedDict"), {}) + pairs(items);
}
std::string call(const std::string& callee, const std::vector<std::string>& arguments) {
  return callee + tuple(arguments) + "R";
}
std::string reference(const std::string& id) { return id + "Q"; }
std::string object(const std::string& callee, const std::string& state) {
  return callee + ")\x81" + state + "b";
}

std::string file(const std::string& root) { return "\x80\x02" + root + "."; }

std::string numbers(const std::vector<int64_t>& values) {
  std::vector<std::string> items;
  for (const int64_t value : values) items.push_back(integer(value));
  return tuple(items);
}
std::string storage(const std::string& type, const std::string& key, int64_t count) {
  return reference(tuple({text("storage"), global("torch", type), text(key), text("cpu"), integer(count)}));
}
std::string tensor(const Tensor& tensor) {
  return call(
      global("torch._utils", "_rebuild_tensor_v2"),
      {storage(tensor.storage, tensor.key, tensor.count), integer(tensor.first), numbers(tensor.shape),
       numbers(tensor.strides), boolean(false), call(global("collections", "OrderedDict"), {})});
}

}  // namespace uc::test::pkl
