// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/error.h"

#include <gtest/gtest.h>

#include <string>

namespace uc::test {

/// The error that `function` fails with; an empty one, and a failed test, when it does not.
template <typename Function>
Error failureOf(Function function) {
  try {
    function();
  } catch (const Failure& failure) {
    return failure.error();
  }
  ADD_FAILURE() << "no Failure was thrown";
  return {};
}

inline testing::AssertionResult contains(const std::string& text, const std::string& part) {
  if (text.find(part) != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "\"" << part << "\" is not in \"" << text << "\"";
}

}  // namespace uc::test
