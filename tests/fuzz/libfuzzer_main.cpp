// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT
//
// The entry that libFuzzer calls; compiled once for each target, which FUZZ_TARGET names.

#include "tests/fuzz/targets.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  for (const uc::fuzz::Target& target : uc::fuzz::targets()) {
    if (target.name != FUZZ_TARGET) continue;
    uc::fuzz::guarded(target.run, {data, size});
    return 0;
  }
  std::abort();  // the list in CMakeLists.txt has a name that the table lacks
}
