// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/io/byte_source.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace uc::test {

/// One entry of a zip archive; what is set overrides what is true. Written from APPNOTE.TXT, so that reader
/// and tests cannot agree on a mistake.
struct ZipPart {
  std::string name, content;
  bool isDeflated = false;
  uint16_t method = 0;  // 0: by isDeflated
  uint16_t flags = 0;
  uint16_t disk = 0;
  bool isZip64 = false;   // sizes and place in the directory's 64-bit field
  bool isShared = false;  // no data of its own: its place is the part's before
  std::string extra;      // of the directory, after the 64-bit field
  std::optional<uint32_t> sum;
  std::optional<uint64_t> size, packed, header;
  std::optional<std::string> localName;
  std::optional<uint32_t> localSum, localMark;
  std::string after;  // bytes between its data and the next entry
};

/// The end record; what is set overrides what is true.
struct ZipEnd {
  bool isZip64 = false;
  std::string comment;
  std::optional<uint16_t> disk, here, count;
  std::optional<uint32_t> size, begin;
  std::optional<uint64_t> count64, place64;
  std::string before;  // bytes between directory and end record
};

std::string zipFile(const std::vector<ZipPart>& parts, const ZipEnd& end = {});

/// What torch.save writes: data.pkl with this content and these storages, as data/0, data/1 …
std::vector<ZipPart> torchParts(const std::string& pickle, const std::vector<std::string>& storages);

/// Bytes in memory for readers of files.
class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::string bytes, std::string path = "memory.pth")
      : m_bytes(std::move(bytes)), m_path(std::move(path)) {}
  uint64_t size() const override { return m_bytes.size(); }
  const std::string& path() const override { return m_path; }
  void read(uint64_t offset, std::span<std::byte> out) const override;

 private:
  std::string m_bytes, m_path;
};

}  // namespace uc::test
