// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT
//
// Runs the tests of a program as on an older processor: with UNDERCURRENT_TEST_TARGET=AVX2, SSE4 or SSSE3 in
// the environment, kernels that need more are not chosen. Of the test programs alone.

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <cstdlib>
#include <string_view>

namespace uc {
namespace {

/// The best target that may be chosen; 0: whatever the processor has.
int64_t askedTarget() {
  const char* const name = std::getenv("UNDERCURRENT_TEST_TARGET");
  const std::string_view asked = name == nullptr ? "" : name;
  if (asked == "AVX2") return HWY_AVX2;
  if (asked == "SSE4") return HWY_SSE4;
  if (asked == "SSSE3") return HWY_SSSE3;
  return 0;
}

// Lower bits are better targets. Before main, since the choice is made with the first kernel.
const bool kIsRestricted = [] {
  if (const int64_t target = askedTarget(); target != 0) hwy::DisableTargets(target - 1);
  return true;
}();

TEST(Targets, NoneBetterThanTheOneAskedForIsChosen) {
  ASSERT_TRUE(kIsRestricted);
  if (const int64_t target = askedTarget(); target != 0) {
    EXPECT_EQ(hwy::SupportedTargets() & (target - 1), 0);
    EXPECT_NE(hwy::SupportedTargets() & target, 0) << "this processor has no such target";
  }
}

}  // namespace
}  // namespace uc
