// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/engine/blas.h"

#include "core/values/error.h"

#include <ATen/ATen.h>

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <string_view>

namespace uc {

namespace {

constexpr const char* kChoice = "OPENBLAS_CORETYPE";

// LibTorch calls whatever BLAS is installed; OpenBLAS's own functions are there only when it is that one.
template <typename F>
F blasFunction(const char* name) {
  return reinterpret_cast<F>(dlsym(RTLD_DEFAULT, name));
}

std::string kernelsName() {
  const auto name = blasFunction<const char* (*)()>("openblas_get_corename");
  return name != nullptr ? printable(name(), 40) : std::string();
}

// Kernels that the OpenBLAS of the last ten years has for what this processor can do; null: leave it.
const char* kernelsOfProcessor() {
#if defined(__x86_64__) && defined(__GNUC__)
  const bool hasAvx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
                         __builtin_cpu_supports("avx512cd");
  if (hasAvx512) return "SkylakeX";
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return "Haswell";
#endif
  return nullptr;
}

// What OpenBLAS falls back to; it takes these names for processors without AVX2 only.
bool isFallback(std::string_view kernels) {
  constexpr std::array<std::string_view, 4> kFallbacks{"Prescott", "Nehalem", "Sandybridge", "Barcelona"};
  return std::find(kFallbacks.begin(), kFallbacks.end(), kernels) != kFallbacks.end();
}

// OpenBLAS chooses once, when it is loaded, and reads the variable then. Null: it chooses by itself. False
// when this OpenBLAS cannot choose.
bool chooseKernels(const char* kernels) {
  const auto forget = blasFunction<void (*)()>("gotoblas_dynamic_quit");
  const auto choose = blasFunction<void (*)()>("gotoblas_dynamic_init");
  if (forget == nullptr || choose == nullptr) return false;
  if (kernels != nullptr) setenv(kChoice, kernels, 1);
  forget();
  choose();
  if (kernels != nullptr) unsetenv(kChoice);
  return true;
}

// 64 × 64 × 64 small integers: every order of adding them up is exact.
bool isProductRight() {
  constexpr int64_t kSize = 64;
  const at::Tensor a = at::arange(kSize * kSize).remainder(13).sub(6).view({kSize, kSize}).to(at::kFloat);
  const at::Tensor b = at::arange(kSize * kSize).remainder(7).sub(3).view({kSize, kSize}).to(at::kFloat);
  const at::Tensor product = at::mm(a, b.t());
  const float *left = a.data_ptr<float>(), *right = b.data_ptr<float>(), *found = product.data_ptr<float>();
  for (int64_t i = 0; i < kSize; ++i) {
    for (int64_t j = 0; j < kSize; ++j) {
      float sum = 0.0F;
      for (int64_t k = 0; k < kSize; ++k) sum += left[i * kSize + k] * right[j * kSize + k];
      if (found[i * kSize + j] != sum) return false;
    }
  }
  return true;
}

}  // namespace

void prepareBlas() {
  const char* const kernels = kernelsOfProcessor();
  const bool isChosenHere = kernels != nullptr && std::getenv(kChoice) == nullptr &&
                            isFallback(kernelsName()) && chooseKernels(kernels);
  if (isProductRight()) return;
  if (isChosenHere && chooseKernels(nullptr) && isProductRight()) return;
  fail("The installed BLAS computes matrix products wrongly.", blasName(),
       "Start the program with OPENBLAS_CORETYPE=Haswell, or install another version of the library.");
}

void setBlasThreads(int count) {
  if (const auto set = blasFunction<void (*)(int)>("openblas_set_num_threads")) set(count);
}

std::string blasName() {
  const auto config = blasFunction<const char* (*)()>("openblas_get_config");
  if (config == nullptr) return "no OpenBLAS: matrix products are slow";
  const std::string text = config();  // "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH …"
  const std::string version = printable(text.substr(0, text.find(' ', text.find(' ') + 1)), 60);
  const std::string kernels = kernelsName();
  return kernels.empty() ? version : fmt::format("{}, {} kernels", version, kernels);
}

}  // namespace uc
