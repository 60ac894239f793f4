// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/error.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace uc::test {

/// A malformed file, and what must be said about it. The name becomes the test's.
struct Refusal {
  std::string name;
  std::string bytes;
  std::string message;  // a part of the error's first sentence
};

inline void PrintTo(const Refusal& refusal, std::ostream* out) { *out << refusal.name; }
inline std::string nameOf(const testing::TestParamInfo<Refusal>& info) { return info.param.name; }

/// The error says `message` about `file` and what to do, in one line of at most 600 bytes.
inline void expectRefusal(const Error& error, const std::string& message, const std::string& file) {
  EXPECT_NE(error.what.find(message), std::string::npos) << error.what;
  EXPECT_NE(error.where.find(file), std::string::npos) << error.where;
  EXPECT_FALSE(error.todo.empty());
  const std::string line = oneLine(error);
  EXPECT_LE(line.size(), 600u);
  EXPECT_EQ(line.find('\n'), std::string::npos);
}

}  // namespace uc::test
