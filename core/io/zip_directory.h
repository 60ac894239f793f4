// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/io/byte_source.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace uc {

/// What the directory of a zip archive says about one entry.
struct ZipEntry {
  std::string name;
  uint64_t size = 0;    // of the content, in bytes
  uint64_t packed = 0;  // of what lies in the file
  uint64_t header = 0;  // where its own header begins
  uint64_t limit = 0;   // where the next entry, or the directory, begins
  uint32_t sum = 0;     // CRC-32 of the content
  uint16_t flags = 0;
  bool isDeflated = false;
};

/// The directory of a zip archive (APPNOTE.TXT 6.3, zip64 included) and its entries' bytes, under the rules
/// of quality.md: one end record, the directory just before it, no duplicate names, entries stored or
/// deflated at most 100 : 1, inside the file, none over another. Opening reads the directory only, at most 64
/// MiB. Immutable; may be read from any thread.
class ZipDirectory {
 public:
  /// `source` must outlive the directory. Throws Failure.
  explicit ZipDirectory(const ByteSource& source);

  const std::vector<ZipEntry>& entries() const { return m_entries; }  // in the order of the directory
  const ZipEntry* find(std::string_view name) const;                  // or null

  /// Where an entry's bytes begin. Reads the entry's own header and throws Failure when that says otherwise
  /// than the directory.
  uint64_t begin(const ZipEntry& entry) const;

  /// Tells `sink` the entry's content, piece by piece. Throws Failure when size or sum are not the
  /// directory's; `sink` has then seen no more than the size.
  void walk(const ZipEntry& entry, const std::function<void(std::span<const std::byte>)>& sink) const;

  /// The content of an entry of at most `limit` bytes. Throws Failure as walk() does.
  std::string content(const ZipEntry& entry, uint64_t limit) const;

 private:
  std::string placeOf(const ZipEntry& entry) const;
  void inflate(const ZipEntry& entry, const std::function<void(std::span<const std::byte>)>& sink) const;

  const ByteSource& m_source;
  std::vector<ZipEntry> m_entries;
  std::unordered_map<std::string_view, size_t> m_indexes;  // views into m_entries
};

}  // namespace uc
