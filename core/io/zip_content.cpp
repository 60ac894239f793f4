// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/little_endian.h"
#include "core/io/zip_directory.h"
#include "core/values/error.h"

#include <zlib.h>

#include <algorithm>
#include <memory>

namespace uc {
namespace {

constexpr size_t kLocalSize = 30;
constexpr uint32_t kLocalMark = 0x04034b50;
constexpr uint16_t kSizesFollow = 1u << 3;  // the entry's own header has no sizes: they were not known yet
constexpr uint32_t kLong32 = 0xFFFFFFFF;    // "see the zip64 field"
constexpr size_t kPiece = size_t{1} << 18;

[[noreturn]] void reject(const std::string& what, const std::string& where) {
  fail(what, where, "The file is damaged: copy or download it again.");
}

const Bytef* bytesOf(std::span<const std::byte> piece) {
  return reinterpret_cast<const Bytef*>(piece.data());
}

uint32_t sumOf(uint32_t sum, std::span<const std::byte> piece) {
  return static_cast<uint32_t>(crc32(sum, bytesOf(piece), static_cast<uInt>(piece.size())));
}

/// zlib's state for raw deflate data, freed with the scope.
class Inflater {
 public:
  Inflater() {
    if (inflateInit2(&m_stream, -MAX_WBITS) != Z_OK) throw std::bad_alloc();
  }
  ~Inflater() { inflateEnd(&m_stream); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  z_stream& stream() { return m_stream; }

 private:
  z_stream m_stream{};
};

}  // namespace

uint64_t ZipDirectory::begin(const ZipEntry& entry) const {
  std::string head(kLocalSize + entry.name.size(), '\0');  // inside the file: checked with the directory
  m_source.read(entry.header, std::as_writable_bytes(std::span(head)));
  if (littleEndian<uint32_t>(head, 0) != kLocalMark) {
    reject("An entry of the zip archive does not begin where the directory says.", placeOf(entry));
  }
  const size_t name = littleEndian<uint16_t>(head, 26);
  const uint64_t extra = littleEndian<uint16_t>(head, 28);
  const auto method = littleEndian<uint16_t>(head, 8);
  const auto packed = littleEndian<uint32_t>(head, 18), size = littleEndian<uint32_t>(head, 22);
  const bool isNamed = name == entry.name.size() && head.compare(kLocalSize, name, entry.name) == 0;
  bool isSame = isNamed && (method != 0) == entry.isDeflated;
  if ((littleEndian<uint16_t>(head, 6) & kSizesFollow) == 0) {
    isSame = isSame && littleEndian<uint32_t>(head, 14) == entry.sum &&
             (packed == entry.packed || packed == kLong32) && (size == entry.size || size == kLong32);
  }
  if (!isSame) {
    reject("An entry of the zip archive and the directory disagree about it.", placeOf(entry));
  }
  if (entry.limit - entry.header - head.size() < extra + entry.packed) {
    reject("Two entries of the zip archive overlap.", placeOf(entry));
  }
  return entry.header + head.size() + extra;
}

void ZipDirectory::walk(const ZipEntry& entry,
                        const std::function<void(std::span<const std::byte>)>& sink) const {
  uint32_t sum = 0;
  const auto summing = [&](std::span<const std::byte> piece) {
    sum = sumOf(sum, piece);
    sink(piece);
  };
  if (entry.isDeflated) {
    inflate(entry, summing);
  } else {
    std::vector<std::byte> buffer(static_cast<size_t>(std::min<uint64_t>(entry.size, kPiece)));
    const uint64_t start = begin(entry);
    for (uint64_t done = 0; done < entry.size;) {
      const std::span piece(buffer.data(),
                            static_cast<size_t>(std::min<uint64_t>(entry.size - done, kPiece)));
      m_source.read(start + done, piece);
      summing(piece);
      done += piece.size();
    }
  }
  if (sum != entry.sum) {
    fail("The checksum of an entry of the zip archive is wrong.", placeOf(entry),
         "The file is damaged, or was saved without checksums: copy it again or save it again.");
  }
}

void ZipDirectory::inflate(const ZipEntry& entry,
                           const std::function<void(std::span<const std::byte>)>& sink) const {
  std::vector<std::byte> in(static_cast<size_t>(std::min<uint64_t>(entry.packed, kPiece))), out(kPiece);
  Inflater inflater;
  z_stream& stream = inflater.stream();
  const uint64_t start = begin(entry);
  uint64_t read = 0, written = 0;
  int status = Z_OK;
  while (status != Z_STREAM_END) {
    if (stream.avail_in == 0) {
      const std::span piece(in.data(),
                            static_cast<size_t>(std::min<uint64_t>(entry.packed - read, in.size())));
      if (piece.empty()) reject("A packed entry of the zip archive is cut off.", placeOf(entry));
      m_source.read(start + read, piece);
      read += piece.size();
      stream.next_in = reinterpret_cast<Bytef*>(piece.data());
      stream.avail_in = static_cast<uInt>(piece.size());
    }
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    status = ::inflate(&stream, Z_NO_FLUSH);
    if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) {
      reject("A packed entry of the zip archive cannot be unpacked.", placeOf(entry));
    }
    const std::span<const std::byte> piece(out.data(), out.size() - stream.avail_out);
    if (piece.size() > entry.size - written) {
      reject("A packed entry of the zip archive is longer than the directory says.", placeOf(entry));
    }
    written += piece.size();
    if (!piece.empty()) sink(piece);
  }
  if (written != entry.size) {
    reject("A packed entry of the zip archive is shorter than the directory says.", placeOf(entry));
  }
  if (read != entry.packed || stream.avail_in != 0) {
    reject("Bytes follow the end of a packed entry of the zip archive.", placeOf(entry));
  }
}

std::string ZipDirectory::content(const ZipEntry& entry, uint64_t limit) const {
  if (entry.size > limit) {
    fail("An entry of the zip archive is larger than " + std::to_string(limit) + " bytes.", placeOf(entry),
         "Open another file.");
  }
  std::string text;
  text.reserve(static_cast<size_t>(entry.size));
  walk(entry, [&](std::span<const std::byte> piece) {
    text.append(reinterpret_cast<const char*>(piece.data()), piece.size());
  });
  return text;
}

}  // namespace uc
