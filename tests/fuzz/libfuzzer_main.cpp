// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT
//
// The entry that libFuzzer calls; compiled once for each target, whose function FUZZ_TARGET names.

#include "tests/fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  uc::fuzz::guarded(uc::fuzz::FUZZ_TARGET, {data, size});
  return 0;
}
