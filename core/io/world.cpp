// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/world.h"

#include "core/io/byte_trie.h"
#include "core/io/span_writer.h"
#include "core/io/unicode.h"
#include "core/io/world_vocabulary.h"
#include "core/values/error.h"

#include <algorithm>

namespace uc {

namespace {

constexpr size_t kLongestFile = size_t{32} << 20;
constexpr int64_t kBuiltInSize = 65530;  // ids of the built-in vocabulary, 0 included
constexpr const char* kOfficialName = "rwkv_vocab_v20230424.txt";

class WorldTokenizer : public Tokenizer {
 public:
  explicit WorldTokenizer(WorldVocabulary vocabulary) : m_tokens(std::move(vocabulary.tokens)) {
    std::vector<std::pair<std::string_view, int32_t>> entries;
    entries.reserve(m_tokens.size());
    for (size_t id = 1; id < m_tokens.size(); ++id)
      entries.emplace_back(m_tokens[id], static_cast<int32_t>(id));
    m_trie = ByteTrie(std::move(entries));
  }

  std::string kind() const override { return "world"; }
  int64_t size() const override { return static_cast<int64_t>(m_tokens.size()); }

  Tokens encode(std::string_view text) const override {
    SpanWriter out(text);
    for (size_t at = 0; at < text.size();) {
      const ByteTrie::Match match = m_trie.longest(text, at);  // every byte is a token
      out.put(match.id, at += match.size);
    }
    return out.take();
  }

  std::string decode(const std::vector<int64_t>& ids, bool skipSpecial) const override {
    std::string result;
    for (const int64_t id : ids) {
      if (id != 0 || !skipSpecial) result += bytes(id).value_or("");
    }
    return lossyUtf8(result);
  }

  std::optional<std::string> bytes(int64_t id) const override {
    if (id < 0 || id >= size()) return std::nullopt;
    return m_tokens[static_cast<size_t>(id)];
  }

 private:
  std::vector<std::string> m_tokens;
  ByteTrie m_trie;
};

/// The vocabulary file of a folder; an empty path when it has none.
std::filesystem::path vocabularyIn(const std::filesystem::path& folder) {
  std::error_code error;
  if (std::filesystem::exists(folder / kOfficialName, error)) return folder / kOfficialName;
  std::vector<std::filesystem::path> found;
  for (auto entry = std::filesystem::directory_iterator(folder, error);
       !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name.ends_with(".txt") && name.find("vocab") != std::string::npos) found.push_back(entry->path());
  }
  std::sort(found.begin(), found.end());
  if (found.size() > 1) {
    fail("The folder has several vocabularies.",
         printable(found[0].filename().string(), 80) + ", " + printable(found[1].filename().string(), 80),
         std::string("Leave one of them, or name it ") + kOfficialName + ".");
  }
  return found.empty() ? std::filesystem::path() : found.front();
}

}  // namespace

std::unique_ptr<const Tokenizer> worldTokenizer(std::string_view file, const std::string& where,
                                                int64_t rows) {
  return std::make_unique<WorldTokenizer>(parseWorldVocabulary(file, where, rows));
}

std::unique_ptr<const Tokenizer> openWorldTokenizer(const std::filesystem::path& folder, int64_t rows) {
  if (const auto path = vocabularyIn(folder); !path.empty()) {
    return worldTokenizer(readFile(path, kLongestFile), path.string(), rows);
  }
  if (rows < kBuiltInSize) return nullptr;
  return worldTokenizer(builtInWorldVocabulary(), "the built-in World vocabulary", rows);
}

}  // namespace uc
