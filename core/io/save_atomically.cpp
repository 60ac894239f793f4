// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/file_buffer.h"
#include "core/io/save.h"
#include "core/values/error.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <random>

namespace uc {

namespace {

namespace fs = std::filesystem;

/// Where the file really goes: a link is written through, not replaced.
fs::path resolved(const fs::path& path) {
  std::error_code error;
  if (!fs::is_symlink(fs::symlink_status(path, error))) return path;
  const fs::path target = fs::canonical(path, error);
  if (error) fail("The name is a link that leads nowhere.", path.string(), "Choose another name.");
  return target;
}

fs::path folderOf(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

/// A file beside the one to be written, removed again unless it is put in its place.
class TemporaryFile {
 public:
  TemporaryFile(const fs::path& folder, const std::string& shownPath) {
    std::random_device random;
    while (m_descriptor < 0) {
      m_path = folder / fmt::format(".undercurrent-{:08x}{:08x}.tmp", random(), random());
      m_descriptor = ::open(m_path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      if (m_descriptor < 0 && errno != EEXIST && errno != EINTR) {
        failFile(errno, "No file can be made here.", shownPath);
      }
    }
  }
  ~TemporaryFile() {
    if (!m_path.empty()) ::unlink(m_path.c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  int descriptor() const { return m_descriptor; }
  void moveTo(const fs::path& target, const std::string& shownPath) {
    if (std::rename(m_path.c_str(), target.c_str()) != 0) {
      failFile(errno, "The file could not be put in its place.", shownPath);
    }
    m_path.clear();
  }

 private:
  fs::path m_path;
  int m_descriptor = -1;
};

/// Forces the folder's entry to the disk, where the file system can.
void syncFolder(const fs::path& folder, const std::string& shownPath) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;  // a folder that may be written but not read
  const int result = ::fsync(descriptor);
  const int error = errno;
  ::close(descriptor);
  if (result != 0 && error == EIO) failFile(error, "The folder could not be forced to the disk.", shownPath);
}

}  // namespace

void checkSavable(const fs::path& path) {
  const std::string shown = path.string();
  if (!path.has_filename()) fail("The path names no file.", shown, "Give a name for the file.");
  const fs::path folder = folderOf(path);
  struct stat folderStatus {};
  if (::stat(folder.c_str(), &folderStatus) != 0) failFile(errno, "The folder cannot be looked at.", shown);
  if (!S_ISDIR(folderStatus.st_mode)) failFile(ENOTDIR, {}, shown);
  const fs::path target = resolved(path);
  struct stat status {};
  if (::stat(target.c_str(), &status) == 0) {
    if (S_ISDIR(status.st_mode)) fail("The path is a folder.", shown, "Give a name for the file.");
    if (!S_ISREG(status.st_mode)) fail("The path is not a regular file.", shown, "Save to a regular file.");
    if (::access(target.c_str(), W_OK) != 0) failFile(errno, "The file may not be replaced.", shown);
  } else if (errno != ENOENT) {
    failFile(errno, "The file cannot be looked at.", shown);
  }
  if (::access(folderOf(target).c_str(), W_OK | X_OK) != 0) {
    failFile(errno, "The folder may not be written.", shown);
  }
}

void saveAtomically(const fs::path& path, const std::function<void(std::ostream&)>& write) {
  checkSavable(path);
  const std::string shown = path.string();
  const fs::path target = resolved(path);
  TemporaryFile temporary(folderOf(target), shown);
  FileBuffer buffer(temporary.descriptor(), shown);
  struct stat before {};
  if (::stat(target.c_str(), &before) == 0) {
    // Best effort: on a disk without permissions the file keeps those it was made with.
    [[maybe_unused]] const int result = ::fchmod(temporary.descriptor(), before.st_mode & 0777);
  }
  std::ostream stream(&buffer);
  stream.exceptions(std::ios::badbit);  // lets the buffer's Failure through
  write(stream);
  if (!stream) fail("Writing the file failed.", shown, "Save elsewhere.");
  buffer.finish();
  temporary.moveTo(target, shown);
  syncFolder(folderOf(target), shown);
}

}  // namespace uc
