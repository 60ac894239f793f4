// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/image_header.h"

#include "core/values/error.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <limits>

namespace uc {

namespace {

constexpr const char* kRestore = "Restore the file or open another one.";
constexpr int kOrientationTag = 274;

/// The file's bytes; reading past their end is a failure that names the file.
class Bytes {
 public:
  Bytes(std::string_view bytes, const std::string& path, bool isBig = true)
      : m_bytes(bytes), m_path(&path), m_isBig(isBig) {}

  size_t size() const { return m_bytes.size(); }
  void setBig(bool isBig) { m_isBig = isBig; }
  bool has(uint64_t at, uint64_t count) const { return at <= size() && count <= size() - at; }
  void need(uint64_t at, uint64_t count) const {
    if (!has(at, count)) fail("The picture is cut short.", printable(*m_path), kRestore);
  }
  [[noreturn]] void damaged(const std::string& part) const {
    fail("The picture is damaged.", printable(*m_path) + ", " + part, kRestore);
  }
  std::string_view text(uint64_t at, size_t count) const {
    need(at, count);
    return m_bytes.substr(at, count);
  }
  uint32_t number(uint64_t at, size_t count) const {
    need(at, count);
    uint32_t value = 0;
    for (size_t i = 0; i < count; ++i) {
      const size_t place = m_isBig ? at + i : at + count - 1 - i;
      value = value << 8 | static_cast<uint8_t>(m_bytes[place]);
    }
    return value;
  }
  uint32_t u8(uint64_t at) const { return number(at, 1); }
  uint32_t u16(uint64_t at) const { return number(at, 2); }
  uint32_t u32(uint64_t at) const { return number(at, 4); }
  /// `count` bytes as a file of their own.
  Bytes part(uint64_t at, size_t count) const { return {text(at, count), *m_path, m_isBig}; }
  const std::string& path() const { return *m_path; }

 private:
  std::string_view m_bytes;
  const std::string* m_path;
  bool m_isBig;
};

int validOrientation(uint32_t value) { return value >= 1 && value <= 8 ? static_cast<int>(value) : 1; }

/// Byte order of a TIFF structure; false where it is none.
bool readByteOrder(Bytes& tiff) {
  if (!tiff.has(0, 8)) return false;
  const std::string_view order = tiff.text(0, 2);
  if (order != "II" && order != "MM") return false;
  tiff.setBig(order == "MM");
  return true;
}

/// Calls visit(tag, type, count, place of the value) for the entries of the first directory that are there.
template <typename Visit>
void visitTags(const Bytes& tiff, const Visit& visit) {
  const uint64_t directory = tiff.u32(4);
  const uint32_t count = tiff.u16(directory);
  for (uint64_t i = 0; i < count && tiff.has(directory + 2 + 12 * i, 12); ++i) {
    const uint64_t at = directory + 2 + 12 * i;
    visit(tiff.u16(at), tiff.u16(at + 2), tiff.u32(at + 4), at + 8);
  }
}

/// The orientation that an EXIF block gives. A broken block is no reason to refuse a picture: it counts as
/// upright, as in other readers.
int exifOrientation(Bytes block) {
  if (block.has(0, 6) && block.text(0, 6) == std::string_view("Exif\0\0", 6)) {
    block = block.part(6, block.size() - 6);
  }
  if (!readByteOrder(block) || !block.has(block.u32(4), 2)) return 1;
  int result = 1;
  visitTags(block, [&](uint32_t tag, uint32_t type, uint32_t /*count*/, uint64_t at) {
    if (tag == kOrientationTag && type == 3) result = validOrientation(block.u16(at));
  });
  return result;
}

ImageHeader readPng(const Bytes& file) {
  constexpr uint64_t kAround = 12;  // length, name and CRC of a chunk
  ImageHeader header;
  bool isEnded = false;
  for (uint64_t at = 8; !isEnded;) {
    const uint32_t length = file.u32(at);
    file.need(at, kAround + length);
    const std::string_view chunk = file.text(at + 4, size_t{4} + length);
    const std::string_view name = chunk.substr(0, 4);
    const auto sum = crc32(0, reinterpret_cast<const Bytef*>(chunk.data()), static_cast<uInt>(chunk.size()));
    if (sum != file.u32(at + 8 + length)) file.damaged("chunk " + printable(std::string(name)));
    if (at == 8) {
      if (name != "IHDR" || length != 13) file.damaged("chunk IHDR");
      header.width = file.u32(at + 8);
      header.height = file.u32(at + 12);
    } else if (name == "eXIf") {
      header.orientation = exifOrientation(file.part(at + 8, length));
    }
    isEnded = name == "IEND";
    at += kAround + length;
  }
  return header;
}

bool isFrame(uint32_t marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

ImageHeader readJpeg(const Bytes& file) {
  ImageHeader header;
  header.format = ImageFormat::Jpeg;
  bool hasFrame = false;
  for (uint64_t at = 2;;) {
    if (file.u8(at) != 0xFF) file.damaged("a segment of the header");
    const uint32_t marker = file.u8(at + 1);
    if (marker == 0xFF) {  // fill byte
      ++at;
      continue;
    }
    if (marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8)) {  // without a length
      at += 2;
      continue;
    }
    const uint32_t length = file.u16(at + 2);
    if (length < 2 || marker == 0xD9) file.damaged("a segment of the header");
    file.need(at + 2, length);
    if (isFrame(marker)) {
      if (length < 8) file.damaged("the frame's header");
      header.height = file.u16(at + 5);
      header.width = file.u16(at + 7);
      hasFrame = true;
    }
    if (marker == 0xE1 && length >= 8 && file.text(at + 4, 4) == "Exif") {
      header.orientation = exifOrientation(file.part(at + 4, length - 2));
    }
    at += 2 + uint64_t{length};
    if (marker != 0xDA) continue;
    if (!hasFrame) file.damaged("the frame's header");
    // Decoders fill what is missing with gray and only warn: without its end the picture is not whole.
    const std::string_view scan = file.text(at, file.size() - at);
    if (scan.find("\xFF\xD9") == std::string_view::npos) file.need(file.size(), 1);
    return header;
  }
}

ImageHeader readWebP(Bytes file) {
  file.setBig(false);
  ImageHeader header;
  header.format = ImageFormat::WebP;
  const uint64_t end = 8 + uint64_t{file.u32(4)};
  file.need(0, end);
  bool hasSize = false;
  for (uint64_t at = 12; at + 8 <= end;) {
    const std::string_view name = file.text(at, 4);
    const uint32_t length = file.u32(at + 4);
    const uint64_t data = at + 8;
    file.need(data, length);
    if (name == "ANIM") {
      fail("The picture is an animation.", printable(file.path()), "Save one of its frames as a picture.");
    }
    if (name == "VP8X" && length >= 10) {
      header.width = file.number(data + 4, 3) + 1;
      header.height = file.number(data + 7, 3) + 1;
      hasSize = true;
    } else if (name == "VP8L" && length >= 5 && !hasSize) {
      if (file.u8(data) != 0x2F) file.damaged("chunk VP8L");
      const uint32_t bits = file.u32(data + 1);
      header.width = (bits & 0x3FFF) + 1;
      header.height = (bits >> 14 & 0x3FFF) + 1;
      hasSize = true;
    } else if (name == "VP8 " && length >= 10 && !hasSize) {
      if (file.text(data + 3, 3) != "\x9D\x01\x2A") file.damaged("chunk VP8");
      header.width = file.u16(data + 6) & 0x3FFF;
      header.height = file.u16(data + 8) & 0x3FFF;
      hasSize = true;
    } else if (name == "EXIF") {
      header.orientation = exifOrientation(file.part(data, length));
    }
    at = data + length + length % 2;
  }
  if (!hasSize) file.damaged("no chunk with its size");
  return header;
}

ImageHeader readBmp(Bytes file) {
  constexpr uint32_t kCoreHeader = 12;
  file.setBig(false);
  ImageHeader header;
  header.format = ImageFormat::Bmp;
  const uint32_t headerSize = file.u32(14);
  if (headerSize != kCoreHeader && headerSize < 40) file.damaged("its header");
  uint32_t bits = 0, compression = 0;
  if (headerSize == kCoreHeader) {
    header.width = file.u16(18);
    header.height = file.u16(20);
    bits = file.u16(24);
  } else {
    header.width = static_cast<int32_t>(file.u32(18));
    const int64_t height = static_cast<int32_t>(file.u32(22));
    header.height = height < 0 ? -height : height;  // negative: rows from the top
    bits = file.u16(28);
    compression = file.u32(30);
  }
  if (header.width < 0) file.damaged("its width");
  const bool isPlain = compression == 0 || compression == 3;
  if (!isPlain || header.width > kMaxImageSide || header.height > kMaxImageSide) return header;
  const int64_t rowBytes = (header.width * bits + 31) / 32 * 4;
  file.need(file.u32(10), static_cast<uint64_t>(rowBytes * header.height));
  return header;
}

constexpr uint32_t kShort = 3, kLong = 4;

/// Where the numbers of a tag's list are: inside the entry when they fit there.
struct TiffList {
  uint64_t at = 0;
  uint32_t count = 0, size = 0;
};

/// Strips or tiles must lie in the file: the decoder reports one that does not on stderr, in its own words.
void checkStrips(const Bytes& file) {
  TiffList offsets, lengths;
  visitTags(file, [&](uint32_t tag, uint32_t type, uint32_t count, uint64_t at) {
    const bool isOffsets = tag == 273 || tag == 324, isLengths = tag == 279 || tag == 325;
    if (!(isOffsets || isLengths) || (type != kShort && type != kLong)) return;
    const uint32_t size = type == kShort ? 2 : 4;
    const uint64_t bytes = uint64_t{count} * size;
    const TiffList list{bytes <= 4 ? at : file.u32(at), count, size};
    file.need(list.at, bytes);
    (isOffsets ? offsets : lengths) = list;
  });
  for (uint64_t i = 0; i < std::min(offsets.count, lengths.count); ++i) {
    file.need(file.number(offsets.at + i * offsets.size, offsets.size),
              file.number(lengths.at + i * lengths.size, lengths.size));
  }
}

ImageHeader readTiff(Bytes file) {
  readByteOrder(file);
  ImageHeader header;
  header.format = ImageFormat::Tiff;
  header.isBigEndian = file.text(0, 2) == "MM";
  if (file.u16(2) != 42) {
    fail("This kind of TIFF cannot be read.", printable(file.path()),
         "Save it as an ordinary TIFF or as PNG.");
  }
  const uint64_t directory = file.u32(4);
  file.need(directory, 2 + uint64_t{12} * file.u16(directory));
  visitTags(file, [&](uint32_t tag, uint32_t type, uint32_t count, uint64_t at) {
    if (count != 1 || (type != kShort && type != kLong)) return;
    const uint32_t value = type == kShort ? file.u16(at) : file.u32(at);
    if (tag == 256) header.width = value;
    if (tag == 257) header.height = value;
    if (tag == kOrientationTag && type == kShort) {
      header.orientation = validOrientation(value);
      header.orientationAt = at;
    }
    if (tag == 338 && type == kShort) header.alphaAt = at;
  });
  checkStrips(file);
  return header;
}

void checkSize(const ImageHeader& header, const std::string& path) {
  const std::string where =
      fmt::format("{}, {} × {} pixels", printable(path), grouped(header.width), grouped(header.height));
  if (header.width < 1 || header.height < 1) fail("The picture has no pixels.", where, "Open another file.");
  if (header.width > kMaxImageSide || header.height > kMaxImageSide ||
      header.width * header.height > kMaxImagePixels) {
    fail("The picture is too large.", where,
         fmt::format("Make it smaller: {} pixels at most, no side over {}.", grouped(kMaxImagePixels),
                     grouped(kMaxImageSide)));
  }
}

ImageHeader readAnyHeader(std::string_view bytes, const std::string& path) {
  const Bytes file(bytes, path);
  const auto begins = [&](std::string_view magic) { return bytes.starts_with(magic); };
  if (begins("\x89PNG\r\n\x1A\n")) return readPng(file);
  if (begins("\xFF\xD8\xFF")) return readJpeg(file);
  if (begins("RIFF") && bytes.size() >= 12 && bytes.substr(8, 4) == "WEBP") return readWebP(file);
  if (begins("BM")) return readBmp(file);
  if (begins(std::string_view("II*\0", 4)) || begins(std::string_view("MM\0*", 4)) ||
      begins(std::string_view("II+\0", 4)) || begins(std::string_view("MM\0+", 4))) {
    return readTiff(file);
  }
  if (bytes.empty()) fail("The file is empty.", printable(path), kRestore);
  fail("This is not a picture that can be read.", printable(path),
       "Open a PNG, JPEG, WebP, BMP or TIFF file, or a float32 .npy [3, H, W].");
}

}  // namespace

ImageHeader readImageHeader(std::string_view bytes, const std::string& path) {
  const ImageHeader header = readAnyHeader(bytes, path);
  checkSize(header, path);
  return header;
}

}  // namespace uc
