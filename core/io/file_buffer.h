// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <array>
#include <streambuf>
#include <string>

namespace uc {

/// The message and what to do for an errno that a file operation left; throws Failure.
[[noreturn]] void failFile(int error, const std::string& what, const std::string& path);

/// Writes to a file descriptor that it owns. Throws Failure from every writing member as soon as the system
/// refuses, so that a full disk ends the work at once; a stream over it must have
/// `exceptions(std::ios::badbit)` set.
class FileBuffer : public std::streambuf {
 public:
  FileBuffer(int descriptor, std::string path);
  ~FileBuffer() override;
  FileBuffer(const FileBuffer&) = delete;
  FileBuffer& operator=(const FileBuffer&) = delete;

  /// Writes what is left, forces it to the disk and closes the file.
  void finish();

 protected:
  int_type overflow(int_type byte) override;
  std::streamsize xsputn(const char* bytes, std::streamsize count) override;
  int sync() override;

 private:
  void flushBuffer();
  void writeAll(const char* bytes, size_t count);

  int m_descriptor;
  std::string m_path;  // for messages
  std::array<char, size_t{1} << 16> m_buffer;
};

}  // namespace uc
