// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/read_npy.h"

#include "core/io/checkpoint.h"
#include "core/io/regular_file.h"
#include "core/values/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <string>
#include <string_view>

namespace uc {

static_assert(std::endian::native == std::endian::little, "numbers are read as they lie in memory");

namespace {

constexpr size_t kMaxHeader = 65'536;

// The value after 'key': in the header's dictionary, which NumPy writes as one literal: a quoted word, a
// bracketed list or a bare word. Empty when there is none.
std::string valueOf(std::string_view header, std::string_view key) {
  const size_t found = header.find(fmt::format("'{}':", key));
  if (found == std::string_view::npos) return {};
  std::string_view rest = header.substr(found + key.size() + 3);
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  if (rest.empty()) return {};
  const char open = rest.front();
  const char* close = open == '\'' ? "'" : open == '(' ? ")" : ",}";
  const size_t begin = open == '\'' || open == '(' ? 1 : 0;
  const size_t end = rest.find_first_of(close, begin);
  return end == std::string_view::npos ? std::string() : std::string(rest.substr(begin, end - begin));
}

std::string withoutSpaces(std::string text) {
  std::erase(text, ' ');
  return text;
}

struct Head {
  std::string text;
  uint64_t end = 0;
};

Head readHead(const RegularFile& file, const std::string& where) {
  std::string lead(12, '\0');
  lead.resize(file.readSome(0, std::as_writable_bytes(std::span(lead))));
  const auto byte = [&](size_t i) { return static_cast<uint64_t>(static_cast<uint8_t>(lead[i])); };
  if (lead.size() < 12 || !lead.starts_with("\x93NUMPY")) {
    fail("This is not a NumPy array.", where, "Open a float32 .npy or a picture.");
  }
  const uint64_t version = byte(6);
  if (version < 1 || version > 3) {
    fail("This version of .npy is not known.", fmt::format("{}, version {}", where, version),
         "Save the array with numpy.save.");
  }
  const uint64_t length =
      version == 1 ? byte(8) | byte(9) << 8 : byte(8) | byte(9) << 8 | byte(10) << 16 | byte(11) << 24;
  const uint64_t begin = version == 1 ? 10 : 12;
  if (length > kMaxHeader || begin + length > file.size()) {
    fail("The array's header is cut short.", where, "Save the array again.");
  }
  Head head{std::string(length, '\0'), begin + length};
  file.read(begin, std::as_writable_bytes(std::span(head.text)));
  return head;
}

}  // namespace

std::vector<float> readNpyFloats(const std::filesystem::path& path, const std::vector<int64_t>& shape) {
  const RegularFile file(path);
  const std::string where = printable(path.string());
  const Head head = readHead(file, where);
  const std::string dtype = valueOf(head.text, "descr");
  if (dtype != "<f4") {
    fail("The array is not float32.", fmt::format("{}, type {}", where, printable(dtype, 40)),
         "Save it as numpy.float32.");
  }
  if (valueOf(head.text, "fortran_order") != "False") {
    fail("The array is stored column by column.", where, "Save numpy.ascontiguousarray of it.");
  }
  std::string expected;
  uint64_t count = 1;
  for (const int64_t size : shape) {
    expected += fmt::format("{}{}", expected.empty() ? "" : ",", size);
    count *= static_cast<uint64_t>(size);
  }
  const std::string found = withoutSpaces(valueOf(head.text, "shape"));
  if (found != expected) {
    fail("The array has the wrong shape.",
         fmt::format("{}: found [{}], expected {}", where, printable(found, 80), shapeText(shape)),
         "Give it normalized, at the model's size.");
  }
  if (file.size() - head.end != count * sizeof(float)) {
    fail("The array's file has the wrong length.", where, "Save the array again.");
  }
  std::vector<float> values(count);
  file.read(head.end, std::as_writable_bytes(std::span(values)));
  return values;
}

}  // namespace uc
