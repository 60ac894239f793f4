// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/io/byte_source.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace uc {

/// An open file on a disk: never a folder, pipe, socket or device, which could block or have no end. Owns its
/// descriptor. May be read from any thread.
///
/// It is read by position (pread), not mapped: everything is copied out anyway, and a file that shrinks, or a
/// disk that fails, is then an error of one call instead of a SIGBUS of the whole process. Nothing is read
/// before it is asked for.
class RegularFile final : public ByteSource {
 public:
  /// Throws Failure: no such file, no permission, "not a regular file".
  explicit RegularFile(const std::filesystem::path& path);
  ~RegularFile() override;
  RegularFile(const RegularFile&) = delete;
  RegularFile& operator=(const RegularFile&) = delete;

  uint64_t size() const override { return m_size; }            // when it was opened
  const std::string& path() const override { return m_path; }  // as given, for messages

  /// Fills `out` from `offset` on. Throws Failure when the file has become too short for that, or the disk
  /// fails.
  void read(uint64_t offset, std::span<std::byte> out) const override;

  /// As read(), but stops at the file's end and returns how much there was.
  size_t readSome(uint64_t offset, std::span<std::byte> out) const;

 private:
  std::string m_path;
  int m_descriptor = -1;
  uint64_t m_size = 0;
};

}  // namespace uc
