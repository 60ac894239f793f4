// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/save.h"

#include "core/io/file_buffer.h"
#include "core/io/json.h"
#include "core/values/error.h"
#include "tests/support/failure.h"
#include "tests/support/temporary_folder.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <stdexcept>

namespace uc {

namespace {

namespace fs = std::filesystem;

void saveText(const fs::path& path, const std::string& text) {
  saveAtomically(path, [&](std::ostream& stream) { stream << text; });
}

/// What a refused action says happened.
template <typename Action>
std::string refusal(Action action) {
  const Error error = test::failureOf(action);
  EXPECT_FALSE(error.where.empty());
  EXPECT_FALSE(error.todo.empty());
  return error.what;
}

std::vector<std::string> namesIn(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename().string());
  return names;
}

class Save : public testing::Test {
 protected:
  test::TemporaryFolder folder;
};

TEST_F(Save, WritesTheWholeFileAndNothingBesideIt) {
  saveText((folder / "a.txt"), "first");
  saveText((folder / "a.txt"), "second");
  EXPECT_EQ(readFile(folder / "a.txt", 1 << 24), "second");
  EXPECT_EQ(namesIn(folder.path()), std::vector<std::string>{"a.txt"});
}

TEST_F(Save, WritesMoreThanItsBufferHolds) {
  std::string text;
  for (int n = 0; n < 100'000; ++n) text += std::to_string(n) + " ";
  saveAtomically((folder / "a.txt"), [&](std::ostream& stream) {
    for (size_t at = 0; at < text.size(); at += 777) stream << text.substr(at, 777);
    stream << text;  // longer than the buffer at once
    stream.put('!');
  });
  EXPECT_EQ(readFile(folder / "a.txt", 1 << 24), text + text + "!");
}

TEST_F(Save, KeepsTheOldFileWhenTheWriterThrows) {
  saveText((folder / "a.txt"), "old");
  const auto throwing = [](std::ostream& stream) {
    stream << "new";
    throw std::runtime_error("stop");
  };
  EXPECT_THROW(saveAtomically((folder / "a.txt"), throwing), std::runtime_error);
  EXPECT_EQ(readFile(folder / "a.txt", 1 << 24), "old");
  EXPECT_EQ(namesIn(folder.path()).size(), 1u);
}

TEST_F(Save, LeavesNothingWhenCancelled) {
  EXPECT_THROW(saveAtomically((folder / "a.txt"), [](std::ostream&) { throw Cancelled{}; }), Cancelled);
  EXPECT_TRUE(namesIn(folder.path()).empty());
}

TEST_F(Save, KeepsThePermissionsOfTheFileItReplaces) {
  saveText((folder / "a.txt"), "old");
  ASSERT_EQ(::chmod((folder / "a.txt").c_str(), 0640), 0);
  saveText((folder / "a.txt"), "new");
  struct stat status {};
  ASSERT_EQ(::stat((folder / "a.txt").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0640u);
}

TEST_F(Save, WritesThroughALink) {
  saveText((folder / "real.txt"), "old");
  fs::create_symlink("real.txt", folder.path() / "link.txt");
  saveText((folder / "link.txt"), "new");
  EXPECT_TRUE(fs::is_symlink(folder.path() / "link.txt"));
  EXPECT_EQ(readFile(folder / "real.txt", 1 << 24), "new");
}

TEST_F(Save, RefusesALinkThatLeadsNowhere) {
  fs::create_symlink("missing", folder.path() / "link.txt");
  EXPECT_EQ(refusal([&] { checkSavable((folder / "link.txt")); }), "The name is a link that leads nowhere.");
}

TEST_F(Save, RefusesAMissingFolder) {
  EXPECT_EQ(refusal([&] { checkSavable(folder.path() / "none" / "a.npy"); }), "The folder does not exist.");
}

TEST_F(Save, RefusesAFileInPlaceOfTheFolder) {
  folder.write("file", "x");
  EXPECT_EQ(refusal([&] { checkSavable(folder.path() / "file" / "a.npy"); }),
            "A part of the path is not a folder.");
}

TEST_F(Save, RefusesAFolderAsTarget) {
  EXPECT_EQ(refusal([&] { checkSavable(folder.path()); }), "The path is a folder.");
  EXPECT_EQ(refusal([&] { checkSavable(folder.path() / ""); }), "The path names no file.");
}

TEST_F(Save, RefusesADeviceAndAPipe) {
  EXPECT_EQ(refusal([&] { checkSavable("/dev/null"); }), "The path is not a regular file.");
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(refusal([&] { checkSavable((folder / "pipe")); }), "The path is not a regular file.");
}

TEST_F(Save, RefusesANameThatIsTooLong) {
  EXPECT_EQ(refusal([&] { checkSavable((folder / std::string(300, 'a'))); }),
            "The name is too long for the disk.");
}

TEST_F(Save, RefusesWithoutPermission) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  ASSERT_EQ(::chmod(folder.path().c_str(), 0500), 0);
  EXPECT_EQ(refusal([&] { checkSavable((folder / "a.npy")); }), "There is no permission to write here.");
  ASSERT_EQ(::chmod(folder.path().c_str(), 0700), 0);
}

TEST_F(Save, AFullDiskEndsTheWorkAtOnce) {
  FileBuffer buffer(::open("/dev/full", O_WRONLY | O_CLOEXEC), "a.npy");
  std::ostream stream(&buffer);
  stream.exceptions(std::ios::badbit);
  EXPECT_EQ(refusal([&] {
              while (true) stream << "0123456789";
            }),
            "The disk is full.");
}

TEST_F(Save, LeavesNothingWhenTheFileMayNotGrow) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{1000, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::string what = refusal([&] { saveText((folder / "a.txt"), std::string(5000, 'x')); });
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(what, "The file grows larger than the system allows.");
  EXPECT_TRUE(namesIn(folder.path()).empty());
}

}  // namespace

}  // namespace uc
