// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/bench/peak_memory.h"

#include <malloc.h>
#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <string>

namespace uc::bench {
namespace {

/// Linux: from here on the peak is counted anew. Where that is not allowed, only a new record shows.
void resetPeak() {
  std::ofstream file("/proc/self/clear_refs");
  file << "5";
}

/// The peak in kB.
int64_t peak() {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("VmHWM:")) return std::stoll(line.substr(6));
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

}  // namespace

PeakMemory::PeakMemory() {
  malloc_trim(0);
  resetPeak();
  m_before = peak();
}

double PeakMemory::growthMb() const {
  return static_cast<double>(std::max<int64_t>(peak() - m_before, 0)) / 1024.0;
}

}  // namespace uc::bench
