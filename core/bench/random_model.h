// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/feedback.h"

#include <cstdint>
#include <filesystem>

namespace uc::bench {

/// Symbols as in docs/mathematics.md; the defaults are Mamba-130m's.
struct MambaShape {
  int64_t layers = 24, width = 768, lanes = 1536, state = 16, rank = 48, taps = 4, vocabulary = 50280;
};

/// A Mamba-1 model of random float32 weights in a folder of its own, with config.json and Hugging Face's
/// names, no tokenizer. The folder lies where temporary files do and goes with the object. Throws Failure
/// when it cannot be written, and Cancelled.
class RandomModel {
 public:
  RandomModel(const MambaShape& shape, const Feedback& feedback);
  ~RandomModel();
  RandomModel(const RandomModel&) = delete;
  RandomModel& operator=(const RandomModel&) = delete;

  const std::filesystem::path& folder() const { return m_folder; }

 private:
  std::filesystem::path m_folder;
};

}  // namespace uc::bench
