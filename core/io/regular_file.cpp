// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/regular_file.h"

#include "core/values/error.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace uc {
namespace {

constexpr size_t kOneRead = size_t{1} << 30;  // Linux reads at most 2 GiB − 4 KiB at once

/// The system's words for an errno value; std::strerror is not safe among threads.
std::string reason(int code) { return std::generic_category().message(code); }

[[noreturn]] void failToOpen(const std::string& path, int code) {
  struct stat link {};
  if ((code == ENOENT || code == ENOTDIR) && ::lstat(path.c_str(), &link) == 0) {
    fail("The link points to a file that does not exist.", path, "Restore the file or open another one.");
  }
  if (code == ENOENT || code == ENOTDIR) {
    fail("There is no such file.", path, "Check the path.");
  }
  if (code == EACCES || code == EPERM) {
    fail("The file may not be read: permission denied.", path, "Change its permissions or open another one.");
  }
  fail("The file cannot be opened (" + reason(code) + ").", path, "Check the path and the disk.");
}

void requireRegular(const struct stat& status, const std::string& path) {
  if (S_ISREG(status.st_mode)) return;
  const char* kind = S_ISDIR(status.st_mode)    ? "a folder"
                     : S_ISFIFO(status.st_mode) ? "a pipe"
                     : S_ISSOCK(status.st_mode) ? "a socket"
                                                : "a device";
  fail(std::string("This is ") + kind + ", not a regular file.", path, "Give the path of a file on a disk.");
}

}  // namespace

RegularFile::RegularFile(const std::filesystem::path& path) : m_path(path.string()) {
  // A NUL would end the path early and open another file than the one that is named.
  if (m_path.find('\0') != std::string::npos) fail("There is no such file.", m_path, "Check the path.");
  struct stat status {};
  // Looked at before it is opened, since opening a device can do something; and after, since it may have been
  // replaced.
  if (::stat(m_path.c_str(), &status) != 0) failToOpen(m_path, errno);
  requireRegular(status, m_path);
  m_descriptor = ::open(m_path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  if (m_descriptor < 0) failToOpen(m_path, errno);
  const bool isKnown = ::fstat(m_descriptor, &status) == 0;
  if (!isKnown || !S_ISREG(status.st_mode)) {
    const int code = errno;
    ::close(m_descriptor);  // the destructor does not run for a constructor that throws
    if (!isKnown) failToOpen(m_path, code);
    requireRegular(status, m_path);
  }
  m_size = static_cast<uint64_t>(status.st_size);
}

RegularFile::~RegularFile() { ::close(m_descriptor); }

size_t RegularFile::readSome(uint64_t offset, std::span<std::byte> out) const {
  size_t done = 0;
  while (done < out.size()) {
    const size_t wanted = std::min(out.size() - done, kOneRead);
    const ssize_t got = ::pread(m_descriptor, out.data() + done, wanted, static_cast<off_t>(offset + done));
    if (got == 0) break;
    if (got < 0) {
      if (errno == EINTR) continue;
      fail("The file cannot be read (" + reason(errno) + ").", m_path, "Check the disk.");
    }
    done += static_cast<size_t>(got);
  }
  return done;
}

void RegularFile::read(uint64_t offset, std::span<std::byte> out) const {
  if (readSome(offset, out) == out.size()) return;
  fail("The file became shorter while it was open.", m_path, "Restore the file and open it again.");
}

}  // namespace uc
