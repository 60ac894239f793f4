// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/file_buffer.h"

#include "core/values/error.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace uc {

void failFile(int error, const std::string& what, const std::string& path) {
  switch (error) {
    case ENOSPC:
      fail("The disk is full.", path, "Free some space or save elsewhere.");
    case EDQUOT:
      fail("Your share of the disk is used up.", path, "Free some space or save elsewhere.");
    case EFBIG:
      fail("The file grows larger than the system allows.", path, "Save a smaller part, or pool the map.");
    case EACCES:
    case EPERM:
      fail("There is no permission to write here.", path, "Save elsewhere, or change the permissions.");
    case EROFS:
      fail("The disk can only be read.", path, "Save elsewhere.");
    case ENOENT:
      fail("The folder does not exist.", path, "Make the folder first, or save elsewhere.");
    case ENOTDIR:
      fail("A part of the path is not a folder.", path, "Check the path.");
    case ENAMETOOLONG:
      fail("The name is too long for the disk.", path, "Choose a shorter name.");
    default:
      fail(what, path + ": " + std::strerror(error), "Save elsewhere.");
  }
}

FileBuffer::FileBuffer(int descriptor, std::string path) : m_descriptor(descriptor), m_path(std::move(path)) {
  setp(m_buffer.data(), m_buffer.data() + m_buffer.size());
}

FileBuffer::~FileBuffer() {
  if (m_descriptor >= 0) ::close(m_descriptor);
}

void FileBuffer::writeAll(const char* bytes, size_t count) {
  while (count > 0) {
    const ssize_t written = ::write(m_descriptor, bytes, count);
    if (written < 0) {
      if (errno == EINTR) continue;
      failFile(errno, "Writing the file failed.", m_path);
    }
    bytes += written;
    count -= static_cast<size_t>(written);
  }
}

void FileBuffer::flushBuffer() {
  const auto count = static_cast<size_t>(pptr() - pbase());
  setp(m_buffer.data(), m_buffer.data() + m_buffer.size());
  writeAll(m_buffer.data(), count);
}

FileBuffer::int_type FileBuffer::overflow(int_type byte) {
  flushBuffer();
  if (traits_type::eq_int_type(byte, traits_type::eof())) return traits_type::not_eof(byte);
  *pptr() = traits_type::to_char_type(byte);
  pbump(1);
  return byte;
}

std::streamsize FileBuffer::xsputn(const char* bytes, std::streamsize count) {
  const auto size = static_cast<size_t>(count);
  if (size > static_cast<size_t>(epptr() - pptr())) flushBuffer();
  if (size >= m_buffer.size()) {
    writeAll(bytes, size);
  } else {
    std::memcpy(pptr(), bytes, size);
    pbump(static_cast<int>(count));
  }
  return count;
}

int FileBuffer::sync() {
  flushBuffer();
  return 0;
}

void FileBuffer::finish() {
  flushBuffer();
  if (::fsync(m_descriptor) != 0) failFile(errno, "The file could not be forced to the disk.", m_path);
  const int descriptor = m_descriptor;
  m_descriptor = -1;
  if (::close(descriptor) != 0) failFile(errno, "The file could not be closed.", m_path);
}

}  // namespace uc
