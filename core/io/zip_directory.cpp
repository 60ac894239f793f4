// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/zip_directory.h"

#include "core/io/little_endian.h"
#include "core/values/error.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

namespace uc {
namespace {

// Sizes and marks of APPNOTE.TXT 4.3.
constexpr uint64_t kEndSize = 22, kLocatorSize = 20, kEnd64Size = 56;
constexpr size_t kCentralSize = 46, kLocalSize = 30;
constexpr uint32_t kEndMark = 0x06054b50, kLocatorMark = 0x07064b50, kEnd64Mark = 0x06064b50;
constexpr uint32_t kCentralMark = 0x02014b50;
constexpr uint16_t kZip64Field = 1;
constexpr uint16_t kEncryptions = 1u << 0 | 1u << 6 | 1u << 13, kPatch = 1u << 5;
constexpr uint16_t kStored = 0, kDeflated = 8;
constexpr uint16_t kLong16 = 0xFFFF;      // "see the zip64 field"
constexpr uint32_t kLong32 = 0xFFFFFFFF;  // likewise
constexpr uint64_t kMaxComment = 0xFFFF;
constexpr uint64_t kMaxDirectory = uint64_t{64} << 20;
constexpr uint64_t kMaxRatio = 100;

[[noreturn]] void reject(const std::string& what, const std::string& where) {
  fail(what, where, "The file is damaged: copy or download it again.");
}

std::string readText(const ByteSource& source, uint64_t offset, uint64_t size) {
  std::string text(static_cast<size_t>(size), '\0');
  source.read(offset, std::as_writable_bytes(std::span(text)));
  return text;
}

/// Where the directory lies and how many entries it has.
struct Extent {
  uint64_t begin = 0, size = 0, count = 0;
};

/// The place of the one end record, which ends with a comment that ends with the file.
uint64_t findEnd(const ByteSource& source) {
  const uint64_t size = source.size();
  const std::string tail =
      readText(source, size - std::min(size, kEndSize + kMaxComment), std::min(size, kEndSize + kMaxComment));
  std::optional<uint64_t> found;
  for (size_t at = 0; at + kEndSize <= tail.size(); ++at) {
    if (littleEndian<uint32_t>(tail, at) != kEndMark) continue;
    if (at + kEndSize + littleEndian<uint16_t>(tail, at + 20) != tail.size()) continue;
    if (found) reject("The zip archive has more than one end record.", source.path());
    found = size - tail.size() + at;
  }
  if (!found) reject("The zip archive has no end record: the file ends too early.", source.path());
  return *found;
}

/// The zip64 end record, which a locator before the end record at `end` points to; its place goes to `place`.
std::optional<Extent> readEnd64(const ByteSource& source, uint64_t end, uint64_t& place) {
  if (end < kLocatorSize) return std::nullopt;
  const std::string locator = readText(source, end - kLocatorSize, kLocatorSize);
  if (littleEndian<uint32_t>(locator, 0) != kLocatorMark) return std::nullopt;
  place = littleEndian<uint64_t>(locator, 8);
  if (littleEndian<uint32_t>(locator, 4) != 0 || littleEndian<uint32_t>(locator, 16) > 1) {
    reject("The zip archive is one of several parts.", source.path());
  }
  // Only the record without an extension, just before its locator: nothing can hide between them.
  if (end - kLocatorSize < kEnd64Size || place != end - kLocatorSize - kEnd64Size) {
    reject("The zip64 end record is not just before its locator.", source.path());
  }
  const std::string record = readText(source, place, kEnd64Size);
  if (littleEndian<uint32_t>(record, 0) != kEnd64Mark) {
    reject("The zip64 end record is broken.", source.path());
  }
  if (littleEndian<uint32_t>(record, 16) != 0 || littleEndian<uint32_t>(record, 20) != 0) {
    reject("The zip archive is one of several parts.", source.path());
  }
  const Extent extent{littleEndian<uint64_t>(record, 48), littleEndian<uint64_t>(record, 40),
                      littleEndian<uint64_t>(record, 32)};
  if (littleEndian<uint64_t>(record, 24) != extent.count) {
    reject("The zip archive's end record counts its entries in two ways.", source.path());
  }
  return extent;
}

/// The end record, and the zip64 one where there is one, agreeing with each other and with the file.
Extent readExtent(const ByteSource& source) {
  const uint64_t end = findEnd(source);
  const std::string record = readText(source, end, kEndSize);
  const auto disk = littleEndian<uint16_t>(record, 4), first = littleEndian<uint16_t>(record, 6);
  const auto here = littleEndian<uint16_t>(record, 8), count = littleEndian<uint16_t>(record, 10);
  const auto size = littleEndian<uint32_t>(record, 12), begin = littleEndian<uint32_t>(record, 16);
  uint64_t directoryEnd = end;
  const std::optional<Extent> wide = readEnd64(source, end, directoryEnd);
  const auto isSeveral = [&](uint16_t number) { return number != 0 && !(wide && number == kLong16); };
  if (isSeveral(disk) || isSeveral(first)) reject("The zip archive is one of several parts.", source.path());
  if (here != count) reject("The zip archive's end record counts its entries in two ways.", source.path());
  const Extent extent = wide.value_or(Extent{begin, size, count});
  if (wide && ((count != kLong16 && count != wide->count) || (size != kLong32 && size != wide->size) ||
               (begin != kLong32 && begin != wide->begin))) {
    reject("The zip archive's two end records disagree.", source.path());
  }
  if (extent.size > kMaxDirectory) {
    reject("The zip archive's directory is larger than 64 MiB.", source.path());
  }
  if (extent.begin > directoryEnd || extent.size != directoryEnd - extent.begin) {
    reject("The zip archive's directory does not end where its end record begins.", source.path());
  }
  return extent;
}

/// The 64-bit numbers of an entry whose 32-bit ones are all ones.
void readZip64(std::string_view extra, ZipEntry& entry, const std::string& where) {
  const bool isSize = entry.size == kLong32, isPacked = entry.packed == kLong32,
             isHeader = entry.header == kLong32;
  std::optional<std::string_view> field;
  for (size_t at = 0; at < extra.size();) {
    if (extra.size() - at < 4) reject("An extra field of the zip archive's entry is cut off.", where);
    const auto id = littleEndian<uint16_t>(extra, at);
    const size_t size = littleEndian<uint16_t>(extra, at + 2);
    if (extra.size() - at - 4 < size) reject("An extra field of the zip archive's entry is cut off.", where);
    if (id == kZip64Field) field = extra.substr(at + 4, size);
    at += 4 + size;
  }
  size_t at = 0;
  const auto take = [&](bool isWanted, uint64_t& number) {
    if (!isWanted) return;
    if (!field || field->size() - at < 8) reject("The entry's 64-bit sizes are missing.", where);
    number = littleEndian<uint64_t>(*field, at);
    at += 8;
  };
  take(isSize, entry.size);
  take(isPacked, entry.packed);
  take(isHeader, entry.header);
}

void checkEntry(const ZipEntry& entry, uint16_t method, const std::string& where) {
  if ((entry.flags & kEncryptions) != 0) {
    fail("An entry of the zip archive is encrypted.", where, "Save the weights without a password.");
  }
  if ((entry.flags & kPatch) != 0 || (method != kStored && method != kDeflated)) {
    fail("An entry of the zip archive is packed by method " + std::to_string(method) + ", which is not read.",
         where, "Save the weights with torch.save, which stores them as they are.");
  }
  if (method == kStored && entry.size != entry.packed) {
    reject("A stored entry of the zip archive has two sizes.", where);
  }
  if (entry.isDeflated && entry.size / kMaxRatio > entry.packed) {
    fail("An entry of the zip archive is packed more than 100 : 1.", where,
         "Save the weights with torch.save, which stores them as they are.");
  }
}

/// One entry at `at` of the directory, which moves on to the next.
ZipEntry readEntry(std::string_view directory, size_t& at, const std::string& path) {
  const std::string place = path + ", directory";
  if (directory.size() - at < kCentralSize) reject("The zip archive's directory is cut off.", place);
  if (littleEndian<uint32_t>(directory, at) != kCentralMark) {
    reject("The zip archive's directory is broken.", place);
  }
  const size_t name = littleEndian<uint16_t>(directory, at + 28);
  const size_t extra = littleEndian<uint16_t>(directory, at + 30);
  const size_t comment = littleEndian<uint16_t>(directory, at + 32);
  if (directory.size() - at - kCentralSize < name + extra + comment) {
    reject("The zip archive's directory is cut off.", place);
  }
  ZipEntry entry;
  entry.name = directory.substr(at + kCentralSize, name);
  entry.flags = littleEndian<uint16_t>(directory, at + 8);
  const auto method = littleEndian<uint16_t>(directory, at + 10);
  entry.isDeflated = method == kDeflated;
  entry.sum = littleEndian<uint32_t>(directory, at + 16);
  entry.packed = littleEndian<uint32_t>(directory, at + 20);
  entry.size = littleEndian<uint32_t>(directory, at + 24);
  entry.header = littleEndian<uint32_t>(directory, at + 42);
  if (entry.name.empty() || entry.name.find('\0') != std::string::npos) {
    reject("An entry of the zip archive has no proper name.",
           path + ", entry \"" + printable(entry.name, 120) + "\"");
  }
  const std::string where = path + ", entry \"" + printable(entry.name, 120) + "\"";
  const auto disk = littleEndian<uint16_t>(directory, at + 34);
  if (disk != 0 && disk != kLong16) reject("The zip archive is one of several parts.", where);
  readZip64(directory.substr(at + kCentralSize + name, extra), entry, where);
  checkEntry(entry, method, where);
  at += kCentralSize + name + extra + comment;
  return entry;
}

/// Every entry ends before the next begins, and the last before the directory.
void limitEntries(std::vector<ZipEntry>& entries, uint64_t directory, const std::string& path) {
  std::vector<size_t> order(entries.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return entries[a].header < entries[b].header; });
  for (size_t i = 0; i < order.size(); ++i) {
    ZipEntry& entry = entries[order[i]];
    const std::string where = path + ", entry \"" + printable(entry.name, 120) + "\"";
    const uint64_t least = kLocalSize + entry.name.size();
    if (entry.header > directory || directory - entry.header < least ||
        entry.packed > directory - entry.header - least) {
      reject("An entry of the zip archive reaches beyond the file's data.", where);
    }
    entry.limit = i + 1 < order.size() ? std::min(entries[order[i + 1]].header, directory) : directory;
    if (entry.limit - entry.header < least || entry.packed > entry.limit - entry.header - least) {
      reject("Two entries of the zip archive overlap.", where);
    }
  }
}

}  // namespace

ZipDirectory::ZipDirectory(const ByteSource& source) : m_source(source) {
  const Extent extent = readExtent(source);
  const std::string directory = readText(source, extent.begin, extent.size);
  for (size_t at = 0; at < directory.size();) {
    m_entries.push_back(readEntry(directory, at, source.path()));
  }
  if (m_entries.size() != extent.count) {
    reject("The zip archive's directory has " + std::to_string(m_entries.size()) +
               " entries, its end record says " + std::to_string(extent.count) + ".",
           source.path());
  }
  limitEntries(m_entries, extent.begin, source.path());
  m_indexes.reserve(m_entries.size());
  for (size_t i = 0; i < m_entries.size(); ++i) {
    if (!m_indexes.emplace(m_entries[i].name, i).second) {
      reject("Two entries of the zip archive have the same name.", placeOf(m_entries[i]));
    }
  }
}

const ZipEntry* ZipDirectory::find(std::string_view name) const {
  const auto found = m_indexes.find(name);
  return found == m_indexes.end() ? nullptr : &m_entries[found->second];
}

std::string ZipDirectory::placeOf(const ZipEntry& entry) const {
  return m_source.path() + ", entry \"" + printable(entry.name, 120) + "\"";
}

}  // namespace uc
