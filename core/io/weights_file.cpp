// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/weights_file.h"

#include "core/io/convert.h"
#include "core/io/regular_file.h"
#include "core/io/safetensors.h"

#include <algorithm>
#include <string>
#include <utility>

namespace uc {
namespace {

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

class SafetensorsFile final : public WeightsFile {
 public:
  explicit SafetensorsFile(const std::filesystem::path& path) : m_file(path) {
    const std::string head = readHead(m_file);
    for (SafetensorsEntry& entry : parseSafetensors(head, m_file.size(), m_file.path())) {
      m_begins.push_back(entry.begin);
      m_tensors.push_back(std::move(entry.info));
    }
  }

  void read(size_t index, uint64_t first, std::span<std::byte> out) const override {
    m_file.read(m_begins[index] + first * elementSize(m_tensors[index].dtype), out);
  }
  bool isCheapInParts(size_t) const override { return true; }

 private:
  RegularFile m_file;
  std::vector<uint64_t> m_begins;  // [tensors], from the file's start
};

}  // namespace

bool hasWeightsEnding(const std::filesystem::path& path) {
  const std::string ending = path.extension().string();
  return ending == ".safetensors" || ending == ".bin" || ending == ".pth" || ending == ".pt";
}

std::unique_ptr<WeightsFile> openWeights(const std::filesystem::path& path) {
  if (path.extension() == ".safetensors") return std::make_unique<SafetensorsFile>(path);
  return openTorchFile(path);
}

}  // namespace uc
