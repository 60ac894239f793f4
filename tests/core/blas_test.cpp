// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/engine/blas.h"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace uc {
namespace {

// What OpenBLAS does on a processor that it does not know.
class Blas : public testing::Test {
 protected:
  static bool choose(const char* kernels) {
    const auto forget = reinterpret_cast<void (*)()>(dlsym(RTLD_DEFAULT, "gotoblas_dynamic_quit"));
    const auto choose = reinterpret_cast<void (*)()>(dlsym(RTLD_DEFAULT, "gotoblas_dynamic_init"));
    if (forget == nullptr || choose == nullptr) return false;
    if (kernels != nullptr) setenv("OPENBLAS_CORETYPE", kernels, 1);
    forget();
    choose();
    return true;
  }
  void SetUp() override {
    if (std::getenv("OPENBLAS_CORETYPE") != nullptr) GTEST_SKIP() << "the kernels are chosen from outside";
    if (!choose("Prescott")) GTEST_SKIP() << "no OpenBLAS that can choose its kernels";
  }
  void TearDown() override {
    unsetenv("OPENBLAS_CORETYPE");
    choose(nullptr);
  }
};

TEST_F(Blas, TakesTheProcessorsKernelsInPlaceOfTheFallback) {
  if (!__builtin_cpu_supports("avx2")) GTEST_SKIP() << "the fallback is right here";
  unsetenv("OPENBLAS_CORETYPE");
  prepareBlas();
  EXPECT_EQ(blasName().find("Prescott"), std::string::npos) << blasName();
  EXPECT_EQ(std::getenv("OPENBLAS_CORETYPE"), nullptr);
}

TEST_F(Blas, LeavesTheUsersChoice) {
  prepareBlas();
  EXPECT_NE(blasName().find("Prescott"), std::string::npos) << blasName();
}

}  // namespace
}  // namespace uc
