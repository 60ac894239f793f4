// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>

namespace uc::bench {

/// How much the peak of this process's resident memory grows while the object lives. What was freed before is
/// given back first, so that it does not hide what comes.
class PeakMemory {
 public:
  PeakMemory();
  double growthMb() const;  // ≥ 0

 private:
  int64_t m_before = 0;  // kB
};

}  // namespace uc::bench
