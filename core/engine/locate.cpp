// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/engine/locate.h"

#include "core/engine/engine.h"
#include "core/io/json.h"
#include "core/values/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <vector>

namespace uc {

namespace fs = std::filesystem;

namespace {

bool isThere(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}

bool isFolder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

// A name as the hub allows it; nothing that could leave the cache's folder.
bool isPlainName(const std::string& name) {
  const auto isAllowed = [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  return !name.empty() && name.size() <= 200 && name != "." && name != ".." &&
         std::all_of(name.begin(), name.end(), isAllowed);
}

std::optional<std::string> cacheFolderName(const std::string& model) {
  const size_t slash = model.find('/');
  if (slash == std::string::npos) return std::nullopt;
  const std::string owner = model.substr(0, slash), name = model.substr(slash + 1);
  if (!isPlainName(owner) || !isPlainName(name)) return std::nullopt;
  return "models--" + owner + "--" + name;
}

std::vector<fs::path> caches() {
  std::vector<fs::path> result;
  const auto add = [&](const char* variable, const char* inside) {
    const char* value = std::getenv(variable);
    if (value != nullptr && *value != '\0') result.push_back(fs::path(value) / inside);
  };
  add("HF_HUB_CACHE", "");
  add("HF_HOME", "hub");
  add("HOME", ".cache/huggingface/hub");
  return result;
}

fs::path snapshotOf(const fs::path& repository, const std::string& model) {
  const fs::path snapshots = repository / "snapshots";
  if (const fs::path main = repository / "refs" / "main"; isThere(main)) {
    std::string revision = readFile(main, 1000);
    while (!revision.empty() && (revision.back() == '\n' || revision.back() == ' ')) revision.pop_back();
    if (isPlainName(revision) && isFolder(snapshots / revision)) return snapshots / revision;
  }
  std::vector<std::string> names;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(snapshots, error)) {
    if (isFolder(entry.path())) names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  if (names.size() == 1) return snapshots / names.front();
  if (names.empty()) {
    fail("The cached model has no snapshot.", repository.string(), "Download the model again.");
  }
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + printable(name, 60);
  fail("The cached model has several snapshots and no main revision.",
       fmt::format("{}: {}", printable(model), list),
       fmt::format("Open one of the folders in {}.", snapshots.string()));
}

}  // namespace

ModelPlace locateModel(const std::string& model) {
  if (model.empty())
    fail("No model was given.", "", "Give a folder, a file of weights, owner/name or demo:mamba.");
  if (isThere(model)) return {model, ""};
  if (model.starts_with("demo:")) return {demoFolder(model.substr(5)), model};
  if (const std::optional<std::string> folder = cacheFolderName(model)) {
    for (const fs::path& cache : caches()) {
      if (isFolder(cache / *folder)) return {snapshotOf(cache / *folder, model), model};
    }
    fail("There is no such file, folder or cached model.", printable(model),
         "Check the path, or download the model into the Hugging Face cache.");
  }
  fail("There is no such file or folder.", printable(model), "Check the path of the model.");
}

}  // namespace uc
