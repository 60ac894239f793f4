// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/engine/engine.h"
#include "core/io/json.h"
#include "core/values/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <vector>

namespace uc {

namespace fs = std::filesystem;

namespace {

// Beside the program: bin/../share/undercurrent/demo, so that an unpacked archive works wherever it lies.
fs::path demosFolder() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  return (program.parent_path().parent_path() / "share" / "undercurrent" / "demo").lexically_normal();
}

std::vector<std::string> demoNames() {
  std::vector<std::string> names;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(demosFolder(), error)) {
    if (entry.is_directory(error)) names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// By name, so that it is the same everywhere.
std::optional<std::string> firstPicture(const fs::path& folder) {
  std::optional<std::string> first;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    const std::string path = entry.path().string();
    if (entry.path().extension() == ".png" && (!first || path < *first)) first = path;
  }
  return first;
}

int64_t integer(const Json& json, const char* key, int64_t standard) {
  const auto found = json.find(key);
  return found != json.end() && found->is_number_integer() ? found->get<int64_t>() : standard;
}

}  // namespace

std::string demoFolder(std::string_view demoName) {
  const std::vector<std::string> names = demoNames();
  if (std::find(names.begin(), names.end(), demoName) != names.end()) {
    return (demosFolder() / std::string(demoName)).string();
  }
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "demo:" : ", demo:") + name;
  fail("There is no such demo model.", "demo:" + printable(std::string(demoName), 80),
       list.empty() ? fmt::format("Install the demo models into {}.", demosFolder().string())
                    : fmt::format("Choose one of {}.", list));
}

DemoOpening demoOpening(std::string_view demoName) {
  const fs::path folder = demoFolder(demoName);
  const fs::path path = folder / "opening.json";
  DemoOpening result;
  result.image = firstPicture(folder / "images");
  std::error_code error;
  if (result.image && !fs::exists(path, error)) return result;
  const Json json = readJson(path);
  const auto text = json.is_object() ? json.find("text") : json.end();
  const bool hasText = text != json.end() && text->is_string();
  if (!json.is_object() || !(hasText || result.image)) {
    fail("The demo's opening view cannot be read.", path.string(), "Install the program again.");
  }
  if (hasText) result.text = text->get<std::string>();
  result.layer = integer(json, "layer", 0);
  result.lane = integer(json, "lane", 0);
  result.row = integer(json, "row", -1);
  result.col = integer(json, "col", -1);
  return result;
}

}  // namespace uc
