// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "tests/support/zips.h"

#include "core/values/error.h"
#include "tests/support/raw_bytes.h"

#include <zlib.h>

#include <cstring>
#include <stdexcept>

namespace uc::test {
namespace {

std::string u16(size_t value) { return rawBytes(static_cast<uint16_t>(value)); }
std::string u32(uint64_t value) { return rawBytes(static_cast<uint32_t>(value)); }
std::string u64(uint64_t value) { return rawBytes(value); }

uint32_t sumOf(const std::string& content) {
  return static_cast<uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(content.size())));
}

std::string deflated(const std::string& content) {
  z_stream stream{};
  if (deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("deflate");
  std::string result(deflateBound(&stream, static_cast<uLong>(content.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(result.data());
  stream.avail_out = static_cast<uInt>(result.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) throw std::runtime_error("deflate");
  result.resize(stream.total_out);
  deflateEnd(&stream);
  return result;
}

std::string endOf(const ZipEnd& end, uint64_t count, uint64_t begin, uint64_t size) {
  std::string result = end.before;
  if (end.isZip64) {
    const uint64_t place = begin + size + end.before.size();
    const uint64_t count64 = end.count64.value_or(count);
    result += "PK\6\6" + u64(44) + u16(45) + u16(45) + u32(0) + u32(0) + u64(count64) + u64(count64) +
              u64(size) + u64(begin);
    result += "PK\6\7" + u32(0) + u64(end.place64.value_or(place)) + u32(1);
  }
  return result + "PK\5\6" + u16(end.disk.value_or(0)) + u16(0) + u16(end.here.value_or(count)) +
         u16(end.count.value_or(count)) + u32(end.size.value_or(size)) + u32(end.begin.value_or(begin)) +
         u16(end.comment.size()) + end.comment;
}

}  // namespace

std::string zipFile(const std::vector<ZipPart>& parts, const ZipEnd& end) {
  std::string file, directory;
  uint64_t header = 0;
  for (const ZipPart& part : parts) {
    const std::string data = part.isDeflated ? deflated(part.content) : part.content;
    const uint16_t method = part.method != 0 ? part.method : part.isDeflated ? 8 : 0;
    const uint64_t size = part.size.value_or(part.content.size()), packed = part.packed.value_or(data.size());
    const uint32_t sum = part.sum.value_or(sumOf(part.content));
    const bool follow = (part.flags & 8) != 0;
    if (!part.isShared) {
      header = file.size();
      const std::string name = part.localName.value_or(part.name);
      file += u32(part.localMark.value_or(0x04034b50)) + u16(20) + u16(part.flags) + u16(method) + u32(0) +
              u32(follow ? 0 : part.localSum.value_or(sum)) +
              u32(follow || part.isZip64 ? 0xFFFFFFFF : packed) +
              u32(follow || part.isZip64 ? 0xFFFFFFFF : size) + u16(name.size()) + u16(0) + name + data +
              part.after;
    }
    const uint64_t place = part.header.value_or(header);
    std::string extra;
    if (part.isZip64) extra = u16(1) + u16(24) + u64(size) + u64(packed) + u64(place);
    extra += part.extra;
    const auto narrow = [&](uint64_t value) { return u32(part.isZip64 ? 0xFFFFFFFF : value); };
    directory += "PK\1\2" + u16(20) + u16(20) + u16(part.flags) + u16(method) + u32(0) + u32(sum) +
                 narrow(packed) + narrow(size) + u16(part.name.size()) + u16(extra.size()) + u16(0) +
                 u16(part.disk) + u16(0) + u32(0) + narrow(place) + part.name + extra;
  }
  return file + directory + endOf(end, parts.size(), file.size(), directory.size());
}

std::vector<ZipPart> torchParts(const std::string& pickle, const std::vector<std::string>& storages) {
  std::vector<ZipPart> parts;
  const auto add = [&](const std::string& name, const std::string& content) {
    ZipPart part;
    part.name = "archive/" + name;
    part.content = content;
    parts.push_back(part);
  };
  add("data.pkl", pickle);
  add("byteorder", "little");
  for (size_t i = 0; i < storages.size(); ++i) add("data/" + std::to_string(i), storages[i]);
  add("version", "3\n");
  return parts;
}

void MemorySource::read(uint64_t offset, std::span<std::byte> out) const {
  if (offset > m_bytes.size() || out.size() > m_bytes.size() - offset) fail("The memory ends.", m_path, "");
  if (!out.empty()) std::memcpy(out.data(), m_bytes.data() + offset, out.size());
}

}  // namespace uc::test
