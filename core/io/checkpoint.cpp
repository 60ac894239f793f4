// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/checkpoint.h"

#include "core/io/convert.h"
#include "core/io/regular_file.h"
#include "core/io/safetensors.h"
#include "core/values/error.h"

#include <algorithm>
#include <array>
#include <system_error>
#include <unordered_map>
#include <utility>

namespace uc {
namespace {

namespace fs = std::filesystem;

constexpr JsonLimits kConfigLimits{size_t{1} << 20, 64};
constexpr std::string_view kWeights = "model.safetensors";
constexpr const char* kUnreadable =
    "This version reads model.safetensors and single .safetensors files only.";

/// The file's first bytes as parseSafetensors() wants them: up to the header's end, and nothing more.
std::string readHead(const RegularFile& file) {
  static constexpr uint64_t kStart = 64;
  std::string head(static_cast<size_t>(std::min(file.size(), kStart)), '\0');
  file.read(0, std::as_writable_bytes(std::span(head)));
  const uint64_t size = headSize(head, file.size());
  if (size > head.size()) {
    head.resize(static_cast<size_t>(size));
    file.read(0, std::as_writable_bytes(std::span(head)));
  }
  return head;
}

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

/// The folder's weights. Says what else is there when they are in a container that is not read.
fs::path weightsIn(const fs::path& folder) {
  fs::path weights = folder / kWeights;
  if (isThere(weights)) return weights;
  for (const char* other :
       {"model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json"}) {
    if (isThere(folder / other)) {
      fail(std::string("The weights are in ") + other + ", which cannot be read.", folder.string(),
           kUnreadable);
    }
  }
  std::vector<std::string> others;
  std::error_code ignored;  // a folder that cannot be listed counts as empty
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
    const std::string ending = entry.path().extension().string();
    if (ending == ".safetensors" || ending == ".pth" || ending == ".pt" || ending == ".bin") {
      others.push_back(entry.path().filename().string());
    }
  }
  if (others.empty()) {
    fail("The folder holds no weights: there is no model.safetensors.", folder.string(),
         "Open a folder with config.json and model.safetensors, or a .safetensors file.");
  }
  const std::string& first = *std::min_element(others.begin(), others.end());
  if (first.ends_with(".safetensors")) {
    fail("The folder holds no model.safetensors.", folder.string(),
         "Open " + printable(first, 100) + " itself.");
  }
  fail("The weights are in " + printable(first, 100) + ", which cannot be read.", folder.string(),
       kUnreadable);
}

class SafetensorsCheckpoint final : public Checkpoint {
 public:
  SafetensorsCheckpoint(std::string name, fs::path folder, const fs::path& weights)
      : m_name(std::move(name)),
        m_folder(std::move(folder)),
        m_file(weights),
        m_config(readConfig(m_folder)) {
    const std::string head = readHead(m_file);
    for (SafetensorsEntry& entry : parseSafetensors(head, m_file.size(), m_file.path())) {
      m_begins.push_back(entry.begin);
      m_tensors.push_back(std::move(entry.info));
    }
    m_indexes.reserve(m_tensors.size());
    for (size_t i = 0; i < m_tensors.size(); ++i) m_indexes.emplace(m_tensors[i].name, i);
  }

  std::string name() const override { return m_name; }
  const fs::path& folder() const override { return m_folder; }
  const std::optional<Json>& config() const override { return m_config; }
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
      fail("The tensor's dtype " + info.dtypeName + " cannot be read as numbers.", where,
           "Convert it to F32, F16 or BF16.");
    }
    const auto found = m_indexes.find(info.name);
    if (!fits || found == m_indexes.end() || (first + out.size()) * size > m_tensors[found->second].bytes) {
      fail("The tensor is not the one that was asked for.", where, "Open the model again.");
    }
    const uint64_t begin = m_begins[found->second] + first * size;
    if (isSame<T>(info.dtype)) {
      m_file.read(begin, std::as_writable_bytes(out));
      return;
    }
    std::vector<std::byte> chunk(std::min(out.size() * size, kChunk));
    for (size_t done = 0; done < out.size();) {
      const size_t count = std::min(out.size() - done, kChunk / size);
      const std::span<std::byte> raw(chunk.data(), count * size);
      m_file.read(begin + done * size, raw);
      convert(info.dtype, raw, out.subspan(done, count));
      done += count;
    }
  }

  static constexpr size_t kChunk = size_t{1} << 18;  // stays in the second-level cache

  std::string m_name;
  fs::path m_folder;
  RegularFile m_file;
  std::optional<Json> m_config;
  std::vector<TensorInfo> m_tensors;
  std::vector<uint64_t> m_begins;                          // [tensors], from the file's start
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

std::shared_ptr<const Checkpoint> Checkpoint::open(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found && !isThere(path)) {
    fail("There is no such file or folder.", path.string(), "Check the path of the model.");
  }
  if (status.type() == fs::file_type::directory) {
    return std::make_shared<SafetensorsCheckpoint>(nameOf(path), path, weightsIn(path));
  }
  const bool isSafetensors = path.extension() == ".safetensors";
  if (status.type() == fs::file_type::regular && !isSafetensors) {
    fail("This is not a file of weights that can be read.", path.string(), kUnreadable);
  }
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  return std::make_shared<SafetensorsCheckpoint>(nameOf(path), folder, path);
}

}  // namespace uc
