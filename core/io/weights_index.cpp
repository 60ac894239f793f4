// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/weights_index.h"

#include "core/io/json.h"
#include "core/values/error.h"

#include <algorithm>
#include <map>
#include <system_error>
#include <unordered_map>
#include <unordered_set>

namespace uc {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxFiles = 512;
constexpr const char* kGetAgain = "Get the index again together with its files.";

void checkFileName(const std::string& file, const std::string& where) {
  const bool isPlain = !file.empty() && file != "." && file != ".." && file.size() <= 255 &&
                       file.find_first_of(std::string_view("/\\\0", 3)) == std::string::npos;
  if (!isPlain) {
    fail("The index names a file that is not a plain file name: \"" + printable(file, 100) + "\".", where,
         "Only files beside the index are opened: repair the index.");
  }
  if (!hasWeightsEnding(file)) {
    fail("The index names a file that is none of weights: \"" + printable(file, 100) + "\".", where,
         kGetAgain);
  }
}

/// Whether `path`, without links, lies in `folder`, without links.
bool isInside(const fs::path& path, const fs::path& folder) {
  const auto [folderEnd, pathAt] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return folderEnd == folder.end() && pathAt != path.end();
}

/// The blobs of the cache that `folder`, without links, is a snapshot of:
/// models--owner--name/snapshots/REVISION. Empty when it is none.
fs::path blobsOf(const fs::path& folder) {
  for (fs::path at = folder; at.has_relative_path(); at = at.parent_path()) {
    const fs::path repository = at.parent_path().parent_path();
    if (at.parent_path().filename() == "snapshots" &&
        repository.filename().string().starts_with("models--")) {
      return repository / "blobs";
    }
  }
  return {};
}

/// The file beside the index, after it was found to end where it may.
fs::path shardPath(const fs::path& folder, const std::string& file) {
  const fs::path path = folder / file;
  std::error_code error;
  if (fs::symlink_status(path, error).type() == fs::file_type::not_found) {
    fail("A file that the index names is missing.", path.string(), "Download it, or get all files again.");
  }
  const fs::path end = fs::canonical(path, error);
  if (error) return path;  // opening it says what is wrong
  const fs::path place = fs::canonical(folder, error);
  const fs::path blobs = blobsOf(place);
  if (!error && (isInside(end, place) || (!blobs.empty() && isInside(end, blobs)))) return path;
  fail("A file that the index names is a link out of the model's folder.", path.string(),
       "Put the file itself into the folder.");
}

}  // namespace

WeightsIndex parseWeightsIndex(std::string_view text, const std::string& where) {
  const Json json = parseJson(text, where);
  if (!json.is_object()) fail("The index is not a JSON object.", where, kGetAgain);
  const auto map = json.find("weight_map");
  if (map == json.end()) fail("The index has no `weight_map`.", where, kGetAgain);
  if (!map->is_object()) fail("The `weight_map` of the index is not an object.", where, kGetAgain);
  if (map->empty()) fail("The `weight_map` of the index is empty.", where, kGetAgain);
  std::map<std::string, size_t> numbers;
  for (const auto& [name, file] : map->items()) {
    const std::string place = where + ", tensor \"" + printable(name, 120) + "\"";
    if (!file.is_string()) fail("The index names no file for a tensor.", place, kGetAgain);
    if (!numbers.emplace(file.get<std::string>(), 0).second) continue;
    checkFileName(file.get<std::string>(), place);
    if (numbers.size() > kMaxFiles) {
      fail("The index names more than " + std::to_string(kMaxFiles) + " files.", where, kGetAgain);
    }
  }
  WeightsIndex index;
  for (auto& [file, number] : numbers) {
    number = index.files.size();
    index.files.push_back(file);
  }
  for (const auto& [name, file] : map->items()) {
    index.tensors.emplace_back(name, numbers.at(file.get<std::string>()));
  }
  return index;
}

std::vector<std::unique_ptr<WeightsFile>> openShards(const fs::path& index) {
  const std::string where = index.string();
  const WeightsIndex said = parseWeightsIndex(readFile(index, JsonLimits{}.bytes), where);
  const fs::path folder = index.has_parent_path() ? index.parent_path() : fs::path(".");
  std::vector<std::unique_ptr<WeightsFile>> files;
  std::unordered_map<std::string_view, size_t> found;  // views into the files' tensors
  for (const std::string& name : said.files) {
    files.push_back(openWeights(shardPath(folder, name)));
    for (const TensorInfo& tensor : files.back()->tensors()) {
      const auto [place, isNew] = found.emplace(tensor.name, files.size() - 1);
      if (isNew) continue;
      fail("A tensor is in two files of the index, " + printable(said.files[place->second], 60) + " and " +
               printable(name, 60) + ".",
           where + ", tensor \"" + printable(tensor.name, 120) + "\"", kGetAgain);
    }
  }
  for (const auto& [name, number] : said.tensors) {
    const auto place = found.find(name);
    if (place != found.end() && place->second == number) continue;
    fail("A tensor is not in the file that the index names, " + printable(said.files[number], 60) + ".",
         where + ", tensor \"" + printable(name, 120) + "\"", kGetAgain);
  }
  return files;
}

}  // namespace uc
