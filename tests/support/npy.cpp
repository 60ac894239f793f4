// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "tests/support/npy.h"

#include <cstring>
#include <fstream>
#include <regex>
#include <sstream>
#include <stdexcept>

namespace uc::test {
namespace {

template <typename T>
std::vector<double> valuesOf(const std::string& bytes, size_t offset, size_t count) {
  if (bytes.size() != offset + count * sizeof(T)) throw std::runtime_error("npy: wrong number of bytes");
  std::vector<double> result(count);
  for (size_t i = 0; i < count; ++i) {
    T value;
    std::memcpy(&value, bytes.data() + offset + i * sizeof(T), sizeof(T));
    result[i] = static_cast<double>(value);
  }
  return result;
}

}  // namespace

Array parseNpy(const std::string& bytes) {
  if (bytes.size() < 10 || bytes.compare(0, 8, std::string("\x93NUMPY\x01\x00", 8)) != 0)
    throw std::runtime_error("npy: not version 1.0");
  const size_t length = static_cast<unsigned char>(bytes[8]) + 256u * static_cast<unsigned char>(bytes[9]);
  const std::string header = bytes.substr(10, length);
  if ((10 + length) % 16 != 0 || header.back() != '\n') throw std::runtime_error("npy: header is not padded");
  static const std::regex pattern(
      R"(\{'descr': '([^']+)', 'fortran_order': False, 'shape': \(([^)]*)\), \}\s*)");
  std::smatch match;
  if (!std::regex_match(header, match, pattern)) throw std::runtime_error("npy: header " + header);
  Array array;
  array.dtype = match[1];
  std::istringstream list(match[2]);
  size_t count = 1;
  for (std::string part; std::getline(list, part, ',');) {
    if (part.find_first_not_of(' ') == std::string::npos) continue;
    array.shape.push_back(std::stoll(part));
    count *= static_cast<size_t>(array.shape.back());
  }
  const size_t offset = 10 + length;
  if (array.dtype == "<f4") array.values = valuesOf<float>(bytes, offset, count);
  if (array.dtype == "<f8") array.values = valuesOf<double>(bytes, offset, count);
  if (array.dtype == "<i8") array.values = valuesOf<int64_t>(bytes, offset, count);
  if (array.dtype == "|u1") array.values = valuesOf<unsigned char>(bytes, offset, count);
  if (array.values.size() != count) throw std::runtime_error("npy: dtype " + array.dtype);
  return array;
}

Array readNpy(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot open " + path);
  std::ostringstream text;
  text << in.rdbuf();
  return parseNpy(text.str());
}

}  // namespace uc::test
