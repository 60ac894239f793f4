// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "tests/support/program.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

extern char** environ;

namespace uc::test {
namespace {

struct Pipe {
  int read = -1, write = -1;
  Pipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe");
    read = ends[0];
    write = ends[1];
  }
};

std::vector<char*> environment(std::vector<std::string>& storage) {
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string line = *entry;
    if (!line.starts_with("DISPLAY=") && !line.starts_with("WAYLAND_DISPLAY=") &&
        !line.starts_with("QT_QPA_PLATFORM="))
      storage.push_back(line);
  }
  std::vector<char*> result;
  for (std::string& line : storage) result.push_back(line.data());
  result.push_back(nullptr);
  return result;
}

/// Appends what is there; false at the end of the stream.
bool drain(int descriptor, std::string& text) {
  std::array<char, 65536> buffer;
  const ssize_t count = read(descriptor, buffer.data(), buffer.size());
  if (count <= 0) return false;
  text.append(buffer.data(), static_cast<size_t>(count));
  return true;
}

}  // namespace

ProgramResult runProgram(const std::string& name, const std::vector<std::string>& arguments,
                         const std::function<void(int)>& whileRunning, const std::string& startMark,
                         const std::string& outputFile) {
  const std::string program = std::string(BINARY_FOLDER) + "/" + name;
  std::vector<std::string> words = arguments;
  std::vector<char*> argv{const_cast<char*>(program.c_str())};
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::vector<std::string> storage;
  std::vector<char*> env = environment(storage);

  Pipe out, err;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  if (outputFile.empty()) {
    posix_spawn_file_actions_adddup2(&actions, out.write, STDOUT_FILENO);
  } else {
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, outputFile.c_str(), O_WRONLY, 0);
  }
  posix_spawn_file_actions_adddup2(&actions, err.write, STDERR_FILENO);
  pid_t pid = 0;
  const int code = posix_spawn(&pid, program.c_str(), &actions, nullptr, argv.data(), env.data());
  posix_spawn_file_actions_destroy(&actions);
  close(out.write);
  close(err.write);
  if (code != 0) throw std::runtime_error("cannot start " + program);

  ProgramResult result;
  bool isCalled = !whileRunning;
  std::array<pollfd, 2> files{pollfd{out.read, POLLIN, 0}, pollfd{err.read, POLLIN, 0}};
  while (files[0].fd >= 0 || files[1].fd >= 0) {
    poll(files.data(), files.size(), -1);
    if ((files[0].revents != 0) && !drain(out.read, result.out)) files[0].fd = -1;
    if ((files[1].revents != 0) && !drain(err.read, result.err)) files[1].fd = -1;
    if (!isCalled && result.err.find(startMark) != std::string::npos) {
      whileRunning(pid);
      isCalled = true;
    }
  }
  close(out.read);
  close(err.read);
  int status = 0;
  waitpid(pid, &status, 0);
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

std::string readBytes(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace uc::test
