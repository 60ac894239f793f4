// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/checkpoint.h"

#include "core/io/convert.h"
#include "core/io/weights_file.h"
#include "core/io/weights_index.h"
#include "core/values/error.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <system_error>
#include <unordered_map>
#include <utility>

namespace uc {
namespace {

namespace fs = std::filesystem;

constexpr JsonLimits kConfigLimits{size_t{1} << 20, 64};
constexpr std::string_view kIndexEnding = ".index.json";

/// What a folder is searched for, the first first.
constexpr std::array<const char*, 4> kNames{"model.safetensors", "model.safetensors.index.json",
                                            "pytorch_model.bin", "pytorch_model.bin.index.json"};

/// Links count that point to nothing, and what may not be looked at: opening it says what is wrong.
bool isThere(const fs::path& path) {
  std::error_code ignored;
  return fs::symlink_status(path, ignored).type() != fs::file_type::not_found;
}

std::optional<Json> readConfig(const fs::path& folder) {
  const fs::path path = folder / "config.json";
  if (!isThere(path)) return std::nullopt;
  Json config = readJson(path, kConfigLimits);
  if (!config.is_object()) fail("The configuration is not a JSON object.", path.string(), "Repair the file.");
  return config;
}

/// The names of the folder's files of weights, sorted.
std::vector<std::string> weightsFiles(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code ignored;  // a folder that cannot be listed counts as empty
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
    if (hasWeightsEnding(entry.path())) names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// The folder's weights: a file or an index.
fs::path weightsIn(const fs::path& folder) {
  for (const char* name : kNames) {
    if (isThere(folder / name)) return folder / name;
  }
  const std::vector<std::string> names = weightsFiles(folder);
  if (names.size() == 1) return folder / names.front();
  if (names.empty()) {
    fail("The folder holds no weights.", folder.string(),
         "Open a folder with model.safetensors, pytorch_model.bin or a .pth file, or such a file itself.");
  }
  static constexpr size_t kShown = 4;
  std::string list;
  for (size_t i = 0; i < std::min(names.size(), kShown); ++i) {
    list += (i == 0 ? "" : ", ") + printable(names[i], 60);
  }
  fail("The folder holds several files of weights: " + list + (names.size() > kShown ? " …." : "."),
       folder.string(), "Open one of them.");
}

bool isIndex(const fs::path& path) { return path.filename().string().ends_with(kIndexEnding); }

std::vector<std::unique_ptr<WeightsFile>> openFiles(const fs::path& weights) {
  if (isIndex(weights)) return openShards(weights);
  std::vector<std::unique_ptr<WeightsFile>> files;
  files.push_back(openWeights(weights));
  return files;
}

/// Beside a file that could be one model of several, config.json may belong to another.
bool ownsConfig(const fs::path& weights, const fs::path& folder) {
  const std::string name = weights.filename().string();
  return isIndex(weights) || weights.extension() == ".safetensors" ||
         std::find(kNames.begin(), kNames.end(), name) != kNames.end() || weightsFiles(folder).size() < 2;
}

class FileCheckpoint final : public Checkpoint {
 public:
  FileCheckpoint(std::string name, fs::path folder, const fs::path& weights)
      : m_name(std::move(name)), m_folder(std::move(folder)) {
    if (ownsConfig(weights, m_folder)) m_config = readConfig(m_folder);
    m_files = openFiles(weights);
    uint64_t storages = 0;
    for (const std::unique_ptr<WeightsFile>& file : m_files) {
      uint64_t last = 0;
      for (size_t i = 0; i < file->tensors().size(); ++i) {
        m_tensors.push_back(file->tensors()[i]);
        m_places.push_back({file.get(), i});
        uint64_t& storage = m_tensors.back().place.storage;  // counted through all files
        if (storage == 0) continue;
        last = std::max(last, storage);
        storage += storages;
      }
      storages += last;
    }
    m_indexes.reserve(m_tensors.size());
    for (size_t i = 0; i < m_tensors.size(); ++i) m_indexes.emplace(m_tensors[i].name, i);
  }

  std::string name() const override { return m_name; }
  const fs::path& folder() const override { return m_folder; }
  const std::optional<Json>& config() const override { return m_config; }
  const std::optional<Json>& arguments() const override { return m_files.front()->arguments(); }
  const std::vector<TensorInfo>& tensors() const override { return m_tensors; }
  const TensorInfo* find(std::string_view name) const override {
    const auto found = m_indexes.find(name);
    return found == m_indexes.end() ? nullptr : &m_tensors[found->second];
  }
  void read(const TensorInfo& info, std::span<float> out) const override { readWhole(info, out); }
  void read(const TensorInfo& info, std::span<double> out) const override { readWhole(info, out); }
  void readRows(const TensorInfo& info, int64_t first, int64_t count, std::span<float> out) const override {
    readPart(info, first, count, out);
  }
  void readRows(const TensorInfo& info, int64_t first, int64_t count, std::span<double> out) const override {
    readPart(info, first, count, out);
  }

 private:
  struct Place {
    const WeightsFile* file = nullptr;
    size_t index = 0;
  };

  template <typename T>
  void readWhole(const TensorInfo& info, std::span<T> out) const {
    readElements(info, 0, out, out.size() == static_cast<uint64_t>(info.count()));
  }
  template <typename T>
  void readPart(const TensorInfo& info, int64_t first, int64_t count, std::span<T> out) const {
    const int64_t rows = info.shape.empty() ? 1 : info.shape[0];
    const bool isInside = first >= 0 && count >= 0 && first <= rows && count <= rows - first;
    const uint64_t size = rows == 0 ? 0 : static_cast<uint64_t>(info.count() / rows);
    readElements(info, static_cast<uint64_t>(first) * size, out,
                 isInside && out.size() == static_cast<uint64_t>(count) * size);
  }

  /// By way of a small buffer, so that a conversion needs no second copy of the tensor. `fits` is what the
  /// caller found about its range.
  template <typename T>
  void readElements(const TensorInfo& info, uint64_t first, std::span<T> out, bool fits) const {
    const size_t size = elementSize(info.dtype);
    const std::string where = info.file + ", tensor \"" + printable(info.name, 120) + "\"";
    if (size == 0) {
      fail("The tensor's dtype " + printable(info.dtypeName, 120) + " cannot be read as numbers.", where,
           "Convert it to F32, F16 or BF16.");
    }
    const auto found = m_indexes.find(info.name);
    if (!fits || found == m_indexes.end() || (first + out.size()) * size > m_tensors[found->second].bytes) {
      fail("The tensor is not the one that was asked for.", where, "Open the model again.");
    }
    const auto [file, index] = m_places[found->second];
    if (isSame<T>(info.dtype)) {
      file->read(index, first, std::as_writable_bytes(out));
      return;
    }
    const size_t most = file->isCheapInParts(index) ? kChunk / size : std::max<size_t>(out.size(), 1);
    std::vector<std::byte> chunk(std::min(out.size(), most) * size);
    for (size_t done = 0; done < out.size();) {
      const size_t count = std::min(out.size() - done, most);
      const std::span<std::byte> raw(chunk.data(), count * size);
      file->read(index, first + done, raw);
      convert(info.dtype, raw, out.subspan(done, count));
      done += count;
    }
  }

  static constexpr size_t kChunk = size_t{1} << 18;  // stays in the second-level cache

  std::string m_name;
  fs::path m_folder;
  std::optional<Json> m_config;
  std::vector<std::unique_ptr<WeightsFile>> m_files;  // at least one
  std::vector<TensorInfo> m_tensors;
  std::vector<Place> m_places;                             // [tensors]
  std::unordered_map<std::string_view, size_t> m_indexes;  // views into m_tensors
};

/// "mamba-130m" also for "models/mamba-130m/" and ".".
std::string nameOf(const fs::path& path) {
  std::error_code ignored;
  const fs::path whole = fs::absolute(path, ignored).lexically_normal();
  return (whole.has_filename() ? whole : whole.parent_path()).filename().string();
}

}  // namespace

int64_t TensorInfo::count() const {
  uint64_t product = 1;  // may wrap before a 0 follows
  for (int64_t size : shape) product *= static_cast<uint64_t>(size);
  return static_cast<int64_t>(product);
}

std::string shapeText(std::span<const int64_t> shape) {
  // A header may give a tensor millions of dimensions.
  const size_t shown = std::min<size_t>(shape.size(), 16);
  std::string text = "[";
  for (size_t i = 0; i < shown; ++i) text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
  return text + (shown < shape.size() ? ", …]" : "]");
}

std::vector<StoredSize> storedSizes(std::span<const TensorInfo* const> tensors) {
  std::vector<size_t> order(tensors.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    const TensorPlace &left = tensors[a]->place, &right = tensors[b]->place;
    return std::pair(left.storage, left.begin) < std::pair(right.storage, right.begin);
  });
  std::vector<StoredSize> result(tensors.size());
  uint64_t storage = 0, covered = 0;  // of which storage, up to which byte
  for (const size_t i : order) {
    const TensorInfo& tensor = *tensors[i];
    const auto count = static_cast<uint64_t>(tensor.count());
    if (tensor.place.storage == 0 || count == 0 || tensor.bytes == 0) {
      result[i] = {tensor.bytes == 0 ? 0 : count, tensor.bytes};
      continue;
    }
    if (tensor.place.storage != storage) covered = 0;
    storage = tensor.place.storage;
    const uint64_t begin = std::max(covered, tensor.place.begin);
    covered = std::max(covered, tensor.place.end);
    const uint64_t size = tensor.bytes / count;
    const uint64_t values = std::min(count, (covered - std::min(covered, begin)) / size);
    result[i] = {values, values * size};
  }
  return result;
}

std::shared_ptr<const Checkpoint> Checkpoint::open(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found && !isThere(path)) {
    fail("There is no such file or folder.", path.string(), "Check the path of the model.");
  }
  if (status.type() == fs::file_type::directory) {
    return std::make_shared<FileCheckpoint>(nameOf(path), path, weightsIn(path));
  }
  if (status.type() == fs::file_type::regular && !hasWeightsEnding(path) && !isIndex(path)) {
    fail("This is not a file of weights that can be read.", path.string(),
         "Give a folder, or a file that ends in .safetensors, .bin, .pth, .pt or .index.json.");
  }
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  return std::make_shared<FileCheckpoint>(nameOf(path), folder, path);
}

}  // namespace uc
