// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/json.h"

#include "core/io/json_stream.h"
#include "core/io/regular_file.h"
#include "core/values/error.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <span>
#include <utility>
#include <vector>

namespace uc {
namespace {

/// Builds the tree. An object is filled at once when it ends: ordered_json's own insertion looks through all
/// keys, which is quadratic for a vocabulary, and its growth copies what it holds.
class TreeBuilder final : public JsonHandler {
 public:
  void beginObject() override { m_open.push_back({Json::object(), {}, {}}); }
  void key(std::string& name) override { m_open.back().keys.push_back(std::move(name)); }
  void endObject() override {
    Open open = take();
    std::vector<std::pair<const std::string, Json>>& members = open.value.get_ref<Json::object_t&>();
    members.reserve(open.keys.size());
    for (size_t i = 0; i < open.keys.size(); ++i) {
      members.emplace_back(std::move(open.keys[i]), std::move(open.items[i]));
    }
    scalar(std::move(open.value));
  }
  void beginArray() override { m_open.push_back({Json::array(), {}, {}}); }
  void endArray() override {
    Open open = take();
    open.value.get_ref<Json::array_t&>() = std::move(open.items);
    scalar(std::move(open.value));
  }
  void scalar(Json value) override {
    (m_open.empty() ? roots : m_open.back().items).push_back(std::move(value));
  }

  std::vector<Json> roots;  // one when the text ends

 private:
  struct Open {
    Json value;  // empty until it ends
    std::vector<std::string> keys;
    std::vector<Json> items;
  };
  Open take() {
    Open open = std::move(m_open.back());
    m_open.pop_back();
    return open;
  }
  std::vector<Open> m_open;
};

}  // namespace

Json parseJson(std::string_view text, const std::string& where, const JsonLimits& limits) {
  TreeBuilder builder;
  streamJson(text, where, limits, builder);
  return std::move(builder.roots.front());
}

Json readJson(const std::filesystem::path& path, const JsonLimits& limits) {
  return parseJson(readFile(path, limits.bytes), path.string(), limits);
}

std::string readFile(const std::filesystem::path& path, size_t limit) {
  const RegularFile file(path);
  const auto tooLong = [&] {
    fail("The file is longer than " + std::to_string(limit) + " bytes.", file.path(), "Open a smaller file.");
  };
  if (file.size() > limit) tooLong();
  // Read to the end whatever the size said: it may grow meanwhile, and files under /proc say 0.
  static constexpr size_t kChunk = size_t{1} << 16;
  std::string text;
  text.reserve(static_cast<size_t>(file.size()));
  while (true) {
    const size_t before = text.size();
    text.resize(before + (before < file.size() ? static_cast<size_t>(file.size()) - before : kChunk));
    const size_t got = file.readSome(before, std::as_writable_bytes(std::span(text).subspan(before)));
    const bool isEnd = before + got < text.size();
    text.resize(before + got);
    if (text.size() > limit) tooLong();
    if (isEnd) return text;
  }
}

}  // namespace uc
