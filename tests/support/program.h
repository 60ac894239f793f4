// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace uc::test {

/// What a program left behind.
struct ProgramResult {
  int status = -1;  // exit status; 128 + signal when killed
  std::string out, err;
};

/// Runs an executable of the build's bin folder with no display and no standard input. `whileRunning`, when
/// given, is called once with the process id after `startMark` was seen on stderr (empty: at once).
ProgramResult runProgram(const std::string& name, const std::vector<std::string>& arguments,
                         const std::function<void(int pid)>& whileRunning = {},
                         const std::string& startMark = {}, const std::string& outputFile = {});

/// The whole of a file; empty when there is none.
std::string readBytes(const std::filesystem::path& path);

}  // namespace uc::test
