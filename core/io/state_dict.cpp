// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/state_dict.h"

#include "core/io/unicode.h"
#include "core/values/error.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace uc {

using Kind = PickleValue::Kind;

namespace {

/// Where training programs keep the weights, the likeliest first.
constexpr std::array<std::string_view, 8> kNests{"model", "state_dict",  "model_state_dict", "module",
                                                 "net",   "model_state", "params",           "weights"};
constexpr std::array<std::string_view, 2> kWrappers{"module.", "_orig_mod."};
constexpr int kMaxNests = 4;
constexpr size_t kMaxName = 10'000, kMaxTensors = 200'000;
constexpr size_t kMaxArguments = size_t{1} << 20;  // bytes of "args" in all: one string may come many times

[[noreturn]] void reject(const std::string& what, const std::string& where) {
  fail(what, where, "The file is damaged: copy or download it again.");
}

bool isDict(const Pickle& pickle, PickleValue value) {
  if (value.kind == Kind::Dict) return true;
  const std::string_view callee = pickle.global(pickle.callee(value));
  return callee == "collections.OrderedDict" || callee == "collections.defaultdict";
}

/// The last value under a key that is a string, as Python has it; None where there is none.
PickleValue member(const Pickle& pickle, PickleValue dict, std::string_view key) {
  PickleValue result;
  const std::span<const PickleValue> items = pickle.items(dict);
  for (size_t i = 0; i + 1 < items.size(); i += 2) {
    if (items[i].kind == Kind::String && pickle.text(items[i]) == key) result = items[i + 1];
  }
  return result;
}

/// "model", "epoch" and what else is there, for messages.
std::string keysOf(const Pickle& pickle, PickleValue dict) {
  static constexpr size_t kShown = 6;
  const std::span<const PickleValue> items = pickle.items(dict);
  std::string list;
  for (size_t i = 0; i + 1 < items.size() && i / 2 < kShown; i += 2) {
    const bool isString = items[i].kind == Kind::String;
    list += (list.empty() ? "" : ", ") +
            (isString ? "\"" + printable(std::string(pickle.text(items[i]).substr(0, 200)), 30) + "\""
                      : "another");
  }
  return items.size() / 2 > kShown ? list + " …" : list;
}

class Finder {
 public:
  Finder(const Pickle& pickle, const std::string& file, const StorageSize& storageSize)
      : m_pickle(pickle), m_file(file), m_tensors(pickle, file, storageSize) {}

  StateDict read() {
    requireDict();
    StateDict result;
    result.arguments = arguments();
    const PickleValue dict = find();
    std::unordered_set<std::string> names;
    const std::span<const PickleValue> items = m_pickle.items(dict);
    for (size_t i = 0; i + 1 < items.size(); i += 2) {
      if (!m_tensors.isTensor(items[i + 1]) || items[i].kind != Kind::String) continue;
      std::string name = nameOf(items[i]);
      if (!names.insert(name).second) {
        reject("Two tensors have the same name.", m_file + ", tensor \"" + printable(name, 120) + "\"");
      }
      if (result.tensors.size() == kMaxTensors) {
        fail("The file holds more than " + grouped(kMaxTensors) + " tensors.", m_file, "Open another file.");
      }
      result.tensors.push_back(m_tensors.read(items[i + 1], name));
    }
    return result;
  }

 private:
  void requireDict() const {
    const PickleValue root = m_pickle.root();
    if (isDict(m_pickle, root)) return;
    if (m_tensors.isTensor(root)) {
      fail("The file holds one tensor, not a dictionary of named tensors.", m_file,
           "Save the model's state_dict().");
    }
    if (root.kind == Kind::Object) {
      fail("The file holds a Python object, not a dictionary of tensors; its program is not run.",
           m_file + ", " + printable(std::string(m_pickle.global(m_pickle.callee(root))), 100),
           "Save the model's state_dict() instead of the model.");
    }
    fail("The file holds no dictionary of tensors.", m_file, "Save the model's state_dict().");
  }

  bool hasTensors(PickleValue dict) const {
    const std::span<const PickleValue> items = m_pickle.items(dict);
    for (size_t i = 1; i < items.size(); i += 2) {
      if (m_tensors.isTensor(items[i])) return true;
    }
    return false;
  }

  /// The dictionary under the first known key, or under one in there. Looks at each dictionary once: a pickle
  /// may hold itself, or one value many times.
  std::optional<PickleValue> nested(PickleValue dict, int depth) {
    for (const std::string_view key : kNests) {
      const PickleValue value = member(m_pickle, dict, key);
      if (!isDict(m_pickle, value) || !m_seen.insert(value.payload).second) continue;
      if (hasTensors(value)) return value;
      if (depth == 1) continue;
      if (const std::optional<PickleValue> inner = nested(value, depth - 1)) return inner;
    }
    return std::nullopt;
  }

  PickleValue find() {
    const PickleValue root = m_pickle.root();
    if (const std::optional<PickleValue> found = nested(root, kMaxNests)) return *found;
    if (hasTensors(root)) return root;
    const std::string keys = keysOf(m_pickle, root);
    fail("The file holds no tensors, neither at its top nor under \"model\" or \"state_dict\".",
         m_file + (keys.empty() ? ", an empty dictionary" : ", keys " + keys),
         "Save the model's state_dict().");
  }

  std::string nameOf(PickleValue key) const {
    std::string_view name = m_pickle.text(key);
    if (name.size() > kMaxName || firstInvalidUtf8(name) != std::string_view::npos) {
      reject("A tensor's name is too long or not valid UTF-8.",
             m_file + ", tensor \"" + printable(std::string(name.substr(0, 200)), 120) + "\"");
    }
    for (bool isShorter = true; isShorter;) {
      isShorter = false;
      for (const std::string_view wrapper : kWrappers) {
        if (name.size() <= wrapper.size() || !name.starts_with(wrapper)) continue;
        name.remove_prefix(wrapper.size());
        isShorter = true;
      }
    }
    return std::string(name);
  }

  /// Of "args": an object with a state (argparse.Namespace) or a dictionary.
  std::optional<Json> arguments() {
    PickleValue args = member(m_pickle, m_pickle.root(), "args");
    if (args.kind == Kind::Object && !isDict(m_pickle, args)) args = m_pickle.state(args);
    if (!isDict(m_pickle, args)) return std::nullopt;
    Json::object_t object;
    std::vector<std::pair<const std::string, Json>>& members = object;
    std::unordered_map<std::string_view, size_t> places;
    const std::span<const PickleValue> items = m_pickle.items(args);
    for (size_t i = 0; i + 1 < items.size(); i += 2) {
      const std::optional<Json> key = items[i].kind == Kind::String ? scalar(items[i]) : std::nullopt;
      const std::optional<Json> value = key ? plain(items[i + 1]) : std::nullopt;
      if (!value) continue;
      const auto [place, isNew] = places.emplace(m_pickle.text(items[i]), members.size());
      if (isNew) {
        members.emplace_back(key->get<std::string>(), *value);
      } else {
        members[place->second].second = *value;
      }
    }
    return Json(std::move(object));
  }

  std::optional<Json> scalar(PickleValue value) {
    const std::string_view text = m_pickle.text(value);
    const size_t size = sizeof(Json) + text.size();
    if (size > m_room) return std::nullopt;
    m_room -= size;
    if (value.kind == Kind::None) return Json(nullptr);
    if (value.kind == Kind::Bool) return Json(value.isTrue());
    if (value.kind == Kind::Integer) return Json(value.integer());
    if (value.kind == Kind::Float) return Json(value.number());
    if (value.kind == Kind::String && firstInvalidUtf8(text) == std::string_view::npos) {
      return Json(std::string(text));
    }
    return std::nullopt;
  }

  /// A scalar, or a list or tuple of scalars.
  std::optional<Json> plain(PickleValue value) {
    if (value.kind != Kind::List && value.kind != Kind::Tuple) return scalar(value);
    Json list = Json::array();
    for (const PickleValue item : m_pickle.items(value)) {
      std::optional<Json> element = scalar(item);
      if (!element) return std::nullopt;
      list.push_back(std::move(*element));
    }
    return list;
  }

  const Pickle& m_pickle;
  const std::string& m_file;
  TorchTensors m_tensors;
  std::unordered_set<uint64_t> m_seen;  // payloads of dictionaries
  size_t m_room = kMaxArguments;
};

}  // namespace

StateDict readStateDict(const Pickle& pickle, const std::string& file, const StorageSize& storageSize) {
  return Finder(pickle, file, storageSize).read();
}

}  // namespace uc
