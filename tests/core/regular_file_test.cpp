// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/regular_file.h"

#include "core/io/json.h"
#include "tests/support/failure.h"
#include "tests/support/temporary_folder.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <string>

namespace uc {
namespace {

using test::failureOf;
using test::TemporaryFolder;

std::string copied(const RegularFile& file, uint64_t offset, size_t size) {
  std::string text(size, '?');
  file.read(offset, std::as_writable_bytes(std::span(text)));
  return text;
}

Error refusal(const std::filesystem::path& path) {
  return failureOf([&] { RegularFile file(path); });
}

TEST(RegularFile, CopiesAnyPart) {
  const TemporaryFolder folder;
  const RegularFile file(folder.write("a", "0123456789"));
  EXPECT_EQ(file.size(), 10u);
  EXPECT_EQ(copied(file, 0, 10), "0123456789");
  EXPECT_EQ(copied(file, 3, 4), "3456");
  EXPECT_EQ(copied(file, 10, 0), "");
}

TEST(RegularFile, OpensAnEmptyFile) {
  const TemporaryFolder folder;
  const RegularFile file(folder.write("a", ""));
  EXPECT_EQ(file.size(), 0u);
  EXPECT_EQ(copied(file, 0, 0), "");
}

TEST(RegularFile, FollowsALink) {
  const TemporaryFolder folder;
  folder.write("a", "abc");
  std::filesystem::create_symlink("a", folder / "link");
  EXPECT_EQ(copied(RegularFile(folder / "link"), 0, 3), "abc");
}

TEST(RegularFile, SaysThatAFileBecameShorter) {
  const TemporaryFolder folder;
  const auto path = folder.write("a", std::string(100'000, 'x'));
  const RegularFile file(path);
  EXPECT_EQ(copied(file, 99'990, 10), "xxxxxxxxxx");
  std::filesystem::resize_file(path, 50'000);
  EXPECT_EQ(copied(file, 0, 50'000).back(), 'x');
  const Error error = failureOf([&] { copied(file, 49'999, 2); });
  EXPECT_EQ(error.what, "The file became shorter while it was open.");
  EXPECT_EQ(error.where, path.string());
  EXPECT_THROW(copied(file, 99'990, 10), Failure);
}

TEST(RegularFile, KeepsReadingAFileThatWasReplaced) {
  const TemporaryFolder folder;
  const auto path = folder.write("a", "old");
  const RegularFile file(path);
  std::filesystem::rename(folder.write("b", "n"), path);
  EXPECT_EQ(copied(file, 0, 3), "old");
}

TEST(RegularFile, RefusesAFolder) {
  const TemporaryFolder folder;
  const Error error = refusal(folder.path());
  EXPECT_EQ(error.what, "This is a folder, not a regular file.");
  EXPECT_EQ(error.where, folder.path().string());
}

TEST(RegularFile, RefusesADeviceWithoutEnd) {
  EXPECT_EQ(refusal("/dev/zero").what, "This is a device, not a regular file.");
  EXPECT_EQ(refusal("/dev/null").what, "This is a device, not a regular file.");
}

TEST(RegularFile, RefusesAPipeWithoutWaitingForAWriter) {
  const TemporaryFolder folder;
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(refusal(folder / "pipe").what, "This is a pipe, not a regular file.");
}

TEST(RegularFile, RefusesASocket) {
  const TemporaryFolder folder;
  const std::string path = (folder / "s").string();
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  ASSERT_LT(path.size(), sizeof(address.sun_path));
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  ASSERT_EQ(::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  EXPECT_EQ(refusal(path).what, "This is a socket, not a regular file.");
  ::close(descriptor);
}

TEST(RegularFile, RefusesALinkToADevice) {
  const TemporaryFolder folder;
  std::filesystem::create_symlink("/dev/zero", folder / "a");
  EXPECT_EQ(refusal(folder / "a").what, "This is a device, not a regular file.");
}

TEST(RegularFile, SaysThatAFileIsMissing) {
  const TemporaryFolder folder;
  EXPECT_EQ(refusal(folder / "none").what, "There is no such file.");
  EXPECT_EQ(refusal(folder.write("a", "") / "below").what, "There is no such file.");
  EXPECT_EQ(refusal("").what, "There is no such file.");
}

TEST(RegularFile, RefusesANulInThePath) {
  const TemporaryFolder folder;
  folder.write("a", "");
  EXPECT_EQ(refusal((folder / "a").string() + std::string("\0b", 2)).what, "There is no such file.");
}

TEST(RegularFile, SaysThatALinkPointsToNothing) {
  const TemporaryFolder folder;
  std::filesystem::create_symlink("none", folder / "a");
  EXPECT_EQ(refusal(folder / "a").what, "The link points to a file that does not exist.");
}

TEST(RegularFile, RefusesALinkToItself) {
  const TemporaryFolder folder;
  std::filesystem::create_symlink("a", folder / "a");
  EXPECT_EQ(refusal(folder / "a").what.substr(0, 26), "The file cannot be opened ");
}

TEST(RegularFile, SaysThatPermissionIsMissing) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
  const TemporaryFolder folder;
  const auto path = folder.write("a", "x");
  std::filesystem::permissions(path, std::filesystem::perms::none);
  EXPECT_EQ(refusal(path).what, "The file may not be read: permission denied.");
}

TEST(ReadFile, ReadsAllOfIt) {
  const TemporaryFolder folder;
  const std::string text = "a\0b\r\n" + std::string(200'000, 'z');
  EXPECT_EQ(readFile(folder.write("a", text), 1 << 20), text);
  EXPECT_EQ(readFile(folder.write("b", ""), 0), "");
}

TEST(ReadFile, ReadsAFileWhoseSizeTheSystemDoesNotTell) {
  EXPECT_FALSE(readFile("/proc/self/status", 1 << 20).empty());
  EXPECT_EQ(failureOf([&] { readFile("/proc/self/status", 10); }).what, "The file is longer than 10 bytes.");
}

TEST(ReadFile, LimitsTheSize) {
  const TemporaryFolder folder;
  const auto path = folder.write("a", "12345");
  EXPECT_EQ(readFile(path, 5), "12345");
  EXPECT_EQ(failureOf([&] { readFile(path, 4); }).what, "The file is longer than 4 bytes.");
}

TEST(ReadFile, RefusesWhatIsNoRegularFile) {
  EXPECT_EQ(failureOf([] { readFile("/dev/zero", 10); }).what, "This is a device, not a regular file.");
}

}  // namespace
}  // namespace uc
