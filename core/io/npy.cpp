// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/npy.h"

#include "core/io/save.h"
#include "core/values/error.h"

#include <fmt/format.h>
#include <zip.h>

#include <bit>
#include <memory>
#include <variant>

namespace uc {

static_assert(std::endian::native == std::endian::little, "numbers are written as they lie in memory");

namespace {

template <typename T>
NpyArray arrayOf(std::string name, const char* dtype, std::vector<int64_t> shape, std::span<const T> values) {
  return {std::move(name), dtype, std::move(shape), {std::as_bytes(values)}};
}

void writeParts(std::ostream& stream, const NpyArray& array) {
  stream << npyHeader(array);
  for (const auto& part : array.parts) {
    stream.write(reinterpret_cast<const char*>(part.data()), static_cast<std::streamsize>(part.size()));
  }
}

[[noreturn]] void failZip(const char* text, const std::string& path) {
  fail("Packing the arrays failed.", fmt::format("{}: {}", path, text), "Save as .npy instead.");
}

/// An archive in memory. libzip only writes when it closes it, so the buffer is complete after pack().
class Packer {
 public:
  explicit Packer(std::string path) : m_path(std::move(path)) {
    zip_error_init(&m_error);
    m_buffer = zip_source_buffer_create(nullptr, 0, 0, &m_error);
    if (!m_buffer) failZip(zip_error_strerror(&m_error), m_path);
    m_zip = zip_open_from_source(m_buffer, ZIP_TRUNCATE, &m_error);
    if (!m_zip) failZip(zip_error_strerror(&m_error), m_path);
    zip_source_keep(m_buffer);
  }
  ~Packer() {
    if (m_zip) zip_discard(m_zip);
    zip_source_free(m_buffer);
    zip_error_fini(&m_error);
  }
  Packer(const Packer&) = delete;
  Packer& operator=(const Packer&) = delete;

  /// `header` and the array's numbers must live until pack() is done.
  void add(const NpyArray& array, std::string& header) {
    std::vector<zip_buffer_fragment_t> fragments = {
        {reinterpret_cast<zip_uint8_t*>(header.data()), header.size()}};
    for (const auto& part : array.parts) {
      // libzip takes the bytes as not const, but only reads them.
      auto* data = reinterpret_cast<zip_uint8_t*>(const_cast<std::byte*>(part.data()));
      if (!part.empty()) fragments.push_back({data, part.size()});
    }
    zip_source_t* source = zip_source_buffer_fragment(m_zip, fragments.data(), fragments.size(), 0);
    if (!source) failZip(zip_strerror(m_zip), m_path);
    const zip_int64_t index = zip_file_add(m_zip, (array.name + ".npy").c_str(), source, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
      zip_source_free(source);
      failZip(zip_strerror(m_zip), m_path);
    }
    const auto entry = static_cast<zip_uint64_t>(index);
    zip_set_file_compression(m_zip, entry, ZIP_CM_STORE, 0);
    zip_file_set_dostime(m_zip, entry, 0, 1 << 5 | 1,
                         0);  // 1 January 1980: the same arrays make the same file
  }

  void pack() {
    if (zip_close(m_zip) != 0) failZip(zip_strerror(m_zip), m_path);
    m_zip = nullptr;
  }

  void write(std::ostream& stream) {
    if (zip_source_open(m_buffer) != 0) failZip(zip_error_strerror(zip_source_error(m_buffer)), m_path);
    std::vector<char> chunk(size_t{1} << 20);
    zip_int64_t got = 0;
    while ((got = zip_source_read(m_buffer, chunk.data(), chunk.size())) > 0) stream.write(chunk.data(), got);
    if (got < 0) failZip(zip_error_strerror(zip_source_error(m_buffer)), m_path);
  }

 private:
  std::string m_path;
  zip_error_t m_error{};
  zip_source_t* m_buffer = nullptr;
  zip_t* m_zip = nullptr;
};

}  // namespace

NpyArray npyArray(std::string name, std::vector<int64_t> shape, std::span<const float> values) {
  return arrayOf(std::move(name), "<f4", std::move(shape), values);
}

NpyArray npyArray(std::string name, std::vector<int64_t> shape, std::span<const double> values) {
  return arrayOf(std::move(name), "<f8", std::move(shape), values);
}

NpyArray npyArray(std::string name, std::vector<int64_t> shape, std::span<const int64_t> values) {
  return arrayOf(std::move(name), "<i8", std::move(shape), values);
}

NpyArray npyArray(std::string name, std::string_view bytes) {
  return arrayOf(std::move(name), "|u1", {static_cast<int64_t>(bytes.size())}, std::span(bytes));
}

NpyArray npyArray(std::string name, const AnyMatrix& values) {
  return std::visit(
      [&](const auto& matrix) {
        return npyArray(std::move(name), {matrix.rows, matrix.cols}, std::span(matrix.values));
      },
      values);
}

std::string npyHeader(const NpyArray& array) {
  std::string shape;
  for (const int64_t size : array.shape) shape += fmt::format("{}{}", shape.empty() ? "" : ", ", size);
  if (array.shape.size() == 1) shape += ",";
  std::string text =
      fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", array.dtype, shape);
  constexpr size_t kLead = 10;  // magic, version, length
  text.append(63 - (kLead + text.size()) % 64, ' ');
  text += '\n';
  std::string header = "\x93NUMPY";
  header += '\1';
  header += '\0';
  header += static_cast<char>(text.size() & 0xFF);
  header += static_cast<char>(text.size() >> 8);
  return header + text;
}

void saveNpyArray(const std::filesystem::path& path, const NpyArray& array) {
  saveAtomically(path, [&](std::ostream& stream) { writeParts(stream, array); });
}

void saveNpz(const std::filesystem::path& path, const std::vector<NpyArray>& arrays) {
  checkSavable(path);
  std::vector<std::string> headers;
  headers.reserve(arrays.size());
  Packer packer(path.string());
  for (const NpyArray& array : arrays) packer.add(array, headers.emplace_back(npyHeader(array)));
  packer.pack();
  saveAtomically(path, [&](std::ostream& stream) { packer.write(stream); });
}

}  // namespace uc
