// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "tests/support/edited_model.h"

#include <cstring>
#include <fstream>

namespace uc::test {

namespace {

constexpr size_t kLimit = size_t{64} << 20;

uint64_t littleEndian(const std::string& bytes) {
  uint64_t value = 0;
  for (size_t i = 8; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

}  // namespace

EditedModel::EditedModel(const std::filesystem::path& folder) {
  if (std::filesystem::exists(folder / "config.json")) config = readJson(folder / "config.json");
  const std::string file = readFile(folder / "model.safetensors", kLimit);
  const uint64_t size = littleEndian(file);
  const Json header = Json::parse(file.substr(8, size));
  for (const auto& [name, entry] : header.items()) {
    if (name == "__metadata__") continue;
    const auto begin = entry["data_offsets"][0].get<size_t>(), end = entry["data_offsets"][1].get<size_t>();
    tensors[name] = {entry["dtype"].get<std::string>(), entry["shape"].get<std::vector<int64_t>>(),
                     file.substr(8 + size + begin, end - begin)};
  }
}

void EditedModel::rename(const std::string& from, const std::string& to) {
  std::map<std::string, Tensor> renamed;
  for (auto& [name, tensor] : tensors) {
    renamed[name.starts_with(from) ? to + name.substr(from.size()) : name] = std::move(tensor);
  }
  tensors = std::move(renamed);
}

void EditedModel::reshape(const std::string& name, const std::vector<int64_t>& shape) {
  size_t bytes = tensors.at(name).dtype == "BF16" ? 2 : sizeof(float);
  for (const int64_t size : shape) bytes *= static_cast<size_t>(size);
  tensors.at(name).shape = shape;
  tensors.at(name).bytes.resize(bytes, '\0');
}

void EditedModel::setValue(const std::string& name, size_t index, float value) {
  std::memcpy(tensors.at(name).bytes.data() + index * sizeof(float), &value, sizeof(float));
}

void EditedModel::save(const std::filesystem::path& folder) const {
  std::filesystem::create_directories(folder);
  if (!config.is_null()) std::ofstream(folder / "config.json") << config.dump();
  Json header = Json::object();
  std::string data;
  for (const auto& [name, tensor] : tensors) {
    header[name] = {{"dtype", tensor.dtype},
                    {"shape", tensor.shape},
                    {"data_offsets", {data.size(), data.size() + tensor.bytes.size()}}};
    data += tensor.bytes;
  }
  const std::string text = header.dump();
  std::string file;
  for (int i = 0; i < 8; ++i) file += static_cast<char>(text.size() >> (8 * i) & 0xFF);
  file += text + data;
  std::ofstream(folder / "model.safetensors", std::ios::binary)
      .write(file.data(), static_cast<std::streamsize>(file.size()));
}

}  // namespace uc::test
