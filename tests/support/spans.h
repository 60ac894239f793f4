// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/tokens.h"

#include <gtest/gtest.h>

namespace uc::test {

/// Checks that the spans tile the text: each begins where the one before ended, from 0 to the end, wherever
/// there is a token of the text at all.
inline void expectTiled(const Tokens& tokens) {
  size_t end = 0;
  for (const Token& token : tokens.list) {
    EXPECT_EQ(token.begin, end) << tokens.text;
    EXPECT_GE(token.end, token.begin) << tokens.text;
    end = token.end;
  }
  if (end > 0) {
    EXPECT_EQ(end, tokens.text.size()) << tokens.text;
  }
}

}  // namespace uc::test
